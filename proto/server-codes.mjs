// The codes that a server sends, as far as it produces them: numbers of the enumerations of the public surface
// (docs/spec/enums.md), which the server does not include. scripts/generate.mjs makes of this description:
//   cpp/server/model/codes.hpp
//   test/cpp/integration/codes_test.cpp              compares them with the public header
//   lib/server/cluster/codes.ts, redis/scripts/constants.lua     the groups with `cluster`
// `vendor`: what the names of the enumerations begin with. The rest of a name is that of the code in capital letters, or `name`.
// `of`: the only one of the enumerations that has the code.

/**
 * @typedef {{ number: number, name?: string, of?: string, about?: string }} Code
 * @type {Record<string, { vendor: string[], cluster?: boolean, values: Record<string, number | Code> }>}
 */
export const serverCodes = {
  login: {
    vendor: ['LOGIN_ERR'],
    values: {
      Unknown: 1,
      Rejected: 2,
      InvalidAppId: 4,
      InvalidToken: 5,
      TokenExpired: 6,
      NotAuthorized: 7,
      TooOften: 10,
    },
  },
  renew: {
    vendor: ['RENEW_TOKEN_ERR'],
    values: { Failure: 1, TooOften: 4, TokenExpired: 5, InvalidToken: 6 },
  },
  peer: {
    vendor: ['PEER_MESSAGE_ERR'],
    cluster: true,
    values: {
      Failure: 1,
      Unreachable: { number: 3, name: 'PEER_UNREACHABLE' },
      Cached: { number: 4, name: 'CACHED_BY_SERVER' },
      TooOften: 5,
      InvalidUserId: { number: 6, name: 'INVALID_USERID' },
      InvalidMessage: 7,
      IncompatibleMessage: { number: 8, name: 'IMCOMPATIBLE_MESSAGE' },
    },
  },
  channel: {
    vendor: ['CHANNEL_MESSAGE_ERR'],
    cluster: true,
    values: { Failure: 1, TooOften: 3, InvalidMessage: 4 },
  },
  join: {
    vendor: ['JOIN_CHANNEL_ERR'],
    values: {
      Failure: 1,
      InvalidArgument: 3,
      ExceedLimit: 5,
      TooOften: 7,
      SameChannelTooOften: { number: 8, name: 'JOIN_SAME_CHANNEL_TOO_OFTEN' },
    },
  },
  leave: { vendor: ['LEAVE_CHANNEL_ERR'], values: { NotInChannel: 3 } },
  members: { vendor: ['GET_MEMBERS_ERR'], values: { Failure: 1, TooOften: 4, NotInChannel: 5 } },
  count: {
    vendor: ['GET_CHANNEL_MEMBER_COUNT_ERR'],
    values: { Failure: 1, InvalidArgument: 2, TooOften: 3, ExceedLimit: 5 },
  },
  presence: {
    vendor: ['QUERY_PEERS_ONLINE_STATUS_ERR'],
    values: { Failure: 1, InvalidArgument: 2, TooOften: 5 },
  },
  subscription: {
    vendor: ['PEER_SUBSCRIPTION_STATUS_ERR'],
    values: { Failure: 1, InvalidArgument: 2, TooOften: 5, Overflow: 6 },
  },
  media: {
    vendor: ['UPLOAD_MEDIA_ERR', 'DOWNLOAD_MEDIA_ERR'],
    values: {
      Failure: 1,
      InvalidArgument: 2,
      SizeOverflow: { number: 4, of: 'UPLOAD_MEDIA_ERR', about: 'Of an upload.' },
      NotExist: { number: 4, of: 'DOWNLOAD_MEDIA_ERR', about: 'Of a download.' },
      TooManyTasks: { number: 5, name: 'CONCURRENCY_LIMIT_EXCEEDED' },
    },
  },
  attributes: {
    vendor: ['ATTRIBUTE_OPERATION_ERR'],
    cluster: true,
    values: { Failure: 2, InvalidArgument: 3, SizeOverflow: 4, TooOften: 5, UserNotFound: 6 },
  },
};

// The calls of a client that are answered by request id, one line for each. scripts/generate.mjs makes of this description:
//   cpp/binding/functions/request_functions.cpp   the functions of the addon
//   lib/native/request-functions.ts               the same, as types
//   lib/session/requests.ts                       a method of a session for each
//   lib/request-operations.ts                     their names in errors, each with the enumeration of its codes
//   own_codes.hpp in cpp/client/api and cpp/sdk, lib/own-codes.ts   the enumerations that SDK 1.5.0 does not have
// proto/events.mjs has the events that answer them.
//
// Types of parameters, in JavaScript and in C++:
//   text     string or null              std::string_view
//   string   string                      std::string_view
//   texts    strings or null             std::vector<std::string_view>
//   pairs    key, value, key, value …    std::vector<client::AttributeView>
//   flag     boolean                     bool
//   word     number                      std::uint32_t
//   number   number                      long long
//   task     a request id, as a number   client::RequestId

/**
 * One call: its name, which is that of the C++ surface, its parameters, the enumeration of its codes, and the call of
 * client::Client. Without that call the function is written by hand, in the file of its subject. `operation` is its name
 * in errors, if several calls share one.
 * @returns {any}
 */
const request = (name, parameters, codes, call = undefined, more = {}) => ({ name, parameters, codes, call, ...more });

const download = { operation: 'downloadMedia' };
const upload = { operation: 'uploadMedia' };

export const requests = [
  request(
    'queryPeersOnlineStatus',
    { peerIds: 'texts' },
    'QUERY_PEERS_ONLINE_STATUS_ERR',
    'presence().query(peerIds, id)',
  ),
  request(
    'subscribePeersOnlineStatus',
    { peerIds: 'texts' },
    'PEER_SUBSCRIPTION_STATUS_ERR',
    'presence().subscribe(peerIds, id)',
  ),
  request(
    'unsubscribePeersOnlineStatus',
    { peerIds: 'texts' },
    'PEER_SUBSCRIPTION_STATUS_ERR',
    'presence().unsubscribe(peerIds, id)',
  ),
  request('queryPeersBySubscriptionOption', { option: 'word' }, 'QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR'),

  request(
    'setLocalUserAttributes',
    { attributes: 'pairs' },
    'ATTRIBUTE_OPERATION_ERR',
    'attributes().setUser(attributes, id)',
  ),
  request(
    'addOrUpdateLocalUserAttributes',
    { attributes: 'pairs' },
    'ATTRIBUTE_OPERATION_ERR',
    'attributes().mergeUser(attributes, id)',
  ),
  request(
    'deleteLocalUserAttributesByKeys',
    { keys: 'texts' },
    'ATTRIBUTE_OPERATION_ERR',
    'attributes().deleteUser(keys, id)',
  ),
  request('clearLocalUserAttributes', {}, 'ATTRIBUTE_OPERATION_ERR', 'attributes().clearUser(id)'),
  request('getUserAttributes', { userId: 'text' }, 'ATTRIBUTE_OPERATION_ERR', 'attributes().readUser(userId, id)'),
  request(
    'getUserAttributesByKeys',
    { userId: 'text', keys: 'texts' },
    'ATTRIBUTE_OPERATION_ERR',
    'attributes().readUserKeys(userId, keys, id)',
  ),

  // `notify`: whether the members of the channel are told.
  request(
    'setChannelAttributes',
    { channelId: 'text', attributes: 'pairs', notify: 'flag' },
    'ATTRIBUTE_OPERATION_ERR',
    'attributes().setChannel(channelId, attributes, notify, id)',
  ),
  request(
    'addOrUpdateChannelAttributes',
    { channelId: 'text', attributes: 'pairs', notify: 'flag' },
    'ATTRIBUTE_OPERATION_ERR',
    'attributes().mergeChannel(channelId, attributes, notify, id)',
  ),
  request(
    'deleteChannelAttributesByKeys',
    { channelId: 'text', keys: 'texts', notify: 'flag' },
    'ATTRIBUTE_OPERATION_ERR',
    'attributes().deleteChannel(channelId, keys, notify, id)',
  ),
  request(
    'clearChannelAttributes',
    { channelId: 'text', notify: 'flag' },
    'ATTRIBUTE_OPERATION_ERR',
    'attributes().clearChannel(channelId, notify, id)',
  ),
  request(
    'getChannelAttributes',
    { channelId: 'text' },
    'ATTRIBUTE_OPERATION_ERR',
    'attributes().readChannel(channelId, id)',
  ),
  request(
    'getChannelAttributesByKeys',
    { channelId: 'text', keys: 'texts' },
    'ATTRIBUTE_OPERATION_ERR',
    'attributes().readChannelKeys(channelId, keys, id)',
  ),

  request(
    'getChannelMemberCount',
    { channelIds: 'texts' },
    'GET_CHANNEL_MEMBER_COUNT_ERR_CODE',
    'channels().queryMemberCounts(channelIds, id)',
  ),
  // A session takes a HistoryRange, which lib/session/history-range.ts takes apart.
  request(
    'queryHistory',
    {
      source: 'string',
      destination: 'string',
      startMs: 'number',
      endMs: 'number',
      offset: 'word',
      limit: 'word',
      flags: 'word',
    },
    'HISTORY_ERR_CODE',
    undefined,
    { takes: 'range: HistoryRange', passes: '...historyArguments(range)' },
  ),

  request(
    'createFileMessageByUploading',
    { filePath: 'text' },
    'UPLOAD_MEDIA_ERR_CODE',
    'media().upload(filePath, false, id)',
    upload,
  ),
  request(
    'createImageMessageByUploading',
    { filePath: 'text' },
    'UPLOAD_MEDIA_ERR_CODE',
    'media().upload(filePath, true, id)',
    upload,
  ),
  request(
    'downloadMediaToMemory',
    { mediaId: 'text' },
    'DOWNLOAD_MEDIA_ERR_CODE',
    'media().downloadToMemory(mediaId, id)',
    download,
  ),
  request(
    'downloadMediaToFile',
    { mediaId: 'text', filePath: 'text' },
    'DOWNLOAD_MEDIA_ERR_CODE',
    'media().downloadToFile(mediaId, filePath, id)',
    download,
  ),
  // Stops the transfer whose request id is `task`; the cancellation has no request id of its own.
  request(
    'cancelMediaDownload',
    { task: 'task' },
    'CANCEL_MEDIA_ERR_CODE',
    'media().cancel(task, client::MediaDirection::Download)',
    { operation: 'cancelMedia' },
  ),
  request(
    'cancelMediaUpload',
    { task: 'task' },
    'CANCEL_MEDIA_ERR_CODE',
    'media().cancel(task, client::MediaDirection::Upload)',
    { operation: 'cancelMedia' },
  ),
];

/**
 * Enumerations of codes beyond the surface of SDK 1.5.0. `core` is the name in the client core; `about` says where the codes
 * occur. proto/rtm.proto has the codes that travel.
 */
export const ownCodes = {
  HISTORY_ERR_CODE: {
    core: 'HistoryCode',
    wire: 'HistoryCode',
    prefix: 'HISTORY_ERR_',
    about: 'How a history query ended, or why it was not sent.',
    values: {
      OK: 'Return and callback: accepted; the messages are in the callback.',
      FAILURE: 'Callback: any other failure, such as a store that does not answer, or a logout.',
      INVALID_ARGUMENT:
        'Return: neither source nor destination, a bad id, an end before the start, or a limit other than 1 to 100.',
      TOO_OFTEN: 'Callback: more than 100 queries in 1 s by all users of the App ID on this server.',
      NOT_ALLOWED: 'Callback: messages of others, or a channel the user is not in.',
      TIMEOUT: [5, 'Callback: no answer within 10 s.'],
      NOT_INITIALIZED: [101, 'Return: `initialize` has not succeeded yet.'],
      USER_NOT_LOGGED_IN: [102, 'Return: `login` has not succeeded yet, or the user has logged out.'],
    },
  },
};

// What rules of an App ID can allow or deny (docs/configuration.md, Rules). scripts/generate.mjs makes of this description:
//   cpp/server/permissions/actions.hpp       the actions and the bounds for the matcher
//   lib/server/options/rule-actions.ts       the same for the checks of RtmServer.start() and `rtm server`
//   docs/configuration.md                    the table of actions
//
// `target`: what an action is done to: a channel, or another user (`to`). `optional`: it is also done without one, and then a
// rule that names channels does not concern it. `roles: false`: done before the user's roles are known. `refusal`: what
// the client of a user sees who may not.

/** @type {Record<string, { about: string, refusal: string, target?: 'channel' | 'user', optional?: true, roles?: false }>} */
export const actions = {
  login: {
    roles: false,
    about: 'log in, and go on after a lost link',
    refusal: '`LOGIN_ERR_NOT_AUTHORIZED`; a session that exists ends with BANNED_BY_SERVER',
  },
  join: {
    target: 'channel',
    about: 'join a channel, and stay in it',
    refusal: '`JOIN_CHANNEL_ERR_FAILURE`; a member leaves with KICKED',
  },
  publish: {
    target: 'channel',
    about: 'send a message to a channel',
    refusal: '`CHANNEL_MESSAGE_ERR_FAILURE`',
  },
  setAttributes: {
    target: 'channel',
    optional: true,
    about: "write the attributes of a channel; in a rule without `channels` also the user's own attributes",
    refusal: '`ATTRIBUTE_OPERATION_ERR_FAILURE`',
  },
  send: {
    target: 'user',
    about: 'send a message to a user',
    refusal: '`PEER_MESSAGE_ERR_FAILURE`',
  },
  invite: {
    target: 'user',
    about: 'invite a user to a call; answers to invitations are always allowed',
    refusal: '`LOCAL_INVITATION_ERR_PEER_NO_RESPONSE`, when the time of the invitation is over',
  },
  presence: {
    target: 'user',
    about: 'query the status of a user, or subscribe to it',
    refusal: '`…_ERR_FAILURE` for the whole query; a subscription that exists ends without a word',
  },
  upload: {
    about: 'upload a file or an image',
    refusal: '`UPLOAD_MEDIA_ERR_FAILURE`',
  },
  history: {
    about: 'query the history',
    refusal: '`ERR_RTM_NOT_ALLOWED`',
  },
};

/** What somebody else can be asked about (docs/configuration.md, The callout). */
export const calloutEvents = {
  login: { about: 'a login, or the return of a client after a lost link' },
  join: { about: 'a join of a channel' },
  renew: { about: 'the renewal of a token' },
};

/** Bounds of the rules of one App ID. */
export const bounds = {
  rules: { value: 256, about: 'Most rules of one App ID.' },
  patterns: { value: 1024, about: 'Most patterns in all rules of one App ID.' },
  patternBytes: { value: 128, about: 'Longest pattern. An id has 64 bytes at most.' },
  roles: { value: 64, about: 'Most different roles in the rules of one App ID: one bit each.' },
};

// The events that cross from C++ to JavaScript. scripts/generate.mjs makes of this description:
//   cpp/binding/event_kinds.hpp      the numbers, and a function that writes each record
//   lib/native/event-kinds.ts        the numbers, and the interfaces that take the events
//   lib/native/values.ts             the values that events carry
//   lib/native/decode-events.ts      the function that reads each record
//   lib/session/event-forwarder.ts   the way of a session's events to its owner
//   lib/sdk/event-callbacks.ts       the callbacks of service handlers
//   lib/client/answers.ts            the answers to requests of a client
//   cpp/client/api/client_events.hpp the events of a client in C++; client_event_overrides.inc, extension_event_overrides.inc:
//                                    the same lists for classes that take them
//
// A record begins with its kind and the handle of the object that it belongs to; its fields follow in the order given
// here. The receiver's method has the name of the event behind `on`, and takes the fields in the same order, except that
// `code` comes last. A received message goes to onMessage() or onMediaMessage(). A number that was used once is never used again for another event.
//
// Types of fields, by column of the batch:
//   words     code    a number of an enumeration; state: of PEER_ONLINE_STATE
//             word    32 bits
//             flag    0 or 1
//             text    the end of the text in the string slab, in UTF-16 units
//             user    the slot of a user id that a UserName record filled before; only as the first field
//             payload the end of the bytes in the byte slab, or, with the top bit set, the number of an own buffer
//   numbers   number  a double: ids, times and sizes, all below 2^53
//   several   message, media message; a record of `records`; [type]: a word with the count, then so many items

/**
 * Groups of fields that several events have, or that come in lists. Groups with a `type` become an interface of that
 * name in lib/native/values.ts; `notes` explain its members, `derived` adds members that are computed from the fields.
 */
export const records = {
  Attribute: { type: 'UserAttribute', about: 'One attribute of a user.', fields: { key: 'text', value: 'text' } },
  ChannelAttribute: {
    type: 'ChannelAttribute',
    about: 'One attribute of a channel.',
    fields: { key: 'text', value: 'text', lastUpdateUserId: 'text', lastUpdateTs: 'number' },
    notes: {
      lastUpdateUserId: 'The last writer.',
      lastUpdateTs: 'The time of the last write in milliseconds since 1970 UTC.',
    },
  },
  PeerState: {
    type: 'PeerStatus',
    about: 'The presence of one user.',
    fields: { peerId: 'text', onlineState: 'state' },
    notes: { onlineState: 'A number of `PEER_ONLINE_STATE`.' },
    derived: { isOnline: { type: 'boolean', from: 'onlineState === 0' } },
  },
  ChannelCount: {
    type: 'MemberCount',
    about: 'Number of members of one channel.',
    fields: { channelId: 'text', count: 'word' },
  },
  HistoryEntry: {
    type: 'PastMessage',
    about: 'One message of the history.',
    fields: { source: 'text', destination: 'text', channel: 'flag', serverReceivedTs: 'number', text: 'text' },
    notes: { channel: 'Whether `destination` is a channel.' },
  },
  Progress: {
    type: 'TransferProgress',
    about: 'How far an upload or download has come, in bytes.',
    fields: { totalSize: 'number', currentSize: 'number' },
  },
  /** What every message begins with. A payload follows a raw message, `Media` a file or image message. */
  MessageHead: { fields: { bits: 'word', id: 'number', serverReceivedTs: 'number', text: 'text' } },
  Media: {
    type: 'MediaFields',
    about:
      'What a file or image message has besides its text. Sizes in pixels are 0 if unknown, and always 0 for a file.',
    fields: {
      mediaId: 'text',
      fileName: 'text',
      size: 'number',
      thumbnail: 'payload',
      width: 'word',
      height: 'word',
      thumbnailWidth: 'word',
      thumbnailHeight: 'word',
    },
    notes: { size: 'Bytes of the uploaded body.' },
  },
};

/** Numbers that both sides use. */
export const constants = [
  {
    name: 'HeaderWords',
    value: '4',
    about: 'Words in front of the records of a drained batch: events, words, bytes, own buffers.',
  },
  { name: 'OwnBuffer', value: '0x80000000', about: 'Marks a payload field that is the number of an own buffer.' },
  {
    name: 'OfflineMessage',
    value: '0x100',
    about: 'In the first word of a message, beside its type: it was stored for an offline user.',
  },
];

/**
 * `about` is a comment; `handed` the order of the receiver's parameters, where it is not that of the fields with `code` at
 * the end. Of events of a service:
 * - `ends`: it ends a call, so that the session waits for one event less; results of requests always do
 * - `callback`: the method of a service handler that gets the same parameters; without one, lib/sdk/service-callbacks.ts
 *   makes objects of them. `codes`: the enumeration of its code; `types`: enumerations of other parameters
 * - `answers`: what a client gets for its request: a field or an expression. Without it lib/client/session-listener.ts
 *   takes the event.
 * @returns {any}
 */
const event = (name, number, fields = {}, more = {}) => ({ name, number, fields, ...more });
/** The outcome of a request that has no other result. All of them come by one method. */
const plain = (name, number, callback) => ({
  ...event(name, number, { code: 'code', requestId: 'number' }, { callback }),
  plain: true,
});
const result = (name, number, fields, more = {}) =>
  event(name, number, { code: 'code', requestId: 'number', ...fields }, { ends: true, ...more });
const ends = true;

/** Records that the reader handles itself, in front of everything else. */
export const own = [
  event('UserName', 1, { slot: 'word', userId: 'text' }, { about: 'From here on the slot means this user id.' }),
];

/** The receivers of events, and the events of each. */
export const sinks = [
  {
    name: 'ServiceSink',
    about: 'Takes the events of a service.',
    events: [
      event('LoginSuccess', 10, {}, { ends, callback: 'onLoginSuccess' }),
      event('LoginFailure', 11, { code: 'code' }, { ends, callback: 'onLoginFailure', codes: 'LOGIN_ERR_CODE' }),
      event(
        'RenewTokenResult',
        12,
        { code: 'code', token: 'text' },
        { ends, callback: 'onRenewTokenResult', codes: 'RENEW_TOKEN_ERR_CODE' },
      ),
      event('TokenExpired', 13, {}, { callback: 'onTokenExpired' }),
      event('TokenWillExpire', 14, {}, { callback: 'onTokenPrivilegeWillExpire' }),
      event('Logout', 15, { code: 'code' }, { ends, callback: 'onLogout', codes: 'LOGOUT_ERR_CODE' }),
      event(
        'ConnectionState',
        16,
        { state: 'word', reason: 'word' },
        {
          callback: 'onConnectionStateChanged',
          types: { state: 'CONNECTION_STATE', reason: 'CONNECTION_CHANGE_REASON' },
        },
      ),
      event('PeerSendResult', 17, { code: 'code', messageId: 'number' }, { ends }),
      event('PeerMessage', 18, { peerId: 'user', message: 'message' }),
      event(
        'LinkEstablished',
        19,
        { how: 'word', complete: 'flag', ms: 'number', server: 'text', missed: 'flag', channels: ['text'] },
        {
          about:
            '`how`: 0 by a login, 1 by a resume, 2 by a new login after a lost link. `ms`: since the login call, or since the loss. `missed`: messages of peers were lost, or may have been; `channels`: the same, of these.',
        },
      ),
      event(
        'PeerSendUnsent',
        20,
        { code: 'code', messageId: 'number' },
        { ends, about: 'The end of a send whose message never left this process.' },
      ),
      event(
        'RequestUnsent',
        21,
        { requestId: 'number' },
        { about: 'The request never left this process. Its result follows.' },
      ),
      plain('Subscription', 60, 'onSubscriptionRequestResult'),
      plain('SetUserAttributes', 61, 'onSetLocalUserAttributesResult'),
      plain('AddUserAttributes', 62, 'onAddOrUpdateLocalUserAttributesResult'),
      plain('DeleteUserAttributes', 63, 'onDeleteLocalUserAttributesResult'),
      plain('ClearUserAttributes', 64, 'onClearLocalUserAttributesResult'),
      plain('SetChannelAttributes', 65, 'onSetChannelAttributesResult'),
      plain('AddChannelAttributes', 66, 'onAddOrUpdateChannelAttributesResult'),
      plain('DeleteChannelAttributes', 67, 'onDeleteChannelAttributesResult'),
      plain('ClearChannelAttributes', 68, 'onClearChannelAttributesResult'),
      plain('DownloadToFile', 69, 'onMediaDownloadToFileResult'),
      plain('CancelMedia', 70, 'onMediaCancelResult'),
      result(
        'QueryPeers',
        71,
        { states: ['PeerState'] },
        { callback: 'onQueryPeersOnlineStatusResult', codes: 'QUERY_PEERS_ONLINE_STATUS_ERR', answers: 'states' },
      ),
      result(
        'PeersBySubscription',
        72,
        { peerIds: ['text'] },
        {
          callback: 'onQueryPeersBySubscriptionOptionResult',
          codes: 'QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR',
          answers: 'peerIds',
        },
      ),
      event('PeersChanged', 73, { states: ['PeerState'] }, { callback: 'onPeersOnlineStatusChanged' }),
      result(
        'UserAttributes',
        74,
        { userId: 'text', attributes: ['Attribute'] },
        { callback: 'onGetUserAttributesResult', codes: 'ATTRIBUTE_OPERATION_ERR', answers: 'attributes' },
      ),
      result('ChannelAttributesResult', 75, { attributes: ['ChannelAttribute'] }, { answers: 'attributes' }),
      result(
        'MemberCounts',
        76,
        { counts: ['ChannelCount'] },
        { callback: 'onGetChannelMemberCountResult', codes: 'GET_CHANNEL_MEMBER_COUNT_ERR_CODE', answers: 'counts' },
      ),
      event(
        'UploadProgress',
        77,
        { requestId: 'number', progress: 'Progress' },
        { callback: 'onMediaUploadingProgress' },
      ),
      event(
        'DownloadProgress',
        78,
        { requestId: 'number', progress: 'Progress' },
        { callback: 'onMediaDownloadingProgress' },
      ),
      result(
        'DownloadToMemory',
        79,
        { memory: 'payload' },
        { callback: 'onMediaDownloadToMemoryResult', codes: 'DOWNLOAD_MEDIA_ERR_CODE' },
      ),
      result(
        'HistoryResult',
        100,
        { total: 'word', messages: ['HistoryEntry'] },
        {
          about: '`total`: matches, whatever the limit.',
          handed: ['requestId', 'messages', 'total', 'code'],
          callback: 'onHistoryQueryResult',
          codes: 'HISTORY_ERR_CODE',
          answers: '{ messages, total }',
        },
      ),
      result(
        'Upload',
        110,
        { message: 'media message' },
        {
          about:
            'After a failure the fields of `message` are empty, but its type still says which kind of upload it was.',
        },
      ),
    ],
  },
  {
    name: 'ChannelSink',
    about: 'Takes the events of a channel.',
    events: [
      event('JoinSuccess', 40),
      event('JoinFailure', 41, { code: 'code' }),
      event('Leave', 42, { code: 'code' }),
      event('ChannelSendResult', 43, { code: 'code', messageId: 'number' }),
      event('ChannelMessage', 44, { userId: 'user', message: 'message' }),
      event('MemberJoined', 45, { userId: 'user' }),
      event('MemberLeft', 46, { userId: 'user' }),
      event('Members', 47, { code: 'code', userIds: ['text'] }),
      event('ChannelAttributes', 48, { attributes: ['ChannelAttribute'] }),
      event('MemberCount', 49, { count: 'word' }),
      event(
        'ChannelSendUnsent',
        50,
        { code: 'code', messageId: 'number' },
        { about: 'The end of a send whose message never left this process.' },
      ),
    ],
  },
  {
    name: 'ServerSink',
    about: 'Takes the events of a server.',
    events: [
      event(
        'Log',
        2,
        { level: 'word', line: 'text' },
        { about: 'A line of the log. With the handle 0 it is of the log of the clients.' },
      ),
      event(
        'ServerStarted',
        80,
        { port: 'word', fingerprint: 'text', failure: 'text' },
        { about: '`failure` is empty when the server has started.' },
      ),
      event('ServerClosed', 81),
      event(
        'ServerDone',
        82,
        { request: 'number', outcome: 'flag' },
        { about: 'The outcome of a command to the server.' },
      ),
      event(
        'ServerOperations',
        83,
        {},
        {
          about:
            'Operations for JavaScript wait: `serverTakeOperations` gives some of them. The event comes again if there are more.',
        },
      ),
    ],
  },
  {
    name: 'LocalInvitationSink',
    about: "Takes the events of a caller's invitation.",
    events: [
      event('LocalInvitationReceived', 90),
      event('LocalInvitationCanceled', 91),
      event('LocalInvitationFailure', 92, { code: 'code' }),
      event('LocalInvitationAccepted', 93, { response: 'text' }),
      event('LocalInvitationRefused', 94, { response: 'text' }),
    ],
  },
  {
    name: 'RemoteInvitationsSink',
    about: 'Takes the events of the invitations that a call manager receives, by their numbers.',
    events: [
      event(
        'RemoteInvitationReceived',
        95,
        { callerId: 'user', number: 'word', content: 'text', channelId: 'text' },
        { handed: ['number', 'callerId', 'content', 'channelId'] },
      ),
      event('RemoteInvitationAccepted', 96, { number: 'word' }),
      event('RemoteInvitationRefused', 97, { number: 'word' }),
      event('RemoteInvitationCanceled', 98, { number: 'word' }),
      event('RemoteInvitationFailure', 99, { number: 'word', code: 'code' }),
    ],
  },
];

/**
 * One event of a client in C++: its method and parameters. `event` is the event above that JavaScript gets, if the
 * parameters are its fields; without it, cpp/binding/events makes the event by hand. `extension`: the result of a call beyond
 * SDK 1.5.0, whose handlers cpp/sdk/service_extensions.hpp has. `otherwise`: what the event does for a receiver that does not
 * take it; nothing by default.
 */
const told = (
  method,
  parameters,
  { about = '', event: crosses = undefined, extension = false, otherwise = undefined } = {},
) => ({
  method,
  parameters,
  about,
  event: crosses,
  extension,
  otherwise,
});

/**
 * What a client tells its owner (client::ClientEvents), by sections. cpp/binding/events writes it as the events above,
 * cpp/sdk brings it to the handlers of the drop-in classes.
 */
export const clientEvents = {
  'the login and its connection': [
    told('onConnectionState', ['ConnectionState state', 'ConnectionReason reason'], { event: 'ConnectionState' }),
    told('onEstablished', ['const Established& established'], { extension: true }),
    told('onLoginSuccess', [], { event: 'LoginSuccess' }),
    told('onLoginFailure', ['LoginCode code'], { event: 'LoginFailure' }),
    told('onLogout', ['LogoutCode code'], { event: 'Logout' }),
    told('onRenewTokenResult', ['std::string_view token', 'RenewTokenCode code'], { event: 'RenewTokenResult' }),
    told('onTokenExpired', [], {
      about: 'The server refused the token of a session that is being resumed; or the session is over for it.',
      event: 'TokenExpired',
    }),
    told('onTokenWillExpire', [], {
      about: 'The token in use has 30 s left. Once for each token.',
      event: 'TokenWillExpire',
    }),
  ],
  requests: [
    told('onRequestUnsent', ['RequestId request'], {
      about: 'The request never left this client. Its result follows.',
      event: 'RequestUnsent',
      extension: true,
    }),
  ],
  'peer messages': [
    told('onPeerSendResult', ['long long messageId', 'PeerMessageCode code'], {
      about: 'How the send of a peer message ended.',
    }),
    told('onPeerSendUnsent', ['long long messageId', 'PeerMessageCode code'], {
      about:
        'The end of a send that never left this client. Receivers that make no difference get it as onPeerSendResult.',
      otherwise: 'onPeerSendResult(messageId, code);',
      extension: true,
    }),
    told('onPeerMessage', ['std::string_view senderId', 'const MessageView& message']),
  ],
  'channels that need not be joined': [
    told('onMemberCounts', ['RequestId request', 'std::span<const MemberCount> counts', 'MemberCountCode code'], {
      about: 'In the order of the question.',
    }),
  ],
  presence: [
    told(
      'onPresenceQueryResult',
      ['RequestId request', 'std::span<const PeerStatus> states', 'PresenceQueryCode code'],
      { about: 'In the order of the question.' },
    ),
    told('onSubscriptionResult', ['RequestId request', 'SubscriptionCode code'], { event: 'Subscription' }),
    told('onSubscriptionList', [
      'RequestId request',
      'std::span<const std::string_view> userIds',
      'SubscriptionListCode code',
    ]),
    told('onPeersChanged', ['std::span<const PeerStatus> states'], {
      about: 'Users that are subscribed to, with their new states.',
    }),
  ],
  attributes: [
    told('onUserAttributesWritten', ['RequestId request', 'AttributeWrite write', 'AttributeCode code']),
    told('onUserAttributes', [
      'RequestId request',
      'std::string_view userId',
      'std::span<const AttributeView> attributes',
      'AttributeCode code',
    ]),
    told('onChannelAttributesWritten', ['RequestId request', 'AttributeWrite write', 'AttributeCode code']),
    told('onChannelAttributes', [
      'RequestId request',
      'std::span<const ChannelAttributeView> attributes',
      'AttributeCode code',
    ]),
  ],
  history: [
    told(
      'onHistoryResult',
      ['RequestId request', 'std::span<const HistoryMessage> messages', 'unsigned total', 'HistoryCode code'],
      { about: '`total`: all matches, before offset and limit. After an error: total 0.', extension: true },
    ),
  ],
  'uploads and downloads': [
    told(
      'onMediaProgress',
      ['RequestId request', 'MediaDirection direction', 'std::uint64_t total', 'std::uint64_t moved'],
      { about: 'At the start of a task, once a second while bytes move, and when all bytes have moved.' },
    ),
    told('onUploaded', ['RequestId request', 'const UploadedMedia& media', 'UploadCode code']),
    told('onDownloadedToFile', ['RequestId request', 'DownloadCode code'], { event: 'DownloadToFile' }),
    told('onDownloadedToMemory', ['RequestId request', 'ByteView memory', 'DownloadCode code'], {
      event: 'DownloadToMemory',
    }),
    told('onMediaCancelled', ['RequestId request', 'CancelMediaCode code'], {
      about: 'The task that was cancelled reports its own end besides.',
      event: 'CancelMedia',
    }),
  ],
};

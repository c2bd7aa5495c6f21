// The events that cross from C++ to JavaScript. scripts/generate.mjs makes of this description:
//   cpp/binding/event_kinds.hpp      the numbers, and a function that writes each record
//   lib/native/event-kinds.ts        the numbers, and the interfaces that take the events
//   lib/native/values.ts             the values that events carry
//   lib/native/decode-events.ts      the function that reads each record
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
 * Groups of fields that several events have, or that come in lists. Those with a `type` become an interface of that name
 * in lib/native/values.ts; `notes` explain its members, `derived` adds members that are computed from the fields.
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

/** `handed`: the order of the receiver's parameters, where it is not that of the fields with `code` at the end. */
const event = (name, number, fields = {}, about = '', handed = undefined) => ({ name, number, fields, about, handed });
/** The outcome of a request that has no other result. All of them come by one method. */
const plain = (name, number) => ({ ...event(name, number, { code: 'code', requestId: 'number' }), plain: true });
const result = (name, number, fields, about, handed) =>
  event(name, number, { code: 'code', requestId: 'number', ...fields }, about, handed);

/** Records that the reader handles itself, in front of everything else. */
export const own = [
  event('UserName', 1, { slot: 'word', userId: 'text' }, 'From here on the slot means this user id.'),
];

/** The receivers of events, and the events of each. */
export const sinks = [
  {
    name: 'ServiceSink',
    about: 'Takes the events of a service.',
    events: [
      event('LoginSuccess', 10),
      event('LoginFailure', 11, { code: 'code' }),
      event('RenewTokenResult', 12, { code: 'code', token: 'text' }),
      event('TokenExpired', 13),
      event('TokenWillExpire', 14),
      event('Logout', 15, { code: 'code' }),
      event('ConnectionState', 16, { state: 'word', reason: 'word' }),
      event('PeerSendResult', 17, { code: 'code', messageId: 'number' }),
      event('PeerMessage', 18, { peerId: 'user', message: 'message' }),
      event(
        'LinkEstablished',
        19,
        { how: 'word', complete: 'flag', ms: 'number', server: 'text' },
        '`how`: 0 by a login, 1 by a resume, 2 by a new login after a lost link. `ms`: since the login call, or since the loss.',
      ),
      plain('Subscription', 60),
      plain('SetUserAttributes', 61),
      plain('AddUserAttributes', 62),
      plain('DeleteUserAttributes', 63),
      plain('ClearUserAttributes', 64),
      plain('SetChannelAttributes', 65),
      plain('AddChannelAttributes', 66),
      plain('DeleteChannelAttributes', 67),
      plain('ClearChannelAttributes', 68),
      plain('DownloadToFile', 69),
      plain('CancelMedia', 70),
      result('QueryPeers', 71, { states: ['PeerState'] }),
      result('PeersBySubscription', 72, { peerIds: ['text'] }),
      event('PeersChanged', 73, { states: ['PeerState'] }),
      result('UserAttributes', 74, { userId: 'text', attributes: ['Attribute'] }),
      result('ChannelAttributesResult', 75, { attributes: ['ChannelAttribute'] }),
      result('MemberCounts', 76, { counts: ['ChannelCount'] }),
      event('UploadProgress', 77, { requestId: 'number', progress: 'Progress' }),
      event('DownloadProgress', 78, { requestId: 'number', progress: 'Progress' }),
      result('DownloadToMemory', 79, { memory: 'payload' }),
      result(
        'HistoryResult',
        100,
        { total: 'word', messages: ['HistoryEntry'] },
        '`total`: matches, whatever the limit.',
        ['requestId', 'messages', 'total', 'code'],
      ),
      result(
        'Upload',
        110,
        { message: 'media message' },
        'After a failure the fields of `message` are empty, but its type still says which kind of upload it was.',
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
        'A line of the log. With the handle 0 it is of the log of the clients.',
      ),
      event(
        'ServerStarted',
        80,
        { port: 'word', fingerprint: 'text', failure: 'text' },
        '`failure` is empty when the server has started.',
      ),
      event('ServerClosed', 81),
      event('ServerDone', 82, { request: 'number', outcome: 'flag' }, 'The outcome of a command to the server.'),
      event(
        'ServerOperations',
        83,
        {},
        'Operations for JavaScript wait: `serverTakeOperations` gives some of them. The event comes again if there are more.',
      ),
    ],
  },
  {
    name: 'LocalCallSink',
    about: "Takes the events of a caller's invitation.",
    events: [
      event('LocalCallReceived', 90),
      event('LocalCallCanceled', 91),
      event('LocalCallFailure', 92, { code: 'code' }),
      event('LocalCallAccepted', 93, { response: 'text' }),
      event('LocalCallRefused', 94, { response: 'text' }),
    ],
  },
  {
    name: 'RemoteCallsSink',
    about: 'Takes the events of the invitations that a call manager receives, by their numbers.',
    events: [
      event('RemoteCallReceived', 95, { callerId: 'user', number: 'word', content: 'text', channelId: 'text' }, '', [
        'number',
        'callerId',
        'content',
        'channelId',
      ]),
      event('RemoteCallAccepted', 96, { number: 'word' }),
      event('RemoteCallRefused', 97, { number: 'word' }),
      event('RemoteCallCanceled', 98, { number: 'word' }),
      event('RemoteCallFailure', 99, { number: 'word', code: 'code' }),
    ],
  },
];

// The seam between a node and the state that it shares with others, and what crosses the bridge between the loops of a
// server and JavaScript. scripts/generate.mjs makes of this description:
//   cpp/server/engine/seam/engine_client.hpp                 what an engine does, for C++
//   cpp/server/engine/seam/operation_records.hpp             the structs of its operations; beside cpp/server/model/
//                                                            attribute_records.hpp and stored_records.hpp, and
//                                                            cpp/server/media/media_record.hpp
//   cpp/server/engine/seam/engine_overrides.inc              the same list for a class that does it
//   cpp/server/bridge/operations.hpp                         numbers
//   cpp/server/bridge/bridge_records.hpp                     writers of operations, readers of answers and news
//   cpp/server/bridge/bridge_client_operations.cpp           operations of the engine that only cross
//   lib/server/cluster/engine-seam.ts                        what an engine does, for TypeScript
//   lib/server/storage/stored-records.ts                     what a store keeps, for TypeScript
//   lib/server/cluster/redis/scripts/constants.lua           the enumerations, for the functions in Redis
//   lib/server/bridge/operations.ts, records.ts              the same numbers; readers and writers of the other side
//   lib/server/bridge/store-operations.ts, engine-operations.ts, callout-operations.ts
//                                                            each operation: read, call, write the answer
// The fields of a record follow each other in the order given here.
//
// Types of fields, with what they are on the bridge:
//   flag, byte     one byte
//   word, size     32 bits; size is std::size_t in C++
//   number, id     64 bits; an id is 16 hex digits in TypeScript, a number uses at most 53 bits there
//   text, bytes    the length in 32 bits, then UTF-8 or bytes; bytes16, bytes32: without a length
//   app            word: the place of the App ID in the list of the server; `appId` in TypeScript
//   name           app and text: a ScopedName in C++, two ids in TypeScript (`user: 'name'` is appId and userId)
//   name in app    text: a ScopedName in C++ whose App ID another field has
//   loop           word: the number of the loop that submits, which C++ adds by itself
//   a name of `enums` (one byte) or of `records` (its fields)
//   T[]            the count in 32 bits, then so many T;  T?: a list of none or one
//   T in C++       a member of the struct that does not cross; T may be one of `cppTypes`
// `...R` is a member of C++ that holds the record R, whose fields TypeScript has in place of the member.

/**
 * Enumerations, for C++, TypeScript and the functions in Redis. The numbers follow the order here, or the enumeration
 * `wire` of rtm.proto. Sessions in Redis and nodes of an earlier version have them too: a new value comes last.
 */
export const enums = {
  SessionEnd: {
    about: 'Why a session ended.',
    values: { Logout: '', RemoteLogin: '', Banned: '', TokenExpired: '', GraceOver: '' },
  },
  Presence: {
    about: 'Where a user stands; the numbers of PEER_ONLINE_STATE (docs/spec/enums.md).',
    wire: 'PresenceState',
  },
  OpenStatus: {
    about: 'How a login ended.',
    values: {
      Opened: '',
      Superseded: 'A later login of the same user came while the previous session was still ending.',
      Failed: 'The state cannot be reached now: the client tries again.',
    },
  },
  ResumeStatus: {
    about: 'How a resume ended.',
    values: {
      Resumed: '',
      Unknown: 'No such session (any more), or a wrong token: the client logs in again.',
      RemoteLogin: 'The user is logged in elsewhere.',
      Banned: 'A ban has ended the session.',
      Busy: 'Another resume of this session is under way: the client tries again.',
    },
  },
  AttributeAction: { about: 'How a write changes attributes.', wire: 'AttributeAction' },
};

/** Types of members that only C++ has. */
export const cppTypes = {
  SessionCarry: 'std::unique_ptr<SessionCarry>',
  SharedFrame: 'SharedFrame',
};

/** The headers of the structs of C++, each with what it includes. */
export const headers = {
  seam: {
    path: 'cpp/server/engine/seam/operation_records.hpp',
    about: 'The fields of the operations of an engine, and their outcomes.',
    system: ['array', 'cstdint', 'memory', 'string', 'string_view', 'vector'],
    own: [
      'base/bytes.hpp',
      'server/engine/seam/session_carry.hpp',
      'server/model/names.hpp',
      'server/model/shared_frame.hpp',
    ],
  },
  attributes: {
    path: 'cpp/server/model/attribute_records.hpp',
    about: 'Attributes, and what a write of them holds.',
    system: ['cstdint', 'string', 'utility', 'vector'],
    own: ['server/model/names.hpp', 'wire/kinds.hpp'],
  },
  stored: {
    path: 'cpp/server/model/stored_records.hpp',
    about: 'What a store keeps, and what it is asked for.',
    system: ['cstdint', 'string'],
    own: ['base/bytes.hpp', 'server/model/names.hpp'],
  },
  media: {
    path: 'cpp/server/media/media_record.hpp',
    about: 'What a catalog knows of a body.',
    system: ['array', 'cstdint', 'string'],
    own: [],
  },
};

/**
 * Groups of fields. In C++ a record is the struct `cpp` of a header, the struct `struct` of the bridge, or the `outcome` of
 * an operation. One with `views` owns no texts, and is passed by reference. TypeScript gets an interface: for engines, for
 * stores (`stored`), or written by hand in lib/server/callout (`callout`). `notes` explain fields; `defaults`: of C++, if
 * not 0, false or empty; `equal`: C++ compares two of them.
 */
export const records = {
  SessionAddress: {
    about: 'Where a session lives. `loop` is an I/O thread of that node.',
    cpp: 'SessionAddress',
    header: 'seam',
    equal: true,
    fields: { loop: 'word', sessionId: 'id' },
  },
  PeerSend: {
    about: 'A message for a user.',
    cpp: 'PeerSendOp',
    header: 'seam',
    views: true,
    fields: {
      app: 'app',
      sender: 'SessionAddress',
      seq: 'number',
      senderId: 'text',
      receiverId: 'text',
      flags: 'word',
      serverTimeMs: 'number',
      requiredCapabilities: 'number',
      content: 'bytes',
    },
    notes: {
      flags:
        "Bit set of the wire's `SendFlag`, and EXPIRES_FLAG. A signal of an invitation has none: a stored one would come too\nlate.",
      requiredCapabilities:
        'A receiver without these capabilities does not get the message, and the sender gets code 8.',
    },
  },
  Publish: {
    about: 'A message for a channel.',
    cpp: 'PublishOp',
    header: 'seam',
    views: true,
    fields: {
      app: 'app',
      sender: 'SessionAddress',
      fence: 'number',
      seq: 'number',
      senderId: 'text',
      channelId: 'text',
      flags: 'word',
      serverTimeMs: 'number',
      requiredCapabilities: 'number',
      content: 'bytes',
    },
    notes: {
      flags: 'As in `PeerSend`.',
      requiredCapabilities: 'Members without these capabilities do not get the message.',
    },
  },
  OpenRequest: {
    about: 'A login.',
    cpp: 'OpenRequest',
    header: 'seam',
    fields: { app: 'app', userId: 'text', address: 'SessionAddress', capabilities: 'number' },
  },
  OpenOutcome: {
    about: 'The session of a login.',
    cpp: 'OpenOutcome',
    header: 'seam',
    fields: { status: 'OpenStatus', fence: 'number', resumeToken: 'bytes16', inboxEpoch: 'id', inboxOffset: 'number' },
    defaults: { status: 'OpenStatus::Superseded' },
    notes: { resumeToken: '16 bytes.' },
  },
  ResumeRequest: {
    about: 'A session goes on over a new connection.',
    cpp: 'ResumeRequest',
    header: 'seam',
    fields: {
      app: 'app',
      userId: 'text',
      address: 'SessionAddress',
      token: 'bytes16',
      capabilities: 'number',
      inboxEpoch: 'id',
      inboxOffset: 'number',
    },
    notes: { address: "The session's id and the loop of this node that it moves to." },
  },
  Resumption: {
    about: 'What became of a resume.',
    cpp: 'ResumeOutcome',
    header: 'seam',
    fields: {
      status: 'ResumeStatus',
      fence: 'number',
      resumeToken: 'bytes16',
      inboxComplete: 'flag',
      carry: 'SessionCarry in C++',
      rebuild: 'flag in C++',
    },
    defaults: { status: 'ResumeStatus::Unknown' },
    notes: {
      inboxComplete: 'False: some missed peer messages are lost.',
      carry: 'Null if the session already lives on this loop.',
      rebuild: 'If the session is not on this loop, no loop of this process has it: make a new state.',
    },
  },
  ResumeOutcome: {
    about: 'What became of a resume.',
    struct: 'ResumeAnswer',
    fields: { outcome: '...Resumption', previous: 'SessionAddress?' },
    notes: {
      previous:
        'Where the session lived until now, if that was on this node: the data plane moves its state. Absent if the session\ncame from another node.',
    },
  },
  JoinRequest: {
    about: 'A session becomes a member of a channel.',
    cpp: 'JoinRequest',
    header: 'seam',
    fields: {
      app: 'app',
      channelId: 'text',
      userId: 'text',
      address: 'SessionAddress',
      fence: 'number',
      again: 'flag',
      epoch: 'id',
      offset: 'number',
      restores: 'flag in C++',
    },
    notes: {
      again:
        'A join after a resume: the member keeps its membership, other members hear nothing, and missed messages come back.\nIf the user is no member any more, `joined` is false.',
      epoch:
        "With `again`, or `restores` of C++, the client's position. An epoch of zeros is unknown, and brings all messages since\nthe user joined.",
      restores:
        'The client was a member in a session that is over. If the server has just started again, the messages since then\ncome back, too.',
    },
  },
  ReplayMessage: {
    about: 'A message of a channel that a member has missed.',
    struct: 'ReplayMessage',
    fields: { offset: 'number', senderId: 'text', serverTimeMs: 'number', content: 'bytes' },
  },
  StoredAttribute: {
    about: 'An attribute, with its last writer.',
    cpp: 'StoredAttribute',
    header: 'attributes',
    fields: { key: 'text', value: 'text', updatedBy: 'text', updatedMs: 'number' },
  },
  Membership: {
    about: 'The membership of a session.',
    cpp: 'JoinOutcome',
    header: 'seam',
    fields: {
      joined: 'flag',
      epoch: 'id',
      offset: 'number',
      memberCount: 'word',
      complete: 'flag',
      failed: 'flag in C++',
      replay: 'SharedFrame[] in C++',
    },
    defaults: { complete: true },
    notes: {
      joined: 'False: a newer session of the user is the member.',
      offset: 'Offset of the last message before the join.',
      complete: 'With `again`: `replay` has all messages that the client has missed.',
      failed: 'Not joined, because the state cannot be reached now.',
      replay: 'CHANNEL_MESSAGE frames after `offset`, oldest first; then missed changes of attributes.',
    },
  },
  JoinOutcome: {
    about: 'The membership of a session.',
    struct: 'JoinAnswer',
    fields: { outcome: '...Membership', replay: 'ReplayMessage[]', missedAttributes: 'StoredAttribute[]?' },
    notes: {
      replay: 'Oldest first, at most 32, of the last 30 s.',
      missedAttributes:
        "With `again`, if the members have been told the channel's attributes since the client's position: the present\nattributes.",
    },
  },
  AttributePair: { about: 'An attribute to write.', pair: true, fields: { key: 'text', value: 'text' } },
  AttributeChange: {
    about: 'One call that changes attributes, already checked.',
    cpp: 'AttributeWrite',
    header: 'attributes',
    fields: { action: 'AttributeAction', entries: 'AttributePair[]' },
    notes: { entries: 'Pairs of key and value. Of equal keys the last counts.' },
  },
  AttributeWrite: {
    about: 'A write of attributes.',
    cpp: 'AttributeWriteRequest',
    header: 'attributes',
    fields: {
      app: 'app',
      owner: 'text',
      writerId: 'text',
      sessionId: 'id',
      fence: 'number',
      requestId: 'word',
      serverTimeMs: 'number',
      notify: 'flag',
      inDebt: 'flag',
      write: '...AttributeChange',
    },
    notes: {
      owner: 'User id or channel id.',
      sessionId: 'Of the writer, as `fence` is.',
      notify: 'Of a channel: all members are told the whole set.',
      inDebt:
        'The writer has not paid its earlier notices yet: what adds to the cost of a notice is refused with TOO_OFTEN.',
    },
  },
  Attributes: {
    about: 'The attributes of a user or of a channel.',
    outcome: 'AttributesOutcome',
    fields: { found: 'flag', entries: 'StoredAttribute[]' },
    notes: {
      found: 'Whether the user is online; always true for a channel.',
      entries: 'In ascending order of the bytes of the keys.',
    },
  },
  ChannelWrite: {
    about: 'What became of a write of the attributes of a channel.',
    outcome: 'ChannelWriteOutcome',
    fields: { code: 'word', noticeBytes: 'number' },
    notes: {
      code: '0, SIZE_OVERFLOW (nothing changed) or FAILURE.',
      noticeBytes: 'What the members have to be sent because of this write: bytes of the notice times members.',
    },
  },
  CalloutAnswer: {
    callout: true,
    struct: 'CalloutRecord',
    about: 'What the callout says.',
    fields: { allowed: 'flag', known: 'flag', roles: 'text[]', failure: 'text' },
  },
  OfflineMessage: {
    stored: true,
    about: 'A peer message for a receiver who was offline (docs/spec/semantics.md §2).',
    cpp: 'OfflineMessage',
    header: 'stored',
    fields: { senderId: 'text', timeMs: 'number', requiredCapabilities: 'number', content: 'bytes' },
    notes: { timeMs: 'Time of storing, by the wall clock.' },
  },
  OfflineEntry: {
    stored: true,
    about:
      "A stored message with its number in the receiver's queue. Numbers rise, and no number is used twice in the life of the\nstore.",
    struct: 'OfflineAnswer',
    fields: { id: 'number', message: '...OfflineMessage' },
  },
  HistoryRecord: {
    stored: true,
    about: 'A text message that was sent with the history flag.',
    cpp: 'HistoryRecord',
    header: 'stored',
    fields: { source: 'text', destination: 'text', channel: 'flag', timeMs: 'number', text: 'text' },
    notes: {
      destination: 'A user or a channel.',
      timeMs: 'Time at which the server received the message, by the wall clock.',
    },
  },
  HistoryFilter: {
    stored: true,
    about: 'What is asked of the history.',
    cpp: 'HistoryFilter',
    header: 'stored',
    fields: {
      app: 'app in C++',
      source: 'text',
      destination: 'text',
      peers: 'flag',
      channels: 'flag',
      startMs: 'number',
      endMs: 'number',
      nowMs: 'number',
      offset: 'word',
      limit: 'word',
      bytes: 'number',
      descending: 'flag',
    },
    defaults: { peers: true, channels: true },
    notes: {
      source: 'A user; empty: anybody. At least one of source and destination is given.',
      destination: 'Empty: any receiver or channel.',
      peers: 'Peer messages count.',
      channels: 'Channel messages count.',
      endMs: 'Inclusive.',
      nowMs: 'The present time. Records that have expired by then are not found.',
      limit: '0: only the total.',
      bytes:
        'Most bytes of the records in the answer: source, destination and text in UTF-8, and 32 bytes for each record. The\nfirst record always fits.',
    },
  },
  HistoryPage: {
    stored: true,
    about: 'Records of the history, from the first one asked for.',
    struct: 'HistoryAnswer',
    fields: { total: 'word', records: 'HistoryRecord[]' },
    notes: { total: 'Number of matches, before offset and limit.' },
  },
  MediaRecord: {
    stored: true,
    about: 'The record of a media body that was uploaded completely.',
    cpp: 'MediaRecord',
    header: 'media',
    fields: {
      appId: 'text',
      userId: 'text',
      mediaId: 'text',
      size: 'number',
      digest: 'bytes32',
      image: 'flag',
      expiresAtMs: 'number',
    },
    notes: {
      userId: 'Who uploaded it; empty for a body of an earlier version, which did not keep that.',
      digest: 'SHA-256, 32 bytes.',
      expiresAtMs: 'Time of expiry, by the wall clock.',
    },
  },
};

/**
 * One operation: name, number, method of the engine or store, fields, and the type of the answer, if it has one. `nothing`
 * is an answer without fields; `count` a word, absent in C++ if the state cannot be reached; `code` a word that is FAILURE
 * then; a flag is false then. `takes`: parameters of C++ that are not the fields. `byHand`: C++ does more than to let the
 * operation cross, in bridge_client.cpp or bridge_client_channels.cpp.
 * @returns {any}
 */
const operation = (name, number, method, fields, answer = undefined, more = {}) => ({
  name,
  number,
  method,
  fields,
  answer,
  ...more,
});
const byHand = true;

/** For the store of messages and the catalog of media. */
export const storeOperations = [
  operation('AppendOffline', 1, 'appendOffline', { receiver: 'name', message: 'OfflineMessage' }, 'nothing'),
  operation('LoadOffline', 2, 'loadOffline', { receiver: 'name', nowMs: 'number' }, 'OfflineEntry[]'),
  operation('RemoveOffline', 3, 'removeOffline', { receiver: 'name', first: 'number', last: 'number' }, 'nothing'),
  operation('AppendHistory', 4, 'appendHistory', { app: 'app', record: 'HistoryRecord' }, 'nothing'),
  operation('QueryHistory', 5, 'queryHistory', { app: 'app', filter: 'HistoryFilter' }, 'HistoryPage'),
  operation('FindMedia', 10, 'findMedia', { appId: 'text', mediaId: 'text', nowMs: 'number' }, 'MediaRecord?'),
  operation('AddMedia', 11, 'addMedia', { record: 'MediaRecord' }, 'nothing'),
  operation('TakeExpiredMedia', 12, 'takeExpiredMedia', { nowMs: 'number', most: 'size' }, 'MediaRecord[]'),
  operation('FindListedMedia', 13, 'findListedMedia', { appIds: 'text[]', mediaId: 'text' }, 'MediaRecord?', {
    helper: 'findListedMedia',
  }),
];

/**
 * What an engine must be able to do, by sections. An operation of a session carries the id and the fence of that session.
 * The comments become the comments of both languages.
 */
export const engineSections = {
  messages: [
    operation('PeerSend', 20, 'sendToPeer', { op: 'PeerSend' }, undefined, {
      byHand,
      about:
        "The result comes as a send result: 0 once the receiver has acknowledged the message, or PEER_UNREACHABLE, FAILURE\n(the inbox or a queue between loops is full, or the store failed), IMCOMPATIBLE_MESSAGE. No result comes if the\nreceiver's session ends after the message was written to it: nobody knows whether it arrived, and the sender times\nout. With SendFlag::Offline the result is CACHED_BY_SERVER instead of PEER_UNREACHABLE, as soon as the store has the\nmessage; the receiver gets it at its next login, before anything new. With SendFlag::History the history keeps a text\nthat was taken (for delivery or into the store), and success waits for that.",
    }),
    operation('Publish', 21, 'publish', { op: 'Publish' }, undefined, {
      byHand,
      about:
        'The result comes as a send result: 0 = ordered (and in the history, if flagged so), FAILURE = not a member with this\nfence, or the history failed.',
    }),
    operation('Acknowledge', 22, 'acknowledge', { user: 'name', fence: 'number', offset: 'number' }, undefined, {
      byHand,
      takes: 'const AcknowledgeOp& op',
      about: 'The client has everything up to `offset` of its inbox; the senders get their OK.',
    }),
  ],
  sessions: [
    operation('OpenSession', 23, 'openSession', { request: 'OpenRequest' }, 'OpenOutcome', {
      byHand,
      about:
        'Logs in. A previous session of the user ends completely first: it has left its channels, and their members know,\nbefore the new session exists. Peer messages may arrive right after the completion; the messages that the store kept\nwhile the user was offline come first. A store that does not answer delays them for a few seconds, never the login.',
    }),
    operation('ResumeSession', 24, 'resumeSession', { request: 'ResumeRequest' }, 'ResumeOutcome', {
      byHand,
      about:
        'Continues a session with a new fence and a new token. The position counts as an acknowledgement. The presented token\nstays valid until confirmResume(), because the client may never hear of the new one. Peer messages rest until\nstartDelivery().',
    }),
    operation('StartDelivery', 25, 'startDelivery', { user: 'name', fence: 'number' }, undefined, {
      about: "RESUME_RESULT has been sent: everything above the client's position follows, then what is new.",
    }),
    operation('ConfirmResume', 26, 'confirmResume', { user: 'name', fence: 'number' }, undefined, {
      about: 'The client has used the new link, so it has the new token.',
    }),
    operation('LinkLost', 27, 'linkLost', { user: 'name', fence: 'number', graceMs: 'number' }, undefined, {
      about: 'The session has no connection now. It ends (GraceOver) unless it is resumed within `graceMs`.',
    }),
    operation('CloseSession', 28, 'closeSession', { user: 'name', fence: 'number', reason: 'SessionEnd' }, undefined, {
      about: 'Ends the session; its gateway hears of the end, wherever the session lives.',
    }),
    operation('SessionEnded', 31, 'sessionEnded', { user: 'name', sessionId: 'id' }, undefined, {
      byHand,
      about: "The gateway's answer to the end of a session: the session has left all its channels.",
    }),
  ],
  channels: [
    operation('Join', 32, 'join', { request: 'JoinRequest' }, 'JoinOutcome', { byHand }),
    operation('Leave', 33, 'leave', { channel: 'name', user: 'name in app', fence: 'number' }, 'flag', {
      about:
        'Completes with whether the session was a member. A leave over the bridge that fails is still done later, unless the\nsession joins again before.',
    }),
    operation(
      'Members',
      34,
      'members',
      { channel: 'name', user: 'name in app', fence: 'number', limit: 'size' },
      'text[]?',
      {
        byHand,
        done: 'MembersOutcome',
        about:
          'At most `limit` members, chosen at random if there are more; absent if the asking session is no member.',
      },
    ),
    operation('MemberCount', 35, 'memberCount', { channel: 'name' }, 'count', {
      about: '0 for an unknown channel; nothing: the state cannot be reached.',
    }),
  ],
  presence: [
    operation('Presence', 36, 'presence', { app: 'app', userIds: 'text[]' }, 'Presence[]', {
      byHand,
      done: 'std::vector<wire::PresenceState>',
      about: 'The present states of users, in the order asked; empty: the state cannot be reached.',
    }),
    operation('Watch', 37, 'watch', { loop: 'loop', app: 'app', userIds: 'text[]' }, 'nothing', {
      about:
        'This loop watches users, logged in or not. The present state of each is told to its sink, then the operation\ncompletes; no change is missed after the first state. Watching again only tells the state again. A user whose login\nkicks its previous session does not show as OFFLINE in between. A watch over the bridge that fails is still done\nlater.',
    }),
    operation('Unwatch', 38, 'unwatch', { loop: 'loop', app: 'app', userIds: 'text[]' }, undefined, {
      about: 'No session of this loop watches these users any more. News that are on their way may still come.',
    }),
    operation('NoteSilence', 39, 'noteSilence', { user: 'name', fence: 'number', silent: 'flag' }, undefined, {
      about:
        'The client of the session has been silent for so long that others see UNREACHABLE, or was heard again. A resume\ncounts as being heard.',
    }),
  ],
  'attributes and history': [
    operation('WriteUserAttributes', 40, 'writeUserAttributes', { request: 'AttributeWrite' }, 'code', {
      about:
        'A user writes its own attributes: completes with 0, SIZE_OVERFLOW (nothing changed), or FAILURE (old fence). The\nattributes end with the session. A repeat of a write after a resume has no second effect and completes like the first.',
    }),
    operation('UserAttributes', 41, 'userAttributes', { user: 'name', keys: 'text[]' }, 'Attributes', {
      about: 'Completes with the named attributes of a user who is online; with all of them if `keys` is empty.',
    }),
    operation('WriteChannelAttributes', 42, 'writeChannelAttributes', { request: 'AttributeWrite' }, 'ChannelWrite', {
      about:
        'The same for a channel, which anybody may write. With `notify` its members get the whole set: at once, or when the\nnext notice of the channel is due, and then the newest set. A write without it pays, too, for what it adds to a notice\nthat is owed. The attributes are removed some time after the channel\nbecame empty, or after the write if it has no members.',
    }),
    operation('ChannelAttributes', 43, 'channelAttributes', { channel: 'name', keys: 'text[]' }, 'Attributes'),
    operation('EngineHistory', 44, 'queryHistory', { app: 'app', filter: 'HistoryFilter' }, 'HistoryPage', {
      byHand,
      takes: 'HistoryFilter filter',
      done: 'HistoryPage',
      about: 'Queries the history. A cluster engine keeps it itself, because a cluster has no other store.',
    }),
  ],
  'on behalf of the server: no session, no fence (see engine.hpp)': [
    operation('CloseUser', 29, 'closeUser', { user: 'name', reason: 'SessionEnd' }, 'flag', {
      about: 'Ends whatever session the user has; completes with whether there was one.',
    }),
    operation('Kick', 30, 'kick', { user: 'name', channelId: 'text' }, 'flag', {
      about: "Puts the user's session out of a channel; completes with whether it was a member.",
    }),
  ],
};

/** For the callout (lib/server/callout). `channelId` is empty but for a join. */
export const calloutOperations = [
  operation(
    'Authorize',
    50,
    'authorize',
    { event: 'text', app: 'app', userId: 'text', channelId: 'text', address: 'text' },
    'CalloutAnswer',
  ),
];

/** What comes back for an operation. */
export const answers = [
  { name: 'Done', number: 1, about: 'the answer' },
  { name: 'Failed', number: 2, about: 'no fields; JavaScript has logged the reason' },
];

const news = (name, number, fields) => ({ name, number, fields });

/** What comes unasked, for one loop or for all. */
export const newsKinds = [
  news('SendResults', 16, { sessionId: 'id', firstSeq: 'number', count: 'number', code: 'word' }),
  news('PeerMessage', 17, {
    sessionId: 'id',
    offset: 'number',
    senderId: 'text',
    serverTimeMs: 'number',
    requiredCapabilities: 'number',
    cached: 'flag',
    content: 'bytes',
  }),
  news('ChannelMessage', 18, {
    channel: 'name',
    exceptSessionId: 'id',
    offset: 'number',
    senderId: 'text',
    serverTimeMs: 'number',
    requiredCapabilities: 'number',
    content: 'bytes',
  }),
  news('MemberEvent', 19, { channel: 'name', joined: 'text[]', left: 'text[]', count: 'word' }),
  news('MemberCount', 20, { channel: 'name', count: 'word' }),
  news('ChannelAttributes', 21, { channel: 'name', entries: 'StoredAttribute[]' }),
  news('Presence', 22, { user: 'name', state: 'Presence' }),
  news('Kicked', 23, { sessionId: 'id', channelId: 'text' }),
  news('EndSession', 24, { sessionId: 'id', reason: 'SessionEnd' }),
  news('DropSession', 25, { sessionId: 'id' }),
  news('Suspend', 26, { retryAfterMs: 'word' }),
  news('Resume', 27, {}),
];

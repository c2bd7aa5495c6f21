// The numbers of a running server. scripts/generate.mjs makes of this description:
//   cpp/server/stats.hpp                    the counters of a loop, their sum, and the order in which they cross
//   cpp/server/store/store_stats.hpp        the same of the store
//   cpp/server/usage.hpp                    who takes how much memory
//   cpp/binding/functions/usage_rows.hpp    the order in which that crosses
//   lib/server/stats/numbers.ts             all of these with their names
//   lib/usage-rows.ts                       the rows as the addon gives them
//
// `loop`: how the numbers of the loops become one: `sum`, or `max`; without it Server::stats() sets the number. `js: false`:
// for C++ only.

/** @type {Record<string, { about: string, loop?: 'sum' | 'max', js?: false }>} */
export const numbers = {
  connections: { loop: 'sum', about: 'Connections open now.' },
  sessions: { about: 'Users logged in now, including users whose link is lost for less than the grace time.' },
  channels: { about: 'Channels with at least one member now; of a cluster, with one on this node.' },
  logins: { loop: 'sum', about: 'Logins since the start.' },
  loginFailures: { about: 'Refused logins since the start.' },
  resumes: { loop: 'sum', about: 'Sessions continued over a new connection.' },
  kicks: { loop: 'sum', about: 'Sessions ended by a login of the same user elsewhere.' },
  messagesIn: { loop: 'sum', about: 'Messages received from clients.' },
  messagesOut: { loop: 'sum', about: 'Deliveries to clients.' },
  channelMessagesIn: { loop: 'sum', about: 'Messages to channels, of `messagesIn`.' },
  channelMessagesOut: { loop: 'sum', about: 'Messages of channels, of `messagesOut`.' },
  queueBytes: { loop: 'sum', about: 'Bytes that wait for clients to read them, up to 100 ms ago.' },
  loopDelayMs: {
    loop: 'max',
    about: "By how many milliseconds the slowest of the server's threads was late, at most, in the last second or two.",
  },
  malformed: { loop: 'sum', about: 'Connections closed because of what they sent.' },
  floods: {
    loop: 'sum',
    about: 'How often a client was not read for a second, or was cut, for too many frames without effect.',
  },
  denials: { loop: 'sum', about: 'What rules, or the callout, have denied to users that are logged in.' },
  calloutFailures: { loop: 'sum', about: 'Requests to which the callout gave no usable answer.' },
  penalties: {
    loop: 'sum',
    about: 'How often an address was slowed or refused for bad tokens, bad handshakes, malformed bytes or floods.',
  },
  slowConsumers: { loop: 'sum', about: 'Connections closed because they did not read fast enough.' },
  mediaBytesIn: { loop: 'sum', about: 'Bytes of files and images received.' },
  mediaBytesOut: { loop: 'sum', about: 'Bytes of files and images sent.' },
  pending: { loop: 'sum', about: 'Connections whose clients are not logged in.' },
  pendingDropped: {
    loop: 'sum',
    about: 'Connections closed before a login because others needed their place, or because they sent nothing.',
  },
  acceptWaits: {
    loop: 'sum',
    about: 'How often new connections had to wait because file descriptors, or memory for sockets, were used up.',
  },
  handshakeCpuMs: { loop: 'sum', about: 'Milliseconds of processor time that TLS handshakes have cost.' },
  handshakeWaits: { loop: 'sum', about: 'How often handshakes had to wait because their share of time was used up.' },
  memoryUsed: {
    about: 'Bytes of memory that users take; of `rtm server`, at least what the process took since its start.',
  },
  memoryLimit: { about: 'Most bytes of memory that users may take.' },
  mediaPeak: { loop: 'max', js: false, about: 'Most bytes that one transfer has had in memory.' },
};

/**
 * For what memory is taken, and whose users it is: the members of MemoryCategory.
 *
 * @type {Record<string, { about: string }>}
 */
export const memory = {
  sessions: { about: 'Logins: their links, and what the server knows of them.' },
  inboxes: { about: 'Peer messages that their receivers have not acknowledged.' },
  held: { about: 'Messages that wait until the stored ones before them are delivered.' },
  channelAttributes: { about: 'Attributes of channels, which their writers pay for.' },
  userAttributes: { about: 'Attributes of users.' },
  channels: { about: 'Channels and their members.' },
  watches: { about: 'Subscriptions to the presence of others.' },
  rings: {
    about:
      'Messages of channels that are kept for members who resume; large ones their authors pay for, small ones up to 5 s ago.',
  },
  queues: { about: 'Bytes that wait for clients to read them; up to 1 s ago if they are many.' },
  offline: { about: 'Stored messages, if they are in memory, which their authors pay for.' },
};

/** Why a login was refused: the members of LoginRefusal, counted one by one. */
export const refusals = {
  appId: "The App ID is not one of this server's.",
  token: 'The token is invalid.',
  tokenExpired: 'The token has expired.',
  notAuthorized: 'The token does not allow a login.',
  banned: 'The user is banned.',
  tooOften: 'The user, or its address, logs in too often.',
  other: 'A bad user id, or another login of the same user at the same time.',
};

/**
 * The store of messages. `cpp`, `cppAbout`: name and comment of the member in C++; `per`: what JavaScript divides it by.
 *
 * @type {Record<string, { about: string, cpp?: string, cppAbout?: string, per?: number }>}
 */
export const store = {
  offlineMessages: { about: 'Offline messages that wait for their receivers now; 0 if the store does not know.' },
  appends: {
    about: 'Messages given to it, for offline receivers and for the history, and answered; failures included.',
  },
  failures: { about: 'Operations of any kind that failed.' },
  appendSeconds: {
    cpp: 'appendUs',
    per: 1e6,
    about: 'Time of all appends together, in seconds.',
    cppAbout: 'Time of all appends together, in microseconds.',
  },
};

/** Upper bounds of the classes in which appends are counted by their time. One more class holds the rest. */
export const appendBoundsUs = [100, 500, 1000, 2500, 5000, 10_000, 25_000, 100_000, 1_000_000, 5_000_000];

/**
 * Who takes how much memory: a row each. `cpp`: the struct; `ts`: the interface. Types: `app`, the number of an App, which
 * is its id in the interface; `text`; `number`; `memory`, bytes of each category.
 */
export const usage = {
  user: {
    about: 'What one user takes.',
    cpp: 'UserUsage',
    ts: 'RtmServerUserUsage',
    fields: {
      app: { type: 'app', about: 'Its App ID.' },
      userId: { type: 'text', about: 'Its user id.' },
      bytes: { type: 'number', about: 'Bytes of memory, of all its logins so far that still have some.' },
      memory: {
        type: 'memory',
        about: "The same bytes by what they are taken for. Short queues and small messages of rings are nobody's.",
      },
    },
  },
  channel: {
    about: 'What one channel takes.',
    cpp: 'ChannelUsage',
    ts: 'RtmServerChannelUsage',
    fields: {
      app: { type: 'app', about: 'Its App ID.' },
      channelId: { type: 'text', about: 'Its channel id.' },
      bytes: {
        type: 'number',
        about: 'Bytes of memory: itself, its members, its attributes, and the messages kept for members who are away.',
      },
      members: { type: 'number', about: 'Its members.' },
    },
  },
};

// The numbers of a running server. scripts/generate.mjs makes of this description:
//   cpp/server/stats.hpp               the counters of a loop, their sum, and the order in which they cross
//   lib/server/stats/numbers.ts        the same numbers with their names
//
// `loop`: how the numbers of the loops become one: `sum`, or `max`; without it Server::stats() sets the number. `js: false`:
// for C++ only.

/** @type {Record<string, { about: string, loop?: 'sum' | 'max', js?: false }>} */
export const numbers = {
  connections: { loop: 'sum', about: 'Connections open now.' },
  sessions: { about: 'Users logged in now, including those whose link is lost for less than the grace time.' },
  channels: { about: 'Channels with at least one member now; of a cluster, with one on this node.' },
  logins: { loop: 'sum', about: 'Logins since the start.' },
  loginFailures: { about: 'Refused logins since the start.' },
  resumes: { loop: 'sum', about: 'Sessions continued over a new connection.' },
  kicks: { loop: 'sum', about: 'Sessions ended by a login of the same user elsewhere.' },
  messagesIn: { loop: 'sum', about: 'Messages received from clients.' },
  messagesOut: { loop: 'sum', about: 'Deliveries to clients.' },
  channelMessagesIn: { loop: 'sum', about: 'Of `messagesIn`, those to channels.' },
  channelMessagesOut: { loop: 'sum', about: 'Of `messagesOut`, those of channels.' },
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

// The settings of a server. scripts/generate.mjs makes of this description:
//   cpp/server/limits.hpp, settings.hpp          the members of ServerOptions, with their defaults
//   cpp/server/validate_settings.hpp             the check of the bounds
//   cpp/wire/sdk_limits.hpp                      the sizes that the client uses as well
//   cpp/binding/arguments/server_settings.hpp    the way of each setting from the options of JavaScript
//   lib/server/options/setting-types.ts          the types for RtmServer.start()
//   lib/server/options/settings.ts               bounds and defaults for RtmServer.start() and `rtm server`
//   lib/server/cluster/engine-settings.ts        the part of a cluster engine, and its way from the options
//   cpp/server/engine/seam/engine_constants.hpp  defaults of the engine's parameters
//   lib/server/storage/lmdb/retention.ts         what a store on a disk keeps
//   docs/configuration.md                        the table of settings
//
// `about` is one line for people; `doc` replaces it in the documentation; `note` follows it in the TypeScript types.
// `engine`: the name for the engine of a cluster, which gets the value, or the default, in its settings. `only`: 'cluster' or 'alone', where the other kind of server refuses the setting; 'command', where only `rtm server` has
// it.
//
// A new number is a member of `limits` or of a group, or a group of its own with a line in `settings`; what is true or false
// is a `flag` in `settings`. A place below
// `engineParameters` (cpp/server/engine/seam/parameters.hpp) brings it to the engine in memory, `engine` to the settings of
// the cluster engine, and an argument of the type 'setting' in redis-functions.mjs to a function in Redis.

const MOST_WORD = 0xffffffff;
const MOST_NUMBER = Number.MAX_SAFE_INTEGER;
const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;
const DAY = 24 * 3600 * SECOND;
const YEAR = 365 * DAY;

/** Most sizes that a server can allow: all attributes of a channel with their writers are one frame, and so is a signal. */
const ATTRIBUTES = 128;
const KEY_BYTES = 128;
const ATTRIBUTE_BYTES = 48 * KIB;
const CALL_BYTES = 30 * KIB;

/**
 * What clients may do. `sdk`: the value of SDK 1.5.0 (docs/spec/limits.md); `off`: the value of the profile without call
 * frequencies, where it differs; `inTableOfSdk: false`: the SDK has no such limit; `ofSends`: the send queue of a client has it, and not its other limits; `most`: the largest value, which 0 stands for where a frame sets it. `cpp`: the member of
 * the C++ struct, if it has another name; below `engineParameters` it is a member of ServerOptions, the same in all profiles.
 *
 * @type {Record<string, any>}
 */
export const limits = {
  messageBytes: { sdk: 32 * KIB, ofSends: true, about: 'bytes of one message' },
  joinedChannels: { sdk: 20, off: 0, about: 'channels that one login may have joined at a time' },
  listedMembers: {
    sdk: 512,
    engine: 'noticeLimit',
    about: 'most members in one list; above it join and leave notices stop',
  },
  subscribedPeers: { sdk: 512, off: 0, about: 'users that one login may watch' },
  queryPeers: { sdk: 256, about: 'users in one presence query' },
  countChannels: { sdk: 32, about: 'channels in one count query' },
  mediaBytes: { sdk: 30 * MIB, about: 'bytes of one file or image' },
  mediaTasks: { sdk: 9, about: 'running transfers of one login' },
  inFlightSends: { sdk: 16 * KIB, ofSends: true, about: 'unanswered sends of one login' },
  userAttributes: {
    sdk: 32,
    most: ATTRIBUTES,
    cpp: 'userAttributes.entries',
    engine: 'userAttributes.entries',
    about: 'attributes of one user',
  },
  userAttributeKeyBytes: { sdk: 32, most: KEY_BYTES, cpp: 'userAttributes.keyBytes', about: 'bytes of a key' },
  userAttributeValueBytes: {
    sdk: 8 * KIB,
    most: ATTRIBUTE_BYTES,
    cpp: 'userAttributes.valueBytes',
    engine: 'userAttributes.valueBytes',
    about: 'bytes of a value',
  },
  userAttributeBytes: {
    sdk: 16 * KIB,
    most: ATTRIBUTE_BYTES,
    cpp: 'userAttributes.totalBytes',
    engine: 'userAttributes.totalBytes',
    about: 'bytes of all keys and values of one user',
  },
  channelAttributes: {
    sdk: 32,
    most: ATTRIBUTES,
    cpp: 'channelAttributes.entries',
    engine: 'channelAttributes.entries',
    about: 'attributes of one channel',
  },
  channelAttributeKeyBytes: { sdk: 32, most: KEY_BYTES, cpp: 'channelAttributes.keyBytes', about: 'bytes of a key' },
  channelAttributeValueBytes: {
    sdk: 8 * KIB,
    most: ATTRIBUTE_BYTES,
    cpp: 'channelAttributes.valueBytes',
    engine: 'channelAttributes.valueBytes',
    about: 'bytes of a value',
  },
  channelAttributeBytes: {
    sdk: 32 * KIB,
    most: ATTRIBUTE_BYTES,
    cpp: 'channelAttributes.totalBytes',
    engine: 'channelAttributes.totalBytes',
    about: 'bytes of all keys and values of one channel',
  },
  callContentBytes: {
    sdk: 8 * KIB,
    most: CALL_BYTES,
    cpp: 'invitations.contentBytes',
    about: "bytes of the caller's text of an invitation",
  },
  callResponseBytes: {
    sdk: 8 * KIB,
    most: CALL_BYTES,
    cpp: 'invitations.responseBytes',
    about: "bytes of the callee's text of an invitation",
  },
  memoryBytes: {
    sdk: 0,
    inTableOfSdk: false,
    type: 'std::uint64_t',
    most: MOST_NUMBER,
    about: 'bytes of memory for all users; 0: a part of the memory of the machine',
    doc: 'bytes of memory for all users; 0: 60 % of the memory of the machine or its cgroup, 25 % for a server inside a program',
  },
  userMemoryBytes: {
    sdk: 32 * MIB,
    inTableOfSdk: false,
    type: 'std::uint64_t',
    most: MOST_NUMBER,
    about: 'bytes of memory for one user, a quarter of them for what cannot be refused; 0: no bound of its own',
  },
};
for (const limit of Object.values(limits)) limit.most ??= MOST_WORD;

/** Call frequencies of SDK 1.5.0, by the names of RateGroup in rtm.proto: at most `count` calls in any `ms`. */
export const rates = {
  login: { count: 2, ms: 1000 },
  renewToken: { count: 2, ms: 1000 },
  send: { count: 1500, ms: 3000 },
  join: { count: 50, ms: 3000 },
  joinSameChannel: { count: 2, ms: 5000 },
  getMembers: { count: 5, ms: 2000 },
  memberCount: { count: 1, ms: 1000 },
  presenceQuery: { count: 100, ms: 5000 },
  subscribe: { count: 10, ms: 5000 },
  unsubscribe: { count: 10, ms: 5000 },
  subscriptionList: { count: 10, ms: 5000 },
  userAttributesWrite: { count: 100, ms: 5000 },
  userAttributesRead: { count: 400, ms: 5000 },
  channelAttributesWrite: { count: 100, ms: 5000 },
  channelAttributesRead: { count: 400, ms: 5000 },
};
/** Queries of the history of all users of an App ID together. */
export const historyQueries = { count: 100, ms: 1000 };

const time = (cpp, byDefault, about, most = DAY) => ({ cpp, type: 'std::uint32_t', least: 1, most, byDefault, about });
/** `durable`: the value for a store on a disk, which has more room than memory: 2 GB, as the vendor's service has. */
const kept = (type, least, most, byDefault, about, byDefaultText, durable = byDefault) => ({
  type,
  least,
  most,
  byDefault,
  about,
  byDefaultText,
  durable,
});
/** What only a server alone decides: to ignore the setting in a cluster would hide what somebody relies on. */
const keptAlone = (...parts) => ({ ...kept(...parts), only: 'alone' });
/** `engineDefault` beside it: the value in a cluster, if it is another one. */
const keptByEngine = (engine, ...parts) => ({ ...kept(...parts), engine });

/**
 * Groups of whole numbers, each a section in TypeScript and in the file, and a struct in C++ with the name `cpp`.
 * ServerOptions inherit the struct, or have it as a `member`. A setting whose `cpp` has a dot is a member of a member of
 * ServerOptions; a group of such settings has no struct.
 *
 * @type {Record<string, any>}
 */
export const groups = {
  times: {
    cpp: 'TimeSettings',
    ts: 'RtmServerTimes',
    about: 'Times in milliseconds. Shorter times are for tests (docs/spec/connection.md §2).',
    settings: {
      heartbeat: time('heartbeatMs', 2000, 'ms between heartbeats'),
      unreachable: time('unreachableMs', 6000, 'ms of silence until others see a user as UNREACHABLE'),
      grace: { ...time('graceMs', 30_000, 'ms of silence until a session ends'), engine: 'removeAfterMs' },
      returns: {
        ...time(
          'engineParameters.returnMs',
          10_000,
          'ms after a restart in which messages wait for users of before; 0: none do',
        ),
        least: 0,
        most: 10_000, // a sender waits no longer
        only: 'alone',
      },
      login: time('loginTimeoutMs', 6000, 'ms that a connection may stay without a login'),
      transfer: time('mediaIdleMs', 120_000, 'ms that a transfer may go without a byte'),
      attributes: {
        ...time(
          'engineParameters.attributeAfterlifeMs',
          180_000,
          'ms that the attributes of an empty channel are kept',
        ),
        engine: 'attributeAfterlifeMs',
      },
      // Below a second a busy node would be taken for dead. Only the cluster engine, in JavaScript, uses the lease.
      lease: {
        ...time(undefined, 8000, 'ms of silence until a node of a cluster counts as dead'),
        least: 1000,
        engine: 'leaseMs',
        only: 'cluster',
      },
    },
  },
  admission: {
    cpp: 'AdmissionSettings',
    member: 'admission',
    ts: 'RtmServerAdmission',
    about: 'Who may wait for a login, and how often an address may log in (docs/decisions/015-admission.md).',
    settings: {
      places: {
        type: 'std::uint32_t',
        least: 16,
        most: 1_000_000,
        byDefault: 4096,
        about: 'connections without a login, for each loop; all loops together at most half of the file descriptors',
      },
      placesOfAddress: {
        type: 'std::uint32_t',
        least: 1,
        most: 1_000_000,
        byDefault: 2048,
        about: 'of these, connections of one IPv4 address or IPv6 /64; an IPv6 /48 has half as many again',
      },
      firstByte: time('firstByteMs', 3000, 'ms that a new connection may send nothing'),
      firstByteOfMany: time('firstByteOfManyMs', 1000, 'the same for an address with a quarter of the places, in ms'),
      logins: {
        type: 'std::uint32_t',
        least: 0,
        most: 1_000_000,
        byDefault: 50,
        about:
          'logins and resumes a second of one address, counted as places are; 0: any number, as without the call frequency `login`',
      },
      loginBurst: {
        type: 'std::uint32_t',
        least: 1,
        most: 1_000_000,
        byDefault: 4096,
        about: 'logins of one address at once',
      },
    },
  },
  media: {
    cpp: 'MediaSettings',
    ts: 'RtmServerMedia',
    about: 'How many bodies of files and images are kept, and how long.',
    settings: {
      storeBytes: {
        cpp: 'mediaStoreBytes',
        type: 'std::uint64_t',
        least: 1,
        most: MOST_NUMBER,
        byDefault: 1024 * MIB,
        about: 'most bytes of all bodies; when they are used up, uploads fail',
      },
      userBytes: {
        cpp: 'mediaUserBytes',
        type: 'std::uint64_t',
        least: 0,
        most: MOST_NUMBER,
        byDefault: 512 * MIB,
        about: 'most bytes of the bodies of one user; 0: no bound of its own',
      },
      life: {
        cpp: 'mediaLifeMs',
        type: 'std::uint64_t',
        least: 1,
        most: YEAR,
        byDefault: 7 * DAY,
        about: 'ms that a body is kept from its upload',
      },
    },
  },
  retention: {
    cpp: 'Retention',
    member: 'retention',
    ts: 'RtmServerRetention',
    about: 'How much a server keeps, and how long (docs/spec/limits.md §7). Times in milliseconds, sizes in bytes.',
    settings: {
      offlineMessages: keptAlone(
        'std::uint32_t',
        0,
        1_000_000,
        200,
        'offline messages of one receiver; one more drops the oldest of the sender who has most; 0: none are stored',
      ),
      offlineMs: keptByEngine(
        'offlineRetentionMs',
        'std::uint64_t',
        1,
        MOST_NUMBER,
        7 * DAY,
        'time that an offline message waits, in milliseconds',
        '7 days',
      ),
      offlineBytes: keptByEngine(
        'offlineBytes',
        'std::uint64_t',
        0,
        MOST_NUMBER,
        256 * MIB,
        'offline messages of all receivers together; above it the largest sender pays, or a send ends as `PEER_MESSAGE_ERR_FAILURE`',
        '256 MiB; with `data` 2 GiB',
        2048 * MIB,
      ),
      historyMs: keptByEngine(
        'historyRetentionMs',
        'std::uint64_t',
        1,
        MOST_NUMBER,
        7 * DAY,
        'time that a text stays in the history, in milliseconds',
        '7 days',
      ),
      historyBytes: {
        ...keptByEngine(
          'historyBytes',
          'std::uint64_t',
          0,
          MOST_NUMBER,
          64 * MIB,
          'history of one App ID; the oldest texts are dropped first',
          '64 MiB; with `data` or in a cluster 2 GiB',
          2048 * MIB,
        ),
        engineDefault: 2048 * MIB,
      },
    },
  },
};

const number = (least, most, byDefault, about, others = {}) => ({ least, most, byDefault, about, ...others });
/** A member of ServerOptions, and of the options of programs: with the name of a group, whether there is what it configures. */
const flag = (byDefault, about, others = {}) => ({ type: 'bool', byDefault, about, ...others });
/** One of several words: an enumeration and a member of ServerOptions, and of the options of programs. */
const choice = (byDefault, about, others) => ({ byDefault, about, ...others });
const own = (about, byDefault = '', doc = undefined) => ({ about, byDefault, doc });

/** What the groups of choices are about. */
export const choiceGroups = { channelAttributes: 'Attributes of channels.' };

/**
 * All other settings by their paths, in the order of the documentation; a group stands for its settings. A setting without
 * bounds is read by a function of its own in lib/server/options and lib/cli/config. `type`: of the member of ServerOptions
 * with that name.
 *
 * @type {Record<string, any>}
 */
export const settings = {
  host: own('address to listen on', 'all of both families'),
  port: number(0, 65_535, 9136, 'port; 0: any free one', {
    type: 'std::uint16_t',
    note: 'See {@link RtmServer.port}.',
  }),
  apps: own(
    'projects to serve',
    'a generated one',
    'projects to serve: a list of `appId` with `certificate`, or with `certificates` (the present, then the previous certificate)',
  ),
  appFile: {
    ...own(
      'file with projects, mode 0600: a line each, `<id>:<certificate>` or `<id>:<certificate>,<previous>`',
      'none',
    ),
    only: 'command',
  },
  tls: own('false: no encryption, for tests only', 'true'),
  'tls.certFile': own('certificate chain, PEM', 'a self-signed certificate, made at the start'),
  'tls.keyFile': own('private key of the certificate, PEM'),
  area: own('regions the server belongs to; none: all'),
  udp: flag(false, 'true: also takes clients by UDP, at the same port; needs TLS', {
    doc: 'true: also takes clients by UDP, at the port number of TCP, see [operations](operations.md#udp); needs TLS',
  }),
  limits: own('short form of limits.base'),
  'limits.base': own('the profile that the other limits change', 'sdk'),
  'limits.*': 'limits',
  'limits.rates.<group>': own(
    'a call frequency: `count` calls in any `perSeconds` seconds; `false`: none',
    'of the profile',
  ),
  loops: number(1, 64, 1, 'threads that carry connections', { type: 'unsigned' }),
  'times.*': 'times',
  'admission.exempt': own(
    'networks whose connections and logins are not counted by address, such as 192.0.2.0/24',
    'none',
    'networks whose connections and logins are not counted by address, for example of a load balancer: a list of `192.0.2.0/24`, `192.0.2.7`, `2001:db8::/32`',
  ),
  'admission.*': 'admission',
  media: flag(true, 'false: no files and images', {
    doc: 'false: no files and images: uploads and downloads end as `…_MEDIA_ERR_FAILURE`, and there is no folder',
  }),
  'media.folder': own(
    'folder for the bodies of files and images, made for the first one',
    '`media` in `data`; a private temporary folder',
  ),
  'media.*': 'media',
  maxConnections: number(0, MOST_WORD, 0, 'most connections at a time; 0: as many as the system allows', {
    type: 'std::uint32_t',
  }),
  'retention.…': own('see [below](#stored-messages)'),
  historyOpen: flag(false, 'every user may query all of the history of its App ID', {
    note: 'Otherwise a user sees the messages that the user sent or received, and the messages of the channels that the user is in.',
  }),
  'channelAttributes.writers': choice(
    'all',
    'who may write the attributes of a channel: `all` users, or only its `members`; others get `ATTRIBUTE_OPERATION_ERR_FAILURE`',
    { values: ['all', 'members'], note: 'SDK 1.5.0 lets every user write.' },
  ),
  'callout.url': own(
    'web server that is asked whether a user may log in or join: https://…, or http:// to this machine',
    'none',
    'web server that is asked whether a user may log in or join, see [below](#the-callout)',
  ),
  'callout.secretFile': { ...own('file with the secret that signs these requests'), only: 'command' },
  'callout.ask': own('what it is asked about: login, join, renew', 'login, join'),
  'callout.timeoutMs': number(10, 5000, 1500, 'ms that it may take for an answer', { only: 'command' }),
  'callout.onFailure': own('what counts without an answer: deny, allow or last', 'deny'),
  data: own(
    'folder for data that must survive a restart',
    'everything in memory',
    'folder for data that must survive a restart, see [below](#the-data-directory)',
  ),
  engine: own(
    'Redis or Valkey that the nodes of a cluster share',
    'this process alone',
    'Redis or Valkey that the nodes of a [cluster](#a-cluster) share',
  ),
  nodeId: {
    ...own(
      'name of this node of a cluster',
      'the host and a random part',
      'name of this node, 1 to 64 of `A-Z a-z 0-9 _ -`, different on each',
    ),
    only: 'cluster',
  },
  waitReplicas: number(0, 16, 0, 'Redis replicas that must have a stored message before its sender gets the result', {
    engine: 'waitReplicas',
    only: 'cluster',
    note: 'If there are fewer replicas, all of them must have it.',
  }),
  admin: own(
    'address of health checks and metrics; see operations',
    'none',
    'address of health checks and metrics: `host:port`, or a port of 127.0.0.1; see [operations](operations.md)',
  ),
  adminHosts: own(
    'host names by which requests may name the admin address, besides localhost and its own addresses',
    'none',
    'host names by which requests may name the admin address, besides `localhost` and its own addresses: a list',
  ),
  adminToken: own('bearer token that the admin pages ask for; a secret', 'none'),
  adminTokenFile: { ...own('file with that token, mode 0600', 'none'), only: 'command' },
  log: own('the least important level to write', 'warning'),
  logFormat: { ...own('format of the log lines', 'text'), only: 'command' },
  'drain.endpoints': { ...own('servers to which clients are sent when this server stops'), only: 'command' },
  'drain.overMs': number(0, 3_600_000, 1000, 'ms over which the clients are sent away', { only: 'command' }),
};

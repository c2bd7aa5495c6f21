// Numbers that every engine and every store must have, since users see them. scripts/generate.mjs makes of this description:
//   cpp/server/engine/seam/engine_constants.hpp          for the engine in memory
//   lib/server/cluster/engine-constants.ts               for the cluster engine
//   cpp/server/model/store_constants.hpp                 for the stores in memory
//   lib/server/storage/store-constants.ts                for the stores in LMDB and in Redis
//   lib/server/cluster/redis/scripts/constants.lua       for the functions in Redis
// A C++ name is `k` and the name in PascalCase. A number that a server's options can change is in server-settings.mjs.
// `only`: the languages that need the number, as 'cpp', 'lua' or 'ts'.
import { groups, settings } from './server-settings.mjs';

export const constants = [
  {
    name: 'REPLAY_MESSAGES',
    value: 32,
    about: 'Newest messages of a channel that are kept for members whose link is away.',
  },
  {
    name: 'REPLAY_AGE_MS',
    value: 30_000,
    about: 'Age above which a message of a channel, and a notice of its attributes, is not replayed.',
  },
  {
    name: 'INBOX_MESSAGES',
    value: 16 * 1024,
    about: 'Unacknowledged messages of one session; above it sends to the user fail.',
  },
  { name: 'INBOX_BYTES', value: 8 * 1024 * 1024, about: 'Bytes of the unacknowledged messages of one session.' },
  {
    name: 'INBOX_WINDOW_BYTES',
    value: 1024 * 1024,
    about:
      "Unacknowledged bytes on the receiver's link; the rest waits in the inbox, so that a slow reader fills its inbox, and its senders hear of it.",
  },
  {
    name: 'ENDED_SESSION_MS',
    value: 120_000,
    about:
      'How long an engine knows of an ended session, so that a resume after a ban is refused as banned. Longer than any grace period in use.',
  },
  {
    name: 'SMALL_COUNT_INTERVAL_MS',
    value: 1000,
    about: 'Least time between two notices of the size of a small channel.',
  },
  {
    name: 'LARGE_COUNT_INTERVAL_MS',
    value: 3000,
    about: 'The same for a channel with more members than the notice limit.',
  },
  {
    name: 'NOTICE_BURST',
    value: 3,
    about:
      'Notices of the attributes of a channel that may come at once; then one follows in each interval of the notices of its size.',
  },
  {
    name: 'MAX_LOOPS',
    value: settings.loops.most,
    only: 'cpp',
    about: 'Most loops of a server: an engine may keep a set of loops as the bits of a word.',
  },
  {
    name: 'STORED_MESSAGES',
    value: groups.retention.settings.offlineMessages.byDefault,
    only: 'lua',
    about: 'Offline messages of one receiver. Only a server alone has a setting for it.',
  },
  {
    name: 'PARTITIONS',
    value: 256,
    only: ['cpp', 'ts'],
    about:
      'Parts of the state, each with one owner: a loop in memory, a primary in a cluster. Fixed when a cluster is made.',
  },
];

/** Numbers of the stores of messages. */
export const storeConstants = [
  {
    name: 'EXPIRES_FLAG',
    value: 4,
    only: ['cpp', 'ts'],
    about: 'Beside the send flags of a message on its way to an engine: the content says when it expires.',
  },
  {
    name: 'MEMORY_ENTRY_BYTES',
    value: 224,
    only: 'cpp',
    about:
      'What an offline message takes in memory besides its texts: pointers, numbers, its places in the queue and among the messages of its sender, the control blocks of allocations.',
  },
  {
    name: 'STORED_ENTRY_BYTES',
    value: 512,
    only: ['lua', 'ts'],
    about:
      'What an offline message takes in a data directory or in Redis besides its texts, with its places in the indexes. Measured in a data directory: 491 to 584 bytes on disk.',
  },
  {
    name: 'HISTORY_ENTRY_BYTES',
    value: 240,
    only: ['cpp', 'ts'],
    about: 'What a text of the history takes besides its texts: its places in four lines, numbers, allocations.',
  },
  {
    name: 'CLUSTER_HISTORY_ENTRY_BYTES',
    value: 480,
    only: ['lua', 'ts'],
    about:
      'What a copy of a text of the history takes in Redis besides the text and its names; each text has two copies. Measured: 320 in long lines, 570 where each pair has one text.',
  },
  {
    name: 'ANSWER_ENTRY_BYTES',
    value: 32,
    only: ['cpp', 'ts'],
    about: 'Most bytes that a text of the history takes in an answer besides its texts.',
  },
  {
    name: 'FEWEST_SHARES',
    value: 8,
    only: ['cpp', 'ts'],
    about:
      'A sender of offline messages may have at least this part of what its App may have, however few the senders are.',
  },
];

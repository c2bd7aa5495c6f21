// Numbers that every engine must have, since users see them. scripts/generate.mjs makes of this description:
//   cpp/server/engine/seam/engine_constants.hpp          for the engine in memory
//   lib/server/cluster/redis/scripts/constants.lua       for the functions in Redis
//   lib/server/cluster/engine-constants.ts               for the cluster engine
// A C++ name is `k` and the name in PascalCase. `only: 'ts'`: the other engines have the number from their options.
import { groups, limits } from './server-settings.mjs';

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
    name: 'ATTRIBUTE_AFTERLIFE_MS',
    value: groups.times.settings.attributes.byDefault,
    about: 'How long the attributes of a channel outlive its last member where no setting says otherwise.',
  },
  {
    name: 'STORED_MESSAGES',
    value: groups.retention.settings.offlineMessages.byDefault,
    about: 'Offline messages of one receiver where no setting changes their number.',
  },
  {
    name: 'NOTICE_LIMIT',
    value: limits.listedMembers.sdk,
    only: 'ts',
    about: 'Most members of a channel whose joins and leaves are told, where no setting says otherwise.',
  },
  {
    name: 'OFFLINE_MS',
    value: groups.retention.settings.offlineMs.byDefault,
    only: 'ts',
    about: 'How long an offline message waits where no setting says otherwise.',
  },
  {
    name: 'HISTORY_MS',
    value: groups.retention.settings.historyMs.byDefault,
    only: 'ts',
    about: 'How long a text stays in the history where no setting says otherwise.',
  },
  {
    name: 'LEASE_MS',
    value: groups.times.settings.lease.byDefault,
    only: 'ts',
    about: 'Silence after which a node counts as dead where no setting says otherwise.',
  },
  {
    name: 'USER_ATTRIBUTE_SIZES',
    value: {
      entries: limits.userAttributes.sdk,
      valueBytes: limits.userAttributeValueBytes.sdk,
      totalBytes: limits.userAttributeBytes.sdk,
    },
    only: 'ts',
    about: 'Sizes of the attributes of a user in SDK 1.5.0.',
  },
  {
    name: 'CHANNEL_ATTRIBUTE_SIZES',
    value: {
      entries: limits.channelAttributes.sdk,
      valueBytes: limits.channelAttributeValueBytes.sdk,
      totalBytes: limits.channelAttributeBytes.sdk,
    },
    only: 'ts',
    about: 'Sizes of the attributes of a channel in SDK 1.5.0.',
  },
];

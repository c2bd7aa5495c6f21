import type { ChannelMemberCount } from '../sdk/structs.js';
import type { CallOptions } from './abort.js';
import { checkCallOptions, checkStrings } from './options.js';
import type { Requests } from './requests.js';

/** See `RtmClient.memberCounts()`. */
export function memberCounts(
  requests: Requests,
  channelIds: readonly string[],
  options: CallOptions | undefined,
): Promise<Map<string, number>> {
  checkStrings('channelIds', channelIds);
  checkCallOptions(options);
  return requests
    .start<ChannelMemberCount[]>('getChannelMemberCount', options, (service) =>
      service.getChannelMemberCount(channelIds),
    )
    .then((counts) => new Map(counts.map(({ channelId, count }) => [channelId, count])));
}

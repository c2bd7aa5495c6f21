import { checkStrings } from '../checks.js';
import type { MemberCount } from '../native/values.js';
import type { CallOptions } from './abort.js';
import { idsFault } from './faults.js';
import { checkCallOptions } from './options.js';
import type { Requests } from './requests.js';

/** See `RtmClient.memberCounts()`. */
export function memberCounts(
  requests: Requests,
  channelIds: readonly string[],
  options: CallOptions | undefined,
): Promise<Map<string, number>> {
  checkStrings(channelIds, 'channelIds');
  checkCallOptions(options);
  return requests
    .start<MemberCount[]>(
      'getChannelMemberCount',
      options,
      (session) => session.getChannelMemberCount(channelIds),
      undefined,
      () => idsFault('channelIds', channelIds),
    )
    .then((counts) => new Map(counts.map(({ channelId, count }) => [channelId, count])));
}

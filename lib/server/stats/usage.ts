import type { NativeUsage } from '../../usage-rows.js';
import { channelUsage, type RtmServerChannelUsage, type RtmServerUserUsage, userUsage } from './numbers.js';

export type { RtmServerChannelUsage, RtmServerUserUsage } from './numbers.js';

/** What one App takes. */
export interface RtmServerAppUsage {
  /** Its App ID. */
  readonly appId: string;
  /** Bytes of memory of all its users. */
  readonly bytes: number;
}

/** Who takes how much memory. */
export interface RtmServerUsage {
  /** As `memoryUsed` of {@link RtmServerStats}. */
  readonly used: number;
  /** As `memoryLimit` of {@link RtmServerStats}. */
  readonly limit: number;
  /** The largest first. */
  readonly apps: readonly RtmServerAppUsage[];
  /** The largest first. */
  readonly users: readonly RtmServerUserUsage[];
  /** The largest first, as many as users at most and 100 for each loop, up to 5 s ago. In a cluster none: channels live in Redis. */
  readonly channels: readonly RtmServerChannelUsage[];
}

/** Names the numbers of the addon. */
export function unpackUsage(
  [apps, users, channels]: NativeUsage,
  appIds: readonly string[],
): Pick<RtmServerUsage, 'apps' | 'users' | 'channels'> {
  return {
    apps: apps.map((bytes, app) => ({ appId: appIds[app] ?? '', bytes })).sort((a, b) => b.bytes - a.bytes),
    users: users.map((row) => userUsage(row, appIds)),
    channels: channels.map((row) => channelUsage(row, appIds)),
  };
}

import { MEMORY, type RtmServerMemory } from './numbers.js';

/** What one user takes. */
export interface RtmServerUserUsage {
  /** Its App ID. */
  readonly appId: string;
  /** Its user id. */
  readonly userId: string;
  /** Bytes of memory, of all its logins so far that still have some. */
  readonly bytes: number;
  /** The same bytes by what they are taken for. Short queues and small messages of rings are nobody's. */
  readonly memory: RtmServerMemory;
}

/** What one App takes. */
export interface RtmServerAppUsage {
  /** Its App ID. */
  readonly appId: string;
  /** Bytes of memory of all its users. */
  readonly bytes: number;
}

/** What one channel takes. */
export interface RtmServerChannelUsage {
  /** Its App ID. */
  readonly appId: string;
  /** Its channel id. */
  readonly channelId: string;
  /** Bytes of memory: itself, its members, its attributes, and the messages kept for members who are away. */
  readonly bytes: number;
  /** Its members. */
  readonly members: number;
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

/** `NativeUsage` of lib/native. */
type Packed = readonly [
  apps: readonly number[],
  users: readonly (readonly [app: number, userId: string, bytes: number, ...categories: number[]])[],
  channels: readonly (readonly [app: number, channelId: string, bytes: number, members: number])[],
];

/** Names the numbers of the addon. */
export function unpackUsage(
  [apps, users, channels]: Packed,
  appIds: readonly string[],
): Pick<RtmServerUsage, 'apps' | 'users' | 'channels'> {
  const appOf = (app: number) => appIds[app] ?? '';
  return {
    apps: apps.map((bytes, app) => ({ appId: appOf(app), bytes })).sort((a, b) => b.bytes - a.bytes),
    users: users.map(([app, userId, bytes, ...categories]) => ({
      appId: appOf(app),
      userId,
      bytes,
      memory: Object.fromEntries(MEMORY.map((name, at) => [name, categories[at] ?? 0])) as Record<
        (typeof MEMORY)[number],
        number
      >,
    })),
    channels: channels.map(([app, channelId, bytes, members]) => ({ appId: appOf(app), channelId, bytes, members })),
  };
}

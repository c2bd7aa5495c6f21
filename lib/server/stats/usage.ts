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
}

/** `NativeUsage` of lib/native. */
type Packed = readonly [
  apps: readonly number[],
  users: readonly (readonly [app: number, userId: string, bytes: number, ...categories: number[]])[],
];

/** Names the numbers of the addon. */
export function unpackUsage([apps, users]: Packed, appIds: readonly string[]): Pick<RtmServerUsage, 'apps' | 'users'> {
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
  };
}

import { checkInteger, checkObject, checkString } from '../../checks.js';
import { MAX_ID_BYTES } from '../../common-constants.js';
import { checkEndpoints } from '../../endpoints.js';
import { invalidArgValue } from '../../errors.js';

/** How a user is banned. */
export interface RtmServerBanOptions {
  /**
   * How long, in milliseconds, 1 to 3155760000000 (100 years).
   *
   * @defaultValue until {@link RtmServer.unban}, or until the server ends
   */
  readonly forMs?: number | undefined;
}

/** How a server goes away. */
export interface RtmServerDrainOptions {
  /**
   * Where its clients shall go: up to 16 connect strings of other servers. Without any the port is closed at once, and
   * clients look for another of the servers that they know.
   */
  readonly endpoints?: string | readonly string[] | undefined;
  /**
   * The time in milliseconds, 0 to 3600000, over which the clients are sent away evenly, so that they do not arrive
   * elsewhere all at once.
   *
   * @defaultValue 0
   */
  readonly overMs?: number | undefined;
}

/** How much of the usage is wanted. */
export interface RtmServerUsageOptions {
  /**
   * How many users, and channels, 0 to 1000.
   *
   * @defaultValue 10
   */
  readonly users?: number | undefined;
}

const CENTURY_MS = 3_155_760_000_000;

/** A user's or a channel's id. */
export function checkId(value: unknown, name: string): string {
  const size = Buffer.byteLength(checkString(value, name));
  if (size === 0 || size > MAX_ID_BYTES) throw invalidArgValue(name, `1 to ${MAX_ID_BYTES} bytes`, `${size} bytes`);
  return value as string;
}

/** When a ban ends, in ms since 1970. */
export function banEnd(options: unknown): number {
  const { forMs } = checkObject(options, 'options', ['forMs']);
  if (forMs === undefined) return Number.MAX_SAFE_INTEGER;
  return Date.now() + checkInteger(forMs, 'options.forMs', 1, CENTURY_MS);
}

export function checkDrainOptions(options: unknown): { endpoints: readonly string[]; overMs: number } {
  const { endpoints = [], overMs = 0 } = checkObject(options, 'options', ['endpoints', 'overMs']);
  const none = Array.isArray(endpoints) && endpoints.length === 0;
  return {
    endpoints: none ? [] : checkEndpoints(endpoints),
    overMs: checkInteger(overMs, 'options.overMs', 0, 3_600_000),
  };
}

/** How many users are wanted. */
export function checkUsageOptions(options: unknown): number {
  const { users = 10 } = checkObject(options, 'options', ['users']);
  return checkInteger(users, 'options.users', 0, 1000);
}

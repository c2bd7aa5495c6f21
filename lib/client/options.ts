import { checkBoolean, checkInteger, checkKeys, checkObject, checkString, isObject } from '../checks.js';
import { checkEndpoints } from '../endpoints.js';
import { LOG_FILTER_TYPE } from '../enums.js';
import { invalidArgType, invalidArgValue } from '../errors.js';
import { SendFlag } from '../session/outgoing.js';
import type { CallOptions } from './abort.js';
import type { OverflowPolicy } from './message-queue.js';

/** Most messages that wait for a loop to read them, unless said otherwise. */
export const DEFAULT_MESSAGE_LIMIT = 1024;
/** Most messages that wait while nobody reads, unless said otherwise; more than a full offline queue of 200. */
export const DEFAULT_UNREAD_LIMIT = 256;

const MAX_TIMEOUT = 2_147_483_647;

/** The levels of a client's log, by their `LOG_FILTER_TYPE`. */
const LOG_LEVELS = {
  off: LOG_FILTER_TYPE.LOG_FILTER_OFF,
  critical: LOG_FILTER_TYPE.LOG_FILTER_CRITICAL,
  error: LOG_FILTER_TYPE.LOG_FILTER_ERROR,
  warn: LOG_FILTER_TYPE.LOG_FILTER_WARN,
  info: LOG_FILTER_TYPE.LOG_FILTER_INFO,
} as const;

/** Which lines a client logs: those of this level and graver ones. */
export type LogLevel = keyof typeof LOG_LEVELS;

/** What `RtmClient.login()` needs. */
export interface LoginOptions extends CallOptions {
  /** App ID of the project: 32 hexadecimal characters. */
  readonly appId: string;
  /** The user to log in as: 1 to 64 bytes of letters, digits, space and ``!#$%&()+-:;<=.>?@[]^_{}|~,``. */
  readonly userId: string;
  /** Token in format 006 or 007, made for this App ID and user. Leave it out if the project has no certificate. */
  readonly token?: string | undefined;
  /**
   * Servers to try: `rtms://host[:port][#sha256=<certificate fingerprint>]`, as printed by the server; `rtm://` is
   * without TLS.
   *
   * @defaultValue the environment variable `RTM_ENDPOINTS`
   */
  readonly endpoints?: string | readonly string[] | undefined;
  /**
   * How many messages wait while neither a `'message'` listener nor a loop takes them, per client and per channel; an
   * integer ≥ 0. When it is full the oldest goes.
   *
   * @defaultValue 256
   */
  readonly unreadLimit?: number | undefined;
  /** Certificates (PEM) to trust besides the system's, for a server whose endpoint has no `#sha256=` pin. */
  readonly ca?: string | undefined;
  /** Absolute path of the client's log file; its folder must exist. Without it nothing is logged to a file. */
  readonly logFile?: string | undefined;
  /**
   * The least grave lines that are logged, to `logFile` as by `NODE_DEBUG=rtm`.
   *
   * @defaultValue 'info', which is everything
   */
  readonly logLevel?: LogLevel | undefined;
  /**
   * Size of `logFile` in KB, an integer from 512 to 1048576. A full one gets the ending `.1`, over the one before, and
   * a new one begins.
   *
   * @defaultValue 102400
   */
  readonly logFileSize?: number | undefined;
  /** More settings of the C++ core, as `setParameters` takes them. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}

/** How a peer message is sent. */
export interface PeerSendOptions extends CallOptions {
  /**
   * Store the message for up to 7 days if the receiver is offline; it then resolves with `delivery: 'cached'`, and
   * comes at the receiver's next login, before newer ones. The server keeps the newest 200 for each receiver.
   */
  readonly offline?: boolean | undefined;
  /** Keep the message, text only, for 7 days, for `client.history`. */
  readonly history?: boolean | undefined;
}

/** How a channel message is sent. */
export interface ChannelSendOptions extends CallOptions {
  /** Keep the message, text only, for 7 days, for `client.history`. */
  readonly history?: boolean | undefined;
}

/** How the attributes of a channel are written. */
export interface AttributeWriteOptions extends CallOptions {
  /**
   * Tell all members of the channel, this user included if a member, by the event `'attributes'`.
   *
   * @defaultValue false
   */
  readonly notify?: boolean | undefined;
}

/** How a user is invited to a call. */
export interface InviteOptions extends CallOptions {
  /** Text for the callee, up to 8 KB without NUL. */
  readonly content?: string | undefined;
  /** Id of a channel for the call. Nobody is put into it. */
  readonly channelId?: string | undefined;
}

/** How a `messages()` loop reads. */
export interface MessagesOptions {
  /**
   * Most messages that wait for the loop; an integer ≥ 1.
   *
   * @defaultValue 1024
   */
  readonly limit?: number | undefined;
  /**
   * What happens at the limit. The default is an error, because a loop that silently skips messages looks exactly like
   * one that got them all; ask for `'dropOldest'` where only the newest matter.
   *
   * @defaultValue 'error'
   */
  readonly overflow?: OverflowPolicy | undefined;
  /** Ends the loop: its next step rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

function checkLogLevel(level: unknown): LOG_FILTER_TYPE | undefined {
  if (level === undefined) return undefined;
  const name = checkString(level, 'options.logLevel');
  if (Object.hasOwn(LOG_LEVELS, name)) return LOG_LEVELS[name as LogLevel];
  throw invalidArgValue('options.logLevel', `one of ${Object.keys(LOG_LEVELS).join(', ')}`, JSON.stringify(name));
}

function checkSignal(signal: unknown): void {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalidArgType('options.signal', 'an AbortSignal', signal);
  }
}

function checkLimits({ signal, timeout }: { signal?: unknown; timeout?: unknown }): void {
  checkSignal(signal);
  if (timeout === undefined) return;
  if (typeof timeout !== 'number') throw invalidArgType('options.timeout', 'a number of milliseconds', timeout);
  if (!(timeout > 0 && timeout <= MAX_TIMEOUT)) {
    throw invalidArgValue('options.timeout', `above 0 and at most ${MAX_TIMEOUT} ms`, String(timeout));
  }
}

const CALL_KEYS = ['signal', 'timeout'];
const SEND_KEYS = [...CALL_KEYS, 'offline', 'history'];

/** Throws unless `options` is left out or holds a usable signal and timeout. */
export function checkCallOptions(options: CallOptions | undefined): void {
  if (options === undefined) return;
  checkObject(options, 'options', CALL_KEYS);
  checkLimits(options);
}

/** Throws unless `options` can be used for writing attributes of a channel. */
export function checkWriteOptions(options: AttributeWriteOptions | undefined): void {
  if (options === undefined) return;
  checkObject(options, 'options', [...CALL_KEYS, 'notify']);
  checkLimits(options);
  if (options.notify !== undefined) checkBoolean(options.notify, 'options.notify');
}

/** Throws unless `options` can be used for an invitation. */
export function checkInviteOptions(options: InviteOptions | undefined): void {
  if (options === undefined) return;
  checkObject(options, 'options', [...CALL_KEYS, 'content', 'channelId']);
  checkLimits(options);
  if (options.content !== undefined) checkString(options.content, 'options.content');
  if (options.channelId !== undefined) checkString(options.channelId, 'options.channelId');
}

/** Throws unless `options` can be used for sending. */
export function checkSendOptions(options: PeerSendOptions | undefined): void {
  if (options === undefined) return;
  checkObject(options, 'options', SEND_KEYS);
  checkLimits(options);
  if (options.offline !== undefined) checkBoolean(options.offline, 'options.offline');
  if (options.history !== undefined) checkBoolean(options.history, 'options.history');
}

/** The flags word of a send. */
export function sendFlags(options: PeerSendOptions | undefined): number {
  if (options === undefined) return 0;
  return (options.offline === true ? SendFlag.Offline : 0) | (options.history === true ? SendFlag.History : 0);
}

/** Throws unless `options` can be used for an upload, or with `to` for a download. */
export function checkMediaOptions(options: CallOptions | undefined, download: boolean): void {
  if (options === undefined) return;
  checkObject(options, 'options', [...CALL_KEYS, 'onProgress', ...(download ? ['to'] : [])]);
  checkLimits(options);
  const { onProgress, to } = options as Record<string, unknown>;
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalidArgType('options.onProgress', 'a function', onProgress);
  }
  if (to !== undefined) checkString(to, 'options.to');
}

/** Throws unless `options` can be used for a loop. */
export function checkMessagesOptions(options: MessagesOptions | undefined): void {
  if (options === undefined) return;
  checkObject(options, 'options', ['limit', 'overflow', 'signal']);
  const { limit, signal, overflow }: { limit?: unknown; signal?: unknown; overflow?: unknown } = options;
  if (limit !== undefined) checkInteger(limit, 'options.limit', 1);
  checkSignal(signal);
  if (overflow !== undefined && overflow !== 'error' && overflow !== 'dropOldest') {
    throw typeof overflow === 'string'
      ? invalidArgValue('options.overflow', "'error' or 'dropOldest'", JSON.stringify(overflow))
      : invalidArgType('options.overflow', "'error' or 'dropOldest'", overflow);
  }
}

/** Throws for what has no JSON text, a bigint or a cycle: nothing has begun yet that would have to be undone. */
function checkJson(name: string, value: unknown): void {
  try {
    JSON.stringify(value);
  } catch (error) {
    throw invalidArgValue(name, 'values that JSON has', `what has none: ${String(error).split('\n', 1)[0]}`);
  }
}

/** Login options after the check. */
export interface CheckedLoginOptions extends CallOptions {
  readonly appId: string;
  readonly userId: string;
  readonly token: string;
  readonly unreadLimit: number;
  readonly logFile: string | undefined;
  readonly logFilter: LOG_FILTER_TYPE | undefined;
  readonly logFileSize: number | undefined;
  /** For `setParameters`. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

const LOGIN_KEYS = [
  ...CALL_KEYS,
  'appId',
  'userId',
  'token',
  'endpoints',
  'ca',
  'unreadLimit',
  'logFile',
  'logLevel',
  'logFileSize',
  'parameters',
];

/** Throws unless `options` can be used for a login. */
export function checkLoginOptions(value: unknown): CheckedLoginOptions {
  if (!isObject(value)) throw invalidArgType('options', 'an object with appId, userId and endpoints', value);
  checkKeys(value, 'options', LOGIN_KEYS);
  checkLimits(value);
  const {
    appId,
    userId,
    token = '',
    ca,
    unreadLimit,
    logFile,
    logLevel,
    logFileSize,
    parameters,
    signal,
    timeout,
  } = value as Partial<LoginOptions>;
  const ids = {
    appId: checkString(appId, 'options.appId'),
    userId: checkString(userId, 'options.userId'),
    token: checkString(token, 'options.token'),
  };
  if (ca !== undefined) checkString(ca, 'options.ca');
  if (logFile !== undefined) checkString(logFile, 'options.logFile');
  if (parameters !== undefined && !isObject(parameters))
    throw invalidArgType('options.parameters', 'an object', parameters);
  checkJson('options.parameters', parameters);
  const logFilter = checkLogLevel(logLevel);
  if (logFileSize !== undefined) checkInteger(logFileSize, 'options.logFileSize', 512, 1_048_576);
  if (unreadLimit !== undefined) checkInteger(unreadLimit, 'options.unreadLimit', 0);
  return {
    ...ids,
    unreadLimit: unreadLimit ?? DEFAULT_UNREAD_LIMIT,
    logFile,
    logFilter,
    logFileSize,
    signal,
    timeout,
    parameters: {
      ...parameters,
      'rtm.endpoints': checkEndpoints(value['endpoints']),
      ...(ca !== undefined && { 'rtm.ca_pem': ca }),
    },
  };
}

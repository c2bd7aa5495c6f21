import { checkBoolean, checkInteger, checkKeys, checkObject, checkString, isObject } from '../checks.js';
import { SEND_EXPIRY_UNIT, SendFlag } from '../common-constants.js';
import { checkEndpoints } from '../endpoints.js';
import type { LOG_FILTER_TYPE } from '../enums.js';
import { invalidArgType, invalidArgValue } from '../errors.js';
import { CLIENT_LOG_FILTERS } from '../log-levels.js';
import type { CallOptions } from './abort.js';
import type { OverflowPolicy } from './message-queue.js';

/** Default of the most messages that wait for a loop. */
export const DEFAULT_MESSAGE_LIMIT = 1024;
/** Default of the most messages that wait without a reader; more than a full offline queue of 200. */
export const DEFAULT_UNREAD_LIMIT = 256;

const MAX_TIMEOUT = 2_147_483_647;

/** The lines that a client logs: lines of this level and of higher ones. */
export type LogLevel = keyof typeof CLIENT_LOG_FILTERS;

/** The options of `RtmClient.login()`. */
export interface LoginOptions extends CallOptions {
  /** App ID of the project: 32 hexadecimal characters. */
  readonly appId: string;
  /** Id of the user: 1 to 64 bytes of letters, digits, space and ``!#$%&()+-:;<=.>?@[]^_{}|~,``. */
  readonly userId: string;
  /** Token in format 006 or 007, made for this App ID and user. Leave the token out if the project has no certificate. */
  readonly token?: string | undefined;
  /**
   * Servers to try: `rtms://host[:port][#sha256=<certificate fingerprint>]`, as the server prints it. `rtm://` has no
   * TLS.
   *
   * @defaultValue the environment variable `RTM_ENDPOINTS`
   */
  readonly endpoints?: string | readonly string[] | undefined;
  /**
   * The most messages that wait while neither a `'message'` listener nor a loop takes them, for the client and for each
   * channel; an integer ≥ 0. One more message drops the oldest.
   *
   * @defaultValue 256
   */
  readonly unreadLimit?: number | undefined;
  /** Certificates (PEM) to trust in addition to the system's, for an endpoint without a `#sha256=` pin. */
  readonly ca?: string | undefined;
  /** Absolute path of the client's log file. Its folder must exist. Without a path the client writes no log file. */
  readonly logFile?: string | undefined;
  /**
   * The lowest level of the lines in `logFile` and of `NODE_DEBUG=rtm`.
   *
   * @defaultValue 'info', which is everything
   */
  readonly logLevel?: LogLevel | undefined;
  /**
   * Size of `logFile` in KB, an integer from 512 to 1048576. A full file gets the ending `.1`, replaces the earlier
   * file of this name, and a new file begins.
   *
   * @defaultValue 102400
   */
  readonly logFileSize?: number | undefined;
  /** More settings of the C++ core, as `setParameters` takes them. */
  readonly parameters?: Readonly<Record<string, unknown>> | undefined;
}

/** Options of `RtmClient.logout()`. */
export interface LogoutOptions extends CallOptions {
  /**
   * Whether messages and requests that are on their way get their results first, for at most 2 s. `false` logs out at
   * once: what is on its way rejects with `ERR_RTM_TIMEOUT`, since nobody knows its effect. A second
   * `logout({ drain: false })` ends the wait of the first call.
   *
   * @defaultValue true
   */
  readonly drain?: boolean | undefined;
}

/** Options of every message. */
export interface SendOptions extends CallOptions {
  /**
   * Milliseconds from now after which nobody shall get the message any more: an integer from 1 to 604800000 (7 days).
   * A message that has not left by then never does (`ERR_RTM_TIMEOUT` with `sent: false`). A message that has left is
   * neither stored nor delivered any more (`ERR_RTM_FAILURE`), and a stored message is dropped. No effect on what the
   * receiver's link was handed before, or on the history.
   *
   * @defaultValue the message does not expire
   */
  readonly expiresInMs?: number | undefined;
}

/** Options of a peer message. */
export interface PeerSendOptions extends SendOptions {
  /**
   * Stores the message for up to 7 days if the receiver is offline. The send then resolves with `delivery: 'cached'`,
   * and the message comes at the receiver's next login, before newer messages. The server keeps the newest 200 messages
   * for each receiver.
   */
  readonly offline?: boolean | undefined;
  /** Keep the message, text only, for 7 days, for `client.history`. */
  readonly history?: boolean | undefined;
}

/** Options of a channel message. */
export interface ChannelSendOptions extends SendOptions {
  /** Keep the message, text only, for 7 days, for `client.history`. */
  readonly history?: boolean | undefined;
}

/** Options of a write of channel attributes. */
export interface AttributeWriteOptions extends CallOptions {
  /**
   * Tells all members of the channel by the event `'attributes'`, including this user if the user is a member.
   *
   * @defaultValue false
   */
  readonly notify?: boolean | undefined;
}

/** Options of an invitation to a call. */
export interface InviteOptions extends CallOptions {
  /** Text for the callee, up to 8 KB without NUL. */
  readonly content?: string | undefined;
  /** Id of a channel for the call. The invitation does not join this channel. */
  readonly channelId?: string | undefined;
}

/** Options of a `messages()` loop. */
export interface MessagesOptions {
  /**
   * Most messages that wait for the loop; an integer ≥ 1.
   *
   * @defaultValue 1024
   */
  readonly limit?: number | undefined;
  /**
   * The behaviour at the limit. The default is an error, because a loop that silently skips messages looks exactly like
   * a loop that got them all. Use `'dropOldest'` if only the newest messages matter.
   *
   * @defaultValue 'error'
   */
  readonly overflow?: OverflowPolicy | undefined;
  /** Ends the loop: its next step rejects with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** No gaps; see {@link GapMessagesOptions}. */
  readonly gaps?: false | undefined;
}

/** Options of a `messages()` loop that also gets gaps. */
export interface GapMessagesOptions extends Omit<MessagesOptions, 'gaps'> {
  /**
   * The loop also gets a `MessageGap`, whose `type` is `'gap'`, where messages are missing since the link was lost, or
   * may be.
   */
  readonly gaps: true;
}

function checkLogLevel(level: unknown): LOG_FILTER_TYPE | undefined {
  if (level === undefined) return undefined;
  const name = checkString(level, 'options.logLevel');
  if (Object.hasOwn(CLIENT_LOG_FILTERS, name)) return CLIENT_LOG_FILTERS[name as LogLevel];
  throw invalidArgValue(
    'options.logLevel',
    `one of ${Object.keys(CLIENT_LOG_FILTERS).join(', ')}`,
    JSON.stringify(name),
  );
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
const SEND_KEYS = [...CALL_KEYS, 'offline', 'history', 'expiresInMs'];
/** As long as the server keeps an offline message. */
const MAX_EXPIRY = 7 * 24 * 3600 * 1000;

/** Throws if `options` has an unknown key, or an invalid signal or timeout. */
export function checkCallOptions(options: CallOptions | undefined): void {
  if (options === undefined) return;
  checkObject(options, 'options', CALL_KEYS);
  checkLimits(options);
}

/** Throws unless `options` are valid for a logout. */
export function checkLogoutOptions(options: LogoutOptions | undefined): void {
  if (options === undefined) return;
  checkObject(options, 'options', [...CALL_KEYS, 'drain']);
  checkLimits(options);
  if (options.drain !== undefined) checkBoolean(options.drain, 'options.drain');
}

/** Throws unless `options` are valid for a write of channel attributes. */
export function checkWriteOptions(options: AttributeWriteOptions | undefined): void {
  if (options === undefined) return;
  checkObject(options, 'options', [...CALL_KEYS, 'notify']);
  checkLimits(options);
  if (options.notify !== undefined) checkBoolean(options.notify, 'options.notify');
}

/** Throws unless `options` are valid for an invitation. */
export function checkInviteOptions(options: InviteOptions | undefined): void {
  if (options === undefined) return;
  checkObject(options, 'options', [...CALL_KEYS, 'content', 'channelId']);
  checkLimits(options);
  if (options.content !== undefined) checkString(options.content, 'options.content');
  if (options.channelId !== undefined) checkString(options.channelId, 'options.channelId');
}

/** Throws unless `options` are valid for a send. */
export function checkSendOptions(options: PeerSendOptions | undefined): void {
  if (options === undefined) return;
  checkObject(options, 'options', SEND_KEYS);
  checkLimits(options);
  if (options.offline !== undefined) checkBoolean(options.offline, 'options.offline');
  if (options.history !== undefined) checkBoolean(options.history, 'options.history');
  if (options.expiresInMs !== undefined) checkInteger(options.expiresInMs, 'options.expiresInMs', 1, MAX_EXPIRY);
}

/** The flags number of a send. */
export function sendFlags(options: PeerSendOptions | undefined): number {
  if (options === undefined) return 0;
  const flags = (options.offline === true ? SendFlag.Offline : 0) | (options.history === true ? SendFlag.History : 0);
  return options.expiresInMs === undefined ? flags : flags + options.expiresInMs * SEND_EXPIRY_UNIT;
}

/** Throws unless `options` are valid for an upload or a download; only a download has `to`. */
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

/** Throws unless `options` are valid for a loop. */
export function checkMessagesOptions(options: MessagesOptions | GapMessagesOptions | undefined): void {
  if (options === undefined) return;
  checkObject(options, 'options', ['limit', 'overflow', 'signal', 'gaps']);
  const { limit, signal, overflow, gaps }: { [K in keyof MessagesOptions]?: unknown } = options;
  if (gaps !== undefined) checkBoolean(gaps, 'options.gaps');
  if (limit !== undefined) checkInteger(limit, 'options.limit', 1);
  checkSignal(signal);
  if (overflow !== undefined && overflow !== 'error' && overflow !== 'dropOldest') {
    throw typeof overflow === 'string'
      ? invalidArgValue('options.overflow', "'error' or 'dropOldest'", JSON.stringify(overflow))
      : invalidArgType('options.overflow', "'error' or 'dropOldest'", overflow);
  }
}

/** Throws for a value without a JSON text, such as a bigint or a cycle, before the login changes anything. */
function checkJson(name: string, value: unknown): void {
  try {
    JSON.stringify(value);
  } catch (error) {
    throw invalidArgValue(name, 'values that JSON has', `what has none: ${String(error).split('\n', 1)[0]}`);
  }
}

/** The options of a login after the check. */
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

/** Throws unless `options` are valid for a login. Returns them with the defaults. */
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

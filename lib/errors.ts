import * as enums from './enums.js';
import { REQUEST_OPERATIONS } from './request-operations.js';

/**
 * The operations of an {@link RtmError}: the name as in the C++ surface, and the enumeration of its `reason`. Codes,
 * messages and types are made from this table.
 */
export const OPERATIONS = {
  initialize: enums.INIT_ERR_CODE,
  login: enums.LOGIN_ERR_CODE,
  logout: enums.LOGOUT_ERR_CODE,
  renewToken: enums.RENEW_TOKEN_ERR_CODE,
  sendMessageToPeer: enums.PEER_MESSAGE_ERR_CODE,
  join: enums.JOIN_CHANNEL_ERR,
  leave: enums.LEAVE_CHANNEL_ERR,
  sendMessage: enums.CHANNEL_MESSAGE_ERR_CODE,
  getMembers: enums.GET_MEMBERS_ERR,
  ...REQUEST_OPERATIONS,
  localInvitation: enums.LOCAL_INVITATION_ERR_CODE,
  remoteInvitation: enums.REMOTE_INVITATION_ERR_CODE,
  invitationCall: enums.INVITATION_API_CALL_ERR_CODE,
  setRtmServiceContext: enums.SET_RTM_SERVICE_CONTEXT_ERR_CODE,
} as const;

/** An operation with an error enumeration of its own. */
export type RtmSdkOperation = keyof typeof OPERATIONS;

type MemberOf<O> = O extends RtmSdkOperation ? keyof (typeof OPERATIONS)[O] & string : never;
/** `LOGIN_ERR_INVALID_TOKEN` → `INVALID_TOKEN`. Two enumerations name a member without `_ERR_`. */
type Suffix<M extends string> = M extends `${string}_ERR_CODE_${infer S}`
  ? S
  : M extends `${string}_ERR_${infer S}`
    ? S
    : M extends `${string}_TIMEOUT`
      ? 'TIMEOUT'
      : never;

/** Spellings that differ between the enumerations and mean the same. */
const SYNONYMS = {
  USER_NOT_LOGGED_IN: 'NOT_LOGGED_IN',
  NOT_LOGGEDIN: 'NOT_LOGGED_IN',
  SENT_TIMEOUT: 'TIMEOUT',
  INVALID_USERID: 'INVALID_USER_ID',
  IMCOMPATIBLE_MESSAGE: 'INCOMPATIBLE_MESSAGE',
  JOIN_SAME_CHANNEL_TOO_OFTEN: 'TOO_OFTEN',
} as const;

type Plain<S extends string> = S extends keyof typeof SYNONYMS ? (typeof SYNONYMS)[S] : Exclude<S, 'OK'>;

/** Codes of failures that no enumeration of the SDK has. */
const OWN_CODES = {
  ERR_RTM_INVALID_ARG_TYPE: 'an argument has the wrong type',
  ERR_RTM_INVALID_ARG_VALUE: 'an argument has a value that cannot be used',
  ERR_RTM_TIMEOUT: 'the time given for the call is over',
  ERR_RTM_CLOSED: 'the object is closed',
  ERR_RTM_BUSY: 'the object is in use in a way that excludes this one',
  ERR_RTM_SLOW_CONSUMER: 'messages came faster than they were read, and some were lost',
  ERR_RTM_REMOTE_LOGIN: 'the same user logged in elsewhere, which ended this login',
  ERR_RTM_BANNED_BY_SERVER: 'the server ended the login and refuses the user',
  ERR_RTM_SERVER_START: 'the server could not be started',
  ERR_RTM_SERVER_CERTIFICATE: 'the certificate of the server was not replaced',
  ERR_RTM_ADDON: 'the native addon could not be loaded',
} as const;

/** Codes made from the members of the SDK's error enumerations, such as `ERR_RTM_TOO_OFTEN`. */
export type RtmSdkErrorCode = `ERR_RTM_${Plain<Suffix<MemberOf<RtmSdkOperation>>>}`;

/**
 * The stable names of failures. The same thing has the same name for all operations: `ERR_RTM_TOO_OFTEN` is a used-up
 * rate for `login` as for `join`; which operation it was is in `operation`, the SDK's own number in `reason`.
 */
export type RtmErrorCode = RtmSdkErrorCode | keyof typeof OWN_CODES;

/** Failures that may be gone when the same call is made again later. */
const TEMPORARY: ReadonlySet<string> = new Set(['TIMEOUT', 'TOO_OFTEN', 'PEER_UNREACHABLE']);

function suffixOf(member: string): string {
  const suffix = /_ERR_(?:CODE_)?(.+)$/.exec(member)?.[1] ?? /_(TIMEOUT)$/.exec(member)?.[1] ?? member;
  return suffix in SYNONYMS ? SYNONYMS[suffix as keyof typeof SYNONYMS] : suffix;
}

/** The meaning of one number of one operation. */
interface Entry {
  readonly code: RtmErrorCode;
  readonly member: string;
  readonly temporary: boolean;
}

const tables = new Map<string, ReadonlyMap<number, Entry>>();

function entryOf(operation: RtmSdkOperation, reason: number): Entry | undefined {
  let table = tables.get(operation);
  if (!table) {
    const entries = Object.entries(OPERATIONS[operation]).map(([member, value]): [number, Entry] => {
      const suffix = suffixOf(member);
      return [value, { code: `ERR_RTM_${suffix}` as RtmErrorCode, member, temporary: TEMPORARY.has(suffix) }];
    });
    table = new Map(entries);
    tables.set(operation, table);
  }
  return table.get(reason);
}

/** The number of an operation's enumeration that stands for "timed out", if it has one. */
export function timeoutReasonOf(operation: RtmSdkOperation): number | undefined {
  for (const [member, reason] of Object.entries(OPERATIONS[operation])) {
    if (suffixOf(member) === 'TIMEOUT') return reason;
  }
  return undefined;
}

/** More about a failure, for the constructor of {@link RtmError}. */
export interface RtmErrorOptions extends ErrorOptions {
  /** Name of the method that failed. */
  readonly operation?: string | undefined;
  /** Number of the SDK's error enumeration of that operation. */
  readonly reason?: number | undefined;
  /** True if the same call may succeed later. */
  readonly temporary?: boolean | undefined;
  /** Whether the call left this process. */
  readonly sent?: boolean | undefined;
}

/**
 * A failure of the messaging system, as promises reject with it. Recognise failures by `code` (or `reason`), never by
 * the message. Wrong argument types are a `TypeError` instead, with `code` `ERR_RTM_INVALID_ARG_TYPE`.
 *
 * A structured clone of an error, as `postMessage` makes, keeps no properties of its own: send `error.toJSON()` to
 * another thread.
 */
export class RtmError extends Error {
  /** `RtmError`, also in a copy of this package. */
  override readonly name = 'RtmError';
  /** Stable name of the failure. */
  readonly code: RtmErrorCode;
  /** Name of the method that failed; empty if there is none. */
  readonly operation: string;
  /** The number in the SDK's error enumeration of the operation (docs/spec/enums.md); undefined where none applies. */
  readonly reason: number | undefined;
  /** True if the same call may succeed later: a timeout, a used-up rate, a peer that is offline. */
  readonly temporary: boolean;
  /**
   * Of a message or request that ended without an answer: `false` if it never left this process and never will, so that
   * it has no effect; `true` if it left, and nobody knows its effect. Undefined of everything else.
   */
  readonly sent: boolean | undefined;

  constructor(code: RtmErrorCode, message: string, options: RtmErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.operation = options.operation ?? '';
    this.reason = options.reason;
    this.sent = options.sent;
    this.temporary = options.temporary ?? TEMPORARY.has(code.slice('ERR_RTM_'.length));
  }

  /**
   * The error for a return value or a callback's code other than 0.
   *
   * @param operation - name of the operation as in the C++ surface
   * @param reason - the number it gave; a number that the enumeration does not have becomes `ERR_RTM_FAILURE`
   * @param detail - what the message should say besides, such as the channel's id
   * @param unsent - true: the call never left this process; false: it did; undefined: not known
   */
  static from(
    operation: RtmSdkOperation,
    reason: number,
    detail?: string,
    cause?: unknown,
    unsent?: boolean,
  ): RtmError {
    const entry = entryOf(operation, reason);
    const what = `${operation} failed: ${entry?.member ?? 'unknown code'} (${reason})${unsent ? ', not sent' : ''}`;
    const sent = unsent ? false : unsent === false && entry?.code === 'ERR_RTM_TIMEOUT' ? true : undefined;
    return new RtmError(entry?.code ?? 'ERR_RTM_FAILURE', detail === undefined ? what : `${what}: ${detail}`, {
      operation,
      reason,
      temporary: entry?.temporary ?? false,
      sent,
      ...(cause !== undefined && { cause }),
    });
  }

  /** What `JSON.stringify` writes: all but the stack and the cause. */
  toJSON(): Pick<RtmError, 'name' | 'message' | 'code' | 'operation' | 'reason' | 'temporary' | 'sent'> {
    const { name, message, code, operation, reason, temporary, sent } = this;
    return { name, message, code, operation, reason, temporary, sent };
  }

  /** True for an {@link RtmError}, and, with `code`, only for one of that code. Works across copies of this package. */
  static is<C extends RtmErrorCode>(error: unknown, code?: C): error is RtmError & { readonly code: C } {
    if (!(error instanceof Error) || error.name !== 'RtmError') return false;
    return code === undefined || (error as RtmError).code === code;
  }
}

/** A `TypeError` with Node's own habit of a `code`, and what was expected and given. */
export interface ArgumentError extends TypeError {
  /** Whether the type is wrong, or a value of the right type. */
  readonly code: 'ERR_RTM_INVALID_ARG_TYPE' | 'ERR_RTM_INVALID_ARG_VALUE';
  /** Name of the argument, such as `peerId` or `options.port`. */
  readonly argument: string;
  /** Accepted values, in words. */
  readonly expected: string;
  /** The value that came, in words; never the content of messages or tokens. */
  readonly actual: string;
}

/** Says what a value is without giving it away: "number", "null", "an instance of Date". */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'function') return `function ${value.name}`.trimEnd();
  if (typeof value !== 'object') return `type ${typeof value}`;
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an object';
}

function argumentError(code: ArgumentError['code'], argument: string, expected: string, actual: string): ArgumentError {
  const error = new TypeError(`${argument}: expected ${expected}, received ${actual}`);
  return Object.assign(error, { code, argument, expected, actual });
}

/** The error for an argument of the wrong JavaScript type. */
export function invalidArgType(argument: string, expected: string, value: unknown): ArgumentError {
  return argumentError('ERR_RTM_INVALID_ARG_TYPE', argument, expected, describe(value));
}

/** The error for an argument of the right type that cannot be used; `actual` says what came. */
export function invalidArgValue(argument: string, expected: string, actual: string): ArgumentError {
  return argumentError('ERR_RTM_INVALID_ARG_VALUE', argument, expected, actual);
}

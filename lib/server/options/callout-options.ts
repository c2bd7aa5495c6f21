import { checkInteger, checkObject, checkString, checkStrings } from '../../checks.js';
import { invalidArgType, invalidArgValue } from '../../errors.js';
import { CALLOUT_EVENTS, type RtmServerCalloutEvent } from './rule-actions.js';

/** What a user wants to do, for {@link RtmServerAuthorize}. It holds no token. */
export interface RtmServerAuthorizeRequest {
  /** `login`: log in, or go on after a lost link; `join`: join `channel`; `renew`: go on with a new token. */
  readonly event: RtmServerCalloutEvent;
  /** The App ID. */
  readonly app: string;
  /** Id of the user. Its token is good. */
  readonly user: string;
  /** Id of the channel; only with `join`. */
  readonly channel?: string | undefined;
  /** IP address of the user. */
  readonly address: string;
}

/** The answer to {@link RtmServerAuthorizeRequest}. */
export interface RtmServerAuthorizeAnswer {
  /** Whether the user may do it. */
  readonly allow: boolean;
  /**
   * Of a login or a renewal: the roles of the user, for `roles` of rules; at most 32. A renewal without them leaves the
   * roles that the user has.
   */
  readonly roles?: readonly string[] | undefined;
  /**
   * How long the same request gets this answer without being asked again, in milliseconds, 0 to 3600000.
   *
   * @defaultValue 0
   */
  readonly cacheMs?: number | undefined;
}

/**
 * Decides about a request, with a promise or at once. `signal` is aborted when the answer would be too late. What it
 * throws or rejects with counts as a failure, as does an answer of another form.
 */
export type RtmServerAuthorize = (
  request: RtmServerAuthorizeRequest,
  options: { readonly signal: AbortSignal },
) => RtmServerAuthorizeAnswer | PromiseLike<RtmServerAuthorizeAnswer>;

/** How a server asks {@link RtmServerAuthorize}, or a web server. */
export interface RtmServerCallout {
  /**
   * Where requests are sent as JSON, by POST: `https://…`, or `http://` to this machine. Not with `authorize`.
   * (docs/configuration.md, The callout)
   */
  readonly url?: string | undefined;
  /** With `url`: signs the requests; 16 to 1024 bytes. */
  readonly secret?: string | undefined;
  /**
   * The event that the callout is asked about.
   *
   * @defaultValue `['login', 'join']`
   */
  readonly ask?: readonly RtmServerCalloutEvent[] | undefined;
  /**
   * Time for an answer in milliseconds, 10 to 5000.
   *
   * @defaultValue 1500
   */
  readonly timeoutMs?: number | undefined;
  /**
   * What counts when an answer is late, malformed or missing. `deny`: no; a client that logs in is told to try again
   * later. `allow`: yes, without roles. `last`: the last answer to the same request if it is at most 5 minutes old, else
   * no.
   *
   * @defaultValue 'deny'
   */
  readonly onFailure?: 'deny' | 'allow' | 'last' | undefined;
}

/** Checked. */
export interface CalloutSettings {
  readonly ask: readonly RtmServerCalloutEvent[];
  readonly timeoutMs: number;
  readonly onFailure: 'deny' | 'allow' | 'last';
  readonly authorize: RtmServerAuthorize | { readonly url: URL; readonly secret: string };
}

export const FAILURE_CHOICES = ['deny', 'allow', 'last'] as const;
const TIMEOUT = { least: 10, most: 5000, byDefault: 1500 } as const;
const SECRET_BYTES = { least: 16, most: 1024 } as const;

/** Whether a URL may be asked: what travels in the clear must not leave this machine. */
export function isCalloutUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username !== '' || password !== '') return false;
  const here = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && here);
}
export const CALLOUT_URL_TEXT = 'https://…, or http:// to this machine, without a password';

function checkSecret(value: unknown, name: string): string {
  const secret = checkString(value, name);
  const size = Buffer.byteLength(secret);
  if (size < SECRET_BYTES.least || size > SECRET_BYTES.most) {
    throw invalidArgValue(name, `${SECRET_BYTES.least} to ${SECRET_BYTES.most} bytes`, `${size} bytes`);
  }
  return secret;
}

/** Checks the options `authorize` and `callout`; undefined if nobody is to be asked. Throws {@link ArgumentError}. */
export function checkCallout(authorize: unknown, callout: unknown): CalloutSettings | undefined {
  if (authorize !== undefined && typeof authorize !== 'function') {
    throw invalidArgType('options.authorize', 'a function', authorize);
  }
  if (authorize === undefined && callout === undefined) return undefined;
  const name = 'options.callout';
  const given = checkObject(callout ?? {}, name, ['url', 'secret', 'ask', 'timeoutMs', 'onFailure']);
  const { url, secret, ask = ['login', 'join'], timeoutMs = TIMEOUT.byDefault, onFailure = 'deny' } = given;
  if ((url === undefined) === (authorize === undefined)) {
    throw invalidArgValue(`${name}.url`, 'a URL, or "authorize"', url === undefined ? 'none of them' : 'both');
  }
  const events = checkStrings(ask, `${name}.ask`);
  const wrong = events.findIndex((event) => !(CALLOUT_EVENTS as readonly string[]).includes(event));
  if (wrong !== -1) {
    throw invalidArgValue(
      `${name}.ask[${wrong}]`,
      `one of ${CALLOUT_EVENTS.join(', ')}`,
      JSON.stringify(events[wrong]),
    );
  }
  if (events.length === 0) throw invalidArgValue(`${name}.ask`, 'at least one event', 'an empty array');
  if (!(FAILURE_CHOICES as readonly unknown[]).includes(onFailure)) {
    throw invalidArgValue(`${name}.onFailure`, `one of ${FAILURE_CHOICES.join(', ')}`, JSON.stringify(onFailure));
  }
  return {
    ask: events as readonly RtmServerCalloutEvent[],
    timeoutMs: checkInteger(timeoutMs, `${name}.timeoutMs`, TIMEOUT.least, TIMEOUT.most),
    onFailure: onFailure as CalloutSettings['onFailure'],
    authorize: checkWhom(authorize as RtmServerAuthorize | undefined, url, secret, name),
  };
}

function checkWhom(
  authorize: RtmServerAuthorize | undefined,
  url: unknown,
  secret: unknown,
  name: string,
): CalloutSettings['authorize'] {
  if (authorize !== undefined) {
    if (secret !== undefined) throw invalidArgValue(`${name}.secret`, 'none with "authorize"', 'one');
    return authorize;
  }
  const text = checkString(url, `${name}.url`);
  if (!isCalloutUrl(text)) throw invalidArgValue(`${name}.url`, CALLOUT_URL_TEXT, `${text.length} characters`);
  return { url: new URL(text), secret: checkSecret(secret, `${name}.secret`) };
}

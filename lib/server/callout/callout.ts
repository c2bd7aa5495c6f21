// Asks somebody else whether a user may log in, join, or renew: at most so many at a time, each for a limited time, and not
// again while an answer is good.

import type {
  CalloutSettings,
  RtmServerAuthorize,
  RtmServerAuthorizeAnswer,
  RtmServerAuthorizeRequest,
} from '../options/callout-options.js';
import type { RtmServerCalloutEvent } from '../options/rule-actions.js';
import { isRole } from '../options/rules.js';
import { httpAuthorize } from './http-authorize.js';

/** What a loop gets. */
export interface CalloutAnswer {
  readonly allowed: boolean;
  /** The callout said so, now or before; else the setting `onFailure` did. */
  readonly known: boolean;
  readonly roles: readonly string[];
  /** Why there is no answer, in the server's own words; empty: there is one. */
  readonly failure: string;
}

const MOST_IN_FLIGHT = 256;
/** A storm of logins waits here; more fail at once. */
const MOST_WAITING = 8192;
const MOST_KEPT = 65_536;
const LAST_MS = 300_000;
const MOST_CACHE_MS = 3_600_000;
const MOST_ROLES = 32;

/** An answer that may be used again. */
interface Kept {
  readonly allow: boolean;
  readonly roles: readonly string[];
  /** Until when it is as good as a new one. */
  readonly freshUntil: number;
  /** Until when `onFailure: last` takes it. */
  readonly until: number;
}

/** What is wrong with an answer; undefined: nothing. It quotes nothing, because the line goes to a log. */
export function wrongWith(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return 'expected an object';
  const { allow, roles = [], cacheMs = 0 } = answer as Record<string, unknown>;
  if (typeof allow !== 'boolean') return `allow: expected true or false, got a value of type ${typeof allow}`;
  if (!Array.isArray(roles) || roles.length > MOST_ROLES || !roles.every((r) => typeof r === 'string' && isRole(r))) {
    return `roles: expected up to ${MOST_ROLES} names of 1 to 64 characters of ids`;
  }
  if (typeof cacheMs !== 'number' || !Number.isInteger(cacheMs) || cacheMs < 0 || cacheMs > MOST_CACHE_MS) {
    return `cacheMs: expected a whole number from 0 to ${MOST_CACHE_MS}`;
  }
  return undefined;
}

/** Words of an error for one field of one line of the log. */
function wordsOf(error: unknown): string {
  const { code, message } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  const cause = error instanceof Error && error.cause !== undefined ? wordsOf(error.cause) : '';
  const words = [...new Set([code, message].filter((each) => each !== undefined && each !== ''))].join(' ');
  const all = cause === '' ? words : `${words}: ${cause}`;
  return (all === '' ? 'it failed without a reason' : all).replaceAll(/[^ -<>-~]+/g, ' ').slice(0, 200);
}

export class Callout {
  readonly #ask: RtmServerAuthorize;
  readonly #timeoutMs: number;
  readonly #onFailure: CalloutSettings['onFailure'];
  readonly #now: () => number;
  /** Oldest first. */
  readonly #kept = new Map<string, Kept>();
  /** Requests that have no answer yet, by what they ask. */
  readonly #asked = new Map<string, Promise<CalloutAnswer>>();
  readonly #waiting: { readonly signal: AbortSignal; readonly resolve: () => void }[] = [];
  /** Of the requests under way. */
  readonly #controllers = new Set<AbortController>();
  #inFlight = 0;

  /** `now`: a clock in milliseconds that tests set. */
  constructor(settings: CalloutSettings, now: () => number = () => performance.now()) {
    const { authorize, timeoutMs, onFailure } = settings;
    this.#ask = typeof authorize === 'function' ? authorize : httpAuthorize(authorize);
    this.#timeoutMs = timeoutMs;
    this.#onFailure = onFailure;
    this.#now = now;
  }

  /** Never rejects. The same request at the same time is asked once. */
  authorize(event: string, app: string, user: string, channel: string, address: string): Promise<CalloutAnswer> {
    const key = JSON.stringify([event, app, user, channel]);
    const kept = this.#kept.get(key);
    if (kept && this.#now() < kept.freshUntil) {
      return Promise.resolve({ allowed: kept.allow, known: true, roles: kept.roles, failure: '' });
    }
    const before = this.#asked.get(key);
    if (before !== undefined) return before;
    const request: RtmServerAuthorizeRequest = {
      event: event as RtmServerCalloutEvent,
      app,
      user,
      ...(channel !== '' && { channel }),
      address,
    };
    const answer = this.#try(request)
      .then(
        (given) => this.#keep(key, given),
        (error: unknown) => this.#failed(key, wordsOf(error)),
      )
      .finally(() => this.#asked.delete(key));
    this.#asked.set(key, answer);
    return answer;
  }

  /** Ends what is under way. */
  close(): void {
    for (const controller of this.#controllers) controller.abort(new Error('the server closes'));
  }

  /** One request with its time, of which waiting for others is a part. */
  async #try(request: RtmServerAuthorizeRequest): Promise<RtmServerAuthorizeAnswer> {
    const controller = new AbortController();
    const { signal } = controller;
    this.#controllers.add(controller);
    const late = () => controller.abort(new Error(`no answer within ${this.#timeoutMs} ms`));
    const timer = setTimeout(late, this.#timeoutMs);
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    aborted.catch(() => {}); // it may come when nobody waits any more
    try {
      await Promise.race([this.#turn(signal), aborted]);
      try {
        const answer = await Promise.race([this.#ask(request, { signal }), aborted]);
        const wrong = wrongWith(answer);
        if (wrong !== undefined) throw new Error(`malformed answer: ${wrong}`);
        return answer;
      } finally {
        this.#next();
      }
    } finally {
      clearTimeout(timer);
      this.#controllers.delete(controller);
    }
  }

  /** Resolves when the request may be made. */
  #turn(signal: AbortSignal): Promise<void> {
    if (this.#inFlight < MOST_IN_FLIGHT) {
      this.#inFlight++;
      return Promise.resolve();
    }
    if (this.#waiting.length >= MOST_WAITING) return Promise.reject(new Error(`${MOST_WAITING} requests wait already`));
    return new Promise((resolve) => {
      this.#waiting.push({ signal, resolve });
    });
  }

  /** A request has ended: the next one whose time is not over gets its place. */
  #next(): void {
    let next = this.#waiting.shift();
    while (next?.signal.aborted) next = this.#waiting.shift();
    if (next) next.resolve();
    else this.#inFlight--;
  }

  #keep(key: string, { allow, roles = [], cacheMs = 0 }: RtmServerAuthorizeAnswer): CalloutAnswer {
    const now = this.#now();
    this.#kept.delete(key);
    if (cacheMs > 0 || this.#onFailure === 'last') {
      const until = this.#onFailure === 'last' ? now + Math.max(cacheMs, LAST_MS) : now + cacheMs;
      this.#kept.set(key, { allow, roles: [...roles], freshUntil: now + cacheMs, until });
      const [oldest = ''] = this.#kept.keys();
      if (this.#kept.size > MOST_KEPT) this.#kept.delete(oldest);
    }
    return { allowed: allow, known: true, roles: [...roles], failure: '' };
  }

  #failed(key: string, failure: string): CalloutAnswer {
    const last = this.#onFailure === 'last' ? this.#kept.get(key) : undefined;
    if (last && this.#now() < last.until) return { allowed: last.allow, known: true, roles: last.roles, failure };
    return { allowed: this.#onFailure === 'allow', known: false, roles: [], failure };
  }
}

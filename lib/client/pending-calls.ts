import { RtmError } from '../errors.js';
import { type RequestDiagnostic, requestChannel } from '../native/diagnostics.js';
import type { Abortable, AbortWatch, CallOptions } from './abort.js';

/** How a pending call introduces itself in errors. */
export interface CallContext {
  /** The operation's name in {@link RtmError.operation}. */
  readonly operation: string;
  /** The SDK's number for "timed out" in the enumeration of this operation. */
  readonly timeoutReason?: number | undefined;
  /** It is a request to the server, of which `rtm:request` tells. */
  readonly request?: boolean | undefined;
  /** A further reason for the error of an expiry. */
  readonly detail?: (() => string) | undefined;
}

/** A request that somebody wants to hear of. */
interface Traced {
  readonly userId: string;
  readonly startedAt: number;
}

/**
 * One awaited answer: a promise, and what may end it early.
 *
 * Settles once. Without `timeout` and `signal` it is nothing but the promise's two functions, since there is one for
 * every message sent.
 */
export class PendingCall<V> implements Abortable {
  readonly promise: Promise<V>;
  /** The subject of the call for its error, such as the receiver's id. */
  readonly about: string | undefined;
  readonly #context: CallContext;
  readonly #onGiveUp: ((call: PendingCall<V>) => void) | undefined;
  #resolve!: (value: V | PromiseLike<V>) => void;
  #reject!: (error: unknown) => void;
  #settled = false;
  #timer: NodeJS.Timeout | undefined;
  #watch: AbortWatch | undefined;
  #signal: AbortSignal | undefined;
  #traced: Traced | undefined;

  /**
   * @param onGiveUp - called when the timeout or the signal ends the call before an answer does
   */
  constructor(
    context: CallContext,
    options: CallOptions | undefined,
    watch: AbortWatch,
    onGiveUp?: (call: PendingCall<V>) => void,
    about?: string,
  ) {
    this.about = about;
    this.#context = context;
    this.#onGiveUp = onGiveUp;
    if (context.request === true && requestChannel.hasSubscribers) {
      this.#traced = { userId: watch.userId, startedAt: performance.now() };
    }
    this.promise = new Promise<V>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const timeout = options?.timeout;
    if (timeout !== undefined) {
      // A client that should keep the process alive does so by itself; a timer must not undo its unref().
      this.#timer = setTimeout(() => this.#expire(timeout), timeout).unref();
    }
    const signal = options?.signal;
    if (signal) {
      this.#watch = watch;
      this.#signal = signal;
      watch.add(signal, this);
    }
  }

  get settled(): boolean {
    return this.#settled;
  }

  resolve(value: V): void {
    if (!this.#finish()) return;
    if (this.#traced) this.#publish(this.#traced, 'ok', undefined);
    this.#resolve(value);
  }

  reject(error: unknown): void {
    if (!this.#finish()) return;
    if (this.#traced) this.#publish(this.#traced, 'failed', error);
    this.#reject(error);
  }

  abort(reason: unknown): void {
    if (!this.#finish()) return;
    if (this.#traced) this.#publish(this.#traced, 'aborted', reason);
    this.#reject(reason);
    this.#onGiveUp?.(this);
  }

  #expire(timeout: number): void {
    const { operation, timeoutReason, detail } = this.#context;
    const why = detail?.() ?? '';
    const message = `${operation} was not answered within the ${timeout} ms given`;
    this.abort(
      new RtmError('ERR_RTM_TIMEOUT', why === '' ? message : `${message}; last attempt: ${inOneLine(why)}`, {
        operation,
        reason: timeoutReason,
        ...(why !== '' && { cause: new Error(why) }),
      }),
    );
  }

  #publish({ userId, startedAt }: Traced, outcome: RequestDiagnostic['outcome'], error: unknown): void {
    const { operation } = this.#context;
    const code = error instanceof RtmError ? error.code : undefined;
    requestChannel.publish({ userId, operation, duration: performance.now() - startedAt, outcome, code });
  }

  #finish(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    if (this.#signal) this.#watch?.remove(this.#signal, this);
    this.#timer = undefined;
    this.#signal = undefined;
    return true;
  }
}

/** The lines of a reason, as a part of an error's message. */
export function inOneLine(lines: string): string {
  return lines.replaceAll('\n', '; ');
}

/** Answers that come with an id, such as the results of sends. An answer to a call that gave up finds nothing. */
export class PendingCalls<V> {
  readonly #calls = new Map<number, PendingCall<V>>();
  readonly #context: CallContext;
  readonly #watch: AbortWatch;

  constructor(context: CallContext, watch: AbortWatch) {
    this.#context = context;
    this.#watch = watch;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** Waits for the answer with this id, which must not be waited for already. */
  add(id: number, options?: CallOptions, about?: string): Promise<V> {
    const hasLimit = options !== undefined && (options.signal !== undefined || options.timeout !== undefined);
    const giveUp = hasLimit ? () => this.#calls.delete(id) : undefined;
    const call = new PendingCall<V>(this.#context, options, this.#watch, giveUp, about);
    this.#calls.set(id, call);
    return call.promise;
  }

  /** Takes out the call an answer is for. */
  take(id: number): PendingCall<V> | undefined {
    const call = this.#calls.get(id);
    if (call) this.#calls.delete(id);
    return call;
  }

  /** @param errorOf - makes the error, which names the operation */
  rejectAll(errorOf: (operation: string) => unknown): void {
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    for (const call of calls) call.reject(errorOf(this.#context.operation));
  }
}

/**
 * Answers without an id, such as member lists, which come in the order of the calls; of calls with a tag, in the order
 * of those with that tag. A call that gave up keeps its place, so that its late answer is not taken for the next one's.
 */
export class PendingQueue<V> {
  #calls: { readonly call: PendingCall<V>; readonly tag: string | undefined }[] = [];
  readonly #context: CallContext;
  readonly #watch: AbortWatch;

  constructor(context: CallContext, watch: AbortWatch) {
    this.#context = context;
    this.#watch = watch;
  }

  get size(): number {
    return this.#calls.length;
  }

  add(options?: CallOptions, tag?: string): Promise<V> {
    const call = new PendingCall<V>(this.#context, options, this.#watch);
    this.#calls.push({ call, tag });
    return call.promise;
  }

  /** Takes out the call that has waited longest; settling one that gave up does nothing. */
  take(tag?: string): PendingCall<V> | undefined {
    const index = this.#calls.findIndex((each) => each.tag === tag);
    return index < 0 ? undefined : this.#calls.splice(index, 1)[0]?.call;
  }

  /** @param errorOf - makes the error, which names the operation */
  rejectAll(errorOf: (operation: string) => unknown): void {
    const calls = this.#calls;
    this.#calls = [];
    for (const { call } of calls) call.reject(errorOf(this.#context.operation));
  }
}

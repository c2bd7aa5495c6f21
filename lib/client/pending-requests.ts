import { RtmError } from '../errors.js';
import { type RequestDiagnostic, requestChannel } from '../native/diagnostics.js';
import { type Abortable, type CallOptions, unwatch, watch } from './abort.js';

/** The words of a pending request in errors. */
export interface RequestContext {
  /** The operation's name in {@link RtmError.operation}. */
  readonly operation: string;
  /** The SDK's number for "timed out" in the enumeration of this operation. */
  readonly timeoutReason?: number | undefined;
  /** The request goes to the server, and `rtm:request` tells of it. */
  readonly request?: boolean | undefined;
  /** A further reason for the error of an expiry. */
  readonly detail?: (() => string) | undefined;
  /** The message of that error, if it is no answer that was missing. */
  readonly expired?: ((timeout: number) => string) | undefined;
}

/** Something that settles. */
export interface Settling {
  /** Calls `run` when it has settled, at once if it has. */
  whenSettled(run: () => void): void;
}

/**
 * Calls off what a request asked for. False if it never left this process, true if it may take effect, undefined if
 * nobody knows.
 */
export type GiveUp = () => boolean | undefined;

/** A request that a listener of `rtm:request` wants to hear of. */
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
export class PendingRequest<V> implements Abortable, Settling {
  readonly promise: Promise<V>;
  /** The subject of the request for its error, such as the receiver's id. */
  readonly about: string | undefined;
  readonly #context: RequestContext;
  readonly #onGiveUp: GiveUp | undefined;
  #resolve!: (value: V | PromiseLike<V>) => void;
  #reject!: (error: unknown) => void;
  #settled = false;
  #timer: NodeJS.Timeout | undefined;
  #signal: AbortSignal | undefined;
  #traced: Traced | undefined;
  #whenSettled: (() => void)[] | undefined;

  /**
   * @param onGiveUp - called when the timeout or the signal ends the request before an answer does
   */
  constructor(
    context: RequestContext,
    options: CallOptions | undefined,
    userId: string,
    onGiveUp?: GiveUp,
    about?: string,
  ) {
    this.about = about;
    this.#context = context;
    this.#onGiveUp = onGiveUp;
    if (context.request === true && requestChannel.hasSubscribers) {
      this.#traced = { userId, startedAt: performance.now() };
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
      this.#signal = signal;
      watch(signal, this);
    }
  }

  get settled(): boolean {
    return this.#settled;
  }

  resolve(value: V): void {
    if (!this.#finish()) return;
    if (this.#traced) this.#publish(this.#traced, 'ok', undefined);
    this.#resolve(value);
    this.#tell();
  }

  reject(error: unknown): void {
    if (!this.#finish()) return;
    if (this.#traced) this.#publish(this.#traced, 'failed', error);
    this.#reject(error);
    this.#tell();
  }

  abort(reason: unknown): void {
    if (!this.#finish()) return;
    this.#giveUp(reason, this.#onGiveUp?.());
  }

  /** Calls `run` when the request has settled: unlike the promise's `then` it leaves an unhandled rejection unhandled. */
  whenSettled(run: () => void): void {
    if (this.#settled) run();
    else if (this.#whenSettled) this.#whenSettled.push(run);
    else this.#whenSettled = [run];
  }

  #giveUp(reason: unknown, sent: boolean | undefined): void {
    if (this.#traced) this.#publish(this.#traced, 'aborted', reason, sent);
    this.#reject(reason);
    this.#tell();
  }

  /** After the promise, so that whoever awaits the call hears of it first. */
  #tell(): void {
    if (this.#whenSettled) for (const run of this.#whenSettled) run();
  }

  #expire(timeout: number): void {
    if (!this.#finish()) return;
    const { operation, timeoutReason, detail, expired } = this.#context;
    const why = detail?.() ?? ''; // before the request that it describes is given up
    const sent = this.#onGiveUp?.();
    const message =
      expired?.(timeout) ??
      `${operation} was not ${sent === false ? 'sent' : 'answered'} within the ${timeout} ms given`;
    this.#giveUp(
      new RtmError('ERR_RTM_TIMEOUT', why === '' ? message : `${message}; last attempt: ${inOneLine(why)}`, {
        operation,
        reason: timeoutReason,
        sent,
        ...(why !== '' && { cause: new Error(why) }),
      }),
      sent,
    );
  }

  #publish(
    { userId, startedAt }: Traced,
    outcome: RequestDiagnostic['outcome'],
    error: unknown,
    sent = error instanceof RtmError ? error.sent : undefined,
  ): void {
    const { operation } = this.#context;
    const code = error instanceof RtmError ? error.code : undefined;
    requestChannel.publish({ userId, operation, duration: performance.now() - startedAt, outcome, code, sent });
  }

  #finish(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    if (this.#signal) unwatch(this.#signal, this);
    this.#timer = undefined;
    this.#signal = undefined;
    return true;
  }
}

/** The lines of a reason, as a part of an error's message. */
export function inOneLine(lines: string): string {
  return lines.replaceAll('\n', '; ');
}

/** Requests whose answers come with an id, such as sends. The answer to a request that gave up finds nothing. */
export class PendingRequests<V> {
  readonly #requests = new Map<number, PendingRequest<V>>();
  readonly #context: RequestContext;
  readonly #userId: string;
  readonly #withdraw: ((id: number) => boolean) | undefined;

  /** @param withdraw - calls off what was asked for with that id; true if it had not left this process */
  constructor(context: RequestContext, userId: string, withdraw?: (id: number) => boolean) {
    this.#context = context;
    this.#userId = userId;
    this.#withdraw = withdraw;
  }

  /** The requests that wait. */
  values(): Iterable<PendingRequest<V>> {
    return this.#requests.values();
  }

  get size(): number {
    return this.#requests.size;
  }

  /** Waits for the answer with this id, which must not be waited for already. */
  add(id: number, options?: CallOptions, about?: string): Promise<V> {
    const hasLimit = options !== undefined && (options.signal !== undefined || options.timeout !== undefined);
    const giveUp = hasLimit ? () => this.#giveUp(id) : undefined;
    const request = new PendingRequest<V>(this.#context, options, this.#userId, giveUp, about);
    this.#requests.set(id, request);
    return request.promise;
  }

  #giveUp(id: number): boolean | undefined {
    this.#requests.delete(id);
    return this.#withdraw && !this.#withdraw(id);
  }

  /** Takes out the request an answer is for. */
  take(id: number): PendingRequest<V> | undefined {
    const request = this.#requests.get(id);
    if (request) this.#requests.delete(id);
    return request;
  }

  /** @param errorOf - makes the error, which names the operation */
  rejectAll(errorOf: (operation: string) => unknown): void {
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    for (const request of requests) request.reject(errorOf(this.#context.operation));
  }
}

/**
 * Requests whose answers have no id, such as member lists. Answers come in the order of the requests, or of the
 * requests with the same tag. A request that gave up keeps its place, so that its late answer is not taken for the next
 * one's.
 */
export class PendingQueue<V> {
  #requests: { readonly request: PendingRequest<V>; readonly tag: string | undefined }[] = [];
  readonly #context: RequestContext;
  readonly #userId: string;

  constructor(context: RequestContext, userId: string) {
    this.#context = context;
    this.#userId = userId;
  }

  get size(): number {
    return this.#requests.length;
  }

  /** The requests that wait. */
  *values(): Iterable<PendingRequest<V>> {
    for (const { request } of this.#requests) yield request;
  }

  add(options?: CallOptions, tag?: string): Promise<V> {
    const request = new PendingRequest<V>(this.#context, options, this.#userId);
    this.#requests.push({ request, tag });
    return request.promise;
  }

  /** Takes out the request that has waited longest; settling a request that gave up does nothing. */
  take(tag?: string): PendingRequest<V> | undefined {
    const index = this.#requests.findIndex((each) => each.tag === tag);
    return index < 0 ? undefined : this.#requests.splice(index, 1)[0]?.request;
  }

  /** @param errorOf - makes the error, which names the operation */
  rejectAll(errorOf: (operation: string) => unknown): void {
    const requests = this.#requests;
    this.#requests = [];
    for (const { request } of requests) request.reject(errorOf(this.#context.operation));
  }
}

/** How long an awaited call may take, and what can call it off. */
export interface CallOptions {
  /**
   * Ends the wait: the promise rejects with `signal.reason`. A request that was sent may still take effect.
   * A signal that is aborted beforehand means that nothing is sent.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds until the promise rejects with `ERR_RTM_TIMEOUT`; a number above 0. It can only shorten the limit that
   * each operation has by itself (login 12 s; messages, presence, history 10 s; uploads and downloads 120 s without a
   * byte; everything else 5 s).
   */
  readonly timeout?: number | undefined;
}

/** Something that waits and can be told to stop waiting. */
export interface Abortable {
  abort(reason: unknown): void;
}

interface Watch {
  readonly waiting: Set<Abortable>;
  readonly listener: () => void;
}

/**
 * Connects many waiting calls to the signals that may abort them, with one listener per signal.
 *
 * A program often passes one signal to everything it does. Adding a listener to an `AbortSignal` is linear in those it
 * has, so a listener per call would make ten thousand sends in flight quadratic.
 */
export class AbortWatch {
  /** The user of the calls, for diagnostics. */
  readonly userId: string;
  readonly #watches = new Map<AbortSignal, Watch>();

  constructor(userId = '') {
    this.userId = userId;
  }

  /** Calls `call.abort(signal.reason)` when the signal fires, unless {@link remove}d before. */
  add(signal: AbortSignal, call: Abortable): void {
    let watch = this.#watches.get(signal);
    if (!watch) {
      const waiting = new Set<Abortable>();
      const listener = () => {
        this.#watches.delete(signal);
        for (const call of waiting) call.abort(signal.reason);
      };
      watch = { waiting, listener };
      this.#watches.set(signal, watch);
      signal.addEventListener('abort', listener, { once: true });
    }
    watch.waiting.add(call);
  }

  remove(signal: AbortSignal, call: Abortable): void {
    const watch = this.#watches.get(signal);
    if (!watch) return;
    watch.waiting.delete(call);
    if (watch.waiting.size > 0) return;
    this.#watches.delete(signal);
    signal.removeEventListener('abort', watch.listener);
  }

  /** Signals listened to at present. */
  get size(): number {
    return this.#watches.size;
  }
}

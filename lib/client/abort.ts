/** How long an awaited call may take, and what can call it off. */
export interface CallOptions {
  /**
   * Ends the wait: the promise rejects with `signal.reason`. What has not left the process is withdrawn, except lists of
   * members, leaves and renewals of the token; what has left may still take effect. A signal that is aborted beforehand means that nothing is sent.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds until the promise rejects with `ERR_RTM_TIMEOUT`, a number above 0. What has not left is withdrawn as by
   * a signal; `error.sent` says whether it had left, where that is known. It can only shorten the limit that each
   * operation has by itself (login 12 s; messages, presence, history 10 s; uploads and downloads 120 s without a
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
 * What waits for each signal, of all clients of this thread: one listener per signal.
 *
 * A program often passes one signal to everything it does, and to all its clients. Adding a listener to an `AbortSignal`
 * is linear in the listeners it has, so a listener per call would make ten thousand sends in flight quadratic; and from
 * the eleventh listener on Node warns of a leak.
 */
const watches = new WeakMap<AbortSignal, Watch>();

/** Calls `call.abort(signal.reason)` when the signal fires, unless {@link unwatch} comes before. */
export function watch(signal: AbortSignal, call: Abortable): void {
  let found = watches.get(signal);
  if (!found) {
    const waiting = new Set<Abortable>();
    const listener = () => {
      watches.delete(signal);
      for (const call of waiting) call.abort(signal.reason);
    };
    found = { waiting, listener };
    watches.set(signal, found);
    signal.addEventListener('abort', listener, { once: true });
  }
  found.waiting.add(call);
}

/** The call does not wait for the signal any more. */
export function unwatch(signal: AbortSignal, call: Abortable): void {
  const found = watches.get(signal);
  if (!found) return;
  found.waiting.delete(call);
  if (found.waiting.size > 0) return;
  watches.delete(signal);
  signal.removeEventListener('abort', found.listener);
}

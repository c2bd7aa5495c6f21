import { CallContext } from '../call-context.js';

/**
 * The asynchronous context of one service: that in which the service was made. Callbacks of the service, its channels and
 * its invitations run in it. Without it they would run in the context of whoever made the event loop turn, which may be
 * another tenant's.
 */
export class CallbackContext {
  readonly #resource = new CallContext('RtmService');

  /** The same receiver of events; each of its methods runs in this context. */
  bind<E extends object>(events: E): E {
    const bound: Record<string, unknown> = {};
    for (let level: object = events; level !== Object.prototype; level = Object.getPrototypeOf(level) as object) {
      for (const name of Object.getOwnPropertyNames(level)) {
        const method = (events as Record<string, unknown>)[name];
        if (typeof method !== 'function' || name === 'constructor' || name in bound) continue;
        bound[name] = (...values: unknown[]) =>
          this.#resource.runInAsyncScope(method as (...values: unknown[]) => unknown, events, ...values);
      }
    }
    return bound as E;
  }
}

/** The handlers of one object, in the order of their registration. */
export class HandlerList<H extends object> {
  /** Replaced, never changed, so that a running emit keeps its own. */
  #list: readonly H[] = [];
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  add(handler: H): void {
    if (!this.#list.includes(handler)) this.#list = [...this.#list, handler];
  }

  remove(handler: H): void {
    this.#list = this.#list.filter((each) => each !== handler);
  }

  replace(...handlers: H[]): void {
    this.#list = handlers;
  }

  /**
   * Calls every handler. A handler that throws does not keep the event from the others. A handler that an earlier
   * handler has removed does not get the event. Frequent events pass their fields as `a` and `b` to a function that is
   * made once, so that they need no closure.
   */
  emit(call: (handler: H) => void): void;
  emit<A, B>(call: (handler: H, a: A, b: B) => void, a: A, b: B): void;
  emit<A, B>(call: (handler: H, a: A, b: B) => void, a?: A, b?: B): void {
    const list = this.#list;
    for (const handler of list) {
      if (list !== this.#list && !this.#list.includes(handler)) continue;
      try {
        call(handler, a as A, b as B);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}

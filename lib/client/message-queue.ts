/**
 * What happens when messages come faster than a loop reads them.
 *
 * - `'error'` – the loop still gets everything that came before the gap, then fails with `ERR_RTM_SLOW_CONSUMER`.
 * - `'dropOldest'` – the oldest unread message makes room for the newest; the loop goes on and `dropped` counts.
 */
export type OverflowPolicy = 'error' | 'dropOldest';

/** Where a queue stood when it overflowed. */
export interface QueueOverflow {
  /** Messages waiting at that moment. */
  readonly pending: number;
  /** The bound that was reached, in messages. */
  readonly limit: number;
  /** Messages lost so far, this one included. */
  readonly dropped: number;
}

/** Settings of a {@link MessageQueue}. */
export interface MessageQueueOptions {
  /** Most messages that wait at the end of a turn of the event loop; an integer ≥ 1. */
  readonly limit: number;
  readonly overflow: OverflowPolicy;
  /** Called once per crossing: at the first loss, and again only after the reader has caught up to half the limit. */
  readonly onOverflow: (overflow: QueueOverflow) => void;
  /** Makes the error with which the queue ends under the policy `'error'`. */
  readonly overflowError?: (overflow: QueueOverflow) => Error;
  /** Runs a function once the present turn and its microtasks are over; `setImmediate`, but for tests. */
  readonly afterTurn?: (run: () => void) => void;
}

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

type Ending = { readonly error?: unknown };

/**
 * A bounded first-in, first-out queue between a producer that cannot wait and one asynchronous reader.
 *
 * The limit is judged when the reader has had its chance: a batch of messages arrives in one synchronous run, which can
 * hold thousands, and no loop can read before that run is over. What was pushed before an end is still read; the end
 * comes after it.
 */
export class MessageQueue<T> {
  readonly #options: MessageQueueOptions;
  #items: T[] = [];
  /** Index of the oldest item: a cursor instead of `shift()`, which is linear on a long array. */
  #head = 0;
  #waiters: Waiter<T>[] = [];
  #ending: Ending | undefined;
  #dropped = 0;
  #crossed = false;
  #checking = false;

  constructor(options: MessageQueueOptions) {
    this.#options = options;
  }

  /** Messages waiting to be read. */
  get pending(): number {
    return this.#items.length - this.#head;
  }

  /** The item that would be read last. */
  get newest(): T | undefined {
    return this.pending > 0 ? this.#items.at(-1) : undefined;
  }

  /** Messages lost to the bound so far. */
  get dropped(): number {
    return this.#dropped;
  }

  get limit(): number {
    return this.#options.limit;
  }

  /** True once nothing more is accepted; what is pending can still be read. */
  get ended(): boolean {
    return this.#ending !== undefined;
  }

  /** Hands an item to a waiting reader or stores it. After the end it is counted as dropped. */
  push(item: T): void {
    if (this.#ending) {
      this.#dropped++;
      return;
    }
    const waiter = this.#waiters.shift();
    if (waiter) {
      waiter.resolve({ value: item, done: false });
      return;
    }
    this.#items.push(item);
    if (this.pending > this.#options.limit && !this.#checking) {
      this.#checking = true;
      (this.#options.afterTurn ?? setImmediate)(this.#check);
    }
  }

  readonly #check = (): void => {
    this.#checking = false;
    const { limit, overflow } = this.#options;
    const excess = this.pending - limit;
    if (excess <= 0 || this.#ending) return;
    this.#dropped += excess;
    const at: QueueOverflow = { pending: limit, limit, dropped: this.#dropped };
    if (overflow === 'error') {
      this.#items.length -= excess;
      this.#end(this.#options.overflowError?.(at));
    } else {
      this.#items = this.#items.slice(this.#head + excess);
      this.#head = 0;
    }
    if (this.#crossed) return;
    this.#crossed = true;
    this.#options.onOverflow(at);
  };

  /** The oldest item, or undefined when none waits. */
  take(): T | undefined {
    if (this.pending === 0) return undefined;
    const item = this.#take();
    if (this.#crossed && this.pending <= this.#options.limit / 2) this.#crossed = false;
    return item;
  }

  /** The next item; waits for it. After the last one: the error given to {@link end}, once, and then `done`. */
  next(): Promise<IteratorResult<T, undefined>> {
    if (this.pending > 0) return Promise.resolve({ value: this.take() as T, done: false });
    if (this.#ending) {
      const { error } = this.#ending;
      this.#ending = {};
      return error === undefined ? Promise.resolve({ value: undefined, done: true }) : Promise.reject(error);
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  /** Accepts nothing more. Waiting readers learn it now, a later one after the pending items. Only the first counts. */
  end(error?: unknown): void {
    if (!this.#ending) this.#end(error);
  }

  /** Ends the queue at once, whether or not it was ending, and hands back what nobody has read. */
  close(error?: unknown): T[] {
    const rest = this.#items.slice(this.#head);
    this.#items = [];
    this.#head = 0;
    this.#end(error);
    return rest;
  }

  #end(error: unknown): void {
    const [first, ...others] = this.#waiters;
    this.#waiters = [];
    this.#ending = first || error === undefined ? {} : { error };
    // One reader gets the error, so that it is reported once; further calls that wait just see the end.
    if (first && error !== undefined) first.reject(error);
    else first?.resolve({ value: undefined, done: true });
    for (const waiter of others) waiter.resolve({ value: undefined, done: true });
  }

  #take(): T {
    const item = this.#items[this.#head] as T;
    this.#items[this.#head] = undefined as T; // lets a read message be collected before the array is compacted
    this.#head++;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= 512 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}

import { RtmError } from '../errors.js';
import { unwatch, watch } from './abort.js';
import type { MessageGap, SlowConsumer } from './events.js';
import { MessageQueue } from './message-queue.js';
import { DEFAULT_MESSAGE_LIMIT, type GapMessagesOptions, type MessagesOptions } from './options.js';

/** The part of a client or channel that its inbox uses. */
export interface InboxOwner<T> {
  /** Where the messages come from, for {@link SlowConsumer}. */
  readonly source: Pick<SlowConsumer, 'source' | 'channelId'>;
  /** Most messages kept while nobody takes them. */
  readonly unreadLimit: number;
  /** True while someone listens for `'message'`. */
  listening(): boolean;
  /** Hands a message to the listeners. */
  emit(message: T): void;
  /** Reports a loss. */
  slow(notice: SlowConsumer): void;
}

/** The loop over an inbox: `for await (const message of client.messages())`. */
export interface MessageIterator<T> extends AsyncIterable<T>, AsyncDisposable {
  /** Messages waiting to be read. */
  readonly pending: number;
  /** Messages this loop has lost to its limit. */
  readonly dropped: number;
  /** The bound of `pending`. */
  readonly limit: number;
  /**
   * The next message; waits for it. If an error ended the loop, rejects once with that error, and is done afterwards.
   */
  next(): Promise<IteratorResult<T, undefined>>;
  /** Leaves the loop, as `break` does: pending messages are kept for the next loop. */
  return(): Promise<IteratorResult<T, undefined>>;
  /** The iterator itself. */
  [Symbol.asyncIterator](): MessageIterator<T>;
}

/**
 * Brings received messages to the program: to `'message'` listeners and to at most one loop. While there is neither,
 * messages wait in a bounded queue, and the first listener or loop gets them.
 *
 * The queue covers the time between a login or join and the program's first listener or loop: messages that the server
 * sends along with its answer arrive in the same batch, before the program's `await` has returned.
 */
export class Inbox<T> {
  readonly #owner: InboxOwner<T>;
  /** Messages that no listener and no loop has taken, and the gaps between them. */
  readonly #unread: MessageQueue<T | MessageGap>;
  #reader: MessageQueue<T | MessageGap> | undefined;
  /** Whether the open loop gets gaps, too. */
  #gaps = false;
  /** Removes the open loop from its signal. */
  #unsubscribe: (() => void) | undefined;
  #flushing = false;
  #ending: { readonly error?: unknown } | undefined;

  constructor(owner: InboxOwner<T>) {
    this.#owner = owner;
    this.#unread = new MessageQueue<T | MessageGap>({
      limit: owner.unreadLimit,
      overflow: 'dropOldest',
      onOverflow: (at) => owner.slow({ ...owner.source, ...at, policy: 'unread' }),
    });
  }

  /** Messages waiting because nobody takes them. */
  get unread(): number {
    return this.#unread.pending;
  }

  /** Takes one received message. */
  deliver(message: T): void {
    if (this.#ending) return;
    if (this.#flushing) {
      this.#keep(message); // older messages are on their way to the listeners: this one waits behind them
      return;
    }
    const heard = this.#owner.listening();
    if (this.#reader) this.#reader.push(message);
    else if (!heard) this.#keep(message);
    if (heard) this.#owner.emit(message);
  }

  /** Messages are missing here, or may be. For a loop that wants to know; listeners have the event `'state'`. */
  gap(gap: MessageGap): void {
    if (this.#ending) return;
    if (this.#flushing) this.#keep(gap);
    else if (this.#reader) this.#give(this.#reader, gap);
    else if (!this.#owner.listening()) this.#keep(gap);
  }

  /** Gives the waiting messages to listeners. The owner calls it when a listener is being added. */
  flush(): void {
    if (this.#flushing || this.#unread.pending === 0) return;
    this.#flushing = true;
    // In a later tick: the listener is not in place yet, and the program may add a second one.
    process.nextTick(() => {
      try {
        this.#flush();
      } finally {
        this.#flushing = false;
        if (this.#owner.listening()) this.flush(); // the rest, if a listener has thrown
      }
    });
  }

  /**
   * Opens the loop.
   *
   * @throws RtmError `ERR_RTM_BUSY` while another one is open
   */
  read(options?: MessagesOptions): MessageIterator<T>;
  read(options?: MessagesOptions | GapMessagesOptions): MessageIterator<T | MessageGap>;
  read(options: MessagesOptions | GapMessagesOptions = {}): MessageIterator<T | MessageGap> {
    if (this.#reader) {
      throw new RtmError('ERR_RTM_BUSY', 'messages() is being read by another loop, which has to be left first', {
        operation: 'messages',
      });
    }
    const { limit = DEFAULT_MESSAGE_LIMIT, overflow = 'error', signal, gaps = false } = options;
    const queue = new MessageQueue<T | MessageGap>({
      limit,
      overflow,
      onOverflow: (at) => this.#owner.slow({ ...this.#owner.source, ...at, policy: overflow }),
      overflowError: () => new RtmError('ERR_RTM_SLOW_CONSUMER', fellBehind(limit), { operation: 'messages' }),
    });
    this.#reader = queue;
    this.#gaps = gaps;
    if (!this.#flushing) this.#moveUnread(queue);
    const iterator = this.#iterator(queue, signal);
    if (this.#ending) queue.end(this.#ending.error);
    return iterator;
  }

  /** No more messages come. A loop reads the rest and then ends, with the error if there is one. */
  end(error?: unknown): void {
    if (this.#ending) return;
    this.#ending = error === undefined ? {} : { error };
    this.#reader?.end(error);
    if (this.#reader?.pending === 0) this.#detach();
  }

  #iterator(queue: MessageQueue<T | MessageGap>, signal: AbortSignal | undefined): MessageIterator<T | MessageGap> {
    const leave = (error?: unknown): void => {
      const rest = queue.close(error);
      if (this.#reader !== queue) return;
      this.#detach();
      for (const message of rest) this.#keep(message);
    };
    const loop = { abort: leave };
    if (signal?.aborted) leave(signal.reason);
    else if (signal) {
      watch(signal, loop);
      this.#unsubscribe = () => unwatch(signal, loop);
    }
    const iterator: MessageIterator<T | MessageGap> = {
      get pending() {
        return queue.pending;
      },
      get dropped() {
        return queue.dropped;
      },
      limit: queue.limit,
      next: () => {
        if (!queue.ended || queue.pending > 0) return queue.next();
        const last = queue.next(); // the error, or the end: a loop does not call return() after either
        leave();
        return last;
      },
      return: () => {
        leave();
        return Promise.resolve({ value: undefined, done: true });
      },
      [Symbol.asyncIterator]: () => iterator,
      [Symbol.asyncDispose]: async () => leave(),
    };
    return iterator;
  }

  #detach(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#reader = undefined;
  }

  #keep(message: T | MessageGap): void {
    if (this.#unread.limit > 0) push(this.#unread, message);
  }

  #give(queue: MessageQueue<T | MessageGap>, message: T | MessageGap): void {
    if (this.#gaps || !isGap(message)) push(queue, message);
  }

  #moveUnread(queue: MessageQueue<T | MessageGap>): void {
    for (let message = this.#unread.take(); message !== undefined; message = this.#unread.take())
      this.#give(queue, message);
  }

  #flush(): void {
    while (this.#owner.listening()) {
      const message = this.#unread.take();
      if (message === undefined) return;
      if (this.#reader) this.#give(this.#reader, message);
      if (!isGap(message)) this.#owner.emit(message);
    }
    if (this.#reader) this.#moveUnread(this.#reader);
  }
}

/** Without a gap that says no more than the one right before it: a flapping link must not push messages out. */
function push<T>(queue: MessageQueue<T | MessageGap>, message: T | MessageGap): void {
  const last = queue.newest;
  const known = last !== undefined && isGap(last) && isGap(message) && (!last.resumed || message.resumed);
  if (!known) queue.push(message);
}

function isGap(message: unknown): message is MessageGap {
  return (message as { readonly type?: unknown }).type === 'gap';
}

function fellBehind(limit: number): string {
  return (
    `the loop over messages() is too slow: ${limit} messages waited, and what came after them is lost ` +
    "until messages() is called again. Read faster, raise 'limit', or choose overflow: 'dropOldest'"
  );
}

import { PARTITIONS } from './partitions.js';

/** A piece of news without its number, as fields. */
export type News = readonly Buffer[];

export interface MailboxOwner {
  /**
   * Takes a piece of news, in the order of the mailbox. Returns the number of a request whose answer must be handled
   * before the next news.
   */
  handle(partition: number, news: News): number | undefined;
  /**
   * Asks for the state of everything that this node knows in the partition, and applies it. Resolves with the number of
   * the last news that the state includes.
   */
  resync(partition: number): Promise<number>;
  /**
   * A state that includes the news up to `seq` has been applied, so nothing needs to wait for these news any more. With
   * `anew` this holds for all earlier news: after a failover the numbers may be lower.
   */
  synced(partition: number, seq: number, anew: boolean): void;
}

interface Mailbox {
  /** Number of the next news; undefined before the first state was applied. */
  next: number | undefined;
  queue: { seq: number; news: News }[];
  syncing: boolean;
  /** Another question for the state is needed after the present one. */
  again: boolean;
  /** The subscription was renewed since the last state. */
  anew: boolean;
  /** Number of a request whose answer has not been handled. */
  blockedBy: number | undefined;
  /** The mailbox waits for a turn of the loop, so that an answer reaches its caller first. */
  resting: boolean;
}

const RETRY_MS = 500;

/**
 * The news of each partition, in order and without a gap. Publishing delivers at most once. News that a broken
 * subscription has lost shows as a missing number, or as a renewed subscription; then the node asks for the
 * state. News from before that state is dropped.
 */
export class Mailboxes {
  readonly #boxes: Mailbox[] = Array.from({ length: PARTITIONS }, () => ({
    next: undefined,
    queue: [],
    syncing: false,
    again: false,
    anew: false,
    blockedBy: undefined,
    resting: false,
  }));
  #closed = false;

  constructor(private readonly owner: MailboxOwner) {}

  close(): void {
    this.#closed = true;
  }

  /** Whether every mailbox has been read up to some moment. */
  get inStep(): boolean {
    return this.#boxes.every((box) => box.next !== undefined);
  }

  /** Forgets everything: the node has a new name, and so new mailboxes. */
  reset(): void {
    for (const box of this.#boxes) {
      box.next = undefined;
      box.queue = [];
      box.again = true;
      box.anew = true;
      box.blockedBy = undefined;
    }
  }

  /** A piece of news has come by the subscription. */
  news(partition: number, seq: number, news: News): void {
    this.#box(partition).queue.push({ seq, news });
    this.#drain(partition);
  }

  /** The subscription was renewed: news of the former subscription is void, and news may be missing. */
  renewed(partition: number): void {
    const box = this.#box(partition);
    box.queue = [];
    box.anew = true;
    this.resync(partition);
  }

  /** News may be missing: asks for the state. */
  resync(partition: number): void {
    const box = this.#box(partition);
    if (box.syncing) {
      box.again = true;
      return;
    }
    box.syncing = true;
    void this.#sync(partition, box);
  }

  /** The number that comes next. */
  next(partition: number): number | undefined {
    return this.#box(partition).next;
  }

  /**
   * Compares the mailbox with the store, whose last news had the number `seq` when this node, before asking, expected
   * `asked` next. A lower `seq` means that the store has lost news. News with a higher number is on its way, unless the
   * subscription is broken. The answer may be older than the mailbox by now.
   */
  expect(partition: number, seq: number, asked: number): void {
    const box = this.#box(partition);
    if (box.syncing || box.next === undefined) return;
    if (seq + 1 < asked) {
      this.resync(partition);
      return;
    }
    const before = box.next;
    if (seq < before) return;
    setTimeout(() => {
      if (box.next === before && box.queue.length === 0 && !this.#closed) this.resync(partition);
    }, RETRY_MS).unref();
  }

  /** Whether news `seq` has been handled, or is part of a state that was applied. */
  passed(partition: number, seq: number): boolean {
    const { next } = this.#box(partition);
    return next !== undefined && next > seq;
  }

  /**
   * The answer of a request was handled. The mailbox goes on in another turn of the loop, when the caller has seen the
   * answer.
   */
  answered(partition: number, request: number): void {
    const box = this.#box(partition);
    if (box.blockedBy === request) box.blockedBy = undefined;
    if (box.resting) return;
    box.resting = true;
    setImmediate(() => {
      box.resting = false;
      this.#drain(partition);
    });
  }

  #box(partition: number): Mailbox {
    return this.#boxes[partition] as Mailbox;
  }

  async #sync(partition: number, box: Mailbox): Promise<void> {
    for (;;) {
      box.again = false;
      try {
        const seq = await this.owner.resync(partition);
        if (this.#closed) return;
        if (box.again) continue;
        box.queue = box.queue.filter((item) => item.seq > seq);
        box.next = seq + 1;
        box.blockedBy = undefined;
        box.syncing = false;
        const { anew } = box;
        box.anew = false;
        this.owner.synced(partition, seq, anew);
        return this.#drain(partition);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS).unref());
        if (this.#closed) return;
      }
    }
  }

  #drain(partition: number): void {
    const box = this.#box(partition);
    while (!box.syncing && !box.resting && box.blockedBy === undefined && !this.#closed) {
      const item = box.queue[0];
      if (item === undefined) return;
      if (box.next !== undefined && item.seq < box.next) {
        box.queue.shift();
        continue;
      }
      if (item.seq !== box.next) {
        this.resync(partition);
        return;
      }
      box.queue.shift();
      box.next = item.seq + 1;
      box.blockedBy = this.owner.handle(partition, item.news);
    }
  }
}

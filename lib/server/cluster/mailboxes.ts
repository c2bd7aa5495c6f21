import { PARTITIONS } from './partitions.js';

/** A piece of news without its number, as fields. */
export type News = readonly Buffer[];

export interface MailboxOwner {
  /** In the order of the mailbox. Returns the number of a request whose answer must be handled before what follows. */
  handle(partition: number, news: News): number | undefined;
  /**
   * Asks for the state of everything this node knows in the partition, and applies it; the number of the last news
   * then.
   */
  resync(partition: number): Promise<number>;
  /**
   * The state of a moment is applied: what waited for news up to `seq` need not wait for it any more; `anew`: for any
   * news of before, since after a failover the numbers may be lower.
   */
  synced(partition: number, seq: number, anew: boolean): void;
}

interface Mailbox {
  /** The number that comes next; undefined: never in step yet. */
  next: number | undefined;
  queue: { seq: number; news: News }[];
  syncing: boolean;
  /** Another one is needed when the present one is done. */
  again: boolean;
  /** The subscription was renewed since the last one. */
  anew: boolean;
  /** Number of a request whose answer has not been handled. */
  blockedBy: number | undefined;
  /** What was answered shall reach its caller first. */
  resting: boolean;
}

const RETRY_MS = 500;

/**
 * The news of each partition, in order and without a gap. Publishing is at most once: what a cut subscription lost
 * shows as a missing number, or as a subscription made anew, and is made good by asking for the state. What was
 * published before that state is dropped.
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

  /** Forgets everything: the node has another name from now on, so other mailboxes. */
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

  /** The subscription was made anew: what came by the former one is void, and something may be missing. */
  renewed(partition: number): void {
    const box = this.#box(partition);
    box.queue = [];
    box.anew = true;
    this.resync(partition);
  }

  /** Something may be missing. */
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
   * The store had given out `seq` when asked; `asked` came next here before that. A lower number means that the store
   * has lost some; a higher one is on its way, unless nothing comes any more. (The answer may be older than what is
   * here by now.)
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
   * The answer of a request was handled; the mailbox goes on in another turn of the loop, when those who waited for the
   * answer have seen it.
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

import type { Mailboxes } from './mailboxes.js';

/**
 * Requests whose answers have a place in the order of the news: the store puts a marker into the mailbox, and the
 * answer is applied when that marker comes by. Until then whatever the mailbox holds behind the marker waits.
 */
export class Answers {
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor(private readonly mailboxes: Mailboxes) {}

  /**
   * `call` gets the number for the marker, `seqOf` finds the marker's place in the reply, and `apply` runs at that
   * place in the order of the news.
   */
  async ask<Reply>(
    partition: number,
    call: (request: number) => Promise<Reply>,
    seqOf: (reply: Reply) => number,
    apply: (reply: Reply) => void,
  ): Promise<void> {
    const request = ++this.#last;
    const waiting: Waiting = { partition, marked: false, seq: undefined, apply: undefined };
    this.#waiting.set(request, waiting);
    try {
      const reply = await call(request);
      await new Promise<void>((resolve) => {
        waiting.seq = seqOf(reply);
        waiting.apply = () => {
          apply(reply);
          resolve();
        };
        const passed = this.mailboxes.passed(partition, waiting.seq);
        if (waiting.marked || passed) this.#apply(request, waiting, !waiting.marked);
      });
    } catch (error) {
      this.#waiting.delete(request);
      this.mailboxes.answered(partition, request);
      throw error;
    }
  }

  /** The marker of a request has come. Returns the request if its answer is still to come. */
  marked(request: number): number | undefined {
    const waiting = this.#waiting.get(request);
    if (waiting === undefined) return undefined;
    waiting.marked = true;
    if (waiting.apply === undefined) return request;
    this.#apply(request, waiting, false);
    return undefined;
  }

  /** The mailbox has skipped news up to `seq`, and with it perhaps markers. */
  synced(partition: number, seq: number, anew: boolean): void {
    for (const [request, waiting] of this.#waiting) {
      if (waiting.partition !== partition || waiting.apply === undefined) continue;
      if (anew || (waiting.seq as number) <= seq) this.#apply(request, waiting, true);
    }
  }

  #apply(request: number, waiting: Waiting, jumped: boolean): void {
    this.#waiting.delete(request);
    waiting.apply?.();
    this.mailboxes.answered(waiting.partition, request);
    // The state that was applied may be newer than the marker, and the news between them were not asked for: ask for
    // the state again.
    if (jumped) setImmediate(() => this.mailboxes.resync(waiting.partition));
  }
}

interface Waiting {
  readonly partition: number;
  marked: boolean;
  seq: number | undefined;
  apply: (() => void) | undefined;
}

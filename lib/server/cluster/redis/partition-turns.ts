import { PARTITIONS_ABREAST } from '../reaper.js';

/**
 * Work that waits in partitions. Each partition has one call at a time, for all that waits there, and a few partitions
 * work at the same time, in turn. So a thousand wishes become a few calls, and others wait for a few of them at most.
 */
export class PartitionTurns {
  /** Partitions with work, in the order of their turns. */
  readonly #waiting = new Set<number>();
  readonly #running = new Set<number>();
  #begins = false;

  /** @param work - does some of what waits in a partition. It never rejects. Resolves with whether there is more. */
  constructor(private readonly work: (partition: number) => Promise<boolean>) {}

  /** There is work in this partition. It begins in a later turn of the loop, so that one call has all of this turn. */
  want(partition: number): void {
    this.#waiting.add(partition);
    if (this.#begins) return;
    this.#begins = true;
    setImmediate(() => {
      this.#begins = false;
      this.#next();
    });
  }

  #next(): void {
    for (const partition of this.#waiting) {
      if (this.#running.size >= PARTITIONS_ABREAST) return;
      if (this.#running.has(partition)) continue;
      this.#waiting.delete(partition);
      this.#running.add(partition);
      void this.work(partition).then((more) => {
        this.#running.delete(partition);
        if (more) this.#waiting.add(partition);
        this.#next();
      });
    }
  }
}

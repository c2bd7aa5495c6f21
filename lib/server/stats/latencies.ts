/** Upper bounds of the classes, in seconds. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** How many operations took how long. */
export interface Latency {
  readonly operation: string;
  readonly times: readonly { readonly upTo: number; readonly count: number }[];
  readonly seconds: number;
  readonly count: number;
}

/** Durations of operations by name. An engine notes them, and the metrics show them. */
export class Latencies {
  readonly #operations = new Map<string, { counts: number[]; seconds: number }>();

  note(operation: string, seconds: number): void {
    let entry = this.#operations.get(operation);
    if (!entry) {
      entry = { counts: new Array<number>(BOUNDS.length + 1).fill(0), seconds: 0 };
      this.#operations.set(operation, entry);
    }
    const at = BOUNDS.findIndex((bound) => seconds <= bound);
    const index = at < 0 ? BOUNDS.length : at;
    entry.counts[index] = (entry.counts[index] ?? 0) + 1;
    entry.seconds += seconds;
  }

  all(): Latency[] {
    return [...this.#operations].map(([operation, { counts, seconds }]) => ({
      operation,
      times: counts.map((count, index) => ({ upTo: BOUNDS[index] ?? Number.POSITIVE_INFINITY, count })),
      seconds,
      count: counts.reduce((sum, count) => sum + count, 0),
    }));
  }
}

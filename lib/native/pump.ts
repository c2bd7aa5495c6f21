// Takes events out of the mailbox and hands them to their objects, a few milliseconds at a time.
import type { BatchReader } from './decode.js';
import type { Sinks } from './event-kinds.js';

/** How long one run may take before other work gets its turn, in milliseconds. */
const BUDGET_MS = 4;
/** Events between two looks at the clock. */
const EVENTS_PER_CLOCK = 8;

/** The source of a pump: the native environment, or a stand-in. */
export interface PumpSource {
  drain(): string | undefined;
}

/** Time and scheduling, to be replaced in tests. */
export interface PumpClock {
  now(): number;
  later(run: () => void): void;
}

const systemClock: PumpClock = { now: () => performance.now(), later: (run) => void setImmediate(run) };

/**
 * Drains one mailbox. The doorbell calls {@link run}; `setImmediate` continues when a run has left events, so that
 * timers and sockets of the program get their turn even under a flood. All events come in the order in which they were
 * put in; microtasks run after each batch, not after each event.
 */
export class Pump {
  readonly #reader: BatchReader;
  readonly #sinks: Sinks;
  readonly #clock: PumpClock;
  #source: PumpSource | undefined;
  #running = false;
  #interrupted = false;

  constructor(reader: BatchReader, sinks: Sinks, clock: PumpClock = systemClock) {
    this.#reader = reader;
    this.#sinks = sinks;
    this.#clock = clock;
  }

  attach(source: PumpSource): void {
    this.#source = source;
  }

  /**
   * Takes an error that a listener threw, when it is caught outside the pump. It becomes an uncaught exception before
   * the next event is delivered, and the events behind it follow in a later turn, if the process still lives.
   */
  readonly report = (error: unknown): void => {
    this.#interrupted = true;
    queueMicrotask(() => {
      throw error;
    });
  };

  /** Delivers until the mailbox is empty, the time is up or a listener threw. */
  readonly run = (): void => {
    if (this.#running || !this.#source) return;
    this.#running = true;
    this.#interrupted = false;
    try {
      if (this.#deliver(this.#source)) return;
    } finally {
      this.#running = false;
    }
    this.#clock.later(this.run);
  };

  /** True when the mailbox is empty. */
  #deliver(source: PumpSource): boolean {
    const reader = this.#reader;
    const end = this.#clock.now() + BUDGET_MS;
    let untilClock = EVENTS_PER_CLOCK;
    for (;;) {
      while (reader.left > 0) {
        try {
          reader.next(this.#sinks);
        } catch (error) {
          this.report(error);
        }
        if (this.#interrupted) return false;
        if (--untilClock > 0) continue;
        untilClock = EVENTS_PER_CLOCK;
        if (this.#clock.now() >= end) return false;
      }
      reader.unload();
      const text = source.drain();
      if (text === undefined) return true;
      reader.load(text);
    }
  }
}

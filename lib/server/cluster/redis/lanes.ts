import type { Client } from './client.js';
import { partitionKey } from './keys.js';
import type { Shards } from './shards.js';

/** An operation that Redis did not answer with success. */
export class EngineError extends Error {
  /** `uncertain`: it may have taken effect, or may still. */
  constructor(
    message: string,
    readonly uncertain: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'EngineError';
  }
}

type Argument = string | Buffer;

interface Call {
  readonly script: string;
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
  readonly deadline: number;
  uncertain: boolean;
  /** Answered, or told that it took too long. */
  settled: boolean;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: EngineError) => void;
}

interface Lane {
  /** To be called when it is this lane's turn; calls that failed come first. */
  waiting: Call[];
  readonly inFlight: Set<Call>;
  failed: Call[];
  /** A call failed: as soon as none is in flight, the lane rests; then one call goes alone, and if it succeeds all others. */
  troubled: boolean;
  state: 'open' | 'resting' | 'probing';
  /** The connection of the last call, and since when. */
  client: Client | undefined;
  since: number;
}

const RETRY_MS = 50;
const SWEEP_MS = 100;
/** Senders wait for 10 s, and nodes find their new connections within a few. */
const LATELY_MS = 15_000;
/** Redis, or the way to it, is not as it should be at the moment. */
const PASSING =
  /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|LOADING|READONLY|MASTERDOWN|NOREPLICAS|BUSY|UNBLOCKED)|READONLY|Function not found|non local key|Script attempted to access/;
const REPLY_ERROR = /^[A-Z]{2,}( |$)/;

/** A call that was answered and has to be made again, before any other, where that answer may not be known. */
export interface OwedCall {
  readonly script: string;
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: EngineError) => void;
}

/**
 * Calls of scripts, in order within each partition: pipelined as long as all goes well. When one fails for a reason that
 * passes (a failover, a lost connection, scripts that were flushed), the partition's later calls wait until all that are in
 * flight have failed or succeeded; then those that failed are called again, in their order, the first one alone: the
 * reason may pass between two calls of a pipeline, and the second would overtake the first. Every script answers a repeat
 * like the first call.
 */
export class Lanes {
  readonly #lanes = new Map<number, Lane>();
  readonly #sweep: NodeJS.Timeout;
  #closed = false;

  constructor(
    private readonly shards: Shards,
    private readonly timeoutMs: number,
    /** Told how long each call took, ms. */
    private readonly observe: (script: string, ms: number) => void = () => {},
    /** Of a partition, when its connection is another one: the primary may be one that lost what was answered last. */
    private readonly owed: (partition: number) => readonly OwedCall[] = () => [],
  ) {
    this.#sweep = setInterval(() => this.#expire(), SWEEP_MS).unref();
  }

  /** `keys` without the partition's own, if only that one is needed. Rejects with an {@link EngineError}. */
  call<Reply = unknown>(
    partition: number,
    script: string,
    keys: readonly string[] | undefined,
    args: readonly Argument[],
    timeoutMs = this.timeoutMs,
  ): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      if (this.#closed) return reject(new EngineError('the engine is closed', false));
      const answer = { resolve: resolve as (reply: unknown) => void, reject };
      const call = this.#make({ script, keys: keys ?? [partitionKey(partition)], args, ...answer }, timeoutMs);
      let lane = this.#lanes.get(partition);
      if (lane === undefined) {
        const client = this.shards.of(partition)?.calls.client;
        lane = {
          waiting: [],
          inFlight: new Set(),
          failed: [],
          troubled: false,
          state: 'open',
          client,
          since: Number.NEGATIVE_INFINITY,
        };
        this.#lanes.set(partition, lane);
      }
      if (lane.state === 'open' && !lane.troubled && this.shards.of(partition)?.calls.client === lane.client) {
        this.#fly(partition, lane, call);
        return;
      }
      lane.waiting.push(call);
      // On another connection it begins as after a failure.
      if (lane.state === 'open' && lane.inFlight.size === 0) this.#probe(partition, lane);
      else lane.troubled ||= lane.state === 'open';
    });
  }

  /** Whether a partition's calls have gone over another connection lately, perhaps to another primary. */
  movedLately(partition: number): boolean {
    return performance.now() - (this.#lanes.get(partition)?.since ?? 0) < LATELY_MS;
  }

  #make(call: OwedCall, timeoutMs: number): Call {
    return { ...call, deadline: performance.now() + timeoutMs, uncertain: false, settled: false };
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#sweep);
    for (const lane of this.#lanes.values()) {
      for (const call of [...lane.inFlight, ...lane.failed, ...lane.waiting]) this.#fail(call, 'the engine is closed');
      lane.waiting = [];
      lane.failed = [];
    }
  }

  #fly(partition: number, lane: Lane, call: Call): void {
    lane.inFlight.add(call);
    const client = this.shards.of(partition)?.calls.client;
    if (client === undefined) {
      queueMicrotask(() => this.#landed(partition, lane, call, new Error('no connection')));
      return;
    }
    const begun = performance.now();
    const name = this.shards.library.prefix + call.script;
    client.sendCommand(['FCALL', name, String(call.keys.length), ...call.keys, ...call.args]).then(
      (reply) => {
        lane.inFlight.delete(call);
        this.observe(call.script, performance.now() - begun);
        if (!call.settled) {
          call.settled = true;
          call.resolve(reply);
        }
        this.#settle(partition, lane);
      },
      (error: unknown) => this.#landed(partition, lane, call, error),
    );
  }

  #landed(partition: number, lane: Lane, call: Call, error: unknown): void {
    lane.inFlight.delete(call);
    const text = error instanceof Error ? error.message : String(error);
    const answered = REPLY_ERROR.test(text);
    if (!answered && text !== 'no connection') call.uncertain = true;
    if (answered && !PASSING.test(text)) {
      this.#fail(call, text, error);
    } else {
      lane.troubled = true;
      if (!call.settled) lane.failed.push(call);
      if (/Function not found/.test(text)) void this.#install(partition);
      else if (answered) void this.shards.refresh();
    }
    this.#settle(partition, lane);
  }

  async #install(partition: number): Promise<void> {
    const client = this.shards.of(partition)?.calls.client;
    if (client === undefined) return;
    await this.shards.install(client).catch(() => undefined);
  }

  /** When nothing is in flight any more, what failed is tried again. */
  #settle(partition: number, lane: Lane): void {
    if (lane.inFlight.size > 0 || this.#closed) return;
    if (lane.troubled) {
      if (lane.state === 'resting') return;
      lane.state = 'resting';
      setTimeout(() => this.#probe(partition, lane), RETRY_MS).unref();
    } else if (lane.state === 'probing') {
      if (this.shards.of(partition)?.calls.client !== lane.client) {
        this.#probe(partition, lane);
        return;
      }
      lane.state = 'open';
      for (const call of lane.waiting.splice(0)) if (!call.settled) this.#fly(partition, lane, call);
    }
  }

  /** The first of all that has to be called goes alone. */
  #probe(partition: number, lane: Lane): void {
    const client = this.shards.of(partition)?.calls.client;
    const again = [...lane.failed, ...lane.waiting].filter((call) => !call.settled);
    const owed = client === undefined || client === lane.client ? [] : this.owed(partition);
    if (client !== undefined && client !== lane.client) {
      lane.client = client;
      lane.since = performance.now();
    }
    lane.failed = [];
    lane.waiting = [...owed.map((call) => this.#make(call, this.timeoutMs)), ...again];
    lane.troubled = false;
    const first = lane.waiting.shift();
    lane.state = first === undefined ? 'open' : 'probing';
    if (first !== undefined) this.#fly(partition, lane, first);
  }

  #expire(): void {
    const now = performance.now();
    const late = (call: Call) => {
      if (call.deadline <= now) this.#fail(call, `no answer from Redis in time (${call.script})`);
    };
    for (const lane of this.#lanes.values()) {
      for (const call of lane.inFlight) {
        if (call.deadline <= now) call.uncertain = true;
        late(call);
      }
      lane.failed.forEach(late);
      lane.waiting.forEach(late);
    }
  }

  #fail(call: Call, message: string, cause?: unknown): void {
    if (call.settled) return;
    call.settled = true;
    call.reject(new EngineError(message, call.uncertain, cause === undefined ? undefined : { cause }));
  }
}

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
  readonly waiting: Call[];
  readonly inFlight: Set<Call>;
  readonly failed: Call[];
  retrying: boolean;
}

const RETRY_MS = 50;
const SWEEP_MS = 100;
/** Redis, or the way to it, is not as it should be at the moment. */
const PASSING =
  /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN|LOADING|READONLY|MASTERDOWN|NOREPLICAS|BUSY|UNBLOCKED)|READONLY|Function not found|non local key|Script attempted to access/;
const REPLY_ERROR = /^[A-Z]{2,}( |$)/;

/**
 * Calls of scripts, in order within each partition: pipelined as long as all goes well. When one fails for a reason that
 * passes (a failover, a lost connection, scripts that were flushed), the partition's later calls wait until all that are in
 * flight have failed or succeeded; then those that failed are called again, in their order. Every script answers a repeat
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
      const call: Call = {
        script,
        keys: keys ?? [partitionKey(partition)],
        args,
        deadline: performance.now() + timeoutMs,
        uncertain: false,
        settled: false,
        resolve: resolve as (reply: unknown) => void,
        reject,
      };
      if (this.#closed) return reject(new EngineError('the engine is closed', false));
      let lane = this.#lanes.get(partition);
      if (lane === undefined) {
        lane = { waiting: [], inFlight: new Set(), failed: [], retrying: false };
        this.#lanes.set(partition, lane);
      }
      if (lane.retrying || lane.failed.length > 0) lane.waiting.push(call);
      else this.#fly(partition, lane, call);
    });
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#sweep);
    for (const lane of this.#lanes.values()) {
      for (const call of [...lane.inFlight, ...lane.failed, ...lane.waiting]) this.#fail(call, 'the engine is closed');
      lane.waiting.length = 0;
      lane.failed.length = 0;
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
    } else if (!call.settled) {
      lane.failed.push(call);
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
    if (lane.inFlight.size > 0 || lane.failed.length === 0 || lane.retrying || this.#closed) return;
    lane.retrying = true;
    setTimeout(() => {
      lane.retrying = false;
      const calls = [...lane.failed, ...lane.waiting];
      lane.failed.length = 0;
      lane.waiting.length = 0;
      for (const call of calls) if (!call.settled) this.#fly(partition, lane, call);
    }, RETRY_MS).unref();
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

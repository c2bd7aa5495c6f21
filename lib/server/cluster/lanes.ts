/** A request to the store of the cluster that has failed. */
export class EngineError extends Error {
  /** @param uncertain - the request may have taken effect, or may still do so */
  constructor(
    message: string,
    readonly uncertain: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'EngineError';
  }
}

/**
 * What a failed request came to. `final`: the store has refused it. `passing`: the store has not carried it out, for a
 * reason that passes. `unanswered`: nobody knows.
 */
export type Refusal = 'final' | 'passing' | 'unanswered';

/** The way to the store. `C` is a connection, `R` a request. */
export interface Carrier<C extends object, R> {
  /** The store's name, for people. */
  readonly store: string;
  /**
   * The connection that serves a partition now; undefined: there is none. Another object is another connection, perhaps
   * to a store that lost what was answered last.
   */
  connection(partition: number): C | undefined;
  /** Requests that are handed to one connection are carried out in that order, one for each answer. */
  carry(connection: C, request: R): Promise<unknown>;
  /** A request was answered, `ms` milliseconds after it was handed over. */
  answered(request: R, ms: number): void;
  /** What a rejection of {@link carry} means. */
  judge(error: unknown): Refusal;
  /** A request failed for a reason that passes: does what can be done about that reason. */
  mend(connection: C | undefined, error: unknown): void;
  /** What the request is for, in a word. */
  nameOf(request: R): string;
}

interface Call<R> {
  readonly request: R;
  readonly deadline: number;
  uncertain: boolean;
  /** The caller has its answer, or its error. */
  settled: boolean;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: EngineError) => void;
}

interface Lane<C, R> {
  /** Calls that wait for this lane's turn; calls that have failed come first. */
  waiting: Call<R>[];
  readonly inFlight: Set<Call<R>>;
  failed: Call<R>[];
  /**
   * A call has failed. When no call is in flight any more, the lane rests. Then one call goes alone, and if it
   * succeeds, all others follow.
   */
  troubled: boolean;
  state: 'open' | 'resting' | 'probing';
  /** The connection of the last call, and since when. */
  connection: C | undefined;
  since: number;
}

const RETRY_MS = 50;
const SWEEP_MS = 100;
/**
 * A move counts as recent for so long: senders wait for 10 s, and a node finds its new connection within a few seconds.
 */
const LATELY_MS = 15_000;
const NO_CONNECTION = new Error('no connection');
/**
 * A request that has been answered, and has to be made again before any other over a connection whose store may have
 * lost it.
 */
export interface OwedRequest<R> {
  readonly request: R;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: EngineError) => void;
}

/**
 * Requests, in order within each partition: pipelined as long as all goes well. When one fails for a reason that passes
 * (a failover, a lost connection), the partition's later requests wait until all that are in flight have failed or
 * succeeded. Then the requests that failed are made again, in their order, the first request alone: the reason may pass
 * between two requests of a pipeline, and the second would overtake the first. The store must answer a repeat like the
 * first request.
 */
export class Lanes<C extends object, R> {
  readonly #lanes = new Map<number, Lane<C, R>>();
  readonly #sweep: NodeJS.Timeout;
  #closed = false;

  constructor(
    private readonly carrier: Carrier<C, R>,
    private readonly timeoutMs: number,
    /** Called for a partition whose connection is another one: the store behind it may have lost the last answers. */
    private readonly owed: (partition: number) => readonly OwedRequest<R>[] = () => [],
  ) {
    this.#sweep = setInterval(() => this.#expire(), SWEEP_MS).unref();
  }

  /** Makes a request. Rejects with an {@link EngineError}. */
  call<Reply = unknown>(partition: number, request: R, timeoutMs = this.timeoutMs): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      if (this.#closed) return reject(new EngineError('the engine is closed', false));
      const answer = { resolve: resolve as (reply: unknown) => void, reject };
      const call = this.#make({ request, ...answer }, timeoutMs);
      const connection = this.carrier.connection(partition);
      const lane = this.#lane(partition, connection);
      if (lane.state === 'open' && !lane.troubled && connection === lane.connection) {
        this.#fly(partition, lane, call);
        return;
      }
      lane.waiting.push(call);
      // Over a new connection a lane begins as it does after a failure.
      if (lane.state === 'open' && lane.inFlight.size === 0) this.#probe(partition, lane);
      else lane.troubled ||= lane.state === 'open';
    });
  }

  /** Whether a partition's requests have gone over another connection lately, perhaps to another store. */
  movedLately(partition: number): boolean {
    return performance.now() - (this.#lanes.get(partition)?.since ?? 0) < LATELY_MS;
  }

  #lane(partition: number, connection: C | undefined): Lane<C, R> {
    let lane = this.#lanes.get(partition);
    if (lane === undefined) {
      const none = { waiting: [], inFlight: new Set<Call<R>>(), failed: [], troubled: false };
      lane = { ...none, state: 'open', connection, since: Number.NEGATIVE_INFINITY };
      this.#lanes.set(partition, lane);
    }
    return lane;
  }

  #make(call: OwedRequest<R>, timeoutMs: number): Call<R> {
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

  #fly(partition: number, lane: Lane<C, R>, call: Call<R>): void {
    lane.inFlight.add(call);
    const connection = this.carrier.connection(partition);
    if (connection === undefined) {
      queueMicrotask(() => this.#landed(partition, lane, call, NO_CONNECTION));
      return;
    }
    const begun = performance.now();
    this.carrier.carry(connection, call.request).then(
      (reply) => {
        lane.inFlight.delete(call);
        this.carrier.answered(call.request, performance.now() - begun);
        if (!call.settled) {
          call.settled = true;
          call.resolve(reply);
        }
        this.#settle(partition, lane);
      },
      (error: unknown) => this.#landed(partition, lane, call, error),
    );
  }

  #landed(partition: number, lane: Lane<C, R>, call: Call<R>, error: unknown): void {
    lane.inFlight.delete(call);
    const refusal = error === NO_CONNECTION ? 'unanswered' : this.carrier.judge(error);
    if (refusal === 'unanswered' && error !== NO_CONNECTION) call.uncertain = true;
    if (refusal === 'final') {
      this.#fail(call, error instanceof Error ? error.message : String(error), error);
    } else {
      lane.troubled = true;
      if (!call.settled) lane.failed.push(call);
      if (refusal === 'passing') this.carrier.mend(this.carrier.connection(partition), error);
    }
    this.#settle(partition, lane);
  }

  /** When no call is in flight any more, the failed calls are made again. */
  #settle(partition: number, lane: Lane<C, R>): void {
    if (lane.inFlight.size > 0 || this.#closed) return;
    if (lane.troubled) {
      if (lane.state === 'resting') return;
      lane.state = 'resting';
      setTimeout(() => this.#probe(partition, lane), RETRY_MS).unref();
    } else if (lane.state === 'probing') {
      if (this.carrier.connection(partition) !== lane.connection) {
        this.#probe(partition, lane);
        return;
      }
      lane.state = 'open';
      for (const call of lane.waiting.splice(0)) if (!call.settled) this.#fly(partition, lane, call);
    }
  }

  /** Makes the first of all waiting calls alone. */
  #probe(partition: number, lane: Lane<C, R>): void {
    const connection = this.carrier.connection(partition);
    const again = [...lane.failed, ...lane.waiting].filter((call) => !call.settled);
    const owed = connection === undefined || connection === lane.connection ? [] : this.owed(partition);
    if (connection !== undefined && connection !== lane.connection) {
      lane.connection = connection;
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
    const late = (call: Call<R>) => {
      if (call.deadline <= now)
        this.#fail(call, `no answer from ${this.carrier.store} in time (${this.carrier.nameOf(call.request)})`);
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

  #fail(call: Call<R>, message: string, cause?: unknown): void {
    if (call.settled) return;
    call.settled = true;
    call.reject(new EngineError(message, call.uncertain, cause === undefined ? undefined : { cause }));
  }
}

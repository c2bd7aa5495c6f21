import type { Environment } from './environment.js';
import { Refusal } from './keys.js';
import { reasonOf } from './store-error.js';

interface QueuedOperation {
  readonly work: () => unknown;
  readonly again: Again;
  readonly bytes: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  repeated: number;
  value?: unknown;
  refusal?: Refusal;
}

/**
 * How often an operation is tried again after its commit has failed. A send is not. A removal needs hardly any room, so
 * it is tried once more without the sends. A read is answered from the present state.
 */
type Again = keyof typeof REPEATS;
const REPEATS = { never: 0, once: 1, reads: 3 };

/** Most operations of one transaction, which run on this thread without a pause. */
const MOST_OPERATIONS = 1000;
const MOST_BYTES = 8 * 2 ** 20;
/** Most bytes that may wait for a slow disk. Above this, new sends fail immediately. */
const MOST_WAITING_BYTES = 64 * 2 ** 20;
/** For so long after a failure, new sends fail immediately instead of trying a full disk one by one. */
const PAUSE_MS = 200;

export interface GroupCommitOptions {
  /** Opens the file again after a failure. */
  readonly reopen: () => Environment;
  /** Called before each commit, for writes that all operations of the commit share. */
  readonly beforeCommit: () => void;
  /** Called when the file was opened again: state that was read from the file must be read again. */
  readonly opened: (environment: Environment) => void;
  /** Adds to the reason of a failed commit where it happened, and what to do. */
  readonly explain: (reason: string) => string;
  readonly log: (level: 'warning' | 'error', line: string) => void;
}

/**
 * Carries out operations in the order of the calls, many in one commit. While a commit is on its way to the disk, new
 * operations wait for the next commit. Promises settle when the commit ends.
 *
 * After a failed commit LMDB may refuse everything or wait for ever, so the file is closed and opened again.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #environment: Environment | undefined;
  #queue: QueuedOperation[] = [];
  #waitingBytes = 0;
  /** Number of operations at the head of the queue that are committed without the operations behind them. */
  #alone = 0;
  #running: Promise<void> | undefined;
  #closed = false;
  #failure: Error | undefined;
  /** The reason of `#failure`, without figures that change. */
  #reason: string | undefined;
  #pausedUntil = 0;

  constructor(environment: Environment, options: GroupCommitOptions) {
    this.#environment = environment;
    this.#options = options;
  }

  /** Runs `work` inside a transaction. A `work` that throws a {@link Refusal} has written nothing. */
  write<T>(work: () => T, { bytes = 0, again = 'never' }: { bytes?: number; again?: Again } = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closed) throw new Error('the store is closed');
      if (this.#waitingBytes + bytes > MOST_WAITING_BYTES) throw new Error('the disk is too slow for what is sent');
      this.#waitingBytes += bytes;
      this.#queue.push({ work, again, bytes, resolve: resolve as (value: unknown) => void, reject, repeated: 0 });
      this.#running ??= this.#run();
    });
  }

  /** Reads the state after all earlier operations; immediately if none is under way. */
  read<T>(work: () => T): Promise<T> {
    if (this.#running !== undefined || this.#closed || this.#environment === undefined) {
      return this.write(work, { again: 'reads' });
    }
    return new Promise((resolve) => resolve(work()));
  }

  /** Waits for the operations under way, and takes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    const environment = this.#environment;
    this.#environment = undefined;
    await environment?.close();
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) await this.#commitGroup();
    this.#running = undefined;
  }

  async #commitGroup(): Promise<void> {
    let group: QueuedOperation[] | undefined;
    await new Promise((resolve) => setImmediate(resolve)); // the operations of one turn share a commit
    try {
      this.#environment ??= this.#reopen();
      await this.#environment.transaction(() => {
        group = this.#take();
        for (const operation of group) attempt(operation);
        this.#options.beforeCommit();
      });
    } catch (error) {
      await this.#fail(group ?? this.#take(), error);
      return;
    }
    for (const { resolve, reject, refusal, value } of group ?? []) {
      if (refusal !== undefined) reject(refusal);
      else resolve(value);
    }
    if (this.#failure !== undefined && group?.some(({ again }) => again === 'never')) {
      this.#failure = undefined;
      this.#options.log('warning', 'store: writes again');
    }
  }

  #take(): QueuedOperation[] {
    const most = this.#alone > 0 ? this.#alone : MOST_OPERATIONS;
    this.#alone = 0;
    let count = 0;
    for (let bytes = 0; count < Math.min(most, this.#queue.length) && bytes < MOST_BYTES; count++) {
      bytes += this.#queue[count]?.bytes ?? 0;
    }
    const taken = this.#queue.splice(0, count);
    for (const { bytes } of taken) this.#waitingBytes -= bytes;
    if (this.#failure === undefined || performance.now() >= this.#pausedUntil) return taken;
    return taken.filter(({ again, reject }) => {
      if (again === 'never') reject(this.#failure);
      return again !== 'never';
    });
  }

  async #fail(group: readonly QueuedOperation[], cause: unknown): Promise<void> {
    const reason = reasonOf(cause);
    const explained = this.#options.explain(reason);
    const failure = new Error(`the store cannot write: ${explained}`, { cause });
    if (this.#failure === undefined || this.#reason !== reason) {
      this.#options.log('error', `store: cannot write: ${explained}; what is to be stored fails until it can`);
    }
    this.#failure = failure;
    this.#reason = reason;
    this.#pausedUntil = performance.now() + PAUSE_MS;
    const former = this.#environment;
    this.#environment = undefined;
    await former?.close().catch(() => undefined);
    try {
      this.#environment = this.#reopen();
    } catch {
      for (const { reject } of group) reject(failure); // the next group tries again
      return;
    }
    const again: QueuedOperation[] = [];
    for (const operation of group) {
      if (operation.repeated < REPEATS[operation.again]) {
        operation.repeated++;
        delete operation.refusal;
        again.push(operation);
      } else {
        operation.reject(failure);
      }
    }
    this.#alone = again.length;
    for (const { bytes } of again) this.#waitingBytes += bytes;
    this.#queue.unshift(...again);
  }

  #reopen(): Environment {
    const environment = this.#options.reopen();
    this.#options.opened(environment);
    return environment;
  }
}

function attempt(operation: QueuedOperation): void {
  try {
    operation.value = operation.work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    operation.refusal = error;
  }
}

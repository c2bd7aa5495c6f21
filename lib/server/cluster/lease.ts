import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Directory, EngineLog, LeaseState } from './directory.js';

export interface LeaseEvents {
  /** The lease may end before it can be renewed: the node must serve nobody. */
  endangered(): void;
  /** The lease holds, and has not been interrupted. */
  safe(): Promise<void>;
  /** The lease has been lost: the state of this node in the store is gone. The node has a new name. */
  renamed(node: string): Promise<void>;
  /** After each heartbeat: nodes whose lease is over, and for how long, in milliseconds. */
  dead(nodes: ReadonlyMap<string, number>): void;
}

export interface LeaseSettings {
  readonly nodeId: string;
  /** A node that has not renewed its lease for so long is dead. */
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly operationTimeoutMs: number;
  readonly log: EngineLog;
}

/** A node stops serving so long before its lease ends. */
const MARGIN_MS = 1000;
const CHECK_MS = 100;

/** This node's lease in the directory of nodes. */
export class Lease {
  #node: string;
  /** When the call that renewed the lease last was begun, by `performance.now()`. */
  #good = 0;
  #dead: ReadonlySet<string> = new Set();
  #check: NodeJS.Timeout | undefined;
  #endangered = false;
  #closed = false;
  #wake = new AbortController();

  constructor(
    private readonly directory: Directory,
    private readonly settings: LeaseSettings,
    private readonly events: LeaseEvents,
  ) {
    this.#node = this.#newName();
  }

  /** `<node id>.<boot>`: the name under which this node holds its lease now. */
  get node(): string {
    return this.#node;
  }

  /** Whether the lease of that node is over, as far as this node knows. */
  isDead(node: string): boolean {
    return this.#dead.has(node);
  }

  #newName(): string {
    return `${this.settings.nodeId}.${randomBytes(6).toString('hex')}`;
  }

  /**
   * Takes the lease. Rejects if another node with this id is alive; waits for the lease of a node that has just died.
   */
  async take(): Promise<void> {
    let before: string | undefined;
    for (;;) {
      const begun = performance.now();
      const state = await this.#ask(true);
      if (state.held) {
        this.#renewed(begun, state.dead);
        return;
      }
      if (before !== undefined && before !== state.ends) {
        const { nodeId } = this.settings;
        throw new Error(
          `another node with the id "${nodeId}" is running (as ${state.holder}); give each node its own nodeId`,
        );
      }
      before = state.ends;
      await sleep(this.settings.heartbeatMs + CHECK_MS, undefined, { ref: false });
    }
  }

  /** Begins to renew the lease. */
  start(): void {
    this.#check = setInterval(() => {
      const { leaseMs } = this.settings;
      if (performance.now() - this.#good < leaseMs - Math.min(MARGIN_MS, leaseMs / 8) || this.#endangered) return;
      this.#endangered = true;
      this.events.endangered();
    }, CHECK_MS).unref();
    void this.#beat();
  }

  /** Stops renewing the lease, which then runs out, or with `release` ends at once. */
  async close(release: boolean): Promise<void> {
    this.#closed = true;
    clearInterval(this.#check);
    this.#wake.abort();
    if (release) await this.directory.release(this.#node).catch(() => undefined);
  }

  async #beat(): Promise<void> {
    // The lease was taken a while ago, if connecting was slow.
    let failed = true;
    while (!this.#closed) {
      // A call that failed has waited for as long as a heartbeat already.
      await sleep(failed ? CHECK_MS : this.settings.heartbeatMs, undefined, {
        ref: false,
        signal: this.#wake.signal,
      }).catch(() => undefined);
      if (this.#closed) return;
      failed = false;
      try {
        const begun = performance.now();
        const state = await this.#ask(false);
        if (this.#closed) return;
        if (state.held) this.#renewed(begun, state.dead);
        else await this.#rename();
        if (this.#endangered && performance.now() - this.#good < this.settings.leaseMs / 2) {
          this.#endangered = false;
          await this.events.safe();
        }
      } catch (error) {
        failed = true;
        this.settings.log('warning', `engine: no heartbeat: ${String(error)}`);
      }
    }
  }

  async #rename(): Promise<void> {
    if (!this.#endangered) {
      this.#endangered = true;
      this.events.endangered();
    }
    this.settings.log('error', `engine: the lease of ${this.#node} is gone; starting anew`);
    this.#node = this.#newName();
    const begun = performance.now();
    const state = await this.#ask(true);
    if (!state.held) return;
    await this.events.renamed(this.#node);
    this.#renewed(begun, state.dead);
  }

  #ask(fresh: boolean): Promise<LeaseState> {
    const { operationTimeoutMs, heartbeatMs } = this.settings;
    return this.directory.lease(this.#node, fresh, fresh ? operationTimeoutMs : heartbeatMs);
  }

  #renewed(begun: number, dead: ReadonlyMap<string, number>): void {
    this.#good = begun;
    this.#dead = new Set(dead.keys());
    this.events.dead(dead);
  }
}

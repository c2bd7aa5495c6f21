import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DIRECTORY_PARTITION, directoryKeys } from './keys.js';
import type { Lanes } from './lanes.js';
import type { Settings } from './options.js';

export interface LeaseEvents {
  /** The lease may be over before it can be renewed: serve nobody. */
  endangered(): void;
  /** The lease holds again, and always did. */
  safe(): Promise<void>;
  /** The lease was given up to others, or forgotten: what this node had in Redis is gone. There is a new name. */
  renamed(node: string): Promise<void>;
  /** After each heartbeat: nodes whose lease is over, and for how long. */
  dead(nodes: ReadonlyMap<string, number>): void;
}

type LeaseReply = (Buffer | number)[];

/** Stops serving so long before the lease ends. */
const MARGIN_MS = 1000;
const CHECK_MS = 100;

/** This node's lease in the directory of nodes: script nodes. */
export class Lease {
  #node: string;
  #good = 0;
  #dead: ReadonlySet<string> = new Set();
  #check: NodeJS.Timeout | undefined;
  #endangered = false;
  #closed = false;
  #wake = new AbortController();

  constructor(
    private readonly lanes: Lanes,
    private readonly settings: Settings,
    private readonly events: LeaseEvents,
  ) {
    this.#node = this.#newName();
  }

  get node(): string {
    return this.#node;
  }

  isDead(node: string): boolean {
    return this.#dead.has(node);
  }

  #newName(): string {
    return `${this.settings.nodeId}.${randomBytes(6).toString('hex')}`;
  }

  /** Rejects if another node with this id lives. One that has just died is waited for. */
  async take(): Promise<void> {
    let before: string | undefined;
    for (;;) {
      const begun = performance.now();
      const reply = await this.#call(true);
      if (reply[0] !== -1) {
        this.#renewed(begun, reply);
        return;
      }
      const [, ends, holder] = reply.map(String) as [string, string, string];
      if (before !== undefined && before !== ends) {
        throw new Error(
          `another node with the id "${this.settings.nodeId}" is running (as ${holder}); give each node its own nodeId`,
        );
      }
      before = ends;
      await sleep(this.settings.heartbeatMs + CHECK_MS, undefined, { ref: false });
    }
  }

  /** Heartbeats from now on. */
  start(): void {
    this.#check = setInterval(() => {
      const { leaseMs } = this.settings;
      if (performance.now() - this.#good < leaseMs - Math.min(MARGIN_MS, leaseMs / 8) || this.#endangered) return;
      this.#endangered = true;
      this.events.endangered();
    }, CHECK_MS).unref();
    void this.#beat();
  }

  /** No more heartbeats; the lease runs out, or ends at once with `release`. */
  async close(release: boolean): Promise<void> {
    this.#closed = true;
    clearInterval(this.#check);
    this.#wake.abort();
    if (!release) return;
    await this.lanes.call(DIRECTORY_PARTITION, 'release', directoryKeys(), [this.#node]).catch(() => undefined);
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
        const reply = await this.#call(false);
        if (this.#closed) return;
        if (reply[0] === -1) await this.#rename();
        else this.#renewed(begun, reply);
        if (this.#endangered && performance.now() - this.#good < this.settings.leaseMs / 2) {
          this.#endangered = false;
          await this.events.safe();
        }
      } catch (error) {
        failed = true;
        this.settings.log('warn', `engine: no heartbeat: ${String(error)}`);
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
    const reply = await this.#call(true);
    if (reply[0] === -1) return;
    await this.events.renamed(this.#node);
    this.#renewed(begun, reply);
  }

  #call(fresh: boolean): Promise<LeaseReply> {
    const { nodeId, leaseMs, heartbeatMs } = this.settings;
    const args = [nodeId, this.#node, String(leaseMs), fresh ? '1' : '0'];
    const timeout = fresh ? this.settings.operationTimeoutMs : heartbeatMs;
    return this.lanes.call<LeaseReply>(DIRECTORY_PARTITION, 'lease', directoryKeys(), args, timeout);
  }

  #renewed(begun: number, [now, ...flat]: LeaseReply): void {
    this.#good = begun;
    const dead = new Map<string, number>();
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const over = Number(String(now)) - Number(String(flat[i + 1]));
      if (over >= 0) dead.set(String(flat[i]), over);
    }
    this.#dead = new Set(dead.keys());
    this.events.dead(dead);
  }
}

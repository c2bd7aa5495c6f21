import type { Directory, EngineLog } from './directory.js';
import { PARTITIONS } from './partitions.js';

export interface ReaperSettings {
  /** The sessions of a dead node end so long after its last heartbeat. */
  readonly removeAfterMs: number;
  readonly leaseMs: number;
  readonly log: EngineLog;
}

/** Partitions worked on at the same time: the work for a dead node must leave the store to the calls of the others. */
export const PARTITIONS_ABREAST = 8;

/**
 * Removes what dead nodes left. Their users turn UNREACHABLE when the lease is over, and are removed later, so that
 * they can resume elsewhere. Every removal is conditional, so it happens once however many survivors try.
 */
export class Reaper {
  readonly #silenced = new Set<string>();
  readonly #busy = new Set<string>();

  constructor(
    private readonly directory: Directory,
    private readonly settings: ReaperSettings,
    private readonly self: { readonly node: string; readonly closed: boolean },
  ) {}

  /** Dead nodes, and for how long their leases have been over, in milliseconds. */
  see(dead: ReadonlyMap<string, number>): void {
    const { removeAfterMs, leaseMs, log } = this.settings;
    for (const node of this.#silenced) if (!dead.has(node)) this.#silenced.delete(node);
    for (const [node, over] of dead) {
      if (this.#busy.has(node) || node === this.self.node) continue;
      const remove = over >= Math.max(0, removeAfterMs - leaseMs);
      if (!remove && this.#silenced.has(node)) continue;
      this.#busy.add(node);
      const work = remove ? this.#reap(node) : this.#silence(node);
      work
        .catch((error: unknown) => {
          if (!this.self.closed) log('warning', `engine: after ${node}: ${String(error)}`);
        })
        .finally(() => this.#busy.delete(node));
    }
  }

  #claim(node: string): Promise<boolean> {
    return this.directory.claim(node, this.self.node);
  }

  async #silence(node: string): Promise<void> {
    if (!(await this.#claim(node))) return;
    await everywhere((partition) => this.directory.silence(partition, node));
    this.#silenced.add(node);
    this.settings.log('warning', `engine: node ${node} is dead; its users are unreachable`);
  }

  async #reap(node: string): Promise<void> {
    if (!(await this.#claim(node))) return;
    await everywhere(async (partition) => {
      while (await this.directory.reap(partition, node)) {
        if (!(await this.#claim(node))) throw new Error('it came back, or another survivor took over');
      }
    });
    await this.directory.forget(node);
    this.settings.log('info', `engine: what dead node ${node} left is removed`);
  }
}

async function everywhere(work: (partition: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < PARTITIONS) await work(next++);
  };
  await Promise.all(Array.from({ length: PARTITIONS_ABREAST }, worker));
}

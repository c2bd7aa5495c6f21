import type { Core } from './core.js';
import { claimKey, DIRECTORY_PARTITION, directoryKeys, PARTITIONS } from './keys.js';

const CLAIM_MS = 15_000;
const BATCH = 200;
/** Partitions worked on at the same time: a dead node must not take Redis from the living. */
const ABREAST = 8;

/**
 * Removes what dead nodes left: script reap. Their users turn UNREACHABLE when the lease is over, and are removed later, so
 * that they can resume elsewhere. Every removal is conditional, so it happens once however many survivors try.
 */
export class Reaper {
  readonly #silenced = new Set<string>();
  readonly #busy = new Set<string>();

  constructor(private readonly core: Core) {}

  /** Dead nodes, and for how long their leases have been over. */
  see(dead: ReadonlyMap<string, number>): void {
    const { removeAfterMs, leaseMs } = this.core.settings;
    for (const node of this.#silenced) if (!dead.has(node)) this.#silenced.delete(node);
    for (const [node, over] of dead) {
      if (this.#busy.has(node) || node === this.core.node) continue;
      const remove = over >= Math.max(0, removeAfterMs - leaseMs);
      if (!remove && this.#silenced.has(node)) continue;
      this.#busy.add(node);
      const work = remove ? this.#reap(node) : this.#silence(node);
      work
        .catch((error: unknown) => {
          if (!this.core.closed) this.core.settings.log('warn', `engine: after ${node}: ${String(error)}`);
        })
        .finally(() => this.#busy.delete(node));
    }
  }

  async #claim(node: string): Promise<boolean> {
    const args = [node, this.core.node, String(CLAIM_MS)];
    const keys = [...directoryKeys(), claimKey(node)];
    return (await this.core.lanes.call<number>(DIRECTORY_PARTITION, 'claim', keys, args)) === 1;
  }

  async #silence(node: string): Promise<void> {
    if (!(await this.#claim(node))) return;
    await this.#everywhere(async (partition) => {
      let cursor = '0';
      do {
        cursor = String(await this.core.lanes.call<Buffer>(partition, 'unreachable', undefined, [node, cursor]));
      } while (cursor !== '0');
    });
    this.#silenced.add(node);
    this.core.settings.log('warn', `engine: node ${node} is dead; its users are unreachable`);
  }

  async #reap(node: string): Promise<void> {
    if (!(await this.#claim(node))) return;
    const { noticeLimit, attributeAfterlifeMs, offlineRetentionMs } = this.core.settings;
    const args = [node, BATCH, noticeLimit, attributeAfterlifeMs, offlineRetentionMs].map(String);
    await this.#everywhere(async (partition) => {
      while ((await this.core.lanes.call<number>(partition, 'reap', undefined, args)) === 1) {
        if (!(await this.#claim(node))) throw new Error('it came back, or another survivor took over');
      }
    });
    const keys = [...directoryKeys(), claimKey(node)];
    await this.core.lanes.call(DIRECTORY_PARTITION, 'forget', keys, [node]);
    this.core.settings.log('info', `engine: what dead node ${node} left is removed`);
  }

  async #everywhere(work: (partition: number) => Promise<void>): Promise<void> {
    let next = 0;
    const worker = async () => {
      while (next < PARTITIONS) await work(next++);
    };
    await Promise.all(Array.from({ length: ABREAST }, worker));
  }
}

import type { Directory, LeaseState } from '../directory.js';
import { DIRECTORY_PARTITION } from '../partitions.js';
import { claimKey, directoryKeys } from './keys.js';
import type { Settings } from './options.js';
import type { ScriptCalls } from './script-calls.js';

const CLAIM_MS = 15_000;
/** Sessions and memberships that one call of `reap` removes at most. */
const BATCH = 200;

/** The directory of nodes in Redis: scripts nodes, reap and presence. */
export class RedisDirectory implements Directory {
  constructor(
    private readonly scripts: ScriptCalls,
    private readonly settings: Settings,
  ) {}

  async lease(node: string, fresh: boolean, timeoutMs: number): Promise<LeaseState> {
    const { nodeId, leaseMs } = this.settings;
    const args = [nodeId, node, String(leaseMs), fresh ? '1' : '0'];
    const reply = await this.scripts.call<(Buffer | number)[]>(
      DIRECTORY_PARTITION,
      'lease',
      directoryKeys(),
      args,
      timeoutMs,
    );
    if (reply[0] === -2) {
      const [, found, known] = reply.map(String);
      throw new Error(
        `Redis has data of format ${found}, expected at most ${known}: ` +
          'run the version of this package that wrote it, or name an empty database',
      );
    }
    if (reply[0] === -1) return { held: false, ends: String(reply[1]), holder: String(reply[2]) };
    const [now, ...flat] = reply.map(String);
    const dead = new Map<string, number>();
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const over = Number(now) - Number(flat[i + 1]);
      if (over >= 0) dead.set(flat[i] as string, over);
    }
    return { held: true, dead };
  }

  async release(node: string): Promise<void> {
    await this.scripts.call(DIRECTORY_PARTITION, 'release', directoryKeys(), [node]);
  }

  async claim(dead: string, node: string): Promise<boolean> {
    const args = [dead, node, String(CLAIM_MS)];
    return (await this.scripts.call<number>(DIRECTORY_PARTITION, 'claim', keysOf(dead), args)) === 1;
  }

  async forget(dead: string): Promise<void> {
    await this.scripts.call(DIRECTORY_PARTITION, 'forget', keysOf(dead), [dead]);
  }

  async silence(partition: number, dead: string): Promise<void> {
    let cursor = '0';
    do {
      cursor = String(await this.scripts.call<Buffer>(partition, 'unreachable', undefined, [dead, cursor]));
    } while (cursor !== '0');
  }

  async reap(partition: number, dead: string): Promise<boolean> {
    const { noticeLimit, attributeAfterlifeMs, offlineRetentionMs } = this.settings;
    const args = [dead, BATCH, noticeLimit, attributeAfterlifeMs, offlineRetentionMs].map(String);
    return (await this.scripts.call<number>(partition, 'reap', undefined, args)) === 1;
  }
}

const keysOf = (dead: string): string[] => [...directoryKeys(), claimKey(dead)];

import { PARTITIONS } from '../partitions.js';
import type { Client } from './client.js';
import { partitionKey, tagOf } from './keys.js';
import type { Shard, Shards } from './shards.js';

const WAIT_MS = 1000;

interface Group {
  /** Run id of the primary whose replicas have all earlier writes; undefined if they do not have them. */
  running: Promise<string | undefined> | undefined;
  next: Promise<string | undefined> | undefined;
}

/**
 * Makes sure that replicas have what a primary has acknowledged. One WAIT covers all writes before it, of whichever
 * connection: so there is one at a time for each primary, on a connection of its own that it may block.
 */
export class Replicas {
  readonly #groups = new WeakMap<Shard, Group>();

  constructor(
    private readonly shards: Shards,
    private readonly count: number,
    private readonly node: () => string,
  ) {}

  /**
   * Resolves when enough replicas, or all if there are fewer, have all writes of the partition's primary until now.
   * Rejects if the primary is not this run any more.
   */
  async reach(partition: number, run: string): Promise<void> {
    const shard = this.shards.of(partition);
    if (shard === undefined) throw new Error('no primary');
    let group = this.#groups.get(shard);
    if (group === undefined) {
      group = { running: undefined, next: undefined };
      this.#groups.set(shard, group);
    }
    // A WAIT that has begun may have begun before the write.
    group.next ??= this.#queue(shard, group);
    if ((await group.next) !== run) throw new Error('not enough replicas have it');
  }

  async #queue(shard: Shard, group: Group): Promise<string | undefined> {
    await group.running?.catch(() => undefined);
    group.running = this.#wait(shard).catch(() => undefined);
    group.next = undefined;
    return group.running;
  }

  async #wait(shard: Shard): Promise<string | undefined> {
    const client: Client | undefined = shard.waits?.client;
    let partition = 0;
    while (partition < PARTITIONS && this.shards.of(partition) !== shard) partition++;
    if (client === undefined || partition === PARTITIONS) {
      await new Promise((resolve) => setTimeout(resolve, WAIT_MS / 10).unref());
      return undefined;
    }
    const keys = [partitionKey(partition), `${tagOf(partition)}wait:${this.node()}`];
    const call = ['FCALL', `${this.shards.library.prefix}barrier`, '2', ...keys];
    const [run, [, , connected]] = await Promise.all([
      client.sendCommand<Buffer>(call),
      client.sendCommand<[Buffer, number, unknown[]]>(['ROLE']),
    ]);
    // After a failover there may be fewer replicas than configured: the service goes on with the replicas there are. An
    // operator who wants writes to stop instead sets min-replicas-to-write in Redis.
    const wanted = Math.min(this.count, connected.length);
    if (wanted === 0) return String(run);
    const reached = await client.sendCommand<number>(['WAIT', String(wanted), String(WAIT_MS)]);
    return reached >= wanted ? String(run) : undefined;
  }
}

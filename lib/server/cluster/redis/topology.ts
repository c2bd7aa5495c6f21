import { PARTITIONS } from '../partitions.js';
import type { Client, MakeClient } from './client.js';
import { meet, nameOf } from './health.js';
import { slotOfPartition } from './keys.js';
import type { Address, Settings } from './options.js';

const ASK_MS = 2000;

/** Finds out which primary serves which partition: of a single Redis, of a Redis Cluster, or behind Sentinels. */
export class Topology {
  #kind: 'single' | 'cluster' | 'sentinel' = 'single';

  constructor(
    private readonly make: MakeClient,
    private readonly settings: Settings,
  ) {}

  /**
   * Finds the kind of the Redis from the first address that answers. Rejects with an explanation if it cannot be used.
   */
  async open(): Promise<void> {
    let failure: unknown;
    for (const address of this.settings.addresses) {
      try {
        this.#kind = (await meet(this.make, address, this.settings)).kind;
        return;
      } catch (error) {
        failure ??= error;
      }
    }
    throw failure;
  }

  /** Whether the answer of {@link locate} may be another one later. */
  get mayChange(): boolean {
    return this.#kind !== 'single';
  }

  get first(): Address {
    return this.settings.addresses[0] as Address;
  }

  /**
   * The primary of each partition; undefined if no server knows at the moment.
   *
   * @param primaries - the primaries in use; the primaries of a Redis Cluster are asked besides the configured
   * addresses
   */
  async locate(primaries: readonly Address[]): Promise<Address[] | undefined> {
    if (this.#kind === 'single') return new Array<Address>(PARTITIONS).fill(this.first);
    const known = this.#kind === 'sentinel' ? [] : primaries;
    const asked = new Map([...known, ...this.settings.addresses].map((address) => [nameOf(address), address]));
    const answers = [...asked.values()].map((address) => this.#ask(address));
    return Promise.any(answers).catch(() => undefined);
  }

  async #ask(address: Address): Promise<Address[]> {
    const sentinel = this.#kind === 'sentinel';
    const client = this.make(address, sentinel ? 'sentinel' : undefined);
    const destroy = () => {
      try {
        client.destroy();
      } catch {
        // It never was open, or the timer was first.
      }
    };
    client.on('error', () => {});
    const timer = setTimeout(destroy, ASK_MS);
    try {
      await client.connect();
      const found = sentinel ? await this.#askSentinel(client) : await this.#askCluster(client, address);
      if (found === undefined) throw new Error('not all slots are served');
      return found;
    } finally {
      clearTimeout(timer);
      destroy();
    }
  }

  async #askSentinel(client: Client): Promise<Address[] | undefined> {
    const name = this.settings.sentinel as string;
    const answer = await client.sendCommand<Buffer[] | null>(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name]);
    if (answer === null) {
      throw new Error(`the Sentinels do not know a primary named "${name}"`);
    }
    return new Array<Address>(PARTITIONS).fill({ host: String(answer[0]), port: Number(String(answer[1])) });
  }

  async #askCluster(client: Client, asked: Address): Promise<Address[] | undefined> {
    const bySlot = new Map<number, Address>();
    const slots = Array.from({ length: PARTITIONS }, (_, partition) => slotOfPartition(partition));
    const ranges = await client.sendCommand<[number, number, [Buffer | null, number]][]>(['CLUSTER', 'SLOTS']);
    for (const [from, to, [host, port]] of ranges) {
      const address = { host: host === null || host.length === 0 ? asked.host : String(host), port };
      for (const slot of slots) if (slot >= from && slot <= to) bySlot.set(slot, address);
    }
    const owners = slots.map((slot) => bySlot.get(slot));
    return owners.every((owner) => owner !== undefined) ? owners : undefined;
  }
}

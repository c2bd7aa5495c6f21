import { PARTITIONS } from '../partitions.js';
import { type Client, Link, type MakeClient } from './client.js';
import { checkWritable, explain, nameOf, parseInfo } from './health.js';
import { mailboxOf } from './keys.js';
import { readLibrary } from './library.js';
import type { Address, Settings } from './options.js';
import { Topology } from './topology.js';

/** One primary: a link for calls, one for the mailboxes of its partitions. */
export interface Shard {
  readonly address: Address;
  readonly calls: Link;
  /** A link for WAIT, which blocks its connection. */
  readonly waits: Link | undefined;
  mailboxes: Link | undefined;
  /** Partitions whose mailboxes are subscribed on the present connection. */
  readonly subscribed: Set<number>;
}

export interface ShardEvents {
  /** A piece of news from a mailbox. */
  news(partition: number, message: Buffer): void;
  /** A mailbox is subscribed again: news may have been missed. */
  renewed(partition: number): void;
}

const REFRESH_PAUSE_MS = 100;
const WATCH_MS = 250;

/**
 * Which primary serves which partition, and the links to them. The engine does its own routing. The cluster client of
 * npm `redis` would send redirected commands behind later ones, although the engine promises an order, and its sharded
 * subscriptions do not tell when they were renewed.
 */
export class Shards {
  readonly #shards = new Map<string, Shard>();
  readonly #owners = new Array<Shard | undefined>(PARTITIONS);
  readonly #installing = new WeakMap<Client, Promise<void>>();
  readonly library = readLibrary();
  readonly #topology: Topology;
  #node: string | undefined;
  #refreshing: Promise<void> | undefined;
  #watch: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(
    private readonly make: MakeClient,
    private readonly settings: Settings,
    private readonly events: ShardEvents,
  ) {
    this.#topology = new Topology(make, settings);
  }

  /** Finds the primaries. Rejects with an explanation if they cannot be used. */
  async open(): Promise<void> {
    await this.#topology.open();
    const owners = await this.#locate();
    if (owners === undefined) throw new Error(`Redis at ${nameOf(this.#topology.first)}: it does not name a primary`);
    for (const address of new Map(owners.map((owner) => [nameOf(owner), owner])).values()) await this.#try(address);
    this.#adopt(owners);
    this.#watch = setInterval(() => {
      if ([...this.#shards.values()].some((shard) => shard.calls.client === undefined)) void this.refresh();
    }, WATCH_MS).unref();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#watch);
    for (const shard of this.#shards.values()) this.#drop(shard);
  }

  of(partition: number): Shard | undefined {
    return this.#owners[partition];
  }

  get all(): Iterable<Shard> {
    return this.#shards.values();
  }

  /** From now on the mailboxes of this node are read. */
  listenAs(node: string): void {
    this.#node = node;
    for (const shard of this.#shards.values()) {
      shard.mailboxes?.close();
      shard.mailboxes = this.#mailboxLink(shard);
    }
  }

  /** A call has met a server that is no primary: asks again which primary serves which partition. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Installs the scripts in a primary, unless it has them. */
  install(client: Client): Promise<void> {
    let installing = this.#installing.get(client);
    if (installing === undefined) {
      installing = this.#install(client).finally(() => this.#installing.delete(client));
      this.#installing.set(client, installing);
    }
    return installing;
  }

  async #install(client: Client): Promise<void> {
    const { prefix, source } = this.library;
    const there = await client.sendCommand<unknown[]>(['FUNCTION', 'LIST', 'LIBRARYNAME', prefix.slice(0, -1)]);
    if (there.length > 0) return;
    await client.sendCommand(['FUNCTION', 'LOAD', source]).catch((error: unknown) => {
      if (!/already exists/.test(String(error))) throw error;
    });
  }

  /** Connects once, so that problems show at the start. */
  async #try(address: Address): Promise<void> {
    const client = this.make(address);
    client.on('error', () => {});
    try {
      await client.connect();
      checkWritable(address, parseInfo(String(await client.sendCommand(['INFO']))));
      await this.install(client);
      await client.sendCommand(['SET', `rtm:write-check:${this.settings.nodeId}`, '1', 'PX', '1000']).catch((error) => {
        if (!/MOVED/.test(String(error))) throw error;
      });
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('Redis at ')) throw error;
      throw explain(address, error);
    } finally {
      try {
        client.destroy();
      } catch {
        // It never was open.
      }
    }
  }

  async #refresh(): Promise<void> {
    if (!this.#closed && this.#topology.mayChange) {
      const owners = await this.#locate();
      if (owners !== undefined && !this.#closed) this.#adopt(owners);
    }
    // Callers that have met the error wait for this pause before they ask again.
    await new Promise((resolve) => setTimeout(resolve, REFRESH_PAUSE_MS));
  }

  #locate(): Promise<Address[] | undefined> {
    return this.#topology.locate([...this.#shards.values()].map((shard) => shard.address));
  }

  #adopt(owners: readonly Address[]): void {
    const inUse = new Set(owners.map(nameOf));
    for (const [name, shard] of this.#shards) {
      if (inUse.has(name)) continue;
      this.#shards.delete(name);
      this.#drop(shard);
    }
    const changed = new Set<Shard>();
    for (const [partition, address] of owners.entries()) {
      const name = nameOf(address);
      const shard = this.#shards.get(name) ?? this.#connect(address);
      this.#shards.set(name, shard);
      if (this.#owners[partition] === shard) continue;
      this.#owners[partition] = shard;
      changed.add(shard);
    }
    // A shard that has got new partitions subscribes to their mailboxes. The former owner ends its subscriptions by
    // itself.
    for (const shard of changed) void this.#subscribe(shard);
  }

  #connect(address: Address): Shard {
    const shard: Shard = {
      address,
      subscribed: new Set(),
      calls: new Link(
        address,
        this.make,
        async (client) => {
          const [role] = await client.sendCommand<Buffer[]>(['ROLE']);
          if (String(role) !== 'master') throw new Error('it is a replica now');
          await this.install(client);
        },
        (ready, error) => {
          this.#report(shard, 'calls', ready, error);
        },
      ),
      waits:
        this.settings.waitReplicas === 0
          ? undefined
          : new Link(
              address,
              this.make,
              async () => undefined,
              () => undefined,
            ),
      mailboxes: undefined,
    };
    if (this.#node !== undefined) shard.mailboxes = this.#mailboxLink(shard);
    return shard;
  }

  #report(shard: Shard, what: string, ready: boolean, error: unknown): void {
    const at = nameOf(shard.address);
    if (ready) this.settings.log('info', `Redis at ${at}: connected (${what})`);
    else this.settings.log('warning', `Redis at ${at}: connection lost (${what})${error ? `: ${String(error)}` : ''}`);
  }

  #drop(shard: Shard): void {
    shard.calls.close();
    shard.waits?.close();
    shard.mailboxes?.close();
  }

  #mailboxLink(shard: Shard): Link {
    const link: Link = new Link(
      shard.address,
      this.make,
      async (client) => {
        shard.subscribed.clear();
        client.on('sharded-channel-moved', () => {
          if (!this.#closed) void this.refresh().then(() => link.renew());
        });
      },
      (ready, error) => {
        this.#report(shard, 'mailboxes', ready, error);
        if (ready) void this.#subscribe(shard);
      },
    );
    return link;
  }

  async #subscribe(shard: Shard): Promise<void> {
    const client = shard.mailboxes?.client;
    const node = this.#node;
    if (client === undefined || node === undefined) return;
    const missing: number[] = [];
    for (let partition = 0; partition < PARTITIONS; partition++) {
      if (this.#owners[partition] === shard && !shard.subscribed.has(partition)) missing.push(partition);
    }
    for (const partition of missing) shard.subscribed.add(partition);
    try {
      await Promise.all(
        missing.map(async (partition) => {
          // News that comes together with the confirmation is part of the state that is asked for next. Its number may
          // happen to be the next number of a former primary, and it would then pass for news without a gap.
          let confirmed = false;
          await client.sSubscribe(
            mailboxOf(partition, node),
            (message) => {
              if (confirmed && node === this.#node) this.events.news(partition, message);
            },
            true,
          );
          confirmed = true;
          if (node === this.#node) this.events.renewed(partition);
        }),
      );
    } catch {
      if (this.#closed || shard.mailboxes?.client !== client) return;
      void this.refresh().then(() => shard.mailboxes?.renew());
    }
  }
}

import { AppShares } from '../../storage/app-shares.js';
import { FEWEST_SHARES, STORED_ENTRY_BYTES } from '../../storage/store-constants.js';
import { scopedId } from '../partitions.js';
import type { Core } from './core.js';
import { number, text } from './fields.js';

/** As good as no bound. */
const ALL = Number.MAX_SAFE_INTEGER;

/** The stored messages of an App in one partition. */
interface Part {
  bytes: number;
  /** Senders that are not listed. */
  readonly others: number;
  /** The largest senders with their bytes, and the senders that this node has stored for. */
  readonly senders: Map<string, number>;
}

interface Sender {
  readonly name: string;
  bytes: number;
  readonly parts: Map<number, number>;
}

interface App {
  readonly parts: Map<number, Part>;
  readonly senders: Map<string, Sender>;
}

/** What a stored message takes, as script stored counts it. */
export function storedBytes(sender: string, content: Uint8Array): number {
  return STORED_ENTRY_BYTES + Buffer.byteLength(sender) + content.length;
}

/** What a store of messages may take for a sender; the numbers that script `send` decides by. */
export interface StoreBounds {
  /** Bytes that its App may still take. */
  readonly room: number;
  /** Bytes that the sender may take at the cost of others if there is no room; negative: none. */
  readonly left: number;
}

const nothing = (): Part => ({ bytes: 0, others: 0, senders: new Map() });

/**
 * Who has how much of the stored messages in Redis, as far as this node knows: the audit of each partition tells it, and
 * between two audits the node adds what it stores itself. When an App has no room, the largest sender makes it, and no
 * small one (docs/decisions/017-memory.md). Script stored.
 */
export class StoredShares {
  readonly #shares: AppShares;
  readonly #apps = new Map<string, App>();
  /** What is on its way to the store, by the id of the sender, and by the App ID. */
  readonly #reserved = new Map<string, number>();
  /** Apps whose largest senders make room now. */
  readonly #evicting = new Set<string>();

  constructor(private readonly core: Core) {
    this.#shares = new AppShares(core.settings.offlineBytes, core.settings.appIds);
  }

  /** What may be stored for a sender whose message takes `bytes`. */
  boundsOf(appId: string, sender: string, bytes: number): StoreBounds {
    const room = this.#shares.room(appId);
    if (room >= bytes) return { room: Math.min(room, ALL), left: ALL };
    const app = this.#apps.get(appId);
    const own = (app?.senders.get(sender)?.bytes ?? 0) + (this.#reserved.get(scopedId(appId, sender)) ?? 0);
    const share = this.#shares.mostOf / Math.max(FEWEST_SHARES, this.#senders(app, sender));
    // It would not fit although everybody else lost everything.
    const fits = bytes - room <= this.#shares.used(appId) - own;
    return { room: Math.max(-ALL, room), left: fits ? Math.floor(share - own) : -1 };
  }

  /** How many senders an App has, with this one: the senders known by name, and at least the others of a partition. */
  #senders(app: App | undefined, sender: string): number {
    if (app === undefined) return 1;
    let others = 0;
    for (const part of app.parts.values()) others = Math.max(others, part.others);
    return app.senders.size + (app.senders.has(sender) ? 0 : 1) + others;
  }

  /** A message is on its way to the store, so its bytes count until {@link release}. */
  reserve(appId: string, sender: string, bytes: number): void {
    this.#shares.add(appId, bytes);
    for (const key of [scopedId(appId, sender), appId]) {
      const all = (this.#reserved.get(key) ?? 0) + bytes;
      if (all > 0) this.#reserved.set(key, all);
      else this.#reserved.delete(key);
    }
  }

  release(appId: string, sender: string, bytes: number): void {
    this.reserve(appId, sender, -bytes);
  }

  /** The store has a message of the sender in this partition. If there was no room, others make it. */
  stored(partition: number, appId: string, sender: string, bytes: number, lacks: boolean): void {
    this.#change(partition, appId, sender, bytes);
    if (lacks) this.#makeRoom(appId, sender);
  }

  /** An audit has told what the partition has. */
  seen(partition: number, usage: readonly (readonly unknown[])[]): void {
    const present = new Set<string>();
    for (const each of usage) {
      const [id, bytes, count, flat] = each as [Buffer, Buffer, number, Buffer[]];
      const senders = new Map<string, number>();
      for (let i = 0; i + 1 < flat.length; i += 2) senders.set(text(flat, i), number(flat, i + 1));
      present.add(String(id));
      this.#put(partition, String(id), { bytes: Number(String(bytes)), others: count - senders.size, senders });
      // Two nodes that did not know of each other's messages have stored too many.
      if (this.#lackingOf(String(id)) > 0) this.#makeRoom(String(id), '');
    }
    for (const [appId, app] of this.#apps) {
      if (!present.has(appId) && app.parts.has(partition)) this.#put(partition, appId, nothing());
    }
  }

  #put(partition: number, appId: string, part: Part): void {
    const app = this.#appOf(appId);
    const before = app.parts.get(partition) ?? nothing();
    this.#shares.add(appId, part.bytes - before.bytes);
    for (const name of before.senders.keys()) if (!part.senders.has(name)) resize(app, name, partition, 0);
    for (const [name, bytes] of part.senders) resize(app, name, partition, bytes);
    this.#keep(appId, app, partition, part);
  }

  #change(partition: number, appId: string, sender: string, bytes: number): void {
    const app = this.#appOf(appId);
    const part = app.parts.get(partition) ?? nothing();
    const now = Math.max(0, (part.senders.get(sender) ?? 0) + bytes);
    if (now > 0) part.senders.set(sender, now);
    else part.senders.delete(sender);
    resize(app, sender, partition, now);
    const all = Math.max(0, part.bytes + bytes);
    this.#shares.add(appId, all - part.bytes);
    part.bytes = all;
    this.#keep(appId, app, partition, part);
  }

  #appOf(appId: string): App {
    return this.#apps.get(appId) ?? { parts: new Map<number, Part>(), senders: new Map<string, Sender>() };
  }

  #keep(appId: string, app: App, partition: number, part: Part): void {
    if (part.bytes > 0) app.parts.set(partition, part);
    else app.parts.delete(partition);
    if (app.parts.size > 0) this.#apps.set(appId, app);
    else this.#apps.delete(appId);
  }

  /** What the App has too much, without what is on its way and may not come. */
  #lackingOf(appId: string): number {
    return -(this.#shares.room(appId) + (this.#reserved.get(appId) ?? 0));
  }

  #makeRoom(appId: string, except: string): void {
    if (this.#evicting.has(appId)) return;
    this.#evicting.add(appId);
    void this.#evict(appId, except).finally(() => this.#evicting.delete(appId));
  }

  /**
   * Until the App has room, its largest senders lose their oldest messages, one partition after the other. Two nodes that
   * know the same ask for the same, which is done once.
   */
  async #evict(appId: string, except: string): Promise<void> {
    while (!this.core.closed) {
      const lacking = this.#lackingOf(appId);
      const payer = this.#largest(appId, except);
      if (lacking <= 0 || payer === undefined) return;
      const [at, has] = largestPart(payer);
      const args = [scopedId(appId, payer.name), String(Math.max(0, has - lacking))];
      const left = await this.core.scripts.call<Buffer>(at, 'evictStored', undefined, args).catch(() => undefined);
      const freed = has - Number(String(left));
      // Redis does not answer, or somebody else has made room: the next audit tells.
      if (!(freed > 0)) return;
      this.#change(at, appId, payer.name, -freed);
    }
  }

  #largest(appId: string, except: string): Sender | undefined {
    let largest: Sender | undefined;
    for (const sender of this.#apps.get(appId)?.senders.values() ?? []) {
      if (sender.name !== except && (largest === undefined || sender.bytes > largest.bytes)) largest = sender;
    }
    return largest;
  }
}

function resize(app: App, name: string, partition: number, bytes: number): void {
  const sender = app.senders.get(name) ?? { name, bytes: 0, parts: new Map<number, number>() };
  app.senders.set(name, sender);
  sender.bytes += bytes - (sender.parts.get(partition) ?? 0);
  if (bytes > 0) sender.parts.set(partition, bytes);
  else sender.parts.delete(partition);
  if (sender.parts.size === 0) app.senders.delete(name);
}

/** The partition in which a sender has most, and how much. */
function largestPart(sender: Sender): [partition: number, bytes: number] {
  let found: [number, number] = [0, 0];
  for (const [partition, bytes] of sender.parts) if (bytes > found[1]) found = [partition, bytes];
  return found;
}

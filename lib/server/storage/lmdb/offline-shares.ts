import { AppShares } from '../app-shares.js';
import { FEWEST_SHARES } from '../store-constants.js';
import type { Tables } from './environment.js';
import { nameKey, namesOf } from './keys.js';

/** Most senders of nearly the same size that are compared to find the largest. */
const COMPARED = 16;

interface Sender {
  readonly appId: string;
  readonly name: string;
  readonly key: Buffer;
  bytes: number;
}

interface App {
  senders: number;
  /** Senders by the logarithm of their bytes. */
  readonly classes: Set<Sender>[];
}

const classOf = (bytes: number): number => Math.floor(Math.log2(Math.max(1, bytes)));

/**
 * What each sender has in the offline queues, so that the largest pays when there is no room
 * (docs/decisions/017-memory.md). Table `offlineUsage`: (app, sender) → bytes.
 */
export class OfflineShares {
  readonly apps: AppShares;
  #tables: Tables;
  readonly #senders = new Map<string, Sender>();
  readonly #byApp = new Map<string, App>();
  readonly #changed = new Set<Sender>();

  constructor(tables: Tables, most: number, appIds: readonly string[]) {
    this.apps = new AppShares(most, appIds);
    this.#tables = tables;
    this.load(tables);
  }

  /** Reads all again, and forgets changes that were not committed. */
  load(tables: Tables): void {
    this.#tables = tables;
    this.apps.clear();
    this.#senders.clear();
    this.#byApp.clear();
    this.#changed.clear();
    for (const { key, value } of tables.offlineUsage.range()) {
      const [appId, name] = namesOf(Buffer.from(key));
      this.#resize(this.#sender(appId, name), value.readDoubleLE(0));
    }
    this.#changed.clear();
  }

  /** Inside a transaction, at its end. */
  save(): void {
    for (const { key, bytes } of this.#changed) {
      if (bytes === 0) {
        this.#tables.offlineUsage.remove(key);
        continue;
      }
      const value = Buffer.alloc(8);
      value.writeDoubleLE(bytes, 0);
      this.#tables.offlineUsage.put(key, value);
    }
    this.#changed.clear();
  }

  add(appId: string, name: string, bytes: number): void {
    const sender = this.#sender(appId, name);
    this.#resize(sender, sender.bytes + bytes);
  }

  /**
   * Whether `cost` more of this sender fit, or can be made to fit by taking from others, once messages of `freed` bytes
   * have gone, `ownFreed` of them its own. Nobody is to lose anything for what does not fit in the end.
   */
  mayAdd(appId: string, name: string, cost: number, freed: number, ownFreed: number): boolean {
    const lacking = cost - freed - this.apps.room(appId);
    if (lacking <= 0) return true;
    const known = this.#senders.get(senderKey(appId, name));
    const senders = (this.#byApp.get(appId)?.senders ?? 0) + (known === undefined ? 1 : 0);
    const own = (known?.bytes ?? 0) - ownFreed;
    if (own + cost > this.apps.mostOf / Math.max(FEWEST_SHARES, senders)) return false;
    return lacking <= this.apps.used(appId) - own - freed;
  }

  /** Whether `cost` more do not fit without taking from others. */
  lacks(appId: string, cost: number): boolean {
    return cost > this.apps.room(appId);
  }

  /** The sender with the most bytes in the App, but for `except`. */
  largest(appId: string, except: string): string | undefined {
    const classes = this.#byApp.get(appId)?.classes ?? [];
    for (let at = classes.length - 1; at >= 0; at--) {
      let found: Sender | undefined;
      let compared = 0;
      for (const sender of classes[at] ?? []) {
        if (sender.name === except) continue;
        if (found === undefined || isLarger(sender, found)) found = sender;
        if (++compared === COMPARED) break;
      }
      if (found !== undefined) return found.name;
    }
    return undefined;
  }

  #sender(appId: string, name: string): Sender {
    const key = senderKey(appId, name);
    const known = this.#senders.get(key);
    if (known !== undefined) return known;
    const sender: Sender = { appId, name, key: nameKey(appId, name), bytes: 0 };
    this.#senders.set(key, sender);
    return sender;
  }

  #resize(sender: Sender, bytes: number): void {
    const { appId } = sender;
    const app = this.#byApp.get(appId) ?? { senders: 0, classes: [] };
    this.#byApp.set(appId, app);
    this.apps.add(appId, bytes - sender.bytes);
    if (sender.bytes > 0) {
      app.classes[classOf(sender.bytes)]?.delete(sender);
      app.senders--;
    }
    sender.bytes = bytes;
    this.#changed.add(sender);
    if (bytes === 0) {
      this.#senders.delete(senderKey(appId, sender.name));
      return;
    }
    const at = classOf(bytes);
    while (app.classes.length <= at) app.classes.push(new Set());
    app.classes[at]?.add(sender);
    app.senders++;
  }
}

const senderKey = (appId: string, name: string): string => JSON.stringify([appId, name]);
/** Of two with the same bytes the one with the smaller name, so that the outcome does not depend on a restart. */
const isLarger = (a: Sender, b: Sender): boolean => (a.bytes === b.bytes ? a.name < b.name : a.bytes > b.bytes);

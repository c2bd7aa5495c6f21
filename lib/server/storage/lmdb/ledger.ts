import type { Tables } from './environment.js';

const COUNTERS = Buffer.from('counters');

/**
 * Sums that could only be found by reading the whole file, and are therefore written with each commit that changes
 * them: the last number given, the bytes of all offline messages, the bytes of each app's history.
 */
export class Ledger {
  #tables: Tables;
  #lastNumber = 0;
  #offlineBytes = 0;
  #countersChanged = false;
  #historyBytes = new Map<string, number>();
  readonly #changedApps = new Set<string>();

  constructor(tables: Tables) {
    this.#tables = tables;
    this.load(tables);
  }

  /** Reads the sums again, and forgets changes that were not committed. */
  load(tables: Tables): void {
    this.#tables = tables;
    const counters = tables.meta.get(COUNTERS);
    this.#lastNumber = counters?.readDoubleLE(0) ?? 0;
    this.#offlineBytes = counters?.readDoubleLE(8) ?? 0;
    this.#countersChanged = false;
    this.#changedApps.clear();
    this.#historyBytes = new Map();
    for (const { key, value } of tables.usage.range()) {
      this.#historyBytes.set(Buffer.from(key).toString('utf8'), value.readDoubleLE(0));
    }
  }

  save(): void {
    if (this.#countersChanged) {
      const counters = Buffer.alloc(16);
      counters.writeDoubleLE(this.#lastNumber, 0);
      counters.writeDoubleLE(this.#offlineBytes, 8);
      this.#tables.meta.put(COUNTERS, counters);
      this.#countersChanged = false;
    }
    for (const appId of this.#changedApps) {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(this.historyBytes(appId), 0);
      this.#tables.usage.put(Buffer.from(appId, 'utf8'), bytes);
    }
    this.#changedApps.clear();
  }

  /** A number that was never given before. */
  nextNumber(): number {
    this.#countersChanged = true;
    return ++this.#lastNumber;
  }

  get offlineBytes(): number {
    return this.#offlineBytes;
  }

  addOfflineBytes(bytes: number): void {
    this.#offlineBytes += bytes;
    this.#countersChanged = true;
  }

  /** Apps that ever had a history. */
  get apps(): Iterable<string> {
    return this.#historyBytes.keys();
  }

  historyBytes(appId: string): number {
    return this.#historyBytes.get(appId) ?? 0;
  }

  addHistoryBytes(appId: string, bytes: number): void {
    this.#historyBytes.set(appId, this.historyBytes(appId) + bytes);
    this.#changedApps.add(appId);
  }
}

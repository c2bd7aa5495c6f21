import type { OfflineEntry, OfflineMessage } from '../message-store.js';
import type { Tables } from './environment.js';
import { lastNumber, NO_PREFIX, nameKey, numberKey, Refusal, rangeOf } from './keys.js';
import type { Ledger } from './ledger.js';
import { decodeOffline, encodeOffline, offlineCost, offlineTime } from './records.js';
import type { Retention } from './retention.js';

/** Most lengths of queues that are remembered. Above this all are forgotten, and are counted again when needed. */
const REMEMBERED = 50_000;

/**
 * The queues of receivers who are offline. Tables: `offline`, (app, receiver, id) → message; `offlineTimes`, (time, id)
 * → (app, receiver), by which the sweep finds expired messages. All methods but {@link load} run inside a transaction.
 */
export class OfflineQueues {
  #tables: Tables;
  readonly #ledger: Ledger;
  readonly #retention: Retention;
  readonly #lengths = new Map<string, number>();

  constructor(tables: Tables, ledger: Ledger, retention: Retention) {
    this.#tables = tables;
    this.#ledger = ledger;
    this.#retention = retention;
  }

  /** The file was opened again: remembered changes may not have been committed. */
  reset(tables: Tables): void {
    this.#tables = tables;
    this.#lengths.clear();
  }

  append(appId: string, receiver: string, message: OfflineMessage): void {
    const { offlineMessages, offlineBytes } = this.#retention;
    const queue = nameKey(appId, receiver);
    const value = encodeOffline(message);
    const cost = offlineCost(value);
    if (offlineMessages === 0) throw new Refusal('retention.offlineMessages is 0: none are stored');
    const excess = this.#length(queue) + 1 - offlineMessages;
    const oldest = excess > 0 ? this.#first(queue, excess) : [];
    const freed = oldest.reduce((sum, each) => sum + offlineCost(each.value), 0);
    if (this.#ledger.offlineBytes - freed + cost > offlineBytes) {
      throw new Refusal(`offline messages take ${this.#ledger.offlineBytes} of ${offlineBytes} bytes (offlineBytes)`);
    }
    for (const each of oldest) this.#remove(queue, each);
    const length = this.#length(queue);
    const id = this.#ledger.nextNumber();
    this.#tables.offline.put(numberKey(queue, id), value);
    this.#tables.offlineTimes.put(numberKey(NO_PREFIX, message.timeMs, id), queue);
    this.#ledger.addOfflineBytes(cost);
    this.#remember(queue, length + 1);
  }

  load(appId: string, receiver: string, nowMs: number): OfflineEntry[] {
    const entries: OfflineEntry[] = [];
    for (const { key, value } of this.#tables.offline.range(rangeOf(nameKey(appId, receiver), 1))) {
      const message = decodeOffline(value);
      if (!this.#expired(message.timeMs, nowMs)) entries.push({ id: lastNumber(key), ...message });
    }
    return entries;
  }

  remove(appId: string, receiver: string, first: number, last: number): void {
    const queue = nameKey(appId, receiver);
    const range = { start: numberKey(queue, first), end: numberKey(queue, last), inclusiveEnd: true };
    for (const entry of this.#tables.offline.range(range)) this.#remove(queue, entry);
  }

  /** Whether anything has expired. */
  hasExpired(nowMs: number): boolean {
    for (const key of this.#tables.offlineTimes.keys({ limit: 1 })) return this.#expired(lastNumber(key, 1), nowMs);
    return false;
  }

  /** Drops at most `most` expired messages, the oldest first. */
  sweep(nowMs: number, most: number): number {
    let swept = 0;
    for (const { key, value } of this.#tables.offlineTimes.range({ limit: most })) {
      if (!this.#expired(lastNumber(key, 1), nowMs)) break;
      const id = lastNumber(key);
      const entry = this.#tables.offline.get(numberKey(value, id));
      if (entry !== undefined) this.#remove(value, { key: numberKey(value, id), value: entry });
      this.#tables.offlineTimes.remove(key);
      swept++;
    }
    return swept;
  }

  #expired(timeMs: number, nowMs: number): boolean {
    return nowMs >= timeMs && nowMs - timeMs >= this.#retention.offlineMs;
  }

  #first(queue: Buffer, most: number): { key: Uint8Array; value: Buffer }[] {
    return this.#tables.offline.range({ ...rangeOf(queue, 1), limit: most });
  }

  #remove(queue: Uint8Array, { key, value }: { key: Uint8Array; value: Buffer }): void {
    const length = this.#length(queue);
    this.#tables.offline.remove(key);
    this.#tables.offlineTimes.remove(numberKey(NO_PREFIX, offlineTime(value), lastNumber(key)));
    this.#ledger.addOfflineBytes(-offlineCost(value));
    this.#remember(queue, length - 1);
  }

  #length(queue: Uint8Array): number {
    const remembered = this.#lengths.get(Buffer.from(queue).toString('latin1'));
    return remembered ?? this.#tables.offline.count(rangeOf(queue, 1));
  }

  #remember(queue: Uint8Array, length: number): void {
    if (this.#lengths.size >= REMEMBERED) this.#lengths.clear();
    this.#lengths.set(Buffer.from(queue).toString('latin1'), length);
  }
}

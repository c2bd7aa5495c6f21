import type { OfflineEntry, OfflineMessage } from '../message-store.js';
import type { Tables } from './environment.js';
import { lastNumber, NO_PREFIX, nameKey, namesOf, numberKey, Refusal, rangeOf } from './keys.js';
import type { Ledger } from './ledger.js';
import type { OfflineShares } from './offline-shares.js';
import { decodeOffline, encodeOffline, offlineCost, offlineSender, offlineTime } from './records.js';
import type { Retention } from './retention.js';

/** Most lengths of queues that are remembered. Above this all are forgotten, and are counted again when needed. */
const REMEMBERED = 50_000;
/** Most entries of full queues whose senders are remembered. Above this all are forgotten. */
const REMEMBERED_ENTRIES = 100_000;
/** Most of the oldest messages of a full queue among which the one is sought that makes way. */
const COMPARED = 1_000;

/** A message of a full queue: who sent it, and what it takes. */
interface Kept {
  readonly id: number;
  readonly sender: string;
  readonly cost: number;
}

/**
 * The queues of receivers who are offline. Tables: `offline`, (app, receiver, id) → message; `offlineTimes`, (time, id)
 * → (app, receiver), by which the sweep finds expired messages; `offlineSenders`, (app, sender, id) → (app, receiver), by
 * which room is made. All methods but {@link load} run inside a transaction.
 *
 * Whoever has most pays when there is no room: in a full queue the sender with the most messages there, in a full App the
 * sender with the most bytes there.
 */
export class OfflineQueues {
  #tables: Tables;
  readonly #ledger: Ledger;
  readonly #shares: OfflineShares;
  readonly #retention: Retention;
  readonly #lengths = new Map<string, number>();
  /** The oldest messages of queues that were full. */
  readonly #oldest = new Map<string, Kept[]>();
  #oldestEntries = 0;

  constructor(tables: Tables, ledger: Ledger, shares: OfflineShares, retention: Retention) {
    this.#tables = tables;
    this.#ledger = ledger;
    this.#shares = shares;
    this.#retention = retention;
  }

  /** The file was opened again: remembered changes may not have been committed. */
  reset(tables: Tables): void {
    this.#tables = tables;
    this.#lengths.clear();
    this.#forgetOldest();
  }

  append(appId: string, receiver: string, message: OfflineMessage): void {
    const { offlineMessages, offlineBytes } = this.#retention;
    const queue = nameKey(appId, receiver);
    const sender = message.senderId;
    const value = encodeOffline(message);
    const cost = offlineCost(value);
    if (offlineMessages === 0) throw new Refusal('retention.offlineMessages is 0: none are stored');
    const leaving = this.#leaving(queue, sender, this.#length(queue) + 1 - offlineMessages);
    const freed = sum(leaving);
    const ownFreed = sum(leaving.filter((each) => each.sender === sender));
    if (!this.#shares.mayAdd(appId, sender, cost, freed, ownFreed)) {
      const { apps } = this.#shares;
      throw new Refusal(
        `offline messages take ${apps.all} of ${offlineBytes} bytes (offlineBytes), ` +
          `those of this App ${apps.used(appId)} of ${apps.mostOf}, and this sender has its share`,
      );
    }
    for (const { id } of leaving) this.#removeById(queue, id);
    this.#makeRoom(appId, sender, cost);
    const length = this.#length(queue);
    const id = this.#ledger.nextNumber();
    this.#tables.offline.put(numberKey(queue, id), value);
    this.#tables.offlineTimes.put(numberKey(NO_PREFIX, message.timeMs, id), queue);
    this.#tables.offlineSenders.put(numberKey(nameKey(appId, sender), id), queue);
    this.#count(appId, sender, cost);
    this.#remember(queue, length + 1);
    const oldest = this.#oldest.get(textOf(queue));
    if (oldest !== undefined && oldest.length === length && length < COMPARED) {
      oldest.push({ id, sender, cost });
      this.#oldestEntries++;
    }
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
      this.#removeById(value, lastNumber(key));
      this.#tables.offlineTimes.remove(key);
      swept++;
    }
    return swept;
  }

  #expired(timeMs: number, nowMs: number): boolean {
    return nowMs >= timeMs && nowMs - timeMs >= this.#retention.offlineMs;
  }

  /** The messages that make way in a queue if one of `sender` comes, `excess` of them. */
  #leaving(queue: Buffer, sender: string, excess: number): Kept[] {
    if (excess <= 0) return [];
    const kept = [...this.#oldestOf(queue)];
    const counts = new Map([[sender, 1]]);
    for (const each of kept) counts.set(each.sender, (counts.get(each.sender) ?? 0) + 1);
    const leaving: Kept[] = [];
    // More than one only if the setting was lowered.
    while (leaving.length < excess && kept.length > 0) {
      const most = Math.max(...counts.values());
      const at = kept.findIndex((each) => counts.get(each.sender) === most);
      const [oldest] = at < 0 ? [] : kept.splice(at, 1);
      if (oldest === undefined) break; // all others are gone, and only the newcomer is left
      counts.set(oldest.sender, most - 1);
      leaving.push(oldest);
    }
    return leaving;
  }

  #oldestOf(queue: Buffer): Kept[] {
    const known = this.#oldest.get(textOf(queue));
    if (known !== undefined) return known;
    const entries = this.#tables.offline.range({ ...rangeOf(queue, 1), limit: COMPARED });
    const kept = entries.map(({ key, value }) => ({
      id: lastNumber(key),
      sender: offlineSender(value),
      cost: offlineCost(value),
    }));
    if (this.#oldestEntries + kept.length > REMEMBERED_ENTRIES) this.#forgetOldest();
    this.#oldest.set(textOf(queue), kept);
    this.#oldestEntries += kept.length;
    return kept;
  }

  #forgetOldest(): void {
    this.#oldest.clear();
    this.#oldestEntries = 0;
  }

  /** Takes the oldest messages of the largest senders of the App, as far as `cost` more of this sender need it. */
  #makeRoom(appId: string, sender: string, cost: number): void {
    while (this.#shares.lacks(appId, cost)) {
      const payer = this.#shares.largest(appId, sender);
      if (payer === undefined) return; // mayAdd() has seen that there is one
      const [oldest] = this.#tables.offlineSenders.range({ ...rangeOf(nameKey(appId, payer), 1), limit: 1 });
      if (oldest === undefined) return;
      this.#removeById(oldest.value, lastNumber(oldest.key));
    }
  }

  #removeById(queue: Uint8Array, id: number): void {
    const key = numberKey(queue, id);
    const value = this.#tables.offline.get(key);
    if (value !== undefined) this.#remove(queue, { key, value });
  }

  #remove(queue: Uint8Array, { key, value }: { key: Uint8Array; value: Buffer }): void {
    const length = this.#length(queue);
    const [appId] = namesOf(Buffer.from(queue));
    const sender = offlineSender(value);
    const id = lastNumber(key);
    this.#tables.offline.remove(key);
    this.#tables.offlineTimes.remove(numberKey(NO_PREFIX, offlineTime(value), id));
    this.#tables.offlineSenders.remove(numberKey(nameKey(appId, sender), id));
    this.#count(appId, sender, -offlineCost(value));
    this.#remember(queue, length - 1);
    const oldest = this.#oldest.get(textOf(queue));
    const at = oldest?.findIndex((each) => each.id === id) ?? -1;
    if (oldest === undefined || at < 0) return;
    oldest.splice(at, 1);
    this.#oldestEntries--;
    // The rest are still the oldest, but too few to compare.
    if (oldest.length < length - 1 && oldest.length < COMPARED / 2) {
      this.#oldest.delete(textOf(queue));
      this.#oldestEntries -= oldest.length;
    }
  }

  #count(appId: string, sender: string, bytes: number): void {
    this.#ledger.addOfflineBytes(bytes);
    this.#shares.add(appId, sender, bytes);
  }

  #length(queue: Uint8Array): number {
    const remembered = this.#lengths.get(textOf(queue));
    return remembered ?? this.#tables.offline.count(rangeOf(queue, 1));
  }

  #remember(queue: Uint8Array, length: number): void {
    if (this.#lengths.size >= REMEMBERED) this.#lengths.clear();
    this.#lengths.set(textOf(queue), length);
  }
}

const textOf = (queue: Uint8Array): string => Buffer.from(queue).toString('latin1');
const sum = (entries: readonly Kept[]): number => entries.reduce((bytes, each) => bytes + each.cost, 0);

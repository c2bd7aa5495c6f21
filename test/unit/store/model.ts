// The reference for random sequences: a store in a few lines of arrays.
import type { Retention } from '../../../lib/server/storage/lmdb/retention.js';
import type {
  HistoryFilter,
  HistoryPage,
  HistoryRecord,
  MediaRecord,
  OfflineMessage,
} from '../../../lib/server/storage/message-store.js';
import {
  ANSWER_ENTRY_BYTES,
  HISTORY_ENTRY_BYTES,
  STORED_ENTRY_BYTES,
} from '../../../lib/server/storage/store-constants.js';

const bytes = (text: string) => Buffer.byteLength(text);
const offlineCost = (each: OfflineMessage) => STORED_ENTRY_BYTES + bytes(each.senderId) + each.content.length;
const historyCost = (each: HistoryRecord) =>
  HISTORY_ENTRY_BYTES + bytes(each.source) + bytes(each.destination) + bytes(each.text);

/** Of the sender with most messages, the newcomer counted, the oldest. */
function payerIn(queue: readonly OfflineMessage[], newcomer: string): OfflineMessage | undefined {
  const counts = new Map([[newcomer, 1]]);
  for (const { senderId } of queue) counts.set(senderId, (counts.get(senderId) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return queue.find(({ senderId }) => counts.get(senderId) === most);
}

export class ModelStore {
  readonly #retention: Retention;
  readonly #queues = new Map<string, OfflineMessage[]>();
  readonly #history = new Map<string, HistoryRecord[]>();
  /** Numbers in the order of arrival. */
  readonly #order = new Map<OfflineMessage, number>();
  readonly #apps: readonly string[];
  #media: MediaRecord[] = [];
  /** What has happened for want of room. */
  readonly met = new Set<string>();

  constructor(retention: Retention, apps: readonly string[]) {
    this.#retention = retention;
    this.#apps = apps;
  }

  /** Whether it is kept: docs/decisions/017-memory.md. */
  appendOffline(appId: string, receiver: string, message: OfflineMessage): boolean {
    const queue = this.queue(appId, receiver);
    const { offlineMessages, offlineBytes } = this.#retention;
    const cost = offlineCost(message);
    const half = this.#apps.length > 1 ? Math.floor(offlineBytes / 2) : offlineBytes;
    const guarantee = this.#apps.length > 1 ? Math.floor(offlineBytes / 2 / this.#apps.length) : 0;
    const room = () => {
      const others = this.#apps.filter((each) => each !== appId).map((each) => Math.max(guarantee, this.#used(each)));
      const used = this.#used(appId);
      return Math.min(half - used, others.reduce((left, each) => left - each, offlineBytes) - used);
    };

    const payer = queue.length >= offlineMessages ? payerIn(queue, message.senderId) : undefined;
    const freed = payer ? offlineCost(payer) : 0;
    const senders = this.#senders(appId);
    const own = (senders.get(message.senderId) ?? 0) - (payer?.senderId === message.senderId ? freed : 0);
    const lacking = cost - freed - room();
    if (lacking > 0) {
      const count = senders.size + (senders.has(message.senderId) ? 0 : 1);
      if (own + cost > half / Math.max(8, count) || lacking > this.#used(appId) - own - freed) {
        this.met.add('refused');
        return false;
      }
      this.met.add('taken from the largest');
    }
    if (payer) {
      queue.splice(queue.indexOf(payer), 1);
      this.met.add(payer.senderId === message.senderId ? 'own pushed out' : 'of another pushed out');
    }
    while (cost > room()) this.#dropOldest(appId, this.#largest(appId, message.senderId));
    this.#order.set(message, this.#order.size);
    queue.push(message);
    return true;
  }

  #queuesOf(appId: string): OfflineMessage[][] {
    return [...this.#queues].filter(([key]) => JSON.parse(key)[0] === appId).map(([, queue]) => queue);
  }

  #used(appId: string): number {
    return [...this.#senders(appId).values()].reduce((sum, each) => sum + each, 0);
  }

  #senders(appId: string): Map<string, number> {
    const bytes = new Map<string, number>();
    for (const each of this.#queuesOf(appId).flat()) {
      bytes.set(each.senderId, (bytes.get(each.senderId) ?? 0) + offlineCost(each));
    }
    return bytes;
  }

  #largest(appId: string, except: string): string {
    const others = [...this.#senders(appId)].filter(([name]) => name !== except);
    const most = Math.max(...others.map(([, used]) => used));
    const names = others.filter(([, used]) => used === most).map(([name]) => name);
    return names.sort()[0] as string;
  }

  #dropOldest(appId: string, sender: string): void {
    const age = (each: OfflineMessage) => this.#order.get(each) as number;
    const all = this.#queuesOf(appId).flatMap((queue) => queue.map((message) => ({ queue, message })));
    const own = all.filter(({ message }) => message.senderId === sender);
    const oldest = own.sort((a, b) => age(a.message) - age(b.message))[0];
    oldest?.queue.splice(oldest.queue.indexOf(oldest.message), 1);
  }

  queue(appId: string, receiver: string): OfflineMessage[] {
    const key = JSON.stringify([appId, receiver]);
    const queue = this.#queues.get(key) ?? [];
    this.#queues.set(key, queue);
    return queue;
  }

  appendHistory(appId: string, record: HistoryRecord): void {
    const line = this.#history.get(appId) ?? [];
    this.#history.set(appId, line);
    const used = () => line.reduce((sum, each) => sum + historyCost(each), historyCost(record));
    while (used() > this.#retention.historyBytes) line.shift();
    line.push(record);
    line.sort((a, b) => a.timeMs - b.timeMs);
  }

  queryHistory(appId: string, filter: HistoryFilter): HistoryPage {
    const alive = (time: number) => filter.nowMs - time < this.#retention.historyMs;
    const matches = (this.#history.get(appId) ?? []).filter(
      (each) =>
        (each.channel ? filter.channels : filter.peers) &&
        (filter.source === '' || each.source === filter.source) &&
        (filter.destination === '' || each.destination === filter.destination) &&
        each.timeMs >= filter.startMs &&
        each.timeMs <= filter.endMs &&
        alive(each.timeMs),
    );
    if (filter.descending) matches.reverse();
    const records: HistoryRecord[] = [];
    let room = filter.bytes;
    for (const each of matches.slice(filter.offset, filter.offset + filter.limit)) {
      const size = historyCost(each) - HISTORY_ENTRY_BYTES + ANSWER_ENTRY_BYTES;
      if (size > room && records.length > 0) break;
      room -= Math.min(room, size);
      records.push(each);
    }
    return { total: matches.length, records };
  }

  addMedia(record: MediaRecord): void {
    this.#media.push(record);
  }

  findMedia(appId: string, mediaId: string, nowMs: number): MediaRecord | undefined {
    return this.#media.find((each) => each.appId === appId && each.mediaId === mediaId && each.expiresAtMs > nowMs);
  }

  takeExpiredMedia(nowMs: number): MediaRecord[] {
    const expired = this.#media.filter((each) => each.expiresAtMs <= nowMs);
    this.#media = this.#media.filter((each) => each.expiresAtMs > nowMs);
    return expired;
  }

  sweep(nowMs: number): void {
    const { offlineMs, historyMs } = this.#retention;
    for (const [key, queue] of this.#queues) {
      this.#queues.set(
        key,
        queue.filter((each) => nowMs - each.timeMs < offlineMs),
      );
    }
    for (const [key, line] of this.#history) {
      this.#history.set(
        key,
        line.filter((each) => nowMs - each.timeMs < historyMs),
      );
    }
  }

  alive(appId: string, receiver: string, nowMs: number): OfflineMessage[] {
    return this.queue(appId, receiver).filter((each) => nowMs - each.timeMs < this.#retention.offlineMs);
  }
}

// The reference for random sequences: a store in a few lines of arrays.
import type { Retention } from '../../../lib/server/storage/lmdb/retention.js';
import type {
  HistoryFilter,
  HistoryPage,
  HistoryRecord,
  MediaRecord,
  OfflineMessage,
} from '../../../lib/server/storage/message-store.js';

const bytes = (text: string) => Buffer.byteLength(text);
const offlineCost = (each: OfflineMessage) => 160 + bytes(each.senderId) + each.content.length;
const historyCost = (each: HistoryRecord) => 240 + bytes(each.source) + bytes(each.destination) + bytes(each.text);

export class ModelStore {
  readonly #retention: Retention;
  readonly #queues = new Map<string, OfflineMessage[]>();
  readonly #history = new Map<string, HistoryRecord[]>();
  #media: MediaRecord[] = [];

  constructor(retention: Retention) {
    this.#retention = retention;
  }

  /** Whether it is kept. */
  appendOffline(appId: string, receiver: string, message: OfflineMessage): boolean {
    const queue = this.queue(appId, receiver);
    const { offlineMessages, offlineBytes } = this.#retention;
    const freed = queue.length >= offlineMessages ? offlineCost(queue[0] as OfflineMessage) : 0;
    let used = offlineCost(message) - freed;
    for (const each of this.#queues.values()) for (const entry of each) used += offlineCost(entry);
    if (used > offlineBytes) return false;
    if (freed > 0) queue.shift();
    queue.push(message);
    return true;
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
      const size = historyCost(each) - 240 + 32;
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

import type {
  HistoryFilter,
  HistoryPage,
  HistoryRecord,
  MediaRecord,
  MessageStore,
  OfflineEntry,
  OfflineMessage,
} from '../../../lib/server/storage/message-store.js';

/** A minimal store: arrays, in order, without bounds. It reports no outcome until `gate` resolves. */
export class TinyStore implements MessageStore {
  readonly queues = new Map<string, OfflineEntry[]>();
  readonly history: (HistoryRecord & { readonly appId: string })[] = [];
  readonly media = new Map<string, MediaRecord>();
  closed = false;
  /** The store waits for this promise before it reports an outcome; a rejection prevents the operation. */
  gate: (operation: string) => Promise<void> | void = () => {};
  #lastId = 0;

  async appendOffline(appId: string, receiver: string, message: OfflineMessage): Promise<void> {
    await this.gate('appendOffline');
    const key = `${appId}/${receiver}`;
    this.queues.set(key, [...(this.queues.get(key) ?? []), { ...message, id: ++this.#lastId }]);
  }

  async loadOffline(appId: string, receiver: string): Promise<OfflineEntry[]> {
    await this.gate('loadOffline');
    return this.queues.get(`${appId}/${receiver}`) ?? [];
  }

  async removeOffline(appId: string, receiver: string, first: number, last: number): Promise<void> {
    const key = `${appId}/${receiver}`;
    const left = (this.queues.get(key) ?? []).filter(({ id }) => id < first || id > last);
    this.queues.set(key, left);
    await this.gate('removeOffline');
  }

  async appendHistory(appId: string, record: HistoryRecord): Promise<void> {
    await this.gate('appendHistory');
    this.history.push({ ...record, appId });
  }

  async queryHistory(appId: string, filter: HistoryFilter): Promise<HistoryPage> {
    await this.gate('queryHistory');
    const found = this.history.filter(
      (record) =>
        record.appId === appId &&
        (filter.source === '' || record.source === filter.source) &&
        (filter.destination === '' || record.destination === filter.destination) &&
        (record.channel ? filter.channels : filter.peers),
    );
    return { total: found.length, records: found.slice(filter.offset, filter.offset + filter.limit) };
  }

  async findMedia(appId: string, mediaId: string, nowMs: number): Promise<MediaRecord | undefined> {
    await this.gate('findMedia');
    const record = this.media.get(`${appId}/${mediaId}`);
    return record && record.expiresAtMs > nowMs ? record : undefined;
  }

  async addMedia(record: MediaRecord): Promise<void> {
    await this.gate('addMedia');
    // The digest is a view into the batch that brought it: a store that keeps it makes a copy.
    this.media.set(`${record.appId}/${record.mediaId}`, { ...record, digest: Uint8Array.from(record.digest) });
  }

  async takeExpiredMedia(nowMs: number, most: number): Promise<MediaRecord[]> {
    const expired = [...this.media].filter(([, record]) => record.expiresAtMs <= nowMs).slice(0, most);
    for (const [key] of expired) this.media.delete(key);
    return expired.map(([, record]) => record);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

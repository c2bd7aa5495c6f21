import type {
  HistoryFilter,
  HistoryPage,
  HistoryRecord,
  MediaRecord,
  OfflineEntry,
  OfflineMessage,
} from './stored-records.js';

export type * from './stored-records.js';

/**
 * The store of messages and of media records: the C++ `MessageStore` and `MediaCatalog`, seen from JavaScript
 * (docs/decisions/006). When a promise resolves, the store has kept the data as firmly as it keeps anything, and only
 * then does the data plane tell the client. When a promise rejects, nothing was kept.
 *
 * Operations on one receiver take effect in the order of the calls. Their promises may settle in any order.
 */
export interface MessageStore {
  /**
   * Above 200 messages of one receiver the oldest is dropped of whichever sender has most of them
   * (docs/spec/limits.md §7, docs/decisions/017-memory.md).
   */
  appendOffline(appId: string, receiver: string, message: OfflineMessage): Promise<void>;
  /** All messages that have not expired at `nowMs`, in ascending order of their ids. */
  loadOffline(appId: string, receiver: string, nowMs: number): Promise<OfflineEntry[]>;
  /** The receiver has the messages with ids `first` to `last`. Ids that the queue no longer has are no error. */
  removeOffline(appId: string, receiver: string, first: number, last: number): Promise<void>;
  appendHistory(appId: string, record: HistoryRecord): Promise<void>;
  /** Ordered by time, and within the same millisecond by arrival. */
  queryHistory(appId: string, filter: HistoryFilter): Promise<HistoryPage>;

  /** Undefined if the app has no such body, or if the body had expired at `nowMs`. */
  findMedia(appId: string, mediaId: string, nowMs: number): Promise<MediaRecord | undefined>;
  addMedia(record: MediaRecord): Promise<void>;
  /** Removes and returns at most `most` expired records. The caller removes their bodies. */
  takeExpiredMedia(nowMs: number, most: number): Promise<MediaRecord[]>;
  /**
   * The record of a body of any app: also of an app that this server does not serve now, and also of an expired body. A
   * server that starts counts the bodies for their users, and removes the bodies that no app has. A store without this
   * method is asked for each app of the server instead.
   */
  findListedMedia?(mediaId: string): Promise<MediaRecord | undefined>;

  /** Every operation whose promise has resolved is kept; no other operation is. */
  close(): Promise<void>;
}

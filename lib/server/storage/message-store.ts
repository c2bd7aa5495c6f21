/**
 * The store of messages and of media records: the C++ `MessageStore` and `MediaCatalog`, seen from JavaScript
 * (docs/decisions/006). When a promise resolves, the store has kept the data as firmly as it keeps anything, and only
 * then does the data plane tell the client. When a promise rejects, nothing was kept.
 *
 * Operations on one receiver take effect in the order of the calls. Their promises may settle in any order.
 */

/** A peer message for a receiver who was offline (docs/spec/semantics.md §2). */
export interface OfflineMessage {
  readonly senderId: string;
  /** Time of storing, by the wall clock. */
  readonly timeMs: number;
  readonly requiredCapabilities: number;
  readonly content: Uint8Array;
}

/**
 * A stored message with its number in the receiver's queue. Numbers rise, and no number is used twice in the life of
 * the store.
 */
export interface OfflineEntry extends OfflineMessage {
  readonly id: number;
}

/** A text message that was sent with the history flag. */
export interface HistoryRecord {
  readonly source: string;
  /** A user or a channel. */
  readonly destination: string;
  readonly channel: boolean;
  /** Time at which the server received the message, by the wall clock. */
  readonly timeMs: number;
  readonly text: string;
}

export interface HistoryFilter {
  /** A user; empty: anybody. At least one of source and destination is given. */
  readonly source: string;
  readonly destination: string;
  readonly peers: boolean;
  readonly channels: boolean;
  readonly startMs: number;
  /** Inclusive. */
  readonly endMs: number;
  /** The present time. Records that have expired by then are not found. */
  readonly nowMs: number;
  readonly offset: number;
  /** 0: only the total. */
  readonly limit: number;
  /**
   * Most bytes of the records in the answer: source, destination and text in UTF-8, and 32 bytes for each record. The
   * first record always fits.
   */
  readonly bytes: number;
  readonly descending: boolean;
}

export interface HistoryPage {
  /** Number of matches, before offset and limit. */
  readonly total: number;
  readonly records: readonly HistoryRecord[];
}

/** The record of a media body that was uploaded completely. */
export interface MediaRecord {
  readonly appId: string;
  /** Who uploaded it; empty for a body of an earlier version, which did not keep that. */
  readonly userId: string;
  readonly mediaId: string;
  readonly size: number;
  /** SHA-256, 32 bytes. */
  readonly digest: Uint8Array;
  readonly image: boolean;
  /** Time of expiry, by the wall clock. */
  readonly expiresAtMs: number;
}

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
   * server that starts counts the bodies for their users, and removes those that no app has. A store without this method
   * is asked for each app of the server instead.
   */
  findListedMedia?(mediaId: string): Promise<MediaRecord | undefined>;

  /** Every operation whose promise has resolved is kept; no other operation is. */
  close(): Promise<void>;
}

/**
 * Where messages and the records of media are kept beyond the process: the C++ `MessageStore` and `MediaCatalog`, seen
 * from JavaScript (docs/decisions/006). A promise that resolves means kept as firmly as the store keeps anything: the
 * data plane tells the client only then. One that rejects means that nothing was kept.
 *
 * Order: operations on one receiver take effect in the order called; outcomes may come in any order.
 */

/** A peer message for a receiver who was offline (docs/spec/semantics.md §2). */
export interface OfflineMessage {
  readonly senderId: string;
  /** Wall clock, when it was stored. */
  readonly timeMs: number;
  readonly requiredCapabilities: number;
  readonly content: Uint8Array;
}

/** The same with its number in the receiver's queue: rising, and never used twice in the life of the store. */
export interface OfflineEntry extends OfflineMessage {
  readonly id: number;
}

/** A text message that was sent with the history flag. */
export interface HistoryRecord {
  readonly source: string;
  /** A user or a channel. */
  readonly destination: string;
  readonly channel: boolean;
  /** Wall clock, when the server took it. */
  readonly timeMs: number;
  readonly text: string;
}

export interface HistoryFilter {
  /** Empty: anybody. One of source and destination is given. */
  readonly source: string;
  readonly destination: string;
  readonly peers: boolean;
  readonly channels: boolean;
  readonly startMs: number;
  /** Inclusive. */
  readonly endMs: number;
  /** What has expired by then is not found. */
  readonly nowMs: number;
  readonly offset: number;
  /** 0: only the total. */
  readonly limit: number;
  /** Of records in the answer: source + destination + text in UTF-8, and 32 for each; the first record always fits. */
  readonly bytes: number;
  readonly descending: boolean;
}

export interface HistoryPage {
  /** Matches, before offset and limit. */
  readonly total: number;
  readonly records: readonly HistoryRecord[];
}

/** What is known of a media body that is whole. */
export interface MediaRecord {
  readonly appId: string;
  readonly mediaId: string;
  readonly size: number;
  /** SHA-256, 32 bytes. */
  readonly digest: Uint8Array;
  readonly image: boolean;
  /** Wall clock. */
  readonly expiresAtMs: number;
}

export interface MessageStore {
  /** Above 200 messages of one receiver the oldest is dropped (docs/spec/limits.md §7). */
  appendOffline(appId: string, receiver: string, message: OfflineMessage): Promise<void>;
  /** All that has not expired at `nowMs`, ids ascending. */
  loadOffline(appId: string, receiver: string, nowMs: number): Promise<OfflineEntry[]>;
  /** The receiver has those with ids `first` to `last`; ids that are not there any more are fine. */
  removeOffline(appId: string, receiver: string, first: number, last: number): Promise<void>;
  appendHistory(appId: string, record: HistoryRecord): Promise<void>;
  /** Ordered by time; of the same millisecond, by arrival. */
  queryHistory(appId: string, filter: HistoryFilter): Promise<HistoryPage>;

  /** Undefined: no such body in this app, or its time was over at `nowMs`. */
  findMedia(appId: string, mediaId: string, nowMs: number): Promise<MediaRecord | undefined>;
  addMedia(record: MediaRecord): Promise<void>;
  /** Takes out at most `most` records whose time is over; their bodies are the caller's to remove. */
  takeExpiredMedia(nowMs: number, most: number): Promise<MediaRecord[]>;
  /**
   * Whether any app has such a body, also one that this server does not serve now, and even if its time is over. A body
   * of which nobody knows is removed when the server starts. Without this the apps of the server are asked.
   */
  isMediaListed?(mediaId: string): Promise<boolean>;

  /** Everything that resolved is kept; what has not, is not. */
  close(): Promise<void>;
}

/**
 * How many messages are kept, and for how long (docs/spec/limits.md §7): the numbers of C++ `Retention`. Times are in
 * milliseconds.
 */
export interface Retention {
  /** Most messages of one receiver; the oldest is dropped. 0 stores none. */
  readonly offlineMessages: number;
  readonly offlineMs: number;
  /** Most bytes of all receivers together; above this no message is stored. */
  readonly offlineBytes: number;
  readonly historyMs: number;
  /** Most bytes of one App ID; the oldest record is dropped. */
  readonly historyBytes: number;
}

const DAY = 24 * 3600 * 1000;

/** A disk has more room than memory: the history of an App ID has the 2 GB of the vendor's service. */
export const DURABLE_RETENTION: Retention = {
  offlineMessages: 200,
  offlineMs: 7 * DAY,
  offlineBytes: 2 * 2 ** 30,
  historyMs: 7 * DAY,
  historyBytes: 2 * 2 ** 30,
};

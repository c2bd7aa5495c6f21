/**
 * How much is kept, and for how long (docs/spec/limits.md §7); the numbers of C++ `Retention`. Times in milliseconds.
 */
export interface Retention {
  /** Of one receiver; the oldest is dropped. 0: none are stored. */
  readonly offlineMessages: number;
  readonly offlineMs: number;
  /** Of all receivers; above it nothing is taken. */
  readonly offlineBytes: number;
  readonly historyMs: number;
  /** Of one App ID; the oldest is dropped. */
  readonly historyBytes: number;
}

const DAY = 24 * 3600 * 1000;

/** On a disk there is room for more than in memory: history has the 2 GB of the SDK's service. */
export const DURABLE_RETENTION: Retention = {
  offlineMessages: 200,
  offlineMs: 7 * DAY,
  offlineBytes: 2 * 2 ** 30,
  historyMs: 7 * DAY,
  historyBytes: 2 * 2 ** 30,
};

import {
  FAILURES,
  MEMORY,
  NUMBERS,
  type RtmServerLoginFailures,
  type RtmServerMemory,
  type RtmServerNumbers,
} from './numbers.js';

export type { RtmServerLoginFailures, RtmServerMemory, RtmServerNumbers } from './numbers.js';

/** What keeps messages beyond their delivery. */
export interface RtmServerStoreStats {
  /** Offline messages that wait for their receivers now. */
  readonly offlineMessages: number;
  /** Messages given to it, for offline receivers and for the history. */
  readonly appends: number;
  /** Operations of any kind that failed. */
  readonly failures: number;
  /** Time of all appends together, in seconds. */
  readonly appendSeconds: number;
  /** Appends by the time they took: how many took at most `upTo` seconds and more than the class before. */
  readonly appendTimes: readonly RtmServerStoreTimes[];
}

/** One class of times. */
export interface RtmServerStoreTimes {
  /** Longest time of the class, in seconds; Infinity in the last class. */
  readonly upTo: number;
  /** Appends of this class. */
  readonly count: number;
}

/** Numbers of a running server: of now, or counted since its start. */
export interface RtmServerStats extends RtmServerNumbers {
  /** `loginFailures` by reason. */
  readonly loginFailuresBy: RtmServerLoginFailures;
  /** Bytes of memory by what they are taken for. */
  readonly memory: RtmServerMemory;
  /** Of the store of messages. */
  readonly store: RtmServerStoreStats;
}

/** Makes an object of the packed numbers; of none, one that says that nothing has happened. */
export function unpackStats(numbers: readonly number[] = []): RtmServerStats {
  let next = 0;
  const take = () => numbers[next++] ?? 0;
  const named = <N extends string>(names: readonly N[]) =>
    Object.fromEntries(names.map((name) => [name, take()])) as Record<N, number>;
  const flat = named(NUMBERS);
  const loginFailuresBy = named(FAILURES);
  const memory = named(MEMORY);
  const [offlineMessages, appends, failures, appendUs] = [take(), take(), take(), take()];
  // The bounds, then the counts, which are one more: the last class has no bound.
  const classes = Math.max(0, (numbers.length - next + 1) / 2);
  const bounds = Array.from({ length: classes }, (_, index) => (index < classes - 1 ? take() / 1e6 : Infinity));
  const appendTimes = bounds.map((upTo) => ({ upTo, count: take() }));
  const store = { offlineMessages, appends, failures, appendSeconds: appendUs / 1e6, appendTimes };
  return { ...flat, loginFailuresBy, memory, store };
}

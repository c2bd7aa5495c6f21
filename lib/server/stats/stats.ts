import {
  APPEND_TIMES,
  FAILURES,
  MEMORY,
  NUMBERS,
  type RtmServerLoginFailures,
  type RtmServerMemory,
  type RtmServerNumbers,
  type RtmServerStoreNumbers,
  STORE,
} from './numbers.js';

export type {
  RtmServerLoginFailures,
  RtmServerMemory,
  RtmServerNumbers,
  RtmServerStoreNumbers,
} from './numbers.js';

/** What keeps messages beyond their delivery. */
export interface RtmServerStoreStats extends RtmServerStoreNumbers {
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

/** Makes an object of the packed numbers; of none, an object that says that nothing has happened. */
export function unpackStats(numbers: readonly number[] = []): RtmServerStats {
  let next = 0;
  const take = () => numbers[next++] ?? 0;
  const named = <N extends string>(names: readonly N[]) =>
    Object.fromEntries(names.map((name) => [name, take()])) as Record<N, number>;
  const flat = named(NUMBERS);
  const loginFailuresBy = named(FAILURES);
  const memory = named(MEMORY);
  const perNumber = Object.entries(STORE) as [keyof RtmServerStoreNumbers, number][];
  const ofStore = Object.fromEntries(perNumber.map(([name, per]) => [name, take() / per]));
  const store = {
    ...(ofStore as Record<keyof RtmServerStoreNumbers, number>),
    appendTimes: APPEND_TIMES.map((upTo) => ({ upTo, count: take() })),
  };
  return { ...flat, loginFailuresBy, memory, store };
}

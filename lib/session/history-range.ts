import { HISTORY_COUNT_ONLY, HISTORY_DESCENDING } from '../common-constants.js';

/** Which messages of the past are asked for. */
export interface HistoryRange {
  /** A user; empty: anybody. */
  readonly source: string;
  /** A user or a channel; empty: any. */
  readonly destination: string;
  /** Server time in milliseconds since 1970 UTC, inclusive, as is `endMs`. */
  readonly startMs: number;
  readonly endMs: number;
  readonly offset: number;
  readonly limit: number;
  /** Newest first. */
  readonly descending: boolean;
  /** No messages, only how many there are. */
  readonly countOnly: boolean;
}

/** A range as the arguments of the native function. */
export function historyArguments(
  range: HistoryRange,
): [source: string, destination: string, startMs: number, endMs: number, offset: number, limit: number, flags: number] {
  const { source, destination, startMs, endMs, offset, limit, descending, countOnly } = range;
  const flags = (descending ? HISTORY_DESCENDING : 0) | (countOnly ? HISTORY_COUNT_ONLY : 0);
  return [source, destination, startMs, endMs, offset, limit, flags];
}

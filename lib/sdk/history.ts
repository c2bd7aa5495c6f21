// An extension of the 1.5.0 surface: queries of the history. See cpp/sdk/extensions.hpp.
import { checkBoolean, checkInt32, checkString } from '../checks.js';
import { invalidArgType } from '../errors.js';
import type { HistoryRange } from '../session/history-range.js';

/** Which messages of the past are asked for. At least one of `source` and `destination` is given. */
export interface HistoryQuery {
  /** A user; left out or empty: anybody. */
  readonly source?: string | undefined;
  /** A user or a channel; left out or empty: any. */
  readonly destination?: string | undefined;
  /** Server time in milliseconds since 1970 UTC, inclusive; default 0. */
  readonly startMs?: number | undefined;
  /** Inclusive; default: no end. */
  readonly endMs?: number | undefined;
  /** Messages to skip; default 0. */
  readonly offset?: number | undefined;
  /** Most messages in the answer, 1 to 100; default 20. A server may send fewer, when a frame is full. */
  readonly limit?: number | undefined;
  /** Newest first; default false. */
  readonly descending?: boolean | undefined;
  /** No messages, only how many there are; default false. */
  readonly countOnly?: boolean | undefined;
}

/** One message of the past. */
export interface HistoryMessage {
  /** The user who sent it. */
  readonly source: string;
  /** A user or a channel. */
  readonly destination: string;
  /** Whether `destination` is a channel. */
  readonly channel: boolean;
  /** When the server took it, in milliseconds since 1970 UTC. */
  readonly serverReceivedTs: number;
  /** The text of the message. */
  readonly text: string;
}

/** Checks the types of a query and fills in its defaults; what the C++ call can judge is left to it. */
export function historyRange(query: HistoryQuery): HistoryRange {
  if (typeof query !== 'object' || query === null) throw invalidArgType('query', 'an object', query);
  const { source = '', destination = '', startMs = 0, endMs = Number.MAX_SAFE_INTEGER } = query;
  const { offset = 0, limit = 20, descending = false, countOnly = false } = query;
  for (const [name, value] of Object.entries({ source, destination })) {
    checkString(value, `query.${name}`);
  }
  for (const [name, value] of Object.entries({ startMs, endMs })) {
    if (!Number.isSafeInteger(value)) throw invalidArgType(`query.${name}`, 'an integer', value);
  }
  for (const [name, value] of Object.entries({ descending, countOnly })) {
    checkBoolean(value, `query.${name}`);
  }
  checkInt32(offset, 'query.offset');
  checkInt32(limit, 'query.limit');
  return { source, destination, startMs, endMs, offset, limit, descending, countOnly };
}

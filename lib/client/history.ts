import { checkInteger, checkObject, checkString } from '../checks.js';
import { invalidArgType, invalidArgValue } from '../errors.js';
import type { PastMessage } from '../native/values.js';
import type { CallOptions } from './abort.js';
import { checkCallOptions } from './options.js';
import type { Requests } from './requests.js';

/** Which messages are meant: messages of a source, to a destination, or both, in a span of time. */
export interface HistoryFilter {
  /** User id of the sender. */
  readonly source?: string | undefined;
  /** A user or a channel. */
  readonly destination?: string | undefined;
  /** From this moment on, inclusive: a date, or milliseconds since 1970 UTC. Default: everything kept. */
  readonly start?: Date | number | undefined;
  /** Up to this moment, inclusive. Default: up to now. */
  readonly end?: Date | number | undefined;
}

/** A page of messages. */
export interface HistoryQueryOptions extends HistoryFilter {
  /**
   * Oldest or newest first.
   *
   * @defaultValue 'asc'
   */
  readonly order?: 'asc' | 'desc' | undefined;
  /**
   * Messages to skip.
   *
   * @defaultValue 0
   */
  readonly offset?: number | undefined;
  /**
   * Most messages in the page, 1 to 100. It has fewer if there are no more, or if they are long (64 KiB in all).
   *
   * @defaultValue 20
   */
  readonly limit?: number | undefined;
}

/** A text message of the past. */
export interface HistoryMessage {
  /** User id of the sender. */
  readonly from: string;
  /** User id of the receiver; undefined for a channel message. */
  readonly to: string | undefined;
  /** Id of the channel; undefined for a peer message. */
  readonly channelId: string | undefined;
  /** When the server took it, in milliseconds since the epoch. */
  readonly timestamp: number;
  /** The text of the message. */
  readonly text: string;
}

/** The answer to a query. */
export interface HistoryPage {
  /** In the order asked for. */
  readonly messages: readonly HistoryMessage[];
  /** All matches, before offset and limit. The next page begins at `offset + messages.length`. */
  readonly total: number;
}

/** The answer to a query, as the session gives it. */
export interface HistoryAnswer {
  readonly messages: readonly PastMessage[];
  readonly total: number;
}

const FILTER_KEYS = ['source', 'destination', 'start', 'end'];
const QUERY_KEYS = [...FILTER_KEYS, 'order', 'offset', 'limit'];

function moment(value: unknown, name: string): number {
  if (typeof value !== 'number' && !(value instanceof Date)) {
    throw invalidArgType(name, 'a Date or a number of milliseconds', value);
  }
  const milliseconds = Math.trunc(Number(value));
  if (!Number.isSafeInteger(milliseconds) || milliseconds < 0) {
    throw invalidArgValue(name, 'a moment since 1970', String(value));
  }
  return milliseconds;
}

function checked(filter: HistoryFilter, name: string, keys: readonly string[]) {
  const { source = '', destination = '', start, end }: HistoryFilter = checkObject(filter, name, keys);
  return {
    source: checkString(source, `${name}.source`),
    destination: checkString(destination, `${name}.destination`),
    startMs: start === undefined ? 0 : moment(start, `${name}.start`),
    endMs: end === undefined ? Number.MAX_SAFE_INTEGER : moment(end, `${name}.end`),
  };
}

function messageOf({ source, destination, channel, serverReceivedTs, text }: PastMessage): HistoryMessage {
  const [to, channelId] = channel ? [undefined, destination] : [destination, undefined];
  return { from: source, to, channelId, timestamp: serverReceivedTs, text };
}

/**
 * Text messages of the last days that were sent with `history: true`; `client.history`.
 *
 * A user may ask for what it sent (`source`), what other users sent it (`destination`), and for a channel it is in. A
 * server may be open (`historyOpen`): then everybody sees all messages of the App ID.
 *
 * ```ts
 * const { messages, total } = await client.history.query({ destination: 'lobby', order: 'desc', limit: 50 });
 * ```
 */
export class History {
  readonly #requests: Requests;

  /** @internal See `RtmClient.history`. */
  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /**
   * Asks for a page of messages, by default the oldest 20.
   *
   * @throws TypeError at once, for arguments of the wrong type, or an offset or limit out of range
   * @throws RtmError `ERR_RTM_INVALID_ARGUMENT` (neither source nor destination, a bad id, an end before the start),
   * `ERR_RTM_NOT_ALLOWED` (messages of others, or a channel this user is not in), `ERR_RTM_TOO_OFTEN` (100 queries in 1
   * s by all users of the App ID, or 16 of this client without an answer), `ERR_RTM_TIMEOUT` (10 s), `ERR_RTM_NOT_LOGGED_IN`, `ERR_RTM_FAILURE`
   */
  query(query: HistoryQueryOptions, options?: CallOptions): Promise<HistoryPage> {
    const filter = checked(query, 'query', QUERY_KEYS);
    const { order = 'asc', offset = 0, limit = 20 } = query;
    if (order !== 'asc' && order !== 'desc') throw invalidArgValue('query.order', "'asc' or 'desc'", String(order));
    checkInteger(offset, 'query.offset', 0, 0x7fffffff);
    checkInteger(limit, 'query.limit', 1, 100);
    checkCallOptions(options);
    return this.#requests
      .start<HistoryAnswer>('queryHistory', options, (requests) =>
        requests.queryHistory({ ...filter, descending: order === 'desc', countOnly: false, offset, limit }),
      )
      .then(({ messages, total }) => ({ messages: messages.map(messageOf), total }));
  }

  /**
   * Asks how many messages there are.
   *
   * @throws TypeError at once, for arguments of the wrong type
   * @throws RtmError as {@link query}
   */
  count(filter: HistoryFilter, options?: CallOptions): Promise<number> {
    const given = checked(filter, 'filter', FILTER_KEYS);
    checkCallOptions(options);
    return this.#requests
      .start<HistoryAnswer>('queryHistory', options, (requests) =>
        requests.queryHistory({ ...given, descending: false, countOnly: true, offset: 0, limit: 20 }),
      )
      .then(({ total }) => total);
  }
}

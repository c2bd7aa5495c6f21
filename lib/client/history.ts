import { invalidArgType, invalidArgValue } from '../errors.js';
import type { HistoryMessage as SdkMessage } from '../sdk/history.js';
import type { CallOptions } from './abort.js';
import { checkCallOptions } from './options.js';
import type { Requests } from './requests.js';

/** Which messages are meant: those of a source, to a destination, or both, in a span of time. */
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

/** What the service answers a query with. */
export interface HistoryAnswer {
  readonly messages: readonly SdkMessage[];
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

function whole(value: unknown, name: string, least: number, most: number): number {
  if (typeof value !== 'number') throw invalidArgType(name, 'a number', value);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw invalidArgValue(name, `an integer from ${least} to ${most}`, String(value));
  }
  return value;
}

function checked(filter: HistoryFilter, name: string, keys: readonly string[]) {
  if (typeof filter !== 'object' || filter === null) throw invalidArgType(name, 'an object', filter);
  for (const key in filter) {
    if (!keys.includes(key)) throw invalidArgValue(name, `only the properties ${keys.join(', ')}`, `"${key}"`);
  }
  const { source = '', destination = '', start, end } = filter;
  if (typeof source !== 'string') throw invalidArgType(`${name}.source`, 'a string', source);
  if (typeof destination !== 'string') throw invalidArgType(`${name}.destination`, 'a string', destination);
  return {
    source,
    destination,
    ...(start !== undefined && { startMs: moment(start, `${name}.start`) }),
    ...(end !== undefined && { endMs: moment(end, `${name}.end`) }),
  };
}

function messageOf({ source, destination, channel, serverReceivedTs, text }: SdkMessage): HistoryMessage {
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
   * `ERR_RTM_NOT_ALLOWED` (messages of others, or a channel this user is not in), `ERR_RTM_TOO_OFTEN` (100 queries in 1 s
   * by all users of the App ID), `ERR_RTM_TIMEOUT` (10 s), `ERR_RTM_NOT_LOGGED_IN`, `ERR_RTM_FAILURE`
   */
  query(query: HistoryQueryOptions, options?: CallOptions): Promise<HistoryPage> {
    const filter = checked(query, 'query', QUERY_KEYS);
    const { order = 'asc', offset = 0, limit = 20 } = query;
    if (order !== 'asc' && order !== 'desc') throw invalidArgValue('query.order', "'asc' or 'desc'", String(order));
    whole(offset, 'query.offset', 0, 0x7fffffff);
    whole(limit, 'query.limit', 1, 100);
    checkCallOptions(options);
    return this.#requests
      .start<HistoryAnswer>('queryHistory', options, (service) =>
        service.queryHistory({ ...filter, descending: order === 'desc', offset, limit }),
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
      .start<HistoryAnswer>('queryHistory', options, (service) => service.queryHistory({ ...given, countOnly: true }))
      .then(({ total }) => total);
  }
}

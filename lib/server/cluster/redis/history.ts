import type { HistoryFilter, HistoryPage, HistoryRecord } from '../../storage/message-store.js';
import { PARTITIONS } from '../partitions.js';
import type { Core } from './core.js';
import { number, text, unpack } from './fields.js';
import { channelKeys, historyKey, sourceHistoryKey, userKeys } from './keys.js';

/** Bytes that a record takes in an answer besides its texts (HistoryFilter.bytes). */
const RECORD_BYTES = 32;
const PAGE = 500;

type StreamEntry = [id: Buffer, fields: [Buffer, Buffer]];

interface Found {
  readonly id: string;
  readonly record: HistoryRecord;
}

function recordOf([id, [, packed]]: StreamEntry): Found {
  const fields = unpack(packed);
  return {
    id: String(id),
    record: {
      source: text(fields, 0),
      destination: text(fields, 1),
      channel: text(fields, 2) === '1',
      timeMs: number(fields, 3),
      text: text(fields, 4),
    },
  };
}

const arrival = (id: string): [number, number] => id.split('-').map(Number) as [number, number];

/** Orders by time, and within the same millisecond by arrival. */
function inOrder(a: Found, b: Found): number {
  const [aMs, aSeq] = arrival(a.id);
  const [bMs, bSeq] = arrival(b.id);
  return a.record.timeMs - b.record.timeMs || aMs - bMs || aSeq - bSeq;
}

/** Counts matches, and keeps those that the page may need: a walk over a large history must not hold all of it. */
class Matches {
  total = 0;
  readonly #needed: number;
  readonly #descending: boolean;
  #found: Found[] = [];

  constructor({ offset, limit, descending }: HistoryFilter) {
    this.#needed = limit === 0 ? 0 : offset + limit;
    this.#descending = descending;
  }

  add(match: Found): void {
    this.total++;
    if (this.#needed === 0) return;
    this.#found.push(match);
    if (this.#found.length >= 2 * this.#needed + PAGE) this.#found = this.first();
  }

  /** The first ones, as many as the page may need, in the order of the answer. */
  first(): Found[] {
    this.#found.sort(inOrder);
    if (this.#descending) this.#found.reverse();
    return this.#found.slice(0, this.#needed);
  }
}

/** Queries of the history: one stream for each destination, and one in each partition for each source. */
export class History {
  constructor(private readonly core: Core) {}

  async query(appId: string, filter: HistoryFilter): Promise<HistoryPage> {
    const streams: [partition: number, key: string][] = [];
    if (filter.destination !== '') {
      const user = userKeys(appId, filter.destination);
      const channel = channelKeys(appId, filter.destination);
      if (filter.peers) streams.push([user.partition, historyKey(user, false)]);
      if (filter.channels) streams.push([channel.partition, historyKey(channel, true)]);
    } else {
      for (let partition = 0; partition < PARTITIONS; partition++) {
        streams.push([partition, sourceHistoryKey(partition, appId, filter.source)]);
      }
    }
    const matches = new Matches(filter);
    const walk = { stopped: false };
    const reads = streams.map(([partition, key]) => this.#read(partition, key, filter, matches, walk));
    try {
      await Promise.all(reads);
    } catch (error) {
      // The query has failed: what still reads ends first, so that it does not go on uncounted.
      walk.stopped = true;
      await Promise.allSettled(reads);
      throw error;
    }
    return { total: matches.total, records: cut(matches.first(), filter) };
  }

  async #read(
    partition: number,
    key: string,
    filter: HistoryFilter,
    matches: Matches,
    walk: { readonly stopped: boolean },
  ): Promise<void> {
    const oldest = filter.nowMs - this.core.settings.historyRetentionMs;
    for (let from = '-'; !walk.stopped; ) {
      const entries = await this.core.scripts.call<StreamEntry[]>(partition, 'history', [key], [from, String(PAGE)]);
      for (const entry of entries) {
        const each = recordOf(entry);
        const { source, destination, channel, timeMs } = each.record;
        if (timeMs < filter.startMs || timeMs > filter.endMs || timeMs <= oldest) continue;
        if (filter.source !== '' && source !== filter.source) continue;
        if (filter.destination !== '' && destination !== filter.destination) continue;
        if (channel ? filter.channels : filter.peers) matches.add(each);
      }
      if (entries.length < PAGE) return;
      from = `(${String((entries.at(-1) as StreamEntry)[0])}`;
    }
  }
}

function cut(found: readonly Found[], filter: HistoryFilter): HistoryRecord[] {
  const records: HistoryRecord[] = [];
  let bytes = 0;
  for (const { record } of found.slice(filter.offset, filter.offset + filter.limit)) {
    bytes += RECORD_BYTES;
    for (const part of [record.source, record.destination, record.text]) bytes += Buffer.byteLength(part);
    if (bytes > filter.bytes && records.length > 0) break;
    records.push(record);
  }
  return records;
}

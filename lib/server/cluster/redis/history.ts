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
    const parts = await Promise.all(streams.map(([partition, key]) => this.#read(partition, key, filter)));
    const found = parts.flat().sort(inOrder);
    if (filter.descending) found.reverse();
    return { total: found.length, records: cut(found, filter) };
  }

  async #read(partition: number, key: string, filter: HistoryFilter): Promise<Found[]> {
    const oldest = filter.nowMs - this.core.settings.historyRetentionMs;
    const found: Found[] = [];
    for (let from = '-'; ; ) {
      const entries = await this.core.scripts.call<StreamEntry[]>(partition, 'history', [key], [from, String(PAGE)]);
      for (const entry of entries) {
        const each = recordOf(entry);
        const { source, destination, channel, timeMs } = each.record;
        if (timeMs < filter.startMs || timeMs > filter.endMs || timeMs <= oldest) continue;
        if (filter.source !== '' && source !== filter.source) continue;
        if (filter.destination !== '' && destination !== filter.destination) continue;
        if (channel ? filter.channels : filter.peers) found.push(each);
      }
      if (entries.length < PAGE) return found;
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

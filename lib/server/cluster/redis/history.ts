import type { HistoryFilter, HistoryPage, HistoryRecord } from '../../storage/message-store.js';
import { ANSWER_ENTRY_BYTES } from '../../storage/store-constants.js';
import type { SessionAddress } from '../engine.js';
import type { Core } from './core.js';
import { number, text, unpack } from './fields.js';
import type { HistoryRoom } from './history-room.js';
import {
  channelKeys,
  type HistoryKeys,
  pairHistory,
  partitionKey,
  receivedHistory,
  sentHistory,
  userKeys,
} from './keys.js';

/** Places that one round of a search compares: the fewer the rounds, the sooner the answer. */
const PROBES = 15;

/** Where a record is in a line: its time, and of the same time its id. */
interface Place {
  readonly timeMs: number;
  readonly id: Buffer;
}

interface Found extends Place {
  readonly record: HistoryRecord;
}

function recordOf(packed: Buffer): HistoryRecord {
  const fields = unpack(packed);
  return {
    source: text(fields, 0),
    destination: text(fields, 1),
    channel: text(fields, 2) === '1',
    timeMs: number(fields, 3),
    text: text(fields, 4),
  };
}

const inOrder = (a: Place, b: Place): number => a.timeMs - b.timeMs || Buffer.compare(a.id, b.id);

/** The id of a message in the history of its sender: in the order of sending, and the same in a repeat. */
function sentId({ sessionId }: SessionAddress, seq: number): Buffer {
  const id = Buffer.alloc(16);
  id.writeBigUInt64BE(BigInt(seq));
  id.write(sessionId, 8, 'hex');
  return id;
}

/**
 * The history in Redis (script history). A query reads at most two lines: it counts by ranks, and reads the records of
 * its page. So its cost does not grow with the history.
 */
export class History {
  constructor(
    private readonly core: Core,
    private readonly room: HistoryRoom,
  ) {}

  /** What a script keeps for the receiver of a text: nothing if the text has more bytes than the bound. */
  keepable(record: Buffer): Buffer {
    return this.room.fits(record) ? record : record.subarray(0, 0);
  }

  /** A script has kept a text for its receiver. */
  received(partition: number, appId: string, record: Buffer): void {
    this.room.kept(partition, appId, record);
  }

  /**
   * Keeps a text in the history of its sender. The destination has it already: the two are in different partitions, so
   * no script can keep both. A repeat of the message keeps it once more if the node died in between.
   */
  async keepSent(appId: string, source: string, sender: SessionAddress, seq: number, record: Buffer): Promise<void> {
    if (!this.room.fits(record)) throw this.room.refusal(record);
    const fields = unpack(record);
    const { partition, records, line } = sentHistory(userKeys(appId, source), text(fields, 2) === '1');
    const retention = String(this.core.settings.historyRetentionMs);
    const args = [sentId(sender, seq), text(fields, 3), record, retention];
    const keys = [partitionKey(partition), records, line];
    const kept = await this.core.scripts.call<number>(partition, 'keepSent', keys, args);
    if (kept === 1) this.room.kept(partition, appId, record);
  }

  async query(appId: string, filter: HistoryFilter): Promise<HistoryPage> {
    const startMs = Math.max(filter.startMs, filter.nowMs - this.core.settings.historyRetentionMs + 1);
    if (startMs > filter.endMs) return { total: 0, records: [] };
    const lines = linesOf(appId, filter).map(
      (keys) => new Line(this.core, keys, startMs, filter.endMs, filter.descending),
    );
    const { offset, limit, bytes } = filter;
    const [only] = lines;
    if (only !== undefined && lines.length === 1) {
      const { total, found } = await only.page(offset, limit, bytes);
      return { total, records: cut(found, filter) };
    }
    const counts = await ended(lines.map(async (line) => (await line.page(0, 0, 0)).total));
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (limit === 0 || offset >= total) return { total, records: [] };
    const [first, second] = lines as [Line, Line];
    const share = await shareOfFirst([first, second], counts as [number, number], offset);
    const pages = await ended([first.page(share, limit, bytes), second.page(offset - share, limit, bytes)]);
    const found = pages.flatMap((page) => page.found).sort(inOrder);
    if (filter.descending) found.reverse();
    return { total, records: cut(found, filter) };
  }
}

function linesOf(appId: string, { source, destination, peers, channels }: HistoryFilter): HistoryKeys[] {
  const lines: HistoryKeys[] = [];
  for (const channel of [false, true]) {
    if (channel ? !channels : !peers) continue;
    if (destination === '') {
      if (source !== '') lines.push(sentHistory(userKeys(appId, source), channel));
      continue;
    }
    const to = channel ? channelKeys(appId, destination) : userKeys(appId, destination);
    lines.push(source === '' ? receivedHistory(to, channel) : pairHistory(to, channel, source));
  }
  return lines;
}

/** Waits until all calls have ended, and fails if one has: nobody would count what a failed query still reads. */
async function ended<const Calls extends readonly Promise<unknown>[]>(calls: Calls) {
  await Promise.allSettled(calls);
  return Promise.all(calls);
}

/** The records of a line between two times, by their places in the order of reading. */
class Line {
  readonly #span: readonly [string, string];
  readonly #order: string;

  constructor(
    private readonly core: Core,
    private readonly keys: HistoryKeys,
    startMs: number,
    endMs: number,
    readonly descending: boolean,
  ) {
    this.#span = [String(startMs), String(endMs)];
    this.#order = descending ? '1' : '0';
  }

  async page(place: number, limit: number, bytes: number): Promise<{ total: number; found: Found[] }> {
    const { partition, line, records } = this.keys;
    const args = [...this.#span, String(place), String(limit), String(bytes), this.#order];
    const [total, ...flat] = await this.core.scripts.call<[number, ...Buffer[]]>(
      partition,
      'history',
      [line, records],
      args,
    );
    const found: Found[] = [];
    for (let i = 0; i + 2 < flat.length; i += 3) {
      found.push({ id: flat[i] as Buffer, timeMs: number(flat, i + 1), record: recordOf(flat[i + 2] as Buffer) });
    }
    return { total, found };
  }

  /** What is at these places; undefined where nothing is any more. */
  async at(places: readonly number[]): Promise<(Place | undefined)[]> {
    const { partition, line } = this.keys;
    const args = [...this.#span, this.#order, ...places.map(String)];
    const flat = await this.core.scripts.call<Buffer[]>(partition, 'historyPlaces', [line], args);
    return places.map((_, index) => {
      const id = flat[2 * index] as Buffer;
      return id.length === 0 ? undefined : { id, timeMs: number(flat, 2 * index + 1) };
    });
  }
}

/**
 * How many of the first `offset` records of two lines come from the first one. A search by parts of a span: what is
 * skipped is not walked.
 */
async function shareOfFirst(lines: [Line, Line], counts: [number, number], offset: number): Promise<number> {
  const [a, b] = lines;
  const isEarlier = (left: Place | undefined, right: Place | undefined): boolean => {
    if (left === undefined || right === undefined) return false;
    return a.descending ? inOrder(right, left) < 0 : inOrder(left, right) < 0;
  };
  let least = Math.max(0, offset - counts[1]);
  let most = Math.min(offset, counts[0]);
  while (least < most) {
    const step = (most - least) / (PROBES + 1);
    const all = Array.from({ length: PROBES }, (_, index) => least + Math.floor(step * (index + 1)));
    const shares = [...new Set(all)].filter((share) => share < most);
    const [next, last] = await ended([a.at(shares), b.at(shares.map((share) => offset - share - 1))]);
    // Is the next of the first line before the last that the second one gives? Then the first has to give more.
    const enough = shares.findIndex((_, index) => !isEarlier(next[index], last[index]));
    if (enough !== 0) least = (shares.at(enough === -1 ? -1 : enough - 1) as number) + 1;
    if (enough !== -1) most = shares[enough] as number;
  }
  return least;
}

function cut(found: readonly Found[], filter: HistoryFilter): HistoryRecord[] {
  const records: HistoryRecord[] = [];
  let bytes = 0;
  for (const { record } of found.slice(0, filter.limit)) {
    bytes += ANSWER_ENTRY_BYTES;
    for (const part of [record.source, record.destination, record.text]) bytes += Buffer.byteLength(part);
    if (bytes > filter.bytes && records.length > 0) break;
    records.push(record);
  }
  return records;
}

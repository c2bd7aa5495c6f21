import { join } from 'node:path';
import { open } from 'lmdb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { lastNumber, nameKey, numberKey } from '../../../lib/server/storage/lmdb/keys.js';
import { decodeHistory } from '../../../lib/server/storage/lmdb/records.js';
import { Table } from '../../../lib/server/storage/lmdb/table.js';
import type { HistoryFilter, HistoryRecord } from '../../../lib/server/storage/message-store.js';
import { makeFolder, openStore } from './folders.js';

const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;
const NOW = 1_700_000_000_000;
/** The clock of the store's own sweep stands still. */
const still = { now: () => 0 };

const record = (text: string, timeMs: number, others: Partial<HistoryRecord> = {}): HistoryRecord => ({
  source: 'alice',
  destination: 'bob',
  channel: false,
  timeMs,
  text,
  ...others,
});

const everything: HistoryFilter = {
  source: '',
  destination: 'bob',
  peers: true,
  channels: true,
  startMs: 0,
  endMs: Number.MAX_SAFE_INTEGER,
  nowMs: NOW + 1000,
  offset: 0,
  limit: 100,
  bytes: 60_000,
  descending: false,
};

/** The file of a closed store. */
function openFile(folder: string) {
  return open<Buffer, Uint8Array>({
    path: join(folder, 'messages.mdb'),
    noSubdir: true,
    maxDbs: 20,
    overlappingSync: false,
    ...BINARY,
  });
}

/** Gives a closed store the layout of format 1; with `begun`, as if an upgrade had been interrupted. */
async function downgrade(folder: string, begun: boolean): Promise<void> {
  const root = openFile(folder);
  const table = (name: string) => root.openDB<Buffer, Uint8Array>(name, BINARY);
  const [history, lines, sources, destinations] = [
    'history',
    'historyLines',
    'historySources',
    'historyDestinations',
  ].map(table);
  const keys = [...(lines?.getKeys() ?? [])];
  for (const key of begun ? keys.slice(0, keys.length / 2) : keys) await lines?.remove(key);
  for (const { key, value } of [...(history?.getRange() ?? [])]) {
    const [timeMs, number] = [lastNumber(key, 1), lastNumber(key)];
    const { source, destination } = decodeHistory(value, timeMs);
    await sources?.put(numberKey(nameKey('app', source), timeMs, number), Buffer.from([0]));
    await destinations?.put(numberKey(nameKey('app', destination), timeMs, number), Buffer.from([0]));
  }
  await table('meta').put(Buffer.from('format'), Buffer.from([1, 0, 0, 0]));
  await root.close();
}

afterEach(() => vi.restoreAllMocks());

describe('the history of a store', () => {
  it.each([
    ['', false],
    [', also if an earlier upgrade was interrupted', true],
  ])('of format 1 keeps its records and gets the lines of format 2%s', async (_, begun) => {
    const folder = makeFolder();
    let store = await openStore(folder, still);
    for (let count = 0; count < 40; count++) {
      const others =
        count % 3 === 0 ? { destination: 'bob', channel: true } : { source: count % 2 ? 'alice' : 'carol' };
      await store.appendHistory('app', record(String(count), NOW + count, others));
      await store.appendHistory('other app', record('not mine', NOW + count));
    }
    const before = await store.queryHistory('app', everything);
    expect(before.total).toBe(40);
    await store.close();
    await downgrade(folder, begun);

    const lines: string[] = [];
    store = await openStore(folder, { ...still, log: (_level, line) => lines.push(line) });
    expect(lines).toEqual([expect.stringContaining('this may take a while'), expect.stringContaining('80 records')]);
    expect(await store.queryHistory('app', everything)).toEqual(before);
    expect((await store.queryHistory('other app', everything)).total).toBe(40);
    await store.appendHistory('app', record('after', NOW + 50));
    expect((await store.queryHistory('app', { ...everything, descending: true, limit: 1 })).records).toEqual([
      record('after', NOW + 50),
    ]);
    await store.close();
    lines.length = 0;
    store = await openStore(folder, { ...still, log: (_level, line) => lines.push(line) });
    expect(lines).toEqual([]); // once
    expect((await store.queryHistory('app', everything)).total).toBe(41);
  });

  it('loses the tables of format 1 at the next start, if the start that upgraded it ended before', async () => {
    const folder = makeFolder();
    await (await openStore(folder, still)).close();
    let root = openFile(folder);
    const names = ['historySources', 'historyDestinations'];
    for (const name of names)
      await root.openDB<Buffer, Uint8Array>(name, BINARY).put(Buffer.from('k'), Buffer.from('v'));
    await root.close();
    const lines: string[] = [];
    await (await openStore(folder, { ...still, log: (_level, line) => lines.push(line) })).close();
    expect(lines).toEqual([]);
    root = openFile(folder);
    const former = (name: string) => root.openDB(name, { ...BINARY, create: false } as typeof BINARY);
    expect(names.filter((name) => former(name) !== undefined)).toEqual([]);
    await root.close();
  });

  it('stays in the order of time when clocks differ a little, and does not break when one was set back', async () => {
    const store = await openStore(makeFolder(), still);
    const found = async (filter: Partial<HistoryFilter> = {}) =>
      (await store.queryHistory('app', { ...everything, ...filter })).records;
    for (const [text, ms] of [
      ['5', 5],
      ['3', 3],
      ['4', 4],
      ['3b', 3],
    ] as const) {
      await store.appendHistory('app', record(text, NOW + ms));
    }
    expect((await found()).map(({ text }) => text)).toEqual(['3', '3b', '4', '5']);
    for (let count = 0; count < 100; count++) await store.appendHistory('app', record('later', NOW + 100));
    await store.appendHistory('app', record('an hour back', NOW - 3_600_000));
    await store.appendHistory('app', record('in a channel', NOW - 3_600_000, { channel: true }));
    expect(await found({ peers: false })).toEqual([record('in a channel', NOW - 3_600_000, { channel: true })]);
    const [last] = await found({ channels: false, descending: true, limit: 1 });
    expect(last).toEqual(record('an hour back', NOW - 3_600_000));
    expect((await found({ startMs: NOW + 100, channels: false, offset: 100 })).map(({ text }) => text)).toEqual([
      'an hour back',
    ]);
  });

  it('counts and pages by a bounded number of reads, whatever lies before the page', async () => {
    const store = await openStore(makeFolder(), still);
    const texts = Array.from({ length: 3000 }, (_, index) => String(index));
    await Promise.all(
      texts.map((text, index) => store.appendHistory('app', record(text, NOW + index, { channel: index % 7 === 0 }))),
    );
    const reads = countReads();
    const query = async (filter: Partial<HistoryFilter>) => {
      const page = await store.queryHistory('app', { ...everything, nowMs: NOW + 3000, ...filter });
      return { total: page.total, texts: page.records.map(({ text }) => text), reads: reads.take() };
    };
    const page = await query({ offset: 2000, limit: 5 });
    expect([page.total, page.texts]).toEqual([3000, texts.slice(2000, 2005)]);
    const backwards = await query({ offset: 2000, limit: 5, descending: true });
    expect(backwards.texts).toEqual(texts.toReversed().slice(2000, 2005));
    const count = await query({ startMs: NOW + 10, endMs: NOW + 2009, limit: 0 });
    expect(count.total).toBe(2000);
    // Two lines, each searched for two times by halves; the page adds a search for its place, and its records.
    const ofCount = 2 * (2 + 2 * Math.ceil(Math.log2(3000)));
    expect(count.reads).toBeLessThanOrEqual(ofCount);
    for (const { reads: read } of [page, backwards]) expect(read).toBeLessThanOrEqual(ofCount + 2 * 12 + 3 * 5);
  });
});

/** Counts the entries that tables give from now on, until the end of the test. */
function countReads(): { take(): number } {
  let count = 0;
  const get = vi.spyOn(Table.prototype, 'get');
  const original = { range: Table.prototype.range, keys: Table.prototype.keys };
  vi.spyOn(Table.prototype, 'range').mockImplementation(function (this: Table, range) {
    const entries = original.range.call(this, range);
    count += entries.length;
    return entries;
  });
  vi.spyOn(Table.prototype, 'keys').mockImplementation(function (this: Table, range) {
    const keys = original.keys.call(this, range);
    count += keys.length;
    return keys;
  });
  return {
    take: () => {
      const taken = count + get.mock.calls.length;
      count = 0;
      get.mockClear();
      return taken;
    },
  };
}

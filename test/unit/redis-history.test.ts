import { expect, test } from 'vitest';
import type { Core } from '../../lib/server/cluster/redis/core.js';
import { History } from '../../lib/server/cluster/redis/history.js';
import { endsOf, partsOf } from '../../lib/server/cluster/redis/history-ages.js';
import { HistoryRoom } from '../../lib/server/cluster/redis/history-room.js';
import type { HistoryFilter } from '../../lib/server/storage/message-store.js';

const filter: HistoryFilter = {
  source: 'alice',
  destination: '',
  peers: true,
  channels: true,
  startMs: 0,
  endMs: 1,
  nowMs: 1,
  offset: 0,
  limit: 20,
  bytes: 60_000,
  descending: false,
};

test('when one read of a query fails, the others end before the query does', async () => {
  let reading = 0;
  let calls = 0;
  const call = async () => {
    const fails = ++calls === 1;
    reading++;
    for (let turn = 0; turn < (fails ? 1 : 5); turn++) await new Promise((resolve) => setImmediate(resolve));
    reading--;
    if (fails) throw new Error('no link to Redis');
    return [7];
  };
  const core = { scripts: { call }, settings: { historyRetentionMs: 1000 } } as unknown as Core;
  const history = new History(core, new HistoryRoom(core));
  await expect(history.query('app', filter)).rejects.toThrow('no link to Redis');
  expect(reading).toBe(0);
  const atTheEnd = calls;
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toBe(atTheEnd);
});

test('parts have their share of the bytes by the ranks where they begin', () => {
  expect(partsOf(1000, 10, [0, 5, 2, 7, 5, 9])).toEqual([
    { timeMs: 5, bytes: 200 },
    { timeMs: 7, bytes: 300 },
    { timeMs: 9, bytes: 500 },
  ]);
  expect(partsOf(0, 0, [])).toEqual([]);
});

test.each<[string, [timeMs: number, bytes: number][][], bytes: number, end: number | undefined]>([
  ['no records', [[], []], 10, undefined],
  ['the parts that fit, of all partitions together', [[[1, 10], [4, 20]], [[2, 10], [3, 20]]], 40, 4], // biome-ignore format: a table
  ['the oldest record, if its part does not fit', [[[1, 10]], [[2, 10]]], 5, 2],
  ['the oldest record, if its part and others of its time do not fit', [[[1, 10]], [[1, 10]]], 15, 2],
  ['all', [[[1, 10]], [[2, 10]]], 20, Number.MAX_SAFE_INTEGER],
])('the history ends before: %s', (_, ages, bytes, end) => {
  const parts = ages.map((each) => ({ parts: each.map(([timeMs, size]) => ({ timeMs, bytes: size })) }));
  expect(endsOf(parts, bytes)).toBe(end);
});

import { expect, test } from 'vitest';
import type { Core } from '../../lib/server/cluster/redis/core.js';
import { pack } from '../../lib/server/cluster/redis/fields.js';
import { History } from '../../lib/server/cluster/redis/history.js';
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
  const reading = new Set<number>();
  // A full page, so that there may be more.
  const entry = [Buffer.from('1-0'), [Buffer.from('r'), pack(['bob', '', '0', '5', ''])]];
  const page = new Array(500).fill(entry);
  let calls = 0;
  const call = async (partition: number) => {
    calls++;
    reading.add(partition);
    await new Promise((resolve) => setImmediate(resolve));
    reading.delete(partition);
    if (partition === 3) throw new Error('no link to Redis');
    return calls > 2000 ? [] : page; // also a test that fails must end
  };
  const history = new History({ scripts: { call }, settings: { historyRetentionMs: 1000 } } as unknown as Core);
  await expect(history.query('app', filter)).rejects.toThrow('no link to Redis');
  expect(reading.size).toBe(0);
  const atTheEnd = calls;
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toBe(atTheEnd);
});

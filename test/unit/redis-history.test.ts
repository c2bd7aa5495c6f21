import { expect, test } from 'vitest';
import type { Core } from '../../lib/server/cluster/redis/core.js';
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
  const history = new History({ scripts: { call }, settings: { historyRetentionMs: 1000 } } as unknown as Core);
  await expect(history.query('app', filter)).rejects.toThrow('no link to Redis');
  expect(reading).toBe(0);
  const atTheEnd = calls;
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toBe(atTheEnd);
});

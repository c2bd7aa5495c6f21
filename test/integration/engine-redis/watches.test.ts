// Watches and questions for many users: what they cost Redis, and what a watcher hears.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { PARTITIONS } from '../../../lib/server/cluster/partitions.js';
import { Redis, redisMissing } from '../../fixtures/redis.js';
import { APP, Node } from './node.js';

const ABREAST = 8;
const many = Array.from({ length: 2000 }, (_, index) => `nobody ${index}`);

describe.skipIf(redisMissing)('watches over Redis', () => {
  let redis: Redis;
  let node: Node;
  let calls: string[] = [];

  beforeAll(async () => {
    redis = await Redis.start();
  });
  afterAll(() => redis?.stop());
  beforeEach(async () => {
    node = await Node.start({ url: redis.url, observe: (script) => calls.push(script) });
    calls = [];
  });
  afterEach(async () => {
    await node.engine.close();
    await redis.cli('FLUSHALL');
  });
  const callsOf = (script: string) => calls.filter((each) => each === script).length;

  test('many users are one call for each partition, watched, dropped or asked for', async () => {
    await node.engine.watch(0, APP, many);
    expect(node.presences.map(([, userId]) => userId).sort()).toEqual(many.toSorted());
    expect(callsOf('watch')).toBeLessThanOrEqual(PARTITIONS);
    expect(new Set(await node.engine.presence(APP, many))).toEqual(new Set([2]));
    expect(callsOf('presence')).toBeLessThanOrEqual(PARTITIONS);
    node.engine.unwatch(0, APP, many);
    await expect.poll(() => redis.cli('--scan', '--pattern', '*}*w:*')).toBe('');
    expect(callsOf('unwatch')).toBeLessThanOrEqual(PARTITIONS);
  });

  test('watches that are dropped before their turn cost nothing', async () => {
    for (let round = 0; round < 10; round++) {
      const watching = node.engine.watch(0, APP, many);
      node.engine.unwatch(0, APP, many);
      await watching;
    }
    expect(callsOf('watch')).toBe(0);
    // Those that have begun are in Redis, and are taken back.
    const watching = node.engine.watch(0, APP, many);
    await new Promise((resolve) => setImmediate(resolve));
    node.engine.unwatch(0, APP, many);
    await watching;
    expect(callsOf('watch')).toBeLessThanOrEqual(ABREAST);
    await expect.poll(() => redis.cli('--scan', '--pattern', '*}*w:*')).toBe('');
  });

  test('a message to a user does not wait for all watches of others', async () => {
    const alice = await node.open('alice');
    calls = [];
    const watching = node.engine.watch(0, APP, many);
    await new Promise((resolve) => setImmediate(resolve));
    await alice.result(alice.send('alice', 'hello'));
    expect(callsOf('watch')).toBeLessThan(PARTITIONS);
    await watching;
    await node.clear();
  });

  test('who drops a user and watches it again at once hears of it', async () => {
    await node.engine.watch(0, APP, ['alice']);
    node.engine.unwatch(0, APP, ['alice']);
    const again = node.engine.watch(0, APP, ['alice']);
    node.engine.unwatch(1, APP, ['alice']);
    await again;
    await node.open('alice');
    await node.until(() => node.presences.some(([, , state]) => state === 0));
    expect(node.presences).toEqual([
      [0, 'alice', 2],
      [0, 'alice', 2],
      [0, 'alice', 0],
    ]);
    await node.clear();
  });

  test('a loop is told the state later if Redis does not answer, and drops what it watched meanwhile', async () => {
    const short = await Node.start({ url: redis.url, operationTimeoutMs: 300 });
    try {
      await expect
        .poll(() =>
          short.engine.watch(0, APP, ['bob']).then(
            () => true,
            () => false,
          ),
        )
        .toBe(true);
      short.presences.length = 0;
      await redis.cli('REPLICAOF', '127.0.0.1', '1');
      await expect(short.engine.watch(1, APP, ['alice'])).rejects.toThrow();
      short.engine.unwatch(0, APP, ['bob']);
      await redis.cli('REPLICAOF', 'NO', 'ONE');
      await short.until(() => short.presences.length === 1);
      expect(short.presences[0]).toEqual([1, 'alice', 2]);
      await expect.poll(() => redis.cli('--scan', '--pattern', '*}w:*'), { timeout: 5000 }).not.toContain('bob');
      await node.open('alice');
      await short.until(() => short.presences.length === 2);
      expect(short.presences[1]).toEqual([1, 'alice', 0]);
      await node.clear();
    } finally {
      await redis.cli('REPLICAOF', 'NO', 'ONE');
      await short.engine.close();
    }
  });
});

// The stored messages in Redis: who loses what when there is no room, and that their bytes are counted exactly.
import { describe, expect, test } from 'vitest';
import { PARTITIONS } from '../../../lib/server/cluster/partitions.js';
import { tagOf, userKeys } from '../../../lib/server/cluster/redis/keys.js';
import { redisMissing } from '../../fixtures/redis.js';
import { APP, type Node, type Session } from './node.js';
import { nodesOverRedis } from './nodes-over-redis.js';

const OFFLINE = 1;
const [FAILURE, CACHED] = [1, 4];
const KIB = 1024;
const OTHER_APP = 'b'.repeat(32);

describe.skipIf(redisMissing)('stored messages over Redis', () => {
  const world = nodesOverRedis();
  const { start } = world;

  const store = (session: Session, to: string, words: string, more: object = {}) =>
    session.result(session.send(to, words, { flags: OFFLINE, ...more }));

  const all = (session: Session, receivers: string, count: number, words: string, more: object = {}) =>
    Promise.all(Array.from({ length: count }, (_, index) => store(session, `${receivers} ${index}`, words, more)));

  const cachedOf = (codes: readonly number[]) => codes.filter((code) => code === CACHED).length;

  /** Bytes that Redis counts for an App, in all partitions. */
  const counted = async (appId = APP): Promise<number> => {
    const tags = Array.from({ length: PARTITIONS }, (_, partition) => `${tagOf(partition)}sb`);
    const script = 'local n = 0 for _, k in ipairs(KEYS) do n = n + (redis.call("HGET", k, ARGV[1]) or 0) end return n';
    return Number(await world.redis.cli('EVAL', script, String(tags.length), ...tags, appId));
  };

  const inboxOf = async (node: Node, userId: string): Promise<string[]> => {
    const session = await node.open(userId);
    await session.result(session.send(userId, 'the end'));
    await node.until(() => session.inbox.at(-1)?.text === 'the end');
    return session.inbox.slice(0, -1).map(({ text }) => text);
  };

  test('in a full queue the sender with most messages loses its oldest', async () => {
    const node = await start();
    const [ann, mallory] = [await node.open('ann'), await node.open('mallory')];
    for (const words of ['one', 'two', 'three']) expect(await store(ann, 'victim', words)).toBe(CACHED);
    const flood = Array.from({ length: 250 }, (_, index) => store(mallory, 'victim', `junk ${index}`));
    expect(cachedOf(await Promise.all(flood))).toBe(250);
    const texts = await inboxOf(node, 'victim');
    expect(texts.slice(0, 3)).toEqual(['one', 'two', 'three']);
    expect(texts.slice(3)).toEqual(Array.from({ length: 197 }, (_, index) => `junk ${index + 53}`));
    // All are acknowledged, so nothing is counted any more, and no index is left.
    await expect.poll(() => counted()).toBe(0);
    await expect.poll(() => world.redis.cli('--scan', '--pattern', '*}[qs][:bzme]*')).not.toMatch(/}(q:|sb|sz|sm|se)/);
  });

  test('a full App takes what is missing from its largest sender, and nothing from a small one', async () => {
    const node = await start({ offlineBytes: 4096 * KIB });
    const [ann, mallory] = [await node.open('ann'), await node.open('mallory')];
    const taken = await all(mallory, 'junk', 200, 'x'.repeat(32 * KIB));
    expect(cachedOf(taken)).toBeGreaterThan(100);
    expect(taken.filter((code) => code === FAILURE)).toHaveLength(200 - cachedOf(taken));
    expect(await counted()).toBeLessThanOrEqual(4096 * KIB);
    expect(cachedOf(await all(ann, 'friend', 20, 'y'.repeat(10 * KIB)))).toBe(20);
    await expect.poll(() => counted()).toBeLessThanOrEqual(4096 * KIB);
    expect(cachedOf(await all(mallory, 'again', 50, 'x'.repeat(32 * KIB)))).toBe(0);
    for (const index of [0, 19]) expect(await inboxOf(node, `friend ${index}`)).toHaveLength(1);
    expect(await inboxOf(node, 'again 0')).toEqual([]);
  });

  test('another node learns who has how much, and takes room from the same sender', async () => {
    const options = { offlineBytes: 4096 * KIB };
    const [a, b] = [await start(options), await start(options)];
    const [ann, mallory] = [await b.open('ann'), await a.open('mallory')];
    const before = cachedOf(await all(mallory, 'junk', 200, 'x'.repeat(32 * KIB)));
    // Its audit has seen all partitions when what is above a share is refused here, too.
    const eve = await b.open('eve');
    await expect
      .poll(async () => store(eve, 'probe', 'x'.repeat(600 * KIB)), { timeout: 15_000, interval: 500 })
      .toBe(FAILURE);
    expect(cachedOf(await all(ann, 'friend', 20, 'y'.repeat(10 * KIB)))).toBe(20);
    await expect.poll(() => counted(), { timeout: 20_000, interval: 500 }).toBeLessThanOrEqual(4096 * KIB);
    expect(before).toBeGreaterThan(100);
    for (const index of [0, 19]) expect(await inboxOf(b, `friend ${index}`)).toHaveLength(1);
  });

  test('an App cannot fill what another needs', async () => {
    const node = await start({ offlineBytes: 2048 * KIB, appIds: [APP, OTHER_APP] });
    const mallory = await node.open('mallory');
    expect(cachedOf(await all(mallory, 'junk', 100, 'x'.repeat(32 * KIB)))).toBeLessThan(32);
    const more = { appId: OTHER_APP, sender: mallory.address, senderId: 'ann' };
    expect(cachedOf(await all(mallory, 'friend', 20, 'y'.repeat(10 * KIB), more))).toBe(20);
    expect(await counted(OTHER_APP)).toBeGreaterThan(200 * KIB);
  });

  test('what has expired, or came to a session that ended, is counted as long as it is there', async () => {
    const node = await start({ offlineRetentionMs: 3000 });
    const ann = await node.open('ann');
    const ben = await node.open('ben');
    expect(await store(ann, 'nobody', 'hello')).toBe(CACHED);
    expect(await counted()).toBe(512 + 'ann'.length + 'hello'.length);
    // Above the window, so that Redis has it still when the session ends.
    ben.autoAck = false;
    for (let index = 0; index < 40; index++) ann.send('ben', 'z'.repeat(32 * KIB), { flags: OFFLINE });
    await node.until(() => ben.inbox.length >= 32);
    ben.close();
    await node.until(() => ann.results.filter(([, code]) => code === CACHED).length > 1);
    expect(await counted()).toBeGreaterThan(32 * KIB);
    await expect.poll(() => counted(), { timeout: 20_000, interval: 500 }).toBe(0);
    expect(await world.redis.cli('EXISTS', userKeys(APP, 'nobody').keys[3] as string)).toBe('0');
  });
});

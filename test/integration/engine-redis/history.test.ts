// The history in Redis: what a query finds, and what it costs however long the history is.
import { describe, expect, test } from 'vitest';
import type { HistoryFilter } from '../../../lib/server/storage/message-store.js';
import { redisMissing } from '../../fixtures/redis.js';
import { APP, type Node, type Session } from './node.js';
import { nodesOverRedis } from './nodes-over-redis.js';

const HISTORY = 2;
const HISTORY_OFFLINE = 3;
const everything: HistoryFilter = {
  source: '',
  destination: '',
  peers: true,
  channels: true,
  startMs: 0,
  endMs: Number.MAX_SAFE_INTEGER,
  nowMs: Date.now(),
  offset: 0,
  limit: 10,
  bytes: 60_000,
  descending: false,
};

/** An encoded text message (proto/rtm.proto, `Content`). */
function textOf(words: string): Buffer {
  const size = words.length < 128 ? [words.length] : [128 + (words.length % 128), words.length >> 7];
  return Buffer.concat([Buffer.from([0x10, 1, 0x1a, ...size]), Buffer.from(words)]);
}

describe.skipIf(redisMissing)('the history over Redis', () => {
  let calls: string[] = [];
  const world = nodesOverRedis({ observe: (script: string) => calls.push(script) });
  const { start } = world;

  const note = (session: Session, to: string, words: string, serverTimeMs: number, appId = APP) =>
    session.result(session.send(to, '', { flags: HISTORY_OFFLINE, content: textOf(words), serverTimeMs, appId }));

  const publish = (session: Session, channelId: string, words: string, serverTimeMs: number, seq = ++session.seq) => {
    session.node.engine.publish({
      ...{ appId: APP, sender: session.address, fence: session.fence, seq, senderId: session.userId },
      ...{ channelId, flags: HISTORY, serverTimeMs, requiredCapabilities: 0, content: textOf(words) },
    });
    return session.result(seq);
  };

  const page = async (node: Node, filter: Partial<HistoryFilter>, appId = APP): Promise<[number, ...string[]]> => {
    const { total, records } = await node.engine.queryHistory(appId, { ...everything, nowMs: Date.now(), ...filter });
    return [total, ...records.map((record) => record.text)];
  };

  /** Bytes of the history that Redis counts for an App. */
  const counted = async (appId = APP): Promise<number> => {
    const keys = (await world.redis.cli('--scan', '--pattern', '*}hb')).split('\n').filter((key) => key !== '');
    const counts = await Promise.all(keys.map((key) => world.redis.cli('HGET', key, appId)));
    return counts.reduce((sum, count) => sum + Number(count), 0);
  };

  /** Calls of scripts that a query makes, without those that a node makes anyway. */
  const callsOf = async (node: Node, filter: Partial<HistoryFilter>): Promise<number> => {
    calls = [];
    await page(node, filter);
    return calls.filter((script) => script.startsWith('history')).length;
  };

  test('a query makes one call for a line, and a few for two lines, however many texts there are', async () => {
    const node = await start();
    const alice = await node.open('alice');
    await alice.join('both');
    const began = Date.now() - 100_000;
    // The receiver and the channel have one name, so that a query reads the lines of both.
    await Promise.all(
      Array.from({ length: 600 }, (_, index) => {
        const words = String(index);
        const timeMs = began + index * 10;
        return index % 3 === 0 ? publish(alice, 'both', words, timeMs) : note(alice, 'both', words, timeMs);
      }),
    );
    expect(await page(node, { source: 'alice', limit: 0 })).toEqual([600]);
    expect(await callsOf(node, { source: 'alice', limit: 0 })).toBe(2);
    expect(await callsOf(node, { destination: 'both', channels: false, offset: 300 })).toBe(1);
    expect(await callsOf(node, { source: 'alice', destination: 'both', peers: false, offset: 100 })).toBe(1);
    expect(await page(node, { destination: 'both', offset: 400, limit: 4 })).toEqual([600, '400', '401', '402', '403']);
    expect(await callsOf(node, { destination: 'both', offset: 400 })).toBeLessThanOrEqual(4 + 2 * 3);
  });

  test('pages of two lines are those of one list, forwards and backwards, by pair and by source', async () => {
    const [a, b] = [await start(), await start()];
    const [alice, bob] = [await a.open('alice'), await b.open('bob')];
    await Promise.all([alice.join('both'), bob.join('both')]);
    const began = Date.now() - 100_000;
    const sent: { source: string; words: string; timeMs: number }[] = [];
    for (let index = 0; index < 60; index++) {
      const session = index % 2 === 0 ? alice : bob;
      // Now and then a late one, and several of one time.
      const timeMs = began + Math.floor(index / 4) * 100 - (index % 7 === 0 ? 250 : 0);
      const words = `t${index}`;
      sent.push({ source: session.userId, words, timeMs });
      if (index % 3 === 0) await publish(session, 'both', words, timeMs);
      else await note(session, 'both', words, timeMs);
    }
    const ordered = sent.toSorted((one, other) => one.timeMs - other.timeMs);
    for (const source of ['', 'alice', 'bob']) {
      for (const destination of ['both', ...(source === '' ? [] : [''])]) {
        for (const descending of [false, true]) {
          const of = ordered.filter((each) => source === '' || each.source === source).map(({ words }) => words);
          if (descending) of.reverse();
          for (const offset of [0, 1, 7, of.length - 3, of.length, of.length + 5]) {
            const found = await page(b, { source, destination, descending, offset, limit: 5 });
            expect(found, JSON.stringify({ source, destination, descending, offset })).toEqual([
              of.length,
              ...of.slice(offset, offset + 5),
            ]);
          }
        }
      }
    }
    expect(await page(a, { destination: 'both', bytes: 1 })).toEqual([60, ordered[0]?.words]);
    const [first, third] = [ordered[0]?.timeMs as number, began + 300];
    const between = ordered.filter(({ timeMs }) => timeMs > first && timeMs <= third).map(({ words }) => words);
    const part = { startMs: first + 1, endMs: third, limit: 100 };
    expect(await page(a, { destination: 'both', ...part })).toEqual([between.length, ...between]);
  });

  test('a message that comes twice is kept once, with its first time', async () => {
    const node = await start();
    const alice = await node.open('alice');
    await alice.join('room');
    const began = Date.now() - 10_000;
    for (const timeMs of [began, began + 5]) {
      const options = { flags: HISTORY_OFFLINE, content: textOf('once'), serverTimeMs: timeMs, seq: 70 };
      await alice.result(alice.send('nobody', '', options));
      await publish(alice, 'room', 'once', timeMs, 71);
    }
    await expect.poll(() => page(node, { source: 'alice' })).toEqual([2, 'once', 'once']);
    expect(await page(node, { source: 'alice', startMs: began + 1 })).toEqual([0]);
    expect(await page(node, { destination: 'nobody' })).toEqual([1, 'once']);
  });

  test('what has expired is not found, and leaves with the next texts', async () => {
    const node = await start({ historyRetentionMs: 60_000 });
    const alice = await node.open('alice');
    const old = Date.now() - 60_001;
    for (let index = 0; index < 10; index++) await note(alice, 'nobody', 'old', old);
    await note(alice, 'nobody', 'new', Date.now());
    for (const filter of [{ source: 'alice' }, { destination: 'nobody' }, { source: 'alice', destination: 'nobody' }]) {
      expect(await page(node, filter)).toEqual([1, 'new']);
    }
    const keys = (await world.redis.cli('--scan', '--pattern', '*}[gh]P[rls]:*')).split('\n');
    expect(keys).toHaveLength(5);
    for (const key of keys) {
      expect(await world.redis.cli(key.includes('Pr:') ? 'HLEN' : 'ZCARD', key)).toBe('1');
      expect(Number(await world.redis.cli('PTTL', key))).toBeGreaterThan(0);
    }
    const one = await counted();
    await note(alice, 'nobody', 'two', Date.now());
    expect(await counted()).toBe(2 * one);
  });

  /** Writes texts to users and to a channel, each with a time 10 ms after the one before. */
  const write = async (sessions: readonly Session[], count: number, began: number) => {
    const written: { source: string; destination: string; words: string }[] = [];
    const results: Promise<number>[] = [];
    const abreast = 20;
    for (let index = 0; index < count; index++) {
      const session = sessions[index % sessions.length] as Session;
      // So that a text does not come when much younger ones have left already.
      await results[index - abreast];
      const destination = index % 5 === 0 ? 'room' : `friend-${index % 7}`;
      const words = `${index} `.padEnd(100, 'x');
      written.push({ source: session.userId, destination, words });
      const timeMs = began + index * 10;
      if (destination === 'room') results.push(publish(session, destination, words, timeMs));
      else results.push(note(session, destination, words, timeMs));
    }
    return { written, results: await Promise.all(results) };
  };

  test('above its bytes an App loses its oldest texts, whoever wrote them, and no other App loses one', async () => {
    const most = 100_000;
    const node = await start({ historyBytes: most });
    const [alice, bob, eve] = [await node.open('alice'), await node.open('bob'), await node.open('eve')];
    for (const session of [alice, bob]) await session.join('room');
    const other = 'b'.repeat(32);
    expect(await note(eve, 'friend-1', 'older than all', Date.now() - 200_000, other)).toBe(4);
    const { written, results } = await write([alice, bob], 300, Date.now() - 100_000);
    expect(results.filter((code) => code !== 0 && code !== 4)).toEqual([]);
    const kept = async () => {
      const found = await Promise.all(
        ['alice', 'bob'].map((source) => page(node, { source, limit: 100, descending: true })),
      );
      const received = await Promise.all(
        ['room', ...Array.from({ length: 7 }, (_, index) => `friend-${index}`)].map((destination) =>
          page(node, { destination, limit: 100 }),
        ),
      );
      const numbers = (pages: [number, ...string[]][]) =>
        pages.flatMap(([, ...texts]) => texts.map((text) => Number.parseInt(text, 10))).sort((one, two) => one - two);
      return { sent: numbers(found), received: numbers(received) };
    };
    const isNewest = (numbers: readonly number[]) =>
      numbers.length > 0 && numbers.every((each, index) => each === written.length - numbers.length + index);
    const patient = { timeout: 20_000 };
    await expect.poll(() => counted(), patient).toBeLessThanOrEqual(most);
    await expect.poll(async () => Object.values(await kept()).map(isNewest), patient).toEqual([true, true]);
    const { sent, received } = await kept();
    expect(sent).toEqual(received);
    // What leaves is little more than what has to.
    expect(await counted()).toBeGreaterThan(most * 0.9);
    const pairs = await Promise.all(
      written.map(({ source, destination }) => page(node, { source, destination, limit: 100 })),
    );
    const inPairs = new Set(pairs.flatMap(([, ...texts]) => texts.map((text) => Number.parseInt(text, 10))));
    expect([...inPairs].sort((one, two) => one - two)).toEqual(received);
    expect(await page(node, { destination: 'friend-1' }, other)).toEqual([1, 'older than all']);
    expect(await counted(other)).toBeGreaterThan(0);
  });

  test('a text with more bytes than the bound is delivered, and its sender hears that it is not kept', async () => {
    const node = await start({ historyBytes: 2000 });
    const [alice, bob] = [await node.open('alice'), await node.open('bob')];
    await alice.join('room');
    const options = { flags: HISTORY, content: textOf('x'.repeat(4000)), serverTimeMs: Date.now() };
    expect(await alice.result(alice.send('bob', '', options))).toBe(1);
    await node.until(() => bob.inbox.length === 1);
    expect(await page(node, { source: 'alice' })).toEqual([0]);
    expect(await note(alice, 'bob', 'short', Date.now())).toBe(0);
    expect(await page(node, { destination: 'bob' })).toEqual([1, 'short']);
  });

  test('two nodes that write at once keep the bound together', { timeout: 30_000 }, async () => {
    const most = 100_000;
    const [a, b] = [await start({ historyBytes: most }), await start({ historyBytes: most })];
    const [alice, bob] = [await a.open('alice'), await b.open('bob')];
    for (const session of [alice, bob]) await session.join('room');
    const began = Date.now() - 100_000;
    // Each node knows of half of it, and that is below the bound, until its next audits.
    await Promise.all([write([alice], 70, began), write([bob], 70, began + 5)]);
    await expect.poll(() => counted(), { timeout: 20_000 }).toBeLessThanOrEqual(most);
    expect(await counted()).toBeGreaterThan(most * 0.9);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AttributeAction } from '../../../lib/server/cluster/engine-seam.js';
import { channelKeys, partitionKey } from '../../../lib/server/cluster/redis/keys.js';
import { Redis, redisMissing } from '../../fixtures/redis.js';
import { APP, Node, type Session } from './node.js';

const { Set: SET, Merge: MERGE, Delete: DELETE, Clear: CLEAR } = AttributeAction;

describe.skipIf(redisMissing)('channels, presence and attributes over Redis', () => {
  let redis: Redis;
  let a: Node;
  let b: Node;

  beforeAll(async () => {
    redis = await Redis.start();
    const options = { url: redis.url, noticeLimit: 4, attributeAfterlifeMs: 100 };
    [a, b] = await Promise.all([Node.start(options), Node.start(options)]);
  });
  afterAll(async () => {
    await Promise.all([a?.engine.close(), b?.engine.close()]);
    await redis?.stop();
  });
  afterEach(() => Promise.all([a.clear(), b.clear()]));

  const two = async (): Promise<[Session, Session]> => [await a.open('alice'), await b.open('bob')];

  test('members hear of joins and leaves, and the count is the size of the set', async () => {
    const [alice, bob] = await two();
    expect(await alice.join('room')).toMatchObject({ joined: true, memberCount: 1, offset: 0, complete: true });
    expect(await bob.join('room')).toMatchObject({ joined: true, memberCount: 2 });
    await a.until(() => a.members.some(({ joined }) => joined.includes('bob')));
    expect(await b.engine.members(APP, 'room', 'bob', bob.fence, 10)).toEqual(expect.arrayContaining(['alice', 'bob']));
    expect(await b.engine.members(APP, 'room', 'bob', bob.fence, 1)).toHaveLength(1);
    expect(await b.engine.members(APP, 'room', 'carol', 1, 10)).toBeUndefined();
    expect(await bob.leave('room')).toBe(true);
    expect(await bob.leave('room')).toBe(false);
    await a.until(() => a.members.some(({ left }) => left.includes('bob')));
    expect(await a.engine.memberCount(APP, 'room')).toBe(1);
    await a.until(() => a.counts.some(([, count]) => count === 1));
  });

  test('a leave that Redis does not take is repeated later, unless the session joins again', async () => {
    const short = await Node.start({ url: redis.url, operationTimeoutMs: 300 });
    try {
      const [alice, bob] = [await short.open('alice'), await short.open('bob')];
      await Promise.all([alice.join('room'), bob.join('room')]);
      expect(short.engine.channels).toBe(1);
      await redis.cli('REPLICAOF', '127.0.0.1', '1');
      const leaves = await Promise.allSettled([alice.leave('room'), bob.leave('room')]);
      expect(leaves.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
      const back = bob.join('room').catch(() => undefined);
      await redis.cli('REPLICAOF', 'NO', 'ONE');
      if ((await back) === undefined) await bob.join('room');
      await expect.poll(() => a.engine.memberCount(APP, 'room'), { timeout: 5000 }).toBe(1);
      expect(await short.engine.members(APP, 'room', 'bob', bob.fence, 10)).toEqual(['bob']);
      await short.clear();
      expect(short.engine.channels).toBe(0);
    } finally {
      await redis.cli('REPLICAOF', 'NO', 'ONE');
      await short.engine.close();
    }
  });

  test('above the limit members hear the count only', async () => {
    const sessions = await Promise.all(['u1', 'u2', 'u3', 'u4', 'u5', 'u6'].map((user) => a.open(user)));
    for (const session of sessions) await session.join('big');
    await a.until(() => a.counts.some(([, count]) => count === 6));
    expect(a.members.flatMap(({ joined }) => joined)).toEqual(['u1', 'u2', 'u3', 'u4']);
    await sessions[5]?.leave('big');
    await sessions[4]?.leave('big');
    await a.until(() => a.members.some(({ left }) => left.includes('u5')));
    expect(a.members.flatMap(({ left }) => left)).toEqual(['u5']);
  });

  test('messages have one order on all nodes, and a repeat has no place in it', async () => {
    const [alice, bob] = await two();
    await alice.join('room');
    await bob.join('room');
    for (let i = 0; i < 200; i++) {
      alice.publish('room', `a${i}`);
      bob.publish('room', `b${i}`);
    }
    expect(await alice.result(200)).toBe(0);
    expect(await bob.result(200)).toBe(0);
    alice.results.length = 0;
    alice.publish('room', 'again', 7);
    expect(await alice.result(7)).toBe(0);
    await a.until(() => a.messages.length === 400);
    await b.until(() => b.messages.length === 400);
    expect(a.messages.map(({ offset }) => offset)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1));
    expect(b.messages.map(({ text }) => text)).toEqual(a.messages.map(({ text }) => text));
    expect(a.messages[0]).toMatchObject({ except: alice.address.sessionId, senderId: 'alice' });
  });

  test('a backlog of thousands is no gap', { timeout: 40_000 }, async () => {
    const [alice, bob] = await two();
    await alice.join('room');
    await bob.join('room');
    for (let i = 0; i < 6000; i++) alice.publish('room', 'x'.repeat(256));
    await Promise.all([a, b].map((node) => node.until(() => node.messages.length === 6000, 30_000)));
  });

  test('only members publish, under their present fence', async () => {
    const [alice, bob] = await two();
    await alice.join('room');
    expect(await bob.result(bob.publish('room', 'x'))).toBe(1);
    expect(await alice.result(alice.publish('room', 'x', undefined, alice.fence - 1))).toBe(1);
  });

  test('no message between a join and its answer is lost', async () => {
    const [alice] = await two();
    await alice.join('busy');
    let publishing = true;
    const publisher = (async () => {
      while (publishing) await alice.result(alice.publish('busy', 'x'));
    })();
    for (let i = 0; i < 20; i++) {
      const late = await b.open(`late${i}`);
      const { offset } = await late.join('busy');
      const before = b.messages.length;
      await b.until(() => b.messages.length > before + 1);
      const after = b.messages.slice(before).map((message) => message.offset);
      expect(after[0]).toBe(offset + 1);
      expect(after[1]).toBe(offset + 2);
      await late.leave('busy');
    }
    publishing = false;
    await publisher;
  });

  test('a user who resumes hears what it missed, and the others hear nothing', async () => {
    const [alice, bob] = await two();
    await alice.join('room');
    const { epoch } = await bob.join('room');
    await alice.result(alice.publish('room', 'one'));
    b.members.length = 0;
    b.engine.linkLost(APP, 'bob', bob.fence, 60_000);
    await alice.result(alice.publish('room', 'two'));
    await alice.result(alice.publish('room', 'three'));
    await a.until(() => a.messages.length === 3);
    a.members.length = 0;
    const moved = (await a.take(bob)) as Session;
    const outcome = await moved.join('room', { epoch, offset: 1 });
    expect(outcome).toMatchObject({ joined: true, complete: true, memberCount: 2, offset: 3 });
    expect(outcome.replay.map(({ content }) => Buffer.from(content).toString())).toEqual(['two', 'three']);
    // Without a position it gets the messages since its join, and cannot know whether these are all.
    const unknown = await moved.join('room', { epoch: '0'.repeat(16), offset: 0 });
    expect([unknown.complete, unknown.replay.length]).toEqual([false, 3]);
    for (let i = 0; i < 40; i++) alice.publish('room', `${i}`);
    await alice.result(alice.seq);
    const late = await moved.join('room', { epoch, offset: 3 });
    expect(late.complete).toBe(false);
    expect(late.replay).toHaveLength(32);
    expect(a.members).toEqual([]);
    expect(await moved.join('elsewhere', { epoch, offset: 0 })).toMatchObject({ joined: false });
    expect(await moved.leave('room')).toBe(true);
  });

  test('a session whose link broke before it had joined again after a resume is no member when it ends', async () => {
    const [alice, bob] = await two();
    await Promise.all([alice.join('room'), bob.join('room')]);
    b.engine.linkLost(APP, 'bob', bob.fence, 60_000);
    const moved = (await a.take(bob)) as Session;
    expect(await moved.leave('room')).toBe(true);
    expect(await a.engine.memberCount(APP, 'room')).toBe(1);
    await moved.join('room');
    expect(await bob.leave('room')).toBe(false); // what an older link wanted is over
    expect(await a.engine.memberCount(APP, 'room')).toBe(2);
  });

  test('a user who resumes and joins again while news are missing stays a member', async () => {
    const alice = await a.open('alice');
    const { epoch, offset } = await alice.join('room');
    const moved = (await a.take(alice)) as Session;
    moved.channels.add('room');
    // One number never arrives: the node asks for the state, before the answer to the join has its turn.
    const { partition } = channelKeys(APP, 'room');
    await redis.cli('HINCRBY', partitionKey(partition), `n:${a.engine.name}`, '1');
    expect((await moved.join('room', { epoch, offset })).joined).toBe(true);
    expect(await moved.result(moved.publish('room', 'still here'))).toBe(0);
    await a.until(() => a.messages.length === 1);
    expect(a.kicks).toEqual([]);
    expect(await a.engine.memberCount(APP, 'room')).toBe(1);
  });

  test('a kick ends the membership, and the client and the other members hear of it', async () => {
    const [alice, bob] = await two();
    await alice.join('room');
    await bob.join('room');
    expect(await a.engine.kick(APP, 'bob', 'room')).toBe(true);
    expect(await a.engine.kick(APP, 'bob', 'room')).toBe(false);
    await b.until(() => b.kicks.length === 1);
    await a.until(() => a.members.some(({ left }) => left.includes('bob')));
    expect(await bob.result(bob.publish('room', 'x'))).toBe(1);
    expect((await bob.join('room')).joined).toBe(true);
    expect(await a.engine.memberCount(APP, 'room')).toBe(2);
  });

  test('a watch reports the present state, then every change once', async () => {
    await b.engine.watch(0, APP, ['alice', 'nobody']);
    await b.engine.watch(3, APP, ['alice']);
    expect(b.presences).toEqual([
      [0, 'alice', 2],
      [0, 'nobody', 2],
      [3, 'alice', 2],
    ]);
    b.presences.length = 0;
    const alice = await a.open('alice');
    a.engine.noteSilence(APP, 'alice', alice.fence, true);
    a.engine.noteSilence(APP, 'alice', alice.fence, true);
    a.engine.noteSilence(APP, 'alice', alice.fence, false);
    await b.until(() => b.presences.length === 6);
    const second = await b.open('alice');
    b.engine.unwatch(3, APP, ['alice']);
    second.close();
    await b.until(() => b.presences.length === 7);
    const of = (loop: number) => b.presences.filter(([each]) => each === loop).map(([, , state]) => state);
    expect(of(0)).toEqual([0, 1, 0, 2]);
    expect(of(3)).toEqual([0, 1, 0]);
    b.engine.unwatch(0, APP, ['alice', 'nobody']);
  });

  test('a watch that Redis does not take begins when it can', async () => {
    const short = await Node.start({ url: redis.url, operationTimeoutMs: 300 });
    try {
      await redis.cli('REPLICAOF', '127.0.0.1', '1');
      await expect(short.engine.watch(3, APP, ['alice'])).rejects.toThrow(/READONLY|in time/);
      await redis.cli('REPLICAOF', 'NO', 'ONE');
      await short.until(() => short.presences.some(([, , state]) => state === 2));
      await a.open('alice');
      await short.until(() => short.presences.length === 2);
      expect(short.presences).toEqual([
        [3, 'alice', 2],
        [3, 'alice', 0],
      ]);
    } finally {
      await redis.cli('REPLICAOF', 'NO', 'ONE');
      await short.engine.close();
    }
  });

  test('attributes of a user follow the rules and end with the session', async () => {
    const alice = await a.open('alice');
    expect(
      await alice.write(SET, [
        ['k', 'v'],
        ['a', '1'],
        ['k', 'last'],
      ]),
    ).toBe(0);
    expect(await alice.write(MERGE, [['b', '2']])).toBe(0);
    expect(await alice.write(DELETE, [['a', '']])).toBe(0);
    const read = async (...keys: string[]) =>
      (await b.engine.userAttributes(APP, 'alice', keys)).entries.map(({ key, value }) => [key, value]);
    expect(await read()).toEqual([
      ['b', '2'],
      ['k', 'last'],
    ]);
    expect(await read('k', 'x')).toEqual([['k', 'last']]);
    expect(await alice.write(MERGE, [['big', 'x'.repeat(8193)]])).toBe(4);
    expect(
      await alice.write(MERGE, [
        ['c', 'x'.repeat(8192)],
        ['d', 'x'.repeat(8192)],
      ]),
    ).toBe(4);
    expect(
      await alice.write(
        SET,
        Array.from({ length: 33 }, (_, i): [string, string] => [`k${i}`, 'v']),
      ),
    ).toBe(4);
    expect(await read()).toEqual([
      ['b', '2'],
      ['k', 'last'],
    ]);
    expect(await alice.write(CLEAR, [])).toBe(0);
    expect(await b.engine.userAttributes(APP, 'alice', [])).toEqual({ found: true, entries: [] });
    await alice.write(SET, [['k', 'v']]);
    alice.close();
    await a.until(() => alice.end !== undefined);
    expect(await b.engine.userAttributes(APP, 'alice', [])).toEqual({ found: false, entries: [] });
  });

  test('attributes are bounded as the node says', async () => {
    const userAttributes = { entries: 2, valueBytes: 10, totalBytes: 15 };
    const small = await Node.start({ url: redis.url, userAttributes, channelAttributes: { valueBytes: 9000 } });
    try {
      const alice = await small.open('alice');
      const x = (size: number) => 'x'.repeat(size);
      const user = (...entries: [string, string][]) => alice.write(SET, entries);
      const codes = [
        await user(['a', '1'], ['b', '2']),
        await user(['a', '1'], ['b', '2'], ['c', '3']),
        await alice.write(MERGE, [['c', '3']]),
        await user(['a', x(9)]),
        await user(['a', x(10)]),
        await user(['a', x(11)]),
        await user(['a', x(10)], ['b', x(2)]),
        await user(['a', x(10)], ['b', x(3)]),
        await user(['a', x(10)], ['b', x(4)]),
      ];
      expect(codes).toEqual([0, 4, 4, 0, 0, 4, 0, 0, 4]);
      const channel = (size: number) => alice.write(SET, [['k', x(size)]], { owner: 'wide' });
      expect([await channel(8999), await channel(9000), await channel(9001)]).toEqual([0, 0, 4]);
      await small.clear();
    } finally {
      await small.engine.close();
    }
  });

  test('a repeated write after a resume is only answered', async () => {
    const alice = await a.open('alice');
    const bob = await b.open('bob');
    const write = { owner: 'room', requestId: 99, notify: true };
    await bob.join('room');
    expect(await alice.write(SET, [['k', 'alice']], write)).toBe(0);
    expect(await bob.write(SET, [['k', 'bob']], { owner: 'room' })).toBe(0);
    const moved = (await b.take(alice)) as Session;
    expect(await moved.write(SET, [['k', 'alice']], write)).toBe(0);
    expect((await a.engine.channelAttributes(APP, 'room', [])).entries).toMatchObject([
      { key: 'k', value: 'bob', updatedBy: 'bob' },
    ]);
    await b.until(() => b.attributes.length === 1);
  });

  test('members hear of the attributes, also members who were away; the attributes outlive the channel for a while', async () => {
    const [alice, bob] = await two();
    await alice.join('room');
    const { epoch } = await bob.join('room');
    await alice.write(
      SET,
      [
        ['b', '2'],
        ['a', '1'],
      ],
      { owner: 'room', notify: true },
    );
    await b.until(() => b.attributes.length === 1);
    expect(b.attributes[0]?.[1].map(({ key, value, updatedBy }) => [key, value, updatedBy])).toEqual([
      ['a', '1', 'alice'],
      ['b', '2', 'alice'],
    ]);
    const again = await bob.join('room', { epoch, offset: 0 });
    expect(again.missedAttributes?.map(({ key }) => key)).toEqual(['a', 'b']);
    await alice.result(alice.publish('room', 'x'));
    expect((await bob.join('room', { epoch, offset: 1 })).missedAttributes).toBeUndefined();
    await alice.leave('room');
    await bob.leave('room');
    expect((await a.engine.channelAttributes(APP, 'room', ['a'])).entries).toHaveLength(1);
    await expect.poll(async () => (await a.engine.channelAttributes(APP, 'room', [])).entries).toEqual([]);
  });

  test('notices of attributes come three at once, then one in each interval with the newest set', async () => {
    const [alice, bob] = await two();
    const { epoch } = await bob.join('stage');
    await alice.join('stage');
    const notify = { owner: 'stage', notify: true };
    for (const value of ['1', '2', '3', '4', '5']) expect(await alice.write(SET, [['a', value]], notify)).toBe(0);
    const values = (node: Node) => node.attributes.map(([, entries]) => entries[0]?.value);
    await b.until(() => values(b).includes('3'));
    await b.until(() => values(b).length === 4);
    expect(values(b)).toEqual(['1', '2', '3', '5']);
    await a.until(() => values(a).length === 4);
    expect(values(a)).toEqual(['1', '2', '3', '5']);
    // Whoever was away meanwhile may have missed the notice, whatever it has heard of the channel since.
    await alice.result(alice.publish('stage', 'x'));
    expect((await bob.join('stage', { epoch, offset: 1 })).missedAttributes?.map(({ value }) => value)).toEqual(['5']);
    // The first four made notices for two members; the fifth shared that of the fourth.
    expect(alice.noticeBytes).toBeGreaterThan(4 * 2 * 10);
    const before = alice.noticeBytes;
    await alice.write(SET, [['a', '6']], { owner: 'stage' });
    expect(alice.noticeBytes).toBe(before);
  });

  test('what makes an owed notice larger is charged, and refused to a writer in debt, with notify or without', async () => {
    const [alice, bob] = await two();
    await bob.join('stage');
    const [stage, inDebt] = [{ owner: 'stage' }, { owner: 'stage', inDebt: true }];
    for (let n = 0; n < 4; n++) expect(await alice.write(CLEAR, [], { ...stage, notify: true })).toBe(0);
    const before = alice.noticeBytes;
    const large: [string, string][] = [['a', 'x'.repeat(8000)]];
    expect(await alice.write(SET, large, inDebt)).toBe(5);
    expect((await a.engine.channelAttributes(APP, 'stage', [])).entries).toEqual([]);
    expect(await alice.write(SET, large, stage)).toBe(0);
    expect(alice.noticeBytes - before).toBeGreaterThanOrEqual(8000);
    expect(await alice.write(DELETE, [['a', '']], inDebt)).toBe(0);
    // A repeat of a write that was made is answered, whatever the writer owes meanwhile.
    const made = { ...stage, requestId: 77, notify: true };
    expect(await alice.write(SET, [['b', '1']], made)).toBe(0);
    const again = { ...made, fence: alice.fence + 1, inDebt: true };
    expect(await alice.write(SET, [['b', '1']], again)).toBe(0);
    expect(await alice.write(SET, [['b', '2']], { ...inDebt, notify: true })).toBe(5);
  });

  test('a clock of Redis that was set back does not hold up the notices', async () => {
    const [alice, bob] = await two();
    await bob.join('stage');
    const { keys } = channelKeys(APP, 'stage');
    // As if the last notice had been told an hour later.
    const ahead = String(Date.now() + 3_600_000);
    await redis.cli('HSET', String(keys[2]), 'np', ahead, 'nd', ahead, 'nb', '0');
    for (const value of ['1', '2', '3', '4']) {
      expect(await alice.write(SET, [['a', value]], { owner: 'stage', notify: true })).toBe(0);
    }
    const values = () => b.attributes.map(([, entries]) => entries[0]?.value);
    await b.until(() => values().includes('4'));
    expect(values()).toEqual(['1', '2', '3', '4']); // three at once, as if there had been none
  });

  test('history is found by destination, by source and by time', async () => {
    const [alice, bob] = await two();
    await alice.join('room');
    const text = (words: string) => Buffer.concat([Buffer.from([0x10, 1, 0x1a, words.length]), Buffer.from(words)]);
    const flags = 2;
    for (const [i, words] of ['first', 'second', 'third'].entries()) {
      await alice.result(
        alice.send('bob', '', { flags, content: text(words), serverTimeMs: Date.now() - 3000 + i * 1000 }),
      );
    }
    await bob.result(bob.send('alice', '', { flags, content: text('back') }));
    await bob.result(bob.send('alice', '', { flags, content: Buffer.from([0x10, 2, 0x22, 1, 65]) }));
    await alice.result(alice.send('nobody', '', { flags, content: text('lost') }));
    const base = {
      source: '',
      destination: '',
      peers: true,
      channels: true,
      startMs: 0,
      endMs: Date.now() + 1000,
      nowMs: Date.now(),
      offset: 0,
      limit: 10,
      bytes: 10_000,
      descending: false,
    };
    const query = async (filter: Partial<typeof base>) => {
      const { total, records } = await b.engine.queryHistory(APP, { ...base, ...filter });
      return [total, ...records.map((record) => record.text)];
    };
    expect(await query({ destination: 'bob' })).toEqual([3, 'first', 'second', 'third']);
    expect(await query({ source: 'alice' })).toEqual([3, 'first', 'second', 'third']);
    expect(await query({ source: 'bob', destination: 'alice' })).toEqual([1, 'back']);
    expect(await query({ destination: 'bob', descending: true, offset: 1, limit: 1 })).toEqual([3, 'second']);
    expect(await query({ destination: 'bob', bytes: 1 })).toEqual([3, 'first']);
    expect(await query({ destination: 'bob', limit: 0 })).toEqual([3]);
    expect(await query({ destination: 'bob', startMs: Date.now() - 1500 })).toEqual([1, 'third']);
    expect(await query({ destination: 'bob', peers: false })).toEqual([0]);
    expect(await query({ destination: 'nobody' })).toEqual([0]);
  });
});

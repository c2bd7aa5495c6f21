import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { userKeys } from '../../../lib/server/cluster/redis/keys.js';
import { Redis, redisMissing } from '../../fixtures/redis.js';
import { APP, Node, Session } from './node.js';

const OFFLINE = 1;

describe.skipIf(redisMissing)('sessions and peer messages over Redis', () => {
  let redis: Redis;
  let a: Node;
  let b: Node;

  beforeAll(async () => {
    redis = await Redis.start();
    [a, b] = await Promise.all([Node.start({ url: redis.url }), Node.start({ url: redis.url })]);
  });
  afterAll(async () => {
    await Promise.all([a?.engine.close(), b?.engine.close()]);
    await redis?.stop();
  });
  afterEach(() => Promise.all([a.clear(), b.clear()]));

  const taken = (outcome: Session | number): Session => {
    if (typeof outcome === 'number') throw new Error(`not resumed: ${outcome}`);
    return outcome;
  };

  test('a message crosses nodes, and its result comes back after the acknowledgement', async () => {
    const alice = await a.open('alice');
    const bob = await b.open('bob');
    bob.autoAck = false;
    const seq = alice.send('bob', 'hello');
    await b.until(() => bob.inbox.length === 1);
    expect(bob.inbox[0]).toEqual({ offset: 1, from: 'alice', text: 'hello', cached: false });
    expect(alice.results).toEqual([]);
    b.engine.acknowledge(APP, 'bob', bob.fence, 1);
    expect(await alice.result(seq)).toBe(0);
  });

  test('a thousand messages of two senders keep the order of each, and each has one result', async () => {
    const alice = await a.open('alice');
    const carol = await b.open('carol');
    const bob = await b.open('bob');
    for (let i = 0; i < 500; i++) {
      alice.send('bob', `a${i}`);
      carol.send('bob', `c${i}`);
    }
    await a.until(() => alice.results.length === 500);
    await b.until(() => carol.results.length === 500);
    const of = (from: string) => bob.inbox.filter((each) => each.from === from).map((each) => each.text);
    expect(of('alice')).toEqual(Array.from({ length: 500 }, (_, i) => `a${i}`));
    expect(of('carol')).toEqual(Array.from({ length: 500 }, (_, i) => `c${i}`));
    expect(bob.inbox.map((each) => each.offset)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
    expect(new Set(alice.results.map(([seq]) => seq)).size).toBe(500);
    expect(alice.results.every(([, code]) => code === 0)).toBe(true);
  });

  test('a send to an unknown user is unreachable, and a send to a user without the capability is incompatible', async () => {
    const alice = await a.open('alice');
    await b.open('bob', 0, 1);
    expect(await alice.result(alice.send('nobody', 'x'))).toBe(3);
    expect(await alice.result(alice.send('bob', 'x', { requiredCapabilities: 2 }))).toBe(8);
    expect(await alice.result(alice.send('bob', 'x', { requiredCapabilities: 1 }))).toBe(0);
  });

  test('a repeated send is delivered once and gets the first result', async () => {
    const alice = await a.open('alice');
    const bob = await b.open('bob');
    const seq = alice.send('bob', 'once');
    expect(await alice.result(seq)).toBe(0);
    alice.results.length = 0;
    alice.send('bob', 'once', { seq });
    expect(await alice.result(seq)).toBe(0);
    const cached = alice.send('dave', 'kept once', { flags: OFFLINE });
    expect(await alice.result(cached)).toBe(4);
    alice.results.length = 0;
    alice.send('dave', 'kept once', { flags: OFFLINE, seq: cached });
    expect(await alice.result(cached)).toBe(4);
    const dave = await b.open('dave');
    expect(await alice.result(alice.send('dave', 'new'))).toBe(0);
    expect(bob.inbox.map((each) => each.text)).toEqual(['once']);
    expect(dave.inbox.map((each) => each.text)).toEqual(['kept once', 'new']);
  });

  test('messages for an offline user come at the next login before newer ones, and once', async () => {
    const alice = await a.open('alice');
    for (let i = 0; i < 3; i++) {
      expect(await alice.result(alice.send('bob', `stored ${i}`, { flags: OFFLINE }))).toBe(4);
    }
    const bob = await b.open('bob');
    expect(await alice.result(alice.send('bob', 'live'))).toBe(0);
    expect(bob.inbox.map(({ text, cached }) => [text, cached])).toEqual([
      ['stored 0', true],
      ['stored 1', true],
      ['stored 2', true],
      ['live', false],
    ]);
    bob.close();
    await b.until(() => bob.end !== undefined);
    const again = await a.open('bob');
    expect(await alice.result(alice.send('bob', 'only'))).toBe(0);
    expect(again.inbox.map(({ text }) => text)).toEqual(['only']);
  });

  test('stored messages that were not acknowledged come again', async () => {
    const alice = await a.open('alice');
    expect(await alice.result(alice.send('bob', 'stored', { flags: OFFLINE }))).toBe(4);
    const deaf = await b.open('bob');
    deaf.autoAck = false;
    await b.until(() => deaf.inbox.length === 1);
    const bob = await a.open('bob');
    await a.until(() => bob.inbox.length === 1);
    expect(deaf.end).toBe(1);
    expect(bob.inbox[0]?.text).toBe('stored');
  });

  test('the newest 200 stored messages are kept, and expired messages are not', async () => {
    const alice = await a.open('alice');
    let last = 0;
    for (let i = 0; i < 203; i++) last = alice.send('bob', `${i}`, { flags: OFFLINE });
    await alice.result(last);
    const bob = await b.open('bob');
    await b.until(() => bob.inbox.length === 200);
    expect(bob.inbox[0]?.text).toBe('3');
    expect(bob.inbox[199]?.text).toBe('202');
    const brief = await Node.start({ url: redis.url, offlineRetentionMs: 1 });
    expect(await alice.result(alice.send('carol', 'old', { flags: OFFLINE }))).toBe(4);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const carol = await brief.open('carol');
    expect(await alice.result(alice.send('carol', 'new'))).toBe(0);
    expect(carol.inbox.map(({ text }) => text)).toEqual(['new']);
    await brief.engine.close();
  });

  test('a message that no link got is stored or unreachable when the session ends', async () => {
    const alice = await a.open('alice');
    const bob = await b.open('bob');
    b.engine.linkLost(APP, 'bob', bob.fence, 60_000);
    const plain = alice.send('bob', 'plain');
    const kept = alice.send('bob', 'kept', { flags: OFFLINE });
    await a.engine.closeUser(APP, 'bob', 0);
    expect(await alice.result(plain)).toBe(3);
    expect(await alice.result(kept)).toBe(4);
    const next = await a.open('bob');
    await a.until(() => next.inbox.length === 1);
    expect(next.inbox[0]).toMatchObject({ text: 'kept', cached: true });
  });

  test('a second login ends the first one completely before it begins', async () => {
    const first = await a.open('alice');
    await first.join('room');
    const bob = await b.open('bob');
    await bob.join('room');
    const second = await b.open('alice');
    expect(first.end).toBe(1);
    expect(second.fence).toBeGreaterThan(first.fence);
    await b.until(() => b.members.some(({ left }) => left.includes('alice')));
    expect(await b.engine.memberCount(APP, 'room')).toBe(1);
    // Late operations of the first session change nothing.
    expect(await first.write(0, [['k', 'v']])).toBe(2);
    const seq = first.publish('room', 'late');
    a.sessions.set(first.address.sessionId, first);
    expect(await first.result(seq)).toBe(1);
    a.sessions.delete(first.address.sessionId);
  });

  test('a login that is overtaken while it waits fails with the reason', async () => {
    await a.open('alice');
    a.deaf = true;
    const overtaken = b.tryOpen('alice');
    await b.engine.presence(APP, ['alice']);
    const later = b.tryOpen('alice');
    expect(await overtaken).toBeUndefined();
    expect(await later).toBeInstanceOf(Session);
  });

  test('a node that does not answer is overruled', async () => {
    const short = await Node.start({ url: redis.url, overruleMs: 200 });
    const first = await a.open('alice');
    a.deaf = true;
    const second = await short.open('alice');
    expect(second.fence).toBeGreaterThan(first.fence);
    const bob = await b.open('bob');
    expect(await bob.result(bob.send('alice', 'x'))).toBe(0);
    expect(second.inbox).toHaveLength(1);
    expect(first.inbox).toHaveLength(0);
    await short.engine.close();
  });

  test('a login does not wait for a node that has lost the previous session', async () => {
    const patient = await Node.start({ url: redis.url, overruleMs: 20_000 });
    const first = await a.open('alice');
    const [, key = ''] = userKeys(APP, 'alice').keys;
    await redis.cli('HSET', key, 'i', '00000000000000ee'); // a session that it never had
    const begun = performance.now();
    expect((await patient.open('alice')).fence).toBeGreaterThan(first.fence);
    expect(performance.now() - begun).toBeLessThan(3000);
    await patient.clear();
    await patient.engine.close();
  });

  test('a thousand logins of one user on random nodes leave one session', { timeout: 60_000 }, async () => {
    const c = await Node.start({ url: redis.url });
    const nodes = [a, b, c];
    const opened: Session[] = [];
    const fences: number[] = [];
    let overtaken = 0;
    let left = 1000;
    const worker = async () => {
      while (left-- > 0) {
        const node = nodes[Math.floor(Math.random() * 3)] as Node;
        const session = await node.tryOpen('alice');
        if (session === undefined) overtaken++;
        else {
          opened.push(session);
          fences.push(session.fence);
        }
      }
    };
    await Promise.all(Array.from({ length: 20 }, worker));
    expect(opened.length + overtaken).toBe(1000);
    const newest = opened.reduce((one, other) => (one.fence > other.fence ? one : other));
    for (const session of opened) {
      if (session !== newest) await session.node.until(() => session.end !== undefined);
    }
    expect(opened.filter((session) => session.end === undefined)).toEqual([newest]);
    expect(new Set(fences).size).toBe(fences.length);
    // Each was ended once, and nothing else was.
    expect(nodes.flatMap((node) => node.ended)).toHaveLength(opened.length - 1);
    await c.engine.close();
  });

  test('a session resumes on another node with nothing lost and nothing twice', async () => {
    const alice = await a.open('alice');
    const bob = await b.open('bob');
    bob.autoAck = false;
    const one = alice.send('bob', 'one');
    await b.until(() => bob.inbox.length === 1);
    b.engine.linkLost(APP, 'bob', bob.fence, 60_000);
    const two = alice.send('bob', 'two');
    const moved = taken(await a.take(bob));
    await a.until(() => moved.inbox.length === 1);
    expect(moved.inbox[0]).toMatchObject({ text: 'two', offset: 2 });
    expect(await alice.result(one)).toBe(0);
    expect(await alice.result(two)).toBe(0);
    await b.until(() => bob.dropped);
    // Late operations of the old node change nothing.
    b.engine.linkLost(APP, 'bob', bob.fence, 0);
    bob.close();
    expect(await alice.result(alice.send('bob', 'three'))).toBe(0);
    expect(moved.inbox.map(({ text }) => text)).toEqual(['two', 'three']);
    expect(moved.end).toBeUndefined();
  });

  test('the result of a send finds its sender on the node to which it moved', async () => {
    const alice = await a.open('alice');
    const bob = await b.open('bob');
    bob.autoAck = false;
    const seq = alice.send('bob', 'hello');
    await b.until(() => bob.inbox.length === 1);
    const moved = taken(await b.take(alice));
    moved.send('bob', 'hello', { seq });
    await b.engine.presence(APP, ['bob']);
    b.engine.acknowledge(APP, 'bob', bob.fence, 1);
    expect(await moved.result(seq)).toBe(0);
    expect(bob.inbox).toHaveLength(1);
  });

  test('the old token is good until the client has the new one', async () => {
    const alice = await a.open('alice');
    const first = taken(await b.take(alice));
    const second = taken(await a.take(first, alice.token));
    expect(second.fence).toBeGreaterThan(first.fence);
    a.engine.confirmResume(APP, 'alice', second.fence);
    await a.engine.presence(APP, ['alice']);
    expect(await b.take(second, alice.token)).toBe(1);
    expect(await b.take(second, first.token)).toBe(1);
    expect(await b.take(second)).toBeInstanceOf(Session);
    expect(await b.take(second, new Uint8Array(16))).toBe(1);
  });

  test('a resume on the same node names the loop the session moves from', async () => {
    const alice = await a.open('alice', 1);
    const outcome = await a.engine.resumeSession({
      appId: APP,
      userId: 'alice',
      address: { loop: 2, sessionId: alice.address.sessionId },
      token: alice.token,
      capabilities: 0,
      inboxEpoch: alice.epoch,
      inboxOffset: 0,
    });
    expect(outcome).toMatchObject({ status: 0, inboxComplete: true, previous: alice.address });
    expect(
      await a.engine.resumeSession({
        ...alice,
        appId: APP,
        address: alice.address,
        capabilities: 0,
        inboxEpoch: '1'.repeat(16),
        inboxOffset: 0,
      }),
    ).toMatchObject({ status: 0, inboxComplete: false });
  });

  test('a resume after the end says why', async () => {
    const out = await a.open('alice');
    await a.engine.closeUser(APP, 'alice', 2);
    await a.until(() => out.end === 2);
    await expect.poll(() => b.take(out)).toBe(3);
    const old = await a.open('alice');
    await b.open('alice');
    expect(await a.take(old)).toBe(2);
    expect(await a.take(new Session(a, 'nobody', old.address, 1, old.token, old.epoch))).toBe(1);
  });

  test('a session ends when its grace is over, unless it was resumed', async () => {
    const alice = await a.open('alice');
    const bob = await a.open('bob');
    a.engine.linkLost(APP, 'alice', alice.fence, 60);
    a.engine.linkLost(APP, 'bob', bob.fence, 300);
    const moved = taken(await b.take(bob));
    await a.until(() => alice.end === 4);
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(moved.end).toBeUndefined();
    expect(await b.engine.presence(APP, ['alice', 'bob'])).toEqual([2, 0]);
  });

  test('closeUser says whether there was a session, and dismisses the login that waits', async () => {
    expect(await a.engine.closeUser(APP, 'alice', 2)).toBe(false);
    const alice = await a.open('alice');
    expect(await b.engine.closeUser(APP, 'alice', 2)).toBe(true);
    await a.until(() => alice.end === 2);
    const next = await a.open('alice');
    a.deaf = true;
    const waiting = b.tryOpen('alice');
    await b.engine.presence(APP, ['alice']);
    expect(await a.engine.closeUser(APP, 'alice', 2)).toBe(true);
    expect(await waiting).toBeUndefined();
    a.deaf = false;
    a.engine.sessionEnded(APP, 'alice', next.address.sessionId);
    await expect.poll(() => b.engine.presence(APP, ['alice'])).toEqual([2]);
  });

  test('a receiver that does not acknowledge gets a window full, and the rest after its acknowledgement', async () => {
    const alice = await a.open('alice');
    const bob = await b.open('bob');
    bob.autoAck = false;
    const text = 'x'.repeat(30_000);
    for (let i = 0; i < 60; i++) alice.send('bob', text);
    await b.engine.presence(APP, ['bob']);
    await b.until(() => bob.inbox.length >= 35);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const handed = bob.inbox.length;
    expect(handed).toBeLessThan(40);
    b.engine.acknowledge(APP, 'bob', bob.fence, handed);
    await b.until(() => bob.inbox.length === 60);
    expect(bob.inbox.map(({ offset }) => offset)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  });

  test('an inbox that is full refuses more, and nothing of it is stored twice', async () => {
    const alice = await a.open('alice');
    const bob = await b.open('bob');
    b.engine.linkLost(APP, 'bob', bob.fence, 60_000);
    const text = 'x'.repeat(32_000);
    for (let i = 0; i < 265; i++) alice.send('bob', text);
    const refused = () => alice.results.filter(([, code]) => code === 1).length;
    await a.until(() => refused() > 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(refused()).toBeGreaterThan(1);
    expect(alice.results.length).toBe(refused());
  });

  /** Messages and bytes that each sender has in all inboxes. */
  const held = async (): Promise<Record<string, { messages: number; bytes: number }>> => {
    const found: Record<string, { messages: number; bytes: number }> = {};
    for (const key of (await redis.cli('--scan', '--pattern', '*}c:*')).split('\n').filter((each) => each !== '')) {
      const flat = (await redis.cli('HGETALL', key)).split('\n');
      for (let i = 0; i + 1 < flat.length; i += 2) {
        const number = Number(flat[i + 1]);
        found[flat[i] as string] = { messages: Math.floor(number / 2 ** 25), bytes: number % 2 ** 25 };
      }
    }
    return found;
  };

  const refusals = (session: Session) => session.results.filter(([, code]) => code === 1).length;
  const large = 'x'.repeat(32_000);

  /** Sends by turns, and waits now and then: no call may wait behind so many that its time runs out on a busy machine. */
  const flood = async (sessions: readonly Session[], count: number, text: string) => {
    for (let i = 0; i < count; i++) {
      for (const session of sessions) session.send('bob', text);
      if (i % 100 === 99 || i === count - 1) await a.engine.presence(APP, ['bob']);
    }
  };

  test('who fills an inbox leaves room for others, and has room again when it is read', async () => {
    const [eve, alice, bob] = [await a.open('eve'), await a.open('alice'), await b.open('bob')];
    bob.autoAck = false;
    await flood([eve], 300, large);
    expect(refusals(eve)).toBeGreaterThan(30);
    await flood([alice], 10, large);
    expect(alice.results).toEqual([]);
    expect((await held())['alice']).toMatchObject({ messages: 10 });
    const taken = 300 - refusals(eve) + 10;
    await b.until(() => bob.inbox.length >= 32);
    while (bob.inbox.length < taken) {
      const seen = bob.inbox.length;
      b.engine.acknowledge(APP, 'bob', bob.fence, bob.offset);
      await b.until(() => bob.inbox.length > seen);
    }
    const last = eve.send('bob', large);
    await b.until(() => bob.inbox.length > taken);
    b.engine.acknowledge(APP, 'bob', bob.fence, bob.offset);
    expect(await eve.result(last)).toBe(0);
    expect(await held()).toEqual({});
  });

  test('two who fill an inbox have the same part of it', async () => {
    const [eve, alice, bob] = [await a.open('eve'), await a.open('alice'), await b.open('bob')];
    b.engine.linkLost(APP, 'bob', bob.fence, 60_000);
    await flood([eve, alice], 200, large);
    const { eve: one, alice: other } = await held();
    const taken = [200 - refusals(eve), 200 - refusals(alice)] as const;
    // Eight seventeenths of the inbox and an eighth.
    const share = ((8 / 17) * 9 * 2 ** 20) / large.length;
    for (const each of taken) expect(Math.abs(each / share - 1)).toBeLessThan(0.02);
    // The first eighth of the inbox counts for nobody.
    expect((one?.messages ?? 0) + (other?.messages ?? 0)).toBe(taken[0] + taken[1] - 33);
    b.engine.closeSession(APP, 'bob', bob.fence, 0);
    await expect.poll(() => held()).toEqual({});
  });

  test('small messages of one fill an inbox by their number, and leave room for others', {
    timeout: 60_000,
  }, async () => {
    const [eve, alice, bob] = [await a.open('eve'), await a.open('alice'), await b.open('bob')];
    b.engine.linkLost(APP, 'bob', bob.fence, 60_000);
    await flood([eve], 16_400, 'x');
    expect(refusals(eve)).toBe(16_400 - 16_385);
    alice.send('bob', 'x');
    await a.engine.presence(APP, ['bob']);
    expect(alice.results).toEqual([]);
  });

  test('names of any bytes stay in their app and find each other', async () => {
    const names = ['{x}', 'a}b{', 'a\r\nb', 'nul\0nul', '😀'.repeat(16), '1:', '5:apple', '*', "'", ':'];
    const other = 'b'.repeat(32);
    for (const name of names) {
      const session = await a.open(name);
      expect(await session.result(session.send(name, name))).toBe(0);
      expect(session.inbox.map(({ text }) => text)).toEqual([name]);
      expect((await session.join(name)).joined).toBe(true);
      expect(await b.engine.members(APP, name, name, session.fence, 10)).toEqual([name]);
      expect(await b.engine.presence(APP, [name])).toEqual([0]);
      expect(await b.engine.presence(other, [name])).toEqual([2]);
      expect(await b.engine.memberCount(other, name)).toBe(0);
    }
    // Names that would collide if App ID and name were simply joined.
    const address = { loop: 0, sessionId: '00000000000000aa' };
    await a.engine.openSession({ appId: 'ab', userId: 'c', address, capabilities: 0 });
    expect(await a.engine.presence('a', ['bc'])).toEqual([2]);
  });
});

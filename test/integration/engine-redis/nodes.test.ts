import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createRedisEngine } from '../../../lib/server/cluster/redis/index.js';
import { directoryKeys } from '../../../lib/server/cluster/redis/keys.js';
import { freePort, Redis, redisMissing } from '../../fixtures/redis.js';
import { APP, Node, type Session } from './node.js';
import { nodesOverRedis } from './nodes-over-redis.js';

const OFFLINE = 1;
const directory = directoryKeys()[1] as string;
/** A node is dead after 1.2 s, and its sessions are removed 2.4 s after its last heartbeat. */
const quick = { leaseMs: 1200, heartbeatMs: 200, removeAfterMs: 2400, retryAfterMs: 700 };
/** For faults that must not last for a lease: on a busy machine the test may need longer than 1200 ms to end them. */
const patient = { leaseMs: 60_000, heartbeatMs: 20_000, removeAfterMs: 120_000 };

describe.skipIf(redisMissing)('nodes of a cluster over Redis', () => {
  const world = nodesOverRedis(quick);
  const { start } = world;

  test('two nodes with the same id: the second is refused while the first lives', async () => {
    const first = await start({ nodeId: 'one' });
    const second = await Node.make({ url: world.redis.url, ...quick, nodeId: 'one' });
    await expect(second.engine.start(second)).rejects.toThrow(/another node with the id "one" is running/);
    await first.engine.abandon();
    // It is dead: its id is free when its lease is over.
    expect((await start({ nodeId: 'one' })).suspended).toBe(0);
  });

  test('a node does not take part beside data of a newer format, and says which it knows', async () => {
    await (await start()).engine.close();
    const partition = directoryKeys()[0] as string;
    expect(await world.redis.cli('HGET', partition, 'format')).toBe('2');
    await world.redis.cli('HSET', partition, 'format', '3');
    const node = await Node.make({ url: world.redis.url, ...quick });
    await expect(node.engine.start(node)).rejects.toThrow(/data of format 3, expected at most 2/);
  });

  test('users of a dead node turn unreachable, then are removed, each exactly once', async () => {
    const [a, b, c] = [await start(), await start(), await start()];
    const alice = await a.open('alice');
    const gone = await Promise.all(Array.from({ length: 30 }, (_, i) => b.open(`user${i}`)));
    await alice.join('room');
    for (const session of gone) await session.join('room');
    const carol = await c.open('carol');
    await carol.join('room');
    await a.engine.watch(0, APP, ['user0', 'user1']);
    await b.engine.watch(0, APP, ['alice']);
    const pending = gone.map((session) => session.userId);
    const kept = alice.send('user0', 'kept', { flags: OFFLINE });
    await alice.result(kept);
    await b.engine.abandon();
    const asleep = gone[1] as Session;
    const seq = alice.send(asleep.userId, 'lost');
    await a.until(() => a.presences.filter(([, , state]) => state === 1).length === 2);
    expect(await c.engine.presence(APP, ['user0', 'alice'])).toEqual([1, 0]);
    expect(await c.engine.memberCount(APP, 'room')).toBe(32);
    await a.until(() => a.members.flatMap(({ left }) => left).length === 30);
    await c.until(() => c.members.flatMap(({ left }) => left).length === 30);
    for (const node of [a, c]) {
      expect(node.members.flatMap(({ left }) => left).sort()).toEqual(pending.toSorted());
    }
    expect(await c.engine.memberCount(APP, 'room')).toBe(2);
    await a.until(() => a.presences.filter(([, , state]) => state === 2).length === 2);
    expect(a.presences).toHaveLength(6);
    expect(await c.engine.presence(APP, ['user0'])).toEqual([2]);
    expect(alice.results.find(([each]) => each === seq)).toBeUndefined();
    // Nothing is left of it: indexes, watches, directory.
    await expect
      .poll(
        async () =>
          (await world.redis.cli('HKEYS', directory)) + (await world.redis.cli('--scan', '--pattern', '*}i?:*')),
      )
      .not.toContain(b.engine.name);
    expect(await world.redis.cli('--scan', '--pattern', '*}w:*')).not.toContain('alice');
  });

  test('a user who resumes elsewhere in time is not removed with its node', async () => {
    const [a, b] = [await start(), await start()];
    const alice = await a.open('alice');
    const bob = await b.open('bob');
    await alice.join('room');
    const { epoch } = await bob.join('room');
    await b.engine.abandon();
    await expect.poll(() => a.engine.presence(APP, ['bob']), { timeout: 3000 }).toEqual([1]);
    const moved = (await a.take(bob)) as Session;
    expect((await moved.join('room', { epoch, offset: 0 })).joined).toBe(true);
    expect(await a.engine.presence(APP, ['bob'])).toEqual([0]);
    await expect.poll(() => world.redis.cli('HLEN', directory), { timeout: 8000 }).toBe('1');
    expect(await a.engine.presence(APP, ['bob'])).toEqual([0]);
    expect(await a.engine.memberCount(APP, 'room')).toBe(2);
    expect(a.members.flatMap(({ left }) => left)).toEqual([]);
    expect(await alice.result(alice.send('bob', 'x'))).toBe(0);
  });

  test('a login does not wait for a node that is dead', async () => {
    const [a, b] = [await start({ overruleMs: 30_000 }), await start()];
    await b.open('alice');
    await b.engine.abandon();
    await expect.poll(() => a.engine.presence(APP, ['alice']), { timeout: 3000 }).toEqual([1]);
    const alice = await a.open('alice');
    expect(await a.engine.presence(APP, ['alice'])).toEqual([0]);
    expect(alice.fence).toBeGreaterThan(0);
  });

  test('a node that is cut off sends its clients away before its lease is over, and comes back', async () => {
    const a = await start();
    const alice = await a.open('alice');
    world.redis.signal('SIGSTOP');
    const stopped = performance.now();
    await a.until(() => a.suspended === 1);
    expect(performance.now() - stopped).toBeLessThan(quick.leaseMs);
    await new Promise((resolve) => setTimeout(resolve, 300));
    world.redis.signal('SIGCONT');
    await a.until(() => a.resumed === 1);
    expect(a.sessions.size).toBe(1);
    expect(await alice.result(alice.send('alice', 'still here'))).toBe(0);
  });

  test('FLUSHALL ends all sessions, and new ones work', { timeout: 20_000 }, async () => {
    const [a, b] = [await start(), await start()];
    const alice = await a.open('alice');
    await alice.join('room');
    await world.redis.cli('FLUSHALL');
    await a.until(() => alice.dropped && a.resumed === 1);
    await b.until(() => b.resumed === 1);
    expect(a.suspended).toBe(1);
    const again = await a.open('alice');
    expect(again.fence).toBeGreaterThan(alice.fence);
    const bob = await b.open('bob');
    await again.join('room');
    await bob.join('room');
    expect(await b.engine.memberCount(APP, 'room')).toBe(2);
    expect(await bob.result(bob.send('alice', 'x'))).toBe(0);
    expect(again.inbox).toHaveLength(1);
  });

  test('scripts that were flushed are loaded again, and no order changes', async () => {
    const [a, b] = [await start(), await start()];
    const alice = await a.open('alice');
    const bob = await b.open('bob');
    await world.redis.cli('SCRIPT', 'FLUSH');
    expect(await alice.result(alice.send('bob', '0'))).toBe(0);
    await world.redis.cli('FUNCTION', 'FLUSH');
    for (let i = 1; i <= 50; i++) alice.send('bob', `${i}`);
    await b.until(() => bob.inbox.length === 51);
    expect(bob.inbox.map(({ text }) => text)).toEqual(Array.from({ length: 51 }, (_, i) => `${i}`));
  });

  test('subscriptions that are cut lose nothing and double nothing', { timeout: 20_000 }, async () => {
    const [a, b] = [await start(), await start()];
    const alice = await a.open('alice');
    const bob = await b.open('bob');
    await alice.join('room');
    await bob.join('room');
    await a.engine.watch(0, APP, ['bob']);
    for (let round = 0; round < 3; round++) {
      await world.redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
      for (let i = 0; i < 20; i++) {
        alice.send('bob', `${round}.${i}`);
        bob.publish('room', `${round}.${i}`);
      }
      await a.until(() => alice.results.length === 20 * (round + 1));
    }
    await a.until(() => a.messages.length === 60);
    expect(bob.inbox.map(({ offset }) => offset)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(a.messages.map(({ offset }) => offset)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    await world.redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
    b.engine.noteSilence(APP, 'bob', bob.fence, true);
    const carol = await b.open('carol');
    await carol.join('room');
    await a.until(() => a.presences.some(([, , state]) => state === 1));
    await a.until(() => a.members.some(({ joined }) => joined.includes('carol')));
    await carol.leave('room');
    await world.redis.cli('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await b.engine.closeUser(APP, 'alice', 2);
    await a.until(() => alice.end === 2);
  });

  test('connections that are cut while sends are in flight change no order and double nothing', async () => {
    const [a, b] = [await start(), await start()];
    const alice = await a.open('alice');
    const bob = await b.open('bob');
    for (let i = 0; i < 300; i++) {
      alice.send('bob', `${i}`);
      if (i % 100 === 50) {
        await new Promise((resolve) => setImmediate(resolve));
        await world.redis.cli('CLIENT', 'KILL', 'TYPE', 'normal');
      }
    }
    // A result may come twice, by the answer to a repeat and as news; the data plane takes the first.
    await a.until(() => new Set(alice.results.map(([seq]) => seq)).size === 300);
    expect(alice.results.every(([, code]) => code === 0)).toBe(true);
    expect(bob.inbox.map(({ text }) => text)).toEqual(Array.from({ length: 300 }, (_, i) => `${i}`));
  });

  test('after a failover that lost offsets, no offset is used twice', async () => {
    const [a, b] = [await start(), await start()];
    const alice = await a.open('alice');
    const bob = await b.open('bob');
    await alice.join('room');
    await alice.result(alice.send('bob', 'one'));
    await alice.result(alice.publish('room', 'one'));
    // What a promoted replica looks like: another run id than the one that gave out the last offsets.
    const partitions = (await world.redis.cli('--scan', '--pattern', '*}p')).split('\n');
    await Promise.all(partitions.map((key) => world.redis.cli('HSET', key, 'rid', 'another')));
    // A client may have more than the new primary knows of.
    bob.offset = 6;
    const moved = (await a.take(bob)) as Session;
    expect(moved.complete).toBe(true);
    await alice.result(alice.send('bob', 'two'));
    await alice.result(alice.publish('room', 'two'));
    expect(moved.inbox.map(({ offset }) => offset)).toEqual([2 ** 32 + 2]);
    await a.until(() => a.messages.length === 2);
    expect(a.messages.map(({ offset }) => offset)).toEqual([1, 2 ** 32 + 2]);
  });

  describe('unusable endpoints are explained in words', () => {
    const refused = async (url: string, more: object = {}): Promise<string> => {
      const node = await Node.make({ url, ...quick, ...more });
      return node.engine.start(node).then(
        () => 'started',
        (error: Error) => error.message,
      );
    };

    test('nothing there, another kind of server, a password', async () => {
      expect(await refused(`redis://127.0.0.1:${await freePort()}`)).toMatch(/nothing listens there/);
      const http = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
      const { port } = http.address() as { port: number };
      expect(await refused(`redis://127.0.0.1:${port}`)).toMatch(/does not answer like a Redis/);
      http.close();
      const locked = await Redis.start('--requirepass', 'secret');
      expect(await refused(locked.url)).toMatch(/needs a password/);
      expect(await refused(locked.url.replace('//', '//:wrong@'))).toMatch(/refuses this user and password/);
      const node = await Node.start({ url: locked.url.replace('//', '//:secret@'), ...quick });
      await node.engine.close();
      await locked.stop();
    });

    test('a replica, one out of memory, one that evicts, a cluster that is down', async () => {
      const replica = await Redis.start('--replicaof', '127.0.0.1', String(world.redis.port));
      expect(await refused(replica.url)).toMatch(/read-only replica of 127\.0\.0\.1/);
      await replica.stop();
      const full = await Redis.start('--maxmemory', '100kb');
      expect(await refused(full.url)).toMatch(/out of memory/);
      await full.stop();
      const evicting = await Redis.start('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru');
      expect(await refused(evicting.url)).toMatch(/maxmemory-policy is allkeys-lru/);
      await evicting.stop();
      const lonely = await Redis.start('--cluster-enabled', 'yes');
      expect(await refused(lonely.url)).toMatch(/Redis Cluster is down/);
      await lonely.stop();
    });

    test('an old version, a bad URL, a bad node id', async () => {
      const old = createServer((socket) =>
        socket.on('data', (data) => {
          const info = 'redis_version:6.2.14\r\nrole:master\r\n';
          for (const command of String(data).split(/(?=\*\d)/)) {
            if (/INFO/.test(command) && !/SETINFO/.test(command)) socket.write(`$${info.length}\r\n${info}\r\n`);
            else if (/HELLO/.test(command)) socket.write('%1\r\n+server\r\n+redis\r\n');
            else socket.write('+OK\r\n');
          }
        }),
      );
      await new Promise<void>((resolve) => old.listen(0, '127.0.0.1', resolve));
      expect(await refused(`redis://127.0.0.1:${(old.address() as { port: number }).port}`)).toMatch(
        /6\.2\.14; expected 7\.0/,
      );
      old.close();
      await expect(createRedisEngine({ url: 'http://x' })).rejects.toThrow(/expected redis:\/\/ or rediss:\/\//);
      await expect(createRedisEngine({ url: 'nonsense' })).rejects.toThrow(/is not a URL/);
      await expect(createRedisEngine({ url: world.redis.url, nodeId: 'a b' })).rejects.toThrow(/nodeId/);
      await expect(createRedisEngine({ url: world.redis.url, leaseMs: 100, heartbeatMs: 90 })).rejects.toThrow(
        /leaseMs/,
      );
    });
  });

  test('a Redis that withdraws a permission fails calls, and serves again when it restores it', async () => {
    await world.redis.cli('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all');
    const a = await start({ ...patient, url: world.redis.url.replace('//', '//app:secret@') });
    const alice = await a.open('alice');
    await world.redis.cli('ACL', 'SETUSER', 'app', '-fcall');
    expect(await alice.result(alice.send('alice', 'x'))).toBe(1);
    await expect(alice.join('room')).rejects.toThrow(/NOPERM/);
    await world.redis.cli('ACL', 'SETUSER', 'app', '+fcall');
    expect(await alice.result(alice.send('alice', 'y'))).toBe(0);
    // Errors that pass are waited for.
    await world.redis.cli('CONFIG', 'SET', 'min-replicas-to-write', '1');
    const seq = alice.send('alice', 'z');
    await world.redis.cli('CONFIG', 'SET', 'min-replicas-to-write', '0');
    expect(await alice.result(seq)).toBe(0);
    expect(alice.inbox.map(({ text }) => text)).toEqual(['y', 'z']);
  });

  test('a Redis whose user may not call scripts is refused, with the permission named', async () => {
    await world.redis.cli('ACL', 'SETUSER', 'weak', 'on', '>secret', '~*', '&*', '+@all', '-fcall', '-function');
    const node = await Node.make({ url: world.redis.url.replace('//', '//weak:secret@'), ...quick });
    await expect(node.engine.start(node)).rejects.toThrow(/may not do what is needed.*NOPERM/);
  });

  test('a Redis that runs out of memory fails sends, and serves again when there is room', async () => {
    const a = await start(patient);
    const alice = await a.open('alice');
    await world.redis.cli('CONFIG', 'SET', 'maxmemory', '1');
    expect(await alice.result(alice.send('bob', 'x', { flags: OFFLINE }))).toBe(1);
    await world.redis.cli('CONFIG', 'SET', 'maxmemory', '0');
    expect(await alice.result(alice.send('bob', 'x', { flags: OFFLINE }))).toBe(4);
  });
});

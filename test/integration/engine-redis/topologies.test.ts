import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { freePort, Redis, redisMissing, startCluster } from '../../fixtures/redis.js';
import { APP, Node, type Session } from './node.js';

const OFFLINE = 1;
const said: string[] = [];
const log = (level: string, message: string) => said.push(`${performance.now().toFixed()} ${level} ${message}`);

describe.skipIf(redisMissing)('Redis Cluster', () => {
  let redises: Redis[];
  let a: Node;
  let b: Node;

  beforeAll(async () => {
    redises = await startCluster(3);
    const options = { url: redises.map((redis) => redis.url).join(','), waitReplicas: 1, leaseMs: 16_000, log };
    [a, b] = await Promise.all([Node.start(options), Node.start(options)]);
  }, 60_000);
  afterAll(async () => {
    await Promise.all([a?.engine.close(), b?.engine.close()]);
    await Promise.all((redises ?? []).map((redis) => redis.stop()));
  });
  afterEach(() => Promise.all([a.clear(), b.clear()]));

  test('partitions are spread over all primaries, and everything works across them', async () => {
    const sessions = await Promise.all(Array.from({ length: 30 }, (_, i) => (i % 2 ? a : b).open(`user${i}`)));
    for (const session of sessions) await session.join('room');
    for (const [i, session] of sessions.entries()) session.send(`user${(i + 7) % 30}`, `from ${i}`);
    for (const session of sessions) expect(await session.result(1)).toBe(0);
    for (const session of sessions) expect(session.inbox).toHaveLength(1);
    expect(await a.engine.memberCount(APP, 'room')).toBe(30);
    const alice = sessions[0] as Session;
    await alice.result(alice.publish('room', 'hello'));
    await Promise.all([a, b].map((node) => node.until(() => node.messages.length === 1)));
    const scans = await Promise.all(redises.map((redis) => redis.cli('--scan', '--pattern', '*}s:*')));
    const stored = scans.map((keys) => keys.split('\n').filter(Boolean).length);
    expect(stored.filter((count) => count > 0).length).toBeGreaterThanOrEqual(3);
    expect(await alice.result(alice.send('offline', 'kept', { flags: OFFLINE }))).toBe(4);
  });

  test('kill -9 of a primary under load: sends go on, in order, none lost or doubled', {
    timeout: 60_000,
  }, async () => {
    const senders = await Promise.all(Array.from({ length: 6 }, (_, i) => a.open(`s${i}`)));
    const receivers = await Promise.all(Array.from({ length: 6 }, (_, i) => b.open(`r${i}`)));
    const cached: [string, string][] = [];
    const failures: unknown[] = [];
    let running = true;
    let longest = 0;
    const work = senders.map(async (sender, i) => {
      for (let n = 0; running; n++) {
        const begun = performance.now();
        const code = await sender.result(sender.send(`r${i}`, `${n}`));
        const to = `offline${i}.${n % 10}`;
        const stored = await sender.result(sender.send(to, `${n}`, { flags: OFFLINE }));
        longest = Math.max(longest, performance.now() - begun);
        if (code !== 0 || stored !== 4) failures.push([code, stored, performance.now() - begun, to]);
        if (stored === 4) cached.push([to, `${n}`]);
      }
      return sender;
    });
    await new Promise((resolve) => setTimeout(resolve, 700));
    const [victim] = await primaries(redises);
    await victim?.kill();
    const killed = performance.now();
    await expect
      .poll(async () => (await primaries(redises.filter((redis) => redis !== victim))).length, {
        timeout: 20_000,
        interval: 300,
      })
      .toBe(3);
    const failover = performance.now() - killed;
    await new Promise((resolve) => setTimeout(resolve, 2000));
    running = false;
    await Promise.all(work);
    expect(failures).toEqual([]);
    for (const [i, receiver] of receivers.entries()) {
      const sent = Array.from({ length: receiver.inbox.length }, (_, n) => `${n}`);
      expect(receiver.inbox.filter(({ from }) => from === `s${i}`).map(({ text }) => text)).toEqual(sent);
    }
    expect(longest).toBeLessThan(failover + 3000);
    for (const to of new Set(cached.map(([each]) => each))) {
      const session = await b.open(to);
      const want = cached.filter(([each]) => each === to).map(([, text]) => text);
      await b.until(() => session.inbox.length >= want.length);
      expect(session.inbox.map(({ text }) => text)).toEqual(want);
    }
    expect([a.suspended, b.suspended], said.join('\n')).toEqual([0, 0]);
    await victim?.run();
  });

  test('a primary that hands over on purpose is followed', { timeout: 30_000 }, async () => {
    const alice = await a.open('alice');
    const bob = await b.open('bob');
    const now = await primaries(redises);
    const replicas = redises.filter((redis) => !now.includes(redis));
    for (let i = 0; i < 200; i++) {
      alice.send('bob', `${i}`);
      if (i % 50 === 25) await replicas.pop()?.cli('CLUSTER', 'FAILOVER');
      if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 30));
    }
    await a.until(() => alice.results.length === 200, 20_000);
    expect(alice.results.every(([, code]) => code === 0)).toBe(true);
    expect(bob.inbox.map(({ text }) => text)).toEqual(Array.from({ length: 200 }, (_, i) => `${i}`));
  });
});

async function primaries(redises: readonly Redis[]): Promise<Redis[]> {
  const are = await Promise.all(redises.map((redis) => redis.isPrimary()));
  return redises.filter((_, i) => are[i]);
}

describe.skipIf(redisMissing)('one primary with Sentinel, and TLS', () => {
  test('a primary that dies is replaced, and the nodes follow', { timeout: 60_000 }, async () => {
    const primary = await Redis.start();
    const replica = await Redis.start('--replicaof', '127.0.0.1', String(primary.port));
    const sentinel = await Redis.sentinel('mymaster', primary);
    const node = await Node.start({ url: `redis://127.0.0.1:${sentinel.port}?sentinel=mymaster`, leaseMs: 16_000 });
    const alice = await node.open('alice');
    expect(await alice.result(alice.send('alice', 'one'))).toBe(0);
    await expect
      .poll(() => sentinel.cli('SENTINEL', 'REPLICAS', 'mymaster'), { timeout: 20_000 })
      .toContain(String(replica.port));
    // Nobody waits for replicas here, so that the test must.
    await expect.poll(() => replica.follows(primary), { timeout: 10_000 }).toBe(true);
    await primary.kill();
    await expect.poll(() => replica.isPrimary(), { timeout: 20_000 }).toBe(true);
    await expect.poll(() => node.engine.presence(APP, ['alice']).catch(() => 'down'), { timeout: 10_000 }).toEqual([0]);
    expect(await alice.result(alice.send('alice', 'two'))).toBe(0);
    expect(alice.inbox.map(({ text }) => text)).toEqual(['one', 'two']);
    expect(alice.inbox[1]?.offset).toBeGreaterThan(2 ** 32);
    await expect(Node.start({ url: `redis://127.0.0.1:${sentinel.port}` })).rejects.toThrow(/it is a Sentinel/);
    await node.engine.close();
    await Promise.all([primary, replica, sentinel].map((redis) => redis.stop()));
  });

  test('a delivered message that a failover lost is not delivered twice', { timeout: 60_000 }, async () => {
    const primary = await Redis.start();
    const replica = await Redis.start('--replicaof', '127.0.0.1', String(primary.port));
    const sentinel = await Redis.sentinel('mymaster', primary);
    const url = `redis://127.0.0.1:${sentinel.port}?sentinel=mymaster`;
    // On a busy machine a failover may take longer than an operation waits.
    const node = await Node.start({ url, leaseMs: 16_000, operationTimeoutMs: 15_000 });
    const alice = await node.open('alice');
    await expect
      .poll(() => sentinel.cli('SENTINEL', 'REPLICAS', 'mymaster'), { timeout: 20_000 })
      .toContain(String(replica.port));
    await expect.poll(() => replica.follows(primary), { timeout: 10_000 }).toBe(true);
    expect(await alice.result(alice.send('alice', 'one'))).toBe(0);
    // From here on the replica gets nothing more: nothing listens at port 1.
    await replica.cli('REPLICAOF', '127.0.0.1', '1');
    alice.autoAck = false;
    const lost = alice.send('alice', 'lost');
    await node.until(() => alice.inbox.length === 2);
    await primary.kill();
    const behind = alice.send('alice', 'behind');
    await expect.poll(() => replica.isPrimary(), { timeout: 20_000 }).toBe(true);
    await node.until(() => alice.inbox.length === 3, 20_000);
    expect(alice.inbox.map(({ text }) => text)).toEqual(['one', 'lost', 'behind']);
    expect(alice.results.map(([seq]) => seq)).toEqual([1]);
    node.engine.acknowledge(APP, 'alice', alice.fence, alice.offset);
    expect(await Promise.all([alice.result(lost), alice.result(behind)])).toEqual([0, 0]);
    await node.engine.close();
    await Promise.all([primary, replica, sentinel].map((redis) => redis.stop()));
  });

  test('rediss:// with a certificate of our own', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'rtm-tls-'));
    const [key, cert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
    execFileSync('openssl', [...request, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const port = await freePort(); // the next one of the plain port may be another test's
    const redis = await Redis.start(
      '--tls-cert-file',
      cert,
      '--tls-key-file',
      key,
      '--tls-auth-clients',
      'no',
      '--tls-port',
      String(port),
    );
    const url = `rediss://127.0.0.1:${port}`;
    const node = await Node.start({ url, tls: { ca: readFileSync(cert) } });
    const alice = await node.open('alice');
    expect(await alice.result(alice.send('alice', 'x'))).toBe(0);
    await node.engine.close();
    await expect(Node.start({ url })).rejects.toThrow(/TLS handshake failed/);
    await redis.stop();
    writeFileSync(key, '');
    rmSync(dir, { recursive: true, force: true });
  });
});

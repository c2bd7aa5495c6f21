// A primary of Redis that is killed under load, seen by users: acknowledged messages survive, and the service goes on.
import { setTimeout as pause } from 'node:timers/promises';
import { type PeerMessage, RtmError } from 'rtm-native';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Redis, redisMissing, startCluster } from '../../fixtures/redis.js';
import { within } from '../../integration/client-world.js';
import { Crowd, percentile, tally } from './crowd.js';
import { abreast, ServerNodes } from './server-nodes.js';

const USERS = 60;

/** Sends to offline users: the messages that the server acknowledged as stored. */
class Letters {
  readonly cached = new Map<string, number[]>();
  readonly times: number[] = [];
  readonly failures: string[] = [];
  #stop = false;
  #work: Promise<void>[] = [];
  #number = 0;

  /** Several lanes; each sends one letter at a time to its own receivers in turn. */
  start(servers: ServerNodes): void {
    const writers = [...servers.clients];
    this.#work = Array.from({ length: 12 }, async (_, lane) => {
      for (let turn = 0; !this.#stop; turn++) {
        const to = `absent${lane * 5 + (turn % 5)}`;
        const number = ++this.#number;
        const begun = performance.now();
        const sent = await writers[lane]
          ?.sendToPeer(to, String(number), { offline: true })
          .catch((error: unknown) => (error instanceof RtmError ? error.code : String(error)));
        this.times.push(performance.now() - begun);
        if (typeof sent === 'string') this.failures.push(sent);
        else if (sent?.delivery === 'cached') this.cached.set(to, [...(this.cached.get(to) ?? []), number]);
        await pause(40);
      }
    });
  }

  async stop(): Promise<void> {
    this.#stop = true;
    await within('the last letters', Promise.all(this.#work), 30_000);
  }

  /** What waits for each of them, read after a login. */
  async read(servers: ServerNodes): Promise<Map<string, number[]>> {
    const found = new Map<string, number[]>();
    await abreast([...this.cached.keys()], 10, async (userId) => {
      const client = await servers.login(userId, found.size % servers.nodes.length);
      const messages: PeerMessage[] = [];
      client.on('message', (message) => messages.push(message));
      await client.sendToPeer(userId, 'the end');
      await expect.poll(() => messages.at(-1)?.text, { timeout: 10_000 }).toBe('the end');
      found.set(
        userId,
        messages.slice(0, -1).map(({ text }) => Number(text)),
      );
    });
    return found;
  }
}

/** Users on all nodes, rooms, letters; `kill` gives the time of the death. */
async function runThrough(servers: ServerNodes, kill: () => Promise<void>) {
  const users = await Promise.all(
    Array.from({ length: USERS }, (_, index) => servers.login(`user${index}`, index % servers.nodes.length)),
  );
  const crowd = new Crowd(users, 20);
  await crowd.join();
  const letters = new Letters();
  letters.start(servers);
  crowd.start({ peer: 400, channel: 20, others: 0 });
  await pause(2000);
  const before = letters.times.length;
  const quick = crowd.sendTimes.splice(0);
  await kill();
  await pause(8000);
  const stalls = [...crowd.sendTimes, ...letters.times.slice(before)];
  await Promise.all([crowd.stop(), letters.stop()]);
  await crowd.settle();
  const found = await letters.read(servers);
  const lost = [...letters.cached].flatMap(([userId, numbers]) =>
    numbers.filter((number) => !found.get(userId)?.includes(number)),
  );
  const cached = [...letters.cached.values()].flat().length;
  console.log(
    [
      `${crowd.sent} peer messages, ${crowd.calls} channel messages, ${cached} cached ones`,
      `sends before: median ${percentile(quick, 0.5).toFixed(1)} ms; longest send after the kill ` +
        `${Math.max(...stalls).toFixed()} ms`,
      `failed: ${tally([...crowd.failedSends, ...crowd.failures])}; letters: ${letters.failures.join(' ') || 'none'}`,
      `cached and not found: ${lost.length}; channel messages not heard: ${crowd.missed()}`,
    ].join('\n'),
  );
  return { crowd, letters, found, lost, longest: Math.max(...stalls) };
}

describe.skipIf(redisMissing)('kill -9 of a primary of Redis under load', () => {
  it('with a replica and WAIT: sends stall for at most 5 s, and nothing acknowledged is lost', {
    timeout: 120_000,
  }, async () => {
    const redises = await startCluster(3);
    onTestFinished(async () => void (await Promise.all(redises.map((redis) => redis.stop()))));
    const engine = redises.map(({ url }) => url).join(',');
    const servers = await ServerNodes.start([engine, engine], { RTM_SERVER_WAIT_REPLICAS: '1' });
    onTestFinished(() => servers.end());
    const victims: Redis[] = [];
    for (const redis of redises) if (await redis.isPrimary()) victims.push(redis);
    const { crowd, letters, found, lost, longest } = await runThrough(servers, async () => victims[0]?.kill());
    crowd.expectOrder();
    expect(crowd.failedSends).toEqual([]);
    expect(crowd.failures).toEqual([]);
    expect(letters.failures).toEqual([]);
    expect(lost).toEqual([]);
    for (const [userId, numbers] of found) expect(numbers, userId).toEqual([...letters.cached.get(userId)!]);
    expect(crowd.missed()).toBe(0);
    // Beside other tests a failover takes as long as it gets the processor.
    expect(longest).toBeLessThan(process.env['RTM_SOAK'] === undefined ? 8000 : 5000);
  });

  it('with a replica that lags: offsets are lost, and no new message is taken for an old one', {
    timeout: 120_000,
  }, async () => {
    const primary = await Redis.start();
    const replica = await Redis.start('--replicaof', '127.0.0.1', String(primary.port));
    const sentinel = await Redis.sentinel('main', primary);
    onTestFinished(async () => void (await Promise.all([primary, replica, sentinel].map((redis) => redis.stop()))));
    await expect
      .poll(() => sentinel.cli('SENTINEL', 'REPLICAS', 'main'), { timeout: 20_000 })
      .toContain(String(replica.port));
    await expect.poll(() => replica.follows(primary), { timeout: 10_000 }).toBe(true);
    const engine = `redis://127.0.0.1:${sentinel.port}?sentinel=main`;
    const servers = await ServerNodes.start([engine, engine]);
    onTestFinished(() => servers.end());
    const { crowd, letters, found } = await runThrough(servers, async () => {
      // From here on the replica gets nothing more: nothing listens at port 1.
      await replica.cli('REPLICAOF', '127.0.0.1', '1');
      await pause(700);
      await primary.kill();
    });
    // Every one that was called delivered was heard by the program, which it is not if it is taken for an old one.
    for (const { client, toPartner } of crowd.people) toPartner.expectTruth(client.userId);
    crowd.expectOrder();
    expect(crowd.failedSends).toEqual([]);
    expect(letters.failures).toEqual([]);
    for (const [userId, numbers] of found) {
      expect(new Set(numbers).size, userId).toBe(numbers.length);
      expect(numbers.filter((number) => !letters.cached.get(userId)?.includes(number))).toEqual([]);
    }
  });
});

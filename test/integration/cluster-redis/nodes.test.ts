// Servers as nodes of a cluster over a real Redis: which start, which do not, and what other nodes see.
import { join } from 'node:path';
import { RtmClient, RtmServer } from 'rtm-native';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Redis, redisMissing } from '../../fixtures/redis.js';
import { endAll, rtm } from '../cli-process.js';
import { within } from '../client-world.js';

const appId = '0123456789abcdef0123456789abcdef';
const common = { host: '127.0.0.1', port: 0, apps: [{ appId }], limits: 'off' as const };

describe.skipIf(redisMissing)('a node of a cluster', () => {
  let redis: Redis;
  const servers: RtmServer[] = [];
  const clients: RtmClient[] = [];
  beforeAll(async () => {
    redis = await Redis.start();
  });
  afterAll(async () => {
    endAll();
    await redis.stop();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.logout({ timeout: 2000 }).catch(() => {})));
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  const start = async (options = {}) => {
    const server = await RtmServer.start({ ...common, engine: redis.url, ...options });
    servers.push(server);
    return server;
  };
  const login = async (userId: string, server: RtmServer) => {
    const client = await RtmClient.login({ appId, userId, endpoints: server.connectString, timeout: 10_000 });
    clients.push(client);
    return client;
  };

  it('has a name, given or made up, which no other node may have', async () => {
    expect((await start({ nodeId: 'first' })).nodeId).toBe('first');
    expect((await start()).nodeId).toMatch(/^[\w-]+-[0-9a-f]{8}$/);
    await expect(start({ nodeId: 'first', times: { lease: 1000 } })).rejects.toMatchObject({
      code: 'ERR_RTM_SERVER_START',
      message: expect.stringContaining('another node with the id "first" is running'),
    });
  });

  it('bounds attributes as its limits say', async () => {
    const server = await start({ limits: { base: 'off', channelAttributes: 2, userAttributeBytes: 4 } });
    const client = await login('bounded', server);
    const { attributes } = await client.join('bounded');
    await attributes.merge({ a: '1' });
    await attributes.merge({ b: '2' });
    await expect(attributes.merge({ c: '3' })).rejects.toMatchObject({ reason: 4 });
    await client.attributes.merge({ a: '1' });
    await client.attributes.merge({ b: '2' });
    await expect(client.attributes.merge({ c: '3' })).rejects.toMatchObject({ reason: 4 });
  });

  it('does not start with a Redis that it cannot use, and gives the reason', async () => {
    const refused = (engine: string) => RtmServer.start({ ...common, engine }).then(String, (error: Error) => error);
    expect(await refused('redis://127.0.0.1:1')).toMatchObject({
      code: 'ERR_RTM_SERVER_START',
      message: expect.stringMatching(/engine: Redis at 127.0.0.1:1: nothing listens there/),
    });
    const locked = await Redis.start('--requirepass', 'secret');
    const replica = await Redis.start('--replicaof', '127.0.0.1', String(redis.port));
    const evicting = await Redis.start('--maxmemory', '50mb', '--maxmemory-policy', 'allkeys-lru');
    try {
      expect(String(await refused(locked.url))).toMatch(/it needs a password/);
      const wrong = String(await refused(locked.url.replace('//', '//:hidden@')));
      expect(wrong).toMatch(/refuses this user and password/);
      expect(wrong).not.toContain('hidden');
      expect(String(await refused(replica.url))).toMatch(/read-only replica/);
      expect(String(await refused(evicting.url))).toMatch(/noeviction/);
    } finally {
      await Promise.all([locked, replica, evicting].map((each) => each.stop()));
    }
  });

  it('takes no data directory, and no node options without an engine', async () => {
    await expect(start({ data: '/nowhere' })).rejects.toThrow(/options.data: .*what is stored is in Redis/);
    await expect(start({ retention: { offlineMessages: 1 } })).rejects.toThrow(/options.retention.offlineMessages/);
    await expect(start({ nodeId: 'a b' })).rejects.toThrow(/options.nodeId/);
    await expect(RtmServer.start({ ...common, nodeId: 'a' })).rejects.toThrow(/only with "engine"/);
  });

  it('is not ready while it is cut off from Redis, and shows how long its calls take', {
    timeout: 40_000,
  }, async () => {
    const own = await Redis.start();
    const lines: string[] = [];
    const log = (level: string, line: string) => lines.push(`${level}: ${line}`);
    try {
      const server = await start({ engine: own.url, admin: '127.0.0.1:0', times: { lease: 1500 }, log });
      const page = async (path: string) => {
        const answer = await fetch(`${server.adminUrl}${path}`);
        return { status: answer.status, text: await answer.text() };
      };
      const turns = async (status: number) => {
        while ((await page('/readyz')).status !== status) await new Promise((next) => setTimeout(next, 50));
      };
      await login('alice', server);
      expect((await page('/readyz')).status).toBe(200);
      expect((await page('/metrics')).text).toMatch(/rtm_engine_seconds_count\{operation="open"\} 1/);
      own.signal('SIGSTOP');
      await within('not ready', turns(503), 15_000);
      expect(JSON.parse((await page('/readyz')).text).problems).toEqual({ engine: 'cut off from Redis' });
      own.signal('SIGCONT');
      await within('ready', turns(200), 15_000);
      expect(lines.join('\n')).toMatch(/info: engine: node .* takes part(.|\n)*error: engine: cut off/);
      await servers.pop()?.close();
    } finally {
      own.signal('SIGCONT');
      await own.stop();
    }
  });

  it('keeps bodies of media to itself: another node knows no such id', async () => {
    const [one, two] = [await start(), await start()];
    const [alice, bob] = [await login('alice', one), await login('bob', two)];
    const file = await alice.media.upload(join(import.meta.dirname, 'nodes.test.ts'));
    await expect(bob.media.download(file.mediaId)).rejects.toMatchObject({ code: 'ERR_RTM_NOT_EXIST' });
  });

  it('says what it is at its start, and ends cleanly', async () => {
    const server = rtm(['server', '--engine', redis.url, '--node-id', 'cli', '--port', '0', '--no-tls']);
    await server.shows(/cluster +node cli, redis:\/\/127/);
    await server.shows(/Ctrl-C stops/);
    server.signal('SIGTERM');
    expect(await server.exit()).toBe(0);
    expect(await redis.cli('FUNCTION', 'LIST')).toContain('rtm');
  });
});

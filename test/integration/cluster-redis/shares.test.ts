// One user, or all of one App, must not fill the store of messages of a cluster; test/abuse/shares.test.ts has the same
// for a server alone.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RtmClient, RtmServer, type RtmServerOptions } from '../../../lib/index.js';
import { Redis, redisMissing } from '../../fixtures/redis.js';

const appA = 'a'.repeat(32);
const appB = 'b'.repeat(32);
const KIB = 1024;
/** As large as a message may be. */
const junk = 'x'.repeat(32 * KIB);

describe.skipIf(redisMissing)('a store of a cluster', () => {
  let redis: Redis;
  let server: RtmServer;
  let clients: RtmClient[];

  beforeEach(async () => {
    redis = await Redis.start();
    clients = [];
  });
  afterEach(async () => {
    await Promise.allSettled(clients.map((client) => client.logout()));
    await server.close();
    await redis.stop();
  });

  const start = async (options: RtmServerOptions) => {
    server = await RtmServer.start({ host: '127.0.0.1', port: 0, engine: redis.url, ...options });
  };

  const login = async (appId: string, userId: string) => {
    const client = await RtmClient.login({ appId, userId, endpoints: server.connectString });
    clients.push(client);
    return client;
  };

  /** Stores `count` messages, each for another receiver. @returns the number that the server took */
  const store = async (from: RtmClient, count: number, text: string, receivers: string): Promise<number> => {
    const sends = Array.from({ length: count }, (_, i) =>
      from.sendToPeer(`${receivers}-${i}`, text, { offline: true }),
    );
    const results = await Promise.allSettled(sends);
    return results.filter(({ status }) => status === 'fulfilled').length;
  };

  it('that one App filled still takes the messages of another App', async () => {
    await start({ apps: [{ appId: appA }, { appId: appB }], retention: { offlineBytes: 4096 * KIB } });
    expect(await store(await login(appA, 'mallory'), 200, junk, 'nobody')).toBeLessThan(64);
    expect(await store(await login(appB, 'ann'), 50, 'x'.repeat(10 * KIB), 'friend')).toBe(50);
  });

  it('that one user filled still takes the messages of others in its App, at that user’s cost', async () => {
    await start({ apps: [{ appId: appA }], retention: { offlineBytes: 4096 * KIB } });
    const [mallory, ann] = [await login(appA, 'mallory'), await login(appA, 'ann')];
    expect(await store(mallory, 200, junk, 'nobody')).toBeLessThan(200);
    expect(await store(ann, 20, 'x'.repeat(10 * KIB), 'friend')).toBe(20);
    expect(await store(mallory, 100, junk, 'again')).toBe(0);
    for (const userId of ['friend-0', 'friend-19']) {
      const client = await login(appA, userId);
      for await (const message of client.messages()) {
        expect(message).toMatchObject({ from: 'ann', offline: true });
        break;
      }
    }
  });
});

// A message that has expired is not sent, stored, or handed to its receiver, and its sender never hears that it was delivered.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RtmClient, RtmServer, type RtmServerOptions } from '../../lib/index.js';
import { WireRelay } from '../conformance/support/wire-relay.js';
import { FaultProxy } from '../faults/fault-proxy.js';
import { Redis, redisMissing } from '../fixtures/redis.js';
import { KillableServer } from '../network/killable-server.js';

const appId = '0123456789abcdef0123456789abcdef';
/** Of a message that cannot leave its client. */
const LIFE = 150;
/** Of a message that must reach the server before it expires, on a busy machine too. */
const LONG_LIFE = 1000;
/** Until every message has expired, whatever the steps of the clocks. */
const expired = () => pause(LONG_LIFE + 100);
const WEEK = 7 * 24 * 3600 * 1000;

let redis: Redis | undefined;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rtm-expiry-'));
  if (!redisMissing) redis = await Redis.start();
});
afterAll(async () => {
  await redis?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const SERVERS: { name: string; options: () => Partial<RtmServerOptions>; skip?: boolean }[] = [
  { name: 'memory', options: () => ({}) },
  { name: 'durable', options: () => ({ data: join(folder, 'data') }) },
  { name: 'cluster', options: () => ({ engine: redis?.url ?? '' }), skip: redisMissing },
];

for (const { name, options, skip = false } of SERVERS) {
  describe.skipIf(skip)(`on a server of kind ${name}`, () => {
    let server: RtmServer;
    let relay: WireRelay;
    let alice: RtmClient;
    let clients: RtmClient[];
    let count = 0;
    let bobId: string;

    const login = async (userId: string, endpoints = server.connectString) => {
      const parameters = { 'rtm.timing': { outage_ms: 100 } };
      const client = await RtmClient.login({ appId, userId, endpoints, parameters });
      clients.push(client);
      return client;
    };
    const listener = async (userId: string, endpoints?: string) => {
      const texts: string[] = [];
      const client = await login(userId, endpoints);
      client.on('message', ({ text }) => texts.push(text ?? ''));
      return { client, texts };
    };
    /** A link that is gone and does not come back before `meet`. */
    const cutOff = async (client: RtmClient) => {
      relay.cut();
      await client.whenState('reconnecting');
    };
    const meet = async (client: RtmClient) => {
      relay.mend();
      await client.whenState('connected');
    };

    beforeEach(async () => {
      clients = [];
      server = await RtmServer.start({
        host: '127.0.0.1',
        port: 0,
        tls: false,
        apps: [{ appId }],
        ...options(),
      });
      relay = await WireRelay.start(server.port);
      bobId = `bob-${name}-${++count}`;
      alice = await login('alice');
    });
    afterEach(async () => {
      await Promise.allSettled(clients.map((client) => client.logout()));
      await relay.close();
      await server.close();
    });

    it('a message that waits for its own link is withdrawn when it expires', async () => {
      const carol = await login('carol', relay.endpoint);
      const room = await carol.join(`room-${count}`);
      const { texts } = await listener(bobId);
      await cutOff(carol);
      const unsent = { code: 'ERR_RTM_TIMEOUT', sent: false };
      const ends = [
        expect(carol.sendToPeer(bobId, 'old', { expiresInMs: LIFE })).rejects.toMatchObject(unsent),
        expect(room.send('old', { expiresInMs: LIFE })).rejects.toMatchObject(unsent),
      ];
      const kept = carol.sendToPeer(bobId, 'kept', { expiresInMs: WEEK });
      await Promise.all(ends);
      relay.mend();
      expect((await kept).delivery).toBe('delivered');
      expect(texts).toEqual(['kept']);
    });

    it('what waits for the link of its receiver is not handed over, and its sender hears so', async () => {
      const { client: bob, texts } = await listener(bobId, relay.endpoint);
      const [theirs, ours] = [await bob.join(`room-${count}`), await alice.join(`room-${count}`)];
      const inRoom: string[] = [];
      theirs.on('message', ({ text }) => inRoom.push(text ?? ''));
      await cutOff(bob);
      const late = expect(alice.sendToPeer(bobId, 'old', { expiresInMs: LONG_LIFE })).rejects.toMatchObject({
        code: 'ERR_RTM_FAILURE',
      });
      const kept = alice.sendToPeer(bobId, 'kept', { expiresInMs: 60_000 });
      await Promise.all([ours.send('old', { expiresInMs: LONG_LIFE }), ours.send('kept', { expiresInMs: 60_000 })]);
      await expired();
      await meet(bob);
      await late;
      expect((await kept).delivery).toBe('delivered');
      await vi.waitFor(() => expect(inRoom).toEqual(['kept']));
      expect(texts).toEqual(['kept']);
    });

    it('what a link took with it when it went is judged again', async () => {
      const { client: bob, texts } = await listener(bobId, relay.endpoint);
      relay.lose('PEER_MESSAGE');
      const handed = vi.waitFor(() => expect(relay.count('PEER_MESSAGE')).toBe(2));
      const late = expect(alice.sendToPeer(bobId, 'old', { expiresInMs: LONG_LIFE })).rejects.toMatchObject({
        code: 'ERR_RTM_FAILURE',
      });
      const kept = alice.sendToPeer(bobId, 'kept');
      await handed;
      await expired();
      relay.pass('PEER_MESSAGE');
      await cutOff(bob);
      await meet(bob);
      await late;
      expect((await kept).delivery).toBe('delivered');
      expect((await alice.sendToPeer(bobId, 'next', { expiresInMs: 60_000 })).delivery).toBe('delivered');
      expect(texts).toEqual(['kept', 'next']);
    });

    it('a stored message that has expired does not come out of the store', async () => {
      const lives = [LONG_LIFE, undefined, 60_000, LONG_LIFE];
      for (const [index, expiresInMs] of lives.entries()) {
        const { delivery } = await alice.sendToPeer(bobId, `${index}`, { offline: true, expiresInMs });
        expect(delivery).toBe('cached');
      }
      await expired();
      for (const stored of [['1', '2'], []]) {
        const { client, texts } = await listener(bobId);
        expect((await alice.sendToPeer(bobId, 'now')).delivery).toBe('delivered');
        expect(texts).toEqual([...stored, 'now']);
        await client.logout();
      }
    });

    it('an expiry that no message can have is refused by name, and nothing else is lost', async () => {
      const { texts } = await listener(bobId);
      const room = await alice.join(`room-${count}`);
      const before = alice.sendToPeer(bobId, 'before', { expiresInMs: WEEK });
      for (const bad of [0, -1, Number.NaN, 1.5, WEEK + 1, 365 * 24 * 3600 * 1000, Number.POSITIVE_INFINITY, '10']) {
        const given = { expiresInMs: bad as number };
        const refusal = expect.objectContaining({
          argument: 'options.expiresInMs',
          message: expect.stringMatching(/expiresInMs.*604800000|expiresInMs.*number/),
        });
        expect(() => alice.sendToPeer(bobId, 'x', given), String(bad)).toThrow(refusal);
        expect(() => room.send('x', given), String(bad)).toThrow(refusal);
      }
      await alice.sendToPeer(bobId, 'after', { expiresInMs: WEEK });
      expect((await before).delivery).toBe('delivered');
      expect(texts).toEqual(['before', 'after']);
    });
  });
}

describe.each(['memory', 'durable'])('after a restart of a server of kind %s', (kind) => {
  it('what waits for its receiver expires, and the rest arrives', async () => {
    const data = kind === 'durable' ? { data: join(folder, 'restarted') } : {};
    const server = new KillableServer({ apps: [{ appId }], ...data });
    await server.start();
    const proxy = await FaultProxy.start(server);
    const clients: RtmClient[] = [];
    const login = async (userId: string, endpoints: string) => {
      const client = await RtmClient.login({ appId, userId, endpoints });
      clients.push(client);
      return client;
    };
    try {
      const alice = await login('alice', server.connectString);
      const bob = await login('bob', proxy.connectString);
      const texts: string[] = [];
      bob.on('message', ({ text }) => texts.push(text ?? ''));
      const lost = alice.whenState('reconnecting');
      proxy.cut();
      await server.kill();
      await lost;
      await server.start();
      await alice.whenState('connected');
      const late = expect(alice.sendToPeer('bob', 'old', { expiresInMs: LONG_LIFE })).rejects.toMatchObject({
        code: 'ERR_RTM_FAILURE',
      });
      const kept = alice.sendToPeer('bob', 'kept', { expiresInMs: 60_000 });
      await expired();
      proxy.mend();
      await late;
      expect((await kept).delivery).toBe('delivered');
      expect(texts).toEqual(['kept']);
    } finally {
      await Promise.allSettled(clients.map((client) => client.logout()));
      await proxy.close();
      await server.kill();
    }
  }, 40_000);
});

// Stored messages at the edges of a session: nothing that was flagged is lost when the receiver's session ends, nothing comes
// twice to a program, and its sender hears what is true.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRtmService, RtmClient, RtmServer, type RtmServerOptions } from '../../lib/index.js';
import { WireRelay } from '../conformance/support/wire-relay.js';
import { Redis, redisMissing } from '../fixtures/redis.js';

const appId = '0123456789abcdef0123456789abcdef';
/** A server that soon forgets silent users; no test waits for the 10 s of a sender. */
const times = { heartbeat: 200, unreachable: 500, grace: 1500 };
const stored = { offline: true };

let redis: Redis | undefined;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rtm-stored-'));
  if (!redisMissing) redis = await Redis.start();
});
afterAll(async () => {
  await redis?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const SERVERS: { name: string; options: () => Partial<RtmServerOptions>; skip?: boolean }[] = [
  { name: 'memory', options: () => ({}) },
  { name: 'durable', options: () => ({ data: folder }) },
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
      const client = await RtmClient.login({ appId, userId, endpoints });
      clients.push(client);
      return client;
    };
    /** A user behind the relay, and the texts that it gets. */
    const loginBob = async () => {
      const texts: string[] = [];
      const bob = await login(bobId, relay.endpoint);
      bob.on('message', ({ text }) => texts.push(text ?? ''));
      return { bob, texts };
    };
    /** The server forgets the session of a user from whom nothing comes. */
    const loseSession = async () => {
      relay.hush();
      await vi.waitFor(() => expect(server.stats().sessions).toBe(1), 8000);
    };
    /** The network is as before, and the user logs in anew, without the program's doing. */
    const comeBack = async (bob: RtmClient) => {
      relay.pass('INBOX_ACK');
      relay.pass('PEER_MESSAGE');
      relay.cut();
      relay.speak();
      relay.mend();
      await vi.waitFor(() => expect(server.stats().sessions).toBe(2), 8000);
      await vi.waitFor(() => expect(bob.state).toBe('connected'), 8000);
      expect((await alice.sendToPeer(bobId, 'marker')).delivery).toBe('delivered');
    };

    beforeEach(async () => {
      clients = [];
      server = await RtmServer.start({
        host: '127.0.0.1',
        port: 0,
        tls: false,
        apps: [{ appId }],
        times,
        ...options(),
      });
      relay = await WireRelay.start(server.port);
      bobId = `bob-${++count}`;
      alice = await login('alice');
    });
    afterEach(async () => {
      await Promise.allSettled(clients.map((client) => client.logout()));
      await relay.close();
      await server.close();
    });

    it('what a silent receiver was handed and never got is stored, and comes once', async () => {
      const { bob, texts } = await loginBob();
      relay.lose('PEER_MESSAGE');
      const handed = relay.sees('PEER_MESSAGE');
      const result = alice.sendToPeer(bobId, 'x', stored);
      await handed;
      await loseSession();
      expect((await result).delivery).toBe('cached');
      await comeBack(bob);
      expect(texts).toEqual(['x', 'marker']);
    });

    it('what a receiver got is not stored for it a second time when only its acknowledgement was lost', async () => {
      const { bob, texts } = await loginBob();
      relay.lose('INBOX_ACK');
      const result = alice.sendToPeer(bobId, 'x', stored);
      await vi.waitFor(() => expect(texts).toEqual(['x']));
      relay.lose('PEER_MESSAGE');
      const handed = relay.sees('PEER_MESSAGE');
      const second = alice.sendToPeer(bobId, 'y', stored);
      await handed;
      await loseSession();
      expect((await result).delivery).toBe('cached');
      expect((await second).delivery).toBe('cached');
      await comeBack(bob);
      expect(texts).toEqual(['x', 'y', 'marker']);
    });

    it('a stored message whose acknowledgement was lost with its session does not come twice', async () => {
      expect((await alice.sendToPeer(bobId, 'x', stored)).delivery).toBe('cached');
      relay.lose('INBOX_ACK');
      const { bob, texts } = await loginBob();
      await vi.waitFor(() => expect(texts).toEqual(['x']));
      await loseSession();
      await comeBack(bob);
      expect(texts).toEqual(['x', 'marker']);
      expect(await (await login(bobId)).logout()).toBeUndefined();
      const again = await loginBob();
      expect((await alice.sendToPeer(bobId, 'marker')).delivery).toBe('delivered');
      expect(again.texts).toEqual(['marker']);
    });

    it('one message object that is sent twice comes twice, also when it is stored', async () => {
      const sdk = createRtmService();
      const results: number[] = [];
      const handler = { onSendMessageResult: (_id: number, code: number) => results.push(code) };
      const ready = new Promise<void>((resolve) => {
        sdk.initialize(appId, { ...handler, onLoginSuccess: () => resolve() });
      });
      sdk.setParameters(JSON.stringify({ 'rtm.endpoints': server.connectString }));
      sdk.login(null, 'carol');
      await ready;
      const message = sdk.createMessage('a');
      sdk.sendMessageToPeer(bobId, message, { enableOfflineMessaging: true });
      message.setText('b');
      sdk.sendMessageToPeer(bobId, message, { enableOfflineMessaging: true });
      await vi.waitFor(() => expect(results).toEqual([4, 4]));
      sdk.release(true);
      const { texts } = await loginBob();
      expect((await alice.sendToPeer(bobId, 'marker')).delivery).toBe('delivered');
      expect(texts).toEqual(['a', 'b', 'marker']);
    });

    it('what a receiver did not have when it logged out is stored, or unreachable, at once', async () => {
      const { bob } = await loginBob();
      relay.lose('PEER_MESSAGE');
      const handed = vi.waitFor(() => expect(relay.count('PEER_MESSAGE')).toBe(2));
      const flagged = alice.sendToPeer(bobId, 'x', stored);
      const plain = expect(alice.sendToPeer(bobId, 'y')).rejects.toMatchObject({ code: 'ERR_RTM_PEER_UNREACHABLE' });
      await handed;
      await bob.logout();
      await plain;
      expect((await flagged).delivery).toBe('cached');
      relay.pass('PEER_MESSAGE');
      const { texts } = await loginBob();
      expect((await alice.sendToPeer(bobId, 'marker')).delivery).toBe('delivered');
      expect(texts).toEqual(['x', 'marker']);
    });
  });
}

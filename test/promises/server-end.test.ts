// A server that ends in good order stores what is flagged and not acknowledged: it comes once, at the next login.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { RtmClient, RtmServer } from '../../lib/index.js';
import { WireRelay } from '../conformance/support/wire-relay.js';
import { within } from '../integration/client-world.js';

const appId = '0123456789abcdef0123456789abcdef';
const folder = mkdtempSync(join(tmpdir(), 'rtm-server-end-'));
const stored = { offline: true };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let server: RtmServer;
let relay: WireRelay;
let clients: RtmClient[] = [];
let count = 0;
let port = 0;

const start = async (port = 0) => {
  const data = join(folder, `data-${count}`);
  server = await RtmServer.start({ host: '127.0.0.1', port, tls: false, apps: [{ appId }], data });
};
const login = async (userId: string, endpoints = server.connectString) => {
  const client = await RtmClient.login({ appId, userId, endpoints });
  clients.push(client);
  return client;
};
/** Alice, and bob behind a relay, with the texts that bob gets. */
const world = async () => {
  count++;
  await start();
  relay = await WireRelay.start(server.port);
  const [alice, bob] = [await login('alice'), await login('bob', relay.endpoint)];
  const texts: string[] = [];
  bob.on('message', ({ text }) => texts.push(text ?? ''));
  return { alice, bob, texts };
};
/** The same server again; both are back, and bob has got what was stored for it. */
const again = async ({ alice, bob }: { alice: RtmClient; bob: RtmClient }) => {
  relay.pass('INBOX_ACK');
  relay.pass('PEER_MESSAGE');
  await start(port);
  await within('alice back', alice.whenState('connected'), 20_000);
  await within('bob back', bob.whenState('connected'), 20_000);
  expect((await alice.sendToPeer('bob', 'marker')).delivery).toBe('delivered');
};
afterEach(async () => {
  await Promise.allSettled(clients.map((client) => client.logout()));
  clients = [];
  await relay.close();
  await server.close();
});

describe.each(['at once', 'after it has sent its clients away'])('a server that closes %s', (how) => {
  const end = async () => {
    port = server.port;
    if (how !== 'at once') await server.drain();
    await server.close();
  };

  it('stores what its receiver was handed and never got, and says so to the sender', async () => {
    const { alice, bob, texts } = await world();
    relay.lose('PEER_MESSAGE');
    const handed = vi.waitFor(() => expect(relay.count('PEER_MESSAGE')).toBe(2));
    const results = Promise.allSettled([alice.sendToPeer('bob', 'x', stored), alice.sendToPeer('bob', 'y')]);
    await handed;
    await end();
    await again({ alice, bob });
    expect(texts).toEqual(['x', 'marker']);
    const [flagged, plain] = await results;
    expect(flagged).toMatchObject({ value: { delivery: 'cached' } });
    expect(plain).toMatchObject({ reason: { code: 'ERR_RTM_TIMEOUT', sent: true } });
  }, 60_000);

  it('gives nothing twice to a receiver whose acknowledgement did not come', async () => {
    const { alice, bob, texts } = await world();
    relay.lose('INBOX_ACK');
    const sent = alice.sendToPeer('bob', 'x', stored).catch(() => undefined);
    await vi.waitFor(() => expect(texts).toEqual(['x']));
    await end();
    await again({ alice, bob });
    expect(texts).toEqual(['x', 'marker']);
    expect((await sent)?.delivery ?? 'unknown').not.toBe('delivered');
  }, 60_000);

  it('stores what waits for a receiver whose link is away', async () => {
    const { alice, bob, texts } = await world();
    relay.cut();
    await bob.whenState('reconnecting');
    const kept = alice.sendToPeer('bob', 'x', stored).catch(() => undefined);
    const plain = alice.sendToPeer('bob', 'y').catch((error) => error.code);
    await alice.memberCounts(['a request that the server answers after it has taken both']);
    await end();
    relay.mend();
    await again({ alice, bob });
    expect(texts).toEqual(['x', 'marker']);
    expect((await kept)?.delivery).toBe('cached');
    expect(await plain).toBe('ERR_RTM_PEER_UNREACHABLE');
  }, 60_000);
});

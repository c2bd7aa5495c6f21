import { once } from 'node:events';
import { RtmClient, RtmServer } from 'rtm-native';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { within } from '../client-world.js';
import { TinyCluster, type TinyNode } from './tiny-cluster.js';

const appId = '0123456789abcdef0123456789abcdef';
let cluster: TinyCluster;
let nodes: TinyNode[];
let servers: RtmServer[];
let clients: RtmClient[];

beforeEach(async () => {
  cluster = new TinyCluster();
  nodes = [cluster.node(), cluster.node()];
  servers = await Promise.all(
    nodes.map((clusterEngine) =>
      RtmServer.start({ host: '127.0.0.1', port: 0, loops: 2, apps: [{ appId }], limits: 'off', clusterEngine }),
    ),
  );
  clients = [];
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.logout({ timeout: 2000 }).catch(() => {})));
  await Promise.all(servers.map((server) => server.close()));
});

const server = (index: number) => servers[index] as RtmServer;
const node = (index: number) => nodes[index] as TinyNode;

async function login(userId: string, where: number | 'any'): Promise<RtmClient> {
  const endpoints = where === 'any' ? servers.map((each) => each.connectString) : server(where).connectString;
  const client = await RtmClient.login({ appId, userId, endpoints, timeout: 10_000 });
  clients.push(client);
  return client;
}

/** Collects the texts of a client's peer messages. */
function texts(client: RtmClient): (string | undefined)[] {
  const seen: (string | undefined)[] = [];
  client.on('message', (message) => seen.push(message.text));
  return seen;
}

const range = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);

describe('two servers over one engine', () => {
  it('carry peer messages from one to the other and back, in order, acknowledged', async () => {
    const [alice, bob] = [await login('alice', 0), await login('bob', 1)];
    const [toAlice, toBob] = [texts(alice), texts(bob)];
    const sends = range(200).flatMap((text) => [alice.sendToPeer('bob', text), bob.sendToPeer('alice', text)]);
    for (const { delivery } of await within('the results', Promise.all(sends))) expect(delivery).toBe('delivered');
    expect(toBob).toEqual(range(200));
    expect(toAlice).toEqual(range(200));
    await expect(alice.sendToPeer('nobody', 'x')).rejects.toMatchObject({ code: 'ERR_RTM_PEER_UNREACHABLE' });
  });

  it('have channels in common: messages, members, counts, attributes', async () => {
    const [alice, bob] = [await login('alice', 0), await login('bob', 1)];
    const a = await alice.join('room');
    const joined = once(a, 'memberJoined');
    const b = await bob.join('room');
    expect((await within('the join', joined))[0]).toMatchObject({ userId: 'bob' });
    await vi.waitFor(() => expect(a.memberCount).toBe(2), { timeout: 5000 }); // told every second
    expect((await a.members()).sort()).toEqual(['alice', 'bob']);
    const heard: (string | undefined)[] = [];
    b.on('message', (message) => heard.push(message.text));
    for (const text of range(50)) await a.send(text);
    await vi.waitFor(() => expect(heard).toEqual(range(50)));
    const noticed = once(b, 'attributes');
    await a.attributes.set({ topic: 'weather' }, { notify: true });
    await within('the notice', noticed);
    expect((await b.attributes.get()).get('topic')).toMatchObject({ value: 'weather', updatedBy: 'alice' });
    const left = once(a, 'memberLeft');
    await bob.logout();
    expect((await within('the leave', left))[0]).toMatchObject({ userId: 'bob' });
  });

  it('know online users, and users\u2019 attributes', async () => {
    const [alice, bob] = [await login('alice', 0), await login('bob', 1)];
    await bob.attributes.set({ mood: 'good' });
    expect(Object.fromEntries(await alice.attributes.get('bob'))).toEqual({ mood: 'good' });
    expect(Object.fromEntries(await alice.presence.query(['bob', 'nobody']))).toEqual({
      bob: 'online',
      nobody: 'offline',
    });
  });

  it('let one login live: the older login, on the other server, ends', async () => {
    const older = await login('alice', 0);
    const newer = await login('alice', 1);
    await vi.waitFor(() => expect(older.state).toBe('aborted'));
    expect(newer.state).toBe('connected');
    expect(cluster.users.size).toBe(1);
  });

  it('resume a session of a server that closed: nothing lost, nothing twice, subscriptions as they were', async () => {
    const bob = await login('bob', 'any');
    const home = server(0).stats().sessions === 1 ? 0 : 1;
    const [alice, toBob] = [await login('alice', 1 - home), texts(bob)];
    const toAlice = texts(alice);
    const [a, b] = [await alice.join('room'), await bob.join('room')];
    const heard: (string | undefined)[] = [];
    b.on('message', (message) => heard.push(message.text));
    await bob.presence.subscribe(['alice', 'carol']);
    const news: unknown[] = [];
    bob.on('presence', (notice) => news.push(notice));

    const closing = server(home).close();
    const sends = [
      ...range(100).map((text) => alice.sendToPeer('bob', text)),
      ...range(20).map((text) => a.send(text)),
      ...range(100).map((text) => bob.sendToPeer('alice', text)),
      ...range(20).map((text) => b.send(text)),
    ];
    await closing;
    await within('the sends', Promise.all(sends), 20_000);
    expect(toBob).toEqual(range(100));
    expect(toAlice).toEqual(range(100));
    await vi.waitFor(() => expect(heard).toEqual(range(20)));
    expect(bob.state).toBe('connected');
    expect(server(1 - home).stats().resumes).toBe(1);
    expect((await a.members()).sort()).toEqual(['alice', 'bob']);
    const carol = await login('carol', 1 - home);
    await vi.waitFor(() => expect(JSON.stringify(news)).toContain('carol'));
    await carol.logout();
  });

  it('let sessions go on at the other node when one drains, and no user sees them leave', async () => {
    const bob = await login('bob', 'any');
    const home = server(0).stats().sessions === 1 ? 0 : 1;
    const alice = await login('alice', 1 - home);
    const [a, b] = [await alice.join('room'), await bob.join('room')];
    await bob.attributes.set({ mood: 'good' });
    const gone: unknown[] = [];
    a.on('memberLeft', (notice) => gone.push(notice));
    const drained = within('the drain', server(home).drain({ overMs: 0 }));
    await within('a send meanwhile', alice.sendToPeer('bob', 'on the way'));
    await drained;
    expect(server(home).stats().sessions).toBe(0);
    expect(server(1 - home).stats()).toMatchObject({ resumes: 1, logins: 1 });
    expect((await b.members()).sort()).toEqual(['alice', 'bob']);
    expect(Object.fromEntries(await alice.attributes.get('bob'))).toEqual({ mood: 'good' });
    expect(gone).toEqual([]);
  });

  it('send their clients away while the engine is suspended, and let them in again', async () => {
    const alice = await login('alice', 0);
    const lost = vi.waitFor(() => expect(alice.state).toBe('reconnecting'), { timeout: 10_000 });
    node(0).tell((news) => news.suspend(200));
    await lost;
    const refused = RtmClient.login({ appId, userId: 'bob', endpoints: server(0).connectString, timeout: 1500 });
    await expect(refused).rejects.toThrow();
    node(0).tell((news) => news.resume());
    await vi.waitFor(() => expect(alice.state).toBe('connected'), { timeout: 15_000 });
    expect((await alice.sendToPeer('alice', 'to myself')).delivery).toBe('delivered');
  });

  it('answer a rejected operation with a failure, and go on', async () => {
    const alice = await login('alice', 0);
    const room = await alice.join('room');
    node(0).failure = new Error('no connection to the shared state');
    await expect(alice.join('other')).rejects.toMatchObject({ operation: 'join' });
    await expect(alice.attributes.set({ a: 'b' })).rejects.toThrow();
    await expect(alice.presence.query(['bob'])).rejects.toThrow();
    await expect(room.members()).rejects.toMatchObject({ code: 'ERR_RTM_FAILURE' });
    await expect(alice.memberCounts(['room'])).rejects.toMatchObject({ code: 'ERR_RTM_FAILURE' });
    node(0).failure = undefined;
    await alice.join('other');
    expect(await room.members()).toEqual(['alice']);
    expect(server(0).stats().channels).toBe(2);
  });
});

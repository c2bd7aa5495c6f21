// A server that is killed and back at once: what its users send to each other meanwhile arrives, in whatever order they come back.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RtmClient } from 'rtm-native';
import { afterEach, describe, expect, it } from 'vitest';
import { FaultProxy } from '../faults/fault-proxy.js';
import { within } from '../integration/client-world.js';
import { KillableServer } from '../network/killable-server.js';

const appId = '0123456789abcdef0123456789abcdef';
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `m${index}`);

describe.each(['memory', 'durable'])('after a restart of a server of kind %s', (kind) => {
  let server: KillableServer;
  let proxy: FaultProxy;
  let clients: RtmClient[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'rtm-restart-'));

  const start = async (options = {}) => {
    const data = kind === 'durable' ? { data: join(folder, 'data') } : {};
    server = new KillableServer({ apps: [{ appId }], limits: 'off', ...data, ...options });
    await server.start();
    proxy = await FaultProxy.start(server);
  };
  const login = async (userId: string, endpoints = server.connectString) => {
    const client = await RtmClient.login({ appId, userId, endpoints });
    clients.push(client);
    return client;
  };
  const back = (client: RtmClient) => within(`${client.userId} back`, client.whenState('connected'), 20_000);
  /** The server dies and lives again; `first` is back, and everybody behind the proxy is not. */
  const restart = async (first: RtmClient) => {
    const lost = once(first, 'state');
    proxy.cut();
    await server.kill();
    await lost;
    await server.start();
    await back(first);
  };

  afterEach(async () => {
    await Promise.allSettled(clients.map((client) => client.logout()));
    clients = [];
    await proxy.close();
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it('messages for users who are on their way wait for them', async () => {
    await start();
    const [alice, bob] = [await login('alice'), await login('bob', proxy.connectString)];
    const rooms = [await alice.join('room'), await bob.join('room')];
    const [direct, inRoom]: string[][] = [[], []];
    bob.on('message', ({ text }) => direct?.push(text ?? ''));
    rooms[1]?.on('message', ({ text }) => inRoom?.push(text ?? ''));

    await restart(alice);
    const room = rooms[0];
    const sends = numbered(20).map((text) => alice.sendToPeer('bob', text));
    await Promise.all(numbered(20).map((text) => room?.send(text)));
    proxy.mend();
    expect((await Promise.all(sends)).map(({ delivery }) => delivery)).toEqual(Array(20).fill('delivered'));
    await room?.send('marker');
    await within(
      'the marker',
      new Promise<void>((resolve) => {
        const look = () => inRoom?.at(-1) === 'marker' && resolve();
        rooms[1]?.on('message', look);
        look();
      }),
    );
    expect(direct).toEqual(numbered(20));
    expect(inRoom).toEqual([...numbered(20), 'marker']);
  }, 40_000);

  it('a user who does not come back is unreachable when the time is over', async () => {
    await start({ times: { returns: 3000 } });
    const alice = await login('alice');
    await login('bob', proxy.connectString);
    await restart(alice);
    const kept = alice.sendToPeer('bob', 'x', { offline: true });
    await expect(alice.sendToPeer('bob', 'y')).rejects.toMatchObject({ code: 'ERR_RTM_PEER_UNREACHABLE' });
    expect((await kept).delivery).toBe('cached');
  }, 40_000);
});

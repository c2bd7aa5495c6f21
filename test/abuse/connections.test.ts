// Connections that never log in: one address with thousands of them must not keep others from logging in, nor slow the
// messages of those who are logged in.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RtmClient, RtmServer } from '../../lib/index.js';

const appId = '0123456789abcdef0123456789abcdef';
/** More than a listener's backlog and all places for clients that are not logged in, from four addresses. */
const silentOfEach = 1500;
const flooders = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'];

let server: RtmServer;
let attackers: Socket[];

beforeEach(async () => {
  server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps: [{ appId }] });
  attackers = [];
});
afterEach(async () => {
  for (const socket of attackers) socket.destroy();
  await server.close();
});

function attack(localAddress: string, bytes?: Buffer): Promise<unknown> {
  const socket = connect({ host: '127.0.0.1', port: server.port, localAddress });
  socket.on('error', () => {}); // the server may drop it: that is what the test is about
  attackers.push(socket);
  return once(socket, 'connect').then(
    () => bytes !== undefined && socket.write(bytes),
    () => {},
  );
}

const login = (userId: string) => RtmClient.login({ appId, userId, endpoints: server.connectString, timeout: 5000 });

/** A ClientHello that a server answers with its certificate and a signature, and then waits for. */
function clientHello(): Promise<Buffer> {
  const recorder = import('node:net').then(async ({ createServer }) => {
    const { connect: tlsConnect } = await import('node:tls');
    const listener = createServer();
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const client = tlsConnect({ host: '127.0.0.1', port, ALPNProtocols: ['rtm/1'], rejectUnauthorized: false });
    client.on('error', () => {});
    const [peer] = (await once(listener, 'connection')) as [Socket];
    const [hello] = (await once(peer, 'data')) as [Buffer];
    client.destroy();
    peer.destroy();
    listener.close();
    return hello;
  });
  return recorder;
}

describe('connections that never log in', () => {
  it('of four addresses, all silent, leave the logins of others alone', async () => {
    await Promise.all(flooders.flatMap((from) => Array.from({ length: silentOfEach }, () => attack(from))));
    const clients = await Promise.all(['ann', 'ben', 'cem'].map(login));
    await Promise.all(clients.map((client) => client.logout()));
  });

  it('of the same address as a user, all silent, leave its login alone', async () => {
    await Promise.all(Array.from({ length: 3000 }, () => attack('127.0.0.1')));
    const client = await login('ann');
    await client.logout();
  });

  it('with half-done handshakes leave logins and messages of others alone', async () => {
    const [ann, ben] = await Promise.all([login('ann'), login('ben')]);
    const hello = await clientHello();
    let flooding = true;
    const flood = (async () => {
      // Ever new handshakes, as fast as this process can begin them beside the clients.
      while (flooding) await Promise.all(Array.from({ length: 50 }, () => attack('127.0.0.2', hello)));
    })();
    for (let i = 0; i < 20; ++i) {
      const [received] = await Promise.all([once(ben, 'message'), ann.sendToPeer('ben', `message ${i}`)]);
      expect(received).toBeDefined();
    }
    const late = await login('late');
    flooding = false;
    await flood;
    await Promise.all([ann, ben, late].map((client) => client.logout()));
  });

  it('are dropped when they have sent nothing for three seconds', async () => {
    const socket = connect({ host: '127.0.0.1', port: server.port });
    attackers.push(socket);
    await once(socket, 'connect');
    const ended = once(socket, 'close');
    socket.resume();
    expect(await Promise.race([ended.then(() => 'closed'), sleep(5500, 'open')])).toBe('closed');
  });
});

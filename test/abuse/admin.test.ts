// The pages for health checks and metrics: one client with many connections, or a page in a browser, must not keep a
// probe from its answer, nor read what is not for it.
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RtmServer } from '../../lib/index.js';

const apps = [{ appId: '0123456789abcdef0123456789abcdef' }];
/** More than the listener has places. */
const many = 400;

let server: RtmServer;
let sockets: Socket[];

async function start(options: object = {}): Promise<void> {
  server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps, admin: '127.0.0.1:0', ...options });
}

beforeEach(async () => {
  sockets = [];
  await start();
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await server.close();
});

const adminPort = () => Number(new URL(server.adminUrl ?? '').port);

async function open(bytes: string, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port: adminPort(), localAddress });
  socket.on('error', () => {}); // the server may drop it: that is what the test is about
  sockets.push(socket);
  await once(socket, 'connect');
  socket.write(bytes);
  return socket;
}

function get(path: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: adminPort(), path, headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    asked.on('error', reject).end();
  });
}

describe('/healthz answers beside', () => {
  it.each([
    ['silent connections', ''],
    ['unfinished requests', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n'],
    ['requests whose body does not come', 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n'],
    ['finished requests whose connections stay', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ])('400 %s', async (_name, bytes) => {
    await Promise.all(Array.from({ length: many }, () => open(bytes)));
    expect(await get('/healthz')).toBe(200);
  });

  it('ever new connections of another address', async () => {
    let flooding = true;
    const floods = Array.from({ length: 20 }, async () => {
      while (flooding) {
        const socket = await open('GET /healthz HTTP/1.1\r\n', '127.0.0.2');
        if (sockets.length > 2 * many) sockets.shift()?.destroy();
        if (socket.destroyed) await new Promise((resolve) => setImmediate(resolve));
      }
    });
    const statuses: (number | undefined)[] = [];
    for (let index = 0; index < 20; index++) statuses.push(await get('/healthz'));
    flooding = false;
    await Promise.allSettled(floods);
    expect(statuses).toEqual(statuses.map(() => 200));
  });
});

it('a connection without a whole request is closed', async () => {
  const closed = await Promise.all(
    ['', 'GET /healthz HTTP/1.1\r\n'].map(async (bytes) => {
      const socket = await open(bytes);
      socket.resume();
      await once(socket, 'close');
      return true;
    }),
  );
  expect(closed).toEqual([true, true]);
});

describe('a request is refused', () => {
  it('that names a host which is not known here', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/none']) {
      expect(await get(path, { host: 'evil.example' })).toBe(421);
    }
    expect(await get('/healthz', { host: 'localhost:9137' })).toBe(200);
  });

  it('that names another host than those of adminHosts', async () => {
    await server.close();
    await start({ adminHosts: ['metrics.example'] });
    expect(await get('/healthz', { host: 'metrics.example:80' })).toBe(200);
    expect(await get('/healthz', { host: 'other.example' })).toBe(421);
  });

  it('without the token, where there is one', async () => {
    await server.close();
    const adminToken = 'a-token-of-26-characters-0';
    await start({ adminToken });
    for (const path of ['/healthz', '/readyz', '/metrics', '/none']) {
      expect(await get(path)).toBe(401);
      expect(await get(path, { authorization: `Bearer ${adminToken.slice(0, -1)}1` })).toBe(401);
    }
    expect(await get('/healthz', { authorization: `Bearer ${adminToken}` })).toBe(200);
  });

  it('with headers of more than 8 KiB', async () => {
    expect(await get('/healthz', { 'x-long': 'x'.repeat(9000) })).toBe(431);
  });
});

it.each([
  [{ adminHosts: 'x' }, /options\.adminHosts/],
  [{ adminHosts: ['a:80'] }, /options\.adminHosts\[0\]: expected a host name or an address, without a port/],
  [{ adminToken: 'short' }, /options\.adminToken: expected 16 to 512 characters .*received 5 characters/],
])('%j is refused at the start', async (options, message) => {
  await expect(RtmServer.start({ port: 0, apps, ...options } as never)).rejects.toThrow(message);
});

// Addresses that break the protocol again and again are refused for a while, users who flood are kept away, and nobody
// else notices. 127.0.0.1 is never punished: a proxy may stand there.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RtmClient, RtmServer } from '../../lib/index.js';

const appId = '0123456789abcdef0123456789abcdef';

let server: RtmServer;
let lines: string[];

async function start(exempt: string[] = []): Promise<void> {
  lines = [];
  server = await RtmServer.start({
    host: '127.0.0.1',
    port: 0,
    tls: false, // what is malformed here are frames, with TLS or without
    apps: [{ appId }],
    admission: { exempt },
    log: (_level, line) => lines.push(line),
  });
}

beforeEach(() => start());
afterEach(() => server.close());

/** Sends bytes from an address; the bytes that the server has sent when it has closed the connection. */
async function send(localAddress: string, bytes: Buffer): Promise<Buffer> {
  const socket: Socket = connect({ host: '127.0.0.1', port: server.port, localAddress });
  const received: Buffer[] = [];
  socket.on('data', (data: Buffer) => received.push(data));
  socket.on('error', () => {}); // a reset is an end, too
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.write(bytes);
  await closed;
  return Buffer.concat(received);
}

const garbage = Buffer.alloc(64, 0xff);

const talkAsEver = async () => {
  const options = { appId, endpoints: server.connectString, timeout: 5000 };
  const ann = await RtmClient.login({ ...options, userId: 'ann' });
  const heard = once(ann, 'message');
  await ann.sendToPeer('ann', 'still here');
  await heard;
  await ann.logout();
};

const events = (name: string) => lines.filter((line) => line.includes(` event=${name} `));

describe('an address that breaks the protocol', () => {
  it('is refused after the fourth time, and others are not', async () => {
    for (let i = 0; i < 4; ++i) await send('127.0.0.2', garbage);
    const before = server.stats().malformed;
    expect(before).toBe(4);
    expect(await send('127.0.0.2', garbage)).toHaveLength(0);
    expect(server.stats().malformed).toBe(before);
    expect(server.stats().penalties).toBe(1);
    await talkAsEver();
    expect(events('malformed')).toHaveLength(4);
    expect(events('penalty')).toEqual([
      expect.stringMatching(/^address refused for a while: .* event=penalty address=127\.0\.0\.2 port=\d+$/),
    ]);
    expect(events('connection-dropped')).toHaveLength(1);
  });

  it('is not refused if it is exempt, or 127.0.0.1', async () => {
    await server.close();
    await start(['127.0.0.2']);
    for (let i = 0; i < 6; ++i) {
      await send('127.0.0.1', garbage);
      await send('127.0.0.2', garbage);
    }
    expect(server.stats()).toMatchObject({ malformed: 12, penalties: 0 });
    await talkAsEver();
  });
});

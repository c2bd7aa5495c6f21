// A server of the wire protocol that a test writes itself, to misbehave as no real server does.
import { X509Certificate } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { type Frame, frameBytes, frameKinds, messageNameOf, schema } from './wire.js';

const kindOf = new Map([...frameKinds].map(([name, kind]) => [messageNameOf(name), kind]));
const nameOf = new Map([...kindOf].map(([name, kind]) => [kind, name]));

/** One connection of a client. */
export interface OddPeer {
  /** Sends a message by its name in proto/rtm.proto. */
  send(name: string, message?: object): void;
  write(bytes: string | Uint8Array): void;
  close(): void;
}

export interface OddServer {
  readonly endpoint: string;
  /** "127.0.0.1:1234" */
  readonly address: string;
  /** Connections so far. */
  connections: number;
  /** Names of all frames that clients have sent. */
  readonly heard: string[];
  /** Bytes that clients have sent, decrypted. */
  readonly bytes: Buffer[];
  /** The last connection. */
  peer: OddPeer | undefined;
}

export interface OddOptions {
  /** Certificate and key; without them the server speaks plaintext. */
  tls?: { cert: string; key: string };
  onConnect?(peer: OddPeer): void;
  /** Answers a frame, by the name of its message. */
  onFrame?(peer: OddPeer, name: string): void;
}

/** Starts a server that ends with the test. */
export async function startOddServer({ tls, onConnect, onFrame }: OddOptions): Promise<OddServer> {
  const sockets = new Set<Socket>();
  const heard: string[] = [];
  const bytes: Buffer[] = [];
  const accept = (socket: Socket) => {
    const peer: OddPeer = {
      send: (name, message = {}) => {
        const body = schema.lookupType(`rtm.${name}`).encode(message).finish();
        socket.write(frameBytes({ kind: kindOf.get(name) as number, body } satisfies Frame));
      },
      write: (data) => void socket.write(data),
      close: () => void socket.end(),
    };
    odd.connections++;
    odd.peer = peer;
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    let rest = Buffer.alloc(0);
    socket.on('data', (data) => {
      bytes.push(data);
      rest = Buffer.concat([rest, data]);
      while (rest.length >= 4) {
        const size = rest.readUIntBE(0, 3);
        if (rest.length < 4 + size) break;
        const name = nameOf.get(rest[3] as number) ?? `kind ${rest[3]}`;
        rest = rest.subarray(4 + size);
        heard.push(name);
        onFrame?.(peer, name);
      }
    });
    onConnect?.(peer);
  };
  const listener = tls ? createTlsServer({ ...tls, minVersion: 'TLSv1.3' }, accept) : createServer(accept);
  listener.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const place = `127.0.0.1:${address.port}`;
  const odd: OddServer = {
    endpoint: tls ? `rtms://${place}#sha256=${pinOf(tls.cert)}` : `rtm://${place}`,
    address: place,
    connections: 0,
    heard,
    bytes,
    peer: undefined,
  };
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => listener.close(resolve));
  });
  return odd;
}

/** What `#sha256=` holds for a certificate. */
export function pinOf(cert: string): string {
  return new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase();
}

/** Answers of a server that has nothing odd about it, up to the login. */
export function behaveWell(peer: OddPeer, name: string): void {
  if (name === 'Hello') peer.send('HelloOk', { version: 1, capabilities: 1 });
  if (name === 'Login')
    peer.send('LoginResult', { session_id: 1, resume_token: Buffer.alloc(16, 1), heartbeat_ms: 1000 });
  if (name === 'Resume') peer.send('ResumeResult', { resumed: false, reason: 'forgotten' });
  if (name === 'Logout') peer.send('Result', {});
  if (name === 'Ping') peer.send('Pong', {});
}

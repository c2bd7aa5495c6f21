// A client that keeps to no rule but the wire format of proto/rtm.proto, for attacks.
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import protobuf from 'protobufjs';
import { inRoot } from '../../scripts/tools.mjs';

const schema = new protobuf.Root().loadSync(inRoot('proto/rtm.proto'), { keepCase: true });
const kinds = Object.entries(schema.lookupEnum('rtm.FrameKind').values);
/** PEER_SEND is the kind of the message PeerSend. */
const messageName = (/** @type {string} */ kind) =>
  kind.replace(/([A-Z])([A-Z]*)_?/g, (_, /** @type {string} */ first, rest) => first + rest.toLowerCase());
const kindOf = new Map(kinds.map(([name, kind]) => [messageName(name), kind]));
const nameOf = new Map(kinds.map(([name, kind]) => [kind, messageName(name)]));

/** How long the server may take to answer before the client gives up. */
const PATIENCE_MS = 15_000;

/**
 * The bytes of one frame.
 * @param {number} kind
 * @param {Uint8Array} body
 */
export function frame(kind, body) {
  return Buffer.concat([Buffer.from([body.length >> 16, body.length >> 8, body.length, kind]), body]);
}

/**
 * The bytes of one message, by its name in proto/rtm.proto.
 * @param {string} name
 * @param {object} message
 */
export function encoded(name, message = {}) {
  const kind = kindOf.get(name);
  if (kind === undefined) throw new Error(`there is no message ${name}`);
  return frame(kind, schema.lookupType(`rtm.${name}`).encode(message).finish());
}

/** The bytes of a Content, which travels inside other messages. */
export const content = (/** @type {object} */ message) => schema.lookupType('rtm.Content').encode(message).finish();

/**
 * Where a server is, and from where a client comes.
 * @typedef {{ port: number, tls: boolean, from?: string }} Place
 */

/** @param {Place} place */
export function openTcp({ port, from = '127.0.0.1' }) {
  const socket = connectTcp({ host: '127.0.0.1', port, localAddress: from });
  socket.on('error', () => {}); // an attacker expects to be cut
  return socket;
}

/** One connection. It reads everything, and keeps only what somebody waits for. */
export class RawClient {
  #socket;
  #rest = Buffer.alloc(0);
  /** @type {{ name: string, resolve: (message: any) => void, reject: (error: Error) => void }[]} */
  #waiting = [];
  closed = false;
  /** Frames that came, by name. @type {Map<string, number>} */
  heard = new Map();

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (data) => this.#read(data));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.closed = true;
      for (const { reject, name } of this.#waiting.splice(0)) reject(new Error(`closed before ${name}`));
    });
  }

  /** @param {Place} place */
  static async connect(place) {
    const tcp = openTcp(place);
    const socket = place.tls
      ? connectTls({ socket: tcp, ALPNProtocols: ['rtm/1'], rejectUnauthorized: false, minVersion: 'TLSv1.3' })
      : tcp;
    socket.on('error', () => {});
    const client = new RawClient(socket);
    await once(socket, place.tls ? 'secureConnect' : 'connect', { signal: AbortSignal.timeout(PATIENCE_MS) });
    return client;
  }

  /**
   * Connects and logs in. Rejects if the server refuses.
   * @param {Place} place
   * @param {{ appId: string, userId: string, token: string }} user
   */
  static async login(place, { appId, userId, token }) {
    const client = await RawClient.connect(place);
    client.send('Hello', { version: 1, capabilities: 7 });
    await client.next('HelloOk');
    client.send('Login', { app_id: appId, user_id: userId, token });
    const { code, reason } = await client.next('LoginResult');
    if (code) throw new Error(`login refused: ${code} ${reason}`);
    return client;
  }

  /**
   * @param {string} name
   * @param {object} message
   */
  send(name, message = {}) {
    this.write(encoded(name, message));
  }

  /** @param {Uint8Array} bytes */
  write(bytes) {
    if (!this.closed) this.#socket.write(bytes);
  }

  /** Resolves when the socket has room for more, or is closed. */
  async drained() {
    if (this.closed || !this.#socket.writableNeedDrain) return;
    await new Promise((resolve) => {
      const done = () => {
        this.#socket.off('drain', done).off('close', done);
        resolve(undefined);
      };
      this.#socket.on('drain', done).on('close', done);
    });
  }

  /** Reads nothing more, as a client that hangs. */
  stopReading() {
    this.#socket.pause();
  }

  /**
   * The next message of this name.
   * @param {string} name
   * @returns {Promise<any>}
   */
  next(name) {
    if (this.closed) return Promise.reject(new Error(`closed before ${name}`));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${name} within ${PATIENCE_MS} ms`)), PATIENCE_MS);
      this.#waiting.push({
        name,
        resolve: (message) => {
          clearTimeout(timer);
          resolve(message);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  }

  close() {
    this.#socket.destroy();
  }

  /** @param {Buffer} data */
  #read(data) {
    this.#rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    let at = 0;
    while (this.#rest.length - at >= 4) {
      const size = this.#rest.readUIntBE(at, 3);
      if (this.#rest.length - at - 4 < size) break;
      this.#take(this.#rest[at + 3] ?? 0, this.#rest.subarray(at + 4, at + 4 + size));
      at += 4 + size;
    }
    this.#rest = this.#rest.subarray(at);
  }

  /**
   * @param {number} kind
   * @param {Buffer} body
   */
  #take(kind, body) {
    const name = nameOf.get(kind) ?? `kind ${kind}`;
    this.heard.set(name, (this.heard.get(name) ?? 0) + 1);
    const index = this.#waiting.findIndex((each) => each.name === name);
    if (index < 0) return;
    const [waiting] = this.#waiting.splice(index, 1);
    const message = schema.lookupType(`rtm.${name}`);
    waiting?.resolve(message.toObject(message.decode(body), { longs: Number, defaults: true }));
  }
}

/**
 * The first flight of a TLS client, to be replayed.
 * @param {{ groups?: string }} how `groups`: the only key exchanges that it offers
 * @returns {Promise<Buffer>}
 */
export async function recordClientHello({ groups } = {}) {
  const { createServer } = await import('node:net');
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const options = { host: '127.0.0.1', port, ALPNProtocols: ['rtm/1'], rejectUnauthorized: false };
  const client = connectTls({ ...options, minVersion: 'TLSv1.3', ...(groups !== undefined && { ecdhCurve: groups }) });
  client.on('error', () => {});
  const [peer] = await once(listener, 'connection');
  peer.on('error', () => {});
  const [hello] = await once(peer, 'data');
  client.destroy();
  peer.destroy();
  listener.close();
  return hello;
}

import { createHash } from 'node:crypto';
import { isIP, type Socket, connect as tcpConnect } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { PROTOCOL_VERSION } from '../../common-constants.js';
import {
  ByeFields,
  FrameKind,
  HelloFields,
  HelloOkFields,
  LoginFields,
  LoginResultFields,
  LogoutFields,
} from '../../wire-numbers.js';
import type { DoctorEndpoint } from './endpoint.js';
import { type Fields, FrameReader, frame, numberOf, readFields, textOf } from './frames.js';

/** How long one step at one address may take, in milliseconds. */
export const STEP_MS = 5000;

/** With whom the doctor logs in. */
export interface Identity {
  readonly appId: string;
  readonly userId: string;
  readonly token: string;
}

/** How far a connection to one address came, and what was seen on the way. Times in milliseconds. */
export interface Probe {
  readonly address: string;
  /** The step at which it ended; `'done'` when every step went well. */
  reached: 'connect' | 'tls' | 'trust' | 'hello' | 'login' | 'done';
  /** The error of that step. */
  failure?: string;
  connectMs?: number;
  tls?: { ms: number; protocol: string; cipher: string; fingerprint: string; validTo: string; pinned: boolean };
  server?: { version: string; protocol: number; area: number; roundTripMs: number; clockAheadMs: number };
  login?: { code: number; reason: string; heartbeatMs: number; graceMs: number; limits: Fields | undefined };
}

/** Tries one address step by step. Never throws: what fails is in the result. */
export async function probe(endpoint: DoctorEndpoint, address: string, identity?: Identity): Promise<Probe> {
  const result: Probe = { address, reached: 'connect' };
  let socket: Socket | undefined;
  try {
    const since = performance.now();
    socket = await connected(tcpConnect({ host: address, port: endpoint.port }));
    result.connectMs = performance.now() - since;
    if (endpoint.tls) {
      result.reached = 'tls';
      socket = await secured(endpoint, socket, result);
    }
    result.reached = 'hello';
    const talk = new Conversation(socket);
    await hello(talk, result);
    if (identity !== undefined) {
      result.reached = 'login';
      await login(talk, identity, result);
    }
    result.reached = 'done';
  } catch (error) {
    result.failure = error instanceof Error ? error.message : String(error);
  } finally {
    socket?.destroy();
  }
  return result;
}

function connected(socket: Socket): Promise<Socket> {
  return inTime('no answer', socket, (resolve) => socket.once('connect', () => resolve(socket)));
}

async function secured(endpoint: DoctorEndpoint, raw: Socket, result: Probe): Promise<TLSSocket> {
  const since = performance.now();
  const servername = isIP(endpoint.host) === 0 ? { servername: endpoint.host } : {};
  // Looked at, not relied on: whether the certificate is good is decided below, and said.
  const socket = tlsConnect({ socket: raw, ...servername, rejectUnauthorized: false, minVersion: 'TLSv1.2' });
  await inTime<void>('no TLS handshake', socket, (resolve) => socket.once('secureConnect', () => resolve()));
  const certificate = socket.getPeerX509Certificate();
  const fingerprint = certificate === undefined ? '' : createHash('sha256').update(certificate.raw).digest('hex');
  result.tls = {
    ms: performance.now() - since,
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().name,
    fingerprint,
    validTo: certificate?.validTo ?? '',
    pinned: endpoint.pin !== undefined,
  };
  result.reached = 'trust';
  if (endpoint.pin !== undefined) {
    if (endpoint.pin !== fingerprint)
      throw new Error(`the pin is ${endpoint.pin}, the certificate's is ${fingerprint}`);
  } else if (!socket.authorized) {
    throw new Error(String(socket.authorizationError));
  }
  return socket;
}

async function hello(talk: Conversation, result: Probe): Promise<void> {
  const [since, sentAt] = [performance.now(), Date.now()];
  talk.send(
    frame(FrameKind.Hello, {
      [HelloFields.version]: PROTOCOL_VERSION,
      [HelloFields.capabilities]: 7,
      [HelloFields.sdkVersion]: 'rtm doctor',
    }),
  );
  const fields = await talk.expect(FrameKind.HelloOk);
  const roundTripMs = performance.now() - since;
  result.server = {
    protocol: numberOf(fields, HelloOkFields.version),
    area: numberOf(fields, HelloOkFields.area),
    version: textOf(fields, HelloOkFields.serverVersion),
    roundTripMs,
    clockAheadMs: numberOf(fields, HelloOkFields.serverTimeMs) - (sentAt + roundTripMs / 2),
  };
}

async function login(talk: Conversation, { appId, userId, token }: Identity, result: Probe): Promise<void> {
  talk.send(
    frame(FrameKind.Login, {
      [LoginFields.appId]: appId,
      [LoginFields.userId]: userId,
      ...(token === '' ? {} : { [LoginFields.token]: token }),
    }),
  );
  const fields = await talk.expect(FrameKind.LoginResult);
  const limits = fields.get(LoginResultFields.limits)?.at(-1);
  result.login = {
    code: numberOf(fields, LoginResultFields.code),
    reason: textOf(fields, LoginResultFields.reason),
    heartbeatMs: numberOf(fields, LoginResultFields.heartbeatMs),
    graceMs: numberOf(fields, LoginResultFields.graceMs),
    limits: limits instanceof Uint8Array ? readFields(limits) : undefined,
  };
  if (result.login.code !== 0) throw new Error(`login refused with code ${result.login.code}: ${result.login.reason}`);
  talk.send(frame(FrameKind.Logout, { [LogoutFields.requestId]: 1 }));
  await talk.expect(FrameKind.Result);
}

/** Frames over one socket, asked for one after the other. */
class Conversation {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  #look: () => void = () => {};
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => {
      this.#reader.add(bytes);
      this.#look();
    });
    socket.on('close', () => {
      this.#closed = true;
      this.#look();
    });
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** The next frame of this kind; others are passed over, a BYE is a failure. */
  expect(kind: number): Promise<Fields> {
    return inTime('no answer to the protocol', this.#socket, (resolve, reject) => {
      this.#look = () => {
        try {
          for (let next = this.#reader.next(); next !== undefined; next = this.#reader.next()) {
            if (next.kind === kind) return resolve(next.fields);
            if (next.kind === FrameKind.Bye)
              return reject(new Error(`the server said goodbye: ${textOf(next.fields, ByeFields.reason)}`));
          }
          if (this.#closed) reject(new Error('it closed the connection without a word'));
        } catch (error) {
          reject(new Error(`it answers, but not as an RTM server does (${(error as Error).message})`));
        }
      };
      this.#look();
    });
  }
}

/** A step over a socket that fails when the socket does, or when it takes too long. */
function inTime<T>(
  silence: string,
  socket: Socket,
  start: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${silence} within ${STEP_MS / 1000} s`)), STEP_MS);
    const ended = (finish: () => void) => {
      clearTimeout(timer);
      finish();
    };
    socket.on('error', (error) => ended(() => reject(error)));
    start(
      (value) => ended(() => resolve(value)),
      (error) => ended(() => reject(error)),
    );
  });
}

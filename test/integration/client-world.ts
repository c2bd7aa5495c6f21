// A server and bots for the integration tests of the client: real addon, real TLS, real tokens.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type LoginOptions, RtmClient, RtmServer, type RtmServerOptions } from 'rtm-native';
import { buildToken, createAppCredentials } from '../../lib/server/token.js';

/** Rejects when a promise takes longer than it should, and says which. */
export async function within<T>(what: string, promise: Promise<T>, milliseconds = 10_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

export interface World {
  readonly server: RtmServer;
  readonly appId: string;
  readonly appCertificate: string;
  /** Logs a bot in; it is logged out at the end of the world. */
  login(userId: string, options?: Partial<LoginOptions>): Promise<RtmClient>;
  /** A token for a user, 60 s by default. */
  token(userId: string, expireSeconds?: number): string;
  end(): Promise<void>;
}

/** Starts a server with one app. */
export async function startWorld(options: Partial<RtmServerOptions> = {}): Promise<World> {
  const { appId, appCertificate } = createAppCredentials();
  const apps = [{ appId, certificate: appCertificate }];
  const server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps, ...options });
  const clients: RtmClient[] = [];
  const token = (userId: string, expireSeconds = 60) =>
    buildToken({ appId, appCertificate, userId, expireSeconds, issuedAt: Math.floor(Date.now() / 1000) });
  return {
    server,
    appId,
    appCertificate,
    token,
    async login(userId, more = {}) {
      const options = { appId, userId, endpoints: server.connectString, timeout: 10_000, ...more };
      const client = await RtmClient.login({ ...options, token: more.token ?? token(userId) });
      clients.push(client);
      return client;
    },
    async end() {
      await Promise.all(clients.map((client) => client.logout({ timeout: 5000 })));
      await server.close();
    },
  };
}

/** A TCP relay in front of a server whose network can be taken away. */
export interface Relay {
  /** The server's connect string with the relay's address. */
  readonly connectString: string;
  /** Cuts all connections and refuses new ones. */
  cut(): void;
  /** Lets connections through again; what was held back arrives now. */
  mend(): void;
  /** Goes silent without closing anything: connections stay, new ones come to be, and nothing moves. */
  freeze(): void;
  /** Goes silent as soon as a client of a plaintext server sends a frame of that kind, which is held back. */
  freezeAt(kind: number): Promise<void>;
  /** Goes silent as soon as clients have sent that many more bytes. */
  freezeAfter(bytes: number): Promise<void>;
  close(): Promise<void>;
}

export async function startRelay(server: RtmServer): Promise<Relay> {
  const sockets = new Set<Socket>();
  const ways = new Map<Socket, Socket>();
  let broken = false;
  let frozen = false;
  let trap: { kind: number; spring: () => void } | undefined;
  let quota: { left: number; spring: () => void } | undefined;
  const freeze = () => {
    frozen = true;
    for (const socket of ways.keys()) socket.pause();
  };
  const relay: Server = createServer((near) => {
    if (broken) {
      near.destroy();
      return;
    }
    const far = connect(server.port, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        ways.delete(socket);
        other.destroy();
      });
      ways.set(socket, other);
      socket.on('data', (data: Buffer) => {
        if (trap && socket === near && data[3] === trap.kind) {
          trap.spring();
          trap = undefined;
          freeze(); // first: a flowing socket would hand the data out again at once
          socket.unshift(data);
          return;
        }
        other.write(data);
        if (!quota || socket !== near) return;
        quota.left -= data.length;
        if (quota.left > 0) return;
        freeze();
        quota.spring();
        quota = undefined;
      });
      if (frozen) socket.pause();
    }
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const address = relay.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no port');
  const cut = () => {
    broken = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    connectString: server.connectString.replace(`:${server.port}`, `:${address.port}`),
    cut,
    mend: () => {
      broken = false;
      frozen = false;
      trap = undefined;
      for (const socket of ways.keys()) socket.resume();
    },
    freeze,
    freezeAt: (kind) =>
      new Promise((spring) => {
        trap = { kind, spring };
      }),
    freezeAfter: (bytes) =>
      new Promise((spring) => {
        quota = { left: bytes, spring };
      }),
    close: () => {
      cut();
      return new Promise((resolve) => relay.close(() => resolve()));
    },
  };
}

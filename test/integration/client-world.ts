// A server and bots for the integration tests of the client: real addon, real TLS, real tokens.
import { type LoginOptions, RtmClient, RtmServer, type RtmServerOptions } from 'rtm-native';
import { buildToken, createAppCredentials } from '../../lib/server/token.js';
import { FaultProxy } from '../faults/fault-proxy.js';

/** Rejects when a promise takes too long, and names the promise. */
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
export type Relay = FaultProxy;

export const startRelay = (server: RtmServer): Promise<Relay> => FaultProxy.start(server);

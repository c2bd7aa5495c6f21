// The engines and stores that the suite in this folder runs over: one line each.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoginOptions, RtmClient, RtmServer, type RtmServerOptions } from 'rtm-native';
import { buildToken, createAppCredentials } from '../../lib/server/token.js';
import { Redis, redisMissing, startCluster } from '../fixtures/redis.js';
import { type Relay, startRelay } from '../integration/client-world.js';

/** Servers that are one system, and bots on them. */
export interface Cluster {
  readonly appId: string;
  readonly servers: readonly RtmServer[];
  /** Logs a user in on the next server in turn, or on `node`. Logged out at the end. */
  login(userId: string, options?: Partial<LoginOptions> & { readonly node?: number }): Promise<RtmClient>;
  /** A way to the next server in turn that can be cut. */
  relay(): Promise<Relay>;
  end(): Promise<void>;
}

export interface Engine {
  readonly name: string;
  /** How many servers its clusters have. */
  readonly nodes: number;
  /** How long random operations may go on; 0: they are left out, to bound the time. */
  readonly randomMs?: number;
  start(options?: Partial<RtmServerOptions>): Promise<Cluster>;
}

/** What one server needs besides what all have, and how to clean up behind it. */
type Node = (index: number) => Promise<Partial<RtmServerOptions>>;

function engine(
  name: string,
  nodes: number,
  node: Node,
  clean: (given: readonly Partial<RtmServerOptions>[]) => Promise<void> = async () => {},
): Engine {
  return {
    name,
    nodes,
    async start(options = {}) {
      const { appId, appCertificate } = createAppCredentials();
      const apps = [{ appId, certificate: appCertificate }];
      // The suite's clients take half a second of silence for an outage, so heartbeats are frequent.
      const times = { heartbeat: 50 };
      const common = { times, host: '127.0.0.1', port: 0, limits: 'off' as const, apps, ...options };
      const servers: RtmServer[] = [];
      const given: Partial<RtmServerOptions>[] = [];
      for (let index = 0; index < nodes; index++) {
        const own = await node(index);
        given.push(own);
        servers.push(await RtmServer.start({ ...common, ...own }));
      }
      const clients: RtmClient[] = [];
      const relays: Relay[] = [];
      let turn = 0;
      const next = (index = turn++) => servers[index % servers.length] as RtmServer;
      return {
        appId,
        servers,
        async login(userId, { node: index, ...more } = {}) {
          const token = buildToken({ appId, appCertificate, userId, expireSeconds: 600 });
          const endpoints = more.endpoints ?? next(index).connectString;
          const client = await RtmClient.login({ appId, userId, token, timeout: 10_000, ...more, endpoints });
          clients.push(client);
          return client;
        },
        async relay() {
          const relay = await startRelay(next());
          relays.push(relay);
          return relay;
        },
        async end() {
          await Promise.all(clients.map((client) => client.logout({ timeout: 5000 }).catch(() => {})));
          await Promise.all(relays.map((relay) => relay.close()));
          await Promise.all(servers.map((server) => server.close()));
          await clean(given);
        },
      };
    },
  };
}

const newFolder = () => mkdtempSync(join(tmpdir(), 'rtm-engine-'));

async function removeFolders(given: readonly Partial<RtmServerOptions>[]): Promise<void> {
  for (const { data } of given) if (data !== undefined) rmSync(data, { recursive: true, force: true });
}

/** Two servers over a Redis that is started for them, and ended by `clean`. */
function overRedis(name: string, start: () => Promise<Redis[]>, randomMs?: number): Engine {
  const running = new Map<string, Redis[]>();
  let url = '';
  const node: Node = async (index) => {
    if (index === 0) {
      const servers = await start();
      url = (servers[0] as Redis).url;
      running.set(url, servers);
    }
    return { engine: url };
  };
  const clean = async ([first]: readonly Partial<RtmServerOptions>[]) => {
    const servers = running.get(first?.engine ?? '') ?? [];
    await Promise.all(servers.map((server) => server.stop()));
  };
  return { ...engine(name, 2, node, clean), ...(randomMs !== undefined && { randomMs }) };
}

const redisEngines = [
  overRedis('redis, 2 nodes', async () => [await Redis.start()], 0),
  overRedis('redis cluster, 2 nodes', () => startCluster(3), 0),
];

/** Every test of the suite runs over each of these. */
export const ENGINES: readonly Engine[] = [
  engine('memory', 1, async () => ({})),
  engine('memory, 4 loops', 1, async () => ({ loops: 4 })),
  engine('memory + LMDB', 1, async () => ({ data: newFolder() }), removeFolders),
  ...(redisMissing ? [] : redisEngines),
];

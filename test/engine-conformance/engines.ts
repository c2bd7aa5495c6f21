// The engines and stores that the suite of this folder runs over: one line each.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoginOptions, RtmClient, RtmServer, type RtmServerOptions } from 'rtm-native';
import { loadAddon } from '../../lib/native/load.js';
import { createRedisEngine } from '../../lib/server/cluster/redis/index.js';
import { LmdbStore } from '../../lib/server/storage/lmdb/lmdb-store.js';
import { buildToken, createAppCredentials } from '../../lib/server/token.js';
import { Redis, redisMissing, startCluster } from '../fixtures/redis.js';
import { type Relay, startRelay } from '../integration/client-world.js';
import { Random } from '../integration/support/random.js';
import { engineInWeather, networkInWeather, redisInWeather, storeInWeather, Weather } from './weather.js';

const { tryLock } = loadAddon();

/** The servers of one system, and bots on them. */
export interface Cluster {
  readonly appId: string;
  readonly servers: readonly RtmServer[];
  /** Logs a user in on the next server in turn, or on `node`. The user is logged out at the end. */
  login(userId: string, options?: Partial<LoginOptions> & { readonly node?: number }): Promise<RtmClient>;
  /** A way to the next server in turn that can be cut. */
  relay(): Promise<Relay>;
  /** The weather of this system, if it has any. */
  readonly weather: Weather | undefined;
  /** Whether calls may fail now. */
  readonly stormy: boolean;
  /** Ends the weather on this way. */
  calm(relay: Relay): void;
  /** From now on calls fail, where the engine has weather. */
  storm(): void;
  end(): Promise<void>;
}

export interface Engine {
  readonly name: string;
  /** How many servers its clusters have. */
  readonly nodes: number;
  start(options?: Partial<RtmServerOptions>): Promise<Cluster>;
}

/** The parts of one cluster: options of its servers, the way between them and their clients, the end. */
interface Means {
  node(index: number): Promise<Partial<RtmServerOptions>>;
  /** Bad weather on the way to a server; the function returned ends it. */
  network?(way: Relay): () => void;
  end?(): Promise<void>;
}

/** RTM_SEED fixes the weather as well as the operations. */
const weatherSeed = () => (process.env['RTM_SEED'] === undefined ? Date.now() : Number(process.env['RTM_SEED'])) >>> 0;

const NO_WEATHER = new Weather(new Random(0));

/** `means` is called for each cluster; `weather` is the cluster's weather, if it has any. */
function engine(name: string, nodes: number, means: (weather: Weather) => Means, bad = false): Engine {
  return {
    name: bad ? `${name}, in bad weather` : name,
    nodes,
    async start(options = {}) {
      const weather = bad ? new Weather(new Random(weatherSeed())) : NO_WEATHER;
      const { node, network, end } = means(weather);
      const { appId, appCertificate } = createAppCredentials();
      const apps = [{ appId, certificate: appCertificate }];
      // The suite's clients take half a second of silence for an outage, so heartbeats are frequent.
      const times = { heartbeat: 50 };
      const common = { times, host: '127.0.0.1', port: 0, limits: 'off' as const, apps, ...options };
      const servers: RtmServer[] = [];
      for (let index = 0; index < nodes; index++) {
        servers.push(await RtmServer.start({ ...common, ...(await node(index)) }));
      }
      weather.rough = bad;
      const fairWeather = new Map<Relay, () => void>();
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
          if (network) fairWeather.set(relay, network(relay));
          return relay;
        },
        weather: bad ? weather : undefined,
        get stormy() {
          return weather.stormy;
        },
        calm(relay) {
          fairWeather.get(relay)?.();
          relay.delay(0);
        },
        storm() {
          weather.stormy = bad;
        },
        async end() {
          weather.rough = false;
          weather.stormy = false;
          for (const stop of fairWeather.values()) stop();
          await Promise.all(clients.map((client) => client.logout({ timeout: 5000 }).catch(() => {})));
          await Promise.all(relays.map((relay) => relay.close()));
          await Promise.all(servers.map((server) => server.close()));
          await end?.();
        },
      };
    },
  };
}

const inMemory = (options: Partial<RtmServerOptions>) => (weather: Weather) => ({
  node: async () => options,
  network: (way: Relay) => networkInWeather(way, weather),
});

function overLmdb(weather: Weather): Means {
  const data = mkdtempSync(join(tmpdir(), 'rtm-engine-'));
  return {
    async node() {
      if (weather === NO_WEATHER) return { data };
      const store = await LmdbStore.open(data, { tryLock });
      return { store: storeInWeather(store, weather), media: { folder: store.mediaPath } };
    },
    end: async () => rmSync(data, { recursive: true, force: true }),
  };
}

/** Servers over a Redis that is started for them. */
const overRedis = (start: () => Promise<Redis[]>) => (weather: Weather) => {
  let running: Promise<Redis[]> | undefined;
  let clear = () => {};
  return {
    async node() {
      running ??= start();
      const [first] = await running;
      const { url } = first as Redis;
      if (weather === NO_WEATHER) return { engine: url };
      clear();
      clear = redisInWeather(await running, weather);
      return { clusterEngine: engineInWeather(await createRedisEngine({ url }), weather) };
    },
    async end() {
      clear();
      await Promise.all((await (running ?? [])).map((server) => server.stop()));
    },
  };
};

const kinds: readonly (readonly [name: string, nodes: number, means: (weather: Weather) => Means])[] = [
  ['memory', 1, inMemory({})],
  ['memory, 4 loops', 1, inMemory({ loops: 4 })],
  ['memory + LMDB', 1, overLmdb],
];
const redisKinds: typeof kinds = [
  ['redis, 2 nodes', 2, overRedis(async () => [await Redis.start()])],
  ['redis cluster, 2 nodes', 2, overRedis(() => startCluster(3, 30_000))],
];
const all = [...kinds, ...(redisMissing ? [] : redisKinds)];

/** Every test of the suite runs over each of these engines. */
export const ENGINES: readonly Engine[] = all.map((each) => engine(...each));
/** The same engines in bad weather (weather.ts): all is late, some things come twice and, in a storm, some are lost. */
export const ENGINES_IN_WEATHER: readonly Engine[] = all.map((each) => engine(...each, true));

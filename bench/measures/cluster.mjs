// The same load through one server in memory, and through 1, 2 and 3 nodes over one Redis. Only our system takes part.
import { createClient } from '@redis/client';
import { createAppCredentials } from '../../dist/index.js';
import { cpuOf } from '../lib/proc.mjs';
import { Role } from '../lib/role.mjs';
import { percentile } from '../lib/stats.mjs';
import ours from '../peers/ours.mjs';
import { findProgram, freePort, startProgram } from '../peers/program.mjs';

const SECONDS = 1.5;
const PAIRS = 3;
const WINDOW = 256;
const MEMBERS = 10;
const IN_FLIGHT = 64;
const SHOWN = { 0: 'memory', 1: '1 node', 2: '2 nodes', 3: '3 nodes' };

async function startRedis(folder) {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder];
  const program = await startProgram('redis-server', args, port);
  const client = await createClient({ url: `redis://127.0.0.1:${port}` }).connect();
  let cpu = 0;
  return {
    url: `redis://127.0.0.1:${port}`,
    async mark() {
      await client.sendCommand(['CONFIG', 'RESETSTAT']);
      cpu = cpuOf(program.pid);
    },
    /** Since the mark: CPU seconds of the process, and calls and seconds of scripts. */
    async measure() {
      const stats = await client.sendCommand(['INFO', 'commandstats']);
      const [, calls = 0, usec = 0] = /cmdstat_fcall:calls=(\d+),usec=(\d+)/.exec(stats) ?? [];
      return { cpu: cpuOf(program.pid) - cpu, calls: Number(calls), script: Number(usec) / 1e6 };
    },
    async close() {
      client.destroy();
      await program.close();
    },
  };
}

/** Runs `act({ servers, addresses, redis })` with this number of nodes; 0 is one server in memory, without Redis. */
async function onNodes(nodes, options, act) {
  const redis = nodes === 0 ? undefined : await startRedis(options.folder);
  const servers = Array.from({ length: Math.max(1, nodes) }, () => new Role('server'));
  const app = createAppCredentials();
  try {
    const start = { system: ours.name, folder: options.folder, app, engine: redis?.url };
    const started = await Promise.all(servers.map((server) => server.ask('start', start)));
    return await act({ servers, redis, addresses: started.map(({ address }) => address) });
  } finally {
    await Promise.all(servers.map((server) => server.end()));
    await redis?.close();
  }
}

/** The CPU time that servers and Redis use while `act` runs. */
async function metered({ servers, redis }, act) {
  await Promise.all([...servers.map((server) => server.ask('mark')), redis?.mark()]);
  const result = await act();
  const served = await Promise.all(servers.map((server) => server.ask('measure')));
  const state = (await redis?.measure()) ?? { cpu: Number.NaN, calls: Number.NaN, script: Number.NaN };
  return { result, servers: served.reduce((sum, { cpu }) => sum + cpu, 0), redis: state };
}

/** Starts `count` client processes, runs `act` with them, and ends them. */
async function withClients(count, act) {
  const clients = Array.from({ length: count }, () => new Role('clients'));
  try {
    return await act(clients);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
}

const pairs = Array.from({ length: PAIRS }, (_, pair) => pair);
const sum = (all, name) => all.reduce((total, each) => total + each[name], 0);

/** Each sender is on one node and its receiver on the next. */
function peer(stage, context, seconds, size) {
  return withClients(2 * PAIRS, async (clients) => {
    const [senders, receivers] = [clients.slice(0, PAIRS), clients.slice(PAIRS)];
    const to = (pair) => ({ from: `sender${pair}`, user: `receiver${pair}` });
    for (const pair of pairs) {
      await senders[pair].ask('connect', { ...context(pair), users: [`sender${pair}`] });
      await receivers[pair].ask('connect', { ...context(pair + 1), users: [`receiver${pair}`] });
    }
    const flow = { window: WINDOW, size };
    const run = async (length) => {
      await Promise.all(pairs.map((pair) => receivers[pair].ask('receive', { ...flow, ...to(pair) })));
      const say = (pair) => ({ ...flow, user: `sender${pair}`, to: `receiver${pair}`, seconds: length });
      const sent = await Promise.all(pairs.map((pair) => senders[pair].ask('send', say(pair))));
      await Promise.all(pairs.map((pair) => receivers[pair].ask('received', { messages: sent[pair].messages })));
      return sent;
    };
    await run(seconds / 2); // this run only warms up
    const { result, ...used } = await metered(stage, () => run(seconds));
    const messages = sum(result, 'messages');
    return { messages, rate: result.reduce((rate, { messages, ms }) => rate + (messages / ms) * 1000, 0), ...used };
  });
}

/** Each publisher has a channel whose members are spread over all nodes. */
function channel(stage, context, seconds, size) {
  return withClients(2 * PAIRS, async (clients) => {
    const [senders, rooms] = [clients.slice(0, PAIRS), clients.slice(PAIRS)];
    const expecting = (pair) => ({
      user: `member${pair}.0`,
      from: `sender${pair}`,
      window: IN_FLIGHT,
      members: MEMBERS,
    });
    for (const pair of pairs) {
      await senders[pair].ask('connect', { ...context(pair), users: [`sender${pair}`] });
      for (let member = 0; member < MEMBERS; member++) {
        const users = [`member${pair}.${member}`];
        await rooms[pair].ask('connect', { ...context(pair + 1 + member), users, light: member > 0 });
      }
      await rooms[pair].ask('expect', expecting(pair));
      await rooms[pair].ask('join', { channel: `room${pair}` });
      await senders[pair].ask('joinOne', { user: `sender${pair}`, channel: `room${pair}` });
    }
    const run = async (length) => {
      await Promise.all(pairs.map((pair) => rooms[pair].ask('expect', expecting(pair))));
      const say = (pair) => {
        const flow = { window: IN_FLIGHT, size, seconds: length };
        return senders[pair].ask('publish', { ...flow, user: `sender${pair}`, channel: `room${pair}` });
      };
      const sent = await Promise.all(pairs.map(say));
      await Promise.all(pairs.map((pair) => rooms[pair].ask('received', { messages: sent[pair].messages })));
      return sent;
    };
    await run(seconds / 2);
    const { result, ...used } = await metered(stage, () => run(seconds));
    const messages = sum(result, 'messages');
    return { messages, rate: result.reduce((rate, { messages, ms }) => rate + (messages / ms) * 1000, 0), ...used };
  });
}

/** Round trips of one message at a time between users of two nodes. */
function trips(context, seconds, size) {
  return withClients(2, async ([sender, echo]) => {
    await sender.ask('connect', { ...context(0), users: ['alice'] });
    await echo.ask('connect', { ...context(1), users: ['bob'] });
    await echo.ask('echo', { user: 'bob', to: 'alice' });
    const ping = { user: 'alice', to: 'bob', size };
    await sender.ask('ping', { ...ping, seconds: seconds / 2 });
    const all = (await sender.ask('ping', { ...ping, seconds })).trips.split(',').map(Number);
    return { p50: percentile(all, 0.5), p99: percentile(all, 0.99) };
  });
}

async function measured(nodes, options) {
  const seconds = options.seconds ?? (options.quick ? 0.5 : SECONDS);
  return onNodes(nodes, options, async (stage) => {
    const { addresses } = stage;
    const shared = { system: ours.name, folder: options.folder, variant: ours.variants[0].name };
    const context = (node) => ({ ...shared, address: addresses[node % addresses.length] });
    const sent = await peer(stage, context, seconds, options.size);
    const published = await channel(stage, context, seconds, options.size);
    const { p50, p99 } = await trips(context, seconds, options.size);
    const each = (seconds, { messages }) => (seconds / messages) * 1e6;
    return {
      peer: sent.rate,
      peerServers: each(sent.servers, sent),
      peerRedis: each(sent.redis.cpu, sent),
      peerScript: each(sent.redis.script, sent),
      peerCalls: sent.redis.calls / sent.messages,
      channel: published.rate,
      channelServers: each(published.servers, published),
      channelRedis: each(published.redis.cpu, published),
      channelScript: each(published.redis.script, published),
      p50,
      p99,
    };
  });
}

export default {
  name: 'cluster',
  title: 'A cluster over Redis',
  summary:
    'peer and channel messages through 1, 2 and 3 nodes, CPU of Redis, and what the cluster adds to a round trip',
  metric: 'peer',
  compared: [{ title: 'faster', metric: 'peer', better: 'high' }],
  unit: 'messages/s',
  about: (options) =>
    `${PAIRS} users send ${options.size} bytes of text to ${PAIRS} others on the next node, with ${WINDOW} in ` +
    `flight each. Then each publishes to a channel of its own with ${MEMBERS} members on all nodes, with ` +
    `${IN_FLIGHT} in flight. Nodes, Redis and each side of clients are processes of their own on this one machine: ` +
    'more nodes share the same cores. "memory" is one server without Redis. CPU is µs per message, of all nodes and ' +
    'of the Redis process. "scripts" is the time in the scripts by INFO commandstats, which counts on while another ' +
    'process has the core. "calls" is the number of scripts per message, including acknowledgements. A round trip ' +
    'is a message and its echo, so two messages, one at a time. "added" is the difference to the server in memory ' +
    'of the same round.',

  units: (options) =>
    options.systems.includes(ours) && findProgram('redis-server') !== undefined
      ? [
          {
            system: ours,
            variant: { ...ours.variants[0], name: 'ours' },
            rows: [0, 1, 2, 3].map((nodes) => ({ nodes })),
          },
        ]
      : [],

  async run({ rows }, options, sample) {
    let base;
    for (const row of rows) {
      const metrics = await measured(row.nodes, options);
      base ??= metrics;
      sample(row, { ...metrics, p50Added: metrics.p50 - base.p50, p99Added: metrics.p99 - base.p99 });
    }
  },

  groupBy: () => 'per second',
  labelOf: ({ nodes }) => SHOWN[nodes],
  plots: [
    { title: 'peer messages', metric: 'peer' },
    { title: 'channel messages', metric: 'channel' },
  ],
  columns: [
    { title: '\nthrough', text: ({ row }) => SHOWN[row.nodes] },
    { title: 'peer\nmsg/s', metric: 'peer' },
    { title: 'CPU\nnodes', metric: 'peerServers' },
    { title: '\nRedis', metric: 'peerRedis' },
    { title: '\nscripts', metric: 'peerScript' },
    { title: '\ncalls', metric: 'peerCalls' },
    { title: 'channel\nmsg/s', metric: 'channel' },
    { title: 'CPU\nnodes', metric: 'channelServers' },
    { title: '\nRedis', metric: 'channelRedis' },
    { title: '\nscripts', metric: 'channelScript' },
    { title: 'trip µs\np50', metric: 'p50' },
    { title: '\np99', metric: 'p99' },
    { title: 'added\np50', metric: 'p50Added' },
    { title: '\np99', metric: 'p99Added' },
  ],
};

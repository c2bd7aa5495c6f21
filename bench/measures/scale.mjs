// Does the cost of a message or of an idle connection grow with the number of users or channels? Only our system takes part.
import { setTimeout as pause } from 'node:timers/promises';
import { onStage } from '../lib/stage.mjs';
import ours from '../peers/ours.mjs';

const SECONDS = 1.5;
const IDLE_SECONDS = 5;
const IN_FLIGHT = 256;
/**
 * Messages in a row from one user or to one channel. Ten pairs are then busy at a time, whatever the number of users. If
 * each user sent one message, a few users would share records and system calls that many users do not share, and the figures
 * would show this instead of the number of users.
 */
const RUN = 25;
const LOOPS = [1, 2];
/**
 * There may be more loops than cores. The CPU time of each loop is counted by itself, so the figure holds for a server with a
 * core for every loop: it carries as many messages as its busiest loop can.
 */
const MORE_LOOPS = [4, 8];
/** How many channels a user joins at most; the SDK's limit is 20. */
const JOINS = 10;
const CONNECT_MS = 600_000;

const middleOf = (sizes) => sizes[Math.floor(sizes.length / 2)];

/** How many users share `channels`. The number is the same for every size, so only the number of channels grows. */
const usersFor = (channels) => Math.max(100, Math.ceil((2 * Math.max(...channels)) / JOINS));

export default {
  name: 'scale',
  title: 'Scale on one server',
  summary: 'CPU per message and per idle user, and memory, as users, joined channels and loops grow',
  metric: 'cpu',
  compared: [{ title: 'cheaper', metric: 'cpu', better: 'low' }],
  unit: 'flat is good: CPU µs per message, µs per idle user and second, KiB per user, of all processes together',
  about: (options) =>
    `All users are in one process. Users: each in turn sends ${RUN} messages of ${options.size} bytes to another ` +
    `user. Channels: ${usersFor(options.channels)} users, two of them in each channel, and each channel in turn ` +
    `gets ${RUN} messages. At most ${IN_FLIGHT} are in flight. Every run checks that each receiver got all ` +
    'messages, once and in order. Idle CPU is measured over some seconds in which no user sends; memory is the ' +
    'growth of the processes. "could carry" is the bound that the busiest loop sets on a machine with a core for ' +
    'each loop. Here it is simulated: on a machine with fewer cores the loops share them.',

  units: (options) =>
    options.systems.includes(ours)
      ? [
          ...LOOPS.flatMap((loops) => [
            ...options.users.map((users) => ({ loops, users, channels: 0 })),
            ...options.channels.map((channels) => ({ loops, users: usersFor(options.channels), channels })),
          ]),
          ...MORE_LOOPS.flatMap((loops) => [
            { loops, users: middleOf(options.users), channels: 0 },
            { loops, users: usersFor(options.channels), channels: middleOf(options.channels) },
          ]),
        ].map((row) => ({ system: ours, variant: ours.variants[0], rows: [row] }))
      : [],

  run({ system, variant, rows: [row] }, options, sample) {
    const stage = { system, variant, processes: 1, options, loops: row.loops, role: 'crowd' };
    return onStage(stage, async ({ server, clients: [crowd], context }) => {
      const both = (what) => Promise.all([crowd.ask(what), server.ask(what)]);
      // The first two users load code and allocate buffers that the others share, so they log in before the measurement.
      await crowd.ask('connect', { ...context, count: 2 });
      await both('mark');
      const before = await both('measure');
      await crowd.ask('connect', { ...context, count: row.users }, CONNECT_MS);
      await crowd.ask('join', { channels: row.channels });
      await pause(1000);
      await both('mark');
      const idleSeconds = options.quick ? 1.5 : IDLE_SECONDS;
      await pause(idleSeconds * 1000);
      const idle = await both('measure');
      const [clientIdle, serverIdle] = idle.map(({ cpu }) => (cpu / idleSeconds / row.users) * 1e6);
      const [clientMemory, serverMemory] = idle.map(
        ({ memory }, index) => (memory - before[index].memory) / 1024 / (row.users - 2),
      );
      const seconds = options.seconds ?? (options.quick ? 0.5 : SECONDS);
      const flow = { window: IN_FLIGHT, run: RUN, size: options.size };
      await crowd.ask('exchange', { ...flow, seconds: seconds / 2 }); // this run only warms up
      await both('mark');
      const sent = await crowd.ask('exchange', { ...flow, seconds });
      const after = await both('measure');
      const [client, served] = after.map(({ cpu }) => (cpu / sent.messages) * 1e6);
      const busiest = (after[1].busiest / sent.messages) * 1e6;
      const rate = (sent.messages / sent.ms) * 1000;
      const idleCpu = clientIdle + serverIdle;
      const memory = clientMemory + serverMemory;
      const costs = { rate, cpu: client + served, client, server: served, busiest, carries: 1e6 / busiest };
      sample(row, { ...costs, idleCpu, clientIdle, serverIdle, memory, clientMemory, serverMemory });
    });
  },

  groupBy: ({ loops, channels }) => `${channels === 0 ? 'users' : 'channels'}, ${loops} loop${loops === 1 ? '' : 's'}`,
  labelOf: ({ users, channels }) => (channels === 0 ? `${users} users` : `${channels} channels`),
  plots: [
    { title: 'CPU µs per message', metric: 'cpu' },
    { title: 'CPU µs of the busiest loop of the server per message', metric: 'busiest' },
    { title: 'CPU µs per idle user and second', metric: 'idleCpu' },
    { title: 'KiB per user', metric: 'memory' },
  ],
  columns: [
    { title: 'loops', text: ({ row }) => String(row.loops) },
    { title: 'users', text: ({ row }) => String(row.users) },
    { title: 'channels', text: ({ row }) => String(row.channels || '–') },
    { title: 'messages\n/s', metric: 'rate' },
    { title: 'CPU µs/\nmessage', metric: 'cpu' },
    { title: 'lowest–\nhighest', metric: 'cpu', range: true },
    { title: '\nclients', metric: 'client' },
    { title: '\nserver', metric: 'server' },
    { title: 'busiest\nloop', metric: 'busiest' },
    { title: 'could\ncarry/s', metric: 'carries' },
    { title: 'idle µs/s\nclient', metric: 'clientIdle' },
    { title: '\nserver', metric: 'serverIdle' },
    { title: 'KiB/user\nclient', metric: 'clientMemory' },
    { title: '\nserver', metric: 'serverMemory' },
  ],
};

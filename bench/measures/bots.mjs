// What one idle user costs: many users are logged in from one process.
import { setTimeout as pause } from 'node:timers/promises';
import { onStage } from '../lib/stage.mjs';
import { variantsOf } from '../systems.mjs';

const IDLE_SECONDS = 5;
const CONNECT_MS = 600_000;

export default {
  name: 'bots',
  title: 'Idle bots',
  summary: 'many logged-in users in one process: memory of each at client and server, CPU while idle, time to log in',
  metric: 'clientMemory',
  compared: [
    { title: 'smaller', metric: 'clientMemory', better: 'low' },
    { title: 'server', metric: 'serverMemory', better: 'low' },
  ],
  unit: 'KiB of resident memory per bot in the client process',
  about: (options) =>
    `${options.bots} users with a TLS connection each, in one process. All are logged in and able to receive. ` +
    'Memory is the growth of the process. Idle CPU is measured over some seconds in which no user sends, in ' +
    'milliseconds per second for all bots.',

  units: (options) =>
    variantsOf(options.systems, 'bots').map(({ system, variant }) => ({
      system,
      variant,
      rows: [{ bots: options.bots }],
    })),

  run({ system, variant, rows: [row] }, options, sample) {
    return onStage({ system, variant, processes: 1, options }, async ({ server, clients: [bots], context }) => {
      const users = Array.from({ length: row.bots }, (_, index) => `bot-${index}`);
      // The first bot loads code and allocates buffers that the others share, so it logs in before the measurement.
      await bots.ask('connect', { ...context, users: ['first'], light: true });
      await Promise.all([server.ask('mark'), bots.ask('mark')]);
      const before = { server: await server.ask('measure'), bots: await bots.ask('measure') };
      const connected = await bots.ask('connect', { ...context, users, light: true }, CONNECT_MS);
      await pause(1000);
      await Promise.all([server.ask('mark'), bots.ask('mark')]);
      const seconds = options.quick ? 2 : IDLE_SECONDS;
      await pause(seconds * 1000);
      const idle = { server: await server.ask('measure'), bots: await bots.ask('measure') };
      const grown = (role) => (idle[role].memory - before[role].memory) / 1024 / row.bots;
      sample(row, {
        clientMemory: grown('bots'),
        serverMemory: grown('server'),
        clientIdle: (idle.bots.cpu / seconds) * 1000,
        serverIdle: (idle.server.cpu / seconds) * 1000,
        logins: (row.bots / connected.ms) * 1000,
      });
    });
  },

  groupBy: (row) => `${row.bots} bots`,
  columns: [
    { title: 'client\nKiB/bot', metric: 'clientMemory' },
    { title: 'lowest–\nhighest', metric: 'clientMemory', range: true },
    { title: 'server\nKiB/bot', metric: 'serverMemory' },
    { title: 'idle ms/s\nclient', metric: 'clientIdle' },
    { title: '\nserver', metric: 'serverIdle' },
    { title: 'logins\n/s', metric: 'logins' },
  ],
};

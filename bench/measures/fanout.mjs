// One publisher, many members of a channel in one process.
import { onStage } from '../lib/stage.mjs';
import { variantsOf } from '../systems.mjs';

const SECONDS = 1.5;
const IN_FLIGHT = 64;

export default {
  name: 'fanout',
  title: 'Fan-out',
  summary: 'one publisher, 10, 100 and 1,000 members of a channel: deliveries, and CPU of every process per delivery',
  metric: 'rate',
  compared: [
    { title: 'faster', metric: 'rate', better: 'high' },
    { title: 'cheaper', metric: 'cpu', better: 'low' },
  ],
  unit: 'deliveries/s',
  about: (options) =>
    `One user publishes ${options.size} bytes of text to a channel. Each member has a connection of its own, all in ` +
    `one process. At most ${IN_FLIGHT} published messages are in flight. Every run checks that each member got all ` +
    'messages, once and in order.',

  units(options) {
    return options.members.flatMap((members) =>
      variantsOf(options.systems, 'fanout').map(({ system, variant }) => ({ system, variant, rows: [{ members }] })),
    );
  },

  run({ system, variant, rows: [row] }, options, sample) {
    return onStage(
      { system, variant, processes: 2, options },
      async ({ server, clients: [sender, members], context }) => {
        const users = Array.from({ length: row.members }, (_, index) => `member-${index}`);
        await sender.ask('connect', { ...context, users: ['alice'] });
        // The first member sends credits; the others only receive.
        await members.ask('connect', { ...context, users: users.slice(0, 1) });
        await members.ask('connect', { ...context, users: users.slice(1), light: true });
        await members.ask('expect', { user: users[0], from: 'alice', window: IN_FLIGHT, members: row.members });
        await members.ask('join', { channel: 'room' });
        await sender.ask('joinOne', { user: 'alice', channel: 'room' });
        const seconds = options.seconds ?? (options.quick ? 0.5 : SECONDS);
        for (const part of [seconds / 2, seconds]) {
          await members.ask('expect', { user: users[0], from: 'alice', window: IN_FLIGHT, members: row.members });
          await server.ask('mark');
          const flow = { user: 'alice', channel: 'room', window: IN_FLIGHT, size: options.size, seconds: part };
          const sent = await sender.ask('publish', flow);
          const got = await members.ask('received', { messages: sent.messages });
          const served = await server.ask('measure');
          if (part !== seconds) continue; // the first part only warms up
          const deliveries = sent.messages * row.members;
          const each = (cpu) => (cpu / deliveries) * 1e6;
          sample(row, {
            rate: (deliveries / sent.ms) * 1000,
            receiver: each(got.cpu),
            server: each(served.cpu),
            cpu: each(sent.cpu + got.cpu + served.cpu),
          });
        }
      },
    );
  },

  groupBy: (row) => `${row.members} members`,
  columns: [
    { title: 'members', text: ({ row }) => String(row.members) },
    { title: 'deliveries\n/s', metric: 'rate' },
    { title: 'lowest–\nhighest', metric: 'rate', range: true },
    { title: 'CPU µs/\ndelivery', metric: 'cpu' },
    { title: '\nmembers', metric: 'receiver' },
    { title: '\nserver', metric: 'server' },
  ],
};

// Messages from one user to another through the server: rate, and the CPU of each process per message.
import { onStage } from '../lib/stage.mjs';
import { variantsOf } from '../systems.mjs';

const SECONDS = 1.5;

export default {
  name: 'peer',
  title: 'Peer messages',
  summary: 'messages from user to user through the server: rate, and CPU of every process per message',
  metric: 'rate',
  compared: [
    { title: 'faster', metric: 'rate', better: 'high' },
    { title: 'cheaper', metric: 'cpu', better: 'low' },
  ],
  unit: 'messages/s',
  about: (options) =>
    `One user sends ${options.size} bytes of text to another. Server, sender and receiver are processes of their ` +
    'own (with --processes 1 both users share one). The window is the number of messages that are sent and have not ' +
    'reached the receiving program. Every run checks that all messages came, once and in order.',

  units(options) {
    return variantsOf(options.systems, 'peer').map(({ system, variant }) => ({
      system,
      variant,
      rows: options.windows.map((window) => ({ window })),
    }));
  },

  /** Returns one sample for each row of the unit. */
  run({ system, variant, rows }, options, sample) {
    return onStage({ system, variant, processes: options.processes, options }, async ({ server, clients, context }) => {
      const [sender, receiver = sender] = clients;
      await sender.ask('connect', { ...context, users: ['alice'] });
      await receiver.ask('connect', { ...context, users: ['bob'] });
      const seconds = options.seconds ?? (options.quick ? 0.5 : SECONDS);
      for (const row of rows) {
        const flow = { window: row.window, size: options.size };
        for (const part of [seconds / 2, seconds]) {
          await receiver.ask('receive', { ...flow, user: 'bob', from: 'alice' });
          await server.ask('mark');
          const sent = await sender.ask('send', { ...flow, user: 'alice', to: 'bob', seconds: part });
          const got = await receiver.ask('received', { messages: sent.messages });
          const served = await server.ask('measure');
          if (part !== seconds) continue; // the first part only warms up
          const each = (cpu) => (cpu / sent.messages) * 1e6;
          const both = clients.length === 2;
          sample(row, {
            rate: (sent.messages / sent.ms) * 1000,
            sender: each(sent.cpu),
            receiver: both ? each(got.cpu) : Number.NaN,
            server: each(served.cpu),
            cpu: each(sent.cpu + (both ? got.cpu : 0) + served.cpu),
          });
        }
      }
    });
  },

  groupBy: (row) => `${row.window} in flight`,
  columns: [
    { title: 'acked by', text: ({ variant }) => variant.acks },
    { title: 'win-\ndow', text: ({ row }) => String(row.window) },
    { title: '\nmsg/s', metric: 'rate' },
    { title: 'lowest–\nhighest', metric: 'rate', range: true },
    { title: 'CPU µs/\nmessage', metric: 'cpu' },
    { title: '\nsend', metric: 'sender' },
    { title: '\nrecv', metric: 'receiver' },
    { title: '\nserver', metric: 'server' },
  ],
};

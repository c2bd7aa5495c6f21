// What the JavaScript thread pays for one message. Ours only: it is our boundary between C++ and JavaScript.
import { onStage } from '../lib/stage.mjs';
import ours from '../peers/ours.mjs';

const SECONDS = 1.5;

export default {
  name: 'boundary',
  title: 'The boundary to JavaScript',
  summary: 'what the JavaScript thread pays for a message received, and for one sent',
  metric: 'receive',
  compared: [{ title: 'faster', metric: 'receive', better: 'low' }],
  unit: 'ns of the JavaScript thread per message received',
  about: (options) =>
    `Messages of ${options.size} bytes. Received: the CPU time of the JavaScript thread for one message. It ` +
    "contains the wake-up, the decoding, the call of the handler, and the handler's read of every field. Send call: " +
    'the time to create one message and hand it over, in bursts of 512; the median of the bursts. Sent in all: the ' +
    "CPU time of the sender's JavaScript thread for one message, with the making of the text, the call, and the " +
    'delivery of its result.',

  units: (options) =>
    options.systems.includes(ours)
      ? ours.variants.map((variant) => ({ system: ours, variant, rows: [{ size: options.size }] }))
      : [],

  run({ system, variant, rows: [row] }, options, sample) {
    const stage = { system, variant, processes: 2, options, role: 'boundary' };
    return onStage(stage, async ({ clients: [sender, receiver], context }) => {
      await sender.ask('connect', { ...context, users: ['alice'] });
      await receiver.ask('connect', { ...context, users: ['bob'] });
      const seconds = options.seconds ?? (options.quick ? 0.5 : SECONDS);
      for (const part of [seconds / 2, seconds]) {
        await receiver.ask('receive', { api: variant.api ?? 'sdk' });
        const sent = await sender.ask('bursts', { to: 'bob', size: row.size, seconds: part });
        const got = await receiver.ask('received', { messages: sent.messages });
        if (part !== seconds) continue; // the first part only warms up
        sample(row, {
          receive: (got.cpu / sent.messages) * 1e9,
          send: sent.call,
          sendAll: (sent.cpu / sent.messages) * 1e9,
        });
      }
    });
  },

  groupBy: (row) => `${row.size} bytes`,
  columns: [
    { title: 'received\nns', metric: 'receive' },
    { title: 'lowest–\nhighest', metric: 'receive', range: true },
    { title: 'send call\nns', metric: 'send' },
    { title: 'lowest–\nhighest', metric: 'send', range: true },
    { title: 'sent in all\nns', metric: 'sendAll' },
  ],
};

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
    `Messages of ${options.size} bytes. Received: CPU of the JavaScript thread per message, with waking up, decoding, the ` +
    'call of the handler, and every field read by it. Send call: time of creating and handing over one message, in bursts ' +
    "of 512, median of the bursts. Sent in all: CPU of the sender's JavaScript thread per message, with the text made, " +
    'the call, and its result delivered.',

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

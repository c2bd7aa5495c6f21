// What the JavaScript thread pays for one message: the receiving and the sending end of our two surfaces.
import { numberOf, textsOf } from '../lib/flow.mjs';
import { cpuOfMainThread } from '../lib/proc.mjs';
import { play } from '../lib/role.mjs';
import { median } from '../lib/stats.mjs';
import ours from '../peers/ours.mjs';

const BURST = 512;

let client;
let received;
let sink = 0;

/** Reads every field of a message, so that nothing can be left undecoded. */
const readers = {
  sdk(message) {
    sink += message.getMessageId() + message.getMessageType() + message.getServerReceivedTs();
    sink += message.getText().length + message.getRawMessageLength() + (message.isOfflineMessage() ? 1 : 0);
  },
  client(message) {
    sink += message.messageId + message.timestamp + message.from.length + message.type.length;
    sink += message.text.length + (message.offline ? 1 : 0);
  },
};

play(
  {
    async connect({ variant, users: [user], ...context }) {
      client = await ours.connect({ ...context, user, variant: ours.variants.find(({ name }) => name === variant) });
      return {};
    },

    /** Counts messages and reads all their fields. */
    receive({ api }) {
      const read = readers[api];
      received = { next: 0, problem: undefined, cpu: cpuOfMainThread() };
      client.onMessage = (text, message) => {
        const number = numberOf(text);
        if (number !== received.next) received.problem ??= `expected message ${received.next}, got ${number}`;
        received.next = number + 1;
        read(message);
      };
      return {};
    },
    async received({ messages }) {
      const until = performance.now() + 10_000;
      while (received.next < messages && performance.now() < until) await new Promise((done) => setTimeout(done, 5));
      if (received.problem !== undefined) throw new Error(received.problem);
      if (received.next !== messages) throw new Error(`${received.next} of ${messages} messages arrived`);
      return { cpu: cpuOfMainThread() - received.cpu, sink };
    },

    /** Sends in bursts. Each burst starts when all results of the burst before have arrived. */
    async bursts({ to, size, seconds }) {
      const text = textsOf(size);
      const perCall = [];
      const cpu = cpuOfMainThread();
      const end = performance.now() + seconds * 1000;
      let sent = 0;
      while (performance.now() < end) {
        // In one piece, as JSON.stringify() makes them: joining the pieces of a text is the program's work, not a send's.
        const texts = Array.from({ length: BURST }, (_, index) => Buffer.from(text('m', sent + index)).latin1Slice());
        await new Promise((resolve, reject) => {
          let open = BURST;
          const done = (error) => {
            open -= 1;
            if (error) reject(error);
            else if (open === 0) resolve();
          };
          const start = performance.now();
          for (const one of texts) client.send(to, one, done);
          perCall.push(((performance.now() - start) * 1e6) / BURST);
        });
        sent += BURST;
      }
      return { messages: sent, call: median(perCall), cpu: cpuOfMainThread() - cpu };
    },
  },
  () => client?.close(),
);

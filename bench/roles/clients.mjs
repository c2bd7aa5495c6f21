// Clients of one system in one process: senders, receivers, members of channels, or idle bots.
import { Receiver, Sender, textsOf } from '../lib/flow.mjs';
import { cpuOfThis, memoryOf } from '../lib/proc.mjs';
import { play } from '../lib/role.mjs';
import { systemNamed } from '../systems.mjs';

const CONCURRENT = 50;

const clients = new Map();
let variant;
let receiver;
let marked;

/** Whether the sender of this variant waits for acknowledgements or for credits. */
const waitsOf = ({ acks }) => ({ acks: acks !== 'none', credits: acks !== 'receiver' });

function creditOf(user, to) {
  return variant.acks === 'receiver' ? undefined : (text) => clients.get(user).send(to, text);
}

async function connectAll({ system, users, variant: name, ...context }) {
  const { connect, variants } = systemNamed(system);
  variant = variants.find((one) => one.name === name);
  const waiting = [...users];
  const lane = async () => {
    for (let user = waiting.pop(); user !== undefined; user = waiting.pop()) {
      clients.set(user, await connect({ ...context, user, variant }));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, lane));
}

async function stream({ window, size, seconds, user, send, waits }) {
  const cpu = cpuOfThis();
  const sender = new Sender({ window, size, seconds, send, ...waits });
  clients.get(user).onMessage = (text) => sender.credit(Number(text.slice(1)));
  const result = await sender.run();
  return { ...result, cpu: cpuOfThis() - cpu };
}

async function closeAll() {
  const all = [...clients.values()];
  clients.clear();
  for (let from = 0; from < all.length; from += CONCURRENT) {
    await Promise.all(all.slice(from, from + CONCURRENT).map((client) => client.close()));
  }
}

play(
  {
    /** Logs `users` in. Returns the time for all logins, and the CPU time. */
    async connect(options) {
      const start = performance.now();
      const cpu = cpuOfThis();
      await connectAll(options);
      return { ms: performance.now() - start, cpu: cpuOfThis() - cpu };
    },

    mark() {
      marked = cpuOfThis();
      return {};
    },
    measure: () => ({ cpu: cpuOfThis() - marked, memory: memoryOf(process.pid) }),

    /** Lets `user` receive a stream from `from`. */
    receive({ user, from, window }) {
      receiver = new Receiver({ window, credit: creditOf(user, from) });
      const mine = receiver;
      clients.get(user).onMessage = (text) => mine.take(0, text);
      marked = cpuOfThis();
      return {};
    },
    /** Lets the clients of this process join `channel` and receive its messages. The publisher is in another process. */
    async join({ channel }) {
      await Promise.all(
        [...clients.values()].map((client, member) => client.join(channel, (text) => receiver.take(member, text))),
      );
      return {};
    },
    /** Expects a new stream in the channel. */
    expect({ user, from, window, members }) {
      const client = clients.get(user);
      receiver = new Receiver({ window, members, credit: (text) => client.send(from, text) });
      marked = cpuOfThis();
      return {};
    },
    /** Answers when all messages have arrived. Fails if a message is missing, doubled or out of order. */
    async received({ messages }) {
      await receiver.check(messages);
      return { cpu: cpuOfThis() - marked };
    },

    send({ to, ...options }) {
      const client = clients.get(options.user);
      return stream({ ...options, waits: waitsOf(variant), send: (text, done) => client.send(to, text, done) });
    },
    async publish({ channel, ...options }) {
      const client = clients.get(options.user);
      const send = (text) => client.publish(channel, text);
      return stream({ ...options, waits: { acks: false, credits: true }, send });
    },
    async joinOne({ user, channel }) {
      await clients.get(user).join(channel, () => {});
      return {};
    },

    echo({ user, to }) {
      const client = clients.get(user);
      client.onMessage = (text) => client.send(to, text);
      return {};
    },
    /** Sends one message at a time to the echo. Returns all round trips in µs, ascending. */
    ping({ user, to, size, seconds }) {
      const client = clients.get(user);
      const text = textsOf(size)('p', 0);
      const trips = [];
      const start = performance.now();
      return new Promise((resolve, reject) => {
        const patience = setTimeout(() => reject(new Error('an echo did not come back')), seconds * 1000 + 10_000);
        let sent;
        const next = () => {
          sent = performance.now();
          client.send(to, text);
        };
        client.onMessage = () => {
          const now = performance.now();
          trips.push((now - sent) * 1000);
          if (now - start < seconds * 1000) return next();
          clearTimeout(patience);
          client.onMessage = () => {};
          resolve({ trips: Float64Array.from(trips).sort().join() });
        };
        next();
      });
    },

    async close() {
      await closeAll();
      return {};
    },
  },
  closeAll,
);

// Many users of our system in one process. Each user sends to another user, or to a channel of two members.
import { numberOf, textsOf } from '../lib/flow.mjs';
import { cpuOfThis, memoryOf } from '../lib/proc.mjs';
import { play } from '../lib/role.mjs';
import { systemNamed } from '../systems.mjs';

const CONCURRENT = 50;
const STALL_MS = 20_000;

/** Users and channels by their index. */
const clients = [];
let channels = 0;
/** How many messages each user or channel, by its index, has sent and received. */
let sent = [];
let received = [];
let marked;
let problem; // the first error of a receiver

const nameOf = (index) => `user-${index}`;

/** Counts a received message of `way`, the index of a user or channel. */
function take(way, text) {
  const number = numberOf(text);
  if (number !== received[way]) problem ??= `message ${number} came where ${received[way]} was next (way ${way})`;
  received[way] += 1;
}

async function inLanes(count, act, from = 0) {
  let next = from;
  const lane = async () => {
    while (next < count) await act(next++);
  };
  await Promise.all(Array.from({ length: CONCURRENT }, lane));
}

/** Sends the next message of `way`. */
function send(way, text, done) {
  if (channels === 0) clients[way].send(nameOf((way + 1) % clients.length), text, done);
  else clients[way % clients.length].publish(`room-${way}`, text, done);
}

/** Sends for `seconds`, `run` messages in a row for each way in turn. Resolves when every send has its result. */
function exchange({ window, run, size, seconds }) {
  const ways = channels === 0 ? clients.length : channels;
  const text = textsOf(size);
  const start = performance.now();
  const until = start + seconds * 1000;
  let messages = 0;
  let ended = 0;
  let over = false;
  let filling = false;
  return new Promise((resolve, reject) => {
    const patience = setTimeout(
      () => reject(new Error(`${messages - ended} messages did not end`)),
      seconds * 1000 + STALL_MS,
    );
    const fill = () => {
      if (filling) return;
      filling = true;
      while (!over && messages - ended < window) {
        const way = Math.floor(messages / run) % ways;
        messages += 1;
        send(way, text('m', sent[way]++), done);
        if (messages % 64 === 0) over = performance.now() >= until;
      }
      filling = false;
    };
    const done = (error) => {
      if (error !== undefined) return reject(error);
      ended += 1;
      if (!over) return fill();
      if (ended < messages) return;
      clearTimeout(patience);
      resolve({ messages, ms: performance.now() - start });
    };
    fill();
  });
}

/** Where sender and receiver share a process, the result may arrive a moment before the message. */
async function allCame() {
  const until = performance.now() + STALL_MS;
  while (sent.some((count, way) => received[way] < count) && performance.now() < until) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const missing = sent.findIndex((count, way) => received[way] !== count);
  if (missing >= 0) problem ??= `${sent[missing]} messages went way ${missing}, ${received[missing]} came`;
  if (problem !== undefined) throw new Error(problem);
}

play(
  {
    /** Logs users in until there are `count`. */
    async connect({ system, variant, count, ...context }) {
      const { connect, variants } = systemNamed(system);
      const chosen = variants.find(({ name }) => name === variant);
      const login = async (index) => {
        const client = await connect({ ...context, user: nameOf(index), variant: chosen });
        client.onMessage = (text) => take((index + clients.length - 1) % clients.length, text);
        clients[index] = client;
      };
      await inLanes(count, login, clients.length);
      sent = clients.map(() => 0);
      received = clients.map(() => 0);
      return {};
    },
    /** Lets two users join each of `count` channels. From then on, messages go to channels and no longer to users. */
    async join({ channels: count }) {
      channels = count;
      if (count === 0) return {};
      sent = Array.from({ length: count }, () => 0);
      received = Array.from({ length: count }, () => 0);
      await inLanes(count, async (way) => {
        await clients[way % clients.length].join(`room-${way}`, () => {});
        await clients[(way + 1) % clients.length].join(`room-${way}`, (text) => take(way, text));
      });
      return {};
    },
    mark() {
      marked = cpuOfThis();
      return {};
    },
    measure: () => ({ cpu: cpuOfThis() - marked, memory: memoryOf(process.pid) }),
    async exchange(options) {
      const result = await exchange(options);
      await allCame();
      return result;
    },
  },
  async () => {
    for (let from = 0; from < clients.length; from += CONCURRENT) {
      await Promise.all(clients.slice(from, from + CONCURRENT).map((client) => client.close()));
    }
  },
);

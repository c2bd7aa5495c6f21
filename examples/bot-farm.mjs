// A bot farm: many users in one process. They log in, meet in a lobby, talk for some seconds and log out; at the end stands
// what it took. Without RTM_ENDPOINTS it starts a server in a process of its own.
// Usage: node examples/bot-farm.mjs [--bots 1000] [--seconds 10]
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { RtmClient } from 'rtm-native';
import { openProject } from './support/project.mjs';

const LOBBY = 'bot-farm';
/** Logins at a time. A login costs both sides a TLS handshake; more at a time would only wait for each other. */
const LOGINS_AT_A_TIME = 50;
/** In each second every bot greets its neighbour once, and as many bots speak in the lobby. */
const TURNS_A_SECOND = 10;
/** Milliseconds after which a bot does not expect an answer any more. A send has its result within 10 s. */
const ANSWER_PATIENCE = 20_000;

const usage = `Usage: node examples/bot-farm.mjs [--bots <n>] [--seconds <s>]
  --bots <n>      bots, each a user with a connection of its own (default: 1000)
  --seconds <s>   how long they talk (default: 10)
RTM_ENDPOINTS, RTM_APP_ID and RTM_APP_CERTIFICATE name the server; without them the example starts one.`;

/** One user of the farm. */
class Bot {
  static #said = 0;
  /** Figures of all bots together. */
  static sum = { greetings: 0, delivered: 0, answers: 0, spoken: 0, heard: 0, failed: 0, problems: new Set() };
  /** Calls that have no result yet. */
  static pending = new Set();

  #client;
  #lobby;
  /** When this bot has sent its greeting; 0 when the answer is there. */
  #greetedAt = 0;
  /** Milliseconds from each greeting to its answer. */
  roundTrips = [];

  constructor(userId) {
    this.userId = userId;
  }

  async enter({ appId, endpoints, tokenOf }) {
    const { userId } = this;
    this.#client = await RtmClient.login({ appId, userId, endpoints, token: tokenOf(userId) });
    // Events cost less than a loop for each bot. A listener must not throw, and must not wait.
    this.#client.on('message', ({ from, text }) => this.#onMessage(from, text));
    this.#client.on('tokenWillExpire', () => {
      const token = tokenOf(userId);
      if (token !== undefined) Bot.#follow(this.#client.renewToken(token));
    });
    this.#lobby = await this.#client.join(LOBBY);
    this.#lobby.on('message', () => {
      Bot.sum.heard++;
    });
  }

  #onMessage(from, text) {
    if (text === 'hello') {
      Bot.#follow(this.#client.sendToPeer(from, 'hello yourself'));
    } else {
      Bot.sum.answers++;
      this.roundTrips.push(performance.now() - this.#greetedAt);
      this.#greetedAt = 0;
    }
  }

  /** Sends a peer message, unless the answer to the one before is still to come. */
  greet(other) {
    const now = performance.now();
    if (this.#greetedAt !== 0 && now - this.#greetedAt < ANSWER_PATIENCE) return;
    this.#greetedAt = now;
    Bot.sum.greetings++;
    Bot.#follow(this.#client.sendToPeer(other.userId, 'hello'), () => Bot.sum.delivered++);
  }

  /** Sends a message to the channel. */
  speak() {
    Bot.#follow(this.#lobby.send(`line ${++Bot.#said}`), () => Bot.sum.spoken++);
  }

  /** Counts the result of a call. One bot's failure must not end the others. */
  static #follow(send, onSuccess = () => {}) {
    const counted = send.then(onSuccess, Bot.failed).finally(() => Bot.pending.delete(counted));
    Bot.pending.add(counted);
  }

  static failed(error) {
    Bot.sum.failed++;
    Bot.sum.problems.add(error.message);
  }

  leave() {
    return this.#client?.logout({ timeout: 5000 });
  }
}

/** Does `work` for all items, `width` at a time. */
async function forAll(items, width, work) {
  const waiting = items.values(); // one iterator for all, so that each item is taken once
  const lane = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

const say = (line) => console.log(line);
const number = (value) => Math.round(value).toLocaleString('en-US');
const megabytes = () => process.memoryUsage.rss() / 1024 / 1024;

/** Logs the bots in and adds them to `present`. Gives the logins per second. */
async function logIn(bots, present, { project, stop }) {
  const since = performance.now();
  const before = present.length;
  const all = before + bots.length;
  const step = Math.max(1, Math.floor(all / 4));
  await forAll(bots, LOGINS_AT_A_TIME, async (bot) => {
    if (stop.aborted) return;
    try {
      await bot.enter(project);
      present.push(bot);
      if (present.length % step === 0 && present.length < all) say(`  ${number(present.length)} of ${number(all)} …`);
    } catch (error) {
      Bot.failed(error);
    }
  });
  const seconds = (performance.now() - since) / 1000;
  say(`${number(present.length)} bots are logged in and in the lobby after ${seconds.toFixed(1)} s`);
  return (present.length - before) / seconds;
}

/** Resolves when all sends have their results. */
async function talk(bots, seconds, stop) {
  const end = performance.now() + seconds * 1000;
  for (let turn = 0; performance.now() < end && !stop.aborted; turn++) {
    for (let index = turn % TURNS_A_SECOND; index < bots.length; index += TURNS_A_SECOND) {
      bots[index].greet(bots[(index + 1) % bots.length]);
    }
    bots[turn % bots.length].speak();
    await pause(1000 / TURNS_A_SECOND, undefined, { signal: stop }).catch(() => {}); // Ctrl-C
  }
  await Promise.all(Bot.pending);
}

/** Resolves when everybody has heard everything, or when nothing has come for five seconds. */
async function silence(expected) {
  const { sum } = Bot;
  for (let quiet = 0, before = -1; quiet < 50; ) {
    const now = sum.heard + sum.answers;
    if (sum.heard >= expected.heard && sum.answers >= expected.answers) break;
    quiet = now === before ? quiet + 1 : 0;
    before = now;
    await pause(100);
  }
  await Promise.all(Bot.pending); // results of the answers
}

function printSummary(lines) {
  const width = Math.max(...lines.map(([title]) => title.length));
  say('');
  for (const [title, text] of lines) say(`  ${title.padEnd(width)}   ${text}`);
}

async function main({ count, seconds }) {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const project = await openProject();
  say(project.own ? 'A server is running in a process of its own.' : `The server is ${project.endpoints}`);
  const bots = Array.from({ length: count }, (_, index) => new Bot(`bot-${index + 1}`));

  // The first bot loads code and buffers that the others share: its memory is not counted.
  const [first, ...others] = bots;
  await first.enter(project);
  const memoryBefore = megabytes();
  const present = [first];
  const logins = await logIn(others, present, { project, stop: stop.signal });

  const cpuBefore = process.cpuUsage();
  const talkSince = performance.now();
  if (!stop.signal.aborted) {
    say(`They talk for ${number(seconds)} s …`);
    await talk(present, seconds, stop.signal);
  }
  const { sum } = Bot;
  const expected = { heard: sum.spoken * (present.length - 1), answers: sum.delivered };
  await silence(expected);
  const talkSeconds = (performance.now() - talkSince) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const memory = megabytes();
  const trips = present.flatMap(({ roundTrips }) => roundTrips).sort((a, b) => a - b);
  const trip = (part) => (trips[Math.floor(trips.length * part)] ?? 0).toFixed(1);

  await forAll(present, LOGINS_AT_A_TIME, (bot) => bot.leave());
  printSummary([
    ['bots', `${number(present.length)} in one process`],
    ['logins', `${number(logins)} a second`],
    ['greetings', `${number(sum.greetings)} sent, ${number(sum.delivered)} delivered, ${number(sum.answers)} answered`],
    ['answer after', `${trip(0.5)} ms for half of them, ${trip(0.99)} ms for 99 %`],
    ['lobby', `${number(sum.spoken)} lines spoken, ${number(sum.heard)} of ${number(expected.heard)} heard`],
    ['memory', `${number(((memory - memoryBefore) * 1024) / Math.max(1, present.length - 1))} KiB for each bot`],
    ['', `${number(memory)} MiB for the process, ${number(memoryBefore)} MiB with the first bot`],
    ['processor', `${((user + system) / 1e4 / talkSeconds).toFixed(0)} % of a core while they talked`],
  ]);
  say('');
  say('All bots have logged out.');
  const lost = Math.max(0, expected.heard - sum.heard) + Math.max(0, expected.answers - sum.answers);
  if (sum.failed + lost > 0) {
    console.error(`${number(sum.failed)} calls failed, ${number(lost)} messages did not come`);
    for (const problem of [...sum.problems].slice(0, 5)) console.error(`  ${problem}`);
    process.exitCode = 1;
  }
}

/** A whole number of at least 1, or undefined. */
const atLeastOne = (text) => (/^[1-9]\d*$/.test(text) ? Number(text) : undefined);

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        bots: { type: 'string', default: '1000' },
        seconds: { type: 'string', default: '10' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return undefined;
    const count = atLeastOne(values.bots);
    const seconds = atLeastOne(values.seconds);
    if (count === undefined || count < 2) throw new Error(`--bots ${values.bots}: expected a whole number from 2`);
    if (seconds === undefined) throw new Error(`--seconds ${values.seconds}: expected a whole number from 1`);
    return { count, seconds };
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}

const given = readArguments();
if (given === undefined) say(usage);
else {
  try {
    await main(given);
  } catch (error) {
    console.error(`That did not work: ${error.message}`);
    process.exit(1);
  }
}

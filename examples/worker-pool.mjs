// A pool of workers behind RTM. A dispatcher hands out jobs as peer messages; each worker is a user in a thread of its own,
// computes, and sends the result back. A worker that dies is replaced, and its jobs go to the others. The dispatcher knows of
// its workers only their user ids: they may as well run on other machines. Without RTM_ENDPOINTS it starts a server.
// Usage: node examples/worker-pool.mjs [--workers 4] [--jobs 200] [--crash]
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { RtmClient } from 'rtm-native';
import { openProject } from './support/project.mjs';

const DISPATCHER = 'dispatcher';
/** Jobs that a worker has at a time: one to compute and one that waits, so that it is never idle. */
const JOBS_AT_A_TIME = 2;
/** A job that had no result from so many workers is given up. */
const ATTEMPTS = 3;

const usage = `Usage: node examples/worker-pool.mjs [--workers <n>] [--jobs <n>] [--crash]
  --workers <n>   threads that compute (default: 4)
  --jobs <n>      jobs to do (default: 200)
  --crash         one worker ends in the middle of its work, to show what happens then
RTM_ENDPOINTS, RTM_APP_ID and RTM_APP_CERTIFICATE name the server; without them the example starts one.`;

// ---------------------------------------------------------------------------------------------------------------- a worker

/** What this pool computes: how many primes there are below a number. It keeps the thread busy, as real work does. */
function countPrimes(below) {
  let count = 0;
  for (let n = 2; n < below; n++) {
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor++;
    if (divisor * divisor > n) count++;
  }
  return count;
}

async function work({ appId, endpoints, userId, token }) {
  // The token is good for an hour. A pool that runs longer renews its tokens, as echo-bot.mjs does.
  const client = await RtmClient.login({ appId, endpoints, userId, token });
  parentPort?.once('message', () => void client.logout()); // the pool closes
  parentPort?.postMessage('ready');
  // The client answers the server in a thread of its own, also while this thread computes.
  for await (const { from, text } of client.messages()) {
    if (from !== DISPATCHER) continue; // any user of the project can send a message
    const { id, below, crash } = JSON.parse(text);
    if (crash === true) process.exit(70); // ends this thread, not the process
    const result = { id, primes: countPrimes(below) };
    // Resolves when the dispatcher's client has the result. If the dispatcher is gone, nobody waits for it.
    await client.sendToPeer(from, JSON.stringify(result)).catch((error) => console.error(error.message));
  }
}

// ---------------------------------------------------------------------------------------------------------- the dispatcher

const say = (line) => console.log(line);

/** One worker's thread, and the jobs it has. */
class Seat {
  jobs = new Set();
  done = 0;
  ready = false;
  /** False: a job found nobody there, so the thread has ended or is about to. */
  reachable = true;
  thread;
  /** Resolves when the thread has ended. */
  ended;

  constructor(userId) {
    this.userId = userId;
  }
}

class Pool {
  #project;
  #client;
  #seats = [];
  #waiting;
  #results = new Map();
  #jobCount;
  #closing = false;
  #finished;
  #succeed;
  #fail;

  constructor(project, jobs) {
    this.#project = project;
    this.#waiting = [...jobs];
    this.#jobCount = jobs.length;
    this.#finished = new Promise((resolve, reject) => {
      this.#succeed = resolve;
      this.#fail = reject;
    });
  }

  /** Resolves with the results when all jobs are done. */
  async run(workerCount) {
    const { appId, endpoints, tokenOf } = this.#project;
    this.#client = await RtmClient.login({ appId, endpoints, userId: DISPATCHER, token: tokenOf(DISPATCHER) });
    this.#client.on('message', ({ from, text }) => this.#onResult(from, JSON.parse(text)));
    this.#client.on('state', ({ error }) => {
      if (error !== undefined) this.#fail(error);
    });
    for (let index = 1; index <= workerCount; index++) {
      const seat = new Seat(`worker-${index}`);
      this.#seats.push(seat);
      this.#startThread(seat);
    }
    return this.#finished;
  }

  async close() {
    this.#closing = true;
    for (const { thread } of this.#seats) thread.postMessage('stop');
    await Promise.all(this.#seats.map(({ ended }) => ended));
    await this.#client?.logout();
  }

  /** How many jobs each worker has done. */
  get shares() {
    return this.#seats.map(({ userId, done }) => `${userId} ${done}`).join(', ');
  }

  /** A thread that takes the place of another one logs in as the same user, which ends the login of the other one. */
  #startThread(seat) {
    const { appId, endpoints, tokenOf } = this.#project;
    const { userId } = seat;
    const thread = new Worker(new URL(import.meta.url), {
      argv: [],
      workerData: { appId, endpoints, userId, token: tokenOf(userId) },
    });
    seat.thread = thread;
    seat.reachable = true;
    thread.once('message', () => {
      seat.ready = true;
      this.#handOut();
    });
    thread.once('error', (error) => console.error(`${userId}: ${error.message}`)); // 'exit' follows
    seat.ended = once(thread, 'exit');
    thread.once('exit', (code) => this.#onExit(seat, code));
  }

  #onExit(seat, code) {
    if (this.#closing) return;
    const wasReady = seat.ready;
    seat.ready = false;
    const jobs = [...seat.jobs];
    seat.jobs.clear();
    say(`${seat.userId} ended with ${code}; it had ${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'}`);
    if (!wasReady) {
      // It could not even log in, and would not the next time.
      this.#fail(new Error(`${seat.userId} does not start`));
      return;
    }
    for (const job of jobs) this.#putBack(job);
    this.#startThread(seat);
    this.#handOut();
  }

  #handOut() {
    for (const seat of this.#seats) {
      while (seat.ready && seat.reachable && seat.jobs.size < JOBS_AT_A_TIME && this.#waiting.length > 0) {
        const job = this.#waiting.shift();
        if (!this.#results.has(job.id)) this.#give(seat, job);
      }
    }
  }

  #give(seat, job) {
    const attempt = ++job.attempts;
    seat.jobs.add(job);
    const { id, below } = job;
    const message = JSON.stringify({ id, below, crash: job.crash && attempt === 1 });
    this.#client.sendToPeer(seat.userId, message).catch((error) => {
      // Not delivered, or nobody knows. If the worker has the job all the same, its result comes twice, which does no harm.
      if (job.attempts !== attempt || !seat.jobs.delete(job)) return; // the thread has ended, and the job is back already
      say(`job ${id} did not reach ${seat.userId} (${error.code})`);
      if (error.code === 'ERR_RTM_PEER_UNREACHABLE') {
        job.attempts--; // nobody has had it
        seat.reachable = false; // until another thread sits there, which 'exit' starts
        void seat.thread.terminate();
      }
      this.#putBack(job);
      this.#handOut();
    });
  }

  #putBack(job) {
    if (this.#results.has(job.id)) return;
    if (job.attempts < ATTEMPTS) this.#waiting.unshift(job);
    else this.#fail(new Error(`job ${job.id} had no result after ${ATTEMPTS} attempts`));
  }

  #onResult(from, { id, primes }) {
    const seat = this.#seats.find(({ userId }) => userId === from);
    if (seat === undefined) return; // a message of somebody else
    for (const job of seat.jobs) if (job.id === id) seat.jobs.delete(job);
    if (!this.#results.has(id)) {
      seat.done++;
      this.#results.set(id, primes);
    }
    if (this.#results.size === this.#jobCount) this.#succeed(this.#results);
    else this.#handOut();
  }
}

async function main({ workers, jobs: count, crash }) {
  const project = await openProject();
  say(project.own ? 'A server is running in a process of its own.' : `The server is ${project.endpoints}`);
  const jobs = Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    below: 20_000 + 100 * index,
    attempts: 0,
    crash: crash && index === Math.floor(count / 2),
  }));
  const pool = new Pool(project, jobs);
  const since = performance.now();
  try {
    const results = await pool.run(workers);
    const seconds = (performance.now() - since) / 1000;
    say(`${results.size} of ${count} jobs are done after ${seconds.toFixed(1)} s: ${pool.shares}`);
    const last = jobs.at(-1);
    say(`For example, there are ${results.get(last.id)} primes below ${last.below}.`);
  } finally {
    await pool.close();
  }
}

/** A whole number of at least 1. */
function atLeastOne(name, text) {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} ${text}: expected a whole number from 1`);
  return Number(text);
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        workers: { type: 'string', default: '4' },
        jobs: { type: 'string', default: '200' },
        crash: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) return undefined;
    const { crash } = values;
    return { workers: atLeastOne('workers', values.workers), jobs: atLeastOne('jobs', values.jobs), crash };
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    process.exit(2);
  }
}

if (!isMainThread) await work(workerData);
else {
  const given = readArguments();
  if (given === undefined) say(usage);
  else {
    await main(given).catch((error) => {
      console.error(`That did not work: ${error.message}`);
      process.exit(1);
    });
  }
}

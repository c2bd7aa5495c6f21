// The users who do nothing wrong: a pair that talks, one that stores messages, one that logs in each second, and, where
// there are admin pages, a probe of them. What they see is the measure of an attack.
import { setTimeout as pause } from 'node:timers/promises';
import { buildToken, RtmClient } from '../../dist/index.js';
import { percentile } from '../lib/stats.mjs';

const MESSAGE_EACH_MS = 20;
const STORED_EACH_MS = 250;
const LOGIN_EACH_MS = 1000;
const HEALTH_EACH_MS = 250;
/** A good user gives up then; so does a probe. */
const PATIENCE_MS = 10_000;
const RECOVERED_MS = 10_000;

/** Times and failures of one kind of thing. */
class Tally {
  /** @type {number[]} */
  times = [];
  failed = 0;
  /** @type {string | undefined} */
  why;

  /** @param {() => Promise<unknown>} act */
  async note(act) {
    const since = performance.now();
    try {
      await act();
      this.times.push(performance.now() - since);
    } catch (error) {
      this.failed += 1;
      this.why ??= String(error?.code ?? error?.message ?? error);
    }
  }

  summary() {
    const sorted = [...this.times].sort((a, b) => a - b);
    return {
      done: sorted.length,
      failed: this.failed,
      why: this.why,
      p50: percentile(sorted, 0.5),
      p99: percentile(sorted, 0.99),
    };
  }
}

/** @typedef {ReturnType<Tally['summary']>} Summary */

export class GoodUsers {
  #endpoint;
  #app;
  #adminPort;
  #logins = 0;
  /** @type {RtmClient | undefined} */
  #ann;
  /** @type {RtmClient | undefined} */
  #ben;

  /** @param {{ endpoint: string, adminPort?: number, app: { appId: string, appCertificate: string } }} server */
  constructor({ endpoint, adminPort, app }) {
    this.#endpoint = endpoint;
    this.#app = app;
    this.#adminPort = adminPort;
  }

  /** The user whom attackers may reach. */
  static victim = 'good ben';

  async begin() {
    [this.#ann, this.#ben] = await Promise.all([this.#login('good ann'), this.#login(GoodUsers.victim)]);
    this.#ben.on('message', () => {});
  }

  async end() {
    await Promise.all([this.#ann, this.#ben].map((client) => client?.logout({ timeout: 2000 }).catch(() => {})));
  }

  /**
   * Lives as usual until the signal, and tells what it was like.
   * @param {AbortSignal} signal
   */
  async live(signal) {
    const tallies = { messages: new Tally(), stored: new Tally(), logins: new Tally() };
    const health = this.#adminPort === undefined ? {} : { health: new Tally() };
    await Promise.all([
      each(signal, MESSAGE_EACH_MS, () => tallies.messages.note(() => this.#message())),
      each(signal, STORED_EACH_MS, () => tallies.stored.note(() => this.#store())),
      each(signal, LOGIN_EACH_MS, () => tallies.logins.note(() => this.#comeAndGo())),
      ...Object.values(health).map((tally) => each(signal, HEALTH_EACH_MS, () => tally.note(() => this.#probe()))),
    ]);
    return Object.fromEntries(
      Object.entries({ ...tallies, ...health }).map(([name, tally]) => [name, tally.summary()]),
    );
  }

  /**
   * How long after an attack a message takes at most `messageMs` again and a login works, in milliseconds; undefined: longer
   * than ten seconds.
   * @param {number} messageMs
   */
  async recovers(messageMs) {
    const since = performance.now();
    while (performance.now() - since < RECOVERED_MS) {
      const [message, login] = [new Tally(), new Tally()];
      await Promise.all([message.note(() => this.#message()), login.note(() => this.#comeAndGo())]);
      if ((message.times[0] ?? Number.POSITIVE_INFINITY) <= messageMs && login.failed === 0)
        return performance.now() - since;
      await pause(50);
    }
    return undefined;
  }

  #message() {
    return this.#ann.sendToPeer(GoodUsers.victim, 'hello', { timeout: PATIENCE_MS });
  }

  async #store() {
    const { delivery } = await this.#ann.sendToPeer('good absent', 'for later', {
      offline: true,
      timeout: PATIENCE_MS,
    });
    if (delivery !== 'cached') throw new Error(`expected a stored message, got ${delivery}`);
  }

  async #comeAndGo() {
    const client = await this.#login(`good visitor ${this.#logins++}`);
    void client.logout({ timeout: PATIENCE_MS }).catch(() => {});
  }

  async #probe() {
    const url = `http://127.0.0.1:${this.#adminPort}/healthz`;
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS), headers: { connection: 'close' } });
    await response.text();
    if (response.status !== 200) throw new Error(`/healthz: ${response.status}`);
  }

  /** @param {string} userId */
  #login(userId) {
    const token = buildToken({ ...this.#app, userId });
    const { appId } = this.#app;
    return RtmClient.login({ appId, userId, token, endpoints: this.#endpoint, timeout: PATIENCE_MS });
  }
}

/**
 * Begins `act` every `ms`, whether or not the one before has ended, as users do; at most 50 are under way.
 * @param {AbortSignal} signal
 * @param {number} ms
 * @param {() => Promise<void>} act
 */
async function each(signal, ms, act) {
  const running = new Set();
  let next = performance.now();
  while (!signal.aborted) {
    if (running.size < 50) {
      const done = act().finally(() => running.delete(done));
      running.add(done);
    }
    next += ms;
    await pause(Math.max(0, next - performance.now()), undefined, { signal }).catch(() => {});
  }
  await Promise.all(running);
}

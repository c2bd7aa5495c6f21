// A process that attacks: it shares no thread with the server, nor with the users that are measured.
import { play } from '../lib/role.mjs';
import { attacks } from './attacks.mjs';
import { costs } from './costs.mjs';
import { FullUser } from './full-user.mjs';

let stop = new AbortController();
/** @type {Promise<number> | undefined} */
let running;
/** @type {FullUser | undefined} */
let full;

play(
  {
    /** @param {{ attack: string, target: import('./attacks.mjs').Target }} asked */
    begin({ attack, target }) {
      const chosen = attacks.find(({ name }) => name === attack);
      if (chosen === undefined) throw new Error(`there is no attack ${attack}`);
      stop = new AbortController();
      running = chosen.run(target, stop.signal);
      running.catch(() => {}); // told when it is asked to end
      return {};
    },
    async end() {
      stop.abort();
      return { done: await running };
    },
    /** @param {{ cost: string, target: import('./attacks.mjs').Target, milliseconds: number }} asked */
    async cost({ cost, target, milliseconds }) {
      const chosen = costs.find(({ name }) => name === cost);
      if (chosen === undefined) throw new Error(`there is no cost ${cost}`);
      return { count: await chosen.run(target, AbortSignal.timeout(milliseconds)) };
    },
    /** @param {{ target: import('./attacks.mjs').Target }} asked */
    async loginFull({ target }) {
      full = await FullUser.login(target);
      return {};
    },
    fillFull: async () => ({ reached: await full?.fill() }),
    stopReading() {
      full?.stopReading();
      return {};
    },
    async feedFull() {
      await full?.feed();
      return {};
    },
    endFull() {
      full?.end();
      return {};
    },
  },
  () => stop.abort(),
);

// A store in a process of its own: node store-child.mjs <folder> <program>. The parent is told by lines of JSON.
import { loadAddon } from '../../../dist/native/load.js';
import { LmdbStore } from '../../../dist/server/storage/lmdb/lmdb-store.js';

const { tryLock } = loadAddon();

const [folder, program] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const store = await LmdbStore.open(folder, { tryLock, log: (_level, line) => say({ log: line }) }).catch((error) => {
  say({ refused: error.message });
  process.exit(1);
});
const text = (content) => ({ senderId: 'alice', timeMs: Date.now(), requiredCapabilities: 0, content });
const outcome = (promise) => promise.then(() => 'kept', (error) => error.message); // biome-ignore format: one line

const programs = {
  /** Writes without end; reports the acknowledged numbers, in one line for each turn. */
  async write() {
    let number = 0;
    const kept = [];
    const line = async (receiver) => {
      for (;;) {
        const mine = ++number;
        await Promise.all([
          store.appendOffline('app', receiver, text(Buffer.from(String(mine)))),
          store.appendHistory('app', { source: 'alice', destination: receiver, channel: false, timeMs: Date.now(), text: String(mine) }),
        ]); // biome-ignore format: as a list
        if (kept.push([receiver, mine]) === 1) setImmediate(() => say({ kept: kept.splice(0) }));
      }
    };
    await Promise.all(Array.from({ length: 200 }, (_, index) => line(`user${index}`)));
  },
  /** Ends the process while it writes. */
  exit() {
    setTimeout(() => process.exit(7), 50 + Math.random() * 100);
    return programs.write();
  },
  /** Fills the disk, frees a queue, and writes again. */
  async fill() {
    await store.appendOffline('app', 'bob', text(Buffer.from('before')));
    let [kept, refused] = [0, ''];
    for (; refused === '' && kept < 10_000; kept++) {
      const said = await outcome(store.appendOffline('app', `user${kept}`, text(Buffer.alloc(8000))));
      if (said !== 'kept') refused = said;
    }
    const [first] = await store.loadOffline('app', 'bob', Date.now());
    const removal = await outcome(store.removeOffline('app', 'bob', first.id, first.id));
    say({ full: refused, kept: kept - 1, found: Buffer.from(first.content).toString(), removal });
    for await (const _ of process.stdin) break;
    const since = performance.now();
    while ((await outcome(store.appendOffline('app', 'carol', text(Buffer.from('after'))))) !== 'kept') {
      if (performance.now() - since > 10_000) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    let stored = 0;
    for (let user = 0; user < kept; user++)
      stored += (await store.loadOffline('app', `user${user}`, Date.now())).length;
    say({ stored, left: (await store.loadOffline('app', 'bob', Date.now())).length });
    say({ after: (await store.loadOffline('app', 'carol', Date.now())).length });
    await store.close();
    process.exit();
  },
  /** One append for each line of the parent. */
  async each() {
    say({ ready: true });
    let number = 0;
    for await (const _ of process.stdin) {
      const said = await outcome(store.appendOffline('app', 'bob', text(Buffer.from(String(++number)))));
      const queue = await store.loadOffline('app', 'bob', Date.now());
      say({ said, queue: queue.map(({ content }) => Buffer.from(content).toString()) });
    }
    await store.close();
  },
};
await programs[program]();

// The history of a data directory: what a count costs over few and over many records, and what appends of one user wait
// while another user counts as fast as it gets answers. Not part of `npm run bench`, because filling takes minutes.
// Usage: node bench/history.mjs [--records 1000000] [--keep folder]     needs build:addon and build:ts
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadAddon } from '../dist/native/load.js';
import { LmdbStore } from '../dist/server/storage/lmdb/lmdb-store.js';

const { values } = parseArgs({
  options: { records: { type: 'string', default: '1000000' }, keep: { type: 'string' } },
});
const RECORDS = Number(values.records);
const { tryLock } = loadAddon();
const APP = '0123456789abcdef0123456789abcdef';
const BEGAN = Date.now() - 3_600_000;
const everything = {
  source: 'alice',
  destination: '',
  peers: true,
  channels: true,
  startMs: 0,
  endMs: Number.MAX_SAFE_INTEGER,
  nowMs: Date.now(),
  offset: 0,
  limit: 0,
  bytes: 60_000,
  descending: false,
};

const sorted = (times) => [...times].sort((a, b) => a - b);
const share = (times, part) => sorted(times)[Math.min(times.length - 1, Math.floor(times.length * part))] ?? Number.NaN;
const show = (times) =>
  `median ${share(times, 0.5).toFixed(2)} ms, p99 ${share(times, 0.99).toFixed(2)} ms (${times.length})`;

async function timed(times, work) {
  const since = performance.now();
  await work();
  times.push(performance.now() - since);
}

/** Everything is from alice: half to bob, half to a channel. */
async function fill(store, records) {
  const since = performance.now();
  for (let number = 0; number < records; ) {
    const group = Array.from({ length: Math.min(5000, records - number) }, () => {
      const record = {
        source: 'alice',
        destination: number % 2 === 0 ? 'bob' : 'stage',
        channel: number % 2 !== 0,
        timeMs: BEGAN + Math.floor(number / 1000),
        text: `message ${number++}`,
      };
      return store.appendHistory(APP, record);
    });
    await Promise.all(group);
  }
  return records / ((performance.now() - since) / 1000);
}

/** Appends of others, one after the other, for some seconds. */
async function appends(store, seconds) {
  const times = [];
  for (const until = performance.now() + seconds * 1000; performance.now() < until; ) {
    await timed(times, () =>
      store.appendHistory(APP, {
        source: 'ann',
        destination: 'ben',
        channel: false,
        timeMs: Date.now(),
        text: 'hello',
      }),
    );
  }
  return times;
}

const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'rtm-history-'));
const filled = values.keep !== undefined && existsSync(join(folder, 'messages.mdb'));
const opened = performance.now();
const store = await LmdbStore.open(folder, {
  tryLock,
  retention: { historyBytes: 2 ** 43 },
  log: (_level, line) => console.log(line),
});
console.log(`opened in ${((performance.now() - opened) / 1000).toFixed(1)} s`);
try {
  if (!filled) console.log(`filled: ${RECORDS} records, ${(await fill(store, RECORDS)).toFixed(0)} a second`);
  for (const [name, filter] of [
    ['count of all', {}],
    ['count of a part', { startMs: BEGAN + 10, endMs: BEGAN + Math.floor(RECORDS / 2000) }],
    ['count of a pair', { destination: 'bob' }],
    ['page of 20 in the middle', { limit: 20, offset: Math.floor(RECORDS / 2) }],
  ]) {
    const times = [];
    let total = 0;
    for (let round = 0; round < 100; round++) {
      await timed(times, async () => {
        total = (await store.queryHistory(APP, { ...everything, ...filter })).total;
      });
    }
    console.log(`${name}: ${total} records, ${show(times)}`);
  }
  const quiet = await appends(store, 3);
  let counting = true;
  let counts = 0;
  const flood = (async () => {
    // As the server lets one user: the next query when the last one is answered.
    for (; counting; counts++) await store.queryHistory(APP, everything);
  })();
  const beside = await appends(store, 3);
  counting = false;
  await flood;
  console.log(`appends, quiet: ${show(quiet)}`);
  console.log(`appends beside ${(counts / 3).toFixed(0)} counts a second: ${show(beside)}`);
  const [p99, median] = [0.99, 0.5].map((part) => share(beside, part) / share(quiet, part));
  console.log(`ratio: median ${median?.toFixed(2)}, p99 ${p99?.toFixed(2)}`);
} finally {
  await store.close();
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true });
}

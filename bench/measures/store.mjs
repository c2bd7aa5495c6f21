// The data directory of a server: each message is on disk before it is acknowledged. Only our store takes part, in this
// process.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RtmServer } from '../../dist/index.js';
import { loadAddon } from '../../dist/native/load.js';
import { LmdbStore } from '../../dist/server/storage/lmdb/lmdb-store.js';
import ours from '../peers/ours.mjs';

const { tryLock } = loadAddon();

const SECONDS = 1.5;
const appId = '0123456789abcdef0123456789abcdef';

/** Appends a second, with `waiting` appends unanswered at a time. */
async function appends(store, waiting, size, seconds) {
  const content = Buffer.alloc(size, 'x');
  const until = performance.now() + seconds * 1000;
  let count = 0;
  const line = async (receiver) => {
    while (performance.now() < until) {
      const message = { senderId: 'alice', timeMs: Date.now(), requiredCapabilities: 0, content };
      await store.appendOffline(appId, receiver, message);
      count += 1;
    }
  };
  const since = performance.now();
  await Promise.all(Array.from({ length: waiting }, (_, index) => line(`user${index}`)));
  return count / ((performance.now() - since) / 1000);
}

/** Milliseconds until a server accepts connections. */
async function start(data) {
  const since = performance.now();
  const server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps: [{ appId }], data });
  const took = performance.now() - since;
  await server.close();
  return took;
}

async function startWith(folder, stored, size) {
  const store = await LmdbStore.open(folder, { tryLock });
  const content = Buffer.alloc(size, 'x');
  for (let number = 0; number < stored; ) {
    const group = Array.from({ length: Math.min(5000, stored - number) }, () => {
      const message = { senderId: 'alice', timeMs: Date.now(), requiredCapabilities: 0, content };
      return store.appendOffline(appId, `user${number++ % 1000}`, message);
    });
    await Promise.all(group);
  }
  await store.close();
  return start(folder);
}

export default {
  name: 'store',
  title: 'The data directory',
  summary: 'offline messages written to disk, and how long a server with many of them takes to start',
  metric: 'rate',
  compared: [{ title: 'faster', metric: 'rate', better: 'high' }],
  unit: 'offline messages per second on disk',
  about: (options) =>
    `Offline messages of ${options.size} bytes; each send is answered when its commit is on disk. Messages that ` +
    'wait at the same time share a commit. Start: the time until a server with this number of messages in its data ' +
    'directory, 100 for each user, accepts connections. It looks for damage first.',

  units: (options) =>
    options.systems.includes(ours)
      ? [
          {
            system: ours,
            variant: { ...ours.variants[0], name: 'ours' },
            rows: [
              ...[1, 64, 1024].map((waiting) => ({ what: 'write', waiting })),
              ...[0, options.quick ? 10_000 : 100_000].map((stored) => ({ what: 'start', stored })),
            ],
          },
        ]
      : [],

  async run({ rows }, options, sample) {
    const seconds = options.seconds ?? (options.quick ? 0.5 : SECONDS);
    for (const row of rows) {
      const folder = mkdtempSync(join(options.folder, 'data-'));
      try {
        if (row.what === 'start') {
          sample(row, { start: await startWith(folder, row.stored, options.size) });
          continue;
        }
        const store = await LmdbStore.open(folder, { tryLock, retention: { offlineMessages: 1_000_000 } });
        await appends(store, row.waiting, options.size, seconds / 2); // this run only warms up
        sample(row, { rate: await appends(store, row.waiting, options.size, seconds) });
        await store.close();
      } finally {
        rmSync(folder, { recursive: true });
      }
    }
  },

  groupBy: (row) => (row.what === 'write' ? `${row.waiting} waiting` : `start with ${row.stored}`),
  columns: [
    { title: 'waiting at\na time', text: ({ row }) => String(row.waiting ?? '–') },
    { title: '\nmessages/s', metric: 'rate' },
    { title: 'lowest–\nhighest', metric: 'rate', range: true },
    { title: 'stored\nbefore', text: ({ row }) => String(row.stored ?? '–') },
    { title: 'start\nms', metric: 'start' },
    { title: 'lowest–\nhighest', metric: 'start', range: true },
  ],
};

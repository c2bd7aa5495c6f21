import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadAddon } from '../../../lib/native/load.js';
import { LmdbStore } from '../../../lib/server/storage/lmdb/lmdb-store.js';
import { within } from '../client-world.js';
import { StoreProcess } from './store-process.js';

const { tryLock } = loadAddon();

let folder: string;
let processes: StoreProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtm-durable-'));
  processes = [];
});
afterEach(async () => {
  await Promise.all(
    processes.map((each) => each.child.exitCode === null && each.child.signalCode === null && each.kill()),
  );
  rmSync(folder, { recursive: true, force: true });
});

function run(...args: ConstructorParameters<typeof StoreProcess>): StoreProcess {
  const started = new StoreProcess(...args);
  processes.push(started);
  return started;
}

it('has everything that it acknowledged before it was killed, three times, in order', async () => {
  const data = join(folder, 'data');
  const acknowledged = new Map<string, number[]>();
  for (let round = 0; round < 3; round++) {
    const writer = run(data, 'write');
    let count = 0;
    while (count < 3000) {
      for (const [receiver, number] of (await within('acknowledgements', writer.next())).kept) {
        const line = acknowledged.get(receiver) ?? [];
        acknowledged.set(receiver, line);
        line.push(round * 1e6 + number);
        count++;
      }
    }
    await writer.kill();
    const store = await LmdbStore.open(data, { tryLock });
    for (const [receiver, numbers] of acknowledged) {
      const kept = await store.loadOffline('app', receiver, Date.now());
      // Numbers begin again in each round; the ids do not.
      const texts = kept.map(({ content }) => Number(Buffer.from(content).toString()));
      let round = 0;
      const found = texts.map((each, index) => {
        if (index > 0 && each <= (texts[index - 1] ?? 0)) round++;
        return round * 1e6 + each;
      });
      expect(numbers.filter((each) => !found.includes(each))).toEqual([]);
      const filter = { source: '', destination: receiver, peers: true, channels: true, offset: 0, limit: 1000 };
      const times = { startMs: 0, endMs: Date.now() + 1000, nowMs: Date.now(), bytes: 2 ** 20, descending: false };
      const page = await store.queryHistory('app', { ...filter, ...times });
      const inHistory = page.records.map(({ text }) => Number(text));
      expect(numbers.filter((each) => !inHistory.includes(each % 1e6))).toEqual([]);
    }
    await store.close();
  }
  expect(acknowledged.size).toBe(200);
});

it('lets the process exit in the middle of its commits', async () => {
  for (let count = 0; count < 8; count++) {
    const writer = run(join(folder, `data${count}`), 'exit');
    const ended = once(writer.child, 'exit');
    while ((await within('the end of the lines', writer.next())) !== undefined);
    expect(await within('the end', ended)).toEqual([7, null]);
  }
});

const compiler = ['cc', 'gcc', 'clang'].find((name) => spawnSync(name, ['--version']).status === 0);

it.skipIf(compiler === undefined)('rejects what it cannot sync, keeps nothing of it, and recovers', async () => {
  const shim = join(folder, 'shim.so');
  const source = fileURLToPath(new URL('failing-disk.c', import.meta.url));
  execFileSync(compiler as string, ['-shared', '-fPIC', '-o', shim, source, '-ldl']);
  const control = join(folder, 'control');
  writeFileSync(control, '');
  const store = run(join(folder, 'data'), 'each', { env: { LD_PRELOAD: shim, RTM_TEST_DISK: control } });
  await within('the store', store.next());
  const logs: string[] = [];
  const append = async () => {
    store.tell('');
    return within('an append', store.next(logs));
  };
  const recovered = async () => {
    for (;;) {
      const { said, queue } = await append();
      if (said === 'kept') return queue;
    }
  };
  expect(await append()).toEqual({ said: 'kept', queue: ['1'] });
  // First the data cannot be synced, then the root page, after which LMDB refuses everything until it is opened again.
  const expected = ['1'];
  for (const failing of ['sync', 'root']) {
    writeFileSync(control, failing);
    for (let count = 0; count < 3; count++) {
      const { said, queue } = await append();
      expect(said).toMatch(/the store cannot write: Input\/output error/);
      expect(queue).toEqual(expected);
    }
    writeFileSync(control, '');
    const queue = await recovered();
    expect(queue.slice(0, -1)).toEqual(expected);
    expected.push(queue.at(-1));
  }
  expect(logs).toEqual([
    expect.stringContaining('store: cannot write: Input/output error'),
    'store: writes again',
    expect.stringContaining('store: cannot write: Input/output error'),
    'store: writes again',
  ]);
  await store.kill();
  const after = await LmdbStore.open(join(folder, 'data'), { tryLock });
  const queue = await after.loadOffline('app', 'bob', Date.now());
  expect(queue.map(({ content }) => Buffer.from(content).toString())).toEqual(expected);
  await after.close();
});

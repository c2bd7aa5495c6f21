import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { loadAddon } from '../../../lib/native/load.js';
import { loadLmdb } from '../../../lib/server/storage/lmdb/environment.js';
import { LmdbStore } from '../../../lib/server/storage/lmdb/lmdb-store.js';
import { findDamage } from '../../../lib/server/storage/lmdb/page-check.js';
import { makeFolder, openStore } from './folders.js';

const { tryLock } = loadAddon();

const message = (text: string, bytes = 100) => ({
  senderId: 'alice',
  timeMs: Date.now(),
  requiredCapabilities: 0,
  content: Buffer.alloc(bytes, text),
});

/** A closed store with a tree of some depth, and with values larger than a page. */
async function fill(): Promise<{ folder: string; file: string }> {
  const folder = makeFolder();
  const store = await LmdbStore.open(folder, { tryLock });
  const writes = [];
  for (let count = 0; count < 3000; count++)
    writes.push(store.appendOffline('app', `user${count % 500}`, message('x')));
  for (let count = 0; count < 20; count++) writes.push(store.appendOffline('app', 'large', message('y', 20_000)));
  await Promise.all(writes);
  await store.close();
  return { folder, file: join(folder, 'messages.mdb') };
}

const refusal = (folder: string) =>
  LmdbStore.open(folder, { tryLock }).then(
    async (store) => {
      await store.close();
      return undefined;
    },
    (error) => ({ code: error.code, message: error.message }),
  );

function overwrite(file: string, at: number, bytes: Buffer): void {
  const content = readFileSync(file);
  bytes.copy(content, at);
  writeFileSync(file, content);
}

describe('a data directory', () => {
  it('is made if there is none, for this user alone', async () => {
    const folder = join(makeFolder(), 'deep', 'rtm-data');
    await openStore(folder);
    expect(readdirSync(folder).sort()).toEqual(['lock', 'messages.mdb', 'messages.mdb-lock']);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('keeps acknowledged data when it is closed and opened again', async () => {
    const { folder } = await fill();
    const store = await openStore(folder);
    expect(await store.loadOffline('app', 'user7', Date.now())).toHaveLength(6);
    expect(await store.loadOffline('app', 'large', Date.now())).toHaveLength(20);
  });

  it('is for one server at a time, and says which one has it', async () => {
    const folder = makeFolder();
    const first = await openStore(folder);
    expect(await refusal(folder)).toEqual({
      code: 'ERR_RTM_SERVER_START',
      message: expect.stringContaining(`another server (process ${process.pid}) uses it; stop that one`),
    });
    await first.close();
    expect(await refusal(folder)).toBeUndefined();
  });

  it('is free again when its server was killed', async () => {
    const folder = makeFolder();
    await (await LmdbStore.open(folder, { tryLock })).close();
    const program = `
      const { tryLock } = require(process.argv[1] + '/dist/native/load.js').loadAddon();
      const fd = require('fs').openSync(process.argv[2], 'r+');
      console.log(tryLock(fd)); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', program, process.cwd(), join(folder, 'lock')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = await once(child.stdout, 'data');
    expect(String(said).trim()).toBe('true');
    expect((await refusal(folder))?.message).toContain('another server');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await refusal(folder)).toBeUndefined();
  });

  it('is refused if it holds something else, or the store has gone from it', async () => {
    const foreign = makeFolder();
    writeFileSync(join(foreign, 'letters.txt'), '');
    expect((await refusal(foreign))?.message).toMatch(/expected messages.mdb or an empty folder, found letters.txt/);
    const { folder, file } = await fill();
    rmSync(file);
    expect((await refusal(folder))?.message).toMatch(/found messages.mdb-lock without it; restore messages.mdb/);
    expect(readdirSync(folder)).not.toContain('messages.mdb');
  });

  it('is made whole or not at all', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'messages.mdb.new'), 'half a store, of a server that was killed');
    mkdirSync(join(folder, 'lost+found'));
    expect(await refusal(folder)).toBeUndefined();
    expect(readdirSync(folder)).not.toContain('messages.mdb.new');
  });

  it('is refused if it is a file, or cannot be made', async () => {
    const file = join(makeFolder(), 'file');
    writeFileSync(file, '');
    expect((await refusal(file))?.message).toMatch(/it is a file; give a folder that this server may read and write/);
    expect((await refusal(join(file, 'below')))?.message).toMatch(/ENOTDIR.*give a folder/);
    expect((await refusal('/proc/rtm-data/deep'))?.message).toMatch(/ENOENT.*give a folder/);
  });

  it('is refused without permission', async () => {
    const folder = makeFolder();
    chmodSync(folder, 0o500);
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.(65_534); // root may do everything
    try {
      expect((await refusal(folder))?.message).toMatch(/EACCES.*give a folder that this server may read and write/);
    } finally {
      if (root) process.seteuid?.(0);
    }
  });

  it('of a newer version is refused, and stays as it is', async () => {
    const { folder, file } = await fill();
    const root = open({ path: file, noSubdir: true, maxDbs: 20, overlappingSync: false });
    const meta = root.openDB('meta', { encoding: 'binary', keyEncoding: 'binary' });
    await meta.put(Buffer.from('format'), Buffer.from([3, 0, 0, 0]));
    await root.close();
    const before = readFileSync(file);
    expect((await refusal(folder))?.message).toMatch(
      /has format 3, this version of rtm-native knows 2; run the version/,
    );
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('with a store of another program is refused, and stays as it is', async () => {
    const folder = makeFolder();
    const file = join(folder, 'messages.mdb');
    const root = open({ path: file, noSubdir: true, overlappingSync: false });
    await root.put('key', 'value');
    await root.close();
    const before = readFileSync(file);
    expect((await refusal(folder))?.message).toMatch(/damaged: expected the number of its format, found none/);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('needs the package lmdb, and says what to install', () => {
    const lmdb = () => createRequire(join(tmpdir(), 'elsewhere.js'))('lmdb');
    expect(() => loadLmdb({ lmdb })).toThrow(/"lmdb" is needed .*; run: npm install lmdb/);
  });
});

describe('a damaged store', () => {
  const page = 4096;
  const damages: Record<string, (file: string) => void> = {
    empty: (file) => truncateSync(file),
    'cut off': (file) => truncateSync(file, 40 * page),
    'cut off within the first page': (file) => truncateSync(file, 100),
    'zeros at the beginning': (file) => overwrite(file, 0, Buffer.alloc(2 * page)),
    'noise at the beginning': (file) => overwrite(file, 0, Buffer.alloc(page, 'noise')),
    'a text': (file) => writeFileSync(file, 'messages'.repeat(1000)),
  };
  it.each(Object.entries(damages))('is refused: %s', async (_name, damage) => {
    const { folder, file } = await fill();
    damage(file);
    const size = statSync(file).size;
    expect(await refusal(folder)).toEqual({
      code: 'ERR_RTM_SERVER_START',
      message: expect.stringMatching(/its store \(messages.mdb\) is damaged: .*; restore the folder from a backup/),
    });
    expect(statSync(file).size).toBe(size);
  });

  it('is found whichever page with keys has become zeros, noise, another page, or half of itself', async () => {
    const { file } = await fill();
    const copy = join(makeFolder(), 'copy.mdb');
    const root = open({ path: file, noSubdir: true, maxDbs: 20, overlappingSync: false });
    await root.backup(copy, true); // compact: no page is free
    await root.close();
    expect(findDamage(copy)).toBeUndefined();
    const whole = readFileSync(copy);
    const at = (number: number) => whole.subarray(number * page, (number + 1) * page);
    const hasKeys = (number: number) => (whole.readUInt16LE(number * page + 18) & 3) !== 0;
    const wrong = [
      () => Buffer.alloc(page),
      () => Buffer.alloc(page, 0xa7),
      (number: number) => at(number === 2 ? 3 : 2),
      // Of a large value only its head is looked at.
      (number: number) =>
        hasKeys(number)
          ? Buffer.concat([at(number).subarray(0, page / 2), Buffer.alloc(page / 2)])
          : Buffer.alloc(page),
    ];
    const missed: number[] = [];
    let tried = 0;
    for (let number = 2; number < whole.length / page; number++) {
      const start = number * page;
      // Pages in the middle of large values hold no keys.
      if (whole.readBigUInt64LE(start) !== BigInt(number) || number % 3 !== 0) continue;
      const bytes = wrong[tried++ % wrong.length]?.(number) ?? Buffer.alloc(0);
      const file = openSync(copy, 'r+');
      writeSync(file, bytes, 0, page, start);
      if (findDamage(copy) === undefined) missed.push(number);
      writeSync(file, whole, start, page, start);
      closeSync(file);
    }
    expect(tried).toBeGreaterThan(30);
    expect(missed).toEqual([]);
    expect(findDamage(copy)).toBeUndefined();
  });
});

it('what a server keeps is for its user alone, whatever the mask of the process', async () => {
  const folder = makeFolder();
  const before = process.umask(0);
  try {
    const store = await openStore(folder);
    await store.appendOffline('app', 'bob', message('x'));
    const modes = ['messages.mdb', 'messages.mdb-lock', 'lock'].map(
      (name) => statSync(join(folder, name)).mode & 0o777,
    );
    expect(modes).toEqual([0o600, 0o600, 0o600]);
    await store.close();
    rmSync(join(folder, 'messages.mdb-lock'));
    await openStore(folder);
    expect(statSync(join(folder, 'messages.mdb-lock')).mode & 0o777).toBe(0o600);
  } finally {
    process.umask(before);
  }
});

it('tells of a store that other users can read', async () => {
  const folder = makeFolder();
  await (await openStore(folder)).close();
  chmodSync(join(folder, 'messages.mdb'), 0o644);
  const lines: string[] = [];
  const log = (level: string, line: string) => void lines.push(`${level}: ${line}`);
  await (await openStore(folder, { log })).close();
  expect(lines).toEqual([]); // the folder is closed to them
  chmodSync(folder, 0o755);
  await openStore(folder, { log });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    /^warning: the store in .*messages\.mdb is open .*mode 644.* event=secret-readable file=".*" mode=644$/,
  );
});

import { expect, it } from 'vitest';
import type { Environment } from '../../../lib/server/storage/lmdb/environment.js';
import { GroupCommit } from '../../../lib/server/storage/lmdb/group-commit.js';
import { Refusal } from '../../../lib/server/storage/lmdb/keys.js';

/** A disk that fails when the test says so: the writes of the transaction are then gone. */
class FaultyDisk {
  readonly log: string[] = [];
  commits = 0;
  opened = 0;
  kept: string[] = [];
  /** How often the next commits fail, and why. */
  failures: string[] = [];
  failsToOpen = 0;
  /** What each failure tells of the disk, one less each time. */
  room = -1;
  #written: string[] = [];

  readonly groups = new GroupCommit(this.open(), {
    reopen: () => this.open(),
    beforeCommit: () => undefined,
    opened: () => undefined,
    explain: (reason) => (this.room < 0 ? reason : `${reason} (${this.room--} KiB free)`),
    log: (level, line) => this.log.push(`${level} ${line}`),
  });

  open(): Environment {
    if (this.failsToOpen > 0) {
      this.failsToOpen--;
      throw new Error('does not open');
    }
    this.opened++;
    let open = true;
    const environment = {
      transaction: async (work: () => void) => {
        if (!open) throw new Error('used after a failure');
        await new Promise((resolve) => setImmediate(resolve));
        this.#written = [];
        try {
          work();
          await new Promise((resolve) => setImmediate(resolve));
          const failure = this.#written.length > 0 ? this.failures.shift() : undefined;
          if (failure !== undefined) throw new Error(failure);
        } catch (error) {
          open = false;
          this.#written = [];
          throw error;
        }
        this.commits++;
        this.kept.push(...this.#written.splice(0));
      },
      close: async () => {
        open = false;
      },
    };
    return environment as unknown as Environment;
  }

  write(what: string, again?: 'once'): Promise<unknown> {
    return this.groups.write(() => this.#written.push(what), again === undefined ? {} : { again });
  }

  read(): Promise<string[]> {
    return this.groups.read(() => [...this.kept, ...this.#written]);
  }
}

const settled = async (promises: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(promises)).map((each) => (each.status === 'fulfilled' ? 'kept' : each.reason.message));

it('carries out what comes during a commit in one next commit, in order', async () => {
  const disk = new FaultyDisk();
  const first = disk.write('0');
  await new Promise((resolve) => setImmediate(resolve));
  const rest = Array.from({ length: 500 }, (_, index) => disk.write(String(index + 1)));
  await Promise.all([first, ...rest]);
  expect(disk.kept).toEqual(Array.from({ length: 501 }, (_, index) => String(index)));
  expect(disk.commits).toBeLessThanOrEqual(3);
});

it('keeps nothing of a failed commit, fails each of its operations, and writes again when the disk works', async () => {
  const disk = new FaultyDisk();
  disk.failures = ['no space left'];
  const refused = 'the store cannot write: no space left';
  expect(await settled([disk.write('a'), disk.write('b')])).toEqual([refused, refused]);
  expect(await settled([disk.write('too early')])).toEqual([refused]);
  await expect.poll(() => settled([disk.write('c')])).toEqual(['kept']);
  expect(disk.kept).toEqual(['c']);
  expect(disk.opened).toBe(2);
  expect(disk.log).toEqual([
    'error store: cannot write: no space left; what is to be stored fails until it can',
    'warning store: writes again',
  ]);
});

it('tells what a failure says of the disk, once for one reason', async () => {
  const disk = new FaultyDisk();
  disk.room = 9;
  disk.failures = ['full', 'full'];
  expect(await settled([disk.write('a')])).toEqual(['the store cannot write: full (9 KiB free)']);
  await expect.poll(() => settled([disk.write('b')])).toEqual(['the store cannot write: full (8 KiB free)']);
  expect(disk.log).toEqual(['error store: cannot write: full (9 KiB free); what is to be stored fails until it can']);
});

it('answers reads from what is there, and tries removals once more without the sends', async () => {
  const disk = new FaultyDisk();
  await disk.write('before');
  disk.failures = ['no space left'];
  const orders = [disk.write('a'), disk.read(), disk.write('removal', 'once'), disk.read()];
  expect(await Promise.allSettled(orders)).toMatchObject([
    { status: 'rejected' },
    { value: ['before'] },
    { status: 'fulfilled' },
    { value: ['before', 'removal'] },
  ]);
  disk.failures = ['no space left', 'no space left'];
  expect(await settled([disk.write('removal', 'once')])).toEqual(['the store cannot write: no space left']);
  expect(await disk.read()).toEqual(['before', 'removal']);
});

it('goes on when the file can be opened again, however late', async () => {
  const disk = new FaultyDisk();
  disk.failures = ['input/output error'];
  disk.failsToOpen = 3;
  expect(await settled([disk.write('a'), disk.read()])).toEqual([
    'the store cannot write: input/output error',
    'the store cannot write: input/output error',
  ]);
  await expect.poll(() => settled([disk.write('b')])).toEqual(['kept']);
  expect(await disk.read()).toEqual(['b']);
});

it('fails a refused operation alone, and a broken operation together with its group', async () => {
  const disk = new FaultyDisk();
  const refuse = () => {
    throw new Refusal('no');
  };
  expect(await settled([disk.write('a'), disk.groups.write(refuse), disk.write('b')])).toEqual(['kept', 'no', 'kept']);
  const broken = () => {
    throw new RangeError('a torn record');
  };
  expect(
    await settled([disk.write('c'), disk.groups.write(broken), disk.groups.write(broken, { again: 'reads' })]),
  ).toEqual(Array(3).fill('the store cannot write: a torn record'));
  expect(disk.kept).toEqual(['a', 'b']);
});

it('holds no more than 64 MiB of answers', async () => {
  const disk = new FaultyDisk();
  const orders = Array.from({ length: 9 }, () => disk.groups.write(() => undefined, { bytes: 2 ** 23 }));
  expect((await settled(orders)).filter((each) => each !== 'kept')).toEqual(['the disk is too slow for what is sent']);
  expect(await settled([disk.groups.write(() => undefined, { bytes: 2 ** 26 })])).toEqual(['kept']);
});

it('finishes running operations when it is closed, and takes no more', async () => {
  const disk = new FaultyDisk();
  const orders = [disk.write('a'), disk.write('b')];
  await disk.groups.close();
  expect(await settled(orders)).toEqual(['kept', 'kept']);
  expect(await settled([disk.write('c'), disk.read()])).toEqual(['the store is closed', 'the store is closed']);
});

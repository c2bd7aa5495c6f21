import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { looseFileLine, looseMode } from '../../../open-to-others.js';
import { reasonOf, storeError } from './store-error.js';

const LOCK = 'lock';
const STORE = 'messages.mdb';
const MEDIA = 'media';
/** Name of a store that is being made. A leftover of an interrupted start is removed. */
const UNFINISHED = `${STORE}.new`;
/** Files that a new data directory may have: some file systems create a folder of their own. */
const NO_CONTENT = [LOCK, 'lost+found', UNFINISHED, `${UNFINISHED}-lock`];

/** Locks the file of a descriptor; the addon has one. */
export type TryLock = (descriptor: number) => boolean;

/**
 * The data directory of one server: `messages.mdb` (with LMDB's `messages.mdb-lock`), `media/`, and `lock`, a file that
 * is locked while a server runs, and holds its process id for people. The lock ends with the process, however it ends.
 */
export class DataFolder {
  readonly path: string;
  readonly #lock: number;

  private constructor(path: string, lock: number) {
    this.path = path;
    this.#lock = lock;
  }

  /**
   * Makes the folder if there is none, and locks it. Throws what {@link storeError} makes.
   *
   * @param tryLock - takes the exclusive lock of an open file, which ends with the descriptor; false if another process
   * has the lock
   */
  static open(given: string, tryLock: TryLock): DataFolder {
    const path = resolve(given);
    try {
      makeFolder(path);
      if (!statSync(path).isDirectory()) throw new Error('it is a file');
      accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      throw unusable(path, reasonOf(error), 'give a folder that this server may read and write', error);
    }
    return new DataFolder(path, lock(path, tryLock));
  }

  get storePath(): string {
    return join(this.path, STORE);
  }

  get mediaPath(): string {
    return join(this.path, MEDIA);
  }

  /**
   * True if the folder is empty, so that a store may be made. Throws if the folder has other files but no store: then
   * the store was lost, or the folder belongs to another program.
   */
  isNew(): boolean {
    const content = readdirSync(this.path);
    if (content.includes(STORE)) return false;
    const others = content.filter((name) => !NO_CONTENT.includes(name));
    if (others.length === 0) return true;
    const some = others.slice(0, 3).join(', ') + (others.length > 3 ? ', …' : '');
    throw unusable(
      this.path,
      `expected ${STORE} or an empty folder, found ${some} without it`,
      `restore ${STORE} from a backup, or give an empty folder`,
    );
  }

  /**
   * Path for a new store. {@link adoptStore} moves it to its place, so that the folder has a complete store or none.
   */
  prepareStore(): string {
    const path = join(this.path, UNFINISHED);
    for (const each of [path, `${path}-lock`]) {
      rmSync(each, { force: true });
      makeFile(each); // LMDB would let everybody read the files that it makes
    }
    return path;
  }

  adoptStore(): void {
    renameSync(join(this.path, UNFINISHED), this.storePath);
    rmSync(join(this.path, `${UNFINISHED}-lock`), { force: true });
    const folder = openSync(this.path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }

  /** Makes the files that LMDB would make for all to read, and tells of files that others can read or write. */
  protect(log: ((level: 'warning', line: string) => void) | undefined): void {
    const lockFile = `${this.storePath}-lock`;
    if (!existsSync(lockFile)) makeFile(lockFile);
    for (const path of [this.storePath, lockFile]) {
      const mode = looseMode(path);
      if (mode !== undefined) log?.('warning', looseFileLine(path, mode, 'the store'));
    }
  }

  /** Lets the next server in. */
  release(): void {
    closeSync(this.#lock);
  }
}

/** Makes one folder after another: `recursive` of mkdir never returns below /proc (Node 20). */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

/** Makes an empty file for this user alone. */
function makeFile(path: string): void {
  closeSync(openSync(path, 'wx', 0o600));
}

function lock(path: string, tryLock: TryLock): number {
  const file = join(path, LOCK);
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
  } catch (error) {
    throw unusable(path, reasonOf(error), 'give a folder that this server may read and write', error);
  }
  try {
    if (!tryLock(descriptor)) {
      const owner = readFileSync(file, 'utf8').trim();
      const who = /^\d+$/.test(owner) ? `another server (process ${owner})` : 'another server';
      throw unusable(path, `${who} uses it`, 'stop that one, or give each server a folder of its own');
    }
    ftruncateSync(descriptor);
    writeSync(descriptor, `${process.pid}\n`, 0);
    return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

export function unusable(path: string, found: string, todo: string, cause?: unknown): Error {
  return storeError(`cannot use the data directory "${path}": ${found}; ${todo}`, cause);
}

import type { RootDatabase } from 'lmdb';
import { loadOptional, type optionalPackages } from '../../../optional.js';
import { type Change, Table } from './table.js';

/** Names of the tables in the file. The code that writes a table describes its content. */
const TABLES = [
  'meta',
  'offline',
  'offlineTimes',
  'offlineSenders',
  'offlineUsage',
  'history',
  'historyLines',
  'usage',
  'media',
  'mediaTimes',
  'mediaOwners',
] as const;

export type Tables = { readonly [name in (typeof TABLES)[number]]: Table };

type Lmdb = ReturnType<typeof optionalPackages.lmdb>;

const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;

/** The library is an optional dependency, so that bots install without it. */
export function loadLmdb(from?: { readonly lmdb: () => unknown }): Lmdb {
  return loadOptional('lmdb', 'keep data in a folder (the option "data")', from);
}

/** The open file: its tables, and transactions on them, one at a time. */
export class Environment {
  readonly tables: Tables;
  readonly #root: RootDatabase<Buffer, Uint8Array>;
  readonly #abort: object;
  readonly #changes: Change[];

  private constructor(root: RootDatabase<Buffer, Uint8Array>, abort: object, tables: Tables, changes: Change[]) {
    this.#root = root;
    this.#abort = abort;
    this.tables = tables;
    this.#changes = changes;
  }

  /**
   * Opens the file, or makes it. Blocks for a moment.
   *
   * @param check - sees the table `meta`, if there is one, before anything is written, and throws if the file is not
   * ours
   */
  static open({ open, ABORT }: Lmdb, path: string, check: (meta: Pick<Table, 'get'> | undefined) => void): Environment {
    const root = open<Buffer, Uint8Array>({
      path,
      noSubdir: true,
      maxDbs: TABLES.length + 3,
      ...BINARY,
      // A commit ends when the data and then the root page are on disk, and fails if either write fails.
      overlappingSync: false,
      // GroupCommit makes the groups. The library's own groups reject a promise that no code can reach when a commit
      // fails.
      eventTurnBatching: false,
    });
    try {
      check(root.openDB<Buffer, Uint8Array>('meta', { ...BINARY, create: false } as typeof BINARY));
      const changes: Change[] = [];
      const opened = TABLES.map((name) => {
        return [name, new Table(root.openDB<Buffer, Uint8Array>(name, BINARY), changes)] as const;
      });
      return new Environment(root, ABORT, Object.fromEntries(opened) as Tables, changes);
    } catch (error) {
      void root.close();
      throw error;
    }
  }

  /**
   * Runs `work` at once; `work` sees its own writes. Resolves when all writes are on disk. If `work` throws or the disk
   * fails, no write is kept, and the environment must be closed.
   *
   * `work` runs in a transaction that is aborted, and the library's thread makes the same writes again. A commit on
   * this thread would block it while the disk works. A transaction of the library's thread that calls back into
   * JavaScript hangs if the process exits meanwhile.
   */
  async transaction(work: () => void): Promise<void> {
    this.#changes.length = 0;
    this.#root.transactionSync(() => {
      work();
      return this.#abort;
    });
    const changes = this.#changes.splice(0);
    if (changes.length === 0) return;
    try {
      await this.#root.batch(() => {
        for (const { database, key, value } of changes) {
          void (value === undefined ? database.remove(key) : database.put(key, value));
        }
      });
    } catch (error) {
      const { commitError } = error as { commitError?: Promise<never> };
      throw commitError === undefined ? error : await commitError.catch((reason: unknown) => reason);
    }
  }

  /** Removes tables that an earlier format had, if they are there. */
  async drop(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const former = this.#root.openDB<Buffer, Uint8Array>(name, { ...BINARY, create: false } as typeof BINARY);
      await (former as typeof former | undefined)?.drop();
    }
  }

  close(): Promise<void> {
    return this.#root.close();
  }
}

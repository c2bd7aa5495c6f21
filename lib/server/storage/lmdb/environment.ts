import type { RootDatabase } from 'lmdb';
import { importOptional } from '../../../optional.js';
import { type Change, Table } from './table.js';

/** Names of the tables in the file. What is in each is said where it is written. */
const TABLES = [
  'meta',
  'offline',
  'offlineTimes',
  'history',
  'historySources',
  'historyDestinations',
  'usage',
  'media',
  'mediaTimes',
] as const;

export type Tables = { readonly [name in (typeof TABLES)[number]]: Table };

type Lmdb = typeof import('lmdb');

const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;

/** The library is an optional dependency, so that bots install without it. */
export function loadLmdb(load: () => Promise<unknown> = () => import('lmdb')): Promise<Lmdb> {
  return importOptional('lmdb', load as () => Promise<Lmdb>, 'keep data in a folder (the option "data")');
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
      // A commit is over when data and then the root are on disk, and fails if either is not.
      overlappingSync: false,
      // Groups are ours (GroupCommit). With theirs, a failed commit rejects a promise that nobody can reach.
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
   * Runs `work`, which sees what it writes, at once; resolves when all of that is on disk. If `work` throws, or the
   * disk fails, nothing of it is kept, and the environment must be closed.
   *
   * `work` runs in a transaction that is given up, and what it has written is written again by the library's thread:
   * a commit on this thread would stop it for as long as the disk takes, and a transaction of the library's thread that
   * calls back here hangs when the process exits meanwhile.
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

  close(): Promise<void> {
    return this.#root.close();
  }
}

import type { Database, RootDatabase } from 'lmdb';
import { reasonOf, storeError } from './store-error.js';

export type Table = Database<Buffer, Uint8Array>;

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

/** The library is an optional dependency, so that bots install without it. */
export async function loadLmdb(load: () => Promise<unknown> = () => import('lmdb')): Promise<Lmdb> {
  try {
    return (await load()) as Lmdb;
  } catch (cause) {
    throw storeError(
      `a data directory needs the npm package "lmdb", which does not load: ${reasonOf(cause)}; ` +
        'install it ("npm install lmdb", or reinstall without --omit=optional), or start without a data directory',
      cause,
    );
  }
}

/** The open file: its tables, and transactions on them. */
export class Environment {
  readonly tables: Tables;
  readonly #root: RootDatabase<Buffer, Uint8Array>;

  private constructor(root: RootDatabase<Buffer, Uint8Array>, tables: Tables) {
    this.#root = root;
    this.tables = tables;
  }

  /**
   * Opens the file, or makes it. Blocks for a moment.
   *
   * @param check - sees the table `meta`, if there is one, before anything is written, and throws if the file is not ours
   */
  static open({ open }: Lmdb, path: string, check: (meta: Table | undefined) => void): Environment {
    const root = open<Buffer, Uint8Array>({
      path,
      noSubdir: true,
      maxDbs: TABLES.length + 3,
      encoding: 'binary',
      keyEncoding: 'binary',
      // A commit is over when data and then the root are on disk, and fails if either is not.
      overlappingSync: false,
      // Groups are ours (GroupCommit). With theirs, a failed commit rejects a promise that nobody can reach.
      eventTurnBatching: false,
    });
    try {
      const options = { encoding: 'binary', keyEncoding: 'binary' } as const;
      check(root.openDB('meta', { ...options, create: false } as typeof options) as Table | undefined);
      const opened = TABLES.map((name) => [name, root.openDB<Buffer, Uint8Array>(name, options)] as const);
      return new Environment(root, Object.fromEntries(opened) as Tables);
    } catch (error) {
      void root.close();
      throw error;
    }
  }

  /**
   * Runs `work` in a transaction of its own, soon; resolves when it is on disk. If `work` throws, or the disk fails,
   * nothing of it is kept, and the environment must be closed.
   */
  async transaction(work: () => void): Promise<void> {
    try {
      // As a child, so that what throws leaves nothing in the transaction around it.
      await this.#root.childTransaction(work);
    } catch (error) {
      const { commitError } = error as { commitError?: Promise<never> };
      throw commitError === undefined ? error : await commitError.catch((reason: unknown) => reason);
    }
  }

  close(): Promise<void> {
    return this.#root.close();
  }
}

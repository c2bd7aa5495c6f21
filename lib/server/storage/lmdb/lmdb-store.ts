import type {
  HistoryFilter,
  HistoryPage,
  HistoryRecord,
  MediaRecord,
  MessageStore,
  OfflineEntry,
  OfflineMessage,
} from '../message-store.js';
import { DataFolder, type TryLock, unusable } from './data-folder.js';
import { explainFailedWrite } from './disk-room.js';
import { Environment, loadLmdb } from './environment.js';
import { GroupCommit } from './group-commit.js';
import { History } from './history.js';
import { Ledger } from './ledger.js';
import { MediaCatalog } from './media-catalog.js';
import { indexSenders } from './offline-index.js';
import { OfflineQueues } from './offline-queues.js';
import { OfflineShares } from './offline-shares.js';
import { findDamage } from './page-check.js';
import { DURABLE_RETENTION, type Retention } from './retention.js';
import { reasonOf } from './store-error.js';
import { dropFormerTables, upgradeHistory } from './upgrade.js';

/** The layout of tables, keys and values that this code reads and writes. */
const FORMAT = 2;
const OLDEST_FORMAT = 1;
const FORMAT_KEY = Buffer.from('format');

const SWEEP_MS = 1000;
/** Most entries of each kind that one transaction of the sweep drops. */
const SWEPT = 500;

export interface LmdbStoreOptions {
  /** Locks the data directory; the addon's `tryLock`. */
  readonly tryLock: TryLock;
  readonly retention?: Partial<Retention> | undefined;
  /** The Apps of the server, which share the bytes of offline messages. */
  readonly appIds?: readonly string[] | undefined;
  /** Told when writing fails, and when it works again. Lines have no payloads. */
  readonly log?: ((level: 'warning' | 'error', line: string) => void) | undefined;
  /** Wall clock in milliseconds, for the sweep. */
  readonly now?: (() => number) | undefined;
}

/**
 * The store of a data directory. Promises resolve when the commit is on disk, so a resolved operation survives a crash
 * of the process and of the machine. Many operations share one commit. A rejected append has left nothing behind.
 */
export class LmdbStore implements MessageStore {
  readonly #folder: DataFolder;
  readonly #commits: GroupCommit;
  readonly #offline: OfflineQueues;
  readonly #history: History;
  readonly #media: MediaCatalog;
  readonly #timer: NodeJS.Timeout;
  #sweeping: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    folder: DataFolder,
    environment: Environment,
    reopen: () => Environment,
    options: LmdbStoreOptions,
  ) {
    const retention = { ...DURABLE_RETENTION, ...options.retention };
    const ledger = new Ledger(environment.tables);
    this.#folder = folder;
    const shares = new OfflineShares(environment.tables, retention.offlineBytes, options.appIds ?? []);
    this.#offline = new OfflineQueues(environment.tables, ledger, shares, retention);
    this.#history = new History(environment.tables, ledger, retention);
    this.#media = new MediaCatalog(environment.tables, () => ledger.nextNumber());
    this.#commits = new GroupCommit(environment, {
      reopen,
      beforeCommit: () => {
        ledger.save();
        shares.save();
      },
      opened: ({ tables }) => {
        ledger.load(tables);
        shares.load(tables);
        for (const part of [this.#offline, this.#history, this.#media]) part.reset(tables);
      },
      explain: (reason) => explainFailedWrite(folder.storePath, reason),
      log: options.log ?? (() => undefined),
    });
    const now = options.now ?? Date.now;
    this.#timer = setInterval(() => void this.sweep(now()).catch(() => undefined), SWEEP_MS).unref();
  }

  /**
   * Opens a data directory, or makes it. Blocks while it looks for damage.
   *
   * @throws RtmError `ERR_RTM_SERVER_START`, as a rejection, if `lmdb` is not installed, if the folder cannot be used
   * or is in use, or if the store is damaged or of a newer version. The folder has not been changed then.
   */
  static async open(path: string, options: LmdbStoreOptions): Promise<LmdbStore> {
    const lmdb = loadLmdb();
    const folder = DataFolder.open(path, options.tryLock);
    try {
      if (folder.isNew()) await create(lmdb, folder);
      folder.protect(options.log);
      const damage = findDamage(folder.storePath);
      if (damage !== undefined) throw damaged(folder, damage);
      const reopen = () => Environment.open(lmdb, folder.storePath, (meta) => checkFormat(folder, meta));
      const environment = reopen();
      await upgrade(environment, options);
      await dropFormerTables(environment).catch((error: unknown) => {
        options.log?.(
          'warning',
          `store: cannot remove tables of an earlier format, tries again at the next start: ${reasonOf(error)}`,
        );
      });
      await indexSenders(environment);
      return new LmdbStore(folder, environment, reopen, options);
    } catch (error) {
      folder.release();
      if ((error as { code?: unknown }).code === 'ERR_RTM_SERVER_START') throw error;
      throw unusable(folder.path, reasonOf(error), 'see that this server may read and write it, and has room', error);
    }
  }

  /** The folder for media bodies, which lies beside the store. */
  get mediaPath(): string {
    return this.#folder.mediaPath;
  }

  appendOffline(appId: string, receiver: string, message: OfflineMessage): Promise<void> {
    const bytes = message.content.length;
    return this.#commits.write(() => this.#offline.append(appId, receiver, message), { bytes });
  }

  loadOffline(appId: string, receiver: string, nowMs: number): Promise<OfflineEntry[]> {
    return this.#commits.read(() => this.#offline.load(appId, receiver, nowMs));
  }

  removeOffline(appId: string, receiver: string, first: number, last: number): Promise<void> {
    return this.#commits.write(() => this.#offline.remove(appId, receiver, first, last), { again: 'once' });
  }

  appendHistory(appId: string, record: HistoryRecord): Promise<void> {
    const bytes = record.text.length;
    return this.#commits.write(() => this.#history.append(appId, record), { bytes });
  }

  queryHistory(appId: string, filter: HistoryFilter): Promise<HistoryPage> {
    return this.#history.query(appId, filter);
  }

  findMedia(appId: string, mediaId: string, nowMs: number): Promise<MediaRecord | undefined> {
    return this.#commits.read(() => this.#media.find(appId, mediaId, nowMs));
  }

  addMedia(record: MediaRecord): Promise<void> {
    return this.#commits.write(() => this.#media.add(record));
  }

  async takeExpiredMedia(nowMs: number, most: number): Promise<MediaRecord[]> {
    if (!(await this.#commits.read(() => this.#media.hasExpired(nowMs)))) return [];
    return this.#commits.write(() => this.#media.takeExpired(nowMs, most), { again: 'once' });
  }

  findListedMedia(mediaId: string): Promise<MediaRecord | undefined> {
    return this.#commits.read(() => this.#media.findListed(mediaId));
  }

  /** Drops expired entries in small transactions. The store's own timer calls it. */
  sweep(nowMs: number): Promise<void> {
    this.#sweeping ??= this.#sweepAll(nowMs).finally(() => {
      this.#sweeping = undefined;
    });
    return this.#sweeping;
  }

  async #sweepAll(nowMs: number): Promise<void> {
    const expired = () => this.#offline.hasExpired(nowMs) || this.#history.hasExpired(nowMs);
    while (this.#closing === undefined && (await this.#commits.read(expired))) {
      const sweep = () => {
        this.#offline.sweep(nowMs, SWEPT);
        this.#history.sweep(nowMs, SWEPT);
      };
      await this.#commits.write(sweep, { again: 'once' });
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping?.catch(() => undefined);
    await this.#commits.close();
    this.#folder.release();
  }
}

/**
 * Makes the store beside its place and moves it when it is complete, so that a store in its place is always complete.
 */
async function create(lmdb: ReturnType<typeof loadLmdb>, folder: DataFolder): Promise<void> {
  const environment = Environment.open(lmdb, folder.prepareStore(), () => undefined);
  try {
    await environment.transaction(() => putFormat(environment));
  } finally {
    await environment.close();
  }
  folder.adoptStore();
}

function putFormat({ tables }: Environment): void {
  const format = Buffer.alloc(4);
  format.writeUInt32LE(FORMAT);
  tables.meta.put(FORMAT_KEY, format);
}

/** Brings a store of an earlier format to the present one. If it fails, the store is as good as before. */
async function upgrade(environment: Environment, { log }: LmdbStoreOptions): Promise<void> {
  if (environment.tables.meta.get(FORMAT_KEY)?.readUInt32LE(0) === FORMAT) return;
  try {
    log?.('warning', `store: builds the index of format ${FORMAT} for its history, once; this may take a while`);
    const records = await upgradeHistory(environment, () => putFormat(environment));
    log?.('warning', `store: has format ${FORMAT} now, ${records} records of history`);
  } catch (error) {
    await environment.close().catch(() => undefined);
    throw error;
  }
}

function checkFormat(folder: DataFolder, meta: { get(key: Uint8Array): Buffer | undefined } | undefined): void {
  const value = meta?.get(FORMAT_KEY);
  if (value?.length !== 4) throw damaged(folder, 'expected the number of its format, found none');
  const format = value.readUInt32LE(0);
  if (format > FORMAT) {
    throw unusable(
      folder.path,
      `its store has format ${format}, this version of rtm-native knows ${FORMAT}`,
      'run the version that wrote it, or a newer one',
    );
  }
  if (format < OLDEST_FORMAT) throw damaged(folder, `a format of ${format}, the first one is ${OLDEST_FORMAT}`);
}

function damaged(folder: DataFolder, damage: string): Error {
  return unusable(
    folder.path,
    `its store (messages.mdb) is damaged: ${damage}`,
    'restore the folder from a backup, or move it away and start with an empty one',
  );
}

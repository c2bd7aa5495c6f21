import type { Database, RangeOptions } from 'lmdb';

type BinaryDatabase = Database<Buffer, Uint8Array>;

/** A change of one key in a transaction. */
export interface Change {
  readonly database: BinaryDatabase;
  readonly key: Uint8Array;
  /** The new value; undefined removes the key. */
  readonly value: Buffer | undefined;
}

export interface Entry {
  readonly key: Uint8Array;
  readonly value: Buffer;
}

/** A table of the store. Inside a transaction reads see what was written before. */
export class Table {
  readonly #database: BinaryDatabase;
  readonly #changes: Change[];

  /** `changes` collects all writes. */
  constructor(database: BinaryDatabase, changes: Change[]) {
    this.#database = database;
    this.#changes = changes;
  }

  get(key: Uint8Array): Buffer | undefined {
    return this.#database.get(key);
  }

  has(key: Uint8Array): boolean {
    return this.#database.doesExist(key);
  }

  /** Returns copies, so that the table may be changed while they are read. */
  range(range: RangeOptions = {}): Entry[] {
    return [...this.#database.getRange(range)] as Entry[];
  }

  keys(range: RangeOptions = {}): Uint8Array[] {
    return [...this.#database.getKeys(range)];
  }

  count(range: RangeOptions): number {
    return this.#database.getKeysCount(range);
  }

  /** Inside a transaction, as {@link remove}. */
  put(key: Uint8Array, value: Buffer): void {
    void this.#database.put(key, value);
    this.#changes.push({ database: this.#database, key, value });
  }

  remove(key: Uint8Array): void {
    void this.#database.remove(key);
    this.#changes.push({ database: this.#database, key, value: undefined });
  }
}

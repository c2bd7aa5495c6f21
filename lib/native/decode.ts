// Reads the packed columns of a batch, field by field. decode-events.ts knows the fields of each kind.
import { DECODERS } from './decode-events.js';
import type { Columns } from './environment.js';
import { EventKind, HEADER_WORDS, OWN_BUFFER, type Sinks } from './event-kinds.js';

/** The source of fields that do not fit into the columns. */
export interface Slabs {
  bytes(): ArrayBuffer;
  ownBuffer(index: number): ArrayBuffer;
}

/**
 * Reads the records of one batch, one {@link next} each. All fields of a record are read before its sink is called, so
 * that a sink that throws leaves the reader at the next record.
 */
export class BatchReader {
  /** Events not read yet. */
  left = 0;
  readonly #columns: Columns;
  readonly #slabs: Slabs;
  #words: Uint32Array;
  #numbers: Float64Array;
  #text = '';
  #bytes: ArrayBuffer | undefined;
  /** Positions in words, numbers, text and bytes. */
  #w = 0;
  #n = 0;
  #t = 0;
  #b = 0;
  /** User ids by slot; see {@link EventKind.UserName}. */
  readonly #users: string[] = [];

  constructor(columns: Columns, slabs: Slabs) {
    this.#columns = columns;
    this.#slabs = slabs;
    this.#words = columns.words;
    this.#numbers = columns.numbers;
  }

  /** Begins with the batch that was just drained into the columns; `text` is its string slab. */
  load(text: string): void {
    this.#words = this.#columns.words;
    this.#numbers = this.#columns.numbers;
    this.#text = text;
    this.left = this.#words[0] as number;
    this.#bytes = this.#words[2] !== 0 ? this.#slabs.bytes() : undefined;
    this.#w = HEADER_WORDS;
    this.#n = 0;
    this.#t = 0;
    this.#b = 0;
  }

  /** Forgets the batch, so that nothing but kept messages holds its slabs. */
  unload(): void {
    this.#text = '';
    this.#bytes = undefined;
  }

  /** Delivers one event; only while {@link left} is above 0. */
  next(sinks: Sinks): void {
    this.left--;
    const kind = this.word();
    const handle = this.word();
    if (kind === EventKind.UserName) {
      this.#nameUser();
      return;
    }
    if (kind === EventKind.Log && handle === 0) {
      const level = this.word();
      sinks.onClientLog(level, this.string());
      return;
    }
    const decode = DECODERS[kind];
    if (decode === undefined) this.#unknown(kind);
    else decode(this, sinks.get(handle));
  }

  word(): number {
    return this.#words[this.#w++] as number;
  }

  number(): number {
    return this.#numbers[this.#n++] as number;
  }

  string(): string {
    const start = this.#t;
    this.#t = this.#words[this.#w++] as number;
    return this.#text.slice(start, this.#t);
  }

  user(): string {
    return this.#users[this.#words[this.#w++] as number] as string;
  }

  payload(): Buffer {
    const end = this.word();
    if (end >= OWN_BUFFER) return Buffer.from(this.#slabs.ownBuffer(end - OWN_BUFFER));
    const start = this.#b;
    this.#b = end;
    return this.#bytes ? Buffer.from(this.#bytes, start, end - start) : Buffer.alloc(0);
  }

  /** A list of what `item` reads. */
  list<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let count = this.word(); count > 0; count--) items.push(item());
    return items;
  }

  #nameUser(): void {
    const slot = this.word();
    // A copy: a slice would keep the whole slab alive for as long as the slot lives. User ids are ASCII.
    this.#users[slot] = Buffer.from(this.string(), 'latin1').toString('latin1');
  }

  /**
   * The positions of all later records of the batch are unknown too: the addon and this file do not belong together.
   */
  #unknown(kind: number): never {
    this.left = 0;
    throw new Error(`event kind ${kind} is not known: the addon is of another version than its JavaScript`);
  }
}

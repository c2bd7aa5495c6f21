// How fields are packed on the bridge; the other side of `cpp/server/bridge/record.hpp`. Numbers are little-endian,
// texts (UTF-8) and bytes have their length in four bytes before them, a list is its count, then its items.

/**
 * Reads the fields of records. A read behind the end throws a RangeError: the addon does not belong to this JavaScript.
 * Bytes are views into the batch, which nobody changes; texts are copies.
 */
export class RecordReader {
  readonly #buffer: Buffer;
  #at = 0;
  /** No read goes beyond this place. */
  #end: number;

  constructor(batch: ArrayBuffer) {
    this.#buffer = Buffer.from(batch);
    this.#end = this.#buffer.length;
  }

  get left(): number {
    return this.#end - this.#at;
  }

  get at(): number {
    return this.#at;
  }

  /**
   * Lets `read` read the next `size` bytes and none behind them, and goes on behind them, whether or not it has read them
   * all. `read` does not throw.
   */
  within(size: number, read: () => void): void {
    const [start, end] = [this.#move(size), this.#end];
    this.#at = start;
    this.#end = start + size;
    read();
    this.#at = this.#end;
    this.#end = end;
  }

  byte(): number {
    return this.#buffer.readUInt8(this.#move(1));
  }

  flag(): boolean {
    return this.byte() !== 0;
  }

  word(): number {
    return this.#buffer.readUInt32LE(this.#move(4));
  }

  /** 64 bits, of which at most 53 are used. */
  number(): number {
    const low = this.word();
    return low + this.word() * 0x1_0000_0000;
  }

  /** 64 bits as 16 hex digits. */
  id(): string {
    const start = this.#move(8);
    return this.#buffer.readBigUInt64LE(start).toString(16).padStart(16, '0');
  }

  text(): string {
    const size = this.word();
    const start = this.#move(size);
    return this.#buffer.toString('utf8', start, start + size);
  }

  bytes(): Uint8Array {
    return this.raw(this.word());
  }

  /** Bytes whose number is known. */
  raw(size: number): Uint8Array {
    const start = this.#move(size);
    return this.#buffer.subarray(start, start + size);
  }

  list<T>(item: (reader: this) => T): T[] {
    const items: T[] = [];
    for (let left = this.word(); left > 0; left--) items.push(item(this));
    return items;
  }

  #move(size: number): number {
    const start = this.#at;
    if (size > this.#end - start) {
      throw new RangeError(`a record ends after ${this.#end} bytes, expected ${size} at ${start}`);
    }
    this.#at = start + size;
    return start;
  }
}

const FIRST_BYTES = 4096;
/** A buffer above this is not kept when it has been emptied. */
const KEPT_BYTES = 1024 * 1024;

/** Appends fields, and whole records, to a buffer that is used again and again. */
export class RecordWriter {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  byte(value: number): this {
    const at = this.#grow(1); // first: it may replace the buffer
    this.#buffer.writeUInt8(value, at);
    return this;
  }

  flag(value: boolean): this {
    return this.byte(value ? 1 : 0);
  }

  word(value: number): this {
    const at = this.#grow(4); // first: it may replace the buffer
    this.#buffer.writeUInt32LE(value, at);
    return this;
  }

  /** A whole number from 0 to 2^53 - 1. */
  number(value: number): this {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`expected a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, got ${value}`);
    }
    return this.word(value % 0x1_0000_0000).word(Math.floor(value / 0x1_0000_0000));
  }

  /** 16 hex digits as 64 bits. */
  id(value: string): this {
    const at = this.#grow(8);
    this.#buffer.writeBigUInt64LE(BigInt(`0x${value}`), at);
    return this;
  }

  text(value: string): this {
    const size = Buffer.byteLength(value);
    this.word(size);
    const at = this.#grow(size);
    this.#buffer.write(value, at, 'utf8');
    return this;
  }

  bytes(value: Uint8Array): this {
    return this.word(value.length).raw(value, value.length);
  }

  /** Bytes whose number the reader knows to be `size`. */
  raw(value: Uint8Array, size: number): this {
    if (value.length !== size) throw new RangeError(`expected ${size} bytes, got ${value.length}`);
    const at = this.#grow(size);
    this.#buffer.set(value, at);
    return this;
  }

  list<T>(items: readonly T[], write: (item: T) => void): this {
    this.word(items.length);
    for (const item of items) write(item);
    return this;
  }

  /** A record: its size, then what `write` writes. If that throws, nothing of it is left. */
  record(write: (writer: this) => void): void {
    const start = this.#size;
    try {
      this.word(0);
      write(this);
      this.#buffer.writeUInt32LE(this.#size - start - 4, start);
    } catch (error) {
      this.#size = start;
      throw error;
    }
  }

  /** All that was written, valid until the next write; the writer is empty then. */
  take(): Uint8Array {
    const taken = this.#buffer.subarray(0, this.#size);
    this.#size = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
    return taken;
  }

  #grow(size: number): number {
    const start = this.#size;
    const needed = start + size;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, start);
      this.#buffer = larger;
    }
    this.#size = needed;
    return start;
  }
}

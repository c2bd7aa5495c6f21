import type { Columns } from '../../lib/native/environment.js';
import { type EventKind, HEADER_WORDS } from '../../lib/native/event-kinds.js';

/** Packs records as the addon does, so that the JavaScript side can be tested without it. */
export class BatchWriter {
  #events = 0;
  #words: number[] = [];
  #numbers: number[] = [];
  #text = '';
  #bytes: number[] = [];
  #own: Uint8Array[] = [];

  record(kind: EventKind, handle: number): this {
    this.#events++;
    this.#words.push(kind, handle);
    return this;
  }

  word(...values: number[]): this {
    this.#words.push(...values);
    return this;
  }

  number(...values: number[]): this {
    this.#numbers.push(...values);
    return this;
  }

  text(value: string): this {
    this.#text += value;
    this.#words.push(this.#text.length);
    return this;
  }

  payload(data: Uint8Array, own = false): this {
    if (own) {
      this.#words.push(0x80000000 + this.#own.push(data) - 1);
    } else {
      this.#bytes.push(...data);
      this.#words.push(this.#bytes.length);
    }
    return this;
  }

  /** A message's fields: type and flags, ids, text. */
  message(type: number, id: number, ts: number, text: string): this {
    return this.word(type).number(id, ts).text(text);
  }

  finish(): Batch {
    return {
      words: [this.#events, this.#words.length, this.#bytes.length, this.#own.length, ...this.#words],
      numbers: this.#numbers,
      text: this.#text,
      bytes: Uint8Array.from(this.#bytes).buffer,
      own: this.#own,
    };
  }
}

export interface Batch {
  words: number[];
  numbers: number[];
  text: string;
  bytes: ArrayBuffer;
  own: Uint8Array[];
}

/** Stands in for the addon's port: hands out batches that a test has put in. */
export class FakeSource {
  readonly columns: Columns = {
    words: new Uint32Array(HEADER_WORDS),
    numbers: new Float64Array(1),
    out: new Float64Array(1),
    arguments: new Float64Array(3),
  };
  readonly batches: Batch[] = [];
  #current: Batch | undefined;
  /** How often the byte slab was asked for. */
  slabs = 0;

  put(writer: BatchWriter): void {
    this.batches.push(writer.finish());
  }

  drain(): string | undefined {
    this.#current = this.batches.shift();
    if (!this.#current) return undefined;
    const { words, numbers, text } = this.#current;
    if (words.length > this.columns.words.length) this.columns.words = new Uint32Array(words.length * 2);
    if (numbers.length > this.columns.numbers.length) this.columns.numbers = new Float64Array(numbers.length * 2);
    this.columns.words.set(words);
    this.columns.numbers.set(numbers);
    return text;
  }

  bytes(): ArrayBuffer {
    this.slabs++;
    return this.#current?.bytes as ArrayBuffer;
  }

  ownBuffer(index: number): ArrayBuffer {
    const data = this.#current?.own[index] as Uint8Array;
    return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) as ArrayBuffer;
  }
}

import type { HistoryRecord } from '../message-store.js';
import type { Tables } from './environment.js';
import { lastNumber, nameKey, numberKey, rangeOf } from './keys.js';

/** Where a record of the history is: its key in the table `history` behind the app. Places are in the order of time. */
export interface Place {
  readonly timeMs: number;
  readonly number: number;
}

/** The ranks from `first` to before `end` of a line. */
export interface Span {
  readonly line: Buffer;
  readonly first: number;
  readonly end: number;
}

export const NOTHING: Span = { line: Buffer.alloc(0), first: 0, end: 0 };
export const sizeOf = (span: Span): number => span.end - span.first;
export const isBefore = (a: Place, b: Place): boolean =>
  a.timeMs !== b.timeMs ? a.timeMs < b.timeMs : a.number < b.number;

/** Most lines whose ends are remembered, so that an append need not search them. */
const REMEMBERED = 10_000;
const PLACE_BYTES = 12;

function encodePlace({ timeMs, number }: Place): Buffer {
  const value = Buffer.allocUnsafe(PLACE_BYTES);
  value.writeUIntBE(timeMs, 0, PLACE_BYTES / 2);
  value.writeUIntBE(number, PLACE_BYTES / 2, PLACE_BYTES / 2);
  return value;
}

function decodePlace(value: Buffer): Place {
  return {
    timeMs: value.readUIntBE(0, PLACE_BYTES / 2),
    number: value.readUIntBE(PLACE_BYTES / 2, PLACE_BYTES / 2),
  };
}

/** Name of a line; an empty source or destination stands for anybody. */
export function lineKey(appId: string, channel: boolean, source: string, destination: string): Buffer {
  return nameKey(appId, channel ? 'c' : 'p', source, destination);
}

/** The lines of a record: of its source, of its destination, and of both together. */
export function linesOf(appId: string, { channel, source, destination }: HistoryRecord): Buffer[] {
  return [
    lineKey(appId, channel, source, ''),
    lineKey(appId, channel, '', destination),
    lineKey(appId, channel, source, destination),
  ];
}

/**
 * The lines of the history. Table `historyLines`: (app, kind, source, destination, rank) → (time, number). Ranks of a
 * line have no gaps, because only the oldest record leaves; so a number of records is a difference of ranks.
 */
export class HistoryLines {
  #tables: Tables;
  /** First and next rank of lines, with what has been written and not yet committed. */
  readonly #ends = new Map<string, { first: number; next: number }>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  reset(tables: Tables): void {
    this.#tables = tables;
    this.#ends.clear();
  }

  /** Inside a transaction. Records behind the new one move by a rank. */
  insert(line: Buffer, place: Place): void {
    const { historyLines } = this.#tables;
    const ends = this.#endsOf(line);
    let rank = ends.next++;
    for (; rank > ends.first; rank--) {
      const before = historyLines.get(numberKey(line, rank - 1));
      if (before === undefined || !isBefore(place, decodePlace(before))) break;
      historyLines.put(numberKey(line, rank), before);
    }
    historyLines.put(numberKey(line, rank), encodePlace(place));
  }

  /** Inside a transaction. */
  append(line: Buffer, place: Place): void {
    this.#tables.historyLines.put(numberKey(line, this.#endsOf(line).next++), encodePlace(place));
  }

  /** Inside a transaction: the oldest record of the line leaves. */
  removeFirst(line: Buffer): void {
    const ends = this.#endsOf(line);
    if (ends.first < ends.next) this.#tables.historyLines.remove(numberKey(line, ends.first++));
  }

  #endsOf(line: Buffer): { first: number; next: number } {
    const name = line.toString('latin1');
    let ends = this.#ends.get(name);
    if (ends === undefined) {
      if (this.#ends.size >= REMEMBERED) this.#ends.clear();
      const { first, end } = this.whole(line);
      ends = { first, next: end };
      this.#ends.set(name, ends);
    }
    return ends;
  }

  /** All of a line; outside of a transaction what is committed. */
  whole(line: Buffer): Span {
    const { historyLines } = this.#tables;
    const { start, end } = rangeOf(line, 1);
    const [first] = historyLines.keys({ start, end, inclusiveEnd: true, limit: 1 });
    const [last] = historyLines.keys({ start: end, end: start, inclusiveEnd: true, reverse: true, limit: 1 });
    if (first === undefined || last === undefined) return { line, first: 0, end: 0 };
    return { line, first: lastNumber(first), end: lastNumber(last) + 1 };
  }

  /** The records from `startMs` to `endMs`, found by halves. */
  between(line: Buffer, startMs: number, endMs: number): Span {
    const whole = this.whole(line);
    const first = this.#rankOf(whole, startMs);
    return { line, first, end: Math.max(first, this.#rankOf(whole, endMs + 1)) };
  }

  placeAt(span: Span, rank: number): Place {
    const value = this.#tables.historyLines.get(numberKey(span.line, rank));
    if (value === undefined) throw new Error(`the history has no rank ${rank}, expected ${span.first} to ${span.end}`);
    return decodePlace(value);
  }

  /** The first rank whose record is not older than `timeMs`. */
  #rankOf(span: Span, timeMs: number): number {
    let [least, most] = [span.first, span.end];
    while (least < most) {
      const middle = Math.floor((least + most) / 2);
      if (this.placeAt(span, middle).timeMs < timeMs) least = middle + 1;
      else most = middle;
    }
    return least;
  }
}

/** The places of two spans as one sequence, read from either end. */
export class MergedSpans {
  constructor(
    private readonly lines: HistoryLines,
    private readonly a: Span,
    private readonly b: Span,
    private readonly descending: boolean,
  ) {}

  /** The places behind the first `offset`. What is skipped is not walked: a search by halves finds the beginning. */
  *from(offset: number): Generator<Place> {
    let ofA = this.#shareOfFirst(offset);
    let ofB = offset - ofA;
    while (ofA < sizeOf(this.a) || ofB < sizeOf(this.b)) {
      const a = ofA < sizeOf(this.a) ? this.#at(this.a, ofA) : undefined;
      const b = ofB < sizeOf(this.b) ? this.#at(this.b, ofB) : undefined;
      if (a !== undefined && (b === undefined || this.#isEarlier(a, b))) {
        yield a;
        ofA++;
      } else if (b !== undefined) {
        yield b;
        ofB++;
      }
    }
  }

  /** How many of the first `offset` places come from `a`. */
  #shareOfFirst(offset: number): number {
    let least = Math.max(0, offset - sizeOf(this.b));
    let most = Math.min(offset, sizeOf(this.a));
    while (least < most) {
      const middle = Math.floor((least + most) / 2);
      if (this.#isEarlier(this.#at(this.a, middle), this.#at(this.b, offset - middle - 1))) least = middle + 1;
      else most = middle;
    }
    return least;
  }

  #at(span: Span, index: number): Place {
    return this.lines.placeAt(span, this.descending ? span.end - 1 - index : span.first + index);
  }

  #isEarlier(a: Place, b: Place): boolean {
    return this.descending ? isBefore(b, a) : isBefore(a, b);
  }
}

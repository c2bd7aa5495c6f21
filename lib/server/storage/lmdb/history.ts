import type { HistoryFilter, HistoryPage, HistoryRecord } from '../message-store.js';
import type { Tables } from './environment.js';
import { HistoryLines, lineKey, linesOf, MergedSpans, NOTHING, type Span, sizeOf } from './history-lines.js';
import { lastNumber, nameKey, numberKey, Refusal, rangeOf } from './keys.js';
import type { Ledger } from './ledger.js';
import { decodeHistory, encodeHistory, historyAnswerBytes, historyCost } from './records.js';
import type { Retention } from './retention.js';

const LAST_NUMBER = 2 ** 48 - 1;
/**
 * Most records that may move when one comes that is older than they are: the clocks of two loops differ by
 * milliseconds. After a clock was set back by more, a record gets the place of the newest one. It keeps its own time
 * for whoever reads it.
 */
const MOVED = 64;

/**
 * The history of each app. Table `history`, (app, time, number) → record. Each record is in three {@link HistoryLines}.
 * A query reads two lines at most: it counts by ranks, searches times by halves, and reads the records of its page. So
 * its cost does not grow with the history. Records of one millisecond are in the order of their numbers, which is the
 * order of arrival.
 */
export class History {
  #tables: Tables;
  readonly #ledger: Ledger;
  readonly #retention: Retention;
  readonly #lines: HistoryLines;
  /** Time of each app's newest record. */
  readonly #newest = new Map<string, number>();
  /** The turn of the last query. */
  #turn: Promise<void> = Promise.resolve();

  constructor(tables: Tables, ledger: Ledger, retention: Retention) {
    this.#tables = tables;
    this.#ledger = ledger;
    this.#retention = retention;
    this.#lines = new HistoryLines(tables);
  }

  reset(tables: Tables): void {
    this.#tables = tables;
    this.#lines.reset(tables);
    this.#newest.clear();
  }

  /** Inside a transaction. */
  append(appId: string, record: HistoryRecord): void {
    const app = nameKey(appId);
    const lines = linesOf(appId, record);
    const newest = this.#newestOf(appId);
    const isLate = record.timeMs < newest;
    const timeMs = isLate && this.#countAfter(app, record.timeMs) > MOVED ? newest : record.timeMs;
    const value = encodeHistory(record, timeMs);
    const cost = historyCost(value);
    const most = this.#retention.historyBytes;
    if (cost > most) throw new Refusal(`a record of ${cost} bytes, the history of an app has ${most} (historyBytes)`);
    while (this.#ledger.historyBytes(appId) + cost > most) {
      if (this.#dropOldest(appId, 1, () => true) === 0) break;
    }
    const place = { timeMs, number: this.#ledger.nextNumber() };
    this.#tables.history.put(numberKey(app, place.timeMs, place.number), value);
    for (const line of lines) {
      if (isLate) this.#lines.insert(line, place);
      else this.#lines.append(line, place);
    }
    this.#newest.set(appId, Math.max(newest, timeMs));
    this.#ledger.addHistoryBytes(appId, cost);
  }

  /** Time of the newest record; 0 if there is none. */
  #newestOf(appId: string): number {
    const known = this.#newest.get(appId);
    if (known !== undefined) return known;
    const { start, end } = rangeOf(nameKey(appId), 2);
    const range = { start: end, end: start, inclusiveEnd: true, reverse: true, limit: 1 };
    const [key] = this.#tables.history.keys(range);
    return key === undefined ? 0 : lastNumber(key, 1);
  }

  #countAfter(app: Buffer, timeMs: number): number {
    const range = { start: numberKey(app, timeMs + 1, 0), end: rangeOf(app, 2).end, inclusiveEnd: true };
    return this.#tables.history.keys({ ...range, limit: MOVED + 1 }).length;
  }

  /**
   * Reads what is committed, all at once. Queries take turns with everything else on this thread, so that a commit
   * waits for one query at most.
   */
  async query(appId: string, filter: HistoryFilter): Promise<HistoryPage> {
    this.#turn = this.#turn.then(() => new Promise((resolve) => setImmediate(resolve)));
    await this.#turn;
    const peers = filter.peers ? this.#spanOf(appId, filter, false) : NOTHING;
    const channels = filter.channels ? this.#spanOf(appId, filter, true) : NOTHING;
    const total = sizeOf(peers) + sizeOf(channels);
    const records: HistoryRecord[] = [];
    if (filter.limit === 0 || filter.offset >= total) return { total, records };
    let room = filter.bytes;
    const places = new MergedSpans(this.#lines, peers, channels, filter.descending);
    for (const { timeMs, number } of places.from(filter.offset)) {
      const value = this.#tables.history.get(numberKey(nameKey(appId), timeMs, number));
      if (value === undefined) throw new Error(`the history has no record ${number}, which its lines name`);
      const size = historyAnswerBytes(value);
      if (size > room && records.length > 0) break; // a page has no holes: later records wait for the next query
      room -= Math.min(room, size);
      records.push(decodeHistory(value, timeMs));
      if (records.length >= filter.limit) break;
    }
    return { total, records };
  }

  #spanOf(appId: string, filter: HistoryFilter, channels: boolean): Span {
    const { source, destination, nowMs, endMs } = filter;
    if (source === '' && destination === '') return NOTHING;
    const { historyMs } = this.#retention;
    const start = nowMs < historyMs ? filter.startMs : Math.max(filter.startMs, nowMs - historyMs + 1);
    if (start > endMs || start > LAST_NUMBER) return NOTHING;
    return this.#lines.between(lineKey(appId, channels, source, destination), start, endMs);
  }

  hasExpired(nowMs: number): boolean {
    for (const appId of this.#ledger.apps) {
      const range = { ...rangeOf(nameKey(appId), 2), limit: 1 };
      for (const key of this.#tables.history.keys(range)) if (this.#expired(lastNumber(key, 1), nowMs)) return true;
    }
    return false;
  }

  /** Inside a transaction: drops at most `most` expired records of each app. */
  sweep(nowMs: number, most: number): number {
    let swept = 0;
    for (const appId of this.#ledger.apps)
      swept += this.#dropOldest(appId, most, (timeMs) => this.#expired(timeMs, nowMs));
    return swept;
  }

  #expired(timeMs: number, nowMs: number): boolean {
    return nowMs >= timeMs && nowMs - timeMs >= this.#retention.historyMs;
  }

  /** The oldest record is the first one of each of its lines. */
  #dropOldest(appId: string, most: number, goes: (timeMs: number) => boolean): number {
    const { history } = this.#tables;
    let dropped = 0;
    for (const { key, value } of history.range({ ...rangeOf(nameKey(appId), 2), limit: most })) {
      const timeMs = lastNumber(key, 1);
      if (!goes(timeMs)) break;
      history.remove(key);
      for (const line of linesOf(appId, decodeHistory(value, timeMs))) this.#lines.removeFirst(line);
      this.#ledger.addHistoryBytes(appId, -historyCost(value));
      dropped++;
    }
    return dropped;
  }
}

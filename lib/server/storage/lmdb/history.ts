import type { HistoryFilter, HistoryPage, HistoryRecord } from '../message-store.js';
import type { Tables } from './environment.js';
import { lastNumber, nameKey, numberKey, Refusal, rangeOf } from './keys.js';
import type { Ledger } from './ledger.js';
import {
  decodeCounterpart,
  decodeHistory,
  encodeCounterpart,
  encodeHistory,
  historyAnswerBytes,
  historyCost,
} from './records.js';
import type { Retention } from './retention.js';

/** Entries of an index that are read before other work has its turn. */
const SLICE = 1000;
const LAST_NUMBER = 2 ** 48 - 1;

/**
 * The history of each app. Tables: `history`, (app, time, number) → record; `historySources` and `historyDestinations`,
 * (app, name, time, number) → the other name, and whether a channel: a query walks one of these tables and reads only
 * the records of its page. Records of one millisecond are in the order of their numbers, which is the order of arrival.
 */
export class History {
  #tables: Tables;
  readonly #ledger: Ledger;
  readonly #retention: Retention;

  constructor(tables: Tables, ledger: Ledger, retention: Retention) {
    this.#tables = tables;
    this.#ledger = ledger;
    this.#retention = retention;
  }

  reset(tables: Tables): void {
    this.#tables = tables;
  }

  /** Inside a transaction. */
  append(appId: string, record: HistoryRecord): void {
    const { history, historySources, historyDestinations } = this.#tables;
    const { source, destination, channel, timeMs } = record;
    const [app, ofSource, ofDestination] = [nameKey(appId), nameKey(appId, source), nameKey(appId, destination)];
    const value = encodeHistory(record);
    const cost = historyCost(value);
    const most = this.#retention.historyBytes;
    if (cost > most) throw new Refusal(`a record of ${cost} bytes, the history of an app has ${most} (historyBytes)`);
    while (this.#ledger.historyBytes(appId) + cost > most) {
      if (this.#dropOldest(appId, 1, () => true) === 0) break;
    }
    const number = this.#ledger.nextNumber();
    history.put(numberKey(app, timeMs, number), value);
    historySources.put(numberKey(ofSource, timeMs, number), encodeCounterpart(destination, channel));
    historyDestinations.put(numberKey(ofDestination, timeMs, number), encodeCounterpart(source, channel));
    this.#ledger.addHistoryBytes(appId, cost);
  }

  /** Reads committed records. Other work has its turn in between. */
  async query(appId: string, filter: HistoryFilter): Promise<HistoryPage> {
    const page = { total: 0, records: [] as HistoryRecord[] };
    let room = filter.bytes;
    let full = false;
    for await (const [timeMs, number] of this.#matches(appId, filter)) {
      const position = page.total++;
      full ||= page.records.length >= filter.limit;
      if (position < filter.offset || full) continue;
      const value = this.#tables.history.get(numberKey(nameKey(appId), timeMs, number));
      if (value === undefined) continue; // dropped since
      const size = historyAnswerBytes(value);
      full = size > room && page.records.length > 0;
      if (full) continue; // a page has no holes: later records wait for the next query too
      room -= Math.min(room, size);
      page.records.push(decodeHistory(value, timeMs));
    }
    return page;
  }

  async *#matches(appId: string, filter: HistoryFilter): AsyncGenerator<readonly [timeMs: number, number: number]> {
    const { source, destination, nowMs, descending } = filter;
    if (source === '' && destination === '') return;
    const line = nameKey(appId, source === '' ? destination : source);
    const counterpart = source === '' ? '' : destination;
    const { historyMs } = this.#retention;
    const start = nowMs < historyMs ? filter.startMs : Math.max(filter.startMs, nowMs - historyMs + 1);
    if (start > filter.endMs || start > LAST_NUMBER) return;
    const first = numberKey(line, start, 0);
    const last = numberKey(line, filter.endMs, LAST_NUMBER);
    let [from, to] = descending ? [last, first] : [first, last];
    for (let more = true, behind = false; more; behind = true) {
      const table = source === '' ? this.#tables.historyDestinations : this.#tables.historySources;
      const slice = table.range({
        start: from,
        end: to,
        reverse: descending,
        inclusiveEnd: true,
        exclusiveStart: behind,
        limit: SLICE,
      });
      for (const { key, value } of slice) {
        const { name, channel } = decodeCounterpart(value);
        if (channel ? !filter.channels : !filter.peers) continue;
        if (counterpart === '' || name === counterpart) yield [lastNumber(key, 1), lastNumber(key)];
      }
      more = slice.length === SLICE;
      if (more) {
        from = Buffer.from(slice[slice.length - 1]?.key ?? from);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
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

  #dropOldest(appId: string, most: number, goes: (timeMs: number) => boolean): number {
    const { history, historySources, historyDestinations } = this.#tables;
    let dropped = 0;
    for (const { key, value } of history.range({ ...rangeOf(nameKey(appId), 2), limit: most })) {
      const [timeMs, number] = [lastNumber(key, 1), lastNumber(key)];
      if (!goes(timeMs)) break;
      const { source, destination } = decodeHistory(value, timeMs);
      history.remove(key);
      historySources.remove(numberKey(nameKey(appId, source), timeMs, number));
      historyDestinations.remove(numberKey(nameKey(appId, destination), timeMs, number));
      this.#ledger.addHistoryBytes(appId, -historyCost(value));
      dropped++;
    }
    return dropped;
  }
}

import type { Environment } from './environment.js';
import { HistoryLines, linesOf } from './history-lines.js';
import { lastNumber } from './keys.js';
import { decodeHistory } from './records.js';

/** Entries of one transaction. */
const SLICE = 2000;
/** Format 1 had the history once more for each source and for each destination. */
const FORMER_TABLES = ['historySources', 'historyDestinations'];

const appOf = (key: Uint8Array): string => {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.length);
  return bytes.toString('utf8', 2, 2 + bytes.readUInt16BE(0));
};

/**
 * Removes what format 1 had and format 2 has not. At each start, because a start may have ended between the upgrade and
 * this.
 */
export function dropFormerTables(environment: Environment): Promise<void> {
  return environment.drop(FORMER_TABLES);
}

/**
 * Brings a store of format 1 to format 2: builds the lines of the history from its records. The records stay as they
 * are. A store whose upgrade was interrupted has format 1, so the next start begins again.
 *
 * @param finish - called inside the last transaction, to write the number of the format
 */
export async function upgradeHistory(environment: Environment, finish: () => void): Promise<number> {
  const { history, historyLines } = environment.tables;
  for (let more = true; more; ) {
    await environment.transaction(() => {
      const keys = historyLines.keys({ limit: SLICE });
      for (const key of keys) historyLines.remove(key);
      more = keys.length === SLICE;
    });
  }
  const lines = new HistoryLines(environment.tables);
  let upgraded = 0;
  let after: Buffer | undefined;
  for (let more = true; more; ) {
    await environment.transaction(() => {
      const range = after === undefined ? {} : { start: after, exclusiveStart: true };
      const entries = history.range({ ...range, limit: SLICE });
      for (const { key, value } of entries) {
        const place = { timeMs: lastNumber(key, 1), number: lastNumber(key) };
        for (const line of linesOf(appOf(key), decodeHistory(value, place.timeMs))) lines.append(line, place);
        after = Buffer.from(key);
      }
      upgraded += entries.length;
      more = entries.length === SLICE;
    });
  }
  await environment.transaction(finish);
  return upgraded;
}

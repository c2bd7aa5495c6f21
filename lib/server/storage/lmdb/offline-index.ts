import { STORED_ENTRY_BYTES } from '../store-constants.js';
import type { Environment } from './environment.js';
import { beforeNumber, lastNumber, nameKey, namesOf, numberKey } from './keys.js';
import { Ledger } from './ledger.js';
import { OfflineShares } from './offline-shares.js';
import { offlineCost, offlineSender } from './records.js';

/** Most messages that one transaction enters. */
const ENTERED = 5000;
/** The key of the {@link STORED_ENTRY_BYTES} by which the messages of the folder are counted. */
const MEASURE_KEY = Buffer.from('offlineEntryBytes');

/**
 * Enters the offline messages into the tables by sender, if those tables do not agree with the messages: an earlier
 * version has written to the folder, which knew no senders or counted other bytes for a message.
 */
export async function indexSenders(environment: Environment): Promise<void> {
  const { tables } = environment;
  const shares = new OfflineShares(tables, 0, []);
  const ledger = new Ledger(tables);
  const measure = Buffer.alloc(4);
  measure.writeUInt32LE(STORED_ENTRY_BYTES);
  const sameMeasure = tables.meta.get(MEASURE_KEY)?.equals(measure) === true;
  if (sameMeasure && shares.apps.all === ledger.offlineBytes) return;
  for (const table of [tables.offlineUsage, tables.offlineSenders]) {
    let keys = table.keys({ limit: ENTERED });
    while (keys.length > 0) {
      const some = keys;
      await environment.transaction(() => {
        for (const key of some) table.remove(key);
      });
      keys = table.keys({ limit: ENTERED });
    }
  }
  shares.load(tables);
  let behind: Buffer | undefined;
  for (;;) {
    const entries = tables.offline.range({ ...(behind ? { start: behind } : {}), limit: ENTERED });
    const last = entries.at(-1);
    if (last === undefined) break;
    await environment.transaction(() => {
      for (const { key, value } of entries) {
        const queue = Buffer.from(beforeNumber(key));
        const [appId] = namesOf(queue);
        const sender = offlineSender(value);
        tables.offlineSenders.put(numberKey(nameKey(appId, sender), lastNumber(key)), queue);
        shares.add(appId, sender, offlineCost(value));
      }
      shares.save();
    });
    behind = Buffer.concat([last.key, Buffer.from([0])]);
  }
  // A start that ends before this commit leaves the old measure, so the next one begins again.
  await environment.transaction(() => {
    ledger.addOfflineBytes(shares.apps.all - ledger.offlineBytes);
    ledger.save();
    tables.meta.put(MEASURE_KEY, measure);
  });
}

import type { Environment } from './environment.js';
import { beforeNumber, lastNumber, nameKey, namesOf, numberKey } from './keys.js';
import { Ledger } from './ledger.js';
import { OfflineShares } from './offline-shares.js';
import { offlineCost, offlineSender } from './records.js';

/** Most messages that one transaction enters. */
const ENTERED = 5000;

/**
 * Enters the offline messages into the tables by sender, if those tables do not agree with the messages: an earlier
 * version, which knew no senders, has written to the folder.
 */
export async function indexSenders(environment: Environment): Promise<void> {
  const { tables } = environment;
  const shares = new OfflineShares(tables, 0, []);
  if (shares.apps.all === new Ledger(tables).offlineBytes) return;
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
    if (last === undefined) return;
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
}

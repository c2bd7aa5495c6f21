import { join } from 'node:path';
import { open } from 'lmdb';
import { describe, expect, it } from 'vitest';
import { nameKey } from '../../../lib/server/storage/lmdb/keys.js';
import { STORED_ENTRY_BYTES } from '../../../lib/server/storage/store-constants.js';
import { makeFolder, openStore } from './folders.js';

const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;
const FORMER_ENTRY_BYTES = 160;
const APP = 'app';
const SENDER = 'alice';

const message = () => ({ senderId: SENDER, timeMs: 1, requiredCapabilities: 0, content: new Uint8Array(8) });
/** By the present measure. */
const messageBytes = STORED_ENTRY_BYTES + SENDER.length + 8;
const still = { now: () => 0, appIds: [APP] };

/** Gives a closed store with so many messages the sums of a version that counted fewer bytes for each. */
async function countAsBefore(folder: string, messages: number): Promise<void> {
  const root = open<Buffer, Uint8Array>({
    path: join(folder, 'messages.mdb'),
    noSubdir: true,
    maxDbs: 20,
    overlappingSync: false,
    ...BINARY,
  });
  const bytes = messages * (messageBytes - STORED_ENTRY_BYTES + FORMER_ENTRY_BYTES);
  const meta = root.openDB<Buffer, Uint8Array>('meta', BINARY);
  const usage = root.openDB<Buffer, Uint8Array>('offlineUsage', BINARY);
  const counters = Buffer.from(meta.get(Buffer.from('counters')) as Buffer);
  expect(counters.readDoubleLE(8)).toBe(messages * messageBytes);
  counters.writeDoubleLE(bytes, 8);
  const ofSender = Buffer.alloc(8);
  ofSender.writeDoubleLE(bytes, 0);
  await meta.put(Buffer.from('counters'), counters);
  expect(await meta.remove(Buffer.from('offlineEntryBytes'))).toBe(true);
  await usage.put(nameKey(APP, SENDER), ofSender);
  await root.close();
}

describe('a data directory whose messages were counted by another measure', () => {
  it('is counted again, so that offlineBytes bounds it and removed messages give back what they took', async () => {
    const folder = makeFolder();
    const first = await openStore(folder, still);
    for (let i = 0; i < 4; i++) await first.appendOffline(APP, 'bob', message());
    await first.close();
    await countAsBefore(folder, 4);

    // By the former measure a fifth message would fit.
    const retention = { offlineBytes: 5 * messageBytes - 1 };
    const second = await openStore(folder, { ...still, retention });
    await expect(second.appendOffline(APP, 'bob', message())).rejects.toThrow(`take ${4 * messageBytes} of`);
    const [oldest] = await second.loadOffline(APP, 'bob', 2);
    await second.removeOffline(APP, 'bob', oldest?.id as number, oldest?.id as number);
    await second.appendOffline(APP, 'bob', message());
    await expect(second.appendOffline(APP, 'bob', message())).rejects.toThrow(`take ${4 * messageBytes} of`);
    await second.close();
  });
});

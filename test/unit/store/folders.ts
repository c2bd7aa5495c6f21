import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { loadAddon } from '../../../lib/native/load.js';
import { LmdbStore, type LmdbStoreOptions } from '../../../lib/server/storage/lmdb/lmdb-store.js';

const { tryLock } = loadAddon();

const folders: string[] = [];
const stores: LmdbStore[] = [];

/** A folder that is gone after the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rtm-store-'));
  folders.push(folder);
  return folder;
}

/** A store that is closed after the test. */
export async function openStore(folder: string, options?: Partial<LmdbStoreOptions>): Promise<LmdbStore> {
  const store = await LmdbStore.open(folder, { tryLock, ...options });
  stores.push(store);
  return store;
}

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

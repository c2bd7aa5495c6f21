// Queries of the history: a user who counts all day long must not keep others from storing their messages.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RtmClient, RtmError, RtmServer } from '../../lib/index.js';
import { loadAddon } from '../../lib/native/load.js';
import { LmdbStore } from '../../lib/server/storage/lmdb/lmdb-store.js';

const appId = '0123456789abcdef0123456789abcdef';
const RECORDS = 20_000;
const COUNTS = 79;

let folder: string;
let server: RtmServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rtm-abuse-'));
  const store = await LmdbStore.open(folder, { tryLock: loadAddon().tryLock });
  const timeMs = Date.now() - 1000;
  const of = (text: string) => ({ source: 'mallory', destination: 'stage', channel: true, timeMs, text });
  await Promise.all(Array.from({ length: RECORDS }, (_, index) => store.appendHistory(appId, of(String(index)))));
  await store.close();
  server = await RtmServer.start({ host: '127.0.0.1', port: 0, tls: false, apps: [{ appId }], data: folder });
});
afterEach(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const login = (userId: string) => RtmClient.login({ appId, userId, endpoints: server.connectString });

describe('counts of a long history', () => {
  it('run one at a time for each user, and stored sends of others go on beside them', async () => {
    const [mallory, ann] = await Promise.all([login('mallory'), login('ann')]);
    if (!mallory || !ann) throw new Error('two logins, fewer clients');
    const counts = Array.from({ length: COUNTS }, () =>
      mallory.history.count({ source: 'mallory' }).catch((error: unknown) => error),
    );
    // Beside them a user stores messages, each of which is on disk when its send ends.
    for (let number = 0; number < 20; number++) {
      await ann.sendToPeer('nobody', `message ${number}`, { offline: true, history: true });
    }
    const answers = await Promise.all(counts);
    const refused = answers.filter((answer) => answer instanceof RtmError && answer.reason === 3);
    expect(answers.filter((answer) => answer === RECORDS).length + refused.length).toBe(COUNTS);
    expect(refused.length).toBeGreaterThan(0); // 16 wait
    expect(answers[0]).toBe(RECORDS);
    expect(await ann.history.count({ source: 'ann' })).toBe(20);
    await Promise.all([mallory.logout(), ann.logout()]);
  });
});

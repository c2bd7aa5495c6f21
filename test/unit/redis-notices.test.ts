import { expect, test } from 'vitest';
import type { StoredAttribute } from '../../lib/server/cluster/engine.js';
import type { Core } from '../../lib/server/cluster/redis/core.js';
import { pack } from '../../lib/server/cluster/redis/fields.js';
import { channelKeys } from '../../lib/server/cluster/redis/keys.js';
import { LocalChannels } from '../../lib/server/cluster/redis/local-channels.js';

const APP = 'a'.repeat(32);
const set = (value: string): StoredAttribute[] => [{ key: 'k', value, updatedBy: 'alice', updatedMs: 1 }];

test('a notice that is due is read, and an answer that comes behind a newer notice is not told', async () => {
  const told: string[] = [];
  const reads: ((value: string, write: number) => void)[] = [];
  const call = () =>
    new Promise((resolve) => {
      reads.push((value, write) => resolve([Buffer.from(String(write)), [pack(['k', value, 'alice', '1'])]]));
    });
  const news = {
    channelAttributes: (_app: string, _channel: string, entries: StoredAttribute[]) =>
      told.push(entries[0]?.value as string),
  };
  const core = { scripts: { call }, news, closed: false } as unknown as Core;
  const channels = new LocalChannels(core);
  const address = { loop: 0, sessionId: '0'.repeat(16) };
  const request = {
    appId: APP,
    channelId: 'room',
    userId: 'bob',
    address,
    fence: 1,
    again: false,
    epoch: '',
    offset: 0,
  };
  const local = channels.enter(request, channelKeys(APP, 'room'));
  channels.attributes(local, 5, set('five'));
  for (const [value, write] of [
    ['six', 6],
    ['eight', 8],
  ] as const) {
    channels.attributesDue(local, 0);
    await expect.poll(() => reads.length).toBe(1);
    if (write === 6) channels.attributes(local, 7, set('seven'));
    reads.shift()?.(value, write);
    await new Promise((resolve) => setImmediate(resolve));
  }
  channels.attributes(local, 8, set('eight'));
  expect(told).toEqual(['five', 'seven', 'eight']);
  channels.stop();
});

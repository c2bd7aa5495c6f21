// State that a client may make at will: one user, with as many logins as it likes, must not take the memory that others
// need; and when memory is short, those who are there go on.
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RtmClient, RtmServer, type RtmServerOptions } from '../../lib/index.js';

const appId = '0123456789abcdef0123456789abcdef';
const MIB = 1024 * 1024;
/** All that one channel may have. */
const full = Object.fromEntries(['a', 'b', 'c', 'd'].map((key) => [key, 'x'.repeat(8 * 1024 - 1)]));
/** So that the test need not wait for windows: the bound must hold without them. */
const rates = { channelAttributesWrite: false, join: false, login: false } as const;

let server: RtmServer;
let lines: string[];
const clients: RtmClient[] = [];

afterEach(async () => {
  await Promise.allSettled(clients.splice(0).map((client) => client.logout()));
  await server.close();
});

async function start(options: Partial<RtmServerOptions>): Promise<void> {
  lines = [];
  const log = (_level: string, line: string) => lines.push(line);
  server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps: [{ appId }], log, ...options });
}

async function login(userId: string): Promise<RtmClient> {
  const client = await RtmClient.login({ appId, userId, endpoints: server.connectString });
  clients.push(client);
  return client;
}

/** Fills new channels with attributes until `most` writes are made or some are refused. @returns those taken */
async function fill(from: RtmClient, most: number, prefix: string): Promise<number> {
  let taken = 0;
  for (let first = 0; first < most; first += 50) {
    const writes = Array.from({ length: 50 }, (_, i) => from.channelAttributes(`${prefix}-${first + i}`).set(full));
    const results = await Promise.allSettled(writes);
    const refused = results.filter(({ status }) => status === 'rejected');
    taken += results.length - refused.length;
    for (const each of refused) {
      expect(each).toMatchObject({ reason: { code: 'ERR_RTM_SIZE_OVERFLOW' } });
    }
    if (refused.length > 0) break;
  }
  return taken;
}

const send = (from: RtmClient, to: RtmClient, text: string) =>
  Promise.all([once(to, 'message'), from.sendToPeer(to.userId, text)]);

describe('one user', () => {
  it('that fills channels with attributes, login after login, takes three quarters of 32 MiB and no more', async () => {
    await start({ limits: { rates } });
    const [ann, ben] = await Promise.all([login('ann'), login('ben')]);
    let mallory = await login('mallory');
    expect(await fill(mallory, 2000, 'first')).toBeLessThan(1024);
    for (let again = 0; again < 3; again++) {
      await mallory.logout();
      mallory = await login('mallory');
      expect(await fill(mallory, 50, `again-${again}`)).toBe(0);
    }
    const { memory } = server.stats();
    expect(memory.channelAttributes).toBeLessThan(24.1 * MIB);
    expect(memory.channelAttributes).toBeGreaterThan(23 * MIB);
    expect(await fill(ann, 50, 'desk')).toBe(50);
    await send(ann, ben, 'and messages go on');
  });

  it('that makes channels takes its bound of memory and no more', async () => {
    await start({ limits: { rates, joinedChannels: 0, userMemoryBytes: MIB } });
    const [ann, mallory] = await Promise.all([login('ann'), login('mallory')]);
    const joins = Array.from({ length: 1500 }, (_, i) => mallory.join(`room-${i}`));
    const results = await Promise.allSettled(joins);
    const joined = results.filter(({ status }) => status === 'fulfilled').length;
    expect(joined).toBeLessThan(1000);
    expect(server.stats().memory.channels).toBeLessThan(2 * MIB);
    await ann.join('desk');
  });
});

describe('several users that fill the memory', () => {
  it('leave the messages of those who are there alone, and logins come back when there is room', async () => {
    const limits = { rates, memoryBytes: 16 * MIB, userMemoryBytes: 8 * MIB };
    await start({ limits, times: { attributes: 2000 } });
    const [ann, ben] = await Promise.all([login('ann'), login('ben')]);
    for (const name of ['mallory', 'moritz', 'max']) await fill(await login(name), 1000, name);
    expect(server.stats().memoryUsed).toBeLessThanOrEqual(16 * MIB);
    await send(ann, ben, 'still here');
    // Refused at the memory's bound, or taken when the attributes' time is over: a client waits and comes again.
    await login('late');
    await vi.waitFor(() => expect(lines.join('\n')).toContain('event=memory-soft'), { timeout: 10_000 });
    await vi.waitFor(() => expect(server.stats().memory.channelAttributes).toBe(0), { timeout: 20_000 });
  });
});

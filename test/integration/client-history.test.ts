import type { HistoryQueryOptions } from 'rtm-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from './client-world.js';

let world: World;
const history = true;

beforeAll(async () => {
  world = await startWorld({ limits: 'off', loops: 2 });
});
afterAll(() => world.end());

describe('the history', () => {
  it('has texts sent with history: true, for their senders and receivers', async () => {
    const [alice, bob, carol] = await Promise.all(['h-alice', 'h-bob', 'h-carol'].map((user) => world.login(user)));
    if (!alice || !bob || !carol) throw new Error('login');
    const before = Date.now() - 5000;
    await alice.sendToPeer('h-bob', 'grüße 😀', { history });
    await alice.sendToPeer('h-bob', 'not kept');
    await alice.sendToPeer('h-bob', Buffer.from('raw is not kept'), { history });
    await alice.sendToPeer('h-nobody', 'kept for later', { history, offline: true });
    const lobby = await alice.join('h-lobby');
    await lobby.send('to all', { history });

    const sent = await alice.history.query({ source: 'h-alice', start: new Date(before) });
    expect(sent.total).toBe(3);
    const [first, second, third] = sent.messages;
    expect(first).toMatchObject({ from: 'h-alice', to: 'h-bob', channelId: undefined, text: 'grüße 😀' });
    expect(second).toMatchObject({ to: 'h-nobody', text: 'kept for later' });
    expect(third).toMatchObject({ to: undefined, channelId: 'h-lobby', text: 'to all' });
    expect(Math.abs((first?.timestamp ?? 0) - Date.now())).toBeLessThan(10_000);

    expect(await bob.history.count({ destination: 'h-bob' })).toBe(1);
    expect(await alice.history.count({ source: 'h-alice', end: before })).toBe(0);
    const newest = await alice.history.query({ source: 'h-alice', order: 'desc', offset: 1, limit: 1 });
    expect(newest.messages.map(({ text }) => text)).toEqual(['kept for later']);

    const refused = { code: 'ERR_RTM_NOT_ALLOWED', operation: 'queryHistory', reason: 4 };
    await expect(carol.history.query({ source: 'h-alice' })).rejects.toMatchObject(refused);
    await expect(carol.history.count({ destination: 'h-lobby' })).rejects.toMatchObject(refused);
    await carol.join('h-lobby');
    expect(await carol.history.count({ destination: 'h-lobby' })).toBe(1);
  });

  it('comes in pages of up to 100', async () => {
    const bot = await world.login('p-bot');
    const feed = await bot.join('p-feed');
    await Promise.all(Array.from({ length: 101 }, (_, index) => feed.send(String(index + 1), { history })));
    const query: HistoryQueryOptions = { destination: 'p-feed', limit: 100 };
    const page = await bot.history.query(query);
    expect(page.total).toBe(101);
    expect(page.messages.map(({ text }) => Number(text))).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    const rest = await bot.history.query({ ...query, offset: page.messages.length });
    expect(rest.messages.map(({ text }) => text)).toEqual(['101']);
    expect((await bot.history.query({ destination: 'p-feed' })).messages).toHaveLength(20);
    expect(() => bot.history.query({ ...query, limit: 101 })).toThrow(TypeError);
    expect(() => bot.history.query({ ...query, limit: 0 })).toThrow(TypeError);
  });

  it('checks its arguments', async () => {
    const alice = await world.login('c-alice');
    await expect(alice.history.query({})).rejects.toMatchObject({ code: 'ERR_RTM_INVALID_ARGUMENT', reason: 2 });
    await expect(alice.history.query({ source: 'c-alice', start: 2, end: 1 })).rejects.toMatchObject({ reason: 2 });
    expect(() => alice.history.query({ sauce: 'c-alice' } as never)).toThrow(/only the properties/);
    expect(() => alice.history.count({ source: 'c-alice', limit: 1 } as never)).toThrow(/only the properties/);
    expect(() => alice.history.query({ source: 1 } as never)).toThrow(TypeError);
    expect(() => alice.history.query({ source: 'c-alice', start: new Date('never') })).toThrow(TypeError);
    expect(() => alice.history.query({ source: 'c-alice', order: 'up' } as never)).toThrow(/'asc' or 'desc'/);
    await alice.logout();
    await expect(alice.history.query({ source: 'c-alice' })).rejects.toMatchObject({ code: 'ERR_RTM_NOT_LOGGED_IN' });
  });

  it('is open to all where the server says so', async () => {
    const open = await startWorld({ historyOpen: true });
    try {
      const [alice, carol] = [await open.login('alice'), await open.login('carol')];
      await alice.sendToPeer('nobody', 'kept', { history, offline: true });
      expect(await carol.history.count({ source: 'alice' })).toBe(1);
    } finally {
      await open.end();
    }
  });
});

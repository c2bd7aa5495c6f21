import { once } from 'node:events';
import type { Channel } from 'rtm-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World, within } from './client-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.end());

async function texts(channel: Channel, count: number): Promise<string[]> {
  const found: string[] = [];
  for await (const { from, text } of channel.messages()) {
    found.push(`${from}: ${text}`);
    if (found.length === count) break;
  }
  return found;
}

describe('a channel', () => {
  it('carries messages to all others, in one order, and none back', async () => {
    const clients = await Promise.all(['a1', 'a2', 'a3'].map((userId) => world.login(userId)));
    const channels = await Promise.all(clients.map((client) => client.join('one order')));
    const [first, second, third] = channels as [Channel, Channel, Channel];
    for (let index = 0; index < 10; index++) await Promise.all([first.send(`x${index}`), second.send(`y${index}`)]);
    const heardByThird = await within('third', texts(third, 20));
    const heardByFirst = await within('first', texts(first, 10));
    expect(heardByFirst).toEqual(Array.from({ length: 10 }, (_, index) => `a2: y${index}`));
    expect(heardByThird.filter((line) => line.startsWith('a2'))).toEqual(heardByFirst);
    expect(heardByThird.filter((line) => line.startsWith('a1'))).toHaveLength(10);
  });

  it('lists members, and reports users who join, leave and log out', async () => {
    const [alice, bob] = await Promise.all([world.login('b1'), world.login('b2')]);
    const lobby = await alice.join('comings');
    const joined = once(lobby, 'memberJoined');
    const bobsLobby = await bob.join('comings');
    expect((await within('memberJoined', joined))[0]).toEqual({ channelId: 'comings', userId: 'b2' });
    expect((await lobby.members()).sort()).toEqual(['b1', 'b2']);

    const left = once(lobby, 'memberLeft');
    await bobsLobby.leave();
    expect((await within('memberLeft', left))[0]).toEqual({ channelId: 'comings', userId: 'b2' });
    expect(await lobby.members()).toEqual(['b1']);

    const again = once(lobby, 'memberJoined');
    await bob.join('comings');
    await within('memberJoined', again);
    const gone = once(lobby, 'memberLeft');
    await bob.logout();
    expect((await within('memberLeft', gone))[0]).toMatchObject({ userId: 'b2' });
  });

  it('knows the number of its members', async () => {
    const [alice, bob] = await Promise.all([world.login('c1'), world.login('c2')]);
    const lobby = await alice.join('count');
    const counted = new Promise<void>((resolve) => {
      lobby.on('memberCount', ({ count }) => {
        if (count === 2) resolve();
      });
    });
    await bob.join('count');
    await within('a count of 2', counted);
    expect(lobby.memberCount).toBe(2);
  });

  it('refuses at the limits of the server', async () => {
    const alice = await world.login('d1');
    await expect(alice.join('')).rejects.toMatchObject({ code: 'ERR_RTM_INVALID_ARGUMENT', reason: 3 });
    await expect(alice.join('c'.repeat(65))).rejects.toMatchObject({ code: 'ERR_RTM_INVALID_ARGUMENT' });
    for (let index = 0; index < 20; index++) await alice.join(`d-${index}`);
    await expect(alice.join('d-20')).rejects.toMatchObject({ code: 'ERR_RTM_EXCEED_LIMIT', reason: 5 });
  });

  it('is over after leave(), and can be joined again', async () => {
    const [alice, bob] = await Promise.all([world.login('e1'), world.login('e2')]);
    const lobby = await alice.join('again');
    await lobby.leave();
    await expect(lobby.send('x')).rejects.toMatchObject({ code: 'ERR_RTM_CLOSED' });
    await expect(lobby.members()).rejects.toMatchObject({ code: 'ERR_RTM_CLOSED' });
    const [back, bobs] = await Promise.all([alice.join('again'), bob.join('again')]);
    await bobs.send('welcome back');
    expect(await within('message', texts(back, 1))).toEqual(['e2: welcome back']);
  });

  it('is left by await using', async () => {
    const [alice, bob] = await Promise.all([world.login('f1'), world.login('f2')]);
    const watch = await bob.join('using');
    const left = once(watch, 'memberLeft');
    {
      await using lobby = await alice.join('using');
      expect(lobby.joined).toBe(true);
    }
    expect((await within('memberLeft', left))[0]).toMatchObject({ userId: 'f1' });
  });
});

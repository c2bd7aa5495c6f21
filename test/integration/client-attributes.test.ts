import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World, within } from './client-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.end());

describe('attributes of users', () => {
  it('are written by their user and read by everybody', async () => {
    const [alice, bob] = await Promise.all([world.login('u1'), world.login('u2')]);
    await alice.attributes.set({ mood: 'fine', seat: '3' });
    await alice.attributes.merge(new Map([['seat', '4']]));
    const expected = new Map([
      ['mood', 'fine'],
      ['seat', '4'],
    ]);
    expect(await alice.attributes.get()).toEqual(expected);
    expect(await bob.attributes.get('u1')).toEqual(expected);
    expect(await bob.attributes.get('u1', ['seat', 'unknown'])).toEqual(new Map([['seat', '4']]));
    await alice.attributes.delete(['seat', 'unknown']);
    expect(await bob.attributes.get('u1')).toEqual(new Map([['mood', 'fine']]));
    await alice.attributes.set({ only: 'this' });
    expect(await alice.attributes.get()).toEqual(new Map([['only', 'this']]));
    await alice.attributes.clear();
    expect(await bob.attributes.get('u1')).toEqual(new Map());
  });

  it('keep keys that a plain object would not', async () => {
    const alice = await world.login('u3');
    const odd = new Map([
      ['10', 'ten'],
      ['9', 'nine'],
      ['__proto__', 'a text'],
    ]);
    await alice.attributes.set(odd);
    expect(await alice.attributes.get()).toEqual(odd);
  });

  it('are gone with the login', async () => {
    const [alice, bob] = await Promise.all([world.login('u4'), world.login('u5')]);
    await bob.attributes.set({ here: 'yes' });
    await bob.logout();
    await expect(alice.attributes.get('u5')).rejects.toMatchObject({
      code: 'ERR_RTM_USER_NOT_FOUND',
      operation: 'getUserAttributes',
      reason: 6,
    });
    await expect(bob.attributes.get()).rejects.toMatchObject({ code: 'ERR_RTM_NOT_LOGGED_IN', reason: 102 });
  });

  it('are refused as a whole when they are too large or empty', async () => {
    const alice = await world.login('u6');
    await alice.attributes.set({ kept: 'yes' });
    await expect(alice.attributes.set({ big: 'x'.repeat(8193) })).rejects.toMatchObject({
      code: 'ERR_RTM_SIZE_OVERFLOW',
      operation: 'setLocalUserAttributes',
    });
    await expect(alice.attributes.merge({})).rejects.toMatchObject({ code: 'ERR_RTM_INVALID_ARGUMENT', reason: 3 });
    expect(await alice.attributes.get()).toEqual(new Map([['kept', 'yes']]));
  });
});

describe('attributes of channels', () => {
  it('are reported to the members as a whole, with writer and time, if the writer asks', async () => {
    const [alice, bob] = await Promise.all([world.login('c1'), world.login('c2')]);
    const room = await alice.join('notices');
    const outside = bob.channelAttributes('notices');
    const before = Date.now() - 60_000;

    const heard: unknown[] = [];
    room.on('attributes', ({ attributes }) => heard.push([...attributes.keys()].sort()));
    await room.attributes.set({ topic: 'tea' });
    const told = once(room, 'attributes');
    await outside.merge({ notice: 'closed' }, { notify: true });
    const [notice] = await within('attributes', told);
    expect(notice.channelId).toBe('notices');
    expect(notice.attributes.get('topic')).toMatchObject({ value: 'tea', updatedBy: 'c1' });
    expect(notice.attributes.get('notice')).toMatchObject({ value: 'closed', updatedBy: 'c2' });
    expect(notice.attributes.get('notice').updatedAt).toBeGreaterThan(before);

    const cleared = once(room, 'attributes');
    await room.attributes.clear({ notify: true });
    expect((await within('attributes', cleared))[0].attributes.size).toBe(0);
    expect(heard).toEqual([['notice', 'topic'], []]);
  });

  it('can be read and written from outside, and by key', async () => {
    const [alice, bob] = await Promise.all([world.login('c3'), world.login('c4')]);
    const mine = alice.channelAttributes('outside');
    expect(await mine.get()).toEqual(new Map());
    await mine.set({ a: '1', b: '2', c: '3' });
    await bob.channelAttributes('outside').delete(['b', 'unknown']);
    const all = await mine.get();
    expect([...all].map(([key, { value, updatedBy }]) => [key, value, updatedBy]).sort()).toEqual([
      ['a', '1', 'c3'],
      ['c', '3', 'c3'],
    ]);
    expect([...(await mine.get(['c', 'unknown'])).keys()]).toEqual(['c']);
  });

  it('go on after leave(), and are refused for a bad id', async () => {
    const alice = await world.login('c5');
    const room = await alice.join('left');
    await room.leave();
    await room.attributes.set({ still: 'here' });
    expect((await room.attributes.get()).get('still')?.value).toBe('here');
    await expect(alice.channelAttributes('').get()).rejects.toMatchObject({
      code: 'ERR_RTM_INVALID_ARGUMENT',
      operation: 'getChannelAttributes',
      reason: 3,
    });
  });
});

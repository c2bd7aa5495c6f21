import { on, once } from 'node:events';
import type { PresenceNotice, PresenceState, RtmClient } from 'rtm-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World, within } from './client-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.end());

/** Collects the states that a client hears, until one user is in one state. */
function told(client: RtmClient, userId: string, state: PresenceState): Promise<Map<string, PresenceState>> {
  const states = new Map<string, PresenceState>();
  const seen = (async () => {
    for await (const [{ changes }] of on(client, 'presence') as AsyncIterable<[PresenceNotice]>) {
      for (const change of changes) states.set(change.userId, change.state);
      if (states.get(userId) === state) break;
    }
    return states;
  })();
  return within(`${userId} ${state}`, seen);
}

describe('presence', () => {
  it('answers a query in the order asked, with unknown users offline', async () => {
    const alice = await world.login('q1');
    await world.login('q2');
    const states = await alice.presence.query(['q2', 'nobody', 'q1']);
    expect([...states]).toEqual([
      ['q2', 'online'],
      ['nobody', 'offline'],
      ['q1', 'online'],
    ]);
  });

  it('reports the present state to a subscriber first, then changes', async () => {
    const alice = await world.login('s1');
    const first = once(alice, 'presence');
    await alice.presence.subscribe(['s2']);
    expect((await within('first states', first))[0]).toEqual({ changes: [{ userId: 's2', state: 'offline' }] });

    const online = told(alice, 's2', 'online');
    const bob = await world.login('s2');
    expect([...(await online)]).toEqual([['s2', 'online']]);

    const offline = told(alice, 's2', 'offline');
    await bob.logout();
    await offline;
  });

  it('lists the users of the subscription, and reports no others any more', async () => {
    const alice = await world.login('l1');
    await alice.presence.subscribe(['l2', 'l3', 'l2']);
    expect((await alice.presence.subscriptions()).sort()).toEqual(['l2', 'l3']);
    await alice.presence.unsubscribe(['l2', 'never']);
    expect(await alice.presence.subscriptions()).toEqual(['l3']);

    const seen = told(alice, 'l3', 'online');
    await world.login('l2');
    await world.login('l3');
    expect((await seen).get('l2')).not.toBe('online');
  });

  it('rejects calls that the SDK refuses, with its codes', async () => {
    const alice = await world.login('r1');
    await expect(alice.presence.query([])).rejects.toMatchObject({
      code: 'ERR_RTM_INVALID_ARGUMENT',
      operation: 'queryPeersOnlineStatus',
      reason: 2,
    });
    const many = Array.from({ length: 513 }, (_, index) => `u${index}`);
    await expect(alice.presence.subscribe(many)).rejects.toMatchObject({
      code: 'ERR_RTM_OVERFLOW',
      operation: 'subscribePeersOnlineStatus',
      reason: 6,
    });
    expect(await alice.presence.subscriptions()).toEqual([]);
    await alice.logout();
    await expect(alice.presence.query(['r1'])).rejects.toMatchObject({ code: 'ERR_RTM_NOT_LOGGED_IN', reason: 102 });
    await expect(alice.presence.subscriptions()).rejects.toMatchObject({ code: 'ERR_RTM_NOT_LOGGED_IN' });
  });

  it('sends nothing for a signal that is aborted beforehand', async () => {
    const alice = await world.login('a1');
    const signal = AbortSignal.abort(new Error('never mind'));
    await expect(alice.presence.subscribe(['a2'], { signal })).rejects.toThrow('never mind');
    expect(await alice.presence.subscriptions()).toEqual([]);
  });
});

describe('memberCounts', () => {
  it('counts the members of channels that one has not joined, 0 for unknown ones', async () => {
    const [alice, bob, carol] = await Promise.all(['m1', 'm2', 'm3'].map((userId) => world.login(userId)));
    if (!alice || !bob || !carol) throw new Error('no clients');
    await Promise.all([bob.join('m two'), carol.join('m two'), carol.join('m one')]);
    expect([...(await alice.memberCounts(['m one', 'm none', 'm two']))]).toEqual([
      ['m one', 1],
      ['m none', 0],
      ['m two', 2],
    ]);
  });

  it('takes at most 32 channels', async () => {
    const alice = await world.login('m4');
    const many = Array.from({ length: 33 }, (_, index) => `m-${index}`);
    await expect(alice.memberCounts(many)).rejects.toMatchObject({
      code: 'ERR_RTM_EXCEED_LIMIT',
      operation: 'getChannelMemberCount',
      reason: 5,
    });
  });
});

// A network that goes silent without closing anything (docs/spec/connection.md §2, §3), seen from both ends.
import { once } from 'node:events';
import type { PresenceNotice, RtmClient, RtmServerOptions } from 'rtm-native';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Relay, startRelay, startWorld, type World, within } from './client-world.js';
import { joined, newService } from './sdk-world.js';

// Four seconds of the SDK are 400 ms here, six of the server 800 ms.
const timing = { 'rtm.timing': { outage_ms: 400, handshake_ms: 2000 } };

async function start(grace: number): Promise<{ world: World; relay: Relay }> {
  const times = { heartbeat: 100, unreachable: 800, grace };
  const world = await startWorld({ times, limits: 'off' } satisfies Partial<RtmServerOptions>);
  const relay = await startRelay(world.server);
  onTestFinished(async () => {
    relay.mend();
    await world.end();
    await relay.close();
  });
  return { world, relay };
}

/** Records the states of one user that `watcher` hears, and waits for a state. */
function presenceOf(watcher: RtmClient, userId: string) {
  const states: string[] = [];
  const waiting: { state: string; resolve: () => void }[] = [];
  watcher.on('presence', (notice: PresenceNotice) => {
    for (const change of notice.changes) {
      if (change.userId !== userId) continue;
      states.push(change.state);
      for (const each of waiting.filter(({ state }) => state === change.state)) {
        waiting.splice(waiting.indexOf(each), 1);
        each.resolve();
      }
    }
  });
  const next = (state: string) =>
    within(`${userId} ${state}`, new Promise<void>((resolve) => waiting.push({ state, resolve })), 20_000);
  return { states, next };
}

describe('a connection that has gone silent', () => {
  it('is resumed within the grace time, and no member of the channel notices', async () => {
    const { world, relay } = await start(60_000);
    const alice = await world.login('alice', { endpoints: relay.connectString, parameters: timing });
    const bob = await world.login('bob');
    const [, bobsRoom] = await Promise.all([alice.join('room'), bob.join('room')]);
    const noticed: string[] = [];
    bobsRoom.on('memberLeft', ({ userId }) => noticed.push(`${userId} left`));
    bobsRoom.on('memberJoined', ({ userId }) => noticed.push(`${userId} joined`));
    const seen = presenceOf(bob, 'alice');
    const online = seen.next('online');
    await bob.presence.subscribe(['alice']);
    await online;
    noticed.length = 0;
    const states: string[] = [];
    alice.on('state', ({ current, reason }) => states.push(`${current} ${reason}`));

    const unreachable = seen.next('unreachable');
    relay.freeze();
    await within('reconnecting', alice.whenState('reconnecting'), 20_000);
    await unreachable;
    const during = bob.sendToPeer('alice', 'during');
    const back = seen.next('online');
    relay.mend();
    await within('connected', alice.whenState('connected'), 20_000);
    await back;

    expect((await within('during', during)).delivery).toBe('delivered');
    expect((await within('message', alice.messages().next())).value?.text).toBe('during');
    expect(states).toEqual(['reconnecting interrupted', 'connected loginSuccess']);
    expect(seen.states).toEqual(['online', 'unreachable', 'online']);
    expect(noticed).toEqual([]);
    expect(world.server.stats().resumes).toBeGreaterThan(0);
    expect(world.server.stats().logins).toBe(2);
  });

  it('is replaced by a new login, with channels, attributes and subscriptions, and without a second success', async () => {
    const { world, relay } = await start(2500);
    const { service, events } = newService({ connectString: relay.connectString } as World['server'], world.appId);
    expect(service.setParameters(JSON.stringify(timing))).toBe(0);
    const loggedIn = events.next('onLoginSuccess');
    service.login(world.token('alice'), 'alice');
    await within('login', loggedIn);
    const { events: room } = await joined({ service, user: 'alice', events }, 'room');
    const attributesSet = events.next('onSetLocalUserAttributesResult');
    service.setLocalUserAttributes([{ key: 'mood', value: 'calm' }]);
    await within('attributes', attributesSet);
    const subscribed = events.next('onSubscriptionRequestResult');
    service.subscribePeersOnlineStatus(['carol']);
    await within('subscription', subscribed);
    const bob = await world.login('bob');
    const bobsRoom = await bob.join('room');
    const seen = presenceOf(bob, 'alice');
    await bob.presence.subscribe(['alice']);

    const [unreachable, offline] = [seen.next('unreachable'), seen.next('offline')];
    const left = once(bobsRoom, 'memberLeft');
    relay.freeze();
    const lost = await within('reconnecting', events.next('onConnectionStateChanged'), 20_000);
    expect(lost).toEqual([4, 5]);
    await Promise.all([unreachable, offline]);
    expect((await within('left', left))[0]).toMatchObject({ userId: 'alice' });
    expect(await bob.attributes.get('alice').catch(() => new Map())).toEqual(new Map());

    const [online, rejoined] = [seen.next('online'), once(bobsRoom, 'memberJoined')];
    const connected = events.next('onConnectionStateChanged');
    relay.mend();
    expect(await within('connected', connected, 20_000)).toEqual([3, 2]);
    await online;
    expect((await within('joined', rejoined))[0]).toMatchObject({ userId: 'alice' });
    await expect.poll(() => bob.attributes.get('alice').catch(() => new Map())).toEqual(new Map([['mood', 'calm']]));
    const carolSeen = events.next('onPeersOnlineStatusChanged');
    await world.login('carol');
    expect((await within('carol', carolSeen))[0]).toMatchObject([{ peerId: 'carol', onlineState: 0 }]);
    const heard = room.next('onMessageReceived');
    await bobsRoom.send('welcome back');
    await within('message', heard);
    expect(events.names().filter((name) => name === 'onLoginSuccess')).toHaveLength(1);
    expect(room.names().filter((name) => name === 'onJoinSuccess')).toHaveLength(1);
  });
});

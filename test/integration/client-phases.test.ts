// Kick, token, logout and release in each phase of a connection (docs/spec/connection.md §1, §5), over a relay that can
// be made to stop in that phase. The pure table is test/cpp/client/connection_machine_table_test.cpp; what happens to a
// connected client is in client-session.test.ts (kick, token) and server-admin.test.ts (ban).
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RtmService } from '../../lib/sdk/service.js';
import { type Relay, startRelay, startWorld, type World, within } from './client-world.js';
import { newService, type Recorder } from './sdk-world.js';

const DISCONNECTED = 1;
const CONNECTING = 2;
const CONNECTED = 3;
const RECONNECTING = 4;
const ABORTED = 5;
const [LOGIN, LOGIN_SUCCESS, LOGIN_FAILURE, INTERRUPTED, LOGOUT, BANNED, REMOTE_LOGIN] = [1, 2, 3, 5, 6, 7, 8];
const [ERR_TOKEN_EXPIRED, ERR_NOT_AUTHORIZED] = [6, 7];
const RESUME = 5; // the frame's kind

interface Scene {
  world: World;
  relay: Relay;
  service: RtmService;
  events: Recorder;
  /** Everything reported, from the phase on. */
  told(): unknown[][];
}

async function scene(tokenSeconds = 600): Promise<Scene & { login(): number }> {
  const world = await startWorld({ tls: false, limits: 'off' });
  const relay = await startRelay(world.server);
  const { service, events } = newService({ connectString: relay.connectString } as World['server'], world.appId);
  expect(service.setParameters(JSON.stringify({ 'rtm.timing': { outage_ms: 300, logout_ms: 500 } }))).toBe(0);
  onTestFinished(async () => {
    service.release();
    relay.mend();
    await world.end();
    await relay.close();
  });
  let from = 0;
  const made = {
    world,
    relay,
    service,
    events,
    login: () => service.login(world.token('alice', tokenSeconds), 'alice'),
    told: () => events.calls.slice(from),
    mark: () => {
      from = events.calls.length;
    },
  };
  return made;
}

type Phase = 'connecting' | 'reconnecting' | 'resuming';

/** A scene that stands still in the phase. */
async function standing(phase: Phase, tokenSeconds?: number): Promise<Scene> {
  const made = await scene(tokenSeconds);
  const { relay, events } = made;
  if (phase === 'connecting') {
    relay.freeze();
    const state = events.next('onConnectionStateChanged');
    expect(made.login()).toBe(0);
    expect(await within('connecting', state)).toEqual([CONNECTING, LOGIN]);
  } else {
    const success = events.next('onLoginSuccess');
    expect(made.login()).toBe(0);
    await within('login', success);
    const lost = events.next('onConnectionStateChanged');
    relay.cut();
    let resume = Promise.resolve();
    if (phase === 'resuming') {
      relay.mend();
      resume = relay.freezeAt(RESUME);
    }
    expect(await within('reconnecting', lost)).toEqual([RECONNECTING, INTERRUPTED]);
    await within('resume', resume);
  }
  (made as unknown as { mark(): void }).mark();
  return made;
}

describe.each<Phase>(['connecting', 'reconnecting', 'resuming'])('while %s', (phase) => {
  it('logout() is done at once, without the network', async () => {
    const { service, events, told, relay } = await standing(phase);
    const state = events.next('onConnectionStateChanged');
    expect(service.logout()).toBe(0);
    expect(await within('state', state)).toEqual([DISCONNECTED, LOGOUT]);
    expect(told()).toEqual([
      ['onLogout', 0],
      ['onConnectionStateChanged', DISCONNECTED, LOGOUT],
    ]);
    relay.mend();
    // The instance is as new.
    const success = events.next('onLoginSuccess');
    expect(service.login('', 'alice')).toBe(0);
    service.logout();
    void success;
  });

  it('no callback follows release()', async () => {
    const { service, told, relay, world } = await standing(phase);
    service.release(true);
    relay.mend();
    const probe = await world.login('probe');
    await probe.logout();
    expect(told()).toEqual([]);
  });
});

it('while connecting, renewToken() is refused: no user is logged in', async () => {
  const { service, world } = await standing('connecting');
  expect(service.renewToken(world.token('alice'))).toBe(102);
});

describe.each<Phase>(['reconnecting', 'resuming'])('while %s', (phase) => {
  it('a login of the same user elsewhere ends it as ABORTED when the network is back', async () => {
    const { events, told, relay, world, service } = await standing(phase);
    const other = await world.login('alice', { endpoints: world.server.connectString });
    const aborted = events.next('onConnectionStateChanged');
    relay.mend();
    expect(await within('aborted', aborted, 20_000)).toEqual([ABORTED, REMOTE_LOGIN]);
    expect(told()).toEqual([['onConnectionStateChanged', ABORTED, REMOTE_LOGIN]]);
    expect(service.login('', 'alice')).toBe(8);
    expect(other.state).toBe('connected');
    const out = events.next('onLogout');
    expect(service.logout()).toBe(0);
    expect(await within('logout', out)).toEqual([0]);
  });

  it('renewToken() is answered when the network is back', async () => {
    const { events, relay, world, service } = await standing(phase);
    const token = world.token('alice', 900);
    const [renewed, connected] = [events.next('onRenewTokenResult'), events.next('onConnectionStateChanged')];
    expect(service.renewToken(token)).toBe(0);
    relay.mend();
    expect(await within('connected', connected, 20_000)).toEqual([CONNECTED, LOGIN_SUCCESS]);
    expect(await within('renewed', renewed, 20_000)).toEqual([token, 0]);
  });
});

/** Resolves when a token of this lifetime, made before this call, has expired for the server. */
async function expired(world: World, seconds: number): Promise<void> {
  const clock = await world.login('clock', { token: world.token('clock', seconds) });
  await within('the end of a token', clock.whenState('aborted'));
}

describe.each<Phase>(['reconnecting', 'resuming'])('while %s', (phase) => {
  it('a ban ends it as ABORTED when the network is back', async () => {
    const { events, told, relay, world } = await standing(phase);
    expect(await world.server.ban(world.appId, 'alice')).toBe(true);
    const aborted = events.next('onConnectionStateChanged');
    relay.mend();
    expect(await within('aborted', aborted, 20_000)).toEqual([ABORTED, BANNED]);
    expect(told()).toEqual([['onConnectionStateChanged', ABORTED, BANNED]]);
  });

  it('an expired token is reported once and keeps the state, and a new token saves the session', async () => {
    const { events, told, relay, world, service } = await standing(phase, 2);
    await expired(world, 2);
    const toldOf = events.next('onTokenExpired');
    relay.mend();
    await within('expired', toldOf, 20_000);
    const connected = events.next('onConnectionStateChanged');
    const resumes = world.server.stats().resumes;
    expect(service.renewToken(world.token('alice', 600))).toBe(0);
    expect(await within('connected', connected, 20_000)).toEqual([CONNECTED, LOGIN_SUCCESS]);
    expect(told().filter(([name]) => name === 'onTokenExpired')).toHaveLength(1);
    expect(told().filter(([name]) => name === 'onConnectionStateChanged')).toHaveLength(1);
    expect(world.server.stats().resumes).toBe(resumes + 1);
  });
});

describe('while connecting', () => {
  it('a ban fails the login when the network is there', async () => {
    const { events, told, relay, world } = await standing('connecting');
    expect(await world.server.ban(world.appId, 'alice')).toBe(false);
    const failed = events.next('onLoginFailure');
    relay.mend();
    expect(await within('failed', failed, 20_000)).toEqual([ERR_NOT_AUTHORIZED]);
    expect(told()).toEqual([
      ['onConnectionStateChanged', DISCONNECTED, LOGIN_FAILURE],
      ['onLoginFailure', ERR_NOT_AUTHORIZED],
    ]);
  });

  it('a token that expires fails the login, without onTokenExpired', async () => {
    const { events, told, relay, world } = await standing('connecting', 2);
    await expired(world, 2);
    const failed = events.next('onLoginFailure');
    relay.mend();
    expect(await within('failed', failed, 20_000)).toEqual([ERR_TOKEN_EXPIRED]);
    expect(told()).toEqual([
      ['onConnectionStateChanged', DISCONNECTED, LOGIN_FAILURE],
      ['onLoginFailure', ERR_TOKEN_EXPIRED],
    ]);
  });

  it('a login of the same user elsewhere is older, and this login ends it', async () => {
    const { events, told, relay, world } = await standing('connecting');
    const other = await world.login('alice', { endpoints: world.server.connectString });
    const success = events.next('onLoginSuccess');
    relay.mend();
    await within('login', success, 20_000);
    expect(told()).toEqual([['onConnectionStateChanged', CONNECTED, LOGIN_SUCCESS], ['onLoginSuccess']]);
    await within('the other one', other.whenState('aborted'));
  });
});

import { once } from 'node:events';
import { type ChannelMessage, type MessageIterator, type PeerMessage, RtmClient } from 'rtm-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAppCredentials } from '../../lib/server/token.js';
import { type Relay, startRelay, startWorld, type World, within } from './client-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.end());

describe('login', () => {
  it.each([
    ['no token', () => '', 'ERR_RTM_INVALID_TOKEN', 5],
    ['the App ID for a token', () => world.appId, 'ERR_RTM_INVALID_TOKEN', 5],
    ['the token of another user', () => world.token('somebody'), 'ERR_RTM_INVALID_TOKEN', 5],
    ['a token with one character changed', () => changed(world.token('x')), 'ERR_RTM_INVALID_TOKEN', 5],
    ['half a token', () => world.token('x').slice(0, 60), 'ERR_RTM_INVALID_TOKEN', 5],
  ])('is refused with %s', async (_what, token, code, reason) => {
    const login = world.login('x', { token: token() });
    await expect(login).rejects.toMatchObject({ name: 'RtmError', code, reason, operation: 'login' });
  });

  it('is refused for an App ID that the server does not know', async () => {
    const { appId } = createAppCredentials();
    await expect(world.login('x', { appId })).rejects.toMatchObject({ code: 'ERR_RTM_INVALID_APP_ID', reason: 4 });
    await expect(world.login('x', { appId: 'short' })).rejects.toMatchObject({ code: 'ERR_RTM_INVALID_APP_ID' });
  });

  it('is refused for a user id that breaks the rules', async () => {
    const login = world.login('a"b', { token: world.token('x') });
    await expect(login).rejects.toMatchObject({ code: 'ERR_RTM_INVALID_ARGUMENT', reason: 3 });
  });

  it('does not trust a server with another certificate than the pinned one', async () => {
    const endpoints = world.server.connectString.replace(/sha256=.*/, `sha256=${'0'.repeat(64)}`);
    await expect(world.login('x', { endpoints })).rejects.toMatchObject({ code: 'ERR_RTM_UNKNOWN', reason: 1 });
  });

  it('stops by its signal while no server answers', async () => {
    const started = performance.now();
    const login = world.login('x', { endpoints: 'rtms://127.0.0.1:9', signal: AbortSignal.timeout(200) });
    await expect(login).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('works for many bots in one process at the same time', async () => {
    const bots = await Promise.all(Array.from({ length: 50 }, (_, index) => world.login(`bot ${index}`)));
    const ring = bots.map((bot, index) => bot.sendToPeer(`bot ${(index + 1) % bots.length}`, 'pass it on'));
    expect((await Promise.all(ring)).every(({ delivery }) => delivery === 'delivered')).toBe(true);
  });
});

describe('a session', () => {
  it('is ended by the same user elsewhere, and says so everywhere', async () => {
    const first = await world.login('twin');
    const loop = expect(first.messages().next()).rejects.toMatchObject({ code: 'ERR_RTM_REMOTE_LOGIN' });
    const changed = once(first, 'state');
    const second = await world.login('twin');
    expect((await within('state', changed))[0]).toMatchObject({
      previous: 'connected',
      current: 'aborted',
      reason: 'remoteLogin',
      error: { code: 'ERR_RTM_REMOTE_LOGIN' },
    });
    await within('the end of the loop', loop);
    await expect(first.sendToPeer('twin', 'x')).rejects.toMatchObject({ code: 'ERR_RTM_NOT_LOGGED_IN', reason: 102 });
    expect(second.state).toBe('connected');
    await first.logout();
    expect(first.state).toBe('disconnected');
  });

  it('ends at once with logout(), for others as well', async () => {
    const [alice, bob] = await Promise.all([world.login('leaver'), world.login('stayer')]);
    await alice.logout();
    await expect(bob.sendToPeer('leaver', 'x')).rejects.toMatchObject({ code: 'ERR_RTM_PEER_UNREACHABLE' });
    const again = await world.login('leaver');
    expect(again.state).toBe('connected');
  });

  it('takes a new token, and refuses a wrong one without harm', async () => {
    const client = await world.login('renewer');
    await client.renewToken(world.token('renewer'));
    await expect(client.renewToken(world.token('other'))).rejects.toMatchObject({
      code: 'ERR_RTM_INVALID_TOKEN',
      reason: 6,
      operation: 'renewToken',
    });
    expect(client.state).toBe('connected');
  });

  it('is warned before its token expires, and saved by a new one', async () => {
    const client = await world.login('short', { token: world.token('short', 20) });
    await within('tokenWillExpire', once(client, 'tokenWillExpire'));
    await client.renewToken(world.token('short', 600));
    expect(client.state).toBe('connected');
  });

  it('ends when its token expires', async () => {
    const client = await world.login('expired', { token: world.token('expired', 2) });
    const expired = once(client, 'tokenExpired');
    await within('aborted', client.whenState('aborted'));
    expect((await within('tokenExpired', expired))[0]).toEqual({ userId: 'expired' });
    await expect(client.messages().next()).rejects.toMatchObject({ code: 'ERR_RTM_TOKEN_EXPIRED' });
  });
});

describe('a lost connection', () => {
  let relay: Relay;
  const timing = { 'rtm.timing': { outage_ms: 300 } };

  beforeAll(async () => {
    relay = await startRelay(world.server);
  });
  afterAll(() => relay.close());

  it('comes back by itself, with the channel and every message, once and in order', async () => {
    const alice = await world.login('roamer', { endpoints: relay.connectString, parameters: timing });
    const bob = await world.login('friend');
    const [lobby, bobsLobby] = await Promise.all([alice.join('roaming'), bob.join('roaming')]);
    const peers = alice.messages();
    const channel = lobby.messages();
    await bob.sendToPeer('roamer', 'before');

    const lost = alice.whenState('reconnecting');
    relay.cut();
    await within('reconnecting', lost);
    const during = bob.sendToPeer('roamer', 'during');
    const bySelf = alice.sendToPeer('friend', 'from the tunnel');
    await bobsLobby.send('in the channel');
    relay.mend();
    await within('connected', alice.whenState('connected'));
    expect((await within('during', during)).delivery).toBe('delivered');
    expect((await within('from the tunnel', bySelf)).delivery).toBe('delivered');
    await bob.sendToPeer('roamer', 'after');
    await bobsLobby.send('afterwards');

    const next = async (loop: MessageIterator<PeerMessage | ChannelMessage>) =>
      (await within('message', loop.next())).value?.text;
    expect([await next(peers), await next(peers), await next(peers)]).toEqual(['before', 'during', 'after']);
    expect([await next(channel), await next(channel)]).toEqual(['in the channel', 'afterwards']);
    expect((await within('bob', bob.messages().next())).value?.text).toBe('from the tunnel');
    expect(peers.pending + channel.pending).toBe(0);
    expect(lobby.joined).toBe(true);
  });

  it('does not keep logout() waiting', async () => {
    const client = await world.login('gone', { endpoints: relay.connectString, parameters: timing });
    relay.cut();
    await within('reconnecting', client.whenState('reconnecting'));
    await within('logout', client.logout(), 3000);
    relay.mend();
    expect(client.state).toBe('disconnected');
  });
});

it('login() rejects rather than throws when no server exists', async () => {
  const { appId } = createAppCredentials();
  const login = RtmClient.login({ appId, userId: 'x', endpoints: 'rtm://127.0.0.1:9', timeout: 300 });
  await expect(login).rejects.toMatchObject({ code: 'ERR_RTM_TIMEOUT', reason: 9 });
});

function changed(token: string): string {
  const at = token.length - 20;
  return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}

// Commands of an operator to a running server, as the users' programs see them.
import { once } from 'node:events';
import { type ClientState, RtmClient, RtmServer, type StateChange } from 'rtm-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeIdentity } from '../network/killable-server.js';
import { type Relay, startRelay, startWorld, type World, within } from './client-world.js';

const timing = { 'rtm.timing': { outage_ms: 300 } };

let world: World;
let relay: Relay;

beforeAll(async () => {
  world = await startWorld({ limits: 'off' });
  relay = await startRelay(world.server);
});
afterAll(async () => {
  await relay.close();
  await world.end();
});

/** All changes of state of a client from now on. */
function statesOf(client: RtmClient): { current: ClientState; reason: string }[] {
  const seen: { current: ClientState; reason: string }[] = [];
  client.on('state', ({ current, reason }: StateChange) => seen.push({ current, reason }));
  return seen;
}

describe('ban()', () => {
  const banned = { current: 'aborted', reason: 'bannedByServer' };

  it('ends a login, and refuses others until it is lifted', async () => {
    const { server, appId } = world;
    const alice = await world.login('villain');
    const states = statesOf(alice);
    expect(await server.ban(appId, 'villain')).toBe(true);
    await within('aborted', alice.whenState('aborted'));
    expect(states).toEqual([banned]);
    await expect(world.login('villain')).rejects.toMatchObject({ code: 'ERR_RTM_NOT_AUTHORIZED', reason: 7 });
    expect(await server.ban(appId, 'villain')).toBe(false);
    server.unban(appId, 'villain');
    expect((await world.login('villain')).state).toBe('connected');
  });

  it('ends by itself after its time', async () => {
    const { server, appId } = world;
    expect(await server.ban(appId, 'shortly', { forMs: 1 })).toBe(false);
    const over = Date.now() + 2;
    while (Date.now() < over) await new Promise((resolve) => setImmediate(resolve));
    expect((await world.login('shortly')).state).toBe('connected');
  });

  it('reaches a client whose link is lost, when it comes back', async () => {
    const { server, appId } = world;
    const alice = await world.login('absent', { endpoints: relay.connectString, parameters: timing });
    const states = statesOf(alice);
    const bob = await world.login('present');
    const [, room] = await Promise.all([alice.join('banned'), bob.join('banned')]);
    relay.cut();
    await within('reconnecting', alice.whenState('reconnecting'));
    const left = once(room, 'memberLeft');
    expect(await server.ban(appId, 'absent')).toBe(true);
    expect((await within('memberLeft', left))[0]).toMatchObject({ userId: 'absent' });
    relay.mend();
    await within('aborted', alice.whenState('aborted'));
    expect(states).toEqual([{ current: 'reconnecting', reason: 'interrupted' }, banned]);
  });

  it('while a client logs in fails that login or ends it', async () => {
    const { server, appId } = world;
    for (let round = 0; round < 10; round++) {
      const userId = `racer ${round}`;
      const login = world.login(userId);
      const ban = server.ban(appId, userId);
      const client = await login.catch((error: unknown) => error);
      await ban;
      if (client instanceof RtmClient) await within('aborted', client.whenState('aborted'));
      else expect(client).toMatchObject({ code: 'ERR_RTM_NOT_AUTHORIZED' });
    }
  });

  it('while a client resumes ends its session', async () => {
    const { server, appId } = world;
    for (let round = 0; round < 10; round++) {
      const userId = `returner ${round}`;
      const client = await world.login(userId, { endpoints: relay.connectString, parameters: timing });
      const states = statesOf(client);
      relay.cut();
      await within('reconnecting', client.whenState('reconnecting'));
      relay.mend();
      const resumes = server.stats().resumes;
      // Anywhere from just before to just after the resume.
      while (round % 2 === 0 && server.stats().resumes === resumes)
        await new Promise((resolve) => setImmediate(resolve));
      expect(await server.ban(appId, userId)).toBe(true);
      await within('aborted', client.whenState('aborted'));
      expect(states.at(-1)).toEqual(banned);
    }
  });

  it('and the other commands refuse unusable arguments', async () => {
    const { server, appId } = world;
    const invalid = (code: string, argument: string) => ({ code: `ERR_RTM_INVALID_ARG_${code}`, argument });
    await expect(server.ban('f'.repeat(32), 'x')).rejects.toMatchObject(invalid('VALUE', 'appId'));
    await expect(server.ban(appId, '')).rejects.toMatchObject(invalid('VALUE', 'userId'));
    await expect(server.ban(appId, 'x', { forMs: 0 })).rejects.toMatchObject(invalid('VALUE', 'options.forMs'));
    await expect(server.disconnect(appId, 1 as never)).rejects.toMatchObject(invalid('TYPE', 'userId'));
    await expect(server.kickFromChannel(appId, 'x'.repeat(65), 'x')).rejects.toMatchObject(
      invalid('VALUE', 'channelId'),
    );
    await expect(server.drain({ endpoints: 'https://x' })).rejects.toMatchObject(invalid('VALUE', 'options.endpoints'));
    await expect(server.drain({ overMs: -1 })).rejects.toMatchObject(invalid('VALUE', 'options.overMs'));
    expect(() => server.unban(appId, '')).toThrow(expect.objectContaining(invalid('VALUE', 'userId')));
  });
});

it('disconnect() ends a login, and the user may come back', async () => {
  const { server, appId } = world;
  const alice = await world.login('boomerang');
  expect(await server.disconnect(appId, 'boomerang')).toBe(true);
  await within('aborted', alice.whenState('aborted'));
  expect((await world.login('boomerang')).state).toBe('connected');
  expect(await server.disconnect(appId, 'nobody')).toBe(false);
});

describe('kickFromChannel()', () => {
  it('removes a member, and the others see it leave', async () => {
    const { server, appId } = world;
    const [alice, bob] = await Promise.all([world.login('kicked'), world.login('witness')]);
    const [room, seen] = [await alice.join('club'), await bob.join('club')];
    const [end, left] = [once(room, 'left'), once(seen, 'memberLeft')];
    expect(await server.kickFromChannel(appId, 'club', 'kicked')).toBe(true);
    expect((await within('left', end))[0]).toEqual({ channelId: 'club', reason: 'kicked' });
    expect((await within('memberLeft', left))[0]).toMatchObject({ userId: 'kicked' });
    expect(await server.kickFromChannel(appId, 'club', 'kicked')).toBe(false);
    expect(alice.state).toBe('connected');
    expect((await alice.join('club')).joined).toBe(true);
  });

  it('reaches a member whose link is lost, when it comes back', async () => {
    const { server, appId } = world;
    const alice = await world.login('kicked away', { endpoints: relay.connectString, parameters: timing });
    const [room, other] = [await alice.join('away'), await alice.join('stays')];
    relay.cut();
    await within('reconnecting', alice.whenState('reconnecting'));
    expect(await server.kickFromChannel(appId, 'away', 'kicked away')).toBe(true);
    const end = once(room, 'left');
    relay.mend();
    expect((await within('left', end))[0]).toEqual({ channelId: 'away', reason: 'kicked' });
    expect([alice.state, other.joined]).toEqual(['connected', true]);
  });
});

it('a resume is complete in 20 channels with long names', async () => {
  const alice = await world.login('collector', { endpoints: relay.connectString, parameters: timing });
  const bob = await world.login('writer');
  const names = Array.from({ length: 20 }, (_, index) => `${'n'.repeat(62)}${10 + index}`);
  const mine = await Promise.all(names.map((name) => alice.join(name)));
  const theirs = await Promise.all(names.map((name) => bob.join(name)));
  const loops = mine.map((channel) => channel.messages());
  const next = (index: number) => within('message', loops[index]!.next()).then(({ value }) => value?.text);
  // More than the replay holds, so that a resume without a position would bring old ones again.
  for (const [index, channel] of theirs.entries()) {
    await channel.send('before');
    expect(await next(index)).toBe('before');
  }
  relay.cut();
  await within('reconnecting', alice.whenState('reconnecting'));
  for (const channel of theirs) {
    await channel.send('during 1');
    await channel.send('during 2');
  }
  relay.mend();
  await within('connected', alice.whenState('connected'));
  for (const [index, channel] of theirs.entries()) {
    await channel.send('after');
    expect([await next(index), await next(index), await next(index)]).toEqual(['during 1', 'during 2', 'after']);
  }
});

describe('reloadCertificate()', () => {
  it('is for new connections, under load, and follows the pin', async () => {
    const own = await startWorld({ limits: 'off' });
    const { server } = own;
    try {
      const before = server.connectString;
      const [alice, bob] = await Promise.all([own.login('alice'), own.login('bob')]);
      let running = true;
      const load = (async () => {
        let sent = 0;
        while (running) {
          await Promise.all(Array.from({ length: 50 }, () => alice.sendToPeer('bob', 'load')));
          sent += 50;
        }
        return sent;
      })();
      const [first, second] = [makeIdentity(), makeIdentity()];
      expect(() => server.reloadCertificate({ cert: first.cert, key: second.key })).toThrow(
        expect.objectContaining({ code: 'ERR_RTM_SERVER_CERTIFICATE' }),
      );
      expect(() => server.reloadCertificate({ cert: 'x', key: 'x' })).toThrow(/PEM text with a CERTIFICATE/);
      expect(server.connectString).toBe(before);
      for (const [round, tls] of [first, second].entries()) {
        const old = server.connectString;
        server.reloadCertificate(tls);
        expect(server.connectString).not.toBe(old);
        await expect(own.login(`old ${round}`, { endpoints: old })).rejects.toMatchObject({ code: 'ERR_RTM_UNKNOWN' });
        expect((await own.login(`new ${round}`)).state).toBe('connected');
      }
      running = false;
      expect(await load).toBeGreaterThan(0);
      expect([alice.state, bob.state]).toEqual(['connected', 'connected']);
    } finally {
      await own.end();
    }
    expect(() => server.reloadCertificate(makeIdentity())).toThrow(expect.objectContaining({ code: 'ERR_RTM_CLOSED' }));
  });

  it('is refused where there is no encryption', async () => {
    const plain = await startWorld({ tls: false });
    expect(() => plain.server.reloadCertificate(makeIdentity())).toThrow(/plaintext/);
    await plain.end();
  });
});

describe('drain()', () => {
  it('brings 200 bots to another server, which no program sees as a failure', { timeout: 120_000 }, async () => {
    const BOTS = 200;
    const tls = makeIdentity(); // one for both: clients go where they are sent only if they trust the certificate
    const own = await startWorld({ limits: 'off', tls });
    const apps = [{ appId: own.appId, certificate: own.appCertificate }];
    const second = await RtmServer.start({ host: '127.0.0.1', port: 0, apps, limits: 'off', tls });
    const bots = await Promise.all(
      Array.from({ length: BOTS }, (_, index) => own.login(`bot ${index}`, { timeout: 60_000 })),
    );
    const bad: string[] = [];
    const received = new Set<string>();
    for (const [index, bot] of bots.entries()) {
      bot.on('state', ({ current }) => {
        if (current !== 'reconnecting' && current !== 'connected') bad.push(`bot ${index}: ${current}`);
      });
      bot.on('message', ({ text }) => received.add(text ?? ''));
    }
    const rooms = await Promise.all(bots.map((bot, index) => bot.join(`room ${index % 10}`)));

    // Everybody writes to the next one, all the time. While the two are at different servers that fails, and is said.
    const delivered: string[] = [];
    let running = true;
    const work = bots.map(async (bot, index) => {
      for (let n = 0; running; n++) {
        const text = `${index} ${n}`;
        const result = await bot
          .sendToPeer(`bot ${(index + 1) % BOTS}`, text)
          .catch((error: { code: string }) => error);
        if (!('code' in result)) delivered.push(text);
        else if (result.code === 'ERR_RTM_PEER_UNREACHABLE') await new Promise((resolve) => setTimeout(resolve, 20));
        else bad.push(`send of bot ${index}: ${result.code}`);
      }
    });

    const gone = own.server.drain({ endpoints: second.connectString, overMs: 1000 });
    await within('the end of the drain', gone, 60_000);
    expect(own.server.stats().sessions).toBe(0);
    await expect(own.server.drain()).resolves.toBeUndefined();
    while (second.stats().sessions < BOTS) await new Promise((resolve) => setImmediate(resolve));
    // Now that all are at the second server, each message gets through again.
    const before = delivered.length;
    while (delivered.length < before + BOTS) await new Promise((resolve) => setTimeout(resolve, 10));
    running = false;
    await Promise.all(work);

    expect(bad).toEqual([]);
    for (const text of delivered) expect(received.has(text), `message ${text}`).toBe(true);
    while (second.stats().channels < 10) await new Promise((resolve) => setImmediate(resolve));
    expect(rooms.every(({ joined }) => joined)).toBe(true);
    const heard = once(rooms[10]!, 'message');
    await rooms[0]!.send('still together');
    expect((await within('message', heard))[0]).toMatchObject({ text: 'still together', from: 'bot 0' });
    await own.server.close();
    await own.end();
    await second.close();
  });

  it('accepts no login, and sends new clients elsewhere', async () => {
    const tls = makeIdentity();
    const own = await startWorld({ tls });
    const apps = [{ appId: own.appId, certificate: own.appCertificate }];
    const second = await RtmServer.start({ host: '127.0.0.1', port: 0, apps, tls });
    const draining = own.server.drain({ endpoints: [second.connectString] });
    const late = await own.login('late');
    expect(late.state).toBe('connected');
    expect([own.server.stats().sessions, second.stats().sessions]).toEqual([0, 1]);
    await within('drained', draining);
    await own.end();
    await second.close();
  });

  it('is over when the server closes', async () => {
    const own = await startWorld();
    await own.login('alice');
    const draining = own.server.drain({ endpoints: 'rtm://127.0.0.1:9', overMs: 3_600_000 });
    await own.server.close();
    await within('drained', draining);
    await expect(own.server.disconnect(own.appId, 'alice')).rejects.toMatchObject({ code: 'ERR_RTM_CLOSED' });
    await own.end();
  });
});

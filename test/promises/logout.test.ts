// logout() waits for the results of what is on its way, for a bounded time, so that none of them is a lie.
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { FaultProxy } from '../faults/fault-proxy.js';
import { startWorld, type World } from '../integration/client-world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ limits: 'off' });
});
afterAll(() => world.end());

let users = 0;
const fresh = (name: string) => `${name} ${++users}`;

/** A user behind a proxy. */
async function behind(timing: Record<string, number> = {}) {
  const proxy = await FaultProxy.start(world.server);
  onTestFinished(() => proxy.close());
  const parameters = { 'rtm.timing': timing };
  const client = await world.login(fresh('alice'), { endpoints: proxy.connectString, parameters });
  return { proxy, client };
}

const UNKNOWN = { status: 'rejected', reason: { code: 'ERR_RTM_TIMEOUT', sent: true } };
const NOT_SENT = { status: 'rejected', reason: { code: 'ERR_RTM_FAILURE', sent: false } };

it('what was sent just before the logout has its true result', async () => {
  const [alice, bob] = await Promise.all([world.login(fresh('alice')), world.login(fresh('bob'))]);
  const [room, theirs] = await Promise.all([alice.join(fresh('room')), bob.join(`room ${users}`)]);
  const heard: (string | undefined)[] = [];
  bob.on('message', ({ text }) => heard.push(text));
  theirs.on('message', ({ text }) => heard.push(text));
  const texts = Array.from({ length: 10 }, (_, index) => `${index}`);
  const sends = texts.map((text) => alice.sendToPeer(bob.userId, text));
  const said = texts.map((text) => room.send(`room ${text}`));
  const written = alice.attributes.set({ mood: 'leaving' });
  const out = alice.logout();
  await expect(alice.sendToPeer(bob.userId, 'too late')).rejects.toMatchObject({ code: 'ERR_RTM_NOT_LOGGED_IN' });
  await out;
  for (const { delivery } of await Promise.all(sends)) expect(delivery).toBe('delivered');
  await Promise.all([...said, written]);
  expect(heard.filter((text) => !text?.startsWith('room'))).toEqual(texts);
  await expect
    .poll(() => heard.filter((text) => text?.startsWith('room')))
    .toEqual(texts.map((text) => `room ${text}`));
});

it('what has no result when the time is over is unknown', async () => {
  const { proxy, client } = await behind({ drain_ms: 100, logout_ms: 200 });
  const room = await client.join(fresh('room'));
  proxy.mute();
  const calls = [client.sendToPeer('nobody', 'x'), room.send('x'), client.attributes.set({ a: 'b' })];
  const ends = Promise.allSettled(calls);
  await client.logout();
  for (const end of await ends) expect(end).toMatchObject(UNKNOWN);
});

it('a logout that finds nothing to wait for, or shall not wait, does not', async () => {
  const { proxy, client: bob } = await behind();
  const patient = {
    parameters: { 'rtm.timing': { drain_ms: 3_600_000, logout_ms: 3_600_000, peer_message_ms: 3_600_000 } },
  };
  const [idle, alice] = await Promise.all([world.login(fresh('idle'), patient), world.login(fresh('alice'), patient)]);
  proxy.freeze(); // bob's client never confirms
  const send = Promise.allSettled([alice.sendToPeer(bob.userId, 'x')]);
  await Promise.all([idle.logout(), alice.logout({ drain: false })]);
  expect((await send)[0]).toMatchObject(UNKNOWN);
});

it('a second logout that shall not wait ends the wait of the first', async () => {
  const { proxy, client: bob } = await behind();
  const patient = {
    parameters: { 'rtm.timing': { drain_ms: 3_600_000, logout_ms: 3_600_000, peer_message_ms: 3_600_000 } },
  };
  const alice = await world.login(fresh('alice'), patient);
  proxy.freeze(); // bob's client never confirms
  const send = Promise.allSettled([alice.sendToPeer(bob.userId, 'x')]);
  const first = alice.logout();
  const second = alice.logout({ drain: false });
  await Promise.all([first, second, alice.logout({ drain: false })]);
  expect((await send)[0]).toMatchObject(UNKNOWN);
});

it('without a link a logout ends at once, and says what never left', async () => {
  const { proxy, client } = await behind({ drain_ms: 3_600_000, logout_ms: 3_600_000, outage_ms: 100 });
  const room = await client.join(fresh('room'));
  proxy.cut();
  await client.whenState('reconnecting');
  const calls = [client.sendToPeer('nobody', 'x'), room.send('x'), client.attributes.set({ a: 'b' })];
  const ends = Promise.allSettled(calls);
  await client.logout();
  for (const end of await ends) expect(end).toMatchObject(NOT_SENT);
});

it('a link that breaks while a logout waits ends the wait', async () => {
  const { proxy, client } = await behind({ drain_ms: 3_600_000, logout_ms: 3_600_000 });
  proxy.mute();
  const send = Promise.allSettled([client.sendToPeer('nobody', 'x')]);
  const out = client.logout();
  proxy.cut();
  await out;
  expect((await send)[0]).toMatchObject(UNKNOWN);
});

it('flush() waits for what is under way, and only for that', async () => {
  const { proxy, client } = await behind({ logout_ms: 100, drain_ms: 50 });
  const room = await client.join(fresh('room'));
  await client.flush();
  const ends: string[] = [];
  const note = (what: string) => () => void ends.push(what);
  void room.send('x').then(note('channel'));
  void client.attributes.set({ a: 'b' }).then(note('attributes'));
  void client.sendToPeer('nobody', 'x').catch(note('unreachable'));
  await client.flush();
  expect(ends.sort()).toEqual(['attributes', 'channel', 'unreachable']);

  proxy.mute();
  const send = client.sendToPeer('nobody', 'x');
  const kept = Promise.allSettled([send]);
  await expect(client.flush({ timeout: 20 })).rejects.toMatchObject({
    code: 'ERR_RTM_TIMEOUT',
    operation: 'flush',
    message: 'flush: 1 of 1 calls have no result after the 20 ms given; they go on',
  });
  await expect(client.flush({ signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
  const flushed = client.flush();
  const out = client.logout();
  const during = client.flush();
  await Promise.all([flushed, during, out]);
  expect((await kept)[0]).toMatchObject(UNKNOWN);
  await client.flush();
});

it.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, '1'])('flush({ timeout: %s }) is refused', async (timeout) => {
  const { client } = await behind();
  expect(() => client.flush({ timeout: timeout as number })).toThrow(TypeError);
  expect(() => client.logout({ drain: 'no' as never })).toThrow(/options\.drain: expected a boolean/);
  expect(client.state).toBe('connected');
});

it('flush() leaves a rejection that nobody handles unhandled', async () => {
  const client = await world.login(fresh('alice'));
  const unhandled: unknown[] = [];
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });
  process.on('unhandledRejection', (reason) => unhandled.push(reason));
  void client.sendToPeer('nobody', 'x');
  await client.flush();
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toMatchObject([{ code: 'ERR_RTM_PEER_UNREACHABLE' }]);
});

// A call that gives up, by its timeout or its signal, is called off: what has not left this process never does, and the
// error says so. What has left may arrive, and the error says that.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { RequestDiagnostic } from '../../lib/native/diagnostics.js';
import { FaultProxy } from '../faults/fault-proxy.js';
import { startWorld, type World } from '../integration/client-world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ limits: 'off' });
});
afterAll(() => world.end());

const soon = { 'rtm.timing': { outage_ms: 100 } };
let users = 0;

/** A user whose link can be taken away, and one whose link holds. */
async function pair() {
  const proxy = await FaultProxy.start(world.server);
  onTestFinished(() => proxy.close());
  const number = ++users;
  const [alice, bob] = await Promise.all([
    world.login(`alice ${number}`, { endpoints: proxy.connectString, parameters: soon }),
    world.login(`bob ${number}`),
  ]);
  const heard: (string | undefined)[] = [];
  bob.on('message', ({ text }) => heard.push(text));
  return { proxy, alice, bob, heard, number };
}

const NOT_SENT = { code: 'ERR_RTM_TIMEOUT', sent: false, message: expect.stringContaining('was not sent within') };

it('messages and requests that gave up while the link was down are never sent', async () => {
  const { proxy, alice, bob, heard, number } = await pair();
  const [room, theirs] = await Promise.all([alice.join(`room ${number}`), bob.join(`room ${number}`)]);
  theirs.on('message', ({ text }) => heard.push(text));
  proxy.cut();
  await alice.whenState('reconnecting');

  const gone = new AbortController();
  const limited = { timeout: 20 };
  const aborted = { signal: gone.signal };
  const calls = [limited, limited, limited, aborted, aborted, aborted].flatMap((options, index) => [
    alice.sendToPeer(bob.userId, `peer ${index}`, options),
    room.send(`channel ${index}`, options),
    alice.attributes.set({ [`key ${index}`]: 'value' }, options),
  ]);
  const ends = Promise.allSettled(calls);
  await expect(calls[0]).rejects.toMatchObject(NOT_SENT);
  gone.abort(new Error('nobody waits'));
  for (const [index, end] of (await ends).entries()) {
    expect(end.status).toBe('rejected');
    if (end.status !== 'rejected') continue;
    if (index < 9) expect(end.reason).toMatchObject(NOT_SENT);
    else expect(end.reason).toBe(gone.signal.reason);
  }

  proxy.mend();
  await alice.whenState('connected');
  await room.send('channel again');
  await alice.sendToPeer(bob.userId, 'again');
  expect(heard).toEqual(['channel again', 'again']);
  expect([...(await bob.attributes.get(alice.userId))]).toEqual([]);
});

it('a join that gave up while the link was down is not made', async () => {
  const { proxy, alice, bob, number } = await pair();
  const theirs = await bob.join(`hall ${number}`);
  const seen: string[] = [];
  theirs.on('memberJoined', ({ userId }) => seen.push(`+${userId}`));
  theirs.on('memberLeft', ({ userId }) => seen.push(`-${userId}`));
  proxy.cut();
  await alice.whenState('reconnecting');
  await expect(alice.join(theirs.id, { timeout: 20 })).rejects.toMatchObject({ code: 'ERR_RTM_TIMEOUT' });
  proxy.mend();
  await alice.whenState('connected');
  const room = await alice.join(theirs.id);
  await room.leave();
  const last = await world.login(`last ${number}`);
  await last.join(theirs.id);
  await expect.poll(() => seen.at(-1)).toBe(`+${last.userId}`);
  expect(seen.slice(0, -1)).toEqual([`+${alice.userId}`, `-${alice.userId}`]);
});

it('a subscription, or the end of one, that gave up while the link was down has no effect', async () => {
  const { proxy, alice, bob } = await pair();
  await alice.presence.subscribe([bob.userId]);
  proxy.cut();
  await alice.whenState('reconnecting');
  const brief = { timeout: 20 };
  await expect(alice.presence.subscribe(['carol'], brief)).rejects.toMatchObject(NOT_SENT);
  await expect(alice.presence.unsubscribe([bob.userId], brief)).rejects.toMatchObject(NOT_SENT);
  proxy.mend();
  await alice.whenState('connected');
  expect(await alice.presence.subscriptions()).toEqual([bob.userId]);
  const heard = new Promise<void>((resolve) => {
    alice.on('presence', ({ changes }) => {
      expect(changes.map(({ userId }) => userId)).not.toContain('carol');
      if (changes.some(({ userId, state }) => userId === bob.userId && state === 'offline')) resolve();
    });
  });
  await world.login('carol');
  await bob.logout();
  await heard;
});

it('a message that left, and that nobody answered, may have arrived; over another link it is not sent', async () => {
  const { proxy, alice, bob, heard } = await pair();
  proxy.freeze(); // the link stands, and no byte moves
  await expect(alice.sendToPeer(bob.userId, 'on its way', { timeout: 20 })).rejects.toMatchObject({
    code: 'ERR_RTM_TIMEOUT',
    sent: true,
    message: expect.stringContaining('was not answered within'),
  });
  proxy.cut();
  proxy.mend();
  await alice.sendToPeer(bob.userId, 'again');
  expect(heard).toEqual(['again']);
});

it('the time limit of the core says whether a message was sent, too', async () => {
  const { proxy, alice, bob } = await pair();
  const brief = { 'rtm.timing': { outage_ms: 100, peer_message_ms: 300, channel_message_ms: 300, request_ms: 300 } };
  const carol = await world.login(`carol ${alice.userId}`, { endpoints: proxy.connectString, parameters: brief });
  const room = await carol.join(`corner ${alice.userId}`);
  proxy.freeze();
  const left = carol.sendToPeer(bob.userId, 'left');
  await expect(left).rejects.toMatchObject({ code: 'ERR_RTM_TIMEOUT', sent: true });
  proxy.cut();
  await carol.whenState('reconnecting');
  const calls = [carol.sendToPeer(bob.userId, 'x'), room.send('x'), carol.attributes.set({ a: 'b' })];
  for (const end of await Promise.allSettled(calls)) {
    expect(end).toMatchObject({ reason: { code: 'ERR_RTM_TIMEOUT', sent: false } });
  }
});

it('diagnostics tell of aborted calls, whose error is that of their signal, whether they were sent', async () => {
  const { proxy, alice, bob } = await pair();
  const told: RequestDiagnostic[] = [];
  const listener = (message: unknown) => told.push(message as RequestDiagnostic);
  subscribe('rtm:request', listener);
  onTestFinished(() => void unsubscribe('rtm:request', listener));
  for (const [sent, harm] of [
    [true, () => proxy.freeze()],
    [false, () => proxy.cut()],
  ] as const) {
    harm();
    if (!sent) await alice.whenState('reconnecting');
    await expect(alice.sendToPeer(bob.userId, 'x', { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(told.at(-1)).toMatchObject({ outcome: 'aborted', sent });
  }
});

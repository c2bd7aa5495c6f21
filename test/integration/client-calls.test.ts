import { once } from 'node:events';
import type { IncomingInvitation, RtmClient } from 'rtm-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World, within } from './client-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.end());

let pairs = 0;
/** Two clients, with shortened times of invitations. */
async function pair(timing: Record<string, number> = {}): Promise<[RtmClient, RtmClient]> {
  const parameters = { 'rtm.timing': timing };
  const id = pairs++;
  return Promise.all([world.login(`alice${id}`, { parameters }), world.login(`bob${id}`, { parameters })]);
}

async function invitationFor(client: RtmClient): Promise<IncomingInvitation> {
  const [invitation] = await within('an invitation', once(client.calls, 'invitation'));
  return invitation as IncomingInvitation;
}

/** An invitation that rings, both ends of it. */
async function ring(from: RtmClient, to: RtmClient, options = {}) {
  const [incoming, outgoing] = await Promise.all([
    invitationFor(to),
    within('delivery', from.calls.invite(to.userId, options)),
  ]);
  return { incoming, outgoing };
}

describe('an invitation', () => {
  it('brings content and channel, and its acceptance the response', async () => {
    const [alice, bob] = await pair();
    const { incoming, outgoing } = await ring(alice, bob, { content: 'lunch? 🍜', channelId: 'kitchen' });
    expect(incoming).toMatchObject({
      callerId: alice.userId,
      content: 'lunch? 🍜',
      channelId: 'kitchen',
      state: 'open',
      end: undefined,
    });
    expect(outgoing).toMatchObject({ calleeId: bob.userId, content: 'lunch? 🍜', channelId: 'kitchen', state: 'open' });
    const accepted = incoming.accept('at noon');
    expect(incoming.state).toBe('answered');
    await within('confirmation', accepted);
    const end = { outcome: 'accepted', response: 'at noon' };
    expect(await within('answer', outgoing.ended)).toEqual(end);
    expect(await incoming.ended).toEqual(end);
    expect([outgoing.state, incoming.state]).toEqual(['accepted', 'accepted']);
    await expect(incoming.accept()).rejects.toMatchObject({
      code: 'ERR_RTM_ALREADY_END',
      operation: 'invitationCall',
      reason: 3,
    });
    await expect(outgoing.cancel()).rejects.toMatchObject({ code: 'ERR_RTM_ALREADY_END', reason: 3 });
  });

  it('can be refused', async () => {
    const [alice, bob] = await pair();
    const { incoming, outgoing } = await ring(alice, bob);
    await within('refusal', incoming.refuse('busy'));
    expect(await within('answer', outgoing.ended)).toEqual({ outcome: 'refused', response: 'busy' });
    expect(incoming.end).toEqual({ outcome: 'refused', response: 'busy' });
    await expect(incoming.accept()).rejects.toMatchObject({ code: 'ERR_RTM_ALREADY_END' });
  });

  it('can be canceled while it rings', async () => {
    const [alice, bob] = await pair();
    const { incoming, outgoing } = await ring(alice, bob);
    await within('cancellation', outgoing.cancel());
    expect(outgoing.end).toEqual({ outcome: 'canceled' });
    expect(await within('news', incoming.ended)).toEqual({ outcome: 'canceled' });
    await expect(incoming.refuse()).rejects.toMatchObject({ code: 'ERR_RTM_ALREADY_END' });
  });

  it('can be answered again with a shorter text after one that is too long', async () => {
    const [alice, bob] = await pair();
    const { incoming, outgoing } = await ring(alice, bob, { content: 'x'.repeat(8 * 1024) });
    await expect(incoming.accept('x'.repeat(8 * 1024 + 1))).rejects.toMatchObject({
      code: 'ERR_RTM_INVALID_ARGUMENT',
      reason: 1,
    });
    await within('confirmation', incoming.accept('x'.repeat(8 * 1024)));
    expect((await outgoing.ended).outcome).toBe('accepted');
  });

  it('waits, while it is open, for the first listener', async () => {
    const [alice, bob] = await pair();
    const gone = await within('delivery', alice.calls.invite(bob.userId, { content: 'canceled before' }));
    await within('delivery', alice.calls.invite(bob.userId, { content: 'first' }));
    await within('delivery', alice.calls.invite(bob.userId, { content: 'second' }));
    await gone.cancel();
    // When bob has this answer, everything sent to him earlier has arrived.
    await within('a message behind it', alice.sendToPeer(bob.userId, 'the cancellation is through'));
    const heard: string[] = [];
    const both = new Promise<void>((resolve) => {
      bob.calls.on('invitation', ({ content }) => {
        heard.push(content);
        if (content === 'third') resolve();
      });
    });
    await within('delivery', alice.calls.invite(bob.userId, { content: 'third' }));
    await within('all three', both);
    expect(heard).toEqual(['first', 'second', 'third']);
  });

  it('reaches a callee who logs in while it is repeated', async () => {
    const [alice] = await pair();
    const sent = alice.calls.invite('late');
    const late = await world.login('late');
    const incoming = await invitationFor(late);
    expect(incoming.callerId).toBe(alice.userId);
    expect((await within('delivery', sent)).state).toBe('open');
  });
});

describe('a failure', () => {
  it('of a callee who stays offline rejects', async () => {
    const [alice] = await pair({ invitation_send_ms: 200 });
    await expect(within('failure', alice.calls.invite('nobody'))).rejects.toMatchObject({
      code: 'ERR_RTM_PEER_OFFLINE',
      operation: 'localInvitation',
      reason: 1,
      message: expect.stringContaining('"nobody"'),
    });
  });

  it('for want of an answer is the end on both sides', async () => {
    const [alice, bob] = await pair({ invitation_ms: 800 });
    const { incoming, outgoing } = await ring(alice, bob);
    const error = expect.objectContaining({ code: 'ERR_RTM_INVITATION_EXPIRE', reason: 3 });
    expect(await within('end', outgoing.ended)).toEqual({ outcome: 'failed', error });
    expect(await within('end', incoming.ended)).toEqual({ outcome: 'failed', error });
  });

  it('to confirm rejects the acceptance', async () => {
    const [alice, bob] = await pair({ acceptance_ms: 300 });
    const { incoming, outgoing } = await ring(alice, bob);
    await alice.logout();
    expect(outgoing.end).toMatchObject({ outcome: 'failed', error: { code: 'ERR_RTM_NOT_LOGGED_IN', reason: 4 } });
    await expect(within('failure', incoming.accept())).rejects.toMatchObject({
      code: 'ERR_RTM_ACCEPT_FAILURE',
      operation: 'remoteInvitation',
      reason: 2,
    });
  });

  it('of the login ends open invitations, and lets none begin', async () => {
    const [alice, bob] = await pair();
    const { incoming, outgoing } = await ring(alice, bob);
    const aborted = within('abort', alice.whenState('aborted'));
    await world.login(alice.userId);
    await aborted;
    expect(await within('end', outgoing.ended)).toMatchObject({ error: { code: 'ERR_RTM_NOT_LOGGED_IN' } });
    await expect(alice.calls.invite(bob.userId)).rejects.toMatchObject({
      code: 'ERR_RTM_NOT_LOGGED_IN',
      reason: 4,
      cause: { code: 'ERR_RTM_REMOTE_LOGIN' },
    });
    await bob.logout();
    expect(await within('end', incoming.ended)).toMatchObject({ error: { code: 'ERR_RTM_PEER_OFFLINE', reason: 1 } });
    await expect(bob.calls.invite(alice.userId)).rejects.toMatchObject({ code: 'ERR_RTM_NOT_LOGGED_IN' });
    await expect(outgoing.cancel()).rejects.toMatchObject({ code: 'ERR_RTM_ALREADY_END' });
  });

  it.each([
    ['an empty callee', '', {}],
    ['a callee with a slash', 'a/b', {}],
    ['a content of 8 KB and a byte', 'bob', { content: 'x'.repeat(8 * 1024 + 1) }],
    ['an inner NUL', 'bob', { content: 'a\0b' }],
    ['a bad channel id', 'bob', { channelId: 'a'.repeat(65) }],
  ])('is %s', async (_name, callee, options) => {
    const [alice] = await pair();
    await expect(alice.calls.invite(callee, options)).rejects.toMatchObject({
      code: 'ERR_RTM_INVALID_ARGUMENT',
      operation: 'invitationCall',
    });
  });

  it('of types throws at once', async () => {
    const [alice, bob] = await pair();
    const { incoming, outgoing } = await ring(alice, bob);
    expect(() => alice.calls.invite(7 as never)).toThrow(TypeError);
    expect(() => alice.calls.invite('bob', { content: 7 as never })).toThrow(TypeError);
    expect(() => alice.calls.invite('bob', { contents: 'x' } as never)).toThrow('"contents"');
    expect(() => incoming.accept(7 as never)).toThrow(TypeError);
    expect(() => outgoing.cancel({ timeout: -1 })).toThrow(TypeError);
  });
});

describe('a signal', () => {
  it('that is aborted beforehand sends nothing', async () => {
    const [alice] = await pair();
    const signal = AbortSignal.abort(new Error('never mind'));
    await expect(alice.calls.invite('nobody', { signal })).rejects.toThrow('never mind');
  });

  it('cancels an invitation on its way', async () => {
    const [alice] = await pair();
    const controller = new AbortController();
    const sent = alice.calls.invite('late again', { signal: controller.signal });
    controller.abort(new Error('changed my mind'));
    await expect(within('rejection', sent)).rejects.toThrow('changed my mind');
    const late = await world.login('late again');
    const next = invitationFor(late);
    await within('delivery', alice.calls.invite('late again', { content: 'only this one' }));
    expect((await next).content).toBe('only this one');
  });

  it('cancels an invitation that rings, and is left alone after its end', async () => {
    const [alice, bob] = await pair();
    const controller = new AbortController();
    const { signal } = controller;
    const answered = await ring(alice, bob, { signal });
    await within('refusal', answered.incoming.refuse());
    await within('refusal', answered.outgoing.ended);
    const { incoming, outgoing } = await ring(alice, bob, { signal });
    controller.abort();
    expect(await within('end', outgoing.ended)).toEqual({ outcome: 'canceled' });
    expect(await within('end', incoming.ended)).toEqual({ outcome: 'canceled' });
    expect(answered.outgoing.end).toMatchObject({ outcome: 'refused' });
  });

  it('of a timeout cancels an invitation that was not delivered in time', async () => {
    const [alice] = await pair();
    await expect(alice.calls.invite('nobody', { timeout: 50 })).rejects.toMatchObject({
      code: 'ERR_RTM_TIMEOUT',
      operation: 'localInvitation',
    });
  });
});

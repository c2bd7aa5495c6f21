import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { IncomingInvitation } from '../../lib/client/invitations.js';
import { RtmClient } from '../../lib/client/rtm-client.js';
import { FakeInvitation, type FakeInvitations, FakeSession } from './fake-session.js';

const made: FakeSession[] = [];

vi.mock('../../lib/session/session.js', () => ({
  createSession: () => {
    const session = new FakeSession();
    made.push(session);
    return session;
  },
}));

async function login(): Promise<{ client: RtmClient; session: FakeSession; invitations: FakeInvitations }> {
  const pending = RtmClient.login({ appId: '0'.repeat(32), userId: 'alice', endpoints: 'rtm://127.0.0.1:9136' });
  const session = made.at(-1) as FakeSession;
  session.succeed();
  return { client: await pending, session, invitations: session.made };
}

beforeEach(() => {
  made.length = 0;
});

describe('invite', () => {
  it('resolves when the callee has the invitation, which then ends with the answer and is released', async () => {
    const { client, invitations } = await login();
    const pending = client.calls.invite('bob', { content: 'lunch?', channelId: 'kitchen' });
    const local = invitations.made[0]!;
    expect([local.content, local.channelId]).toEqual(['lunch?', 'kitchen']);
    invitations.events.onLocalReceived(local);
    const invitation = await pending;
    expect(invitation).toMatchObject({ calleeId: 'bob', content: 'lunch?', channelId: 'kitchen', state: 'open' });
    invitations.answered(local, 'onLocalAccepted', 'at noon');
    expect(await invitation.ended).toEqual({ outcome: 'accepted', response: 'at noon' });
    expect(local.released).toBe(true);
  });

  it('resolves although the answer overtakes the news that the callee has it', async () => {
    const { client, invitations } = await login();
    const pending = client.calls.invite('bob');
    invitations.answered(invitations.made[0]!, 'onLocalRefused', 'busy');
    expect((await pending).end).toEqual({ outcome: 'refused', response: 'busy' });
  });

  it.each([
    [1, 'ERR_RTM_PEER_OFFLINE'],
    [2, 'ERR_RTM_PEER_NO_RESPONSE'],
    [4, 'ERR_RTM_NOT_LOGGED_IN'],
  ])('rejects with the reason %i as %s', async (reason, code) => {
    const { client, invitations } = await login();
    const pending = client.calls.invite('bob');
    invitations.events.onLocalFailure(invitations.made[0]!, reason);
    await expect(pending).rejects.toMatchObject({ code, reason, operation: 'localInvitation' });
  });

  it('does not let go of a failure after delivery as an unhandled rejection', async () => {
    const { client, invitations } = await login();
    const pending = client.calls.invite('bob');
    invitations.events.onLocalReceived(invitations.made[0]!);
    const invitation = await pending;
    invitations.events.onLocalFailure(invitations.made[0]!, 3);
    expect(invitation.end).toMatchObject({ outcome: 'failed', error: { code: 'ERR_RTM_INVITATION_EXPIRE' } });
  });

  it('rejects calls that the SDK refuses at once, and keeps nothing of them', async () => {
    const { client, invitations } = await login();
    invitations.codes.send = 1;
    await expect(client.calls.invite('bob')).rejects.toMatchObject({ code: 'ERR_RTM_INVALID_ARGUMENT', reason: 1 });
    expect(invitations.made[0]?.released).toBe(true);
    await expect(client.calls.invite('')).rejects.toMatchObject({
      code: 'ERR_RTM_INVALID_ARGUMENT',
      message: expect.stringContaining('userId: is empty, expected 1 to 64 bytes'),
    });
  });

  it('is canceled by its signal, before and after delivery, and lets go of the signal at its end', async () => {
    const { client, invitations } = await login();
    const early = new AbortController();
    const first = client.calls.invite('bob', { signal: early.signal });
    early.abort(new Error('never mind'));
    await expect(first).rejects.toThrow('never mind');
    expect(invitations.calls).toEqual(['send', 'cancel']);
    invitations.events.onLocalCanceled(invitations.made[0]!);
    expect(getEventListeners(early.signal, 'abort')).toHaveLength(0);

    const late = new AbortController();
    const second = client.calls.invite('bob', { signal: late.signal });
    invitations.events.onLocalReceived(invitations.made[1]!);
    const invitation = await second;
    expect(getEventListeners(late.signal, 'abort')).toHaveLength(1);
    late.abort();
    expect(invitations.calls).toEqual(['send', 'cancel', 'send', 'cancel']);
    invitations.events.onLocalCanceled(invitations.made[1]!);
    expect(await invitation.ended).toEqual({ outcome: 'canceled' });

    const unused = new AbortController();
    const third = client.calls.invite('bob', { signal: unused.signal });
    invitations.answered(invitations.made[2]!, 'onLocalRefused', '');
    await third;
    expect(getEventListeners(unused.signal, 'abort')).toHaveLength(0);
  });

  it('is canceled when its time is over', async () => {
    const { client, invitations } = await login();
    const pending = client.calls.invite('bob', { timeout: 5 });
    await expect(pending).rejects.toMatchObject({ code: 'ERR_RTM_TIMEOUT', operation: 'localInvitation' });
    expect(invitations.calls).toEqual(['send', 'cancel']);
  });
});

describe('cancel', () => {
  it('resolves when it is done', async () => {
    const { client, invitations } = await login();
    const pending = client.calls.invite('bob');
    invitations.events.onLocalReceived(invitations.made[0]!);
    const invitation = await pending;
    const canceled = invitation.cancel();
    invitations.events.onLocalCanceled(invitations.made[0]!);
    await canceled;
    await expect(invitation.cancel()).rejects.toMatchObject({ code: 'ERR_RTM_ALREADY_END' });
    expect(invitations.calls).toEqual(['send', 'cancel']);
  });

  it('rejects when an answer was first', async () => {
    const { client, invitations } = await login();
    const pending = client.calls.invite('bob');
    invitations.events.onLocalReceived(invitations.made[0]!);
    const invitation = await pending;
    invitations.codes.cancel = 3;
    await expect(invitation.cancel()).rejects.toMatchObject({ code: 'ERR_RTM_ALREADY_END', reason: 3 });
  });
});

describe('an incoming invitation', () => {
  async function incoming() {
    const { client, session, invitations } = await login();
    const heard: IncomingInvitation[] = [];
    client.calls.on('invitation', (invitation) => heard.push(invitation));
    const remote = new FakeInvitation('bob');
    invitations.events.onRemoteReceived(remote);
    return { client, session, invitations, remote, invitation: heard[0]! };
  }

  it('is accepted when the caller has confirmed', async () => {
    const { invitations, remote, invitation } = await incoming();
    const accepted = invitation.accept('coming');
    remote.isUnanswered = false;
    expect(invitation.state).toBe('answered');
    expect(remote.response).toBe('coming');
    invitations.events.onRemoteAccepted(remote);
    await accepted;
    expect(invitation.end).toEqual({ outcome: 'accepted', response: 'coming' });
  });

  it('rejects the acceptance that the caller crossed with a cancellation, or did not confirm', async () => {
    const crossed = await incoming();
    const first = crossed.invitation.accept();
    crossed.invitations.events.onRemoteCanceled(crossed.remote);
    await expect(first).rejects.toMatchObject({
      code: 'ERR_RTM_ALREADY_END',
      message: expect.stringContaining('canceled meanwhile'),
    });
    const lost = await incoming();
    const second = lost.invitation.accept();
    lost.invitations.events.onRemoteFailure(lost.remote, 2);
    await expect(second).rejects.toMatchObject({ code: 'ERR_RTM_ACCEPT_FAILURE', reason: 2 });
  });

  it('stops waiting for the confirmation on a signal, and still ends by itself', async () => {
    const { invitations, remote, invitation } = await incoming();
    const controller = new AbortController();
    const accepted = invitation.accept('', { signal: controller.signal });
    controller.abort(new Error('too slow'));
    await expect(accepted).rejects.toThrow('too slow');
    invitations.events.onRemoteAccepted(remote);
    expect(invitation.state).toBe('accepted');
  });

  it('fails when the client ends without the SDK having said so', async () => {
    const { client, session, invitation, invitations } = await incoming();
    const pending = client.calls.invite('bob');
    session.codes.logout = 102;
    await client.logout();
    await expect(pending).rejects.toMatchObject({ code: 'ERR_RTM_NOT_LOGGED_IN', cause: { code: 'ERR_RTM_CLOSED' } });
    expect(invitation.end).toMatchObject({ outcome: 'failed', error: { code: 'ERR_RTM_PEER_OFFLINE' } });
    expect(invitations.made[0]?.released).toBe(true);
    await expect(client.calls.invite('bob')).rejects.toMatchObject({ code: 'ERR_RTM_NOT_LOGGED_IN', reason: 4 });
  });
});

describe("'invitation'", () => {
  it('brings messages from before the first listener, in order, and goes on after a listener that throws', async () => {
    const { client, invitations } = await login();
    const remotes = ['one', 'gone', 'two', 'three'].map((userId) => new FakeInvitation(userId));
    for (const remote of remotes) invitations.events.onRemoteReceived(remote);
    invitations.events.onRemoteCanceled(remotes[1]!);
    const heard: string[] = [];
    const uncaught = vi.fn();
    const saved = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', uncaught);
    try {
      client.calls.on('invitation', ({ callerId }) => {
        heard.push(callerId);
        if (callerId === 'one') throw new Error('on purpose');
      });
      await vi.waitFor(() => expect(heard).toEqual(['one', 'two', 'three']));
      expect(uncaught).toHaveBeenCalledOnce();
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of saved) process.on('uncaughtException', listener);
    }
    invitations.events.onRemoteReceived(new FakeInvitation('four'));
    expect(heard.at(-1)).toBe('four');
  });

  it('waits for a listener after removeAllListeners(), too', async () => {
    const { client, invitations } = await login();
    client.calls.removeAllListeners();
    invitations.events.onRemoteReceived(new FakeInvitation('one'));
    const heard: string[] = [];
    client.calls.on('invitation', ({ callerId }) => heard.push(callerId));
    await vi.waitFor(() => expect(heard).toEqual(['one']));
  });

  it('gives one to each once()', async () => {
    const { client, invitations } = await login();
    for (const userId of ['one', 'two']) invitations.events.onRemoteReceived(new FakeInvitation(userId));
    const next = () =>
      new Promise<string>((resolve) => client.calls.once('invitation', ({ callerId }) => resolve(callerId)));
    expect([await next(), await next()]).toEqual(['one', 'two']);
  });
});

import { getEventListeners, once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import type { Channel } from '../../lib/client/channel.js';
import { RtmClient } from '../../lib/client/rtm-client.js';
import { type FakeChannel, FakeSession } from './fake-session.js';

const made: FakeSession[] = [];

vi.mock('../../lib/session/session.js', () => ({
  createSession: () => {
    const session = new FakeSession();
    made.push(session);
    return session;
  },
}));

async function login(): Promise<{ client: RtmClient; session: FakeSession }> {
  const pending = RtmClient.login({ appId: '0'.repeat(32), userId: 'alice', endpoints: 'rtm://127.0.0.1' });
  const session = made.at(-1)!;
  session.succeed();
  return { client: await pending, session };
}

async function join(): Promise<{ client: RtmClient; session: FakeSession; channel: Channel; fake: FakeChannel }> {
  const { client, session } = await login();
  const pending = client.join('lobby');
  const fake = session.channels[0]!;
  fake.events.onJoinSuccess();
  return { client, session, channel: await pending, fake };
}

describe('join', () => {
  it('resolves with a channel once the server has accepted', async () => {
    const { channel } = await join();
    expect(channel.id).toBe('lobby');
    expect(channel.joined).toBe(true);
  });

  it('rejects with the code of the server or of the SDK and releases the object', async () => {
    const { client, session } = await login();
    const refused = client.join('lobby');
    session.channels[0]?.events.onJoinFailure(4);
    await expect(refused).rejects.toMatchObject({ code: 'ERR_RTM_TIMEOUT', reason: 4, operation: 'join' });
    expect(session.channels[0]?.calls).toContain('release');
    const again = client.join('lobby');
    session.channels[1]?.events.onJoinSuccess();
    expect((await again).joined).toBe(true);
  });

  it('names the rule when the channel id breaks it', async () => {
    const { client } = await login();
    await expect(client.join('')).rejects.toMatchObject({
      code: 'ERR_RTM_INVALID_ARGUMENT',
      reason: 3,
      message: expect.stringContaining('1 to 64 bytes'),
    });
  });

  it('waits for nothing after a bad id, neither its timeout nor its signal', async () => {
    const { client } = await login();
    const { signal } = new AbortController();
    vi.useFakeTimers();
    try {
      await expect(client.join('', { timeout: 5, signal })).rejects.toMatchObject({ code: 'ERR_RTM_INVALID_ARGUMENT' });
      expect(vi.getTimerCount()).toBe(0);
      expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('refuses a channel that is joined or being joined, without touching that one', async () => {
    const { client, session } = await login();
    const first = client.join('lobby');
    await expect(client.join('lobby')).rejects.toMatchObject({ code: 'ERR_RTM_ALREADY_JOINED', reason: 6 });
    session.channels[0]?.events.onJoinSuccess();
    await first;
    await expect(client.join('lobby')).rejects.toMatchObject({ code: 'ERR_RTM_ALREADY_JOINED' });
    expect(session.channels).toHaveLength(1);
  });

  it('gives up on its signal and is out of the channel then', async () => {
    const { client, session } = await login();
    const controller = new AbortController();
    const pending = client.join('lobby', { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    expect(session.channels[0]?.calls).toEqual(['join', 'release']);
    void client.join('lobby').catch(() => {});
    expect(session.channels).toHaveLength(2);
  });
});

describe('channel', () => {
  it('resolves a send with its id, and rejects it with the code', async () => {
    const { channel, fake } = await join();
    const sent = channel.send('hi');
    fake.events.onChannelSendResult(fake.lastSent, 0);
    expect(await sent).toEqual({ messageId: fake.lastSent });
    const failed = channel.send({ raw: new Uint8Array(3) });
    fake.events.onChannelSendResult(fake.lastSent, 2);
    await expect(failed).rejects.toMatchObject({ code: 'ERR_RTM_TIMEOUT', reason: 2, operation: 'sendMessage' });
    fake.codes.sendMessage = 4;
    await expect(channel.send('too long')).rejects.toMatchObject({ code: 'ERR_RTM_INVALID_MESSAGE', reason: 4 });
  });

  it('lists members, with concurrent calls answered in order', async () => {
    const { channel, fake } = await join();
    const both = Promise.allSettled([channel.members(), channel.members()]);
    fake.events.onMembers(['alice', 'bob'], 0);
    fake.events.onMembers([], 3);
    const [first, second] = await both;
    expect(first).toEqual({ status: 'fulfilled', value: ['alice', 'bob'] });
    expect(second).toMatchObject({ reason: { code: 'ERR_RTM_TIMEOUT', operation: 'getMembers' } });
  });

  it('reports members and their number as objects', async () => {
    const { channel, fake } = await join();
    const events = [once(channel, 'memberJoined'), once(channel, 'memberLeft'), once(channel, 'memberCount')];
    fake.events.onMemberJoined('bob');
    fake.events.onMemberLeft('bob');
    fake.events.onMemberCount(7);
    expect((await Promise.all(events)).flat()).toEqual([
      { channelId: 'lobby', userId: 'bob' },
      { channelId: 'lobby', userId: 'bob' },
      { channelId: 'lobby', count: 7 },
    ]);
    expect(channel.memberCount).toBe(7);
  });

  it('loses nothing that comes in one batch with the join', async () => {
    const { client, session } = await login();
    const pending = client.join('lobby');
    session.channels[0]!.events.onJoinSuccess();
    session.channels[0]!.receive('bob', 'early');
    const channel = await pending;
    expect((await channel.messages().next()).value).toMatchObject({ from: 'bob', channelId: 'lobby', text: 'early' });
  });

  it('leaves once for all calls, and reports waiting calls', async () => {
    const { channel, fake } = await join();
    const left = once(channel, 'left');
    const waiting = Promise.allSettled([channel.send('x'), channel.members()]);
    const loop = channel.messages();
    const both = Promise.all([channel.leave(), channel.leave()]);
    fake.events.onLeave(0);
    await both;
    expect((await left)[0]).toEqual({ channelId: 'lobby', reason: 'left' });
    expect(await waiting).toMatchObject([
      { reason: { code: 'ERR_RTM_CLOSED', operation: 'sendMessage' } },
      { reason: { code: 'ERR_RTM_CLOSED', operation: 'getMembers' } },
    ]);
    expect((await loop.next()).done).toBe(true);
    expect(fake.calls.filter((call) => call === 'leave')).toHaveLength(1);
    expect(fake.calls.at(-1)).toBe('release');
    expect(channel.joined).toBe(false);
    await expect(channel.send('x')).rejects.toMatchObject({ code: 'ERR_RTM_CLOSED', operation: 'sendMessage' });
    await channel.leave();
  });

  it('stays when the signal of leave() is aborted beforehand', async () => {
    const { channel, fake } = await join();
    await expect(channel.leave({ signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    expect(fake.calls).toEqual(['join']);
    const left = channel.leave();
    fake.events.onLeave(0);
    await left;
    expect(channel.joined).toBe(false);
  });

  it('can be joined again after it was left', async () => {
    const { client, session, channel, fake } = await join();
    const left = channel.leave();
    fake.events.onLeave(0);
    await left;
    const again = client.join('lobby');
    session.channels[1]?.events.onJoinSuccess();
    expect(await again).not.toBe(channel);
  });

  it('ends with an error for its loop when the server removes the user', async () => {
    const { channel, fake } = await join();
    const left = once(channel, 'left');
    const waiting = channel.messages().next();
    fake.events.onLeave(4);
    expect((await left)[0]).toEqual({ channelId: 'lobby', reason: 'kicked' });
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_RTM_KICKED', reason: 4 });
    await channel.leave();
  });

  it('ends with the client: silently after a logout, with the error after an abort', async () => {
    const quiet = await join();
    const quietLoop = quiet.channel.messages().next();
    const left = once(quiet.channel, 'left');
    const done = quiet.client.logout();
    quiet.session.loggedOut();
    await done;
    expect((await quietLoop).done).toBe(true);
    expect((await left)[0]).toEqual({ channelId: 'lobby', reason: 'closed' });

    const aborted = await join();
    const abortedLoop = aborted.channel.messages().next();
    aborted.session.events.onConnectionState(5, 8);
    await expect(abortedLoop).rejects.toMatchObject({ code: 'ERR_RTM_REMOTE_LOGIN' });
    expect(aborted.channel.joined).toBe(false);
  });

  it('rejects a join that the end of the login overtakes', async () => {
    const { client, session } = await login();
    const joining = client.join('lobby');
    session.events.onConnectionState(5, 8);
    await expect(joining).rejects.toMatchObject({ code: 'ERR_RTM_REMOTE_LOGIN' });
  });
});

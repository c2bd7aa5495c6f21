import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners, once } from 'node:events';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RtmClient } from '../../lib/client/rtm-client.js';
import { SendFlag } from '../../lib/common-constants.js';
import { FakeSession } from './fake-session.js';

const made: FakeSession[] = [];
let prepare: (session: FakeSession) => void = () => {};

vi.mock('../../lib/session/session.js', () => ({
  createSession: () => {
    const session = new FakeSession();
    prepare(session);
    made.push(session);
    return session;
  },
}));

const options = { appId: '0'.repeat(32), userId: 'alice', endpoints: 'rtm://127.0.0.1:9136' };

function latest(): FakeSession {
  const session = made.at(-1);
  if (!session) throw new Error('no session was made');
  return session;
}

async function login(more: object = {}): Promise<{ client: RtmClient; session: FakeSession }> {
  const pending = RtmClient.login({ ...options, ...more });
  const session = latest();
  session.succeed();
  const client = await pending;
  await new Promise(setImmediate); // events that come together with the login are held back until here
  return { client, session };
}

beforeEach(() => {
  made.length = 0;
  prepare = () => {};
});

describe('login', () => {
  it('resolves with a connected client once the server has accepted', async () => {
    const { client, session } = await login({ token: 't' });
    expect(client.state).toBe('connected');
    expect(client.userId).toBe('alice');
    expect(session.parameters).toEqual({ 'rtm.endpoints': ['rtm://127.0.0.1:9136'] });
  });

  it('sets a log file only if asked to', async () => {
    expect((await login()).session.calls).not.toContain('setLogFile');
    expect((await login({ logFile: '/tmp/rtm.log' })).session.calls).toContain('setLogFile');
  });

  it('sets level and size of the log before its file', async () => {
    const { session } = await login({ logFile: '/tmp/rtm.log', logLevel: 'warn', logFileSize: 512 });
    const made = session.calls.filter((call) => call.startsWith('setLog'));
    expect(made).toEqual(['setLogFilter 14', 'setLogFileSize 512', 'setLogFile']);
    expect((await login({ logLevel: 'off' })).session.calls).toContain('setLogFilter 0');
  });

  it('rejects with the reason of the server and releases the session', async () => {
    const pending = RtmClient.login(options);
    latest().events.onConnectionState(1, 3);
    latest().events.onLoginFailure(6);
    await expect(pending).rejects.toMatchObject({ code: 'ERR_RTM_TOKEN_EXPIRED', reason: 6, operation: 'login' });
    expect(latest().released).toBe(true);
  });

  it.each([
    ['initialize', 3, 'ERR_RTM_INVALID_APP_ID'],
    ['login', 3, 'ERR_RTM_INVALID_ARGUMENT'],
    ['setParameters', -1, 'ERR_RTM_INVALID_ARG_VALUE'],
  ] as const)('rejects when %s returns %i, and releases the session', async (call, code, expected) => {
    prepare = (session) => {
      session.codes[call] = code;
    };
    await expect(RtmClient.login(options)).rejects.toMatchObject({ code: expected });
    expect(latest().released).toBe(true);
  });

  it('gives up on its signal, with the reason, and releases the session', async () => {
    const controller = new AbortController();
    const pending = RtmClient.login({ ...options, signal: controller.signal });
    const reason = new Error('never mind');
    controller.abort(reason);
    await expect(pending).rejects.toBe(reason);
    expect(latest().released).toBe(true);
  });

  it('gives up after its timeout', async () => {
    await expect(RtmClient.login({ ...options, timeout: 5 })).rejects.toMatchObject({
      code: 'ERR_RTM_TIMEOUT',
      reason: 9,
    });
    expect(latest().released).toBe(true);
  });

  it('makes no session when its signal is aborted beforehand', async () => {
    await expect(RtmClient.login({ ...options, signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    expect(made).toHaveLength(0);
  });
});

describe('sendToPeer', () => {
  it('resolves with how the message ended', async () => {
    const { client, session } = await login();
    const delivered = client.sendToPeer('bob', 'one');
    const first = session.lastSent;
    const cached = client.sendToPeer('bob', 'two', { offline: true });
    const second = session.lastSent;
    session.events.onPeerSendResult(second, 4);
    session.events.onPeerSendResult(first, 0);
    expect(await delivered).toEqual({ messageId: first, delivery: 'delivered' });
    expect(await cached).toEqual({ messageId: second, delivery: 'cached' });
    expect(session.sent.map(({ flags }) => flags)).toEqual([0, SendFlag.Offline]);
  });

  it('rejects with the stable code, the SDK number, the operation and the receiver', async () => {
    const { client, session } = await login();
    const pending = client.sendToPeer('bob', 'hi');
    session.events.onPeerSendResult(session.lastSent, 3);
    await expect(pending).rejects.toMatchObject({
      code: 'ERR_RTM_PEER_UNREACHABLE',
      reason: 3,
      operation: 'sendMessageToPeer',
      message: expect.stringContaining('"bob"'),
    });
  });

  it('rejects calls that the SDK refuses at once', async () => {
    const { client, session } = await login();
    session.codes.sendMessageToPeer = 5;
    await expect(client.sendToPeer('bob', 'hi')).rejects.toMatchObject({ code: 'ERR_RTM_TOO_OFTEN', reason: 5 });
  });

  it('takes text, bytes, and both object forms, also a received message as it is', async () => {
    const { client, session } = await login();
    const bytes = new Uint8Array([1, 0, 255]);
    const echo: Promise<unknown>[] = [];
    client.on('message', (message) => echo.push(client.sendToPeer(message.from, message)));
    session.receive('bob', 'text');
    session.receive('bob', bytes, 'about');
    void client.sendToPeer('bob', 'text');
    void client.sendToPeer('bob', bytes);
    void client.sendToPeer('bob', { raw: bytes, description: 'about' });
    const sent = session.sent.map(({ text, raw }) => [text, raw && Buffer.from(raw)]);
    expect(sent).toEqual([
      ['text', undefined],
      ['about', Buffer.from(bytes)],
      ['text', undefined],
      ['', Buffer.from(bytes)],
      ['about', Buffer.from(bytes)],
    ]);
  });

  it('sends nothing when its signal is aborted beforehand', async () => {
    const { client, session } = await login();
    const signal = AbortSignal.abort(new Error('no'));
    await expect(client.sendToPeer('bob', 'hi', { signal })).rejects.toThrow('no');
    expect(session.sent).toHaveLength(0);
  });

  it('ignores the result of a message it has given up', async () => {
    const { client, session } = await login();
    await expect(client.sendToPeer('bob', 'hi', { timeout: 5 })).rejects.toMatchObject({ code: 'ERR_RTM_TIMEOUT' });
    session.events.onPeerSendResult(session.lastSent, 0);
  });

  it.each([
    ['a missing peer', (client: RtmClient) => client.sendToPeer(undefined as never, 'x'), 'peerId'],
    ['a number for a message', (client: RtmClient) => client.sendToPeer('bob', 5 as never), 'message'],
    ['an empty object', (client: RtmClient) => client.sendToPeer('bob', {} as never), 'message'],
    ['text that is no string', (client: RtmClient) => client.sendToPeer('bob', { text: 5 } as never), 'message.text'],
    [
      'raw data that is no bytes',
      (client: RtmClient) => client.sendToPeer('bob', { raw: 'x' } as never),
      'message.raw',
    ],
    ['a timeout of 0', (client: RtmClient) => client.sendToPeer('bob', 'x', { timeout: 0 }), 'options.timeout'],
    [
      'a timeout of NaN',
      (client: RtmClient) => client.sendToPeer('bob', 'x', { timeout: Number.NaN }),
      'options.timeout',
    ],
    ['no signal', (client: RtmClient) => client.sendToPeer('bob', 'x', { signal: {} as never }), 'options.signal'],
    ['a misspelt option', (client: RtmClient) => client.sendToPeer('bob', 'x', { offlin: true } as never), 'options'],
    [
      'a string for a flag',
      (client: RtmClient) => client.sendToPeer('bob', 'x', { offline: 'no' as never }),
      'options.offline',
    ],
    ['a missing channel', (client: RtmClient) => client.join(undefined as never), 'channelId'],
    ['a token that is no string', (client: RtmClient) => client.renewToken(null as never), 'token'],
    ['an unknown state', (client: RtmClient) => client.whenState('online' as never), 'state'],
    ['a limit of 0', (client: RtmClient) => client.messages({ limit: 0 }), 'options.limit'],
    ['an unknown policy', (client: RtmClient) => client.messages({ overflow: 'drop' as never }), 'options.overflow'],
  ])('throws a TypeError with a code at once for %s', async (_what, call, argument) => {
    const { client, session } = await login();
    expect(() => call(client)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: expect.stringMatching(/^ERR_RTM_INVALID_ARG_/), argument }),
    );
    expect(session.sent).toHaveLength(0);
  });
});

describe('receiving', () => {
  it('loses nothing that comes in one batch with the login', async () => {
    const pending = RtmClient.login(options);
    const session = latest();
    session.succeed();
    session.receive('bob', 'while you were away');
    const client = await pending;
    const { value } = await client.messages().next();
    expect(value).toMatchObject({ type: 'text', from: 'bob', text: 'while you were away', offline: false });
  });

  it('hands messages to once() one after another, even if they came together', async () => {
    const { client, session } = await login();
    for (const text of ['one', 'two', 'three']) session.receive('bob', text);
    const texts: unknown[] = [];
    for (let count = 0; count < 3; count++) texts.push((await once(client, 'message'))[0].text);
    expect(texts).toEqual(['one', 'two', 'three']);
  });

  it.each([[[]], [['newListener']]] as const)(
    'keeps messages for a listener after removeAllListeners(%j)',
    async (names) => {
      const { client, session } = await login();
      client.on('message', () => {});
      expect(client.removeAllListeners(...(names as unknown as []))).toBe(client);
      client.removeAllListeners('message');
      session.receive('bob', 'one');
      const texts: unknown[] = [];
      client.on('message', ({ text }) => texts.push(text));
      await new Promise(setImmediate);
      session.receive('bob', 'two');
      expect(texts).toEqual(['one', 'two']);
      expect(client.listenerCount('newListener')).toBe(1);
    },
  );

  it('calls listeners in the asynchronous context of the login', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { client, session } = await storage.run('bot 7', () => login());
    const seen: unknown[] = [];
    client.on('message', () => seen.push(storage.getStore()));
    client.on('state', () => seen.push(storage.getStore()));
    session.receive('bob', 'hi');
    session.events.onConnectionState(4, 5);
    expect(seen).toEqual(['bot 7', 'bot 7']);
  });
});

describe('state', () => {
  it('reports changes that come together with the login to listeners added after it', async () => {
    const pending = RtmClient.login(options);
    const session = latest();
    session.succeed();
    session.events.onConnectionState(4, 5);
    session.events.onTokenWillExpire();
    const client = await pending;
    const told: unknown[] = [];
    client.on('state', ({ current }) => told.push(current));
    client.on('tokenWillExpire', ({ userId }) => told.push(userId));
    await new Promise(setImmediate);
    expect(told).toEqual(['reconnecting', client.userId]);
  });

  it('reports changes with both states and the reason', async () => {
    const { client, session } = await login();
    const changes: unknown[] = [];
    client.on('state', (change) => changes.push(change));
    session.events.onConnectionState(4, 5);
    session.events.onConnectionState(3, 2);
    const none = { resumed: false, missed: { peer: false, channels: [] } };
    const error = undefined;
    expect(changes).toEqual([
      { previous: 'connected', current: 'reconnecting', reason: 'interrupted', reasonCode: 5, error, ...none },
      { previous: 'reconnecting', current: 'connected', reason: 'loginSuccess', reasonCode: 2, error, ...none },
    ]);
  });

  it('tells of a link that is back, once, with or without a change of the state', async () => {
    const { client, session } = await login();
    const changes: unknown[] = [];
    client.on('state', ({ previous, current, resumed, missed }) =>
      changes.push([previous, current, resumed, missed.peer, ...missed.channels]),
    );
    session.events.onReconnected?.(true, false, ['a']);
    session.events.onConnectionState(4, 5);
    session.events.onReconnected?.(false, true, []);
    session.events.onConnectionState(3, 2);
    session.events.onConnectionState(4, 5);
    expect(changes).toEqual([
      ['connected', 'connected', true, false, 'a'],
      ['connected', 'reconnecting', false, false],
      ['reconnecting', 'connected', false, true],
      ['connected', 'reconnecting', false, false],
    ]);
  });

  it('whenState resolves at once, later, or never and says so', async () => {
    const { client, session } = await login();
    await client.whenState('connected');
    const reconnecting = client.whenState('reconnecting');
    const again = client.whenState('reconnecting', { timeout: 60_000 });
    session.events.onConnectionState(4, 5);
    await Promise.all([reconnecting, again]);
    const connected = client.whenState('connected');
    session.events.onConnectionState(5, 8);
    await expect(connected).rejects.toMatchObject({
      code: 'ERR_RTM_NOT_LOGGED_IN',
      cause: expect.objectContaining({ code: 'ERR_RTM_REMOTE_LOGIN' }),
    });
    await expect(client.whenState('connected')).rejects.toMatchObject({ code: 'ERR_RTM_NOT_LOGGED_IN' });
  });

  it('whenState stops waiting on its signal', async () => {
    const { client } = await login();
    const controller = new AbortController();
    const waiting = client.whenState('reconnecting', { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it.each([
    [8, 'remoteLogin', 'ERR_RTM_REMOTE_LOGIN'],
    [7, 'bannedByServer', 'ERR_RTM_BANNED_BY_SERVER'],
    [9, 'tokenExpired', 'ERR_RTM_TOKEN_EXPIRED'],
  ])('an abort for reason %i ends loops and later calls with its error', async (reasonCode, reason, code) => {
    const { client, session } = await login();
    const changed = once(client, 'state');
    const loop = client.messages();
    const waiting = loop.next();
    session.events.onConnectionState(5, reasonCode as never);
    expect((await changed)[0]).toMatchObject({ current: 'aborted', reason, error: { code } });
    await expect(waiting).rejects.toMatchObject({ code });
    expect((await loop.next()).done).toBe(true);
    await expect(client.sendToPeer('bob', 'hi')).rejects.toMatchObject({
      code: 'ERR_RTM_NOT_LOGGED_IN',
      reason: 102,
      cause: expect.objectContaining({ code }),
    });
    expect(session.sent).toHaveLength(0);
  });

  it('passes on reports about the token', async () => {
    const { client, session } = await login();
    const notices = [once(client, 'tokenWillExpire'), once(client, 'tokenExpired')];
    session.events.onTokenWillExpire();
    session.events.onTokenExpired();
    expect(await Promise.all(notices)).toEqual([[{ userId: 'alice' }], [{ userId: 'alice' }]]);
  });
});

describe('renewToken', () => {
  it('resolves and rejects by the token', async () => {
    const { client, session } = await login();
    const results = Promise.allSettled([client.renewToken('one'), client.renewToken('two')]);
    // The SDK refuses calls by itself before the answer to an earlier call arrives.
    session.events.onRenewTokenResult('two', 6);
    session.events.onRenewTokenResult('one', 0);
    const [first, second] = await results;
    expect(first?.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'ERR_RTM_INVALID_TOKEN', reason: 6 } });
  });
});

describe('logout', () => {
  it('resolves once the SDK says so, once for all calls, and releases the session', async () => {
    const { client, session } = await login();
    const changed = once(client, 'state');
    const both = Promise.all([client.logout(), client.logout()]);
    expect(session.released).toBe(false);
    session.loggedOut();
    await both;
    expect((await changed)[0]).toMatchObject({ previous: 'connected', current: 'disconnected', reason: 'logout' });
    expect(session.calls.filter((call) => call === 'logout')).toHaveLength(1);
    expect(session.released).toBe(true);
    expect(client.state).toBe('disconnected');
    await client.logout();
  });

  it('ends loops silently after their unread messages', async () => {
    const { client, session } = await login();
    const loop = client.messages();
    session.receive('bob', 'last');
    const done = client.logout();
    session.loggedOut();
    await done;
    const texts: unknown[] = [];
    for await (const message of loop) texts.push(message.text);
    expect(texts).toEqual(['last']);
  });

  it('rejects waiting calls, and every later call', async () => {
    const { client, session } = await login();
    const waiting = Promise.allSettled([
      client.sendToPeer('bob', 'hi'),
      client.renewToken('t'),
      client.whenState('reconnecting'),
    ]);
    const done = client.logout();
    session.loggedOut();
    await done;
    expect(await waiting).toMatchObject([
      { reason: { code: 'ERR_RTM_CLOSED', operation: 'sendMessageToPeer' } },
      { reason: { code: 'ERR_RTM_CLOSED', operation: 'renewToken' } },
      { reason: { code: 'ERR_RTM_NOT_LOGGED_IN', operation: 'whenState' } },
    ]);
    for (const call of [client.sendToPeer('bob', 'hi'), client.join('lobby'), client.renewToken('t')]) {
      await expect(call).rejects.toMatchObject({ code: 'ERR_RTM_NOT_LOGGED_IN', reason: 102 });
    }
  });

  it('stops waiting on its signal, and goes on by itself', async () => {
    const { client, session } = await login();
    await expect(client.logout({ timeout: 5 })).rejects.toMatchObject({ code: 'ERR_RTM_TIMEOUT' });
    session.loggedOut();
    await client.logout();
    expect(session.released).toBe(true);
  });

  it('stays logged in when its signal is aborted beforehand', async () => {
    const { client, session } = await login();
    await expect(client.logout({ signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    expect(session.calls).not.toContain('logout');
    expect(client.state).toBe('connected');
  });

  it('resolves at once if the SDK has no login any more', async () => {
    const { client, session } = await login();
    session.codes.logout = 102;
    await client.logout();
    expect(session.released).toBe(true);
  });

  it('is called by await using', async () => {
    const { client, session } = await login();
    const disposed = client[Symbol.asyncDispose]();
    session.loggedOut();
    await disposed;
    expect(session.calls).toContain('logout');
  });

  it('leaves no listener on a signal that outlives the client', async () => {
    const { signal } = new AbortController();
    const { client, session } = await login({ signal });
    const waiting = Promise.allSettled([
      client.sendToPeer('bob', 'hi', { signal }),
      client.whenState('reconnecting', { signal }),
      client.messages({ signal }).next(),
    ]);
    const done = client.logout({ signal });
    session.loggedOut();
    await done;
    await waiting;
    await new Promise((resolve) => setImmediate(resolve));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

it('passes ref() and unref() on', async () => {
  const { client, session } = await login();
  expect(client.unref().ref()).toBe(client);
  expect(session.calls.slice(-2)).toEqual(['unref', 'ref']);
});

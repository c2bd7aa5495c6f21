import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners, once } from 'node:events';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RtmClient } from '../../lib/client/rtm-client.js';
import { FakeService, received } from './fake-service.js';

const made: FakeService[] = [];
let prepare: (service: FakeService) => void = () => {};

vi.mock('../../lib/sdk/service.js', () => ({
  createRtmService: () => {
    const service = new FakeService();
    prepare(service);
    made.push(service);
    return service;
  },
}));

const options = { appId: '0'.repeat(32), userId: 'alice', endpoints: 'rtm://127.0.0.1:9136' };

function latest(): FakeService {
  const service = made.at(-1);
  if (!service) throw new Error('no service was made');
  return service;
}

async function login(more: object = {}): Promise<{ client: RtmClient; service: FakeService }> {
  const pending = RtmClient.login({ ...options, ...more });
  const service = latest();
  service.succeed();
  const client = await pending;
  await new Promise(setImmediate); // events that come together with the login are held back until here
  return { client, service };
}

beforeEach(() => {
  made.length = 0;
  prepare = () => {};
});

describe('login', () => {
  it('resolves with a connected client once the server has accepted', async () => {
    const { client, service } = await login({ token: 't' });
    expect(client.state).toBe('connected');
    expect(client.userId).toBe('alice');
    expect(service.parameters).toEqual({ 'rtm.endpoints': ['rtm://127.0.0.1:9136'] });
  });

  it('sets a log file only if asked to', async () => {
    expect((await login()).service.calls).not.toContain('setLogFile');
    expect((await login({ logFile: '/tmp/rtm.log' })).service.calls).toContain('setLogFile');
  });

  it('sets level and size of the log before its file', async () => {
    const { service } = await login({ logFile: '/tmp/rtm.log', logLevel: 'warn', logFileSize: 512 });
    const made = service.calls.filter((call) => call.startsWith('setLog'));
    expect(made).toEqual(['setLogFilter 14', 'setLogFileSize 512', 'setLogFile']);
    expect((await login({ logLevel: 'off' })).service.calls).toContain('setLogFilter 0');
  });

  it('rejects with the reason of the server and releases the service', async () => {
    const pending = RtmClient.login(options);
    latest().handler.onConnectionStateChanged(1, 3);
    latest().handler.onLoginFailure(6);
    await expect(pending).rejects.toMatchObject({ code: 'ERR_RTM_TOKEN_EXPIRED', reason: 6, operation: 'login' });
    expect(latest().released).toBe(true);
  });

  it.each([
    ['initialize', 3, 'ERR_RTM_INVALID_APP_ID'],
    ['login', 3, 'ERR_RTM_INVALID_ARGUMENT'],
    ['setParameters', -1, 'ERR_RTM_INVALID_ARG_VALUE'],
  ] as const)('rejects when %s returns %i, and releases the service', async (call, code, expected) => {
    prepare = (service) => {
      service.codes[call] = code;
    };
    await expect(RtmClient.login(options)).rejects.toMatchObject({ code: expected });
    expect(latest().released).toBe(true);
  });

  it('gives up on its signal, with the reason, and releases the service', async () => {
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

  it('makes no service when its signal is aborted beforehand', async () => {
    await expect(RtmClient.login({ ...options, signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    expect(made).toHaveLength(0);
  });
});

describe('sendToPeer', () => {
  it('resolves with how the message ended', async () => {
    const { client, service } = await login();
    const delivered = client.sendToPeer('bob', 'one');
    const first = service.lastSent;
    const cached = client.sendToPeer('bob', 'two', { offline: true });
    const second = service.lastSent;
    service.handler.onSendMessageResult(second, 4);
    service.handler.onSendMessageResult(first, 0);
    expect(await delivered).toEqual({ messageId: first, delivery: 'delivered' });
    expect(await cached).toEqual({ messageId: second, delivery: 'cached' });
    expect(service.sent[1]?.options).toEqual({ enableOfflineMessaging: true, enableHistoricalMessaging: false });
  });

  it('rejects with the stable code, the SDK number, the operation and the receiver', async () => {
    const { client, service } = await login();
    const pending = client.sendToPeer('bob', 'hi');
    service.handler.onSendMessageResult(service.lastSent, 3);
    await expect(pending).rejects.toMatchObject({
      code: 'ERR_RTM_PEER_UNREACHABLE',
      reason: 3,
      operation: 'sendMessageToPeer',
      message: expect.stringContaining('"bob"'),
    });
  });

  it('rejects what the SDK refuses at once', async () => {
    const { client, service } = await login();
    service.codes.sendMessageToPeer = 5;
    await expect(client.sendToPeer('bob', 'hi')).rejects.toMatchObject({ code: 'ERR_RTM_TOO_OFTEN', reason: 5 });
  });

  it('takes text, bytes, and both object forms, also a received message as it is', async () => {
    const { client, service } = await login();
    const bytes = new Uint8Array([1, 0, 255]);
    const echo: Promise<unknown>[] = [];
    client.on('message', (message) => echo.push(client.sendToPeer(message.from, message)));
    service.handler.onMessageReceivedFromPeer('bob', received('text'));
    service.handler.onMessageReceivedFromPeer('bob', received(bytes, 'about'));
    void client.sendToPeer('bob', 'text');
    void client.sendToPeer('bob', bytes);
    void client.sendToPeer('bob', { raw: bytes, description: 'about' });
    const sent = service.sent.map(({ message }) => [message.getText(), message.getRawMessageData()]);
    expect(sent).toEqual([
      ['text', null],
      ['about', Buffer.from(bytes)],
      ['text', null],
      ['', Buffer.from(bytes)],
      ['about', Buffer.from(bytes)],
    ]);
  });

  it('sends nothing when its signal is aborted beforehand', async () => {
    const { client, service } = await login();
    const signal = AbortSignal.abort(new Error('no'));
    await expect(client.sendToPeer('bob', 'hi', { signal })).rejects.toThrow('no');
    expect(service.sent).toHaveLength(0);
  });

  it('ignores the result of a message it has given up', async () => {
    const { client, service } = await login();
    await expect(client.sendToPeer('bob', 'hi', { timeout: 5 })).rejects.toMatchObject({ code: 'ERR_RTM_TIMEOUT' });
    service.handler.onSendMessageResult(service.lastSent, 0);
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
    const { client, service } = await login();
    expect(() => call(client)).toThrow(
      expect.objectContaining({ name: 'TypeError', code: expect.stringMatching(/^ERR_RTM_INVALID_ARG_/), argument }),
    );
    expect(service.sent).toHaveLength(0);
  });
});

describe('receiving', () => {
  it('loses nothing that comes in one batch with the login', async () => {
    const pending = RtmClient.login(options);
    const service = latest();
    service.succeed();
    service.handler.onMessageReceivedFromPeer('bob', received('while you were away'));
    const client = await pending;
    const { value } = await client.messages().next();
    expect(value).toMatchObject({ type: 'text', from: 'bob', text: 'while you were away', offline: false });
  });

  it('hands messages to once() one after another, even if they came together', async () => {
    const { client, service } = await login();
    for (const text of ['one', 'two', 'three']) service.handler.onMessageReceivedFromPeer('bob', received(text));
    const texts: unknown[] = [];
    for (let count = 0; count < 3; count++) texts.push((await once(client, 'message'))[0].text);
    expect(texts).toEqual(['one', 'two', 'three']);
  });

  it.each([[[]], [['newListener']]] as const)(
    'keeps messages for a listener after removeAllListeners(%j)',
    async (names) => {
      const { client, service } = await login();
      client.on('message', () => {});
      expect(client.removeAllListeners(...(names as unknown as []))).toBe(client);
      client.removeAllListeners('message');
      service.handler.onMessageReceivedFromPeer('bob', received('one'));
      const texts: unknown[] = [];
      client.on('message', ({ text }) => texts.push(text));
      await new Promise(setImmediate);
      service.handler.onMessageReceivedFromPeer('bob', received('two'));
      expect(texts).toEqual(['one', 'two']);
      expect(client.listenerCount('newListener')).toBe(1);
    },
  );

  it('calls listeners in the asynchronous context of the login', async () => {
    const storage = new AsyncLocalStorage<string>();
    const { client, service } = await storage.run('bot 7', () => login());
    const seen: unknown[] = [];
    client.on('message', () => seen.push(storage.getStore()));
    client.on('state', () => seen.push(storage.getStore()));
    service.handler.onMessageReceivedFromPeer('bob', received('hi'));
    service.handler.onConnectionStateChanged(4, 5);
    expect(seen).toEqual(['bot 7', 'bot 7']);
  });
});

describe('state', () => {
  it('tells changes that come together with the login to who listens after it', async () => {
    const pending = RtmClient.login(options);
    const service = latest();
    service.succeed();
    service.handler.onConnectionStateChanged(4, 5);
    service.handler.onTokenPrivilegeWillExpire();
    const client = await pending;
    const told: unknown[] = [];
    client.on('state', ({ current }) => told.push(current));
    client.on('tokenWillExpire', ({ userId }) => told.push(userId));
    await new Promise(setImmediate);
    expect(told).toEqual(['reconnecting', client.userId]);
  });

  it('reports changes with both states and the reason', async () => {
    const { client, service } = await login();
    const changes: unknown[] = [];
    client.on('state', (change) => changes.push(change));
    service.handler.onConnectionStateChanged(4, 5);
    service.handler.onConnectionStateChanged(3, 2);
    expect(changes).toEqual([
      { previous: 'connected', current: 'reconnecting', reason: 'interrupted', reasonCode: 5, error: undefined },
      { previous: 'reconnecting', current: 'connected', reason: 'loginSuccess', reasonCode: 2, error: undefined },
    ]);
  });

  it('whenState resolves at once, later, or never and says so', async () => {
    const { client, service } = await login();
    await client.whenState('connected');
    const reconnecting = client.whenState('reconnecting');
    const again = client.whenState('reconnecting', { timeout: 60_000 });
    service.handler.onConnectionStateChanged(4, 5);
    await Promise.all([reconnecting, again]);
    const connected = client.whenState('connected');
    service.handler.onConnectionStateChanged(5, 8);
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
    const { client, service } = await login();
    const changed = once(client, 'state');
    const loop = client.messages();
    const waiting = loop.next();
    service.handler.onConnectionStateChanged(5, reasonCode as never);
    expect((await changed)[0]).toMatchObject({ current: 'aborted', reason, error: { code } });
    await expect(waiting).rejects.toMatchObject({ code });
    expect((await loop.next()).done).toBe(true);
    await expect(client.sendToPeer('bob', 'hi')).rejects.toMatchObject({
      code: 'ERR_RTM_NOT_LOGGED_IN',
      reason: 102,
      cause: expect.objectContaining({ code }),
    });
    expect(service.sent).toHaveLength(0);
  });

  it('passes on what it is told about the token', async () => {
    const { client, service } = await login();
    const notices = [once(client, 'tokenWillExpire'), once(client, 'tokenExpired')];
    service.handler.onTokenPrivilegeWillExpire();
    service.handler.onTokenExpired();
    expect(await Promise.all(notices)).toEqual([[{ userId: 'alice' }], [{ userId: 'alice' }]]);
  });
});

describe('renewToken', () => {
  it('resolves and rejects by the token', async () => {
    const { client, service } = await login();
    const results = Promise.allSettled([client.renewToken('one'), client.renewToken('two')]);
    // The SDK refuses what it need not ask the server about before the answer to an earlier call.
    service.handler.onRenewTokenResult('two', 6);
    service.handler.onRenewTokenResult('one', 0);
    const [first, second] = await results;
    expect(first?.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'ERR_RTM_INVALID_TOKEN', reason: 6 } });
  });
});

describe('logout', () => {
  it('resolves once the SDK says so, once for all calls, and releases the service', async () => {
    const { client, service } = await login();
    const changed = once(client, 'state');
    const both = Promise.all([client.logout(), client.logout()]);
    expect(service.released).toBe(false);
    service.loggedOut();
    await both;
    expect((await changed)[0]).toMatchObject({ previous: 'connected', current: 'disconnected', reason: 'logout' });
    expect(service.calls.filter((call) => call === 'logout')).toHaveLength(1);
    expect(service.released).toBe(true);
    expect(client.state).toBe('disconnected');
    await client.logout();
  });

  it('ends loops silently after what is unread', async () => {
    const { client, service } = await login();
    const loop = client.messages();
    service.handler.onMessageReceivedFromPeer('bob', received('last'));
    const done = client.logout();
    service.loggedOut();
    await done;
    const texts: unknown[] = [];
    for await (const message of loop) texts.push(message.text);
    expect(texts).toEqual(['last']);
  });

  it('rejects what is still waiting, and every later call', async () => {
    const { client, service } = await login();
    const waiting = Promise.allSettled([
      client.sendToPeer('bob', 'hi'),
      client.renewToken('t'),
      client.whenState('reconnecting'),
    ]);
    const done = client.logout();
    service.loggedOut();
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
    const { client, service } = await login();
    await expect(client.logout({ timeout: 5 })).rejects.toMatchObject({ code: 'ERR_RTM_TIMEOUT' });
    service.loggedOut();
    await client.logout();
    expect(service.released).toBe(true);
  });

  it('stays logged in when its signal is aborted beforehand', async () => {
    const { client, service } = await login();
    await expect(client.logout({ signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no');
    expect(service.calls).not.toContain('logout');
    expect(client.state).toBe('connected');
  });

  it('resolves at once if the SDK has no login any more', async () => {
    const { client, service } = await login();
    service.codes.logout = 102;
    await client.logout();
    expect(service.released).toBe(true);
  });

  it('is what await using does', async () => {
    const { client, service } = await login();
    const disposed = client[Symbol.asyncDispose]();
    service.loggedOut();
    await disposed;
    expect(service.calls).toContain('logout');
  });

  it('leaves no listener on a signal that outlives the client', async () => {
    const { signal } = new AbortController();
    const { client, service } = await login({ signal });
    const waiting = Promise.allSettled([
      client.sendToPeer('bob', 'hi', { signal }),
      client.whenState('reconnecting', { signal }),
      client.messages({ signal }).next(),
    ]);
    const done = client.logout({ signal });
    service.loggedOut();
    await done;
    await waiting;
    await new Promise((resolve) => setImmediate(resolve));
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});

it('passes ref() and unref() on', async () => {
  const { client, service } = await login();
  expect(client.unref().ref()).toBe(client);
  expect(service.calls.slice(-2)).toEqual(['unref', 'ref']);
});

import { describe, expect, it } from 'vitest';
import { ChannelAttributes, UserAttributes } from '../../lib/client/attributes.js';
import { Presence, presenceOf } from '../../lib/client/presence.js';
import { Requests } from '../../lib/client/requests.js';
import { RtmError, timeoutReasonOf } from '../../lib/errors.js';
import type { SessionRequests } from '../../lib/session/requests.js';

/** A session whose requests are only noted; each gets the next request id, or `code` and none. */
function setUp(code = 0, refused?: RtmError) {
  const unsent = new Set<number>();
  const calls: [name: string, ...args: unknown[]][] = [];
  const native = new Proxy({} as SessionRequests, {
    get:
      (_target, name: string) =>
      (...args: unknown[]) => {
        calls.push([name, ...args]);
        return { code, requestId: code === 0 ? calls.length : 0 };
      },
  });
  const requests = new Requests({ requests: native, withdraw: (id) => unsent.has(id) }, '', () => refused);
  return { calls, requests, unsent };
}

describe('a request', () => {
  it('gets the answer with its own id, in whatever order they come', async () => {
    const { requests } = setUp();
    const presence = new Presence(requests);
    const first = presence.query(['a']);
    const second = presence.query(['b']);
    requests.answer(2, 0, [{ peerId: 'b', isOnline: false, onlineState: 2 }]);
    requests.answer(1, 0, [{ peerId: 'a', isOnline: true, onlineState: 0 }]);
    expect(await first).toEqual(new Map([['a', 'online']]));
    expect(await second).toEqual(new Map([['b', 'offline']]));
    expect(requests.size).toBe(0);
  });

  it('knows which operation failed, although two operations share an event', async () => {
    const { requests } = setUp();
    const presence = new Presence(requests);
    const both = Promise.allSettled([presence.subscribe(['a']), presence.unsubscribe(['a'])]);
    requests.answer(1, 6, undefined);
    requests.answer(2, 4, undefined);
    expect(await both).toMatchObject([
      { reason: { code: 'ERR_RTM_OVERFLOW', operation: 'subscribePeersOnlineStatus', reason: 6 } },
      { reason: { code: 'ERR_RTM_TIMEOUT', operation: 'unsubscribePeersOnlineStatus', reason: 4 } },
    ]);
  });

  it('that the session refuses rejects at once and is not waited for', async () => {
    const { requests } = setUp(5);
    await expect(new UserAttributes(requests, 'me').clear()).rejects.toMatchObject({ code: 'ERR_RTM_TOO_OFTEN' });
    expect(requests.size).toBe(0);
  });

  it('is not made after the login has ended, nor for a signal that is aborted', async () => {
    const { requests, calls } = setUp(0, RtmError.from('getUserAttributes', 102));
    const attributes = new UserAttributes(requests, 'me');
    await expect(attributes.get()).rejects.toMatchObject({ code: 'ERR_RTM_NOT_LOGGED_IN' });
    const signal = AbortSignal.abort('reason');
    await expect(attributes.get('you', undefined, { signal })).rejects.toBe('reason');
    expect(calls).toEqual([]);
  });

  it('that gave up is forgotten, and its late answer ignored', async () => {
    const { requests } = setUp();
    const attributes = new UserAttributes(requests, 'me');
    const late = attributes.get('you', ['k'], { timeout: 1 });
    await expect(late).rejects.toMatchObject({
      code: 'ERR_RTM_TIMEOUT',
      reason: 7,
      operation: 'getUserAttributesByKeys',
    });
    const controller = new AbortController();
    const aborted = attributes.clear({ signal: controller.signal });
    controller.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    expect(requests.size).toBe(0);
    requests.answer(1, 0, []);
    requests.answer(2, 0, undefined);
  });

  it('is rejected with the others when the client ends', async () => {
    const { requests } = setUp();
    const pending = new ChannelAttributes(requests, 'room').get();
    requests.rejectAll((operation) => new Error(`${operation}: closed`));
    await expect(pending).rejects.toThrow('getChannelAttributes: closed');
  });
});

describe('arguments', () => {
  const { requests, calls } = setUp();
  const presence = new Presence(requests);
  const users = new UserAttributes(requests, 'me');
  const channel = new ChannelAttributes(requests, 'room');
  const wrong = (value: unknown) => value as never;

  it.each([
    ['userIds', () => presence.query(wrong('bob'))],
    ['userIds[1]', () => presence.subscribe(wrong(['a', 1]))],
    ['userIds', () => presence.unsubscribe(wrong(null))],
    ['options', () => presence.subscriptions(wrong(7))],
    ['attributes', () => users.set(wrong([]))],
    ['attributes', () => users.merge(wrong(null))],
    ['attributes["k"]', () => users.set(wrong({ k: 1 }))],
    ['a key of attributes', () => users.set(wrong(new Map([[1, 'v']])))],
    ['keys', () => users.delete(wrong('k'))],
    ['userId', () => users.get(wrong(null))],
    ['keys[0]', () => users.get('bob', wrong([null]))],
    ['attributes["k"]', () => channel.merge(wrong({ k: null }))],
    ['keys', () => channel.get(wrong({ timeout: 1 }))],
    ['options.notify', () => channel.clear(wrong({ notify: 1 }))],
    ['options.timeout', () => channel.set({ k: 'v' }, wrong({ timeout: '1' }))],
  ])('%s of a wrong type throws a TypeError at once', (argument, call) => {
    expect(call).toThrow(expect.objectContaining({ name: 'TypeError', code: 'ERR_RTM_INVALID_ARG_TYPE', argument }));
    expect(calls).toEqual([]);
  });

  it('refuses an option that does not exist', () => {
    expect(() => users.set({ k: 'v' }, wrong({ notify: true }))).toThrow('notify');
  });
});

it('asks for the notice to the members only if told to', () => {
  const { requests, calls } = setUp();
  const channel = new ChannelAttributes(requests, 'room');
  void channel.delete(['k']);
  void channel.delete(['k'], { notify: true });
  expect(calls.map((call) => call.at(-1))).toEqual([false, true]);
});

it('has a word for every state of a user', () => {
  const peers = [0, 1, 2].map((state) => ({ peerId: `u${state}`, isOnline: state === 0, onlineState: state as 0 }));
  expect(presenceOf(peers).changes.map(({ state }) => state)).toEqual(['online', 'unreachable', 'offline']);
});

it('knows the number for a timeout of every request', () => {
  expect(timeoutReasonOf('queryPeersBySubscriptionOption')).toBe(2);
  expect(timeoutReasonOf('getChannelMemberCount')).toBe(4);
  expect(timeoutReasonOf('getUserAttributes')).toBe(7);
});

// Asking somebody else: caching, time, the number of requests at a time, and what counts without an answer.
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Callout, wrongWith } from '../../lib/server/callout/callout.js';
import { signature } from '../../lib/server/callout/http-authorize.js';
import {
  type CalloutSettings,
  checkCallout,
  isCalloutUrl,
  type RtmServerAuthorize,
  type RtmServerAuthorizeAnswer,
} from '../../lib/server/options/callout-options.js';

let now = 0;
function calloutOf(authorize: RtmServerAuthorize, more: Partial<CalloutSettings> = {}): Callout {
  now = 0;
  return new Callout({ ask: ['login', 'join'], timeoutMs: 5000, onFailure: 'deny', ...more, authorize }, () => now);
}
const login = (callout: Callout, user = 'ann') => callout.authorize('login', 'app', user, '', '192.0.2.7');
const YES = { allowed: true, known: true, roles: [], failure: '' };
const NO = { ...YES, allowed: false };
/** All that can happen without an answer has happened. */
const turn = () => new Promise((resolve) => setImmediate(resolve));
const deferred = <T>() => {
  let settle!: { resolve: (value: T) => void; reject: (reason: unknown) => void };
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
};

describe('a callout', () => {
  it('passes the request on, and the answer back', async () => {
    const seen: unknown[] = [];
    const callout = calloutOf((request) => {
      seen.push(request);
      return { allow: request.user === 'ann', roles: ['staff'] };
    });
    expect(await login(callout)).toEqual({ ...YES, roles: ['staff'] });
    expect(await callout.authorize('join', 'app', 'bob', 'room', '::1')).toEqual({ ...NO, roles: ['staff'] });
    expect(seen).toEqual([
      { event: 'login', app: 'app', user: 'ann', address: '192.0.2.7' },
      { event: 'join', app: 'app', user: 'bob', channel: 'room', address: '::1' },
    ]);
  });

  it('uses an answer as long as it says, a refusal, too', async () => {
    let asked = 0;
    const callout = calloutOf(({ user }) => {
      asked++;
      return { allow: user === 'ann', cacheMs: 1000 };
    });
    for (now of [0, 999]) {
      expect([await login(callout), await login(callout, 'bob')]).toEqual([YES, NO]);
      expect(asked).toBe(2);
    }
    now = 1000;
    expect(await login(callout)).toEqual(YES);
    expect(asked).toBe(3);
    // Another event, channel or app is another request.
    await callout.authorize('join', 'app', 'ann', 'room', '');
    await callout.authorize('join', 'app', 'ann', 'room2', '');
    await callout.authorize('login', 'app2', 'ann', '', '');
    expect(asked).toBe(6);
  });

  it('asks once for the same request at the same time', async () => {
    let asked = 0;
    const answer = deferred<RtmServerAuthorizeAnswer>();
    const callout = calloutOf(() => {
      asked++;
      return answer.promise;
    });
    const all = [login(callout), login(callout), login(callout)];
    answer.resolve({ allow: true });
    expect(await Promise.all(all)).toEqual([YES, YES, YES]);
    expect(asked).toBe(1);
    await login(callout);
    expect(asked).toBe(2);
  });

  it('has 256 requests under way at most; the others wait', async () => {
    const answers: ReturnType<typeof deferred<RtmServerAuthorizeAnswer>>[] = [];
    const callout = calloutOf(() => {
      const answer = deferred<RtmServerAuthorizeAnswer>();
      answers.push(answer);
      return answer.promise;
    });
    const all = Array.from({ length: 300 }, (_, index) => login(callout, `user ${index}`));
    await turn();
    expect(answers.length).toBe(256);
    for (const [index, answer] of answers.entries()) {
      if (index % 2 === 0) answer.resolve({ allow: true });
      else answer.reject(new Error('no'));
    }
    await Promise.all(all.slice(0, 256));
    expect(answers.length).toBe(300);
    for (const answer of answers.slice(256)) answer.resolve({ allow: true });
    expect((await Promise.all(all)).filter(({ allowed }) => allowed)).toHaveLength(128 + 44);
    // All places are free again.
    const again = Array.from({ length: 256 }, (_, index) => login(callout, `again ${index}`));
    await turn();
    expect(answers.length).toBe(556);
    for (const answer of answers.slice(300)) answer.resolve({ allow: true });
    await Promise.all(again);
  });

  it('tells whom it asks that the time is over', async () => {
    let reason: unknown;
    const callout = calloutOf(
      (_request, { signal }) =>
        new Promise<never>(() => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
          });
        }),
      { timeoutMs: 10 },
    );
    expect(await login(callout)).toEqual({ ...NO, known: false, failure: 'no answer within 10 ms' });
    expect(reason).toBeInstanceOf(Error);
  });

  it('ends what is under way when the server closes', async () => {
    const callout = calloutOf(() => new Promise<never>(() => {}));
    const answer = login(callout);
    callout.close();
    expect(await answer).toMatchObject({ allowed: false, known: false });
  });

  it.each([
    ['deny', { allowed: false, known: false, roles: [] }],
    ['allow', { allowed: true, known: false, roles: [] }],
    ['last', { allowed: false, known: false, roles: [] }],
  ] as const)('that fails counts as %s says', async (onFailure, expected) => {
    const broken: RtmServerAuthorize[] = [
      () => Promise.reject(new Error('it is down')),
      () => {
        throw new Error('it is down');
      },
      () => ({ allow: 'yes' as unknown as boolean }),
    ];
    for (const authorize of broken) {
      const answer = await login(calloutOf(authorize, { onFailure }));
      expect(answer).toMatchObject(expected);
      expect(answer.failure).toMatch(/^(it is down|malformed answer: allow: expected true or false, got .* string)$/);
    }
  });

  it('that fails repeats the last answer for five minutes, if it is to', async () => {
    let down = false;
    const callout = calloutOf(
      ({ user }) => {
        if (down) throw new Error('down');
        return { allow: user === 'ann', roles: ['staff'] };
      },
      { onFailure: 'last' },
    );
    await Promise.all([login(callout), login(callout, 'bob')]);
    down = true;
    now = 299_999;
    expect(await login(callout)).toEqual({ ...YES, roles: ['staff'], failure: 'down' });
    expect(await login(callout, 'bob')).toEqual({ ...NO, roles: ['staff'], failure: 'down' });
    expect(await login(callout, 'carl')).toMatchObject({ allowed: false, known: false });
    now = 300_000;
    expect(await login(callout)).toMatchObject({ allowed: false, known: false });
  });

  it('says why it failed in one line without other signs than ASCII', async () => {
    const cause = Object.assign(new Error('connect\nevent=x'), { code: 'ECONNREFUSED' });
    const callout = calloutOf(() => Promise.reject(new Error('fetch failed \u{1f600}', { cause })));
    expect((await login(callout)).failure).toBe('fetch failed  : ECONNREFUSED connect event x');
  });
});

it('an answer of another form is malformed', () => {
  const good = [{ allow: true }, { allow: false, roles: [], cacheMs: 0 }, { allow: true, more: 1 }];
  for (const answer of good) expect(wrongWith(answer)).toBeUndefined();
  const bad: [unknown, string][] = [
    [undefined, 'an object'],
    [null, 'an object'],
    [[], 'an object'],
    ['yes', 'an object'],
    [{}, 'allow'],
    [{ allow: 1 }, 'allow'],
    [{ allow: true, roles: 'staff' }, 'roles'],
    [{ allow: true, roles: ['*'] }, 'roles'],
    [{ allow: true, roles: [1] }, 'roles'],
    [{ allow: true, roles: Array.from({ length: 33 }, () => 'staff') }, 'roles'],
    [{ allow: true, cacheMs: -1 }, 'cacheMs'],
    [{ allow: true, cacheMs: 1.5 }, 'cacheMs'],
    [{ allow: true, cacheMs: 3_600_001 }, 'cacheMs'],
  ];
  for (const [answer, place] of bad) expect(wrongWith(answer)).toContain(place);
});

it('the signature is HMAC-SHA256 of time and body', () => {
  const expected = createHmac('sha256', 'secret').update('1700000000.{"v":1}').digest('hex');
  expect(signature('secret', 1_700_000_000, '{"v":1}')).toBe(`v1=${expected}`);
});

describe('the options of a callout', () => {
  const authorize = () => ({ allow: true });
  const secret = 'x'.repeat(16);
  const url = 'https://auth.example/rtm';

  it('have defaults', () => {
    expect(checkCallout(undefined, undefined)).toBeUndefined();
    expect(checkCallout(authorize, undefined)).toEqual({
      authorize,
      ask: ['login', 'join'],
      timeoutMs: 1500,
      onFailure: 'deny',
    });
    expect(checkCallout(undefined, { url, secret, ask: ['renew'], timeoutMs: 10, onFailure: 'last' })).toEqual({
      authorize: { url: new URL(url), secret },
      ask: ['renew'],
      timeoutMs: 10,
      onFailure: 'last',
    });
  });

  it.each<[unknown, unknown, string]>([
    [5, undefined, 'options.authorize'],
    [undefined, {}, 'options.callout.url'],
    [authorize, { url, secret }, 'options.callout.url'],
    [authorize, { secret }, 'options.callout.secret'],
    [undefined, { url: 'http://auth.example', secret }, 'options.callout.url'],
    [undefined, { url: 5, secret }, 'options.callout.url'],
    [undefined, { url }, 'options.callout.secret'],
    [undefined, { url, secret: 'short' }, 'options.callout.secret'],
    [authorize, { ask: [] }, 'options.callout.ask'],
    [authorize, { ask: ['publish'] }, 'options.callout.ask[0]'],
    [authorize, { timeoutMs: 9 }, 'options.callout.timeoutMs'],
    [authorize, { timeoutMs: 5001 }, 'options.callout.timeoutMs'],
    [authorize, { onFailure: 'never' }, 'options.callout.onFailure'],
    [authorize, { retries: 3 }, 'options.callout'],
  ])('%j and %j are refused with their place', (given, callout, argument) => {
    expect(() => checkCallout(given, callout)).toThrow(expect.objectContaining({ name: 'TypeError', argument }));
  });

  it('let nothing travel in the clear but on this machine', () => {
    const good = ['https://a', 'http://127.0.0.1:80/x', 'http://127.9.9.9', 'http://localhost', 'http://[::1]:1/'];
    const bad = [
      'http://a',
      'http://128.0.0.1',
      'http://127.0.0.1.example',
      'ftp://localhost',
      'https://u:p@a',
      'a',
      '',
    ];
    expect(good.filter((each) => !isCalloutUrl(each))).toEqual([]);
    expect(bad.filter(isCalloutUrl)).toEqual([]);
  });
});

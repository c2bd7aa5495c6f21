import { expect } from 'vitest';
import { createRtmService, type RtmService } from '../../lib/sdk/service.js';
import type { RtmAttribute } from '../../lib/sdk/structs.js';
import { userAttributes as rows } from './rows/attributes.js';
import type { CallbackName } from './support/events.js';
import { subject } from './support/subject.js';
import { type Bot, bytes, fresh, world } from './support/world.js';

const w = world();
const loose = (value: unknown) => value as never;
const E = 'ATTRIBUTE_OPERATION_ERR.ATTRIBUTE_OPERATION_ERR_';
const KB = 1024;

const OVERFLOW = 4;
const INVALID = 3;

type Result = { code: number; requestId: number };
const set = (list: RtmAttribute[]) => (service: RtmService) => service.setLocalUserAttributes(list);
const add = (list: RtmAttribute[]) => (service: RtmService) => service.addOrUpdateLocalUserAttributes(list);

/** Each call with its callback. */
const calls: [string, CallbackName, (service: RtmService) => Result][] = [
  ['USER_ATTRIBUTES_WRITE', 'onSetLocalUserAttributesResult', set([{ key: 'k', value: 'v' }])],
  ['USER_ATTRIBUTES_WRITE', 'onAddOrUpdateLocalUserAttributesResult', add([{ key: 'k', value: 'v' }])],
  [
    'USER_ATTRIBUTES_WRITE',
    'onDeleteLocalUserAttributesResult',
    (service) => service.deleteLocalUserAttributesByKeys(['k']),
  ],
  ['USER_ATTRIBUTES_WRITE', 'onClearLocalUserAttributesResult', (service) => service.clearLocalUserAttributes()],
  ['USER_ATTRIBUTES_READ', 'onGetUserAttributesResult', (service) => service.getUserAttributes('nobody')],
  ['USER_ATTRIBUTES_READ', 'onGetUserAttributesResult', (service) => service.getUserAttributesByKeys('nobody', ['k'])],
];

/** Makes a call and gives its code: the returned code, or the code of the callback. Checks the callback's request id. */
async function outcome(bot: Bot, callback: CallbackName, call: (service: RtmService) => Result): Promise<unknown> {
  const { code, requestId } = call(bot.service);
  if (code !== 0) return code;
  const args = await bot.events.take(callback);
  expect(args[0]).toBe(requestId);
  return args.at(-1);
}
const doSet = (bot: Bot, list: RtmAttribute[]) => outcome(bot, 'onSetLocalUserAttributesResult', set(list));
const doAdd = (bot: Bot, list: RtmAttribute[]) => outcome(bot, 'onAddOrUpdateLocalUserAttributesResult', add(list));

/** The attributes of a user, read by another user or by itself. */
async function seen(bot: Bot, user = bot.user): Promise<Record<string, string>> {
  const { code, requestId } = bot.service.getUserAttributes(user);
  expect(code).toBe(0);
  const [id, of, list, result] = await bot.events.take('onGetUserAttributesResult');
  expect([id, of, result]).toEqual([requestId, user, 0]);
  return Object.fromEntries((list as RtmAttribute[]).map(({ key, value }) => [key, value]));
}

/** `count` attributes. */
const numbered = (count: number): RtmAttribute[] =>
  Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: 'v' }));

/** Attributes whose keys and values have `total` bytes in all; each key has 2 bytes. */
const weighing = (total: number): RtmAttribute[] => {
  const list: RtmAttribute[] = [];
  for (let left = total; left > 0; ) {
    const size = Math.min(left, 8 * KB - 100);
    list.push({ key: `w${list.length}`, value: bytes(size - 2) });
    left -= size;
  }
  return list;
};

/** Checks the code of a write, and that a refused write changes nothing. */
async function limitOf(expected: number, list: RtmAttribute[]): Promise<void> {
  const bot = await w.bot();
  await doSet(bot, [{ key: 'before', value: 'kept' }]);
  expect(await doSet(bot, list)).toBe(expected);
  expect(await seen(bot)).toEqual(
    expected === 0 ? Object.fromEntries(list.map(({ key, value }) => [key, value])) : { before: 'kept' },
  );
}

/** The same for attributes that are added to existing ones. */
async function totalOf(expected: number, there: RtmAttribute[], added: RtmAttribute[]): Promise<void> {
  const bot = await w.bot();
  expect(await doSet(bot, there)).toBe(0);
  expect(await doAdd(bot, added)).toBe(expected);
  expect(Object.keys(await seen(bot))).toHaveLength(there.length + (expected === 0 ? added.length : 0));
}

subject(rows, (row) => {
  row(
    ['IRtmService.setLocalUserAttributes', 'IRtmServiceEventHandler.onSetLocalUserAttributesResult', `${E}OK`],
    async () => {
      const [alice, bob] = (await w.bots(2)) as [Bot, Bot];
      expect(
        await doSet(alice, [
          { key: 'a', value: '1' },
          { key: 'b', value: '2' },
        ]),
      ).toBe(0);
      expect(await doSet(alice, [{ key: 'c', value: '3' }])).toBe(0);
      expect(await seen(bob, alice.user)).toEqual({ c: '3' });
    },
  );
  row(
    ['IRtmService.addOrUpdateLocalUserAttributes', 'IRtmServiceEventHandler.onAddOrUpdateLocalUserAttributesResult'],
    async () => {
      const [alice, bob] = (await w.bots(2)) as [Bot, Bot];
      expect(
        await doAdd(alice, [
          { key: 'a', value: '1' },
          { key: 'b', value: '2' },
        ]),
      ).toBe(0);
      expect(
        await doAdd(alice, [
          { key: 'b', value: 'new' },
          { key: 'c', value: '3' },
        ]),
      ).toBe(0);
      expect(await seen(bob, alice.user)).toEqual({ a: '1', b: 'new', c: '3' });
    },
  );
  row(
    ['IRtmService.deleteLocalUserAttributesByKeys', 'IRtmServiceEventHandler.onDeleteLocalUserAttributesResult'],
    async () => {
      const bot = await w.bot();
      await doSet(bot, numbered(3));
      const gone = (service: RtmService) => service.deleteLocalUserAttributesByKeys(['k0', 'unknown', 'k2', 'k2']);
      expect(await outcome(bot, 'onDeleteLocalUserAttributesResult', gone)).toBe(0);
      expect(await seen(bot)).toEqual({ k1: 'v' });
    },
  );
  row(
    ['IRtmService.clearLocalUserAttributes', 'IRtmServiceEventHandler.onClearLocalUserAttributesResult'],
    async () => {
      const bot = await w.bot();
      await doSet(bot, numbered(3));
      const clear = (service: RtmService) => service.clearLocalUserAttributes();
      expect(await outcome(bot, 'onClearLocalUserAttributesResult', clear)).toBe(0);
      expect(await outcome(bot, 'onClearLocalUserAttributesResult', clear)).toBe(0);
      expect(await seen(bot)).toEqual({});
    },
  );
  row(['IRtmService.getUserAttributes', 'IRtmServiceEventHandler.onGetUserAttributesResult'], async () => {
    const [alice, bob] = (await w.bots(2)) as [Bot, Bot];
    expect(await seen(bob, alice.user)).toEqual({});
    await doSet(alice, numbered(2));
    expect(await seen(bob, alice.user)).toEqual({ k0: 'v', k1: 'v' });
    expect(await seen(alice)).toEqual({ k0: 'v', k1: 'v' });
  });
  row('IRtmService.getUserAttributesByKeys', async () => {
    const [alice, bob] = (await w.bots(2)) as [Bot, Bot];
    await doSet(alice, numbered(5));
    const { requestId } = bob.service.getUserAttributesByKeys(alice.user, ['k4', 'unknown', 'k1']);
    const [id, user, list, code] = await bob.events.take('onGetUserAttributesResult');
    expect([id, user, code]).toEqual([requestId, alice.user, 0]);
    expect((list as RtmAttribute[]).map(({ key }) => key).sort()).toEqual(['k1', 'k4']);
    bob.service.getUserAttributesByKeys(alice.user, ['unknown']);
    expect((await bob.events.take('onGetUserAttributesResult')).slice(2)).toEqual([[], 0]);
  });
  row(['RtmAttribute.key', 'RtmAttribute.value', 'rule.user-attributes.key-characters'], async () => {
    const bot = await w.bot();
    const list = [
      { key: 'a b~!"\'\\/', value: '\n\t' },
      { key: 'schlüssel', value: 'Grüße 👩‍👩‍👧' },
      { key: '键', value: ' ' },
    ];
    expect(await doSet(bot, list)).toBe(0);
    expect(await seen(bot)).toEqual(Object.fromEntries(list.map(({ key, value }) => [key, value])));
    for (const key of ['\0', 'a\0b', '\x01', 'a\nb', '\x1f', '\x7f', '\x80', 'a\x85', '\x9f']) {
      expect(bot.service.setLocalUserAttributes([{ key, value: 'v' }]).code, JSON.stringify(key)).toBe(INVALID);
      expect(bot.service.deleteLocalUserAttributesByKeys([key]).code).toBe(INVALID);
      expect(bot.service.getUserAttributesByKeys(bot.user, [key]).code).toBe(INVALID);
    }
    expect(Object.keys(await seen(bot))).toHaveLength(3);
  });

  row(`${E}FAILURE`, async () => {
    for (const [, callback, call] of calls) {
      const bot = await w.cutOff(async () => undefined);
      expect(call(bot.service).code).toBe(0);
      bot.service.logout();
      expect((await bot.events.take(callback)).at(-1)).toBe(2);
    }
  });
  row([`${E}TIMEOUT`, 'limit.timeout.user-attributes'], async () => {
    const bots = await Promise.all(
      calls.map(async ([kind]) => {
        const via = await w.relay();
        via.lose(kind);
        return w.bot({ via, timing: { request_ms: 500 } });
      }),
    );
    for (const [index, [, callback, call]] of calls.entries()) {
      expect(await outcome(bots[index] as Bot, callback, call)).toBe(7);
    }
  });
  row(`${E}INVALID_ARGUMENT`, async () => {
    const bot = await w.bot();
    await doSet(bot, numbered(2));
    const { service } = bot;
    for (const list of [
      null,
      [],
      [{ key: '', value: 'v' }],
      [{ key: 'good', value: '' }],
      [{ key: bytes(33), value: 'v' }],
    ]) {
      expect(service.setLocalUserAttributes(loose(list))).toEqual({ code: INVALID, requestId: 0 });
      expect(service.addOrUpdateLocalUserAttributes(loose(list))).toEqual({ code: INVALID, requestId: 0 });
    }
    for (const keys of [null, [], [''], ['good', bytes(33)]]) {
      expect(service.deleteLocalUserAttributesByKeys(loose(keys))).toEqual({ code: INVALID, requestId: 0 });
      expect(service.getUserAttributesByKeys(bot.user, loose(keys))).toEqual({ code: INVALID, requestId: 0 });
    }
    for (const user of [null, '', 'null', 'a*b', bytes(65)]) {
      expect(service.getUserAttributes(loose(user))).toEqual({ code: INVALID, requestId: 0 });
      expect(service.getUserAttributesByKeys(loose(user), ['k'])).toEqual({ code: INVALID, requestId: 0 });
    }
    expect(await seen(bot)).toEqual({ k0: 'v', k1: 'v' });
    expect(bot.events.of('onSetLocalUserAttributesResult')).toHaveLength(1);
  });
  row('rule.user-attributes.unicode', async () => {
    const bot = await w.bot();
    await doSet(bot, numbered(1));
    for (const list of [
      [{ key: 'a\ud800', value: 'v' }],
      [{ key: 'a', value: '\udc00' }],
      [{ key: 'a', value: 'x\0y' }],
    ]) {
      expect(bot.service.setLocalUserAttributes(list).code).toBe(INVALID);
    }
    expect(await seen(bot)).toEqual({ k0: 'v' });
  });
  row(`${E}SIZE_OVERFLOW`, () => totalOf(OVERFLOW, numbered(32), [{ key: 'one more', value: 'v' }]));
  row(`${E}TOO_OFTEN`, async () => {
    const { service } = await w.bot();
    const writes = calls.slice(0, 4).map(([, , call]) => call); // share one quota
    const codes = Array.from({ length: 101 }, (_, index) => writes[index % 4]?.(service).code);
    expect(codes.indexOf(5)).toBe(100);
  });
  row(`${E}USER_NOT_FOUND`, async () => {
    const [alice, bob] = (await w.bots(2)) as [Bot, Bot];
    alice.service.logout();
    await alice.events.take('onLogout');
    for (const user of [alice.user, 'who never came']) {
      const { requestId } = bob.service.getUserAttributes(user);
      expect(await bob.events.take('onGetUserAttributesResult')).toEqual([requestId, user, [], 6]);
      bob.service.getUserAttributesByKeys(user, ['k']);
      expect((await bob.events.take('onGetUserAttributesResult')).at(-1)).toBe(6);
    }
  });
  row(`${E}NOT_INITIALIZED`, () => {
    for (const [, , call] of calls) expect(call(createRtmService())).toEqual({ code: 101, requestId: 0 });
  });
  row(`${E}USER_NOT_LOGGED_IN`, () => {
    for (const [, , call] of calls) expect(call(w.client().service)).toEqual({ code: 102, requestId: 0 });
  });

  const key = (length: number) => [{ key: bytes(length), value: 'v' }];
  row('limit.user-key.least.below', () => limitOf(INVALID, key(0)));
  row('limit.user-key.least.at', () => limitOf(0, key(1)));
  row('limit.user-key.least.above', () => limitOf(0, key(2)));
  row('limit.user-key.below', () => limitOf(0, key(31)));
  row('limit.user-key.at', () => limitOf(0, key(32)));
  row('limit.user-key.above', () => limitOf(INVALID, key(33)));
  const value = (length: number) => [{ key: 'k', value: bytes(length) }];
  row('limit.user-value.below', () => limitOf(0, value(8 * KB - 1)));
  row('limit.user-value.at', () => limitOf(0, value(8 * KB)));
  row('limit.user-value.above', () => limitOf(OVERFLOW, value(8 * KB + 1)));
  row('limit.user-value.empty', () => limitOf(INVALID, value(0)));
  row('limit.user-call.below', () => limitOf(0, weighing(16 * KB - 1)));
  row('limit.user-call.at', () => limitOf(0, weighing(16 * KB)));
  row('limit.user-call.above', () => limitOf(OVERFLOW, weighing(16 * KB + 1)));
  const rest = (size: number) => [{ key: 'x', value: bytes(size - 1) }];
  row('limit.user-total.below', () => totalOf(0, weighing(15 * KB), rest(KB - 1)));
  row('limit.user-total.at', () => totalOf(0, weighing(15 * KB), rest(KB)));
  row('limit.user-total.above', () => totalOf(OVERFLOW, weighing(15 * KB), rest(KB + 1)));
  row('limit.user-number.below', () => limitOf(0, numbered(31)));
  row('limit.user-number.at', () => limitOf(0, numbered(32)));
  row('limit.user-number.above', () => limitOf(OVERFLOW, numbered(33)));

  row('rule.user-attributes.logout', async () => {
    const alice = await w.bot();
    await doSet(alice, numbered(2));
    alice.service.logout();
    await alice.events.take('onLogout');
    alice.service.login(null, alice.user);
    await alice.events.take('onLoginSuccess');
    expect(await seen(alice)).toEqual({});
  });
  row('rule.user-attributes.same-key', async () => {
    const bot = await w.bot();
    await doSet(bot, [
      { key: 'k', value: 'first' },
      { key: 'k', value: 'last' },
    ]);
    expect(await seen(bot)).toEqual({ k: 'last' });
  });
  row('rule.user-attributes.silent', async () => {
    const [alice, bob] = (await w.bots(2)) as [Bot, Bot];
    bob.service.subscribePeersOnlineStatus([alice.user]);
    await bob.events.take('onPeersOnlineStatusChanged');
    const before = bob.events.calls.length;
    await doSet(alice, [{ key: fresh(), value: 'v' }]);
    await seen(bob, alice.user);
    expect(bob.events.calls.slice(before).map(([name]) => name)).toEqual(['onGetUserAttributesResult']);
  });
});

import { expect } from 'vitest';
import type { RtmChannelAttribute } from '../../lib/sdk/attributes.js';
import { createRtmService, type RtmService } from '../../lib/sdk/service.js';
import { channelAttributes as rows } from './rows/attributes.js';
import type { CallbackName } from './support/events.js';
import { subject } from './support/subject.js';
import { type Bot, bytes, fresh, joined, world } from './support/world.js';

const w = world();
/** A server that forgets the attributes of empty channels soon. */
const AFTERLIFE_MS = 600;
const hasty = world({ times: { attributes: AFTERLIFE_MS } });
const loose = (value: unknown) => value as never;
const KB = 1024;
const OVERFLOW = 4;
const INVALID = 3;

type Result = { code: number; requestId: number };
type Pairs = Record<string, string>;
type Options = { enableNotificationToChannelMembers: boolean };
const told: Options = { enableNotificationToChannelMembers: true };

function made(service: RtmService, pairs: Pairs): RtmChannelAttribute[] {
  return Object.entries(pairs).map(([key, value]) => {
    const attribute = service.createChannelAttribute();
    attribute.setKey(key);
    attribute.setValue(value);
    return attribute;
  });
}

/** Each call, with its frame and its callback. */
const calls: [string, CallbackName, (service: RtmService, id: string) => Result][] = [
  ['WRITE', 'onSetChannelAttributesResult', (s, id) => s.setChannelAttributes(id, made(s, { k: 'v' }))],
  ['WRITE', 'onAddOrUpdateChannelAttributesResult', (s, id) => s.addOrUpdateChannelAttributes(id, made(s, { k: 'v' }))],
  ['WRITE', 'onDeleteChannelAttributesResult', (s, id) => s.deleteChannelAttributesByKeys(id, ['k'])],
  ['WRITE', 'onClearChannelAttributesResult', (s, id) => s.clearChannelAttributes(id)],
  ['READ', 'onGetChannelAttributesResult', (s, id) => s.getChannelAttributes(id)],
  ['READ', 'onGetChannelAttributesResult', (s, id) => s.getChannelAttributesByKeys(id, ['k'])],
];

/** Makes a call and gives its code: the returned code, or the code of the callback. Checks the callback's request id. */
async function outcome(bot: Bot, callback: CallbackName, call: (service: RtmService) => Result): Promise<unknown> {
  const { code, requestId } = call(bot.service);
  if (code !== 0) return code;
  const args = await bot.events.take(callback);
  expect(args[0]).toBe(requestId);
  return args.at(-1);
}
const set = (bot: Bot, id: string, pairs: Pairs, options?: Options) =>
  outcome(bot, 'onSetChannelAttributesResult', (s) => s.setChannelAttributes(id, made(s, pairs), options));
const add = (bot: Bot, id: string, pairs: Pairs, options?: Options) =>
  outcome(bot, 'onAddOrUpdateChannelAttributesResult', (s) =>
    s.addOrUpdateChannelAttributes(id, made(s, pairs), options),
  );

async function read(bot: Bot, id: string, keys?: string[]): Promise<RtmChannelAttribute[]> {
  const { code, requestId } = keys
    ? bot.service.getChannelAttributesByKeys(id, keys)
    : bot.service.getChannelAttributes(id);
  expect(code).toBe(0);
  const [of, list, result] = await bot.events.take('onGetChannelAttributesResult');
  expect([of, result]).toEqual([requestId, 0]);
  return list;
}
const pairs = (list: RtmChannelAttribute[]): Pairs =>
  Object.fromEntries(list.map((each) => [each.getKey(), each.getValue()]));

const numbered = (count: number): Pairs =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));

/** Attributes with `total` bytes in all; each key has 2 bytes. */
function weighing(total: number): Pairs {
  const list: Pairs = {};
  for (let left = total, n = 0; left > 0; n++) {
    const size = Math.min(left, 8 * KB - 100);
    list[`w${n}`] = bytes(size - 2);
    left -= size;
  }
  return list;
}

async function limitOf(expected: number, wanted: Pairs): Promise<void> {
  const [bot, id] = [await w.bot(), fresh('c')];
  await set(bot, id, { before: 'kept' });
  expect(await set(bot, id, wanted)).toBe(expected);
  expect(pairs(await read(bot, id))).toEqual(expected === 0 ? wanted : { before: 'kept' });
}

async function totalOf(expected: number, there: Pairs, added: Pairs): Promise<void> {
  const [bot, id] = [await w.bot(), fresh('c')];
  expect(await set(bot, id, there)).toBe(0);
  expect(await add(bot, id, added)).toBe(expected);
  expect(pairs(await read(bot, id))).toEqual(expected === 0 ? { ...there, ...added } : there);
}

subject(rows, (row) => {
  row(
    [
      'IRtmService.createChannelAttribute',
      'IRtmChannelAttribute.setKey',
      'IRtmChannelAttribute.getKey',
      'IRtmChannelAttribute.setValue',
      'IRtmChannelAttribute.getValue',
      'IRtmChannelAttribute.release',
    ],
    async () => {
      const empty = createRtmService().createChannelAttribute();
      expect([empty.getKey(), empty.getValue()]).toEqual(['', '']);
      const [bot, id] = [await w.bot(), fresh('c')];
      const attribute = bot.service.createChannelAttribute();
      attribute.setKey('schlüssel 1');
      attribute.setValue('first');
      attribute.setValue('Grüße 👩‍👩‍👧');
      expect([attribute.getKey(), attribute.getValue()]).toEqual(['schlüssel 1', 'Grüße 👩‍👩‍👧']);
      const written = bot.service.setChannelAttributes(id, [attribute]);
      attribute.release();
      expect(written.code).toBe(0);
      expect(pairs(await read(bot, id))).toEqual({ 'schlüssel 1': 'Grüße 👩‍👩‍👧' });
    },
  );
  row(['IRtmChannelAttribute.getLastUpdateUserId', 'IRtmChannelAttribute.getLastUpdateTs'], async () => {
    const [bot, id] = [await w.bot(), fresh('c')];
    const [attribute] = made(bot.service, { k: 'v' }) as [RtmChannelAttribute];
    expect([attribute.getLastUpdateUserId(), attribute.getLastUpdateTs()]).toEqual(['', 0]);
    const before = Date.now();
    bot.service.setChannelAttributes(id, [attribute]);
    const [found] = (await read(bot, id)) as [RtmChannelAttribute];
    expect(found.getLastUpdateUserId()).toBe(bot.user);
    expect(found.getLastUpdateTs()).toBeGreaterThanOrEqual(before - 1000);
    expect(found.getLastUpdateTs()).toBeLessThanOrEqual(Date.now() + 1000);
  });
  row(['IRtmService.setChannelAttributes', 'IRtmServiceEventHandler.onSetChannelAttributesResult'], async () => {
    const [bot, id] = [await w.bot(), fresh('c')];
    expect(await set(bot, id, { a: '1', b: '2' })).toBe(0);
    expect(await set(bot, id, { c: '3' })).toBe(0);
    expect(pairs(await read(await w.bot(), id))).toEqual({ c: '3' });
  });
  row(
    ['IRtmService.addOrUpdateChannelAttributes', 'IRtmServiceEventHandler.onAddOrUpdateChannelAttributesResult'],
    async () => {
      const [bot, id] = [await w.bot(), fresh('c')];
      expect(await add(bot, id, { a: '1', b: '2' })).toBe(0);
      expect(await add(bot, id, { b: 'new', c: '3' })).toBe(0);
      expect(pairs(await read(bot, id))).toEqual({ a: '1', b: 'new', c: '3' });
    },
  );
  row(
    ['IRtmService.deleteChannelAttributesByKeys', 'IRtmServiceEventHandler.onDeleteChannelAttributesResult'],
    async () => {
      const [bot, id] = [await w.bot(), fresh('c')];
      await set(bot, id, numbered(3));
      const gone = (s: RtmService) => s.deleteChannelAttributesByKeys(id, ['k0', 'unknown', 'k2']);
      expect(await outcome(bot, 'onDeleteChannelAttributesResult', gone)).toBe(0);
      expect(pairs(await read(bot, id))).toEqual({ k1: 'v' });
    },
  );
  row(['IRtmService.clearChannelAttributes', 'IRtmServiceEventHandler.onClearChannelAttributesResult'], async () => {
    const [bot, id] = [await w.bot(), fresh('c')];
    await set(bot, id, numbered(3));
    const clear = (s: RtmService) => s.clearChannelAttributes(id);
    expect(await outcome(bot, 'onClearChannelAttributesResult', clear)).toBe(0);
    expect(await outcome(bot, 'onClearChannelAttributesResult', clear)).toBe(0);
    expect(await read(bot, id)).toEqual([]);
  });
  row(['IRtmService.getChannelAttributes', 'IRtmServiceEventHandler.onGetChannelAttributesResult'], async () => {
    const [bot, id] = [await w.bot(), fresh('c')];
    expect(await read(bot, id)).toEqual([]);
    await set(bot, id, { z: '1', B: '2', a: '3', é: '4' });
    expect((await read(bot, id)).map((each) => each.getKey())).toEqual(['B', 'a', 'z', 'é']);
  });
  row('IRtmService.getChannelAttributesByKeys', async () => {
    const [bot, id] = [await w.bot(), fresh('c')];
    await set(bot, id, numbered(5));
    expect(pairs(await read(bot, id, ['k4', 'unknown', 'k1']))).toEqual({ k1: 'v', k4: 'v' });
    expect(await read(bot, id, ['unknown'])).toEqual([]);
  });
  row(
    [
      'IChannelEventHandler.onAttributesUpdated',
      'ChannelAttributeOptions.enableNotificationToChannelMembers',
      'rule.channel-attributes.cleared',
    ],
    async () => {
      const [alice, bob] = (await w.bots(2)) as [Bot, Bot];
      const id = fresh('c');
      const rooms = [await joined(alice, id), await joined(bob, id)];
      await set(alice, id, { quiet: '1' });
      await add(alice, id, { a: '1' }, told);
      await add(alice, id, { silent: '2' }, { enableNotificationToChannelMembers: false });
      await outcome(alice, 'onDeleteChannelAttributesResult', (s) => s.deleteChannelAttributesByKeys(id, ['a'], told));
      await set(alice, id, { new: '3' }, told);
      await outcome(alice, 'onClearChannelAttributesResult', (s) => s.clearChannelAttributes(id, told));
      for (const { events } of rooms) {
        await events.until('4 notices', () => events.of('onAttributesUpdated').length >= 4);
        expect(events.of('onAttributesUpdated').map(([list]) => pairs(list as RtmChannelAttribute[]))).toEqual([
          { a: '1', quiet: '1' },
          { quiet: '1', silent: '2' },
          { new: '3' },
          {},
        ]);
        const [first] = events.of('onAttributesUpdated')[0]![0] as RtmChannelAttribute[];
        expect(first?.getLastUpdateUserId()).toBe(alice.user);
      }
    },
  );

  const key = (length: number) => ({ [bytes(length)]: 'v' });
  row('limit.channel-key.least.below', () => limitOf(INVALID, key(0)));
  row('limit.channel-key.least.at', () => limitOf(0, key(1)));
  row('limit.channel-key.least.above', () => limitOf(0, key(2)));
  row('limit.channel-key.below', () => limitOf(0, key(31)));
  row('limit.channel-key.at', () => limitOf(0, key(32)));
  row('limit.channel-key.above', () => limitOf(INVALID, key(33)));
  const value = (length: number) => ({ k: bytes(length) });
  row('limit.channel-value.below', () => limitOf(0, value(8 * KB - 1)));
  row('limit.channel-value.at', () => limitOf(0, value(8 * KB)));
  row('limit.channel-value.above', () => limitOf(OVERFLOW, value(8 * KB + 1)));
  row('limit.channel-value.empty', () => limitOf(INVALID, value(0)));
  row('limit.channel-call.below', () => limitOf(0, weighing(32 * KB - 1)));
  row('limit.channel-call.at', () => limitOf(0, weighing(32 * KB)));
  row('limit.channel-call.above', () => limitOf(OVERFLOW, weighing(32 * KB + 1)));
  const rest = (size: number) => ({ x: bytes(size - 1) });
  row('limit.channel-total.below', () => totalOf(0, weighing(31 * KB), rest(KB - 1)));
  row('limit.channel-total.at', () => totalOf(0, weighing(31 * KB), rest(KB)));
  row('limit.channel-total.above', () => totalOf(OVERFLOW, weighing(31 * KB), rest(KB + 1)));
  row('limit.channel-number.below', () => limitOf(0, numbered(31)));
  row('limit.channel-number.at', () => limitOf(0, numbered(32)));
  row('limit.channel-number.above', () => limitOf(OVERFLOW, numbered(33)));

  row('limit.timeout.channel-attributes', async () => {
    const bots = await Promise.all(
      calls.map(async ([kind]) => {
        const via = await w.relay();
        via.lose(`CHANNEL_ATTRIBUTES_${kind}`);
        return w.bot({ via, timing: { request_ms: 500 } });
      }),
    );
    for (const [index, [, callback, call]] of calls.entries()) {
      expect(await outcome(bots[index] as Bot, callback, (s) => call(s, 'c'))).toBe(7);
    }
  });
  row('rule.channel-attributes.failure', async () => {
    for (const [, callback, call] of calls) {
      const bot = await w.cutOff(async () => undefined);
      expect(call(bot.service, 'c').code).toBe(0);
      bot.service.logout();
      expect((await bot.events.take(callback)).at(-1)).toBe(2);
    }
  });
  row('rule.channel-attributes.stamps', async () => {
    const [alice, bob] = (await w.bots(2)) as [Bot, Bot];
    const id = fresh('c');
    await set(alice, id, { a: '1', b: '2' });
    const [first] = (await read(alice, id)) as [RtmChannelAttribute];
    await add(bob, id, { b: '2' }); // the same value is a write as well
    const [a, b] = (await read(alice, id)) as [RtmChannelAttribute, RtmChannelAttribute];
    expect([a.getLastUpdateUserId(), b.getLastUpdateUserId()]).toEqual([alice.user, bob.user]);
    expect(a.getLastUpdateTs()).toBe(first.getLastUpdateTs());
    expect(b.getLastUpdateTs()).toBeGreaterThanOrEqual(a.getLastUpdateTs());
  });
  row('rule.channel-attributes.atomic', async () => {
    const [bot, id] = [await w.bot(), fresh('c')];
    const { events } = await joined(bot, id);
    await set(bot, id, numbered(30));
    expect(await add(bot, id, { k0: 'changed', x: '1', y: '2', z: '3' }, told)).toBe(OVERFLOW);
    expect(pairs(await read(bot, id))).toEqual(numbered(30));
    expect(events.of('onAttributesUpdated')).toEqual([]);
  });
  row('rule.channel-attributes.lifetime', async () => {
    const [alice, bob] = (await w.bots(2)) as [Bot, Bot];
    const id = fresh('c');
    await set(alice, id, { k: 'v' }); // nobody was ever a member
    expect(pairs(await read(bob, id))).toEqual({ k: 'v' });
    const { channel, events } = await joined(alice, id);
    channel.leave();
    await events.take('onLeave');
    alice.service.logout();
    await alice.events.take('onLogout'); // the writer is gone, and the channel is empty
    expect(pairs(await read(bob, id))).toEqual({ k: 'v' });
  });
  row('rule.channel-attributes.removed', async () => {
    const bot = await hasty.bot();
    const [id, never] = [fresh('c'), fresh('c')];
    const { channel, events } = await joined(bot, id);
    await set(bot, id, { k: 'v' });
    await set(bot, never, { k: 'v' });
    const removed = async (of: string) => {
      const start = performance.now();
      while ((await read(bot, of)).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
      return performance.now() - start;
    };
    expect(await removed(never)).toBeGreaterThan(AFTERLIFE_MS / 2);
    expect(pairs(await read(bot, id))).toEqual({ k: 'v' }); // the one with a member, as old as the other
    channel.leave();
    await events.take('onLeave');
    expect(await removed(id)).toBeGreaterThan(AFTERLIFE_MS / 2);
  });
  row('rule.channel-attributes.invalid', async () => {
    const [bot, id] = [await w.bot(), fresh('c')];
    await set(bot, id, numbered(2));
    const { service } = bot;
    for (const bad of [null, '', 'null', 'a*b', 'a\0b', '\ud800', bytes(65)]) {
      for (const [, , call] of calls) expect(call(service, loose(bad))).toEqual({ code: INVALID, requestId: 0 });
    }
    const lists: (RtmChannelAttribute[] | null)[] = [null, [], [service.createChannelAttribute()]];
    for (const [key, value] of [
      ['\x01', 'v'],
      ['a\nb', 'v'],
      ['\x7f', 'v'],
      ['\x80', 'v'],
      ['a\0', 'v'],
      ['\ud800', 'v'],
      ['k', '\ud800'],
      ['k', 'a\0b'],
    ] as const) {
      lists.push(made(service, { [key]: value }));
    }
    for (const list of lists) {
      expect(service.setChannelAttributes(id, loose(list))).toEqual({ code: INVALID, requestId: 0 });
      expect(service.addOrUpdateChannelAttributes(id, loose(list))).toEqual({ code: INVALID, requestId: 0 });
    }
    for (const keys of [null, [], [''], ['good', bytes(33)], ['\x01'], ['\x9f']]) {
      expect(service.deleteChannelAttributesByKeys(id, loose(keys))).toEqual({ code: INVALID, requestId: 0 });
      expect(service.getChannelAttributesByKeys(id, loose(keys))).toEqual({ code: INVALID, requestId: 0 });
    }
    expect(pairs(await read(bot, id))).toEqual(numbered(2));
    expect(bot.events.of('onSetChannelAttributesResult')).toHaveLength(1);
  });
  row('rule.channel-attributes.not-ready', () => {
    for (const [, , call] of calls) {
      expect(call(createRtmService(), 'c')).toEqual({ code: 101, requestId: 0 });
      expect(call(w.client().service, 'c')).toEqual({ code: 102, requestId: 0 });
    }
  });
});

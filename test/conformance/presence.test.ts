import { expect } from 'vitest';
import { createRtmService, type RtmService } from '../../lib/sdk/service.js';
import type { PeerOnlineStatus } from '../../lib/sdk/structs.js';
import { presence as rows } from './rows/presence.js';
import { subject } from './support/subject.js';
import { type Bot, bytes, fresh, world } from './support/world.js';

const w = world();
const hasty = world({ times: { heartbeat: 200, unreachable: 1000, grace: 2500 } });
const loose = (value: unknown) => value as never;

const ONLINE = 0;
const UNREACHABLE = 1;
const OFFLINE = 2;

const Q = 'QUERY_PEERS_ONLINE_STATUS_ERR.QUERY_PEERS_ONLINE_STATUS_ERR_';
const S = 'PEER_SUBSCRIPTION_STATUS_ERR.PEER_SUBSCRIPTION_STATUS_ERR_';
const L = 'QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR.QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_';

const two = () => w.bots(2) as Promise<[Bot, Bot]>;
const many = (count: number) => Array.from({ length: count }, (_, index) => `peer${index}`);

async function query(bot: Bot, ids: string[]): Promise<PeerOnlineStatus[]> {
  const { code, requestId } = bot.service.queryPeersOnlineStatus(ids);
  expect(code).toBe(0);
  const [id, states, result] = await bot.events.take('onQueryPeersOnlineStatusResult');
  expect([id, result]).toEqual([requestId, 0]);
  return states;
}

/** Subscribes or unsubscribes, and waits for the result. */
async function change(bot: Bot, how: 'subscribe' | 'unsubscribe', ids: string[]): Promise<void> {
  const { code, requestId } = bot.service[`${how}PeersOnlineStatus`](ids);
  expect(code).toBe(0);
  expect(await bot.events.take('onSubscriptionRequestResult')).toEqual([requestId, 0]);
}

async function subscribed(bot: Bot): Promise<string[]> {
  const { code, requestId } = bot.service.queryPeersBySubscriptionOption(0);
  expect(code).toBe(0);
  const [id, ids, result] = await bot.events.take('onQueryPeersBySubscriptionOptionResult');
  expect([id, result]).toEqual([requestId, 0]);
  return ids.sort();
}

/** The states of a user that a bot has heard so far. */
const told = (bot: Bot, user: string) =>
  bot.events
    .of('onPeersOnlineStatusChanged')
    .flatMap(([states]) => states as PeerOnlineStatus[])
    .filter(({ peerId }) => peerId === user)
    .map(({ onlineState }) => onlineState as number);

const hears = (bot: Bot, user: string, states: number[]) =>
  bot.events.until(`${user}: ${states}`, () => told(bot, user).join() === states.join());

/** A bot behind a relay that loses its requests of a kind. */
async function unanswered(kind: string, timing: Record<string, number>): Promise<Bot> {
  const via = await w.relay();
  via.lose(kind);
  return w.bot({ via, timing });
}

const calls: [string, (service: RtmService, ids: never) => { code: number; requestId: number }][] = [
  [Q, (service, ids) => service.queryPeersOnlineStatus(ids)],
  [S, (service, ids) => service.subscribePeersOnlineStatus(ids)],
  [S, (service, ids) => service.unsubscribePeersOnlineStatus(ids)],
  [L, (service) => service.queryPeersBySubscriptionOption(0)],
];

subject(rows, (row) => {
  row(
    [
      'IRtmService.queryPeersOnlineStatus',
      'IRtmServiceEventHandler.onQueryPeersOnlineStatusResult',
      'PeerOnlineStatus.peerId',
      'PeerOnlineStatus.isOnline',
      'PeerOnlineStatus.onlineState',
      `${Q}OK`,
    ],
    async () => {
      const [alice, bob] = await two();
      expect(await query(alice, ['zoe', bob.user, 'anna', bob.user])).toEqual([
        { peerId: 'zoe', isOnline: false, onlineState: OFFLINE },
        { peerId: bob.user, isOnline: true, onlineState: ONLINE },
        { peerId: 'anna', isOnline: false, onlineState: OFFLINE },
        { peerId: bob.user, isOnline: true, onlineState: ONLINE },
      ]);
      expect(alice.events.of('onQueryPeersOnlineStatusResult')).toHaveLength(1);
    },
  );
  row(['PEER_ONLINE_STATE.PEER_ONLINE_STATE_ONLINE', 'PEER_ONLINE_STATE.PEER_ONLINE_STATE_OFFLINE'], async () => {
    const [alice, bob] = await two();
    expect((await query(alice, [bob.user]))[0]?.onlineState).toBe(0);
    bob.service.logout();
    await bob.events.take('onLogout');
    expect((await query(alice, [bob.user, 'who never came'])).map((each) => each.onlineState)).toEqual([2, 2]);
  });
  row(
    [
      'IRtmService.subscribePeersOnlineStatus',
      'IRtmServiceEventHandler.onPeersOnlineStatusChanged',
      'IRtmServiceEventHandler.onSubscriptionRequestResult',
      `${S}OK`,
    ],
    async () => {
      const [alice, bob] = await two();
      await change(alice, 'subscribe', [bob.user, 'zoe']);
      await hears(alice, bob.user, [ONLINE]);
      await hears(alice, 'zoe', [OFFLINE]);
      expect(alice.events.names().indexOf('onSubscriptionRequestResult')).toBeLessThan(
        alice.events.names().indexOf('onPeersOnlineStatusChanged'),
      );
      bob.service.logout();
      await hears(alice, bob.user, [ONLINE, OFFLINE]);
      await w.bot({ user: bob.user });
      await hears(alice, bob.user, [ONLINE, OFFLINE, ONLINE]);
    },
  );
  row('IRtmService.unsubscribePeersOnlineStatus', async () => {
    const [alice, bob] = await two();
    await change(alice, 'subscribe', [bob.user]);
    await hears(alice, bob.user, [ONLINE]);
    await change(alice, 'unsubscribe', [bob.user]);
    bob.service.logout();
    await bob.events.take('onLogout');
    await query(alice, [bob.user]); // answered after a notice would have come
    expect(told(alice, bob.user)).toEqual([ONLINE]);
  });
  row(
    [
      'IRtmService.queryPeersBySubscriptionOption',
      'IRtmServiceEventHandler.onQueryPeersBySubscriptionOptionResult',
      'PEER_SUBSCRIPTION_OPTION.PEER_SUBSCRIPTION_OPTION_ONLINE_STATUS',
      `${L}OK`,
    ],
    async () => {
      const alice = await w.bot();
      expect(await subscribed(alice)).toEqual([]);
      await change(alice, 'subscribe', ['a', 'b', 'c']);
      await change(alice, 'unsubscribe', ['b']);
      expect(await subscribed(alice)).toEqual(['a', 'c']);
    },
  );
  row(['PEER_ONLINE_STATE.PEER_ONLINE_STATE_UNREACHABLE', 'limit.unreachable'], async () => {
    const alice = await hasty.bot();
    const via = await hasty.relay();
    const bob = await hasty.bot({ via });
    await change(alice, 'subscribe', [bob.user]);
    await hears(alice, bob.user, [ONLINE]);
    via.hush();
    await hears(alice, bob.user, [ONLINE, UNREACHABLE]);
    const unreachable = alice.events.of('onPeersOnlineStatusChanged').at(-1)?.[0];
    expect(unreachable).toEqual([{ peerId: bob.user, isOnline: false, onlineState: UNREACHABLE }]);
    await hears(alice, bob.user, [ONLINE, UNREACHABLE, OFFLINE]);
  });

  row(`${Q}FAILURE`, async () => {
    const bot = await w.cutOff(async () => undefined);
    const { requestId } = bot.service.queryPeersOnlineStatus(['a']);
    bot.service.logout();
    expect(await bot.events.take('onQueryPeersOnlineStatusResult')).toEqual([requestId, [], 1]);
  });
  row([`${Q}TIMEOUT`, 'limit.timeout.presence'], async () => {
    const bot = await unanswered('PRESENCE_QUERY', { presence_ms: 500 });
    const { requestId } = bot.service.queryPeersOnlineStatus(['a']);
    expect(await bot.events.take('onQueryPeersOnlineStatusResult')).toEqual([requestId, [], 4]);
  });
  row(`${S}FAILURE`, async () => {
    const bot = await w.cutOff(async () => undefined);
    const { requestId } = bot.service.subscribePeersOnlineStatus(['a']);
    bot.service.logout();
    expect(await bot.events.take('onSubscriptionRequestResult')).toEqual([requestId, 1]);
  });
  row(`${S}TIMEOUT`, async () => {
    for (const how of ['subscribe', 'unsubscribe'] as const) {
      const bot = await unanswered(`PRESENCE_${how.toUpperCase()}`, { presence_ms: 500 });
      const { requestId } = bot.service[`${how}PeersOnlineStatus`](['a']);
      expect(await bot.events.take('onSubscriptionRequestResult')).toEqual([requestId, 4]);
    }
  });
  const bad = [null, [], [''], ['null'], ['good', 'b*d'], [bytes(65)], ['a\0b'], ['\ud800']];
  row(`${Q}INVALID_ARGUMENT`, async () => {
    const bot = await w.bot();
    for (const ids of bad) expect(bot.service.queryPeersOnlineStatus(loose(ids))).toEqual({ code: 2, requestId: 0 });
    await query(bot, ['a']);
    expect(bot.events.of('onQueryPeersOnlineStatusResult')).toHaveLength(1);
  });
  row(`${S}INVALID_ARGUMENT`, async () => {
    const bot = await w.bot();
    for (const ids of bad) {
      expect(bot.service.subscribePeersOnlineStatus(loose(ids))).toEqual({ code: 2, requestId: 0 });
      expect(bot.service.unsubscribePeersOnlineStatus(loose(ids))).toEqual({ code: 2, requestId: 0 });
    }
    await change(bot, 'subscribe', ['a']);
    expect(await subscribed(bot)).toEqual(['a']);
    expect(bot.events.of('onSubscriptionRequestResult')).toHaveLength(1);
  });
  row(`${L}FAILURE`, async () => {
    const bot = await w.bot();
    for (const option of [1, -1]) {
      expect(bot.service.queryPeersBySubscriptionOption(loose(option))).toEqual({ code: 1, requestId: 0 });
    }
  });
  const burst = async (index: number, count: number) => {
    const { service } = await w.bot();
    return Array.from({ length: count }, () => calls[index]?.[1](service, loose(['a'])).code);
  };
  row(`${Q}TOO_OFTEN`, async () => expect((await burst(0, 101)).indexOf(5)).toBe(100));
  row(`${S}TOO_OFTEN`, async () => {
    expect((await burst(1, 11)).indexOf(5)).toBe(10);
    expect((await burst(2, 11)).indexOf(5)).toBe(10);
  });
  row(`${L}TOO_OFTEN`, async () => expect((await burst(3, 11)).indexOf(3)).toBe(10));
  for (const prefix of [Q, S, L]) {
    const own = calls.filter(([name]) => name === prefix);
    row(`${prefix}NOT_INITIALIZED`, () => {
      for (const [, call] of own) expect(call(createRtmService(), loose(['a']))).toEqual({ code: 101, requestId: 0 });
    });
    row(`${prefix}USER_NOT_LOGGED_IN`, () => {
      for (const [, call] of own) expect(call(w.client().service, loose(['a']))).toEqual({ code: 102, requestId: 0 });
    });
  }

  row('limit.query-peers.below', async () => expect(await query(await w.bot(), many(255))).toHaveLength(255));
  row('limit.query-peers.at', async () => expect(await query(await w.bot(), many(256))).toHaveLength(256));
  row('limit.query-peers.above', async () => {
    expect((await w.bot()).service.queryPeersOnlineStatus(many(257))).toEqual({ code: 2, requestId: 0 });
  });
  const subscribing = async (count: number) => {
    const bot = await w.bot();
    await change(bot, 'subscribe', many(count));
    expect(await subscribed(bot)).toEqual(many(count).sort());
  };
  row('limit.subscribed.below', () => subscribing(511));
  row('limit.subscribed.at', () => subscribing(512));
  row(['limit.subscribed.above', `${S}OVERFLOW`], async () => {
    const bot = await w.bot();
    expect(bot.service.subscribePeersOnlineStatus(many(513))).toEqual({ code: 6, requestId: 0 });
    expect(await subscribed(bot)).toEqual([]);
  });
  row('limit.subscribed.total', async () => {
    const bot = await w.bot();
    await change(bot, 'subscribe', many(511));
    expect(bot.service.subscribePeersOnlineStatus(['new1', 'new2']).code).toBe(6);
    expect(await subscribed(bot)).toEqual(many(511).sort());
    await change(bot, 'subscribe', ['new1', 'peer1']);
    expect(bot.service.subscribePeersOnlineStatus(['new2']).code).toBe(6);
    expect(await subscribed(bot)).toHaveLength(512);
  });
  row('rule.presence.self', async () => {
    const alice = await w.bot();
    expect((await query(alice, [alice.user]))[0]?.onlineState).toBe(ONLINE);
    await change(alice, 'subscribe', [alice.user]);
    await hears(alice, alice.user, [ONLINE]);
  });
  row('rule.presence.duplicates', async () => {
    const [alice, bob] = await two();
    await change(alice, 'subscribe', [bob.user, bob.user]);
    await change(alice, 'subscribe', [bob.user]);
    expect(await subscribed(alice)).toEqual([bob.user]);
    await change(alice, 'unsubscribe', [bob.user, bob.user]);
    await change(alice, 'unsubscribe', [bob.user]);
    expect(await subscribed(alice)).toEqual([]);
  });
  row('rule.presence.unknown', async () => {
    const alice = await w.bot();
    const user = fresh();
    await change(alice, 'subscribe', [user]);
    await hears(alice, user, [OFFLINE]);
    await w.bot({ user });
    await hears(alice, user, [OFFLINE, ONLINE]);
  });
  row('rule.presence.only-request', async () => {
    const [alice, bob] = await two();
    await change(alice, 'subscribe', [bob.user]);
    await hears(alice, bob.user, [ONLINE]);
    await change(alice, 'subscribe', ['zoe']);
    await hears(alice, 'zoe', [OFFLINE]);
    expect(told(alice, bob.user)).toEqual([ONLINE]);
  });
  row('rule.presence.logout', async () => {
    const [alice, bob] = await two();
    await change(alice, 'subscribe', [bob.user]);
    alice.service.logout();
    await alice.events.take('onLogout');
    alice.service.login(null, alice.user);
    await alice.events.take('onLoginSuccess');
    expect(await subscribed(alice)).toEqual([]);
    bob.service.logout();
    await bob.events.take('onLogout');
    await query(alice, [bob.user]);
    expect(told(alice, bob.user)).not.toContain(OFFLINE);
  });
  row('rule.presence.only-changes', async () => {
    const [alice, bob] = await two();
    await change(alice, 'subscribe', [bob.user]);
    await hears(alice, bob.user, [ONLINE]);
    const again = await w.bot({ user: bob.user }); // takes the place of the first one
    again.service.logout();
    await alice.events.until('OFFLINE at last', () => told(alice, bob.user).at(-1) === OFFLINE);
    const states = told(alice, bob.user);
    expect(states.every((state, index) => state !== states[index - 1])).toBe(true);
  });
});

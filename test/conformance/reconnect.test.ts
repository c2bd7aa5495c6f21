import { expect } from 'vitest';
import type { RtmChannelMember } from '../../lib/sdk/member.js';
import { reconnect as rows } from './rows/connection.js';
import { subject } from './support/subject.js';
import type { WireRelay } from './support/wire-relay.js';
import {
  type Bot,
  fresh,
  joined,
  type Room,
  room,
  staticApp,
  tokenApp,
  tokenFor,
  type World,
  world,
} from './support/world.js';

/** A server with the grace time of SDK 1.5.0, and one that forgets a silent session soon. */
const patient = world();
const forgetful = world({ times: { heartbeat: 200, unreachable: 1000, grace: 2500 } });

const ONLINE = 0;
const UNREACHABLE = 1;
const OFFLINE = 2;

type Timing = Readonly<Record<string, number>>;

async function relayed(w: World, timing: Timing = {}): Promise<{ bot: Bot; via: WireRelay }> {
  const via = await w.relay();
  return { via, bot: await w.bot({ via, timing: { outage_ms: 300, ...timing } }) };
}

/** Makes a request and waits for its outcome. */
async function ask({ service, events, user }: Bot): Promise<void> {
  expect(service.queryPeersOnlineStatus([user]).code).toBe(0);
  await events.take('onQueryPeersOnlineStatusResult');
}

async function lost({ bot, via }: { bot: Bot; via: WireRelay }): Promise<void> {
  const count = bot.events.states().length;
  via.cut();
  await bot.events.until('RECONNECTING', () => bot.events.states().length > count);
}

async function back({ bot, via }: { bot: Bot; via: WireRelay }): Promise<void> {
  const count = bot.events.states().length;
  via.mend();
  await bot.events.until('CONNECTED', () => bot.events.states().length > count);
  expect(bot.events.states().at(-1)).toEqual([3, 2]);
}

const who = (calls: unknown[][]) => calls.map(([member]) => (member as RtmChannelMember).getUserId());
const texts = (calls: unknown[][]) => calls.map(([, message]) => (message as { getText(): string }).getText());

/** Sends texts to a channel, and waits for every result. */
async function say(bot: Bot, { channel, events }: Room, list: string[]): Promise<void> {
  for (const text of list) expect(channel.sendMessage(bot.service.createMessage(text))).toBe(0);
  for (const _ of list) expect((await events.take('onSendMessageResult'))[1]).toBe(0);
}

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `m${index}`);

/** Lets a member miss `count` channel messages; gives the messages that arrive after the reconnect, before a marker. */
async function replayOf(count: number): Promise<string[]> {
  const made = await relayed(patient);
  const other = await patient.bot();
  const id = fresh('c');
  const [mine, theirs] = [await joined(made.bot, id), await joined(other, id)];
  await lost(made);
  await say(other, theirs, numbered(count));
  await back(made);
  await say(other, theirs, ['marker']);
  await mine.events.until('marker', () => texts(mine.events.of('onMessageReceived')).includes('marker'));
  expect(texts(mine.events.of('onMessageReceived')).at(-1)).toBe('marker');
  return texts(mine.events.of('onMessageReceived')).slice(0, -1);
}

async function attributesOf(asker: Bot, user: string): Promise<unknown[]> {
  expect(asker.service.getUserAttributes(user).code).toBe(0);
  const [, , attributes, code] = await asker.events.take('onGetUserAttributesResult');
  return [attributes, code];
}

const presenceOf = (bot: Bot, user: string) =>
  bot.events
    .of('onPeersOnlineStatusChanged')
    .flatMap(([states]) => states as { peerId: string; onlineState: number }[])
    .filter(({ peerId }) => peerId === user)
    .map(({ onlineState }) => onlineState);

async function subscribed(bot: Bot, user: string): Promise<void> {
  expect(bot.service.subscribePeersOnlineStatus([user]).code).toBe(0);
  await bot.events.until('first state', () => presenceOf(bot, user).length === 1);
}

/** Waits until all requests of a bot that gets no answers have timed out. */
async function outlasted({ service, events }: Bot): Promise<void> {
  expect(service.getChannelMemberCount(['c']).code).toBe(0);
  expect((await events.take('onGetChannelMemberCountResult'))[2]).toBe(4);
}

/** A bot whose link is lost until the server ends its session, seen by a member of its channel. */
async function forgotten(prepare: (bot: Bot) => Promise<void> = async () => {}, timing?: Timing) {
  const made = await relayed(forgetful, timing);
  const other = await forgetful.bot();
  const id = fresh('c');
  const [theirs, mine] = [await joined(other, id), await joined(made.bot, id)];
  await prepare(made.bot);
  await subscribed(other, made.bot.user);
  await lost(made);
  await theirs.events.take('onMemberLeft');
  return { ...made, other, theirs, mine };
}

subject(rows, (row) => {
  row(['rule.restore.membership', 'rule.restore.no-duplicate-join', 'rule.timeline.socket'], async () => {
    const made = await relayed(patient);
    const other = await patient.bot();
    const id = fresh('c');
    const [theirs, mine] = [await joined(other, id), await joined(made.bot, id)];
    await theirs.events.take('onMemberJoined');
    await lost(made);
    other.service.queryPeersOnlineStatus([made.bot.user]);
    expect((await other.events.take('onQueryPeersOnlineStatusResult'))[1][0].onlineState).toBe(ONLINE);
    await back(made);
    await say(made.bot, mine, ['here again']);
    await theirs.events.take('onMessageReceived');
    expect(who(theirs.events.of('onMemberJoined'))).toEqual([made.bot.user]);
    expect(theirs.events.of('onMemberLeft')).toEqual([]);
    expect(mine.events.of('onJoinSuccess')).toHaveLength(1);
  });
  row('rule.restore.rejoin', async () => {
    const { bot, via, mine, theirs } = await forgotten();
    await theirs.events.take('onMemberJoined'); // the first join
    await back({ bot, via });
    await theirs.events.take('onMemberJoined');
    expect(who(theirs.events.of('onMemberJoined'))).toEqual([bot.user, bot.user]);
    await say(bot, mine, ['again']);
    expect((await theirs.events.take('onMessageReceived'))[1].getText()).toBe('again');
    expect(mine.events.of('onJoinSuccess')).toHaveLength(1);
    expect(mine.events.of('onLeave')).toEqual([]);
  });
  row('rule.restore.rejoin-again', async () => {
    const { bot, via, mine, theirs } = await forgotten(async () => {}, { request_ms: 300 });
    await theirs.events.take('onMemberJoined'); // the first join
    via.lose('JOIN');
    await back({ bot, via });
    via.lose('MEMBER_COUNTS');
    await outlasted(bot);
    via.cut();
    via.pass('JOIN');
    via.mend();
    await theirs.events.take('onMemberJoined');
    await say(bot, mine, ['again']);
    expect((await theirs.events.take('onMessageReceived'))[1].getText()).toBe('again');
    expect(mine.events.of('onLeave')).toEqual([]);
    expect(mine.events.of('onJoinSuccess')).toHaveLength(1);
  });
  row('rule.restore.rejoin-logout', async () => {
    const { bot, via, mine } = await forgotten();
    via.lose('JOIN_RESULT');
    await back({ bot, via });
    expect(bot.service.logout()).toBe(0);
    await bot.events.take('onLogout');
    expect(mine.events.of('onLeave')).toEqual([]);
  });
  row('rule.restore.left', async () => {
    for (const way of ['leave', 'release'] as const) {
      const made = await relayed(patient, { request_ms: 300 });
      const theirs = await joined(await patient.bot(), fresh('c'));
      const mine = await joined(made.bot, theirs.channel.getId());
      await lost(made);
      mine.channel[way]();
      await outlasted(made.bot);
      expect(mine.events.of('onLeave')).toEqual(way === 'leave' ? [[1]] : []);
      expect(theirs.events.of('onMemberLeft')).toEqual([]);
      await back(made);
      await theirs.events.take('onMemberLeft');
    }
  });
  row('rule.restore.join-timeout', async () => {
    for (const cut of [true, false]) {
      const made = await relayed(patient, { request_ms: 300 });
      const theirs = await joined(await patient.bot(), fresh('c'));
      const mine = room(made.bot, theirs.channel.getId());
      made.via.lose('JOIN_RESULT');
      expect(mine.channel.join()).toBe(0);
      if (cut) {
        await theirs.events.take('onMemberJoined');
        await lost(made);
      }
      expect(await mine.events.take('onJoinFailure')).toEqual([4]);
      if (cut) await outlasted(made.bot);
      made.via.pass('JOIN_RESULT');
      if (cut) await back(made);
      await theirs.events.take('onMemberLeft');
      expect(mine.events.names()).toEqual(['onJoinFailure']);
    }
  });
  row('rule.restore.attributes.kept', async () => {
    const made = await relayed(patient);
    const other = await patient.bot();
    made.bot.service.setLocalUserAttributes([{ key: 'k', value: 'v' }]);
    await made.bot.events.take('onSetLocalUserAttributesResult');
    await lost(made);
    expect(await attributesOf(other, made.bot.user)).toEqual([[{ key: 'k', value: 'v' }], 0]);
    await back(made);
    expect(await attributesOf(other, made.bot.user)).toEqual([[{ key: 'k', value: 'v' }], 0]);
    expect(made.via.count('USER_ATTRIBUTES_WRITE')).toBe(1);
  });
  row('rule.restore.attributes.uploaded', async () => {
    const { bot, via, other, theirs } = await forgotten(async ({ service, events }) => {
      service.setLocalUserAttributes([{ key: 'k', value: 'v' }]);
      service.addOrUpdateLocalUserAttributes([{ key: 'l', value: 'w' }]);
      service.deleteLocalUserAttributesByKeys(['k']);
      await events.take('onDeleteLocalUserAttributesResult');
      // What the user writes to a channel is the channel's.
      const attribute = service.createChannelAttribute();
      attribute.setKey('of the channel');
      attribute.setValue('v');
      service.addOrUpdateChannelAttributes('elsewhere', [attribute]);
      await events.take('onAddOrUpdateChannelAttributesResult');
    });
    await theirs.events.take('onMemberJoined');
    expect(await attributesOf(other, bot.user)).toEqual([[], 6]);
    await back({ bot, via });
    bot.service.queryPeersOnlineStatus([bot.user]);
    await bot.events.take('onQueryPeersOnlineStatusResult'); // answered after what the SDK did by itself
    expect(await attributesOf(other, bot.user)).toEqual([[{ key: 'l', value: 'w' }], 0]);
    expect(bot.events.of('onSetLocalUserAttributesResult')).toHaveLength(1);
  });
  row('rule.restore.attributes.newer', async () => {
    const write = async (bot: Bot, value: string) => {
      expect(bot.service.setLocalUserAttributes([{ key: 'k', value }]).code).toBe(0);
    };
    const { bot, via, other, theirs } = await forgotten(async (bot) => {
      await write(bot, 'older');
      await bot.events.take('onSetLocalUserAttributesResult');
    });
    await theirs.events.take('onMemberJoined');
    await write(bot, 'newer');
    await back({ bot, via });
    expect((await bot.events.take('onSetLocalUserAttributesResult'))[1]).toBe(0);
    await ask(bot); // answered after what the SDK did by itself
    expect(await attributesOf(other, bot.user)).toEqual([[{ key: 'k', value: 'newer' }], 0]);
  });
  row('rule.restore.subscriptions.kept', async () => {
    const made = await relayed(patient);
    const other = await patient.bot();
    await subscribed(made.bot, other.user);
    await lost(made);
    await back(made);
    other.service.logout();
    await made.bot.events.until('OFFLINE', () => presenceOf(made.bot, other.user).length === 2);
    expect(presenceOf(made.bot, other.user)).toEqual([ONLINE, OFFLINE]);
    expect(made.via.count('PRESENCE_SUBSCRIBE')).toBe(1);
  });
  row('rule.restore.subscriptions.renewed', async () => {
    const { bot, via, other } = await forgotten((bot) => subscribed(bot, bot.user));
    await back({ bot, via });
    expect(bot.service.queryPeersBySubscriptionOption(0).code).toBe(0);
    expect((await bot.events.take('onQueryPeersBySubscriptionOptionResult'))[1]).toEqual([bot.user]);
    await other.events.until('ONLINE again', () => presenceOf(other, bot.user).at(-1) === ONLINE);
    expect(bot.events.of('onSubscriptionRequestResult')).toHaveLength(1);
  });
  row('rule.restore.subscriptions.late', async () => {
    const made = await relayed(patient, { presence_ms: 300 });
    const [wanted, unwanted] = (await patient.bots(2)) as [Bot, Bot];
    const { service, events } = made.bot;
    await subscribed(made.bot, unwanted.user);
    await lost(made);
    service.subscribePeersOnlineStatus([wanted.user]);
    service.unsubscribePeersOnlineStatus([unwanted.user]);
    await events.until('both', () => events.of('onSubscriptionRequestResult').length === 3);
    expect(events.of('onSubscriptionRequestResult').map(([, code]) => code)).toEqual([0, 4, 4]);
    const told = made.via.sees('PRESENCE_UNSUBSCRIBE');
    await back(made);
    await told;
    await events.until('first state', () => presenceOf(made.bot, wanted.user).length === 1);
    for (const { service } of [unwanted, wanted]) service.logout();
    await events.until('OFFLINE', () => presenceOf(made.bot, wanted.user).at(-1) === OFFLINE);
    expect(presenceOf(made.bot, unwanted.user)).toEqual([ONLINE]);
  });
  row('rule.restore.presence.missed', async () => {
    const made = await relayed(patient);
    const [stays, leaves] = (await patient.bots(2)) as [Bot, Bot];
    await subscribed(made.bot, stays.user);
    await subscribed(made.bot, leaves.user);
    await lost(made);
    leaves.service.logout();
    await leaves.events.take('onLogout');
    await back(made);
    await made.bot.events.until('OFFLINE', () => presenceOf(made.bot, leaves.user).length === 2);
    expect(presenceOf(made.bot, leaves.user)).toEqual([ONLINE, OFFLINE]);
    expect(presenceOf(made.bot, stays.user)).toEqual([ONLINE]);
  });
  row('rule.restore.member-count', async () => {
    const made = await relayed(patient);
    const { channel, events } = await joined(made.bot, fresh('c'));
    expect(await events.take('onMemberCountUpdated')).toEqual([1]);
    await lost(made);
    const others = await patient.bots(3);
    const rooms = await Promise.all(others.map((bot) => joined(bot, channel.getId())));
    rooms[0]?.channel.leave();
    await rooms[0]?.events.take('onLeave');
    await back(made);
    expect(await events.take('onMemberCountUpdated')).toEqual([3]);
    await lost(made);
    await back(made);
    await ask(made.bot);
    expect(events.of('onMemberCountUpdated')).toEqual([[1], [3]]); // no change, no notice
  });
  row('rule.restore.peer-messages', async () => {
    const made = await relayed(patient);
    const other = await patient.bot();
    await lost(made);
    const list = numbered(100);
    for (const text of list) other.service.sendMessageToPeer(made.bot.user, other.service.createMessage(text));
    await back(made);
    for (const _ of list) expect((await other.events.take('onSendMessageResult'))[1]).toBe(0);
    await made.bot.events.until('all', () => made.bot.events.of('onMessageReceivedFromPeer').length >= list.length);
    expect(texts(made.bot.events.of('onMessageReceivedFromPeer'))).toEqual(list);
    for (const [, message] of made.bot.events.of('onMessageReceivedFromPeer')) {
      expect((message as { isOfflineMessage(): boolean }).isOfflineMessage()).toBe(false);
    }
  });
  row('rule.restore.channel-messages', async () => expect(await replayOf(10)).toEqual(numbered(10)));
  row('limit.replay.below', async () => expect(await replayOf(31)).toEqual(numbered(31)));
  row('limit.replay.at', async () => expect(await replayOf(32)).toEqual(numbered(32)));
  row('limit.replay.above', async () => expect(await replayOf(33)).toEqual(numbered(33).slice(1)));
  row('rule.restore.requests', async () => {
    const made = await relayed(patient);
    const theirs = await joined(await patient.bot(), fresh('c'));
    const mine = room(made.bot, theirs.channel.getId());
    made.via.lose('JOIN_RESULT');
    const seen = made.via.sees('JOIN_RESULT');
    expect(mine.channel.join()).toBe(0);
    await seen; // the server has joined it, and the client does not know
    made.via.pass('JOIN_RESULT');
    await lost(made);
    await back(made);
    await mine.events.take('onJoinSuccess');
    expect(mine.events.of('onJoinSuccess')).toHaveLength(1);
    expect(who(theirs.events.of('onMemberJoined'))).toEqual([made.bot.user]);
  });
  row('rule.restore.own-messages', async () => {
    const made = await relayed(patient);
    const other = await patient.bot();
    made.via.lose('SEND_RESULTS');
    const seen = made.via.sees('SEND_RESULTS');
    const send = (text: string) => {
      expect(made.bot.service.sendMessageToPeer(other.user, made.bot.service.createMessage(text))).toBe(0);
    };
    send('result lost');
    await seen;
    made.via.pass('SEND_RESULTS');
    await lost(made);
    send('while lost');
    await back(made);
    for (let i = 0; i < 2; i++) expect((await made.bot.events.take('onSendMessageResult'))[1]).toBe(0);
    send('afterwards');
    await other.events.until('all', () => texts(other.events.of('onMessageReceivedFromPeer')).includes('afterwards'));
    expect(texts(other.events.of('onMessageReceivedFromPeer'))).toEqual(['result lost', 'while lost', 'afterwards']);
  });

  row('rule.timeline.grace', async () => {
    const { bot, other, theirs } = await forgotten();
    expect(who(theirs.events.of('onMemberLeft'))).toEqual([bot.user]);
    await theirs.events.until('count 1', () => theirs.events.of('onMemberCountUpdated').at(-1)?.[0] === 1);
    await other.events.until('OFFLINE', () => presenceOf(other, bot.user).at(-1) === OFFLINE);
  });
  row('rule.timeline.unreachable', async () => {
    const made = await relayed(forgetful);
    const other = await forgetful.bot();
    await subscribed(other, made.bot.user);
    await lost(made);
    await other.events.until('UNREACHABLE', () => presenceOf(other, made.bot.user).includes(UNREACHABLE));
    await back(made);
    await other.events.until('ONLINE', () => presenceOf(other, made.bot.user).at(-1) === ONLINE);
    expect(presenceOf(other, made.bot.user).slice(0, 2)).toEqual([ONLINE, UNREACHABLE]);
  });

  row(['rule.twice.new-wins', 'rule.twice.left'], async () => {
    const other = await patient.bot();
    const old = await patient.bot();
    const id = fresh('c');
    const [theirs, mine] = [await joined(other, id), await joined(old, id)];
    const recent = await patient.bot({ user: old.user });
    await old.events.until('ABORTED', () => old.events.states().length === 3);
    expect(old.events.states().at(-1)).toEqual([5, 8]);
    expect((await theirs.events.take('onMemberLeft'))[0].getUserId()).toBe(old.user);
    other.service.sendMessageToPeer(old.user, other.service.createMessage('to the newer one'));
    expect((await recent.events.take('onMessageReceivedFromPeer'))[1].getText()).toBe('to the newer one');
    expect(old.events.of('onMessageReceivedFromPeer')).toEqual([]);
    expect(mine.events.of('onLeave')).toEqual([]); // the state says it
  });
  row('rule.twice.fresh', async () => {
    const old = await patient.bot();
    const id = fresh('c');
    await joined(old, id);
    old.service.setLocalUserAttributes([{ key: 'k', value: 'v' }]);
    await old.events.take('onSetLocalUserAttributesResult');
    await subscribed(old, old.user);
    const recent = await patient.bot({ user: old.user });
    recent.service.getChannelMemberCount([id]);
    expect((await recent.events.take('onGetChannelMemberCountResult'))[1]).toEqual([{ channelId: id, count: 0 }]);
    expect(await attributesOf(recent, recent.user)).toEqual([[], 0]);
    recent.service.queryPeersBySubscriptionOption(0);
    expect((await recent.events.take('onQueryPeersBySubscriptionOptionResult'))[1]).toEqual([]);
  });
  row('rule.twice.key', async () => {
    const user = fresh();
    const one = await patient.bot({ appId: staticApp, user });
    const two = await patient.bot({ appId: tokenApp, user, token: tokenFor(user) });
    for (const bot of [one, two]) {
      bot.service.sendMessageToPeer(user, bot.service.createMessage('to myself'));
      await bot.events.take('onMessageReceivedFromPeer');
      expect(bot.events.states()).toHaveLength(2);
      expect(bot.events.of('onMessageReceivedFromPeer')).toHaveLength(1);
    }
  });
});

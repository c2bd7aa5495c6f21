import { expect } from 'vitest';
import type { RtmRemoteCallInvitation } from '../../lib/sdk/invitations.js';
import { rates as rows } from './rows/rates.js';
import { type CallbackName, Events } from './support/events.js';
import { Folder, unknownId } from './support/media.js';
import { subject } from './support/subject.js';
import { type Bot, fresh, joined, type Room, room, world } from './support/world.js';

const w = world();
const free = world({ limits: 'off' });
const brief = world({ limits: { base: 'sdk', rates: { memberCount: { count: 1, perSeconds: 0.2 } } } });
const own = world({
  limits: {
    base: 'off',
    messageBytes: 100,
    queryPeers: 2,
    subscribedPeers: 3,
    countChannels: 4,
    mediaBytes: 5,
    mediaTasks: 1,
    joinedChannels: 2,
    rates: { userAttributesWrite: { count: 1, perSeconds: 3600 } },
  },
});
const small = world({
  limits: {
    base: 'off',
    userAttributes: 3,
    userAttributeKeyBytes: 4,
    userAttributeValueBytes: 10,
    userAttributeBytes: 20,
    channelAttributes: 2,
    channelAttributeKeyBytes: 40, // above the SDK's
    channelAttributeValueBytes: 9000,
    channelAttributeBytes: 0, // what a frame carries
    callContentBytes: 5,
    callResponseBytes: 9000,
  },
});
const folder = new Folder();

interface Group {
  readonly id: string;
  readonly count: number;
  readonly code: number;
  /** The result callback, and whether the channel's handler gets it. */
  readonly callback: CallbackName | undefined;
  /** Makes call number `index`. */
  call(bot: Bot, at: Room, index: number): number | { code: number };
}

const k = [{ key: 'k', value: 'v' }];
const attribute = ({ service }: Bot) => {
  const made = service.createChannelAttribute();
  made.setKey('k');
  made.setValue('v');
  return [made];
};

const groups: Group[] = [
  {
    id: 'send',
    count: 1500,
    code: 5,
    callback: undefined,
    call({ service, user }, { channel }, index) {
      const message = service.createMessage('x');
      const code = index % 2 === 0 ? service.sendMessageToPeer(user, message) : channel.sendMessage(message);
      return code === 3 ? 5 : code; // the same thing in the enumeration of channels
    },
  },
  {
    id: 'join',
    count: 50,
    code: 7,
    callback: undefined,
    call(bot) {
      const { channel } = room(bot, fresh('c'));
      const code = channel.join();
      channel.release(); // before 20 are joined
      return code;
    },
  },
  {
    id: 'members',
    count: 5,
    code: 4,
    callback: 'onGetMembers',
    call: (_bot, { channel }) => channel.getMembers(),
  },
  {
    id: 'member-count',
    count: 1,
    code: 3,
    callback: 'onGetChannelMemberCountResult',
    call: ({ service }) => service.getChannelMemberCount(['c']),
  },
  {
    id: 'presence-query',
    count: 100,
    code: 5,
    callback: 'onQueryPeersOnlineStatusResult',
    call: ({ service }) => service.queryPeersOnlineStatus(['u']),
  },
  {
    id: 'subscribe',
    count: 10,
    code: 5,
    callback: 'onSubscriptionRequestResult',
    call: ({ service }) => service.subscribePeersOnlineStatus(['u']),
  },
  {
    id: 'unsubscribe',
    count: 10,
    code: 5,
    callback: 'onSubscriptionRequestResult',
    call: ({ service }) => service.unsubscribePeersOnlineStatus(['u']),
  },
  {
    id: 'subscription-list',
    count: 10,
    code: 3,
    callback: 'onQueryPeersBySubscriptionOptionResult',
    call: ({ service }) => service.queryPeersBySubscriptionOption(0),
  },
  {
    id: 'user-write',
    count: 100,
    code: 5,
    callback: undefined,
    call: ({ service }, _at, index) =>
      [
        () => service.setLocalUserAttributes(k),
        () => service.addOrUpdateLocalUserAttributes(k),
        () => service.deleteLocalUserAttributesByKeys(['k']),
        () => service.clearLocalUserAttributes(),
      ][index % 4]?.() ?? -1,
  },
  {
    id: 'user-read',
    count: 400,
    code: 5,
    callback: 'onGetUserAttributesResult',
    call: ({ service, user }, _at, index) =>
      index % 2 === 0 ? service.getUserAttributes(user) : service.getUserAttributesByKeys(user, ['k']),
  },
  {
    id: 'channel-write',
    count: 100,
    code: 5,
    callback: undefined,
    call: (bot, { channel }, index) =>
      [
        () => bot.service.setChannelAttributes(channel.getId(), attribute(bot)),
        () => bot.service.addOrUpdateChannelAttributes(channel.getId(), attribute(bot)),
        () => bot.service.deleteChannelAttributesByKeys(channel.getId(), ['k']),
        () => bot.service.clearChannelAttributes(channel.getId()),
      ][index % 4]?.() ?? -1,
  },
  {
    id: 'channel-read',
    count: 400,
    code: 5,
    callback: 'onGetChannelAttributesResult',
    call: ({ service }, { channel }, index) =>
      index % 2 === 0
        ? service.getChannelAttributes(channel.getId())
        : service.getChannelAttributesByKeys(channel.getId(), ['k']),
  },
];
const group = (id: string) => groups.find((each) => each.id === id) as Group;

const codeOf = (result: number | { code: number }) => (typeof result === 'number' ? result : result.code);

/** Makes `count` calls at once; gives the codes. */
function burst(bot: Bot, at: Room, { call }: Group, count: number): number[] {
  return Array.from({ length: count }, (_, index) => codeOf(call(bot, at, index)));
}

/** A channel for the calls; joined, unless the calls are joins. */
const place = (bot: Bot, { id }: Group) => (id === 'join' ? room(bot, fresh('c')) : joined(bot, fresh('c')));

const zeros = (count: number) => Array.from({ length: count }, () => 0);

/** Checks that exactly the accepted calls have results: refused calls sent nothing. */
async function resultsOf(bot: Bot, at: Room, { callback }: Group, count: number): Promise<void> {
  if (callback === undefined) return;
  const events = callback === 'onGetMembers' ? at.events : bot.events;
  await events.until(`${count} results`, () => events.of(callback).length >= count);
  bot.service.logout(); // what was still to come, comes before its result
  await bot.events.take('onLogout');
  expect(events.of(callback)).toHaveLength(count);
}

subject(rows, (row) => {
  for (const each of groups) {
    row(`limit.rate.${each.id}.below`, async () => {
      const bot = await w.bot();
      expect(burst(bot, await place(bot, each), each, each.count - 1)).toEqual(zeros(each.count - 1));
    });
    row(`limit.rate.${each.id}.at`, async () => {
      const bot = await w.bot();
      expect(burst(bot, await place(bot, each), each, each.count)).toEqual(zeros(each.count));
    });
    row(`limit.rate.${each.id}.above`, async () => {
      const bot = await w.bot();
      const at = await place(bot, each);
      expect(burst(bot, at, each, each.count + 2)).toEqual([...zeros(each.count), each.code, each.code]);
      await resultsOf(bot, at, each, each.count);
    });
  }
  const rejoin = async (times: number) => {
    const { channel, events } = room(await w.bot(), fresh('c'));
    const codes: number[] = [];
    for (let i = 0; i < times; i++) {
      codes.push(channel.join());
      if (codes.at(-1) !== 0) continue;
      await events.take('onJoinSuccess');
      channel.leave();
      await events.take('onLeave');
    }
    return codes;
  };
  row('limit.rate.join-same.below', async () => expect(await rejoin(1)).toEqual([0]));
  row('limit.rate.join-same.at', async () => expect(await rejoin(2)).toEqual([0, 0]));
  row('limit.rate.join-same.above', async () => expect(await rejoin(3)).toEqual([0, 0, 8]));

  row('rule.rate.window', async () => {
    const { service, events } = await brief.bot();
    const ask = () => service.getChannelMemberCount(['c']).code;
    for (let round = 0; round < 3; round++) {
      let refused = 0;
      while (ask() !== 0) {
        refused++;
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(refused > 0 || round === 0).toBe(true);
      await events.take('onGetChannelMemberCountResult');
    }
  });
  row('rule.rate.refused', async () => {
    const { service } = await w.bot();
    for (let i = 0; i < 300; i++) {
      expect(service.queryPeersOnlineStatus([]).code).toBe(2);
      expect(service.subscribePeersOnlineStatus(['']).code).toBe(2);
      expect(service.setLocalUserAttributes([]).code).toBe(3);
    }
    expect(service.queryPeersOnlineStatus(['u']).code).toBe(0);
    expect(service.subscribePeersOnlineStatus(['u']).code).toBe(0);
    expect(service.setLocalUserAttributes(k).code).toBe(0);

    // Two limits apply to a join: a join that one limit refuses does not count for the other.
    const bot = await w.bot();
    expect(burst(bot, room(bot, fresh('c')), group('join'), 50)).toEqual(zeros(50));
    const { channel } = room(bot, fresh('c'));
    expect([channel.join(), channel.join(), channel.join()]).toEqual([7, 7, 7]);
  });
  row('rule.rate.apart', async () => {
    const bot = await w.bot();
    const at = await joined(bot, fresh('c'));
    for (const each of groups) expect(codeOf(each.call(bot, at, 0)), each.id).toBe(0);
    burst(bot, at, group('subscribe'), 20);
    burst(bot, at, group('user-write'), 101);
    for (const id of ['unsubscribe', 'user-read', 'channel-write', 'send', 'presence-query']) {
      expect(codeOf(group(id).call(bot, at, 0)), id).toBe(0);
    }
  });
  row('rule.rate.instances', async () => {
    const [one, two] = (await w.bots(2)) as [Bot, Bot];
    const at = await joined(one, fresh('c'));
    expect(burst(one, at, group('subscribe'), 11).at(-1)).toBe(5);
    expect(burst(two, at, group('subscribe'), 10)).toEqual(zeros(10));
  });
  row('rule.rate.unlimited', async () => {
    const bot = await w.bot();
    const at = room(bot, fresh('c'));
    for (let i = 0; i < 500; i++) {
      expect(at.channel.leave()).toBe(3);
      expect(bot.service.setLogFilter(0)).toBe(0);
      bot.service.createMessage('x');
      bot.service.createChannelAttribute();
    }
    expect(bot.service.logout()).toBe(0);
  });
  row('rule.rate.reconnect', async () => {
    const via = await w.relay();
    const bot = await w.bot({ via, timing: { outage_ms: 60_000 } });
    const at = await joined(bot, fresh('c'));
    expect(burst(bot, at, group('user-write'), 100)).toEqual(zeros(100));
    const resumed = via.sees('RESUME_RESULT');
    via.cut();
    via.mend();
    await resumed;
    expect(codeOf(group('user-write').call(bot, at, 0))).toBe(5);
  });
  row('rule.limit.profile', async () => {
    const { service, user, events } = await own.bot();
    const users = (count: number) => Array.from({ length: count }, (_, index) => `u${index}`);
    const text = (size: number) => service.createMessage('x'.repeat(size));
    expect([service.sendMessageToPeer(user, text(100)), service.sendMessageToPeer(user, text(101))]).toEqual([0, 7]);
    expect([2, 3].map((count) => service.queryPeersOnlineStatus(users(count)).code)).toEqual([0, 2]);
    expect([3, 4].map((count) => service.subscribePeersOnlineStatus(users(count)).code)).toEqual([0, 6]);
    expect([4, 5].map((count) => service.getChannelMemberCount(users(count)).code)).toEqual([0, 5]);
    expect([5, 6].map((size) => service.createFileMessageByUploading(folder.sparse(size)).code)).toEqual([0, 4]);
    expect(service.downloadMediaToMemory(unknownId).code).toBe(5); // one task at a time
    await events.take('onFileMediaUploadResult');
    const rooms = [fresh('c'), fresh('c'), fresh('c')].map((id) => room({ service, events }, id).channel);
    expect(rooms.map((channel) => channel.join())).toEqual([0, 0, 5]);
    expect([service.clearLocalUserAttributes().code, service.clearLocalUserAttributes().code]).toEqual([0, 5]);
  });
  row('rule.limit.sizes', async () => {
    const [{ service, events }, callee] = (await small.bots(2)) as [Bot, Bot];
    type Pair = [key: string, value: string];
    const done = async (result: { code: number }, callback: CallbackName) =>
      result.code === 0 ? (await events.take(callback))[1] : `refused with ${result.code}`;
    const x = (size: number) => 'x'.repeat(size);
    const keys = (count: number) => Array.from({ length: count }, (_, index): Pair => [`${index}`, 'v']);

    const user = (...pairs: Pair[]) =>
      done(
        service.setLocalUserAttributes(pairs.map(([key, value]) => ({ key, value }))),
        'onSetLocalUserAttributesResult',
      );
    const userCodes = [];
    for (const count of [2, 3, 4]) userCodes.push(await user(...keys(count)));
    for (const size of [3, 4, 5]) userCodes.push(await user([x(size), 'v']));
    for (const size of [9, 10, 11]) userCodes.push(await user(['k', x(size)]));
    for (const size of [7, 8, 9]) userCodes.push(await user(['a', x(10)], ['b', x(size)]));
    const tooLarge = [0, 0, 'refused with 4'];
    expect(userCodes).toEqual([...tooLarge, 0, 0, 'refused with 3', ...tooLarge, ...tooLarge]);
    expect(service.getUserAttributesByKeys(callee.user, [x(5)]).code).toBe(3);
    // The server finds mistakes that a call alone does not show.
    const more = service.addOrUpdateLocalUserAttributes([{ key: 'c', value: x(1) }]);
    expect(await done(more, 'onAddOrUpdateLocalUserAttributesResult')).toBe(4);

    const id = fresh('c');
    const channel = (...pairs: Pair[]) => {
      const made = pairs.map(([key, value]) => {
        const attribute = service.createChannelAttribute();
        attribute.setKey(key);
        attribute.setValue(value);
        return attribute;
      });
      return done(service.setChannelAttributes(id, made), 'onSetChannelAttributesResult');
    };
    const channelCodes = [];
    for (const count of [1, 2, 3]) channelCodes.push(await channel(...keys(count)));
    for (const size of [39, 40, 41]) channelCodes.push(await channel([x(size), 'v']));
    for (const size of [8999, 9000, 9001]) channelCodes.push(await channel(['k', x(size)]));
    expect(channelCodes).toEqual([...tooLarge, 0, 0, 'refused with 3', ...tooLarge]);

    const mine = new Events();
    const theirs = new Events();
    const calls = service.getRtmCallManager(mine.handler);
    const answering = callee.service.getRtmCallManager(theirs.handler);
    const invite = (size: number) => {
      const invitation = calls?.createLocalCallInvitation(callee.user);
      invitation?.setContent(x(size));
      return invitation && calls?.sendLocalInvitation(invitation);
    };
    expect([invite(6), invite(5), invite(4)]).toEqual([1, 0, 0]);
    const [invitation] = (await theirs.take('onRemoteInvitationReceived')) as [RtmRemoteCallInvitation];
    const accept = (size: number) => {
      invitation.setResponse(x(size));
      return answering?.acceptRemoteInvitation(invitation);
    };
    expect([accept(9001), accept(9000)]).toEqual([1, 0]);
    expect((await mine.take('onLocalInvitationAccepted'))[1]).toBe(x(9000));
  });
  row('rule.rate.policy', async () => {
    const bot = await free.bot();
    const at = await joined(bot, fresh('c'));
    for (const id of ['members', 'member-count', 'subscribe', 'user-write', 'presence-query']) {
      const each = group(id);
      expect(burst(bot, at, each, each.count * 3), id).toEqual(zeros(each.count * 3));
    }
  });
});

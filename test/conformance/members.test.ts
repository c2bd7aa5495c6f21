import { expect } from 'vitest';
import type { RtmChannelMember } from '../../lib/sdk/member.js';
import { createRtmService } from '../../lib/sdk/service.js';
import { memberRows as rows } from './rows/channels.js';
import { subject } from './support/subject.js';
import { type Bot, fresh, joined, type Room, type World, world } from './support/world.js';

const w = world();
const LISTED = 4;
/** A server whose member lists are bounded at 4. */
const narrow = world({ limits: { listedMembers: LISTED } });
const loose = (value: unknown) => value as never;

const who = (members: unknown) => (members as RtmChannelMember[]).map((member) => member.getUserId()).sort();
const users = (bots: Bot[]) => bots.map((bot) => bot.user).sort();

async function listed({ channel, events }: Room): Promise<string[]> {
  expect(channel.getMembers()).toBe(0);
  const [members, code] = await events.take('onGetMembers');
  expect(code).toBe(0);
  return who(members);
}

async function crowd(at: World, count: number, id: string): Promise<{ bots: Bot[]; rooms: Room[] }> {
  const bots: Bot[] = [];
  const rooms: Room[] = [];
  for (let i = 0; i < count; i++) {
    const bot = await at.bot();
    bots.push(bot);
    rooms.push(await joined(bot, id));
  }
  return { bots, rooms };
}

/** With `count` members: whom the first member hears of when the last one joins, and how many members are listed. */
async function around(count: number): Promise<{ told: boolean; listed: number }> {
  const id = fresh('c');
  const { rooms, bots } = await crowd(narrow, count, id);
  const first = rooms[0] as Room;
  const found = (await listed(first)).length; // answered after the notices that were due
  const joinedUsers = first.events.of('onMemberJoined').map(([member]) => (member as RtmChannelMember).getUserId());
  return { told: joinedUsers.includes((bots.at(-1) as Bot).user), listed: found };
}

/** How late a notice may be on a busy machine; the next notice then follows sooner. */
const JITTER_MS = 300;

/** The notices of a member while more users join: the numbers, and the ms between two notices. */
async function notices(at: World, count: number, forMs: number) {
  const id = fresh('c');
  const { bots, rooms } = await crowd(at, count, id);
  const times: number[] = [];
  const { events } = rooms[0] as Room;
  bots[0]?.service.createChannel(id, {
    onMemberCountUpdated(number) {
      times.push(performance.now());
      events.handler.onMemberCountUpdated?.(number);
    },
  });
  for (const end = performance.now() + forMs; performance.now() < end; count++) {
    await joined(await at.bot(), id);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await events.until(`${count}`, () => events.of('onMemberCountUpdated').at(-1)?.[0] === count);
  return times.slice(1).map((time, index) => time - (times[index] as number));
}

async function counts(bot: Bot, ids: string[]): Promise<unknown> {
  const { code, requestId } = bot.service.getChannelMemberCount(ids);
  expect(code).toBe(0);
  const [id, list, result] = await bot.events.take('onGetChannelMemberCountResult');
  expect([id, result]).toEqual([requestId, 0]);
  return list;
}

/** A joined bot behind a relay that loses its requests of a kind. */
async function unanswered(kind: string, timing: Record<string, number>) {
  const via = await w.relay();
  const bot = await w.bot({ via, timing });
  const at = await joined(bot, fresh('c'));
  via.lose(kind);
  return { bot, at };
}

subject(rows, (row) => {
  row(
    [
      'IChannel.getMembers',
      'IChannelEventHandler.onGetMembers',
      'GET_MEMBERS_ERR.GET_MEMBERS_ERR_OK',
      'IChannelMember.getUserId',
      'IChannelMember.getChannelId',
      'IChannelMember.release',
    ],
    async () => {
      const id = fresh('c');
      const { bots, rooms } = await crowd(w, 3, id);
      expect(rooms[0]?.channel.getMembers()).toBe(0);
      const [members, code] = (await rooms[0]!.events.take('onGetMembers')) as [RtmChannelMember[], number];
      expect(code).toBe(0);
      for (const member of members) member.release();
      expect(who(members)).toEqual(users(bots));
      expect(members.map((member) => member.getChannelId())).toEqual([id, id, id]);
      expect(rooms[0]?.events.of('onGetMembers')).toHaveLength(1);
    },
  );
  row('IChannelEventHandler.onMemberJoined', async () => {
    const { bots, rooms } = await crowd(w, 2, fresh('c'));
    const [member] = (await rooms[0]!.events.take('onMemberJoined')) as [RtmChannelMember];
    expect([member.getUserId(), member.getChannelId()]).toEqual([bots[1]?.user, rooms[0]?.channel.getId()]);
    await listed(rooms[1] as Room);
    expect(rooms[1]?.events.of('onMemberJoined')).toEqual([]);
  });
  row('IChannelEventHandler.onMemberLeft', async () => {
    const { bots, rooms } = await crowd(w, 4, fresh('c'));
    const [first, second, third, fourth] = rooms as [Room, Room, Room, Room];
    second.channel.leave();
    expect((await first.events.take('onMemberLeft'))[0].getUserId()).toBe(bots[1]?.user);
    bots[2]?.service.logout();
    expect((await first.events.take('onMemberLeft'))[0].getUserId()).toBe(bots[2]?.user);
    bots[3]?.service.release();
    expect((await first.events.take('onMemberLeft'))[0].getUserId()).toBe(bots[3]?.user);
    expect(await listed(first)).toEqual([bots[0]?.user]);
    for (const { events } of [second, third, fourth]) {
      const own = events.of('onMemberLeft').map(([member]) => (member as RtmChannelMember).getUserId());
      expect(own.filter((user) => user === bots[0]?.user)).toEqual([]);
    }
  });
  row('IChannelEventHandler.onMemberCountUpdated', async () => {
    const id = fresh('c');
    const { rooms, bots } = await crowd(w, 2, id);
    const [first, second] = rooms as [Room, Room];
    expect(await second.events.take('onMemberCountUpdated')).toEqual([2]);
    await first.events.until('2', () => first.events.of('onMemberCountUpdated').at(-1)?.[0] === 2);
    bots[1]?.service.logout();
    await first.events.until('1', () => first.events.of('onMemberCountUpdated').at(-1)?.[0] === 1);
    expect(first.events.of('onMemberCountUpdated')[0]).toEqual([1]);
  });

  row('GET_MEMBERS_ERR.GET_MEMBERS_ERR_FAILURE', async () => {
    const { service, made } = await w.cutOff((bot) => joined(bot, fresh('c')));
    expect(made.channel.getMembers()).toBe(0);
    service.logout();
    expect(await made.events.take('onGetMembers')).toEqual([[], 1]);
  });
  row(['GET_MEMBERS_ERR.GET_MEMBERS_ERR_TIMEOUT', 'limit.timeout.get-members'], async () => {
    const { at } = await unanswered('GET_MEMBERS', { request_ms: 500 });
    expect(at.channel.getMembers()).toBe(0);
    expect(await at.events.take('onGetMembers')).toEqual([[], 3]);
  });
  row('GET_MEMBERS_ERR.GET_MEMBERS_ERR_TOO_OFTEN', async () => {
    const { channel, events } = await joined(await w.bot(), fresh('c'));
    expect(Array.from({ length: 6 }, () => channel.getMembers())).toEqual([0, 0, 0, 0, 0, 4]);
    for (let i = 0; i < 5; i++) await events.take('onGetMembers');
    expect(events.of('onGetMembers')).toHaveLength(5);
  });
  row('GET_MEMBERS_ERR.GET_MEMBERS_ERR_NOT_IN_CHANNEL', async () => {
    const { channel, events } = await joined(await w.bot(), fresh('c'));
    channel.leave();
    await events.take('onLeave');
    expect(channel.getMembers()).toBe(5);
    expect(events.of('onGetMembers')).toEqual([]);
  });
  row('GET_MEMBERS_ERR.GET_MEMBERS_ERR_NOT_INITIALIZED', async () => {
    const bot = await w.bot();
    const { channel } = await joined(bot, fresh('c'));
    bot.service.release();
    expect(channel.getMembers()).toBe(101);
  });
  row('GET_MEMBERS_ERR.GET_MEMBERS_ERR_USER_NOT_LOGGED_IN', () => {
    expect(w.client().service.createChannel(fresh('c'), {})?.getMembers()).toBe(102);
  });
  row('limit.listed.below', async () => expect(await around(LISTED - 1)).toEqual({ told: true, listed: LISTED - 1 }));
  row('limit.listed.at', async () => expect(await around(LISTED)).toEqual({ told: true, listed: LISTED }));
  row('limit.listed.above', async () => expect(await around(LISTED + 1)).toEqual({ told: false, listed: LISTED }));
  row(
    'limit.listed.default',
    async () => {
      const id = fresh('c');
      const bots: Bot[] = [];
      for (let i = 0; i < 513; i += 27) bots.push(...(await w.bots(Math.min(27, 513 - i))));
      const rooms = await Promise.all(bots.map((bot) => joined(bot, id)));
      const found = await listed(rooms[0] as Room);
      expect(new Set(found).size).toBe(512);
      const everybody = new Set(users(bots));
      expect(found.every((user) => everybody.has(user))).toBe(true);
    },
    60_000,
  );
  row('limit.listed.again', async () => {
    const { bots, rooms } = await crowd(narrow, LISTED + 2, fresh('c'));
    const first = rooms[0] as Room;
    const gone = async (index: number) => {
      rooms[index]?.channel.leave();
      await rooms[index]?.events.take('onLeave');
    };
    await gone(LISTED + 1); // still above
    await gone(LISTED); // at the bound again
    await gone(LISTED - 1);
    await listed(first);
    const left = first.events.of('onMemberLeft').map(([member]) => (member as RtmChannelMember).getUserId());
    expect(left).not.toContain(bots[LISTED + 1]?.user);
    expect(left).toContain(bots[LISTED - 1]?.user);
  });
  row('limit.count-notice.small', async () => {
    const spaces = await notices(w, 2, 2500);
    expect(spaces.length).toBeGreaterThanOrEqual(2);
    expect(Math.min(...spaces)).toBeGreaterThan(1000 - JITTER_MS);
  });
  row('limit.count-notice.large', async () => {
    const spaces = await notices(narrow, LISTED + 1, 3500);
    expect(spaces.length).toBeGreaterThanOrEqual(1);
    expect(Math.min(...spaces)).toBeGreaterThan(3000 - JITTER_MS);
  });

  row(
    [
      'IRtmService.getChannelMemberCount',
      'IRtmServiceEventHandler.onGetChannelMemberCountResult',
      'ChannelMemberCount.channelId',
      'ChannelMemberCount.count',
      'GET_CHANNEL_MEMBER_COUNT_ERR_CODE.GET_CHANNEL_MEMBER_COUNT_ERR_OK',
    ],
    async () => {
      const [big, small, none] = [fresh('z'), fresh('a'), fresh('m')];
      await crowd(w, 3, big);
      await crowd(w, 1, small);
      const asked = [big, none, small, big];
      expect(await counts(await w.bot(), asked)).toEqual([
        { channelId: big, count: 3 },
        { channelId: none, count: 0 },
        { channelId: small, count: 1 },
        { channelId: big, count: 3 },
      ]);
    },
  );
  row('GET_CHANNEL_MEMBER_COUNT_ERR_CODE.GET_CHANNEL_MEMBER_COUNT_ERR_FAILURE', async () => {
    const bot = await w.cutOff(async () => undefined);
    const { requestId } = bot.service.getChannelMemberCount(['c']);
    bot.service.logout();
    expect(await bot.events.take('onGetChannelMemberCountResult')).toEqual([requestId, [], 1]);
  });
  row(
    ['GET_CHANNEL_MEMBER_COUNT_ERR_CODE.GET_CHANNEL_MEMBER_COUNT_ERR_TIMEOUT', 'limit.timeout.member-count'],
    async () => {
      const { bot } = await unanswered('GET_MEMBER_COUNTS', { request_ms: 500 });
      const { requestId } = bot.service.getChannelMemberCount(['c']);
      expect(await bot.events.take('onGetChannelMemberCountResult')).toEqual([requestId, [], 4]);
    },
  );
  row('GET_CHANNEL_MEMBER_COUNT_ERR_CODE.GET_CHANNEL_MEMBER_COUNT_ERR_INVALID_ARGUMENT', async () => {
    const bot = await w.bot();
    for (const list of [null, [], [''], ['null'], ['good', 'b*d'], ['a\0b'], ['\ud800']]) {
      expect(bot.service.getChannelMemberCount(loose(list))).toEqual({ code: 2, requestId: 0 });
    }
    await counts(bot, ['c']); // they did not count for the rate, and brought no callback
    expect(bot.events.of('onGetChannelMemberCountResult')).toHaveLength(1);
  });
  row('GET_CHANNEL_MEMBER_COUNT_ERR_CODE.GET_CHANNEL_MEMBER_COUNT_ERR_TOO_OFTEN', async () => {
    const bot = await w.bot();
    expect([bot.service.getChannelMemberCount(['c']).code, bot.service.getChannelMemberCount(['c']).code]).toEqual([
      0, 3,
    ]);
  });
  row('GET_CHANNEL_MEMBER_COUNT_ERR_CODE.GET_CHANNEL_MEMBER_COUNT_ERR_NOT_INITIALIZED', () => {
    expect(createRtmService().getChannelMemberCount(['c'])).toEqual({ code: 101, requestId: 0 });
  });
  row('GET_CHANNEL_MEMBER_COUNT_ERR_CODE.GET_CHANNEL_MEMBER_COUNT_ERR_USER_NOT_LOGGED_IN', () => {
    expect(w.client().service.getChannelMemberCount(['c'])).toEqual({ code: 102, requestId: 0 });
  });
  const many = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`);
  row('limit.count-channels.below', async () => expect(await counts(await w.bot(), many(31))).toHaveLength(31));
  row('limit.count-channels.at', async () => expect(await counts(await w.bot(), many(32))).toHaveLength(32));
  row(
    ['limit.count-channels.above', 'GET_CHANNEL_MEMBER_COUNT_ERR_CODE.GET_CHANNEL_MEMBER_COUNT_ERR_EXCEED_LIMIT'],
    async () => expect((await w.bot()).service.getChannelMemberCount(many(33))).toEqual({ code: 5, requestId: 0 }),
  );
  row('rule.count.joined-only', async () => {
    const bot = await w.bot();
    const id = fresh('c');
    bot.service.getChannelAttributes(id);
    await bot.events.take('onGetChannelAttributesResult');
    bot.service.createChannel(id, {});
    expect(await counts(bot, [id])).toEqual([{ channelId: id, count: 0 }]);
  });
});

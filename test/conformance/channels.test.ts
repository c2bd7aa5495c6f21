import { expect } from 'vitest';
import type { RtmMessage } from '../../lib/sdk/message.js';
import { channels as rows } from './rows/channels.js';
import { subject } from './support/subject.js';
import { type Bot, bytes, fresh, joined, type Room, room, staticApp, world } from './support/world.js';

const w = world();
const loose = (value: unknown) => value as never;
const KB32 = 32 * 1024;

interface Place {
  readonly bot: Bot;
  readonly at: Room;
}

/** `count` users in a channel of their own. */
async function together(count: number, id = fresh('c')): Promise<Place[]> {
  const places: Place[] = [];
  for (let i = 0; i < count; i++) {
    const bot = await w.bot();
    places.push({ bot, at: await joined(bot, id) });
  }
  return places;
}
const two = () => together(2) as Promise<[Place, Place]>;

async function deliver([from, to]: readonly [Place, Place], message: RtmMessage): Promise<RtmMessage> {
  expect(from.at.channel.sendMessage(message)).toBe(0);
  expect(await from.at.events.take('onSendMessageResult')).toEqual([message.getMessageId(), 0]);
  const [sender, received] = await to.at.events.take('onMessageReceived');
  expect(sender).toBe(from.bot.user);
  return received;
}

async function textOf(length: number): Promise<void> {
  const pair = await two();
  const text = bytes(length);
  expect((await deliver(pair, pair[0].bot.service.createMessage(text))).getText()).toBe(text);
}

/** A channel joined through a relay. */
async function behindRelay(timing: Record<string, number> = {}) {
  const via = await w.relay();
  const bot = await w.bot({ via, timing });
  return { via, bot, at: await joined(bot, fresh('c')) };
}

/** Joins channels of an instance until a join is refused; gives the codes. */
async function joinMany(bot: Bot, count: number): Promise<{ codes: number[]; rooms: Room[] }> {
  const rooms = Array.from({ length: count }, () => room(bot, fresh('c')));
  const codes = rooms.map(({ channel }) => channel.join());
  for (const [index, code] of codes.entries()) if (code === 0) await rooms[index]?.events.take('onJoinSuccess');
  return { codes, rooms };
}

/** Gives the code of a send, and checks that no callback follows. */
async function refused(code: number, make: (bot: Bot) => RtmMessage | null): Promise<void> {
  const [{ bot, at }] = (await together(1)) as [Place];
  expect(at.channel.sendMessage(make(bot))).toBe(code);
  const marker = bot.service.createMessage('marker');
  at.channel.sendMessage(marker);
  await at.events.take('onSendMessageResult');
  expect(at.events.of('onSendMessageResult')).toEqual([[marker.getMessageId(), 0]]);
}

subject(rows, (row) => {
  row(['IRtmService.createChannel', 'rule.channel.handler', 'IChannel.getId'], async () => {
    const bot = await w.bot();
    const id = fresh('c');
    const [first, second] = [room(bot, id), room(bot, id)];
    expect(second.channel).toBe(first.channel);
    expect(bot.service.createChannel(id, null)).toBe(first.channel);
    expect(first.channel.getId()).toBe(id);
    first.channel.join();
    await second.events.take('onJoinSuccess');
    expect(first.events.calls).toEqual([]);
  });
  row(['IChannel.join', 'IChannelEventHandler.onJoinSuccess', 'JOIN_CHANNEL_ERR.JOIN_CHANNEL_ERR_OK'], async () => {
    const [a, b] = await two();
    expect((await a.at.events.take('onMemberJoined'))[0].getUserId()).toBe(b.bot.user);
    expect(b.at.events.of('onJoinSuccess')).toHaveLength(1);
    expect(b.at.events.names()[0]).toBe('onJoinSuccess');
  });
  row(['IChannel.leave', 'IChannelEventHandler.onLeave', 'LEAVE_CHANNEL_ERR.LEAVE_CHANNEL_ERR_OK'], async () => {
    const [a, b] = await two();
    expect(b.at.channel.leave()).toBe(0);
    expect(await b.at.events.take('onLeave')).toEqual([0]);
    expect((await a.at.events.take('onMemberLeft'))[0].getUserId()).toBe(b.bot.user);
    expect(b.at.events.of('onLeave')).toHaveLength(1);
    expect(b.at.channel.leave()).toBe(3);
  });
  row(
    [
      'IChannel.sendMessage(message)',
      'IChannelEventHandler.onMessageReceived',
      'IChannelEventHandler.onSendMessageResult',
      'CHANNEL_MESSAGE_ERR_CODE.CHANNEL_MESSAGE_ERR_OK',
      'rule.channel.no-echo',
    ],
    async () => {
      const [a, b, c] = (await together(3)) as [Place, Place, Place];
      const { service } = a.bot;
      const before = Date.now();
      for (const message of [service.createMessage('héllo'), service.createMessage(Buffer.from([0, 1]), 'two')]) {
        const received = [await deliver([a, b], message), (await c.at.events.take('onMessageReceived'))[1]];
        for (const each of received) {
          expect([each.getText(), each.getMessageType()]).toEqual([message.getText(), message.getMessageType()]);
          expect([each.getMessageId(), each.isOfflineMessage()]).toEqual([message.getMessageId(), false]);
          expect(each.getRawMessageData()).toEqual(message.getRawMessageData());
          expect(each.getServerReceivedTs()).toBeGreaterThanOrEqual(before - 1000);
        }
      }
      expect(a.at.events.of('onMessageReceived')).toEqual([]);
      expect(a.at.events.of('onSendMessageResult')).toHaveLength(2);
    },
  );
  row(['IChannel.sendMessage(message, options)', 'rule.channel.options'], async () => {
    const [a, b] = await two();
    const message = a.bot.service.createMessage('x');
    const options = { enableOfflineMessaging: true, enableHistoricalMessaging: true };
    expect(a.at.channel.sendMessage(message, options)).toBe(0);
    expect(await a.at.events.take('onSendMessageResult')).toEqual([message.getMessageId(), 0]);
    expect((await b.at.events.take('onMessageReceived'))[1].isOfflineMessage()).toBe(false);
  });
  row(['IChannel.release', 'rule.channel.released', 'rule.channel.same-object-after-release'], async () => {
    const [a, b] = await two();
    await a.at.events.take('onMemberJoined');
    const id = b.at.channel.getId();
    b.at.channel.release();
    const before = b.at.events.calls.length;
    expect((await a.at.events.take('onMemberLeft'))[0].getUserId()).toBe(b.bot.user);
    expect([b.at.channel.join(), b.at.channel.leave(), b.at.channel.getMembers()]).toEqual([101, 101, 101]);
    expect(b.at.channel.sendMessage(b.bot.service.createMessage('x'))).toBe(101);
    b.at.channel.release();
    expect(b.at.channel.getId()).toBe(id);
    const again = await joined(b.bot, id);
    expect(again.channel).not.toBe(b.at.channel);
    expect(b.at.events.calls).toHaveLength(before);
    expect(b.bot.events.states()).toHaveLength(2);
  });
  row('rule.channel.release-inside', async () => {
    const [a, b] = await two();
    const seen: string[] = [];
    b.bot.service.createChannel(b.at.channel.getId(), {
      onMessageReceived: (_user, message) => {
        seen.push(message.getText());
        b.at.channel.release();
      },
    });
    for (const text of ['first', 'second']) a.at.channel.sendMessage(a.bot.service.createMessage(text));
    await a.at.events.take('onMemberLeft');
    expect(seen).toEqual(['first']);
  });

  row(
    ['IChannelEventHandler.onJoinFailure', 'JOIN_CHANNEL_ERR.JOIN_CHANNEL_TIMEOUT', 'limit.timeout.join'],
    async () => {
      const via = await w.relay();
      via.lose('JOIN');
      const at = room(await w.bot({ via, timing: { request_ms: 500 } }), fresh('c'));
      expect(at.channel.join()).toBe(0);
      expect(await at.events.take('onJoinFailure')).toEqual([4]);
      expect(at.events.names()).toEqual(['onJoinFailure']);
      via.pass('JOIN');
      expect(at.channel.join()).toBe(0);
      await at.events.take('onJoinSuccess');
    },
  );
  row('JOIN_CHANNEL_ERR.JOIN_CHANNEL_ERR_FAILURE', async () => {
    const bot = await w.cutOff(async () => undefined);
    const at = room(bot, fresh('c'));
    at.channel.join();
    bot.service.logout();
    expect(await at.events.take('onJoinFailure')).toEqual([1]);
  });
  row('JOIN_CHANNEL_ERR.JOIN_CHANNEL_ERR_ALREADY_JOINED', async () => {
    const at = room(await w.bot(), fresh('c'));
    expect([at.channel.join(), at.channel.join()]).toEqual([0, 6]);
    await at.events.take('onJoinSuccess');
    expect(at.channel.join()).toBe(6);
  });
  row('JOIN_CHANNEL_ERR.JOIN_CHANNEL_ERR_TOO_OFTEN', async () => {
    const bot = await w.bot();
    const codes: number[] = [];
    for (let i = 0; i < 51; i++) {
      const at = room(bot, fresh('c'));
      codes.push(at.channel.join());
      at.channel.release(); // which leaves room for the next
    }
    expect(codes.indexOf(7)).toBe(50);
  });
  row('JOIN_CHANNEL_ERR.JOIN_CHANNEL_ERR_JOIN_SAME_CHANNEL_TOO_OFTEN', async () => {
    const { channel, events } = await joined(await w.bot(), fresh('c'));
    channel.leave();
    await events.take('onLeave');
    expect(channel.join()).toBe(0);
    await events.take('onJoinSuccess');
    channel.leave();
    await events.take('onLeave');
    expect(channel.join()).toBe(8);
    expect(events.of('onJoinSuccess')).toHaveLength(2);
    expect(events.of('onJoinFailure')).toEqual([]);
  });
  row(
    [
      'JOIN_CHANNEL_ERR.JOIN_CHANNEL_ERR_NOT_INITIALIZED',
      'LEAVE_CHANNEL_ERR.LEAVE_CHANNEL_ERR_NOT_INITIALIZED',
      'CHANNEL_MESSAGE_ERR_CODE.CHANNEL_MESSAGE_ERR_NOT_INITIALIZED',
    ],
    async () => {
      const bot = await w.bot();
      const { channel } = await joined(bot, fresh('c'));
      const message = bot.service.createMessage('x');
      bot.service.release();
      expect([channel.join(), channel.leave(), channel.sendMessage(message)]).toEqual([101, 101, 101]);
    },
  );
  row(
    [
      'JOIN_CHANNEL_ERR.JOIN_CHANNEL_ERR_USER_NOT_LOGGED_IN',
      'LEAVE_CHANNEL_ERR.LEAVE_CHANNEL_ERR_USER_NOT_LOGGED_IN',
      'CHANNEL_MESSAGE_ERR_CODE.CHANNEL_MESSAGE_ERR_USER_NOT_LOGGED_IN',
    ],
    () => {
      const client = w.client();
      const { channel } = room(client, fresh('c'));
      expect([channel.join(), channel.leave()]).toEqual([102, 102]);
      expect(channel.sendMessage(client.service.createMessage('x'))).toBe(102);
    },
  );
  row('LEAVE_CHANNEL_ERR.LEAVE_CHANNEL_ERR_FAILURE', async () => {
    const { via, at } = await behindRelay({ request_ms: 500 });
    via.lose('LEAVE');
    expect(at.channel.leave()).toBe(0);
    expect(await at.events.take('onLeave')).toEqual([1]);
  });
  row('LEAVE_CHANNEL_ERR.LEAVE_CHANNEL_ERR_NOT_IN_CHANNEL', async () => {
    const bot = await w.bot();
    const at = room(bot, fresh('c'));
    expect(at.channel.leave()).toBe(3);
    await joined(bot, fresh('c'));
    expect(at.events.of('onLeave')).toEqual([]);
  });
  row(['LEAVE_CHANNEL_ERR.LEAVE_CHANNEL_ERR_KICKED', 'rule.channel.kick-elsewhere'], async () => {
    const [{ at: other }, { bot, at }] = await two();
    const elsewhere = await joined(bot, fresh('c'));
    expect(await w.server.kickFromChannel(staticApp, at.channel.getId(), bot.user)).toBe(true);
    expect(await at.events.take('onLeave')).toEqual([4]);
    expect((await other.events.take('onMemberLeft'))[0].getUserId()).toBe(bot.user);
    expect([at.channel.leave(), at.channel.getMembers(), elsewhere.channel.getMembers()]).toEqual([3, 5, 0]);
    expect((await elsewhere.events.take('onGetMembers'))[1]).toBe(0);
    expect(elsewhere.events.of('onLeave')).toEqual([]);
    expect(at.channel.join()).toBe(0);
    await at.events.until('joined again', () => at.events.of('onJoinSuccess').length === 2);
  });
  row('CHANNEL_MESSAGE_ERR_CODE.CHANNEL_MESSAGE_ERR_FAILURE', async () => {
    const bot = await w.bot();
    const at = room(bot, fresh('c'));
    const message = bot.service.createMessage('x');
    expect(at.channel.sendMessage(message)).toBe(0);
    expect(await at.events.take('onSendMessageResult')).toEqual([message.getMessageId(), 1]);
  });
  row(['CHANNEL_MESSAGE_ERR_CODE.CHANNEL_MESSAGE_ERR_SENT_TIMEOUT', 'limit.timeout.channel-message'], async () => {
    const { via, bot, at } = await behindRelay({ channel_message_ms: 200 });
    via.lose('CHANNEL_SEND');
    const message = bot.service.createMessage('x');
    expect(at.channel.sendMessage(message)).toBe(0);
    expect(await at.events.take('onSendMessageResult')).toEqual([message.getMessageId(), 2]);
  });
  row('CHANNEL_MESSAGE_ERR_CODE.CHANNEL_MESSAGE_ERR_TOO_OFTEN', async () => {
    const [{ bot, at }] = (await together(1)) as [Place];
    const message = bot.service.createMessage('x');
    expect(bot.service.sendMessageToPeer('nobody', message)).toBe(0); // counts for the same quota
    const codes = Array.from({ length: 1500 }, () => at.channel.sendMessage(message));
    expect(codes.indexOf(3)).toBe(1499);
    await at.events.until('results', () => at.events.of('onSendMessageResult').length >= 1499);
    expect(at.events.of('onSendMessageResult')).toHaveLength(1499);
  });
  row('CHANNEL_MESSAGE_ERR_CODE.CHANNEL_MESSAGE_ERR_INVALID_MESSAGE', async () => {
    await refused(4, () => null);
    await refused(4, ({ service }) => service.createMessage(bytes(KB32 + 1)));
    await refused(4, ({ service }) => service.createMessage('\ud800'));
    await refused(4, ({ service }) => service.createMessage(Buffer.alloc(KB32), 'x'));
  });

  for (const [id, name] of [
    ['least.at', 'Q'],
    ['least.above', 'QZ'],
    ['most.below', bytes(63)],
    ['most.at', bytes(64)],
  ] as const) {
    row(`limit.channel-id.${id}`, async () => {
      const [a, b] = await together(2, name);
      await deliver([a, b] as [Place, Place], (a as Place).bot.service.createMessage('x'));
    });
  }
  row('limit.channel-id.least.below', () => expect(w.client().service.createChannel('', {})).toBeNull());
  row('limit.channel-id.most.above', () => expect(w.client().service.createChannel(bytes(65), {})).toBeNull());
  row('rule.channel-id.forbidden', () => {
    const { service } = w.client();
    for (const id of [null, 'null', 'a"b', "a'b", 'a*b', 'a/b', 'a\\b', 'a`b', 'a\0b', 'a\nb', 'é', '\ud800']) {
      expect(service.createChannel(loose(id), {}), String(id)).toBeNull();
    }
    expect(service.createChannel('abcXYZ09 !#$%&()+-:;<=.>?@[]^_{}|~,', {})).not.toBeNull();
  });
  row('limit.joined.below', async () => {
    expect((await joinMany(await w.bot(), 19)).codes.at(-1)).toBe(0);
  });
  row('limit.joined.at', async () => {
    expect((await joinMany(await w.bot(), 20)).codes.at(-1)).toBe(0);
  });
  row(['limit.joined.above', 'JOIN_CHANNEL_ERR.JOIN_CHANNEL_ERR_EXCEED_LIMIT'], async () => {
    const { codes, rooms } = await joinMany(await w.bot(), 21);
    expect(codes).toEqual([...Array.from({ length: 20 }, () => 0), 5]);
    rooms[0]?.channel.leave();
    await rooms[0]?.events.take('onLeave');
    expect(rooms[20]?.channel.join()).toBe(0);
    await rooms[20]?.events.take('onJoinSuccess');
  });
  row('limit.channel-text.below', () => textOf(KB32 - 1));
  row('limit.channel-text.at', () => textOf(KB32));
  row('limit.channel-text.above', () => refused(4, ({ service }) => service.createMessage(bytes(KB32 + 1))));

  row('rule.channel.created', async () => {
    const bot = await w.bot();
    const made = Array.from({ length: 200 }, () => room(bot, fresh('c')).channel);
    expect(new Set(made).size).toBe(200);
  });
  row('rule.channel.before-login', async () => {
    const { service, events } = w.client();
    const at = room({ service, events }, fresh('c'));
    service.login(null, fresh());
    await events.take('onLoginSuccess');
    expect(at.channel.join()).toBe(0);
    await at.events.take('onJoinSuccess');
  });
  row('rule.channel.rejoin', async () => {
    const [a, b] = await two();
    b.at.channel.leave();
    await b.at.events.take('onLeave');
    expect(b.at.channel.join()).toBe(0);
    await b.at.events.take('onJoinSuccess');
    await deliver([a, b], a.bot.service.createMessage('welcome back'));
  });
  row('rule.channel.order', async () => {
    const [a, b] = await two();
    const made = Array.from({ length: 1000 }, (_, index) => a.bot.service.createMessage(`${index}`));
    for (const message of made) expect(a.at.channel.sendMessage(message)).toBe(0);
    await b.at.events.until('all', () => b.at.events.of('onMessageReceived').length >= made.length);
    const texts = b.at.events.of('onMessageReceived').map(([, message]) => (message as RtmMessage).getText());
    expect(texts).toEqual(made.map((message) => message.getText()));
    await a.at.events.until('results', () => a.at.events.of('onSendMessageResult').length >= made.length);
    expect(a.at.events.of('onSendMessageResult')).toEqual(made.map((message) => [message.getMessageId(), 0]));
  });
  row('rule.channel.leave-ends-pending', async () => {
    const { via, bot, at } = await behindRelay();
    via.lose('CHANNEL_SEND');
    const message = bot.service.createMessage('x');
    at.channel.sendMessage(message);
    at.channel.leave();
    expect(await at.events.take('onSendMessageResult')).toEqual([message.getMessageId(), 2]);
    expect(await at.events.take('onLeave')).toEqual([0]);
  });
  row('rule.channel.logout', async () => {
    const [a, b] = await two();
    b.bot.service.logout();
    await b.bot.events.take('onLogout');
    expect((await a.at.events.take('onMemberLeft'))[0].getUserId()).toBe(b.bot.user);
    expect(b.at.events.of('onLeave')).toEqual([]);
    expect(b.at.channel.getMembers()).toBe(102);
  });
  row(['IChannelEventHandler.onFileMessageReceived', 'IChannelEventHandler.onImageMessageReceived'], async () => {
    const [a, b] = await two();
    const { service } = a.bot;
    for (const [message, name] of [
      [service.createFileMessageByMediaId('some-id'), 'onFileMessageReceived'],
      [service.createImageMessageByMediaId('some-id'), 'onImageMessageReceived'],
    ] as const) {
      expect(a.at.channel.sendMessage(message)).toBe(0);
      expect(await a.at.events.take('onSendMessageResult')).toEqual([message?.getMessageId(), 0]);
      const [sender, received] = await b.at.events.take(name);
      expect([sender, received.getMediaId()]).toEqual([a.bot.user, 'some-id']);
      expect(received.getMessageType()).toBe(message?.getMessageType());
      expect(a.at.events.of(name)).toEqual([]); // no echo
    }
    expect(b.at.events.of('onMessageReceived')).toEqual([]);
  });
});

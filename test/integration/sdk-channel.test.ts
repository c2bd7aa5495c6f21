import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RtmChannelMember } from '../../lib/sdk/member.js';
import type { RtmMessage } from '../../lib/sdk/message.js';
import type { RtmServer } from '../../lib/server/rtm-server.js';
import { joined, newBot, newService, Recorder, startServer } from './sdk-world.js';

let server: RtmServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const userIds = (members: unknown) => (members as RtmChannelMember[]).map((member) => member.getUserId()).sort();

describe('createChannel', () => {
  it('gives one object per id, with the newest handler', async () => {
    const { service, user } = await newBot(server);
    const [first, second] = [new Recorder(), new Recorder()];
    const channel = service.createChannel('one', first.handler);
    expect(channel?.getId()).toBe('one');
    expect(service.createChannel('one', null)).toBe(channel);
    expect(service.createChannel('one', second.handler)).toBe(channel);
    channel?.join();
    await second.next('onJoinSuccess');
    expect(first.calls).toEqual([]);
    channel?.getMembers();
    const [members, code] = await second.next('onGetMembers');
    expect([userIds(members), code]).toEqual([[user], 0]);
    channel?.release();
    expect(service.createChannel('one', null)).not.toBe(channel);
  });

  it.each([null, '', 'null', 'a'.repeat(65), 'räum', 'a\0b', 'a*b'])('refuses the id %j', (id) => {
    const { service } = newService(server);
    expect(service.createChannel(id as string, {})).toBeNull();
  });
});

describe('a channel', () => {
  it('reports its members to each other', async () => {
    const [alice, bob] = await Promise.all([newBot(server), newBot(server)]);
    const a = await joined(alice, 'members');
    const arrival = a.events.next('onMemberJoined');
    const b = await joined(bob, 'members');
    const [member] = (await arrival) as [RtmChannelMember];
    expect([member.getUserId(), member.getChannelId()]).toEqual([bob.user, 'members']);
    await vi.waitFor(() => expect(a.events.calls).toContainEqual(['onMemberCountUpdated', 2]), {
      timeout: 5000, // told at most once a second
    });

    expect(a.channel.getMembers()).toBe(0);
    expect(userIds((await a.events.next('onGetMembers'))[0])).toEqual([alice.user, bob.user].sort());

    const left = a.events.next('onMemberLeft');
    expect(b.channel.leave()).toBe(0);
    expect(await b.events.next('onLeave')).toEqual([0]);
    expect(((await left) as [RtmChannelMember])[0].getUserId()).toBe(bob.user);
  });

  it('carries messages to all others, and the result to the sender', async () => {
    const bots = await Promise.all([newBot(server), newBot(server), newBot(server)]);
    const [a, b, c] = await Promise.all(bots.map((bot) => joined(bot, 'talk')));
    const message = bots[0]!.service.createMessage('héllo');
    const arrivals = Promise.all([b!.events.next('onMessageReceived'), c!.events.next('onMessageReceived')]);
    expect(a!.channel.sendMessage(message)).toBe(0);
    expect(await a!.events.next('onSendMessageResult')).toEqual([message.getMessageId(), 0]);
    for (const [sender, received] of await arrivals) {
      expect(sender).toBe(bots[0]!.user);
      expect((received as RtmMessage).getText()).toBe('héllo');
      expect((received as RtmMessage).getMessageId()).toBe(message.getMessageId());
    }
    expect(a!.events.names()).not.toContain('onMessageReceived');
  });

  it('answers calls out of place with the error values of C++', async () => {
    const bot = await newBot(server);
    const events = new Recorder();
    const channel = bot.service.createChannel('outside', events.handler)!;
    expect(channel.leave()).toBe(3);
    expect(channel.getMembers()).toBe(5);
    expect(channel.sendMessage(null)).toBe(4);
    expect(channel.sendMessage(bot.service.createMessage('\ud800'))).toBe(4);
    channel.join();
    expect(channel.join()).toBe(6);
    await events.next('onJoinSuccess');
    expect(channel.join()).toBe(6);
    const { service } = newService(server);
    const early = service.createChannel('early', {})!;
    expect([early.join(), early.leave(), early.getMembers()]).toEqual([102, 102, 102]);
    expect(early.sendMessage(service.createMessage('x'))).toBe(102);
  });

  it('is left when it is released, and reports nothing any more', async () => {
    const [alice, bob] = await Promise.all([newBot(server), newBot(server)]);
    const a = await joined(alice, 'released');
    const b = await joined(bob, 'released');
    const left = a.events.next('onMemberLeft');
    b.channel.release();
    const calls = b.events.calls.length;
    await left;
    expect(b.channel.join()).toBe(101);
    expect(b.events.calls).toHaveLength(calls);
  });

  it('may be released in a callback of its own', async () => {
    const bot = await newBot(server);
    const released = new Promise<void>((resolve) => {
      const channel = bot.service.createChannel('inside', {
        onJoinSuccess() {
          channel?.release();
          resolve();
        },
        onMemberCountUpdated: () => expect.unreachable(),
      });
      channel?.join();
    });
    await released;
    await new Promise((resolve) => setTimeout(resolve, 50));
  });

  it('delivers 10,000 messages of two senders in the order of each', async () => {
    const count = 5000;
    const bots = await Promise.all([newBot(server), newBot(server), newBot(server)]);
    const [a, b, c] = await Promise.all(bots.map((bot) => joined(bot, 'busy')));
    const seen: Record<string, number[]> = { [bots[0]!.user]: [], [bots[1]!.user]: [] };
    bots[2]!.service.createChannel('busy', {
      onMessageReceived: (user, message) => seen[user]?.push(Number(message.getText())),
    });
    expect(c!.channel.getId()).toBe('busy');
    for (let index = 0; index < count; index++) {
      for (const [bot, side] of [
        [bots[0]!, a!],
        [bots[1]!, b!],
      ] as const) {
        while (side.channel.sendMessage(bot.service.createMessage(`${index}`)) !== 0) {
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      }
    }
    await vi.waitFor(() => expect(Object.values(seen).map((each) => each.length)).toEqual([count, count]), {
      timeout: 25_000,
    });
    for (const order of Object.values(seen)) expect(order.every((each, index) => each === index)).toBe(true);
  });
});

import { expect } from 'vitest';
import type { RtmMessage } from '../../lib/sdk/message.js';
import type { SendMessageOptions } from '../../lib/sdk/structs.js';
import { offline as rows } from './rows/media.js';
import { subject } from './support/subject.js';
import type { WireRelay } from './support/wire-relay.js';
import { type Bot, fresh, joined, world } from './support/world.js';

const w = world({ limits: 'off' });
/** A server that soon forgets silent users. */
const impatient = world({ times: { heartbeat: 200, unreachable: 500, grace: 1500 } });
/** A server that soon forgets stored messages. */
const KEPT_MS = 3000;
const forgetful = world({ retention: { offlineMs: KEPT_MS } });
const stored: SendMessageOptions = { enableOfflineMessaging: true };

const CACHED = 4;
const texts = (bot: Bot) =>
  bot.events.of('onMessageReceivedFromPeer').map(([, message]) => (message as RtmMessage).getText());

/** Sends to a user and gives the code of the result. */
async function send(from: Bot, to: string, message: RtmMessage, options = stored): Promise<unknown> {
  expect(from.service.sendMessageToPeer(to, message, options)).toBe(0);
  const [id, code] = await from.events.take('onSendMessageResult');
  expect(id).toBe(message.getMessageId());
  return code;
}

/** Stores `count` texts for an offline user, and gives the messages that arrive at the login. */
async function kept(count: number): Promise<string[]> {
  const [alice, user] = [await w.bot(), fresh()];
  for (let i = 0; i < count; i++) expect(await send(alice, user, alice.service.createMessage(`m${i}`))).toBe(CACHED);
  const bob = await w.bot({ user });
  expect(await send(alice, user, alice.service.createMessage('marker'))).toBe(0);
  await bob.events.until('marker', () => texts(bob).includes('marker'));
  expect(texts(bob).at(-1)).toBe('marker');
  return texts(bob).slice(0, -1);
}
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `m${index}`);

/** The history of a user behind a relay, queried on the wire because no call of the SDK reads it. */
async function historyOf(via: WireRelay, source: string, destination: string): Promise<string[]> {
  const answer = new Promise<string[]>((resolve) => {
    via.change('HISTORY_RESULT', ({ messages }) => {
      resolve((messages as { text: string }[]).map(({ text }) => text));
      return undefined;
    });
  });
  via.ask('HISTORY_QUERY', { request_id: 900_000, source, destination, start_ms: 0, end_ms: Date.now() + 60_000 });
  return answer;
}

subject(rows, (row) => {
  row(
    ['PEER_MESSAGE_ERR_CODE.PEER_MESSAGE_ERR_CACHED_BY_SERVER', 'SendMessageOptions.enableOfflineMessaging'],
    async () => {
      const [alice, user] = [await w.bot(), fresh()];
      expect(await send(alice, user, alice.service.createMessage('not stored'), {})).toBe(3);
      expect(await send(alice, user, alice.service.createMessage('stored'))).toBe(CACHED);
      const bob = await w.bot({ user });
      const [sender, message] = await bob.events.take('onMessageReceivedFromPeer');
      expect([sender, message.getText(), message.isOfflineMessage()]).toEqual([alice.user, 'stored', true]);
      expect(alice.events.of('onSendMessageResult')).toHaveLength(2); // no later notice
    },
  );
  row('rule.offline.order', async () => {
    const [alice, carol, user] = [await w.bot(), await w.bot(), fresh()];
    for (let i = 0; i < 20; i++) {
      const from = i % 2 === 0 ? alice : carol;
      expect(await send(from, user, from.service.createMessage(`m${i}`))).toBe(CACHED);
    }
    const bob = await w.bot({ user });
    alice.service.sendMessageToPeer(user, alice.service.createMessage('newer'));
    await bob.events.until('newer', () => texts(bob).includes('newer'));
    expect(texts(bob)).toEqual([...numbered(20), 'newer']);
    expect(bob.events.names().indexOf('onLoginSuccess')).toBeLessThan(
      bob.events.names().indexOf('onMessageReceivedFromPeer'),
    );
  });
  row('rule.offline.kinds', async () => {
    const [alice, user] = [await w.bot(), fresh()];
    const { service } = alice;
    const made = [
      service.createMessage('text'),
      service.createMessage(Buffer.from([0, 255])),
      service.createFileMessageByMediaId('a-file') as RtmMessage,
      service.createImageMessageByMediaId('an-image') as RtmMessage,
    ];
    for (const message of made) expect(await send(alice, user, message)).toBe(CACHED);
    const bob = await w.bot({ user });
    await bob.events.take('onImageMessageReceivedFromPeer');
    const arrived = bob.events.calls.filter(([name]) => name.endsWith('ReceivedFromPeer'));
    expect(arrived.map(([name, , message]) => [name, (message as RtmMessage).getMessageId()])).toEqual([
      ['onMessageReceivedFromPeer', made[0]?.getMessageId()],
      ['onMessageReceivedFromPeer', made[1]?.getMessageId()],
      ['onFileMessageReceivedFromPeer', made[2]?.getMessageId()],
      ['onImageMessageReceivedFromPeer', made[3]?.getMessageId()],
    ]);
    for (const [, , message] of arrived) expect((message as RtmMessage).isOfflineMessage()).toBe(true);
  });
  row('rule.offline.silent', async () => {
    const via = await impatient.relay();
    const [alice, hasty] = [await impatient.bot(), await impatient.bot({ timing: { peer_message_ms: 300 } })];
    const bob = await impatient.bot({ via, timing: { outage_ms: 300 } });
    via.cut();
    await bob.events.until('RECONNECTING', () => bob.events.states().length === 3);
    expect(await send(hasty, bob.user, hasty.service.createMessage('timed out'))).toBe(2);
    const codes = await Promise.all([
      send(alice, bob.user, alice.service.createMessage('stored')),
      send(await impatient.bot(), bob.user, alice.service.createMessage('lost'), {}),
    ]);
    expect(codes).toEqual([CACHED, 3]);
    via.mend();
    await bob.events.until('CONNECTED', () => bob.events.states().length === 4);
    expect(await send(alice, bob.user, alice.service.createMessage('marker'))).toBe(0);
    expect(texts(bob)).toEqual(['timed out', 'stored', 'marker']);
    const flags = bob.events.of('onMessageReceivedFromPeer').map(([, each]) => (each as RtmMessage).isOfflineMessage());
    expect(flags).toEqual([true, true, false]);
  });
  row('limit.offline.life', async () => {
    const [alice, user] = [await forgetful.bot(), fresh()];
    expect(await send(alice, user, alice.service.createMessage('m0'))).toBe(CACHED);
    const early = await forgetful.bot({ user });
    expect((await early.events.take('onMessageReceivedFromPeer'))[1].getText()).toBe('m0');
    early.service.logout();
    await early.events.take('onLogout');
    expect(await send(alice, user, alice.service.createMessage('m1'))).toBe(CACHED);
    await new Promise((resolve) => setTimeout(resolve, KEPT_MS + 500));
    const late = await forgetful.bot({ user });
    expect(await send(alice, user, alice.service.createMessage('marker'))).toBe(0);
    expect(texts(late)).toEqual(['marker']);
  });
  row('rule.offline.flag', async () => {
    const [alice, user] = [await w.bot(), fresh()];
    const before = Date.now();
    await send(alice, user, alice.service.createMessage('text 😀'));
    await send(alice, user, alice.service.createMessage(Buffer.from([0, 1, 2]), 'raw'));
    const after = Date.now();
    const bob = await w.bot({ user });
    const found: RtmMessage[] = [];
    for (let i = 0; i < 2; i++) found.push((await bob.events.take('onMessageReceivedFromPeer'))[1]);
    expect(found.map((message) => message.getText())).toEqual(['text 😀', 'raw']);
    expect(found[1]?.getRawMessageData()).toEqual(Buffer.from([0, 1, 2]));
    for (const message of found) {
      expect(message.isOfflineMessage()).toBe(true);
      expect(message.getServerReceivedTs()).toBeGreaterThanOrEqual(before - 1000);
      expect(message.getServerReceivedTs()).toBeLessThanOrEqual(after + 1000);
    }
  });
  row('rule.offline.once', async () => {
    const [alice, user] = [await w.bot(), fresh()];
    await send(alice, user, alice.service.createMessage('once'));
    const bob = await w.bot({ user });
    await bob.events.take('onMessageReceivedFromPeer');
    bob.service.logout();
    await bob.events.take('onLogout');
    const again = await w.bot({ user });
    await send(alice, user, alice.service.createMessage('marker'));
    await again.events.until('marker', () => texts(again).includes('marker'));
    expect(texts(again)).toEqual(['marker']);
  });
  row('rule.offline.online', async () => {
    const [alice, bob] = (await w.bots(2)) as [Bot, Bot];
    expect(await send(alice, bob.user, alice.service.createMessage('now'))).toBe(0);
    expect((await bob.events.take('onMessageReceivedFromPeer'))[1].isOfflineMessage()).toBe(false);
  });
  row('rule.offline.logout', async () => {
    const [alice, user] = [await w.bot(), fresh()];
    await send(alice, user, alice.service.createMessage('m0'));
    alice.service.logout();
    await alice.events.take('onLogout'); // the sender may go as well
    const bob = await w.bot({ user });
    expect((await bob.events.take('onMessageReceivedFromPeer'))[1].getText()).toBe('m0');
  });
  row('limit.offline.below', async () => expect(await kept(199)).toEqual(numbered(199)));
  row('limit.offline.at', async () => expect(await kept(200)).toEqual(numbered(200)));
  row('limit.offline.above', async () => expect(await kept(201)).toEqual(numbered(201).slice(1)));
  row('SendMessageOptions.enableHistoricalMessaging', async () => {
    const via = await w.relay();
    const [alice, bob, id] = [await w.bot({ via }), await w.bot(), fresh('c')];
    const room = await joined(alice, id);
    for (const enableHistoricalMessaging of [true, false]) {
      const options = { enableHistoricalMessaging };
      await send(alice, bob.user, alice.service.createMessage(`peer ${enableHistoricalMessaging}`), options);
      room.channel.sendMessage(alice.service.createMessage(`channel ${enableHistoricalMessaging}`), options);
      expect((await room.events.take('onSendMessageResult'))[1]).toBe(0);
    }
    expect(await historyOf(via, alice.user, bob.user)).toEqual(['peer true']);
    expect(await historyOf(via, alice.user, id)).toEqual(['channel true']);
  });
});

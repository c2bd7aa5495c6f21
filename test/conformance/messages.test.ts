import { expect } from 'vitest';
import { MESSAGE_TYPE } from '../../lib/enums.js';
import type { RtmMessage } from '../../lib/sdk/message.js';
import { createRtmService } from '../../lib/sdk/service.js';
import { messages as rows } from './rows/messages.js';
import { subject } from './support/subject.js';
import { type Bot, bytes, fresh, world } from './support/world.js';

const w = world();
const loose = (value: unknown) => value as never;
const KB32 = 32 * 1024;

const pair = () => w.bots(2) as Promise<[Bot, Bot]>;

/** Sends one message and waits for both ends. */
async function deliver([from, to]: [Bot, Bot], message: RtmMessage): Promise<RtmMessage> {
  expect(from.service.sendMessageToPeer(to.user, message)).toBe(0);
  const [sender, received] = await to.events.take('onMessageReceivedFromPeer');
  expect(sender).toBe(from.user);
  expect(await from.events.take('onSendMessageResult')).toEqual([message.getMessageId(), 0]);
  return received;
}

const sendText = async (text: string) => {
  const bots = await pair();
  return (await deliver(bots, bots[0].service.createMessage(text))).getText();
};
const sendRaw = async (data: Uint8Array, description: string) => {
  const bots = await pair();
  return deliver(bots, bots[0].service.createMessage(data, description));
};

/** Checks that a send is refused with this code, and that only the next message has a result. */
async function refused(code: number, send: (bot: Bot) => number): Promise<void> {
  const bot = await w.bot();
  expect(send(bot)).toBe(code);
  const marker = bot.service.createMessage('marker');
  bot.service.sendMessageToPeer('nobody', marker);
  await bot.events.take('onSendMessageResult');
  expect(bot.events.of('onSendMessageResult')).toEqual([[marker.getMessageId(), 3]]);
}

subject(rows, (row) => {
  row('IRtmService.createMessage()', async () => {
    const bots = await pair();
    const message = bots[0].service.createMessage();
    expect([message.getText(), message.getMessageType()]).toEqual(['', 1]);
    expect((await deliver(bots, message)).getText()).toBe('');
  });
  row(['IRtmService.createMessage(message)', 'MESSAGE_TYPE.MESSAGE_TYPE_TEXT'], async () => {
    const bots = await pair();
    const received = await deliver(bots, bots[0].service.createMessage('hello'));
    expect([received.getText(), received.getMessageType()]).toEqual(['hello', MESSAGE_TYPE.MESSAGE_TYPE_TEXT]);
    expect(received.getRawMessageData()).toBeNull();
  });
  row(['IRtmService.createMessage(rawData, length)', 'MESSAGE_TYPE.MESSAGE_TYPE_RAW'], async () => {
    const bots = await pair();
    const data = Buffer.from('before');
    const message = bots[0].service.createMessage(data);
    data.write('after!');
    const received = await deliver(bots, message);
    expect(received.getMessageType()).toBe(MESSAGE_TYPE.MESSAGE_TYPE_RAW);
    expect([received.getRawMessageData()?.toString(), received.getText()]).toEqual(['before', '']);
  });
  row('IRtmService.createMessage(rawData, length, description)', async () => {
    const received = await sendRaw(Buffer.from([1, 2, 3]), 'three bytes');
    expect([received.getRawMessageLength(), received.getText()]).toEqual([3, 'three bytes']);
    expect((await sendRaw(Buffer.from([1]), '')).getText()).toBe('');
  });
  row(
    [
      'IRtmService.sendMessageToPeer(peerId, message)',
      'IRtmServiceEventHandler.onMessageReceivedFromPeer',
      'PEER_MESSAGE_ERR_CODE.PEER_MESSAGE_ERR_OK',
    ],
    async () => {
      const bots = await pair();
      await deliver(bots, bots[0].service.createMessage('text'));
      await deliver(bots, bots[0].service.createMessage(Buffer.from('raw')));
      expect(bots[1].events.of('onMessageReceivedFromPeer')).toHaveLength(2);
    },
  );
  row(
    ['IRtmService.sendMessageToPeer(peerId, message, options)', 'IRtmServiceEventHandler.onSendMessageResult'],
    async () => {
      const [alice, bob] = await pair();
      const message = alice.service.createMessage('x');
      const options = { enableOfflineMessaging: false, enableHistoricalMessaging: true };
      expect(alice.service.sendMessageToPeer(bob.user, message, options)).toBe(0);
      expect(await alice.events.take('onSendMessageResult')).toEqual([message.getMessageId(), 0]);
      expect(alice.events.of('onSendMessageResult')).toHaveLength(1);
    },
  );

  row('IMessage.getMessageId', async () => {
    const bots = await pair();
    const made = Array.from({ length: 100 }, () => bots[0].service.createMessage('x').getMessageId());
    expect(new Set(made).size).toBe(100);
    expect(made.every((id) => Number.isSafeInteger(id) && id > 0)).toBe(true);
    const message = bots[0].service.createMessage('x');
    const id = message.getMessageId();
    message.setText('y');
    expect((await deliver(bots, message)).getMessageId()).toBe(id);
    expect(message.getMessageId()).toBe(id);
  });
  row('IMessage.getMessageType', async () => {
    const bots = await pair();
    for (const message of [bots[0].service.createMessage('x'), bots[0].service.createMessage(Buffer.alloc(1))]) {
      expect((await deliver(bots, message)).getMessageType()).toBe(message.getMessageType());
    }
  });
  row('IMessage.setText', async () => {
    const bots = await pair();
    const [text, raw] = [bots[0].service.createMessage('old'), bots[0].service.createMessage(Buffer.alloc(1), 'old')];
    for (const message of [text, raw]) {
      message.setText('new');
      expect((await deliver(bots, message)).getText()).toBe('new');
    }
    text.setText(bytes(KB32 + 1));
    expect(text.getText()).toHaveLength(KB32 + 1);
    expect(bots[0].service.sendMessageToPeer(bots[1].user, text)).toBe(7);
  });
  row('IMessage.getText', async () => {
    expect(await sendText('text')).toBe('text');
    expect((await sendRaw(Buffer.alloc(2), '')).getText()).toBe('');
    expect(createRtmService().createMessage().getText()).toBe('');
  });
  row(['IMessage.getRawMessageData', 'IMessage.getRawMessageLength'], async () => {
    const bots = await pair();
    const text = bots[0].service.createMessage('text');
    const raw = bots[0].service.createMessage(Buffer.from('raw'));
    for (const message of [text, await deliver(bots, text)]) {
      expect([message.getRawMessageData(), message.getRawMessageLength()]).toEqual([null, 0]);
    }
    for (const message of [raw, await deliver(bots, raw)]) {
      expect([message.getRawMessageData()?.toString(), message.getRawMessageLength()]).toEqual(['raw', 3]);
    }
  });
  row(['IMessage.getServerReceivedTs', 'IMessage.isOfflineMessage'], async () => {
    const bots = await pair();
    const message = bots[0].service.createMessage('x');
    const before = Date.now();
    const received = await deliver(bots, message);
    expect([message.getServerReceivedTs(), message.isOfflineMessage()]).toEqual([0, false]);
    expect(received.getServerReceivedTs()).toBeGreaterThanOrEqual(before - 1000);
    expect(received.getServerReceivedTs()).toBeLessThanOrEqual(Date.now() + 1000);
    expect(received.isOfflineMessage()).toBe(false);
  });
  row('IMessage.release', async () => {
    const [alice, bob] = await pair();
    const message = alice.service.createMessage('released');
    alice.service.sendMessageToPeer(bob.user, message);
    message.release();
    const [, received] = await bob.events.take('onMessageReceivedFromPeer');
    expect(received.getText()).toBe('released');
    received.release();
  });

  row('PEER_MESSAGE_ERR_CODE.PEER_MESSAGE_ERR_FAILURE', async () => {
    const bot = await w.cutOff(async () => undefined);
    const message = bot.service.createMessage('x');
    bot.service.sendMessageToPeer('nobody', message);
    bot.service.logout();
    expect(await bot.events.take('onSendMessageResult')).toEqual([message.getMessageId(), 1]);
  });
  row(
    ['PEER_MESSAGE_ERR_CODE.PEER_MESSAGE_ERR_SENT_TIMEOUT', 'limit.timeout.peer-message', 'rule.message.late'],
    async () => {
      const via = await w.relay();
      const alice = await w.bot({ timing: { peer_message_ms: 200 } });
      const bob = await w.bot({ via, timing: { outage_ms: 300 } });
      via.cut();
      await bob.events.until('RECONNECTING', () => bob.events.states().length === 3);
      const message = alice.service.createMessage('late');
      expect(alice.service.sendMessageToPeer(bob.user, message)).toBe(0);
      expect(await alice.events.take('onSendMessageResult')).toEqual([message.getMessageId(), 2]);
      via.mend();
      expect((await bob.events.take('onMessageReceivedFromPeer'))[1].getText()).toBe('late');
      expect(alice.events.of('onSendMessageResult')).toHaveLength(1);
    },
  );
  row('PEER_MESSAGE_ERR_CODE.PEER_MESSAGE_ERR_PEER_UNREACHABLE', async () => {
    const [alice, bob] = await pair();
    bob.service.logout();
    await bob.events.take('onLogout');
    for (const user of [bob.user, 'who never existed']) {
      const message = alice.service.createMessage('x');
      expect(alice.service.sendMessageToPeer(user, message)).toBe(0);
      expect(await alice.events.take('onSendMessageResult')).toEqual([message.getMessageId(), 3]);
    }
    const again = await w.bot({ user: bob.user });
    alice.service.sendMessageToPeer(bob.user, alice.service.createMessage('marker'));
    expect((await again.events.take('onMessageReceivedFromPeer'))[1].getText()).toBe('marker');
  });
  row('PEER_MESSAGE_ERR_CODE.PEER_MESSAGE_ERR_TOO_OFTEN', async () => {
    const { service, events } = await w.bot();
    const message = service.createMessage('x');
    expect(service.sendMessageToPeer('', message)).toBe(6); // refused calls do not count
    const codes = Array.from({ length: 1501 }, () => service.sendMessageToPeer('nobody', message));
    expect(codes.indexOf(5)).toBe(1500);
    await events.until('results', () => events.of('onSendMessageResult').length >= 1500);
    expect(events.of('onSendMessageResult')).toHaveLength(1500);
  });
  row('PEER_MESSAGE_ERR_CODE.PEER_MESSAGE_ERR_INVALID_USERID', async () => {
    for (const id of [null, '', 'null', bytes(65), 'é', 'a\0b', '\ud800', 'a/b']) {
      await refused(6, ({ service }) => service.sendMessageToPeer(loose(id), service.createMessage('x')));
    }
  });
  row('PEER_MESSAGE_ERR_CODE.PEER_MESSAGE_ERR_INVALID_MESSAGE', async () => {
    await refused(7, ({ service }) => service.sendMessageToPeer('peer', null));
    for (const text of [bytes(KB32 + 1), bytes(1024 * 1024), 'a\ud800', '\udc00']) {
      await refused(7, ({ service }) => service.sendMessageToPeer('peer', service.createMessage(text)));
    }
    await refused(7, ({ service }) =>
      service.sendMessageToPeer('peer', service.createMessage(Buffer.alloc(1), '\ud800')),
    );
  });
  row('PEER_MESSAGE_ERR_CODE.PEER_MESSAGE_ERR_NOT_INITIALIZED', () => {
    const service = createRtmService();
    expect(service.sendMessageToPeer('peer', service.createMessage('x'))).toBe(101);
  });
  row('PEER_MESSAGE_ERR_CODE.PEER_MESSAGE_ERR_USER_NOT_LOGGED_IN', async () => {
    const via = await w.relay();
    via.lose('LOGIN');
    const { service } = w.client({ via });
    expect(service.sendMessageToPeer('peer', service.createMessage('x'))).toBe(102);
    service.login(null, fresh());
    expect(service.sendMessageToPeer('peer', service.createMessage('x'))).toBe(102);
  });

  row('limit.message.text.below', async () => expect(await sendText(bytes(KB32 - 1))).toBe(bytes(KB32 - 1)));
  row('limit.message.text.at', async () => expect(await sendText(bytes(KB32))).toBe(bytes(KB32)));
  row('limit.message.text.above', () =>
    refused(7, ({ service }) => service.sendMessageToPeer('peer', service.createMessage(bytes(KB32 + 1)))),
  );
  const raw = async (total: number) => {
    const received = await sendRaw(Buffer.alloc(total - 5, 7), 'bytes');
    expect([received.getRawMessageLength(), received.getText()]).toEqual([total - 5, 'bytes']);
  };
  row('limit.message.raw.below', () => raw(KB32 - 1));
  row('limit.message.raw.at', () => raw(KB32));
  row('limit.message.raw.above', async () => {
    for (const [data, text] of [
      [KB32 - 4, 'bytes'],
      [KB32 + 1, ''],
      [0, bytes(KB32 + 1)],
    ] as const) {
      await refused(7, ({ service }) =>
        service.sendMessageToPeer('peer', service.createMessage(Buffer.alloc(data), text)),
      );
    }
  });
  row('limit.message.utf8', async () => {
    const text = 'é'.repeat(KB32 / 2);
    expect(await sendText(text)).toBe(text);
    await refused(7, ({ service }) => service.sendMessageToPeer('peer', service.createMessage(`${text}x`)));
  });
  row('limit.message.empty', async () => {
    expect(await sendText('')).toBe('');
    expect((await sendRaw(Buffer.alloc(0), '')).getRawMessageLength()).toBe(0);
  });
  const toPeer = (length: number) => async () => {
    const { service, events } = await w.bot();
    expect(service.sendMessageToPeer(bytes(length), service.createMessage('x'))).toBe(0);
    expect((await events.take('onSendMessageResult'))[1]).toBe(3);
  };
  row('limit.peer-id.below', toPeer(63));
  row('limit.peer-id.at', toPeer(64));
  row('limit.peer-id.above', () =>
    refused(6, ({ service }) => service.sendMessageToPeer(bytes(65), service.createMessage('x'))),
  );

  row('rule.message.unicode', async () => {
    for (const text of ['Grüße', '你好', '👩‍👩‍👧😀🇩🇪', 'a\0b', '\u202e\ufffd\u{10ffff}', ' \t\r\n']) {
      expect(await sendText(text)).toBe(text);
    }
  });
  row('rule.message.bytes', async () => {
    const data = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));
    expect((await sendRaw(data, 'all bytes')).getRawMessageData()?.equals(data)).toBe(true);
  });
  row('rule.message.reuse', async () => {
    const bots = await pair();
    const message = bots[0].service.createMessage('twice');
    const [first, second] = [await deliver(bots, message), await deliver(bots, message)];
    expect(first.getMessageId()).toBe(second.getMessageId());
  });
  row(['rule.message.order', 'rule.message.one-result'], async () => {
    const [alice, bob] = await pair();
    const made = Array.from({ length: 1000 }, (_, index) => alice.service.createMessage(`${index}`));
    for (const message of made) expect(alice.service.sendMessageToPeer(bob.user, message)).toBe(0);
    expect(alice.service.sendMessageToPeer(bob.user, null)).toBe(7);
    await alice.events.until('results', () => alice.events.of('onSendMessageResult').length >= made.length);
    expect(alice.events.of('onSendMessageResult')).toEqual(made.map((message) => [message.getMessageId(), 0]));
    const texts = bob.events.of('onMessageReceivedFromPeer').map(([, message]) => (message as RtmMessage).getText());
    expect(texts).toEqual(made.map((message) => message.getText()));
  });
  row('rule.message.self', async () => {
    const alice = await w.bot();
    await deliver([alice, alice], alice.service.createMessage('to myself'));
  });
  row('rule.message.end-call', async () => {
    const text = 'AgoraRTMLegacyEndcallCompatibleMessagePrefix_room_';
    expect(await sendText(text)).toBe(text);
  });
  row('rule.message.kept', async () => {
    const bots = await pair();
    const kept = await deliver(bots, bots[0].service.createMessage(Buffer.from('keep'), 'me'));
    for (let i = 0; i < 50; i++) await deliver(bots, bots[0].service.createMessage(Buffer.alloc(9000, i), `${i}`));
    expect([kept.getRawMessageData()?.toString(), kept.getText()]).toEqual(['keep', 'me']);
  });
  row(['MESSAGE_TYPE.MESSAGE_TYPE_FILE', 'MESSAGE_TYPE.MESSAGE_TYPE_IMAGE'], async () => {
    const [alice, bob] = await pair();
    for (const [message, name, type] of [
      [alice.service.createFileMessageByMediaId('id'), 'onFileMessageReceivedFromPeer', MESSAGE_TYPE.MESSAGE_TYPE_FILE],
      [
        alice.service.createImageMessageByMediaId('id'),
        'onImageMessageReceivedFromPeer',
        MESSAGE_TYPE.MESSAGE_TYPE_IMAGE,
      ],
    ] as const) {
      expect(message?.getMessageType()).toBe(type);
      expect(alice.service.sendMessageToPeer(bob.user, message)).toBe(0);
      expect((await bob.events.take(name))[1].getMessageType()).toBe(type);
    }
  });
  row('PEER_MESSAGE_ERR_CODE.PEER_MESSAGE_ERR_IMCOMPATIBLE_MESSAGE', async () => {
    const via = await w.relay();
    via.change('HELLO', (hello) => ({ ...hello, capabilities: Number(hello['capabilities']) & ~2 }));
    const [alice, old] = [await w.bot(), await w.bot({ via })];
    const message = alice.service.createFileMessageByMediaId('id') as RtmMessage;
    expect(alice.service.sendMessageToPeer(old.user, message)).toBe(0);
    expect(await alice.events.take('onSendMessageResult')).toEqual([message.getMessageId(), 8]);
    await deliver([alice, old], alice.service.createMessage('a text goes'));
    expect(old.events.of('onFileMessageReceivedFromPeer')).toEqual([]);
  });
});

import { expect } from 'vitest';
import { type IFileMessage, type IImageMessage, RtmFileMessage, RtmImageMessage } from '../../lib/sdk/media-message.js';
import { createRtmService } from '../../lib/sdk/service.js';
import { mediaMessages as rows } from './rows/media.js';
import { downloaded, Folder, unknownId, uploaded, uploadedImage } from './support/media.js';
import { subject } from './support/subject.js';
import { type Bot, bytes, fresh, joined, world } from './support/world.js';

const w = world();
const folder = new Folder();
const loose = (value: unknown) => value as never;
const KB32 = 32 * 1024;
const pair = () => w.bots(2) as Promise<[Bot, Bot]>;

/** Sends a file or image message and gives the message that arrives. */
async function deliver<M extends IFileMessage | IImageMessage>([from, to]: [Bot, Bot], message: M): Promise<M> {
  const image = message instanceof RtmImageMessage;
  expect(from.service.sendMessageToPeer(to.user, message)).toBe(0);
  expect(await from.events.take('onSendMessageResult')).toEqual([message.getMessageId(), 0]);
  const name = image ? 'onImageMessageReceivedFromPeer' : 'onFileMessageReceivedFromPeer';
  const [sender, received] = await to.events.take(name);
  expect(sender).toBe(from.user);
  expect(received.getMessageId()).toBe(message.getMessageId());
  return received;
}

const file = (bot: Bot, mediaId = unknownId) => bot.service.createFileMessageByMediaId(mediaId) as RtmFileMessage;
const image = (bot: Bot, mediaId = unknownId) => bot.service.createImageMessageByMediaId(mediaId) as RtmImageMessage;
const kinds = [
  { name: 'IFileMessage', make: file, upload: uploaded },
  { name: 'IImageMessage', make: image, upload: uploadedImage },
];

/** Text, name and thumbnail with `size` bytes in all, to send as a file and as an image. */
function filled<M extends IFileMessage | IImageMessage>(message: M, size: number): M {
  const name = 'é'.repeat(100);
  message.setText(bytes(1000));
  message.setFileName(name);
  message.setThumbnail(Buffer.alloc(size - 1000 - Buffer.byteLength(name), 7));
  return message;
}
async function ofSize(size: number): Promise<void> {
  const bots = await pair();
  for (const { make } of kinds) {
    const sent = filled(make(bots[0]), size);
    const received = await deliver(bots, sent);
    expect([received.getText(), received.getFileName()]).toEqual([sent.getText(), sent.getFileName()]);
    expect(received.getThumbnailData().equals(sent.getThumbnailData())).toBe(true);
  }
}

/** Heads of images of 300 × 200 pixels; the SDK reads no more of an image. */
const jpeg = Buffer.from('ffd8ffe000040000ffc000110800c8012c03012200021101031101', 'hex');
const png = Buffer.from('89504e470d0a1a0a0000000d494844520000012c000000c80802000000', 'hex');
const bmp = Buffer.alloc(54);
bmp.write('BM');
bmp.writeUInt32LE(40, 14);
bmp.writeInt32LE(300, 18);
bmp.writeInt32LE(200, 22);
const gif = Buffer.from('47494638396100012c01c8', 'hex');

subject(rows, (row) => {
  row('IRtmService.createFileMessageByMediaId', async () => {
    const bot = await w.bot();
    const message = file(bot);
    expect(message).toBeInstanceOf(RtmFileMessage);
    expect([message.getMediaId(), message.getSize(), message.getMessageType()]).toEqual([unknownId, 0, 3]);
    expect([message.getText(), message.getFileName(), message.getThumbnailLength()]).toEqual(['', '', 0]);
    expect(message.getMessageId()).not.toBe(file(bot).getMessageId());
    for (const id of [null, '', 'with space', 'ä', 'x'.repeat(257)]) expect(file(bot, loose(id))).toBeNull();
    for (const service of [createRtmService(), w.client().service]) {
      expect(service.createFileMessageByMediaId(unknownId)).toBeNull();
    }
  });
  row('IRtmService.createImageMessageByMediaId', async () => {
    const bot = await w.bot();
    const message = image(bot);
    expect(message).toBeInstanceOf(RtmImageMessage);
    expect([message.getMediaId(), message.getSize(), message.getMessageType()]).toEqual([unknownId, 0, 4]);
    expect([message.getWidth(), message.getHeight(), message.getFileName()]).toEqual([0, 0, '']);
    expect(message.getMessageId()).not.toBe(image(bot).getMessageId());
    for (const id of [null, '', 'with space', 'ä', 'x'.repeat(257)]) expect(image(bot, loose(id))).toBeNull();
    for (const service of [createRtmService(), w.client().service]) {
      expect(service.createImageMessageByMediaId(unknownId)).toBeNull();
    }
  });
  row('IRtmServiceEventHandler.onFileMessageReceivedFromPeer', async () => {
    const bots = await pair();
    const received = await deliver(bots, file(bots[0]));
    expect(received).toBeInstanceOf(RtmFileMessage);
    expect(received.getServerReceivedTs()).toBeGreaterThan(0);
    const others = ['onMessageReceivedFromPeer', 'onImageMessageReceivedFromPeer'] as const;
    expect(others.flatMap((name) => bots[1].events.of(name))).toEqual([]);
  });
  row('IRtmServiceEventHandler.onImageMessageReceivedFromPeer', async () => {
    const bots = await pair();
    const received = await deliver(bots, image(bots[0]));
    expect(received).toBeInstanceOf(RtmImageMessage);
    expect(received.getServerReceivedTs()).toBeGreaterThan(0);
    const others = ['onMessageReceivedFromPeer', 'onFileMessageReceivedFromPeer'] as const;
    expect(others.flatMap((name) => bots[1].events.of(name))).toEqual([]);
  });

  for (const { name, make, upload } of kinds) {
    row([`${name}.getSize`, `${name}.getMediaId`], async () => {
      const bots = await pair();
      const content = Buffer.alloc(12_345, name);
      const sent = await upload(bots[0], folder.file(content));
      expect(sent.getSize()).toBe(12_345);
      const received = await deliver(bots, sent);
      expect([received.getSize(), received.getMediaId()]).toEqual([12_345, sent.getMediaId()]);
      expect((await downloaded(bots[1], received.getMediaId())).equals(content)).toBe(true);
    });
    row([`${name}.setThumbnail`, `${name}.getThumbnailData`, `${name}.getThumbnailLength`], async () => {
      const bots = await pair();
      const sent = make(bots[0]);
      expect([sent.getThumbnailData(), sent.getThumbnailLength()]).toEqual([Buffer.alloc(0), 0]);
      const thumbnail = Buffer.from([0, 255, 0, 1]);
      sent.setThumbnail(thumbnail);
      thumbnail.fill(9); // it was copied
      for (const each of [sent, await deliver(bots, sent)]) {
        expect(each.getThumbnailData()).toEqual(Buffer.from([0, 255, 0, 1]));
        expect(each.getThumbnailLength()).toBe(4);
      }
      sent.setThumbnail(null);
      for (const each of [sent, await deliver(bots, sent)]) {
        expect([each.getThumbnailData(), each.getThumbnailLength()]).toEqual([Buffer.alloc(0), 0]);
      }
    });
    row([`${name}.setFileName`, `${name}.getFileName`], async () => {
      const bots = await pair();
      const sent = make(bots[0]);
      expect(sent.getFileName()).toBe('');
      for (const fileName of ['Übersicht 😀.pdf', 'another', '']) {
        sent.setFileName(fileName);
        sent.setText(`text of ${fileName}`);
        for (const each of [sent, await deliver(bots, sent)]) {
          expect([each.getFileName(), each.getText()]).toEqual([fileName, `text of ${fileName}`]);
        }
      }
    });
  }
  row(['IImageMessage.getWidth', 'IImageMessage.getHeight'], async () => {
    const bots = await pair();
    for (const [content, extension, sides] of [
      [jpeg, '.jpg', [300, 200]],
      [jpeg, '.jpeg', [300, 200]],
      [png, '.png', [300, 200]],
      [bmp, '.bmp', [300, 200]],
      [gif, '.gif', [0, 0]],
      [Buffer.from('no image'), '.png', [0, 0]],
    ] as const) {
      const sent = await uploadedImage(bots[0], folder.file(content, extension));
      for (const each of [sent, await deliver(bots, sent)]) expect([each.getWidth(), each.getHeight()]).toEqual(sides);
    }
  });
  row(['IImageMessage.setWidth', 'IImageMessage.setHeight'], async () => {
    const bots = await pair();
    for (const sent of [await uploadedImage(bots[0], folder.file(png)), image(bots[0])]) {
      sent.setWidth(640);
      sent.setHeight(480);
      for (const each of [sent, await deliver(bots, sent)])
        expect([each.getWidth(), each.getHeight()]).toEqual([640, 480]);
    }
  });
  row(
    [
      'IImageMessage.setThumbnailWidth',
      'IImageMessage.getThumbnailWidth',
      'IImageMessage.setThumbnailHeight',
      'IImageMessage.getThumbnailHeight',
    ],
    async () => {
      const bots = await pair();
      const sent = await uploadedImage(bots[0], folder.file(png));
      expect([sent.getThumbnailWidth(), sent.getThumbnailHeight()]).toEqual([0, 0]);
      sent.setThumbnailWidth(64);
      sent.setThumbnailHeight(48);
      for (const each of [sent, await deliver(bots, sent)]) {
        expect([each.getThumbnailWidth(), each.getThumbnailHeight()]).toEqual([64, 48]);
      }
    },
  );

  row('limit.media.message.below', () => ofSize(KB32 - 1));
  row('limit.media.message.at', () => ofSize(KB32));
  row('limit.media.message.above', async () => {
    const [alice, bob] = await pair();
    const room = await joined(alice, fresh('c'));
    for (const { make } of kinds) {
      const message = filled(make(alice), KB32 + 1);
      expect(alice.service.sendMessageToPeer(bob.user, message)).toBe(7);
      expect(room.channel.sendMessage(message)).toBe(4);
    }
    await deliver([alice, bob], file(alice));
    expect(alice.events.of('onSendMessageResult')).toHaveLength(1);
    expect(room.events.of('onSendMessageResult')).toEqual([]);
  });

  row('rule.media.old-receiver', async () => {
    const via = await w.relay();
    via.change('HELLO', (hello) => ({ ...hello, capabilities: Number(hello['capabilities']) & ~2 }));
    const [alice, bob] = await pair();
    const user = fresh();
    const offline = { enableOfflineMessaging: true };
    for (const message of [file(alice), image(alice), alice.service.createMessage('stored')]) {
      expect(alice.service.sendMessageToPeer(user, message, offline)).toBe(0);
      expect((await alice.events.take('onSendMessageResult'))[1]).toBe(4);
    }
    const old = await w.bot({ via, user });
    expect((await old.events.take('onMessageReceivedFromPeer'))[1].getText()).toBe('stored');
    const id = fresh('c');
    const [from, to, late] = [await joined(alice, id), await joined(bob, id), await joined(old, id)];
    for (const { make } of kinds) {
      expect(alice.service.sendMessageToPeer(user, make(alice))).toBe(0);
      expect((await alice.events.take('onSendMessageResult'))[1]).toBe(8);
      const message = make(alice);
      expect(from.channel.sendMessage(message)).toBe(0);
      expect(await from.events.take('onSendMessageResult')).toEqual([message.getMessageId(), 0]);
    }
    await to.events.take('onFileMessageReceived'); // who knows them gets them
    await to.events.take('onImageMessageReceived');
    from.channel.sendMessage(alice.service.createMessage('in the channel'));
    expect((await late.events.take('onMessageReceived'))[1].getText()).toBe('in the channel');
    alice.service.sendMessageToPeer(user, alice.service.createMessage('to a peer'));
    expect((await old.events.take('onMessageReceivedFromPeer'))[1].getText()).toBe('to a peer');
    const media = /^on(File|Image)Message/;
    expect([...old.events.names(), ...late.events.names()].filter((name) => media.test(name))).toEqual([]);
    expect(old.events.of('onMessageReceivedFromPeer')).toHaveLength(2);
  });
});

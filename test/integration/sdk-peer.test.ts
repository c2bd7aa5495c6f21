import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MESSAGE_TYPE, PEER_MESSAGE_ERR_CODE } from '../../lib/enums.js';
import { runtime } from '../../lib/native/runtime.js';
import type { RtmMessage } from '../../lib/sdk/message.js';
import type { RtmServer } from '../../lib/server/rtm-server.js';
import { type Bot, newBot, startServer } from './sdk-world.js';

const { PEER_MESSAGE_ERR_OK, PEER_MESSAGE_ERR_PEER_UNREACHABLE } = PEER_MESSAGE_ERR_CODE;
const { PEER_MESSAGE_ERR_INVALID_MESSAGE, PEER_MESSAGE_ERR_INVALID_USERID } = PEER_MESSAGE_ERR_CODE;

let server: RtmServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

async function send(from: Bot, to: Bot, message: RtmMessage): Promise<RtmMessage> {
  const result = from.events.next('onSendMessageResult');
  const arrival = to.events.next('onMessageReceivedFromPeer');
  expect(from.service.sendMessageToPeer(to.user, message)).toBe(0);
  const [peer, received] = await arrival;
  expect(peer).toBe(from.user);
  expect(await result).toEqual([message.getMessageId(), PEER_MESSAGE_ERR_OK]);
  return received as RtmMessage;
}

describe('a peer message', () => {
  const texts: [string, string][] = [
    ['plain', 'hello'],
    ['empty', ''],
    ['with accents', 'Grüße aus Köln'],
    ['in Chinese', '你好，世界'],
    ['of emoji', '👩‍👩‍👧😀🇩🇪'],
    ['with inner NULs', 'a\0b\0'],
    ['with a real replacement character', 'a\uFFFDb'],
    ['of one byte below the limit', 'x'.repeat(32 * 1024)],
  ];
  it.each(texts)('arrives unchanged: %s', async (_name, text) => {
    const [alice, bob] = await Promise.all([newBot(server), newBot(server)]);
    const message = alice.service.createMessage(text);
    const before = Date.now();
    const received = await send(alice, bob, message);
    expect(received.getText()).toBe(text);
    expect(received.getMessageId()).toBe(message.getMessageId());
    expect(received.getMessageType()).toBe(MESSAGE_TYPE.MESSAGE_TYPE_TEXT);
    expect(received.getRawMessageData()).toBeNull();
    expect(received.getRawMessageLength()).toBe(0);
    expect(received.isOfflineMessage()).toBe(false);
    expect(Math.abs(received.getServerReceivedTs() - before)).toBeLessThan(5000);
    expect(message.getServerReceivedTs()).toBe(0);
  });

  it.each([0, 1, 255, 16 * 1024, 16 * 1024 + 1, 32 * 1024 - 4])('of %d raw bytes arrives unchanged', async (size) => {
    const [alice, bob] = await Promise.all([newBot(server), newBot(server)]);
    const data = Buffer.from(Array.from({ length: size }, (_, index) => index % 256));
    const received = await send(alice, bob, alice.service.createMessage(data, 'päck'.slice(0, 3)));
    expect(received.getMessageType()).toBe(MESSAGE_TYPE.MESSAGE_TYPE_RAW);
    expect(received.getRawMessageLength()).toBe(size);
    expect(received.getRawMessageData()?.equals(data)).toBe(true);
    expect(received.getText()).toBe('pä' + 'c');
  });

  it('keeps its content after the callback, whatever arrives later', async () => {
    const [alice, bob] = await Promise.all([newBot(server), newBot(server)]);
    const first = await send(alice, bob, alice.service.createMessage(Buffer.from('keep me'), 'and me, the first'));
    for (let i = 0; i < 300; i++) {
      alice.service.sendMessageToPeer(bob.user, alice.service.createMessage(Buffer.alloc(500, i), `later ${i}`));
    }
    await vi.waitFor(() => expect(bob.events.names().length).toBeGreaterThan(300));
    expect(first.getRawMessageData()?.toString()).toBe('keep me');
    expect(first.getText()).toBe('and me, the first');
  });

  it('copies its arguments', async () => {
    const [alice, bob] = await Promise.all([newBot(server), newBot(server)]);
    const data = Buffer.from('before');
    const message = alice.service.createMessage(data);
    data.write('after!');
    expect((await send(alice, bob, message)).getRawMessageData()?.toString()).toBe('before');
  });

  it('may be sent twice, and to oneself', async () => {
    const alice = await newBot(server);
    const message = alice.service.createMessage('again');
    await send(alice, alice, message);
    message.setText('and again');
    expect((await send(alice, alice, message)).getText()).toBe('and again');
  });

  it('to an offline user is unreachable', async () => {
    const alice = await newBot(server);
    const message = alice.service.createMessage('hello?');
    expect(alice.service.sendMessageToPeer('nobody', message)).toBe(0);
    expect(await alice.events.next('onSendMessageResult')).toEqual([
      message.getMessageId(),
      PEER_MESSAGE_ERR_PEER_UNREACHABLE,
    ]);
  });

  it('has an id that ascends and is unique', async () => {
    const { service } = await newBot(server);
    const ids = Array.from({ length: 1000 }, () => service.createMessage().getMessageId());
    expect(new Set(ids).size).toBe(1000);
    expect(ids.every((id, index) => Number.isSafeInteger(id) && id > (ids[index - 1] ?? 0))).toBe(true);
  });
});

describe('a send is refused at once', () => {
  const invalid: [string, (bot: Bot) => RtmMessage | null][] = [
    ['null', () => null],
    ['text of 32 KB and a byte', (bot) => bot.service.createMessage('x'.repeat(32 * 1024 + 1))],
    ['text of a megabyte', (bot) => bot.service.createMessage('x'.repeat(1024 * 1024))],
    ['32 KB in UTF-8 and a byte', (bot) => bot.service.createMessage(`${'é'.repeat(16 * 1024)}x`)],
    ['data and description of 32 KB and a byte', (bot) => bot.service.createMessage(Buffer.alloc(32 * 1024), 'x')],
    ['an unpaired high surrogate', (bot) => bot.service.createMessage('a\ud83db')],
    ['an unpaired low surrogate', (bot) => bot.service.createMessage('\ude00')],
    ['an unpaired surrogate at the end', (bot) => bot.service.createMessage('\uFFFD text \ud83d')],
    ['an unpaired surrogate in the description', (bot) => bot.service.createMessage(Buffer.alloc(1), '\ud83d')],
  ];
  it.each(invalid)('with INVALID_MESSAGE: %s', async (_name, make) => {
    const alice = await newBot(server);
    expect(alice.service.sendMessageToPeer('peer', make(alice))).toBe(PEER_MESSAGE_ERR_INVALID_MESSAGE);
  });

  it.each([null, '', 'null', 'a'.repeat(65), 'ünder', 'a\0b', 'pe\ud800er', '"quoted"'])(
    'with INVALID_USERID: %j',
    async (peer) => {
      const alice = await newBot(server);
      expect(alice.service.sendMessageToPeer(peer as string, alice.service.createMessage('x'))).toBe(
        PEER_MESSAGE_ERR_INVALID_USERID,
      );
    },
  );

  it('and no callback follows', async () => {
    const alice = await newBot(server);
    alice.service.sendMessageToPeer('', alice.service.createMessage('x'));
    alice.service.sendMessageToPeer('peer', null);
    const marker = alice.service.createMessage('marker');
    alice.service.sendMessageToPeer('nobody', marker);
    await alice.events.next('onSendMessageResult');
    expect(alice.events.calls.filter((call) => call[0] === 'onSendMessageResult')).toEqual([
      ['onSendMessageResult', marker.getMessageId(), PEER_MESSAGE_ERR_PEER_UNREACHABLE],
    ]);
  });
});

/** Sends with up to `window` messages in flight; the server refuses messages that a slow receiver does not take. */
async function pour(
  count: number,
  window: number,
  done: () => number,
  sendOne: (index: number) => number,
): Promise<void> {
  for (let index = 0; index < count; index++) {
    while (index - done() >= window) await new Promise((resolve) => setImmediate(resolve));
    const code = sendOne(index);
    if (code !== 0) throw new Error(`message ${index}: ${code}`);
  }
}

describe('a storm', () => {
  it('of 20,000 mixed messages arrives once and in order, with every result', async () => {
    const count = 20_000;
    const [alice, bob] = await Promise.all([newBot(server), newBot(server)]);
    const ids: number[] = [];
    const results: unknown[] = [];
    const arrived: string[] = [];
    alice.service.addEventHandler({ onSendMessageResult: (id, code) => results.push([id, code]) });
    bob.service.addEventHandler({
      onMessageReceivedFromPeer: (_peer, message) =>
        arrived.push(message.getRawMessageData()?.toString() ?? message.getText()),
    });
    const content = (index: number) => (index % 3 === 0 ? `№ ${index} 😀` : `message ${index}`);
    await pour(
      count,
      2000,
      () => results.length,
      (index) => {
        const text = content(index);
        const message = alice.service.createMessage(index % 5 === 0 ? Buffer.from(text) : (text as never));
        ids.push(message.getMessageId());
        return alice.service.sendMessageToPeer(bob.user, message);
      },
    );
    await vi.waitFor(() => expect([arrived.length, results.length]).toEqual([count, count]), { timeout: 25_000 });
    expect(arrived.every((text, index) => text === content(index))).toBe(true);
    expect(results).toEqual(ids.map((id) => [id, PEER_MESSAGE_ERR_OK]));
  });

  it.each(['release', 'logout'] as const)('sent just before %s leaves before the goodbye', async (end) => {
    const [alice, bob] = await Promise.all([newBot(server), newBot(server)]);
    const arrived: string[] = [];
    bob.service.addEventHandler({ onMessageReceivedFromPeer: (_peer, message) => arrived.push(message.getText()) });
    const texts = Array.from({ length: 100 }, (_, index) => `${index} ${'x'.repeat(1000)}`); // more than gathers at once
    for (const text of texts) alice.service.sendMessageToPeer(bob.user, alice.service.createMessage(text));
    alice.service[end]();
    await vi.waitFor(() => expect(arrived).toEqual(texts));
  });

  it('that JavaScript cannot take holds the network back instead of filling the memory', async () => {
    const count = 450; // 13.5 MB: more than the mark, less than what the server keeps for a slow reader
    const [alice, bob] = await Promise.all([newBot(server), newBot(server)]);
    const order: number[] = [];
    bob.service.addEventHandler({
      onMessageReceivedFromPeer: (_peer, message) => order.push(message.getRawMessageData()?.readUInt32LE() ?? -1),
    });
    const data = Buffer.alloc(30_000);
    const { environment } = runtime();
    const block = new Int32Array(new SharedArrayBuffer(4));
    let most = 0;
    let held = 0;
    const send = (index: number) => {
      data.writeUInt32LE(index);
      if (index % 50 === 49) {
        Atomics.wait(block, 0, 0, 60); // JavaScript is busy; the I/O thread is not
        const { bytes, paused } = environment.pressure();
        most = Math.max(most, bytes);
        held += paused;
      }
      return alice.service.sendMessageToPeer(bob.user, alice.service.createMessage(data));
    };
    await pour(count, count, () => 0, send);
    await vi.waitFor(() => expect(order).toHaveLength(count), { timeout: 25_000 });
    expect(order.every((each, index) => each === index)).toBe(true);
    expect(held).toBeGreaterThan(0);
    // Never more than the mark plus the bytes that were read before the reading stopped.
    expect(most).toBeGreaterThan(8 * 1024 * 1024);
    expect(most).toBeLessThan(10 * 1024 * 1024);
    expect(environment.pressure()).toEqual({ bytes: 0, paused: 0 });
  });
});

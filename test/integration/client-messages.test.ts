import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World, within } from './client-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ limits: 'off' });
});
afterAll(() => world.end());

describe('peer messages', () => {
  it('arrive with text, sender, id and time, and the sender learns that they did', async () => {
    const [alice, bob] = await Promise.all([world.login('alice'), world.login('bob')]);
    const arrived = once(bob, 'message');
    const before = Date.now();
    const { messageId, delivery } = await alice.sendToPeer('bob', 'Grüße 😀\n\u0000end');
    expect(delivery).toBe('delivered');
    const [message] = await within('message', arrived);
    expect(message).toMatchObject({
      type: 'text',
      from: 'alice',
      text: 'Grüße 😀\n\u0000end',
      messageId,
      offline: false,
    });
    expect(Math.abs(message.timestamp - before)).toBeLessThan(5000);
  });

  it('carry any bytes with a description', async () => {
    const [alice, bob] = await Promise.all([world.login('alice-raw'), world.login('bob-raw')]);
    const raw = Uint8Array.from({ length: 20_000 }, (_, index) => index % 256);
    const loop = bob.messages();
    await alice.sendToPeer('bob-raw', { raw, description: 'a picture' });
    await alice.sendToPeer('bob-raw', new Uint8Array(0));
    const first = (await within('first', loop.next())).value;
    const second = (await within('second', loop.next())).value;
    expect(first).toMatchObject({ type: 'raw', description: 'a picture' });
    expect(Buffer.compare(first?.raw ?? Buffer.alloc(0), raw)).toBe(0);
    expect(second).toMatchObject({ type: 'raw', description: '' });
    expect(second?.raw).toHaveLength(0);
  });

  it('to an offline user are refused', async () => {
    const alice = await world.login('alice-alone');
    await expect(alice.sendToPeer('nobody', 'hi')).rejects.toMatchObject({
      code: 'ERR_RTM_PEER_UNREACHABLE',
      reason: 3,
      operation: 'sendMessageToPeer',
      temporary: true,
    });
  });

  it.each([
    ['an empty user id', '', 'x', 'ERR_RTM_INVALID_USER_ID'],
    ['a user id of 65 bytes', 'u'.repeat(65), 'x', 'ERR_RTM_INVALID_USER_ID'],
    ['a user id with a quote', 'a"b', 'x', 'ERR_RTM_INVALID_USER_ID'],
    ['a text of 32 KiB and a byte', 'bob', 'x'.repeat(32 * 1024 + 1), 'ERR_RTM_INVALID_MESSAGE'],
    ['half a surrogate pair', 'bob', '\ud800', 'ERR_RTM_INVALID_MESSAGE'],
  ])('are refused for %s', async (_what, peer, text, code) => {
    const alice = await world.login('alice-strict');
    await expect(alice.sendToPeer(peer, text)).rejects.toMatchObject({ code });
  });

  it('of exactly 32 KiB pass', async () => {
    const [alice, bob] = await Promise.all([world.login('alice-32k'), world.login('bob-32k')]);
    const text = 'é'.repeat(16 * 1024);
    await alice.sendToPeer('bob-32k', text);
    expect((await within('message', bob.messages().next())).value?.text).toBe(text);
  });

  it('5000 at once all arrive, once, in order, in a loop with the default limit', async () => {
    const [alice, bob] = await Promise.all([world.login('alice-many'), world.login('bob-many')]);
    const count = 5000;
    const reading = (async () => {
      const texts: (string | undefined)[] = [];
      for await (const { text } of bob.messages()) {
        texts.push(text);
        if (texts.length === count) return texts;
      }
      return texts;
    })();
    const sent = await Promise.all(
      Array.from({ length: count }, (_, index) => alice.sendToPeer('bob-many', `${index}`)),
    );
    expect(sent.every(({ delivery }) => delivery === 'delivered')).toBe(true);
    expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(count);
    const texts = await within('all messages', reading);
    expect(texts).toEqual(Array.from({ length: count }, (_, index) => `${index}`));
  });

  it('fail a loop that does not read, after all messages it can still get in order', async () => {
    const [alice, bob] = await Promise.all([world.login('alice-fast'), world.login('bob-slow')]);
    const slow = once(bob, 'slowConsumer');
    const loop = bob.messages({ limit: 10 });
    await Promise.all(Array.from({ length: 50 }, (_, index) => alice.sendToPeer('bob-slow', `${index}`)));
    expect((await within('slowConsumer', slow))[0]).toMatchObject({ source: 'peer', policy: 'error', limit: 10 });
    const read: (string | undefined)[] = [];
    const reading = (async () => {
      for await (const { text } of loop) read.push(text);
    })();
    await expect(within('the end of the loop', reading)).rejects.toMatchObject({ code: 'ERR_RTM_SLOW_CONSUMER' });
    expect(read).toEqual(Array.from({ length: 10 }, (_, index) => `${index}`));
    await alice.sendToPeer('bob-slow', 'afterwards');
    expect((await within('a new loop', bob.messages().next())).value?.text).toBe('afterwards');
  });

  it('wait for the first reader, from the login on', async () => {
    const [alice, bob] = await Promise.all([world.login('alice-early'), world.login('bob-late')]);
    for (let index = 0; index < 3; index++) await alice.sendToPeer('bob-late', `${index}`);
    const texts: unknown[] = [];
    const heard = new Promise<void>((resolve) => {
      bob.on('message', ({ text }) => {
        texts.push(text);
        if (texts.length === 3) resolve();
      });
    });
    await within('the messages', heard);
    expect(texts).toEqual(['0', '1', '2']);
  });

  it('can be cancelled, without harm to later ones', async () => {
    const [alice, bob] = await Promise.all([world.login('alice-abort'), world.login('bob-abort')]);
    const controller = new AbortController();
    const given = alice.sendToPeer('bob-abort', 'given up', { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(given).rejects.toThrow('enough');
    expect((await alice.sendToPeer('bob-abort', 'next')).delivery).toBe('delivered');
    expect((await within('message', bob.messages().next())).value?.from).toBe('alice-abort');
  });
});

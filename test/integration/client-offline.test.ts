import { once } from 'node:events';
import type { PeerMessage, RtmClient } from 'rtm-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World, within } from './client-world.js';

let world: World;

beforeAll(async () => {
  world = await startWorld({ limits: 'off', loops: 2 });
});
afterAll(() => world.end());

/** The next messages of a client. */
async function take(client: RtmClient, count: number): Promise<PeerMessage[]> {
  const messages: PeerMessage[] = [];
  const reading = (async () => {
    for await (const message of client.messages()) {
      messages.push(message);
      if (messages.length === count) break;
    }
    return messages;
  })();
  return within(`${count} messages`, reading);
}

describe('an offline message', () => {
  it('is cached and comes at the next login, in order, before newer ones', async () => {
    const alice = await world.login('o-alice');
    const before = Date.now();
    for (const text of ['one', 'two']) {
      expect((await alice.sendToPeer('o-bob', text, { offline: true })).delivery).toBe('cached');
    }
    const raw = Buffer.from([0, 1, 2]);
    expect((await alice.sendToPeer('o-bob', { raw, description: 'd' }, { offline: true })).delivery).toBe('cached');
    await expect(alice.sendToPeer('o-bob', 'not stored')).rejects.toMatchObject({ code: 'ERR_RTM_PEER_UNREACHABLE' });

    const bob = await world.login('o-bob');
    const live = alice.sendToPeer('o-bob', 'live', { offline: true });
    const messages = await take(bob, 4);
    expect(messages.map((message) => [message.text ?? message.description, message.offline])).toEqual([
      ['one', true],
      ['two', true],
      ['d', true],
      ['live', false],
    ]);
    expect(messages[2]?.raw).toEqual(raw);
    for (const message of messages) expect(Math.abs(message.timestamp - before)).toBeLessThan(10_000);
    expect((await live).delivery).toBe('delivered');

    await bob.logout();
    const again = await world.login('o-bob');
    const next = once(again, 'message');
    await alice.sendToPeer('o-bob', 'nothing before this');
    expect((await within('a message', next))[0]).toMatchObject({ text: 'nothing before this', offline: false });
  });

  it('is one of the newest 200', async () => {
    const alice = await world.login('q-alice');
    for (const [receiver, count, first] of [
      ['q-200', 200, 1],
      ['q-201', 201, 2],
    ] as const) {
      const sends = Array.from({ length: count }, (_, index) =>
        alice.sendToPeer(receiver, String(index + 1), { offline: true }),
      );
      const results = await Promise.all(sends);
      expect(results.every(({ delivery }) => delivery === 'cached')).toBe(true);
      const messages = await take(await world.login(receiver), 200);
      expect(messages.map(({ text }) => Number(text))).toEqual(Array.from({ length: 200 }, (_, i) => i + first));
    }
  });

  it('is kept as the server says', async () => {
    const small = await startWorld({ retention: { offlineMessages: 1, offlineMs: 3_600_000 } });
    try {
      const alice = await small.login('alice');
      for (const text of ['one', 'two']) await alice.sendToPeer('bob', text, { offline: true });
      expect((await take(await small.login('bob'), 1))[0]?.text).toBe('two');
    } finally {
      await small.end();
    }
  });
});

import { describe, expect, it, vi } from 'vitest';
import { Inbox } from '../../lib/client/inbox.js';
import { RtmError } from '../../lib/errors.js';

function makeInbox(unreadLimit = 4) {
  const heard: number[] = [];
  const slow = vi.fn();
  const owner = {
    source: { source: 'peer' as const },
    unreadLimit,
    on: false,
    listening: () => owner.on,
    emit: (message: number) => {
      heard.push(message);
    },
    slow,
  };
  const inbox = new Inbox<number>(owner);
  const deliver = (...messages: number[]) => {
    for (const message of messages) inbox.deliver(message);
  };
  return { inbox, owner, heard, slow, deliver };
}

const nextTick = () => new Promise<void>((resolve) => process.nextTick(resolve));
const endOfTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('Inbox', () => {
  it('keeps waiting messages for the first loop', async () => {
    const { inbox, deliver } = makeInbox();
    deliver(1, 2);
    const loop = inbox.read();
    deliver(3);
    expect(loop.pending).toBe(3);
    expect([(await loop.next()).value, (await loop.next()).value, (await loop.next()).value]).toEqual([1, 2, 3]);
  });

  it('gives waiting messages to the first listener, ahead of newer messages', async () => {
    const { inbox, owner, heard, deliver } = makeInbox();
    deliver(1, 2);
    inbox.flush(); // what an emitter does when it is about to add the listener
    owner.on = true;
    deliver(3);
    expect(heard).toEqual([]);
    await nextTick();
    deliver(4);
    expect(heard).toEqual([1, 2, 3, 4]);
  });

  it('keeps a gap in its place for a loop that asks, and for no other receiver', async () => {
    const { inbox, owner, heard, deliver } = makeInbox();
    const gap = { type: 'gap', resumed: true } as const;
    const read = async (loop: AsyncIterable<unknown>, count: number) => {
      const items: unknown[] = [];
      if (count > 0) for await (const item of loop) if (items.push(item) === count) break;
      return items;
    };
    deliver(1);
    inbox.gap(gap);
    deliver(2);
    expect(await read(inbox.read({ gaps: true }), 2)).toEqual([1, gap]); // leaves 2
    inbox.gap(gap);
    deliver(3);
    expect(await read(inbox.read(), 2)).toEqual([2, 3]);
    const loop = inbox.read();
    inbox.gap(gap);
    deliver(4);
    expect(await read(loop, 1)).toEqual([4]);
    deliver(5);
    inbox.gap(gap);
    owner.on = true;
    inbox.flush();
    await nextTick();
    expect(heard).toEqual([5]);
    inbox.gap(gap);
    owner.on = false;
    deliver(6);
    expect(await read(inbox.read({ gaps: true }), 1)).toEqual([6]);
  });

  it('keeps one gap of a link that is lost again and again, so that gaps push no message out', async () => {
    const { inbox, deliver } = makeInbox();
    deliver(1);
    for (let lost = 0; lost < 1000; lost++) inbox.gap({ type: 'gap', resumed: true });
    inbox.gap({ type: 'gap', resumed: false }); // says more than the one before
    inbox.gap({ type: 'gap', resumed: true });
    deliver(2);
    expect(inbox.unread).toBe(4);
    const items: unknown[] = [];
    for await (const item of inbox.read({ gaps: true })) if (items.push(item) === 4) break;
    expect(items).toEqual([1, { type: 'gap', resumed: true }, { type: 'gap', resumed: false }, 2]);
  });

  it('gives every message to the listeners and to the loop when there are both', async () => {
    const { inbox, owner, heard, deliver } = makeInbox();
    const loop = inbox.read();
    owner.on = true;
    deliver(1);
    expect((await loop.next()).value).toBe(1);
    expect(heard).toEqual([1]);
  });

  it('goes on with the next listener and loop after a listener of the stored messages has thrown', async () => {
    const { inbox, owner, heard, deliver } = makeInbox();
    deliver(1, 2, 3);
    const uncaught = vi.fn();
    const saved = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', uncaught);
    try {
      owner.emit = (message) => {
        heard.push(message);
        if (message === 1) throw new Error('listener');
      };
      inbox.flush();
      owner.on = true;
      await endOfTurn();
      expect(uncaught).toHaveBeenCalledTimes(1);
      expect(heard).toEqual([1, 2, 3]);
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of saved) process.on('uncaughtException', listener);
    }
  });

  it('refuses a second loop and allows one after the first is left', async () => {
    const { inbox, deliver } = makeInbox();
    const first = inbox.read();
    expect(() => inbox.read()).toThrow(expect.objectContaining({ code: 'ERR_RTM_BUSY' }));
    deliver(1, 2, 3);
    for await (const message of first) {
      expect(message).toBe(1);
      break;
    }
    const second = inbox.read();
    expect((await second.next()).value).toBe(2);
    expect((await second.next()).value).toBe(3);
    expect((await first.next()).done).toBe(true);
  });

  it('is free for a new loop after one has failed for being slow', async () => {
    const { inbox, deliver, slow } = makeInbox();
    const loop = inbox.read({ limit: 2 });
    deliver(1, 2, 3);
    await endOfTurn();
    expect(slow.mock.calls).toEqual([[{ source: 'peer', policy: 'error', pending: 2, limit: 2, dropped: 1 }]]);
    expect([(await loop.next()).value, (await loop.next()).value]).toEqual([1, 2]);
    await expect(loop.next()).rejects.toSatisfy((error) => RtmError.is(error, 'ERR_RTM_SLOW_CONSUMER'));
    const again = inbox.read();
    deliver(4);
    expect((await again.next()).value).toBe(4);
  });

  it('keeps at most the unread limit, the newest, and says so once', async () => {
    const { inbox, deliver, slow } = makeInbox(2);
    deliver(1, 2, 3);
    await endOfTurn();
    deliver(4);
    await endOfTurn();
    expect(slow.mock.calls).toEqual([[{ source: 'peer', policy: 'unread', pending: 2, limit: 2, dropped: 1 }]]);
    const loop = inbox.read();
    expect([(await loop.next()).value, (await loop.next()).value]).toEqual([3, 4]);
  });

  it('keeps nothing with an unread limit of 0', async () => {
    const { inbox, deliver, slow } = makeInbox(0);
    deliver(1);
    await endOfTurn();
    expect(inbox.unread).toBe(0);
    expect(slow).not.toHaveBeenCalled();
  });

  it('ends a loop by its signal at once, with the reason, and keeps unread messages', async () => {
    const { inbox, deliver } = makeInbox();
    const controller = new AbortController();
    const loop = inbox.read({ signal: controller.signal });
    deliver(1, 2);
    expect((await loop.next()).value).toBe(1);
    controller.abort(new Error('enough'));
    await expect(loop.next()).rejects.toThrow('enough');
    expect((await loop.next()).done).toBe(true);
    expect((await inbox.read().next()).value).toBe(2);
  });

  it('wakes a waiting loop when its signal fires, also if it had fired before', async () => {
    const { inbox } = makeInbox();
    const controller = new AbortController();
    const waiting = inbox.read({ signal: controller.signal }).next();
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(inbox.read({ signal: AbortSignal.abort(new Error('before')) }).next()).rejects.toThrow('before');
    inbox.read();
  });

  it('lets a loop read the remaining messages at the end, then gives the reason', async () => {
    const { inbox, deliver } = makeInbox();
    const loop = inbox.read();
    deliver(1);
    inbox.end(new Error('banned'));
    deliver(2);
    expect((await loop.next()).value).toBe(1);
    await expect(loop.next()).rejects.toThrow('banned');
    expect((await loop.next()).done).toBe(true);
  });

  it('ends a loop silently after an end without an error, also one opened later', async () => {
    const { inbox, deliver } = makeInbox();
    deliver(1);
    inbox.end();
    const seen: number[] = [];
    for await (const message of inbox.read()) seen.push(message);
    for await (const message of inbox.read()) seen.push(message);
    expect(seen).toEqual([1]);
  });
});

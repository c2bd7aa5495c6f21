import { describe, expect, it, vi } from 'vitest';
import { MessageQueue, type MessageQueueOptions } from '../../lib/client/message-queue.js';

/** A queue whose turns end when the test says so. */
function makeQueue(options: Partial<MessageQueueOptions> = {}) {
  const checks: (() => void)[] = [];
  const onOverflow = vi.fn();
  const queue = new MessageQueue<number>({
    limit: 3,
    overflow: 'error',
    onOverflow,
    overflowError: ({ dropped }) => new Error(`lost ${dropped}`),
    afterTurn: (run) => checks.push(run),
    ...options,
  });
  const endTurn = () => {
    for (const check of checks.splice(0)) check();
  };
  const push = (...items: number[]) => {
    for (const item of items) queue.push(item);
  };
  return { queue, push, endTurn, onOverflow };
}

const value = async (queue: MessageQueue<number>) => (await queue.next()).value;

describe('MessageQueue', () => {
  it('gives items in the order in which they came, before or after they are asked for', async () => {
    const { queue, push } = makeQueue();
    const early = [queue.next(), queue.next()];
    push(1, 2, 3, 4);
    expect(await Promise.all(early)).toEqual([
      { value: 1, done: false },
      { value: 2, done: false },
    ]);
    expect([await value(queue), await value(queue)]).toEqual([3, 4]);
    expect(queue.pending).toBe(0);
  });

  it('lets a batch far above the limit pass if the reader has taken it by the end of the turn', async () => {
    const { queue, push, endTurn, onOverflow } = makeQueue();
    for (let item = 0; item < 5000; item++) push(item);
    expect(queue.pending).toBe(5000);
    for (let item = 0; item < 4998; item++) expect(queue.take()).toBe(item);
    endTurn();
    expect(onOverflow).not.toHaveBeenCalled();
    expect([queue.take(), queue.take(), queue.take()]).toEqual([4998, 4999, undefined]);
  });

  it("gives everything up to the gap and then the error, once, under 'error'", async () => {
    const { queue, push, endTurn, onOverflow } = makeQueue();
    push(1, 2, 3, 4, 5);
    endTurn();
    push(6);
    expect(onOverflow.mock.calls).toEqual([[{ pending: 3, limit: 3, dropped: 2 }]]);
    expect(queue.dropped).toBe(3);
    expect([await value(queue), await value(queue), await value(queue)]).toEqual([1, 2, 3]);
    await expect(queue.next()).rejects.toThrow('lost 2');
    expect(await queue.next()).toEqual({ value: undefined, done: true });
  });

  it("keeps the newest under 'dropOldest' and counts the others", async () => {
    const { queue, push, endTurn } = makeQueue({ overflow: 'dropOldest' });
    push(1, 2, 3, 4, 5);
    endTurn();
    expect(queue.dropped).toBe(2);
    expect([await value(queue), await value(queue), await value(queue)]).toEqual([3, 4, 5]);
    push(6);
    expect(await value(queue)).toBe(6);
  });

  it('reports an overflow once, and again only after the reader has caught up to half', () => {
    const { queue, push, endTurn, onOverflow } = makeQueue({ overflow: 'dropOldest', limit: 4 });
    push(1, 2, 3, 4, 5);
    endTurn();
    push(6);
    endTurn();
    queue.take();
    push(7, 8);
    endTurn();
    expect(onOverflow).toHaveBeenCalledTimes(1);
    queue.take();
    queue.take();
    push(9, 10, 11);
    endTurn();
    expect(onOverflow).toHaveBeenCalledTimes(2);
  });

  it('is read to its last item after the end, with the error behind it', async () => {
    const { queue, push } = makeQueue();
    push(1);
    queue.end(new Error('gone'));
    queue.end(new Error('a second end does not count'));
    push(2);
    expect(await value(queue)).toBe(1);
    await expect(queue.next()).rejects.toThrow('gone');
    expect((await queue.next()).done).toBe(true);
  });

  it('gives the error to one waiting reader and lets the other calls end', async () => {
    const { queue } = makeQueue();
    const waiting = [queue.next(), queue.next()];
    queue.end(new Error('gone'));
    await expect(waiting[0]).rejects.toThrow('gone');
    expect(await waiting[1]).toEqual({ value: undefined, done: true });
  });

  it('hands back unread messages when it is closed', async () => {
    const { queue, push } = makeQueue();
    push(1, 2, 3);
    queue.take();
    expect(queue.close()).toEqual([2, 3]);
    expect((await queue.next()).done).toBe(true);
    expect(queue.pending).toBe(0);
  });

  it('keeps its order and its memory over a long life with a backlog', () => {
    const { queue, push } = makeQueue({ limit: 5000 });
    const wrong: unknown[] = [];
    for (let item = 0; item < 100_000; item++) {
      push(item);
      if (item >= 2000 && queue.take() !== item - 2000) wrong.push(item);
    }
    expect(wrong).toEqual([]);
    expect(queue.pending).toBe(2000);
  });

  it('waits for the real end of a turn when no test replaces its clock', async () => {
    const onOverflow = vi.fn();
    const queue = new MessageQueue<number>({ limit: 1, overflow: 'dropOldest', onOverflow });
    queue.push(1);
    queue.push(2);
    await Promise.resolve();
    expect(queue.pending).toBe(2);
    await new Promise((resolve) => setImmediate(resolve));
    expect(queue.pending).toBe(1);
    expect(onOverflow).toHaveBeenCalledTimes(1);
  });
});

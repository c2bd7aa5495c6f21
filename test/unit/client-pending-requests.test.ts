import { getEventListeners } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { PendingQueue, PendingRequest, PendingRequests } from '../../lib/client/pending-requests.js';

const context = { operation: 'sendMessageToPeer', timeoutReason: 2 };

describe('PendingRequests', () => {
  it('resolves each call by its id', async () => {
    const calls = new PendingRequests<string>(context, '');
    const results = [calls.add(1), calls.add(2)];
    calls.take(2)?.resolve('two');
    calls.take(1)?.resolve('one');
    expect(await Promise.all(results)).toEqual(['one', 'two']);
    expect(calls.size).toBe(0);
    expect(calls.take(1)).toBeUndefined();
  });

  it('rejects with ERR_RTM_TIMEOUT, the operation and the SDK number when the time given is over', async () => {
    vi.useFakeTimers();
    try {
      const calls = new PendingRequests<string>(context, '');
      const result = expect(calls.add(1, { timeout: 50 })).rejects.toMatchObject({
        code: 'ERR_RTM_TIMEOUT',
        operation: 'sendMessageToPeer',
        reason: 2,
        temporary: true,
      });
      vi.advanceTimersByTime(50);
      await result;
      expect(calls.size).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('stops the timer of an answered call', async () => {
    vi.useFakeTimers();
    try {
      const calls = new PendingRequests<string>(context, '');
      const result = calls.add(1, { timeout: 50 });
      calls.take(1)?.resolve('one');
      expect(vi.getTimerCount()).toBe(0);
      expect(await result).toBe('one');
    } finally {
      vi.useRealTimers();
    }
  });

  it('rejects with the reason of the signal and forgets the call', async () => {
    const calls = new PendingRequests<string>(context, '');
    const controller = new AbortController();
    const result = calls.add(1, { signal: controller.signal });
    const reason = new Error('stop');
    controller.abort(reason);
    await expect(result).rejects.toBe(reason);
    expect(calls.size).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('adds one listener to a signal however many calls and clients share it, and removes it with the last', async () => {
    const clients = Array.from({ length: 20 }, (_, n) => new PendingRequests<string>(context, `user${n}`));
    const { signal } = new AbortController();
    const results = clients.flatMap((calls) => Array.from({ length: 50 }, (_, id) => calls.add(id, { signal })));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const calls of clients) for (let id = 0; id < 50; id++) calls.take(id)?.resolve('done');
    await Promise.all(results);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('aborts all calls of one signal and none of another', async () => {
    const calls = new PendingRequests<string>(context, '');
    const [first, second] = [new AbortController(), new AbortController()];
    const aborted = Promise.allSettled([1, 2, 3].map((id) => calls.add(id, { signal: first.signal })));
    const other = calls.add(4, { signal: second.signal });
    first.abort();
    expect((await aborted).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    calls.take(4)?.resolve('four');
    expect(await other).toBe('four');
  });

  it('rejects everything that is left with an error that names the operation', async () => {
    const calls = new PendingRequests<string>(context, '');
    const results = Promise.allSettled([calls.add(1), calls.add(2, { timeout: 1000 })]);
    calls.rejectAll((operation) => operation);
    expect((await results).map((result) => result.status === 'rejected' && result.reason)).toEqual([
      context.operation,
      context.operation,
    ]);
    expect(calls.size).toBe(0);
  });
});

describe('PendingQueue', () => {
  it('gives answers in the order of the calls', async () => {
    const queue = new PendingQueue<number>(context, '');
    const results = [queue.add(), queue.add()];
    queue.take()?.resolve(1);
    queue.take()?.resolve(2);
    expect(await Promise.all(results)).toEqual([1, 2]);
    expect(queue.take()).toBeUndefined();
  });

  it('does not take the late answer to a call that gave up for the answer to the next', async () => {
    const queue = new PendingQueue<number>(context, '');
    const controller = new AbortController();
    const first = queue.add({ signal: controller.signal });
    const second = queue.add();
    controller.abort(new Error('stop'));
    queue.take()?.resolve(1);
    queue.take()?.resolve(2);
    await expect(first).rejects.toThrow('stop');
    expect(await second).toBe(2);
  });
});

describe('PendingRequest', () => {
  it('settles once', async () => {
    const call = new PendingRequest<number>(context, undefined, '');
    call.resolve(1);
    call.reject(new Error('late'));
    call.abort(new Error('later'));
    expect(await call.promise).toBe(1);
    expect(call.settled).toBe(true);
  });

  it('reports that it gave up only if it did', async () => {
    const gaveUp = vi.fn();
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const answered = new PendingRequest<number>(context, options, '', gaveUp);
    answered.resolve(1);
    controller.abort();
    await answered.promise;
    expect(gaveUp).not.toHaveBeenCalled();
  });
});

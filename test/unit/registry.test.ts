import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, vi } from 'vitest';
import { Liveness, LivenessShare, Registry } from '../../lib/native/registry.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Lets finalizers run: they are tasks of their own after a collection. */
async function collect(until: () => boolean): Promise<void> {
  for (let i = 0; i < 15 && !until(); i++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('Registry', () => {
  it('lets an object at rest be collected, and reports it once', async () => {
    const collected: number[] = [];
    const registry = new Registry<object>();
    registry.add(1, { dropped: true }, (handle) => collected.push(handle));
    await collect(() => collected.length > 0);
    expect(collected).toEqual([1]);
    expect(registry.get(1)).toBeUndefined();
    expect(registry.size).toBe(0);
  });

  it('holds an object while events are to be expected', async () => {
    const collected = vi.fn();
    const registry = new Registry<object>();
    registry.add(1, { held: true }, collected);
    registry.hold(1, true);
    await collect(() => false);
    expect(registry.get(1)).toEqual({ held: true });
    registry.hold(1, false);
    await collect(() => collected.mock.calls.length > 0);
    expect(collected).toHaveBeenCalledOnce();
  });

  it('reports nothing for an object that was released before it was collected', async () => {
    const collected = vi.fn();
    const registry = new Registry<object>();
    registry.add(1, {}, collected);
    registry.delete(1);
    await collect(() => false);
    expect(collected).not.toHaveBeenCalled();
  });
});

describe('Liveness', () => {
  it('tells only on the first reason to live and after the last', () => {
    const told: boolean[] = [];
    const liveness = new Liveness((alive) => told.push(alive));
    const [a, b] = [new LivenessShare(liveness), new LivenessShare(liveness)];
    a.wanted = true;
    b.wanted = true;
    b.wanted = true;
    a.wanted = false;
    expect(told).toEqual([true]);
    b.wanted = false;
    expect(told).toEqual([true, false]);
    expect(liveness.count).toBe(0);
  });

  it('does not count unreferenced objects, whenever they were unreferenced', () => {
    const told: boolean[] = [];
    const share = new LivenessShare(new Liveness((alive) => told.push(alive)));
    share.referenced = false;
    share.wanted = true;
    expect(told).toEqual([]);
    share.referenced = true;
    share.referenced = false;
    share.wanted = false;
    expect(told).toEqual([true, false]);
  });
});

// The lease and the reaper over a directory in memory: what a cluster engine over another store gets without Redis.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Directory, LeaseState } from '../../lib/server/cluster/directory.js';
import { Lease, type LeaseEvents } from '../../lib/server/cluster/lease.js';
import { PARTITIONS } from '../../lib/server/cluster/partitions.js';
import { Reaper } from '../../lib/server/cluster/reaper.js';

const LEASE_MS = 800;
const settings = (nodeId: string) => ({
  nodeId,
  leaseMs: LEASE_MS,
  heartbeatMs: 100,
  operationTimeoutMs: 1000,
  log: () => {},
});

/** Leases and leftovers of nodes, by their names; shared by all nodes of a test. */
class MemoryDirectory implements Directory {
  readonly ends = new Map<string, number>();
  readonly claims = new Map<string, string>();
  /** Partitions in which a dead node has entries left, and how many. */
  readonly left = new Map<string, Map<number, number>>();
  readonly silenced: string[] = [];
  /** Entries that were removed. */
  removed = 0;
  failing = false;

  async lease(node: string, fresh: boolean): Promise<LeaseState> {
    if (this.failing) throw new Error('the store does not answer');
    const now = performance.now();
    const [nodeId = ''] = node.split('.');
    const other = [...this.ends].find(([each, ends]) => each !== node && each.startsWith(`${nodeId}.`) && ends > now);
    if (fresh && other) return { held: false, holder: other[0], ends: String(other[1]) };
    if (!fresh && !this.ends.has(node)) return { held: false, holder: '', ends: '' };
    this.ends.set(node, now + LEASE_MS);
    const dead = [...this.ends].filter(([, ends]) => ends <= now).map(([each, ends]) => [each, now - ends] as const);
    return { held: true, dead: new Map(dead) };
  }

  async release(node: string): Promise<void> {
    this.ends.delete(node);
  }

  async claim(dead: string, node: string): Promise<boolean> {
    const holder = this.claims.get(dead) ?? node;
    this.claims.set(dead, holder);
    return holder === node;
  }

  async forget(dead: string): Promise<void> {
    this.ends.delete(dead);
    this.claims.delete(dead);
  }

  async silence(partition: number, dead: string): Promise<void> {
    if (partition === 0) this.silenced.push(dead);
  }

  async reap(partition: number, dead: string): Promise<boolean> {
    const entries = this.left.get(dead);
    const count = entries?.get(partition);
    if (count === undefined) return false;
    this.removed++;
    if (count > 1) entries?.set(partition, count - 1);
    else entries?.delete(partition);
    return count > 1;
  }
}

const leases: Lease[] = [];
afterEach(async () => {
  await Promise.all(leases.splice(0).map((lease) => lease.close(true)));
});

function nodeOf(directory: Directory, nodeId: string) {
  const events = {
    endangered: vi.fn(),
    safe: vi.fn(async () => {}),
    renamed: vi.fn(async (_node: string) => {}),
    dead: vi.fn(),
  } satisfies LeaseEvents;
  const lease = new Lease(directory, settings(nodeId), events);
  leases.push(lease);
  return { lease, events };
}

describe('a lease', () => {
  it('is refused to a second node with the same id, with the name of the first one', async () => {
    const directory = new MemoryDirectory();
    const { lease: first } = nodeOf(directory, 'a');
    await first.take();
    first.start();
    const { lease: second } = nodeOf(directory, 'a');
    await expect(second.take()).rejects.toThrow(`another node with the id "a" is running (as ${first.node})`);
  });

  it('of a node that has died is waited for', async () => {
    const directory = new MemoryDirectory();
    const { lease: dead } = nodeOf(directory, 'a');
    await dead.take();
    const { lease } = nodeOf(directory, 'a');
    await lease.take();
    expect(lease.node).not.toBe(dead.node);
    expect(lease.isDead(dead.node)).toBe(true);
  });

  it('endangers the node while the store does not answer, and holds again afterwards', async () => {
    const directory = new MemoryDirectory();
    const { lease, events } = nodeOf(directory, 'a');
    await lease.take();
    lease.start();
    const { node } = lease;
    directory.failing = true;
    await vi.waitFor(() => expect(events.endangered).toHaveBeenCalledOnce(), 5000);
    directory.failing = false;
    await vi.waitFor(() => expect(events.safe).toHaveBeenCalledOnce(), 5000);
    expect(lease.node).toBe(node);
  });

  it('that was lost gives the node a new name', async () => {
    const directory = new MemoryDirectory();
    const { lease, events } = nodeOf(directory, 'a');
    await lease.take();
    lease.start();
    const { node } = lease;
    directory.ends.clear();
    await vi.waitFor(() => expect(events.renamed).toHaveBeenCalledOnce(), 5000);
    expect(lease.node).not.toBe(node);
    expect(events.endangered).toHaveBeenCalledOnce();
  });
});

describe('what a dead node left', () => {
  it('is removed once, by one of the survivors, in every partition', async () => {
    const directory = new MemoryDirectory();
    directory.ends.set('dead.1', 0);
    directory.left.set('dead.1', new Map(Array.from({ length: PARTITIONS }, (_, partition) => [partition, 3])));
    const options = { removeAfterMs: 2000, leaseMs: LEASE_MS, log: () => {} };
    const reapers = ['x.1', 'y.1'].map((node) => new Reaper(directory, options, { node, closed: false }));
    for (const reaper of reapers) reaper.see(new Map([['dead.1', 100]]));
    await vi.waitFor(() => expect(directory.silenced).toEqual(['dead.1']));
    expect(directory.removed).toBe(0);
    await vi.waitFor(() => {
      for (const reaper of reapers) reaper.see(new Map([['dead.1', 5000]]));
      expect(directory.ends.has('dead.1')).toBe(false);
    });
    expect(directory.left.get('dead.1')?.size).toBe(0);
    expect(directory.removed).toBe(3 * PARTITIONS);
  });
});

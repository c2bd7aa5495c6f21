// Random operations of a few users on three nodes against a small model of what must be true, in one order: each operation
// is awaited before the next, so the model has one state. RTM_SEED repeats a run.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Redis, redisMissing } from '../../fixtures/redis.js';
import { APP, Node, type Session } from './node.js';

const seed = Number(process.env['RTM_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const STEPS = 400;

/** mulberry32 */
function generator(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface ModelUser {
  session: Session | undefined;
  readonly channels: Set<string>;
  readonly attributes: Map<string, string>;
  stored: string[];
  received: string[];
}

describe.skipIf(redisMissing)(`random operations, RTM_SEED=${seed}`, () => {
  let redis: Redis;
  let nodes: Node[];

  beforeAll(async () => {
    redis = await Redis.start();
    nodes = await Promise.all([0, 1, 2].map(() => Node.start({ url: redis.url })));
  });
  afterAll(async () => {
    await Promise.all((nodes ?? []).map((node) => node.engine.close()));
    await redis?.stop();
  });

  test(`${STEPS} steps agree with the model`, { timeout: 60_000 }, async () => {
    const random = generator(seed);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
    const names = ['u0', 'u{1}', 'u2', 'u\n3', 'u4'];
    const channels = ['c0', '{c1}'];
    const users = new Map<string, ModelUser>();
    for (const name of names) {
      users.set(name, { session: undefined, channels: new Set(), attributes: new Map(), stored: [], received: [] });
    }
    const user = (name: string) => users.get(name) as ModelUser;
    const online = () => names.filter((name) => user(name).session !== undefined);
    const sent = new Map<string, string[]>(channels.map((channel) => [channel, []]));
    let count = 0;

    const begin = (name: string, session: Session) => {
      const model = user(name);
      model.session = session;
      model.channels.clear();
      model.attributes.clear();
      model.received = model.stored;
      model.stored = [];
    };
    const steps: Record<string, () => Promise<void>> = {
      open: async () => {
        const name = pick(names);
        const before = user(name).session;
        const session = await pick(nodes).open(name);
        if (before !== undefined) expect(before.end).toBe(1);
        begin(name, session);
        await session.node.until(() => session.inbox.length === user(name).received.length);
      },
      close: async () => {
        const name = pick(names);
        const { session } = user(name);
        expect(await pick(nodes).engine.closeUser(APP, name, 2)).toBe(session !== undefined);
        await session?.node.until(() => session.end === 2);
        await expect.poll(async () => (await nodes[0]?.engine.presence(APP, [name]))?.[0], { interval: 2 }).toBe(2);
        user(name).session = undefined;
        user(name).channels.clear();
        user(name).attributes.clear();
        user(name).received = [];
        for (const channel of channels) await settled(channel);
      },
      resume: async () => {
        const name = pick(names);
        const { session } = user(name);
        if (session === undefined) return;
        session.node.engine.linkLost(APP, name, session.fence, 60_000);
        const moved = (await pick(nodes).take(session)) as Session;
        expect(moved.complete).toBe(true);
        moved.inbox.push(...session.inbox);
        user(name).session = moved;
        for (const channel of user(name).channels) {
          const epoch = '0'.repeat(16);
          expect((await moved.join(channel, { epoch, offset: 0 })).joined).toBe(true);
        }
      },
      send: async () => {
        const from = user(pick(names)).session;
        const to = pick(names);
        if (from === undefined) return;
        const flags = pick([0, 1]);
        const text = `m${count++}`;
        const seq = from.send(to, text, { flags });
        const code = await from.result(seq);
        const model = user(to);
        expect(code).toBe(model.session !== undefined ? 0 : flags === 1 ? 4 : 3);
        if (model.session !== undefined) model.received.push(text);
        else if (flags === 1) model.stored.push(text);
        if (random() < 0.3) {
          from.results.length = 0;
          from.send(to, text, { flags, seq });
          expect(await from.result(seq)).toBe(code);
        }
      },
      join: async () => {
        const name = pick(names);
        const channel = pick(channels);
        const { session } = user(name);
        if (session === undefined) return;
        expect((await session.join(channel)).joined).toBe(true);
        user(name).channels.add(channel);
      },
      leave: async () => {
        const name = pick(names);
        const channel = pick(channels);
        const { session } = user(name);
        if (session === undefined) return;
        expect(await session.leave(channel)).toBe(user(name).channels.delete(channel));
      },
      kick: async () => {
        const name = pick(names);
        const channel = pick(channels);
        const { session } = user(name);
        const was = user(name).channels.delete(channel);
        expect(await pick(nodes).engine.kick(APP, name, channel)).toBe(was);
        if (was) await session?.node.until(() => !session.channels.has(channel));
      },
      publish: async () => {
        const name = pick(names);
        const channel = pick(channels);
        const { session } = user(name);
        if (session === undefined) return;
        const member = user(name).channels.has(channel);
        const text = `p${count++}`;
        expect(await session.result(session.publish(channel, text))).toBe(member ? 0 : 1);
        if (member) sent.get(channel)?.push(text);
      },
      write: async () => {
        const name = pick(names);
        const { session, attributes } = user(name);
        if (session === undefined) return;
        const [key, value] = [pick(['a', 'b', 'c']), `${count++}`];
        const action = pick([0, 1, 2, 3] as const);
        expect(await session.write(action, action === 3 ? [] : [[key, value]])).toBe(0);
        if (action === 0 || action === 3) attributes.clear();
        if (action === 2) attributes.delete(key);
        if (action < 2) attributes.set(key, value);
      },
    };
    const membersOf = (channel: string) => names.filter((name) => user(name).channels.has(channel));
    const settled = (channel: string) =>
      expect.poll(() => nodes[1]?.engine.memberCount(APP, channel), { interval: 2 }).toBe(membersOf(channel).length);

    const done: string[] = [];
    for (let step = 0; step < STEPS; step++) {
      const what = pick(Object.keys(steps));
      done.push(what);
      try {
        await steps[what]?.();
        const node = pick(nodes);
        const presence = await node.engine.presence(APP, names);
        expect(presence).toEqual(names.map((name) => (user(name).session === undefined ? 2 : 0)));
        for (const channel of channels) {
          await settled(channel);
          const asker = online().find((name) => user(name).channels.has(channel));
          if (asker === undefined) continue;
          const session = user(asker).session as Session;
          const members = await session.node.engine.members(APP, channel, asker, session.fence, 100);
          expect(members?.toSorted()).toEqual(membersOf(channel).toSorted());
        }
        for (const name of online()) {
          const { session, received, attributes } = user(name);
          expect(session?.inbox.map(({ text }) => text)).toEqual(received);
          const { entries } = await node.engine.userAttributes(APP, name, []);
          expect(new Map(entries.map(({ key, value }) => [key, value]))).toEqual(attributes);
        }
      } catch (error) {
        throw new Error(`RTM_SEED=${seed}, step ${step} after ${done.slice(-8).join(', ')}`, { cause: error });
      }
    }
    // Each node saw a part of each channel's messages, in the one order, and none twice.
    for (const node of nodes) {
      for (const channel of channels) {
        const seen = node.messages.filter((message) => message.channelId === channel).map(({ text }) => text);
        const order = sent.get(channel) as string[];
        const places = seen.map((text) => order.indexOf(text));
        expect(places).toEqual([...new Set(places)].toSorted((one, other) => one - other));
        expect(places).not.toContain(-1);
      }
    }
  });
});

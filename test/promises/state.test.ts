// The event 'state' tells of every link that is back: whether the session goes on, and what is missing.
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Channel, MessageGap, RtmClient, StateChange } from '../../lib/index.js';
import { FaultProxy } from '../faults/fault-proxy.js';
import { startWorld, type World } from '../integration/client-world.js';

let world: World;
/** The server forgets a lost user soon. */
let brief: World;
beforeAll(async () => {
  [world, brief] = await Promise.all([
    startWorld({ limits: 'off' }),
    startWorld({ limits: 'off', times: { heartbeat: 100, unreachable: 300, grace: 600 } }),
  ]);
});
afterAll(() => Promise.all([world.end(), brief.end()]));

let users = 0;
/** Of the last channel: more messages than the server keeps for a member that is away. */
const MANY = 40;
const NOTHING = { peer: false, channels: [] };

interface Seen {
  readonly proxy: FaultProxy;
  readonly client: RtmClient;
  readonly states: StateChange[];
  readonly next: () => Promise<StateChange>;
}

/** A user behind a proxy, whose changes of state are noted. */
async function behind(at: World, timing: Record<string, number> = {}): Promise<Seen> {
  const proxy = await FaultProxy.start(at.server);
  onTestFinished(() => proxy.close());
  const parameters = { 'rtm.timing': timing };
  const client = await at.login(`user ${++users}`, { endpoints: proxy.connectString, parameters });
  const states: StateChange[] = [];
  client.on('state', (change) => states.push(change));
  const next = () => new Promise<StateChange>((resolve) => client.once('state', resolve));
  return { proxy, client, states, next };
}

const backTo = (previous: string, resumed: boolean, missed: StateChange['missed']) => ({
  previous,
  current: 'connected',
  reason: 'loginSuccess',
  resumed,
  missed,
});

/** Takes a loop's items until one has this text; a gap stands as `-`. */
async function until(last: string, loop: AsyncIterable<{ readonly type: string; readonly text?: string | undefined }>) {
  const items: (string | undefined)[] = [];
  for await (const { type, text } of loop) {
    items.push(type === 'gap' ? '-' : text);
    if (text === last) return items;
  }
  return items;
}

it('a loss that is shorter than a change of state is told, too', async () => {
  const { proxy, next } = await behind(world);
  const change = next();
  proxy.reset();
  expect(await change).toEqual({ ...backTo('connected', true, NOTHING), reasonCode: 2, error: undefined });
});

it('every change has both, and nothing is missing where no link was lost', async () => {
  const { client, states } = await behind(world);
  await client.logout();
  expect(states).toMatchObject([{ current: 'disconnected', resumed: false, missed: NOTHING }]);
});

async function speak(channel: Channel, count: number): Promise<void> {
  for (let index = 0; index < count; index++) await channel.send(`${index}`);
}

it('a channel of which more was said than is kept is named, and a loop gets a gap where messages are missing', async () => {
  const { proxy, client, next } = await behind(world, { outage_ms: 100 });
  const speaker = await world.login(`speaker ${users}`);
  const ids = [`loud ${users}`, `quiet ${users}`];
  const [loud, quiet] = (await Promise.all(ids.map((id) => client.join(id)))) as [Channel, Channel];
  const [loudly, quietly] = (await Promise.all(ids.map((id) => speaker.join(id)))) as [Channel, Channel];
  const loops = [until('last', loud.messages({ gaps: true })), until('last', quiet.messages({ gaps: true }))] as const;
  await Promise.all([loudly.send('first'), quietly.send('first')]);
  await expect.poll(() => loud.memberCount, { timeout: 10_000 }).toBe(2);
  proxy.cut();
  await client.whenState('reconnecting');
  await Promise.all([speak(loudly, MANY), speak(quietly, 1)]);
  const change = next();
  proxy.mend();
  expect(await change).toMatchObject(backTo('reconnecting', true, { peer: false, channels: [loud.id] }));
  await Promise.all([loudly.send('last'), quietly.send('last')]);
  const [missing, whole] = await Promise.all(loops);
  const kept = missing.slice(missing.indexOf('-') + 1, -1);
  expect(missing.slice(0, 2)).toEqual(['first', '-']);
  expect(kept.length).toBeLessThan(MANY);
  expect(kept).toEqual(Array.from({ length: MANY }, (_, index) => `${index}`).slice(-kept.length));
  expect(whole).toEqual(['first', '0', 'last']);
});

it('a session that the server has forgotten is not resumed, and nobody knows what is missing', async () => {
  const { proxy, client, next } = await behind(brief);
  const witness = await brief.login(`witness ${users}`);
  const room = await client.join(`room ${users}`);
  const theirs = await witness.join(room.id);
  const peers = until('last', client.messages({ gaps: true }));
  const plain = until('last', room.messages());
  const left = new Promise((resolve) => theirs.once('memberLeft', resolve));
  const change = next(); // before the outage of 4 s, so that no change of state was told
  proxy.cut();
  await left;
  proxy.mend();
  expect(await change).toMatchObject(backTo('connected', false, { peer: true, channels: [room.id] }));
  await expect.poll(() => theirs.memberCount, { timeout: 10_000 }).toBe(2);
  await witness.sendToPeer(client.userId, 'last');
  await theirs.send('last');
  expect(await peers).toEqual(['-', 'last']);
  expect(await plain).toEqual(['last']);
  const gap: MessageGap = { type: 'gap', resumed: false };
  expect(gap.text).toBe(undefined);
});

it('a gap waits for a loop that is opened later, and is passed over by one that did not ask', async () => {
  const { proxy, client, next } = await behind(brief);
  const witness = await brief.login(`other witness ${users}`);
  const gone = new Promise((resolve) => witness.once('presence', resolve));
  await witness.presence.subscribe([client.userId]);
  await gone;
  await witness.sendToPeer(client.userId, 'first');
  const offline = new Promise<void>((resolve) => {
    witness.on('presence', ({ changes }) => changes.some(({ state }) => state === 'offline') && resolve());
  });
  const change = next();
  proxy.cut();
  await offline;
  proxy.mend();
  await change;
  await witness.sendToPeer(client.userId, 'last');
  expect(await until('last', client.messages({ gaps: true }))).toEqual(['first', '-', 'last']);
  expect(() => client.messages({ gaps: 1 as never })).toThrow(/options\.gaps: expected a boolean/);
});

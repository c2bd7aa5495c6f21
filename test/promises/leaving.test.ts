// What was sent to a channel before it is left has its true result.
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { FaultProxy } from '../faults/fault-proxy.js';
import { startWorld, type World } from '../integration/client-world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ limits: 'off' });
});
afterAll(() => world.end());

let rooms = 0;

/** Two members of a fresh channel, and what the second one hears. */
async function twoMembers(options = {}) {
  const name = `leaving ${++rooms}`;
  const [alice, bob] = await Promise.all([world.login(`${name} alice`, options), world.login(`${name} bob`)]);
  const [room, theirs] = await Promise.all([alice.join(name), bob.join(name)]);
  const heard: (string | undefined)[] = [];
  theirs.on('message', ({ text }) => heard.push(text));
  return { name, alice, room, heard };
}

const texts = Array.from({ length: 10 }, (_, index) => `${index}`);

it('a leave right behind ten messages', async () => {
  const { room, heard } = await twoMembers();
  const sends = texts.map((text) => room.send(text));
  await room.leave();
  await Promise.all(sends);
  await expect.poll(() => heard).toEqual(texts);
});

it('a kick right behind ten messages: each is delivered, refused, or unknown', async () => {
  const { name, alice, room, heard } = await twoMembers();
  const sends = Promise.allSettled(texts.map((text) => room.send(text)));
  const left = new Promise((resolve) => room.once('left', resolve));
  await world.server.kickFromChannel(world.appId, name, alice.userId);
  await left;
  const ends = await sends;
  const failed = texts.filter((_, index) => ends[index]?.status === 'rejected' && !isUnknown(ends[index]));
  const delivered = texts.filter((_, index) => ends[index]?.status === 'fulfilled');
  await expect.poll(() => heard).toEqual(expect.arrayContaining(delivered));
  expect(heard.filter((text) => failed.includes(text ?? ''))).toEqual([]);
});

const isUnknown = (end: PromiseSettledResult<unknown> | undefined) =>
  end?.status === 'rejected' && (end.reason as { code?: string }).code === 'ERR_RTM_TIMEOUT';

it('a leave without an answer: what left the client is unknown, what did not is not sent', async () => {
  const proxy = await FaultProxy.start(world.server);
  onTestFinished(() => proxy.close());
  const { room } = await twoMembers({
    endpoints: proxy.connectString,
    parameters: { 'rtm.timing': { request_ms: 200 } },
  });
  proxy.mute();
  const send = Promise.allSettled([room.send('x')]);
  await room.leave().catch(() => {});
  expect((await send)[0]).toMatchObject({ status: 'rejected', reason: { code: 'ERR_RTM_TIMEOUT', sent: true } });
});

it('a channel that is joined again after a leave without an answer brings no message twice', async () => {
  const proxy = await FaultProxy.start(world.server);
  onTestFinished(() => proxy.close());
  const { name, alice, room } = await twoMembers({
    endpoints: proxy.connectString,
    parameters: { 'rtm.timing': { request_ms: 2000, outage_ms: 100 } },
  });
  const theirs = await (await world.login(`${name} carol`)).join(name);
  const heard: (string | undefined)[] = [];
  room.on('message', ({ text }) => heard.push(text));
  for (const text of ['one', 'two']) await theirs.send(text);
  await expect.poll(() => heard).toEqual(['one', 'two']);
  proxy.cut();
  await alice.whenState('reconnecting');
  await room.leave().catch(() => {}); // nobody answers: the server may have the membership still
  const joined = alice.join(name);
  proxy.mend();
  const again = await joined;
  again.on('message', ({ text }) => heard.push(text));
  await theirs.send('three');
  await expect.poll(() => heard).toEqual(['one', 'two', 'three']);
});

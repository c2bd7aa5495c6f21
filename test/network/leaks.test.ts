import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Relay, startRelay, startWorld, type World, within } from '../integration/client-world.js';

const bots = 100;
const rounds = 10;
const held = () => ({
  descriptors: readdirSync('/proc/self/fd').length,
  threads: readdirSync('/proc/self/task').length,
});

let world: World;
let relay: Relay;

beforeAll(async () => {
  world = await startWorld({ limits: 'off' });
  relay = await startRelay(world.server);
});
afterAll(async () => {
  await world.end();
  await relay.close();
});

it(`${bots * rounds} cut and resumed connections leave no descriptor and no thread behind`, {
  timeout: 120_000,
}, async () => {
  const names = Array.from({ length: bots }, (_, index) => `bot ${index}`);
  const token = (name: string) => world.token(name, 600);
  const clients = await Promise.all(
    names.map((name) => world.login(name, { endpoints: relay.connectString, token: token(name) })),
  );
  const everyoneSends = () =>
    Promise.all(clients.map((client, index) => client.sendToPeer(names[bots - 1 - index] ?? '', 'x')));
  const resumed = async (count: number) => {
    while (world.server.stats().resumes < count) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  const cutAndMend = async () => {
    const before = world.server.stats().resumes;
    relay.reset();
    await within('everybody is back', resumed(before + bots), 30_000);
    await within('everybody sends', everyoneSends(), 30_000);
  };
  await cutAndMend();
  const before = held();
  for (let round = 0; round < rounds; round++) await cutAndMend();
  // The relay's half of a broken connection, and the server's, close in their own time.
  await expect.poll(() => held().descriptors, { timeout: 30_000 }).toBeLessThanOrEqual(before.descriptors);
  const after = held();
  console.log(`after ${bots * rounds} cuts: ${JSON.stringify(after)}, before: ${JSON.stringify(before)}`);
  expect(after.threads).toBeLessThanOrEqual(before.threads);
  expect(world.server.stats().sessions).toBe(bots);
});

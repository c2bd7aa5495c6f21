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
  world = await startWorld({ limits: 'off', times: { heartbeat: 100 } });
  relay = await startRelay(world.server);
});
afterAll(async () => {
  await world.end();
  await relay.close();
});

it(`${bots * rounds} cut and resumed connections leave no descriptor and no thread behind`, {
  timeout: 120_000,
}, async () => {
  // Longer than a heartbeat, or idle links would be given up.
  const parameters = { 'rtm.timing': { outage_ms: 400 } };
  const names = Array.from({ length: bots }, (_, index) => `bot ${index}`);
  const clients = await Promise.all(
    names.map((name) => world.login(name, { endpoints: relay.connectString, parameters })),
  );
  const everyoneSends = () =>
    Promise.all(clients.map((client, index) => client.sendToPeer(names[bots - 1 - index] ?? '', 'x')));
  const cutAndMend = async () => {
    const noticed = clients.map((client) => client.whenState('reconnecting'));
    relay.cut();
    await within('everybody notices', Promise.all(noticed));
    relay.mend();
    await within('everybody is back', Promise.all(clients.map((client) => client.whenState('connected'))), 20_000);
    await within('everybody sends', everyoneSends());
  };
  await cutAndMend();
  const before = held();
  for (let round = 0; round < rounds; round++) await cutAndMend();
  // The relay's half of a broken connection closes in its own time.
  for (let turn = 0; turn < 200 && held().descriptors > before.descriptors; turn++) await new Promise(setImmediate);
  const after = held();
  console.log(`after ${bots * rounds} cuts: ${JSON.stringify(after)}, before: ${JSON.stringify(before)}`);
  expect(after.threads).toBeLessThanOrEqual(before.threads);
  expect(after.descriptors).toBeLessThanOrEqual(before.descriptors);
  expect(world.server.stats().sessions).toBe(bots);
});

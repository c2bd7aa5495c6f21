// Thousands of bots of one process lose their links in the same moment, by a cut and by a reset.
import { RtmClient } from 'rtm-native';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { within } from '../integration/client-world.js';
import { KillableServer } from '../network/killable-server.js';
import { FaultProxy } from './fault-proxy.js';

const appId = '0123456789abcdef0123456789abcdef';
const bots = 2000;
const server = new KillableServer({ apps: [{ appId }], limits: 'off' });
let proxy: FaultProxy;
let clients: RtmClient[];

beforeAll(async () => {
  await server.start();
  proxy = await FaultProxy.start(server);
  clients = [];
  for (let from = 0; from < bots; from += 100) {
    const login = (userId: string) =>
      RtmClient.login({ appId, userId, endpoints: proxy.connectString, timeout: 60_000 });
    clients.push(...(await Promise.all(Array.from({ length: 100 }, (_, index) => login(`bot ${from + index}`)))));
  }
}, 120_000);
afterAll(async () => {
  await Promise.all(clients.map((client) => client.logout()));
  await proxy.close();
  await server.kill();
}, 60_000);

it.each([
  ['reset', 0],
  ['cut for 3 s', 3000],
])(`${bots} bots whose links are %s all resume, spread over time`, { timeout: 60_000 }, async (what, forMs) => {
  const resumed = (await server.stats()).resumes;
  const before = proxy.attempts.length;
  const since = performance.now();
  if (forMs === 0) proxy.reset();
  else {
    proxy.cut();
    await new Promise((resolve) => setTimeout(resolve, forMs));
    proxy.mend();
  }
  const mended = performance.now();
  await within(
    'all resumed',
    (async () => {
      while ((await server.stats()).resumes < resumed + bots) await new Promise((resolve) => setTimeout(resolve, 20));
    })(),
    30_000,
  );
  const seconds = (performance.now() - mended) / 1000;
  const perTenth: number[] = [];
  for (const at of proxy.attempts.slice(before)) {
    const slot = Math.floor((at - since) / 100);
    perTenth[slot] = (perTenth[slot] ?? 0) + 1;
  }
  console.log(
    `${what}: back after ${seconds.toFixed(1)} s; connects in each 0.1 s: ${Array.from(perTenth, (n) => n ?? 0).join(' ')}`,
  );
  // On a machine that does nothing else; where tests run side by side the time is only printed.
  if (process.env['RTM_SOAK'] !== undefined) expect(seconds).toBeLessThan(10);
  expect((await server.stats()).sessions).toBe(bots);
});

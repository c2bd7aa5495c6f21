import { RtmClient } from 'rtm-native';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { within } from '../integration/client-world.js';
import { KillableServer } from './killable-server.js';

const appId = '0123456789abcdef0123456789abcdef';
const bots = 2000;
const server = new KillableServer({ apps: [{ appId }], limits: 'off' });

beforeAll(() => server.start());
afterAll(() => server.kill());

it(`${bots} bots whose server is killed all come back, spread over time`, { timeout: 180_000 }, async () => {
  const login = (userId: string) =>
    RtmClient.login({
      appId,
      userId,
      endpoints: server.connectString,
      timeout: 60_000,
      parameters: { 'rtm.timing': { login_ms: 60_000 } },
    });
  const clients: RtmClient[] = [];
  for (let from = 0; from < bots; from += 100) {
    clients.push(...(await Promise.all(Array.from({ length: 100 }, (_, index) => login(`bot ${from + index}`)))));
  }
  const lost = clients.map((client) => client.whenState('reconnecting'));
  await server.kill();
  await within('all notice', Promise.all(lost), 30_000);
  await server.start();
  const since = performance.now();
  const logins: number[] = [];
  let all = false;
  const watch = (async () => {
    while (!all) {
      logins.push((await server.stats()).logins);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })();
  await within('all back', Promise.all(clients.map((client) => client.whenState('connected'))), 120_000);
  const seconds = (performance.now() - since) / 1000;
  all = true;
  await watch;
  expect((await server.stats()).sessions).toBe(bots);
  const perHalfSecond = logins.map((count, index) => count - (logins[index - 1] ?? 0));
  console.log(
    `${bots} bots back after ${seconds.toFixed(1)} s; logins in each half second: ${perHalfSecond.join(' ')}`,
  );
  await Promise.all(clients.map((client) => client.logout()));
});

// A link that is cut again and again, right after it is back.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, it, onTestFinished } from 'vitest';
import { startWorld, within } from '../integration/client-world.js';
import { behaveWell, startOddServer } from '../integration/support/odd-server.js';
import { FaultProxy } from './fault-proxy.js';

/** A promise of the next time that the client is back. */
function nextReconnect(): Promise<{ resumed: boolean; duration: number }> {
  return within(
    'reconnect',
    new Promise((resolve) => {
      const listener = (message: unknown) => {
        unsubscribe('rtm:reconnect', listener);
        resolve(message as { resumed: boolean; duration: number });
      };
      subscribe('rtm:reconnect', listener);
    }),
  );
}

it.each([
  ['that carries messages', true],
  ['that is idle', false],
])('a link %s and is cut each time it is back comes back at the first pace, not every 5 s', async (_what, busy) => {
  const world = await startWorld({ limits: 'off' });
  const proxy = await FaultProxy.start(world.server);
  onTestFinished(async () => {
    await world.end();
    await proxy.close();
  });
  const alice = await world.login('alice', { endpoints: proxy.connectString });
  const took: number[] = [];
  for (let round = 0; round < 12; round++) {
    const back = nextReconnect();
    proxy.reset();
    const { resumed, duration } = await back;
    expect(resumed).toBe(true);
    took.push(Math.round(duration));
    // Until the server has answered on the new link: a message, or the PING of an idle one, which is behind it.
    await alice.sendToPeer('alice', 'x');
    if (!busy) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  console.log(`back after ms: ${took.join(' ')}`);
  // 0.5 s and the time of a connect; a back-off that grew would be at 2.5 to 5 s from the fifth round on.
  expect([...took].sort((a, b) => a - b)[6]).toBeLessThan(2000);
  expect(alice.state).toBe('connected');
});

it('a server that accepts clients and hangs up at once is tried less and less often', async () => {
  const odd = await startOddServer({
    onFrame: (peer, name) => {
      behaveWell(peer, name);
      if (name === 'Login') peer.close();
    },
  });
  const world = await startWorld();
  onTestFinished(() => world.end());
  const at: number[] = [];
  const listener = () => at.push(performance.now());
  subscribe('rtm:reconnect', listener);
  onTestFinished(() => void unsubscribe('rtm:reconnect', listener));
  await world.login('alice', { endpoints: odd.endpoint, token: 'any' });
  await expect.poll(() => at.length, { timeout: 20_000 }).toBe(4);
  const gaps = at.slice(1).map((each, index) => Math.round(each - (at[index] ?? 0)));
  console.log(`let in again after ms: ${gaps.join(' ')}`);
  // At least 0.5, 1 and 2 s, less the delay with which a busy machine reported the first.
  expect(gaps.reduce((sum, gap) => sum + gap)).toBeGreaterThan(2500);
});

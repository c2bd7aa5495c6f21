// The network of one user is cut under traffic in both directions: 200 peer messages a second each way, 50 a second in a
// channel of 20. With RTM_SOAK the cuts are those of the SDK's own times, up to a minute; otherwise the short ones, and
// the long ones against a server that forgets sooner.
import type { RtmServerOptions } from 'rtm-native';
import { describe, it, type TestContext } from 'vitest';
import { startWorld, within } from '../integration/client-world.js';
import { FaultProxy } from './fault-proxy.js';
import { Traffic } from './traffic.js';

const soak = process.env['RTM_SOAK'] !== undefined;
const rates = { peer: 200, channel: 50 };
const members = 20;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function scene(
  { onTestFinished }: TestContext,
  times: NonNullable<RtmServerOptions['times']> = {},
  parameters?: Record<string, unknown>,
) {
  const world = await startWorld({ limits: 'off', times });
  const proxy = await FaultProxy.start(world.server);
  onTestFinished(async () => {
    proxy.mend();
    await world.end();
    await proxy.close();
  });
  // Tokens that outlive the longest cut.
  const login = (userId: string, options = {}) => world.login(userId, { token: world.token(userId, 600), ...options });
  const moved = await login('moved', { endpoints: proxy.connectString, parameters });
  const still = await login('still');
  const others = await Promise.all(Array.from({ length: members - 2 }, (_, index) => login(`other ${index}`)));
  const traffic = new Traffic(moved, still);
  await traffic.join('room', others);
  const states: string[] = [];
  moved.on('state', ({ current, reason }) => states.push(`${current} ${reason}`));
  return { world, proxy, traffic, states };
}

function report(what: string, { toMoved, fromMoved, channelToMoved }: Traffic): void {
  const count = (line: typeof toMoved) => `${line.heard.length} of ${line.said}`;
  console.log(`${what}: heard to it ${count(toMoved)}, from it ${count(fromMoved)}, channel ${count(channelToMoved)}`);
}

describe.concurrent('a cut', () => {
  it.for(soak ? [1, 5, 25, 29] : [1, 5])(
    'of %i s is not seen by anybody, and loses no peer message',
    { timeout: 120_000 },
    async (seconds, context) => {
      const { expect } = context;
      const { world, proxy, traffic, states } = await scene(context);
      traffic.start(rates);
      await pause(1000);
      proxy.cut();
      await pause(seconds * 1000);
      proxy.mend();
      await traffic.stop();
      await traffic.settle();
      report(`cut for ${seconds} s`, traffic);
      traffic.toMoved.expectAll('to it');
      traffic.fromMoved.expectTruth('from it');
      if (seconds < 8) traffic.fromMoved.expectAll('from it'); // beyond, sends end as timeouts before the link is back
      traffic.channelToMoved.expectOrder('channel, to it');
      traffic.channelFromMoved.expectTruth('channel, from it');
      expect(traffic.members.flat()).toEqual([]);
      expect(traffic.presence).not.toContain('offline');
      if (seconds > 8) expect(traffic.presence).toEqual(['unreachable', 'online']);
      expect(states).toEqual(seconds > 5 ? ['reconnecting interrupted', 'connected loginSuccess'] : expect.anything());
      expect(world.server.stats().logins).toBe(members);
    },
  );

  const beyond: [string, number][] = soak
    ? [
        ['31 s', 31],
        ['60 s', 60],
      ]
    : [['longer than the grace period', 0]];
  it.for(beyond)(
    'of %s is one leave and one join, and nobody is deceived',
    { timeout: 180_000 },
    async ([what, seconds], context) => {
      const { expect } = context;
      const short = seconds === 0;
      const { world, proxy, traffic, states } = await scene(
        context,
        short ? { heartbeat: 100, unreachable: 600, grace: 3000 } : {},
        short ? { 'rtm.timing': { outage_ms: 400, peer_message_ms: 2000, channel_message_ms: 2000 } } : undefined,
      );
      traffic.start(rates);
      await pause(1000);
      const left = Promise.all(
        traffic.members.map((events) => expect.poll(() => events, { timeout: 60_000 }).toEqual(['left'])),
      );
      proxy.cut();
      if (short) await left;
      else await pause(seconds * 1000);
      await left;
      proxy.mend();
      await within('connected', traffic.moved.whenState('connected'), 30_000);
      await expect.poll(() => traffic.members.every((events) => events.length > 1), { timeout: 20_000 }).toBe(true);
      await traffic.stop();
      await traffic.settle();
      report(`cut for ${what}`, traffic);
      for (const line of [traffic.toMoved, traffic.fromMoved, traffic.channelFromMoved]) line.expectTruth(what);
      expect(traffic.toMoved.with('ERR_RTM_PEER_UNREACHABLE').length).toBeGreaterThan(0);
      traffic.channelToMoved.expectOrder('channel');
      for (const events of traffic.members) expect(events).toEqual(['left', 'joined']);
      expect(traffic.presence).toEqual(['unreachable', 'offline', 'online']);
      expect(states).toEqual(['reconnecting interrupted', 'connected loginSuccess']);
      expect(world.server.stats().logins).toBe(members + 1);
    },
  );
});

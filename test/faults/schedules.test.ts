// Random faults under traffic: however a link is cut, reset, stalled, delayed, half-closed, or overtaken by another one of
// the same user, each peer message arrives once and in order, and nobody else sees anything of it.
// RTM_SCHEDULES says how many (2,000 in `npm run soak`), RTM_TEST_SEED repeats a run.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startWorld, type World } from '../integration/client-world.js';
import { Random, testSeed } from '../integration/support/random.js';
import { type Fault, FaultProxy } from './fault-proxy.js';
import { Traffic } from './traffic.js';

const schedules = Number(process.env['RTM_SCHEDULES'] ?? 200);
const atOnce = 25;
const seed = testSeed();
// An outage is noticed soon, and no session is ever forgotten.
const timing = { 'rtm.timing': { outage_ms: 300, handshake_ms: 600 } };

let world: World;
beforeAll(async () => {
  console.log(`${schedules} schedules, RTM_TEST_SEED=${seed}`);
  world = await startWorld({ limits: 'off', times: { heartbeat: 100, unreachable: 60_000, grace: 120_000 } });
});
afterAll(() => world.end());

/** About 1.5 s of faults. */
function scriptOf(random: Random): Fault[] {
  const script: Fault[] = [];
  for (let left = 1500; left > 0; ) {
    const forMs = random.oneOf([1, 20, 100, 400]) + random.below(50);
    script.push(
      random.oneOf<Fault>([
        { do: 'cut', forMs },
        { do: 'cut', forMs },
        { do: 'stall', forMs },
        { do: 'delay', byMs: 1 + random.below(80), forMs },
        { do: 'reorder', forMs },
        { do: 'reset' },
        { do: 'halfClose', side: random.oneOf(['client', 'server'] as const) },
      ]),
      { do: 'nothing', forMs: random.below(200) },
    );
    left -= forMs + 100;
  }
  return script;
}

async function runSchedule(index: number): Promise<void> {
  const script = scriptOf(new Random((seed + index) >>> 0));
  const proxy = await FaultProxy.start(world.server);
  const moved = await world.login(`moved ${index}`, { endpoints: proxy.connectString, parameters: timing });
  const still = await world.login(`still ${index}`);
  try {
    const traffic = new Traffic(moved, still);
    await traffic.join(`room ${index}`);
    traffic.start({ peer: 50, channel: 10 });
    await proxy.run(script);
    await traffic.stop();
    await traffic.settle();
    traffic.toMoved.expectAll('to it');
    traffic.fromMoved.expectAll('from it');
    traffic.channelToMoved.expectOrder('channel, to it');
    traffic.channelFromMoved.expectAll('channel, from it');
    expect(traffic.members.flat(), 'members').toEqual([]);
    expect(traffic.presence, 'presence').toEqual([]);
  } catch (error) {
    const what = `schedule ${index}, seed ${(seed + index) >>> 0}: ${JSON.stringify(script)}`;
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  } finally {
    await Promise.all([moved.logout({ timeout: 5000 }), still.logout({ timeout: 5000 })]);
    await proxy.close();
  }
}

it(`${schedules} random schedules of faults lose, double and reorder nothing`, {
  timeout: schedules * 1500,
}, async () => {
  let next = 0;
  const worker = async () => {
    while (next < schedules) await runSchedule(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const { logins, resumes } = world.server.stats();
  console.log(`${schedules} schedules: ${logins} logins, ${resumes} resumes`);
  expect(logins).toBe(2 * schedules);
  expect(resumes).toBeGreaterThan(schedules);
});

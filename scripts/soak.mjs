// npm run soak: tests that take too long for every change. It runs 2,000 random schedules of faults, cuts of up to a minute
// with the SDK's own times, and users in processes of their own that are cut off, killed and stopped while their server dies
// and its clock jumps: the history of all of them is judged.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildAddon, buildCpp, buildTs } from './build.mjs';
import { ensureFirstPackages } from './packages.mjs';
import { run } from './tools.mjs';

const usage = `Usage: npm run soak -- [options]
  --schedules <n>  random schedules of faults (default 2000)
  --minutes <n>    how long processes talk and fail, half of it with a server in memory, half with a data directory (default 30)
  --processes      only that
  --seed <n>       repeats the choices of a run; each failure names its own
  --help
With the Debian package faketime the clock of the server jumps, too.`;

const { values } = parseArgs({
  options: {
    schedules: { type: 'string', default: '2000' },
    minutes: { type: 'string', default: '30' },
    processes: { type: 'boolean', default: false },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

async function soak() {
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`--minutes: expected a number above 0, got "${values.minutes}"`);
  const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '..', 'vitest.mjs');
  const env = { RTM_SOAK: '1', RTM_SCHEDULES: values.schedules, RTM_SOAK_SECONDS: String(Math.ceil(minutes * 30)) };
  if (values.seed !== undefined) env.RTM_TEST_SEED = values.seed;
  const built =
    (await ensureFirstPackages('cpp')) &&
    (await buildCpp({ target: 'rtm_judge_history' })) &&
    (await buildAddon()) &&
    (await buildTs());
  if (!built) return false;
  const files = values.processes ? 'test/faults/soak.test.ts' : 'test/faults';
  return (await run(process.execPath, [vitest, 'run', files], { env })).ok;
}

if (values.help) console.log(usage);
else {
  try {
    process.exitCode = (await soak()) ? 0 : 1;
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = 2;
  }
}

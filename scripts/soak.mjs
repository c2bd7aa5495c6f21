// npm run soak: tests that take too long for every change. It runs 2,000 random schedules of faults, and cuts of up to a minute
// with the SDK's own times. Options: --schedules <n>, --seed <n> (to repeat a run; each failure names its own).
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildAddon, buildTs } from './build.mjs';
import { run } from './tools.mjs';

const { values } = parseArgs({
  options: { schedules: { type: 'string', default: '2000' }, seed: { type: 'string' } },
});
const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '..', 'vitest.mjs');
const env = { RTM_SOAK: '1', RTM_SCHEDULES: values.schedules };
if (values.seed !== undefined) env.RTM_TEST_SEED = values.seed;
const built = (await buildAddon()) && (await buildTs());
process.exitCode = built && (await run(process.execPath, [vitest, 'run', 'test/faults'], { env })).ok ? 0 : 1;

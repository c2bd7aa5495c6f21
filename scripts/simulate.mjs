// npm run simulate: clients and a server in one thread and in virtual time, through schedules of faults; see
// test/simulator. With --mutations it puts faults into a copy of the sources, one after another, and prints which of
// them the simulator finds, and when.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { mutations } from '../test/simulator/mutations.mjs';
import { buildCpp, buildFolders } from './build.mjs';
import { ensureFirstPackages } from './packages.mjs';
import { inRoot, run } from './tools.mjs';

const usage = `Usage: npm run simulate -- [options]
  --count <n>    how many schedules (default 10000); --count 1000000 takes about an hour and a half on two cores
  --first <n>    the first seed (default 1)
  --seed <n>     only this schedule, with its story
  --most <n>     stop after this many schedules with broken promises (default 1)
  --jobs <n>     processes side by side (default: one for each core)
  --mutations    put each fault of test/simulator/mutations.mjs into a copy of the sources, and look for it in --count
                 schedules
  --help`;

const number = (text, name) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Error(`--${name}: expected a whole number from 1 on, got "${text}"`);
  }
  return value;
};

/** Runs the program over a range of seeds. Its table of what happened is for one process; here the last line counts. */
async function simulate(program, { first, count, most, quiet = false }) {
  const args = ['--first', String(first), '--count', String(count), '--most', String(most)];
  const ran = await run(program, quiet ? [...args, '--quiet'] : args, { capture: true });
  const played = Number(/^(\d+) schedules/m.exec(ran.output)?.[1] ?? 0);
  return { ...ran, played };
}

async function simulateAll(values) {
  if (!(await ensureFirstPackages('cpp')) || !(await buildCpp({ target: 'rtm_simulator' }))) return false;
  const program = inRoot(buildFolders().release, 'rtm_simulator');
  if (values.seed !== undefined) return (await run(program, ['--seed', String(number(values.seed, 'seed'))])).ok;
  const count = number(values.count, 'count');
  const jobs = Math.min(number(values.jobs, 'jobs'), count);
  const share = Math.ceil(count / jobs);
  const first = number(values.first, 'first');
  const runs = Array.from({ length: jobs }, (_, job) =>
    simulate(program, {
      first: first + job * share,
      count: Math.min(share, count - job * share),
      most: number(values.most, 'most'),
    }),
  );
  let ok = true;
  for (const running of runs) {
    const ran = await running;
    console.log(ran.output.trimEnd());
    ok &&= ran.ok;
  }
  return ok;
}

/** What the simulator is built of. */
const sources = [
  'CMakeLists.txt',
  'LICENSE',
  'README.md',
  'test/guard',
  'CMakePresets.json',
  'cmake',
  'cpp',
  'test/cpp',
  'test/simulated',
  'test/simulator',
  'test/history',
];

async function tryMutations(values) {
  if (!(await ensureFirstPackages('cpp'))) return false;
  const count = number(values.count, 'count');
  const copy = mkdtempSync(join(tmpdir(), 'rtm-mutations-'));
  try {
    for (const source of sources) {
      mkdirSync(dirname(join(copy, source)), { recursive: true });
      cpSync(inRoot(source), join(copy, source), { recursive: true });
    }
    const cmake = (args) => run('cmake', args, { cwd: copy, capture: true, env: { CCACHE_BASEDIR: copy } });
    const configured = await cmake([
      '-S',
      copy,
      '-B',
      join(copy, 'build'),
      '-G',
      'Ninja',
      '-DRTM_TESTS=ON',
      '-DCMAKE_BUILD_TYPE=Debug',
      '-DCMAKE_CXX_FLAGS_DEBUG=-O1 -g0',
    ]);
    if (!configured.ok) {
      console.error(configured.output);
      return false;
    }
    const build = () =>
      cmake(['--build', join(copy, 'build'), '--target', 'rtm_simulator', '--parallel', String(cpus().length)]);
    const program = join(copy, 'build', 'rtm_simulator');
    console.log('Compiles the product without a fault …');
    const whole = await build();
    if (!whole.ok) {
      console.error(whole.output);
      return false;
    }
    let found = 0;
    for (const { what, file, from, to } of mutations) {
      const path = join(copy, file);
      const text = readFileSync(path, 'utf8');
      if (text.split(from).length !== 2) throw new Error(`${file}: expected once: ${from}`);
      writeFileSync(
        path,
        text.replace(from, () => to),
      );
      const built = await build();
      const ran = built.ok ? await simulate(program, { first: 1, count, most: 1, quiet: true }) : undefined;
      writeFileSync(path, text);
      if (ran === undefined) {
        console.error(built.output);
        throw new Error(`does not compile: ${what}`);
      }
      if (!ran.ok) ++found;
      const broken = /^ {2}(.*)/m.exec(ran.output)?.[1] ?? ran.output.trim().split('\n').at(-1);
      console.log(
        ran.ok
          ? `not found in ${count} schedules  ${what}`
          : `schedule ${String(ran.played).padStart(6)}  ${what}\n                 ${broken}`,
      );
    }
    console.log(`${found} of ${mutations.length} faults are found within ${count} schedules`);
    return found === mutations.length;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '10000' },
      first: { type: 'string', default: '1' },
      seed: { type: 'string' },
      most: { type: 'string', default: '1' },
      jobs: { type: 'string', default: String(cpus().length) },
      mutations: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return true;
  }
  return values.mutations ? tryMutations(values) : simulateAll(values);
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(`${error.message}\n\n${usage}`);
  process.exitCode = 2;
}

// npm run fuzz: the fuzz targets for as long as wanted. Those in C++ are test/fuzz/*.cpp, those in TypeScript
// test/unit and test/abuse/fuzz-*.test.ts. "npm test" runs them for a few seconds each.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildAddon, buildCpp, buildFolders, buildTs } from './build.mjs';
import { ensureFirstPackages } from './packages.mjs';
import { filesBelow, inRoot, run, which } from './tools.mjs';

const require = createRequire(import.meta.url);
const vitest = () => join(require.resolve('vitest/package.json'), '..', 'vitest.mjs');

/** The names of the targets: fuzz-admin of fuzz-admin.test.ts, frame_fuzz of frame_fuzz.cpp. */
export const cppTargets = () =>
  filesBelow('test/fuzz')
    .filter((file) => /^test\/fuzz\/[^/]+\.cpp$/.test(file))
    .map((file) => basename(file, '.cpp'))
    .sort();
const tsFiles = () =>
  new Map(
    filesBelow('test/unit', 'test/abuse').flatMap((file) => {
      const name = /\/(fuzz-[^/]*)\.test\.ts$/.exec(file)?.[1];
      return name === undefined ? [] : [[name, file]];
    }),
  );
export const tsTargets = () => [...tsFiles().keys()].sort();

/** Clang has the fuzzer, and compiles sanitized code in half the time that GCC needs. */
export const clang = () => (which('clang++') === undefined ? {} : { CC: 'clang', CXX: 'clang++' });

/** Builds these targets in C++. False: the build failed. */
export const buildFuzzTargets = (targets) =>
  buildCpp({ preset: 'fuzz', target: targets.map((name) => `fuzz_${name}`), env: clang() });

/** What a line "// libFuzzer: …" of the target asks for. */
const optionsOf = (name) =>
  /^\/\/ libFuzzer: (.*)$/m.exec(readFileSync(inRoot('test/fuzz', `${name}.cpp`), 'utf8'))?.[1].split(' ') ?? [];

/**
 * Runs one target in C++ from its seeds and from what earlier runs have found.
 * @param {string} name
 * @param {{ seconds: number }} options
 * @returns {Promise<{ ok: boolean, line: string, output: string }>}
 */
export async function fuzzCpp(name, { seconds }) {
  const dir = buildFolders().fuzz;
  const artifacts = inRoot(dir, 'artifacts/');
  const corpus = inRoot(dir, 'corpus', name);
  for (const folder of [artifacts, corpus]) mkdirSync(folder, { recursive: true });
  const inputs = [corpus, inRoot('test/fuzz/seeds', name)].filter((path) => existsSync(path));
  const dictionary = inRoot('test/fuzz', `${name}.dict`);
  const args = [`-max_total_time=${seconds}`, '-timeout=10', '-rss_limit_mb=2048', '-print_final_stats=1'];
  args.push(...optionsOf(name));
  args.push(`-artifact_prefix=${artifacts}${name}-`);
  if (existsSync(dictionary)) args.push(`-dict=${dictionary}`);
  const program = inRoot(dir, 'fuzz', name);
  const fuzz = await run(program, [...args, ...inputs], { capture: true, timeout: seconds * 4 + 30 });
  const runs = /stat::number_of_executed_units:\s*(\d+)/.exec(fuzz.output)?.[1] ?? '?';
  return {
    ok: fuzz.ok,
    line: `${name}: ${fuzz.ok ? `${runs} inputs in ${seconds} s` : 'FAILED'}`,
    output: fuzz.output,
  };
}

/** Runs one target in TypeScript; a failure names the seed that repeats it. */
async function fuzzTs(name, { seconds }) {
  const file = tsFiles().get(name);
  const env = { RTM_FUZZ_SECONDS: String(seconds) };
  const ran = await run(process.execPath, [vitest(), 'run', file], { env, timeout: seconds * 10 + 120 });
  return { ok: ran.ok, line: `${name}: ${ran.ok ? `${seconds} s for each test` : 'FAILED'}`, output: '' };
}

const usage = () => `Usage: npm run fuzz -- [options]
  --seconds <n>     how long each target runs (default 3600)
  --target <name>   only this one; may be repeated: ${[...cppTargets(), ...tsTargets()].join(', ')}
  --help
What a target in C++ has found so far is kept in ${buildFolders().fuzz}/corpus; what breaks one is in ${buildFolders().fuzz}/artifacts.`;

async function main() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '3600' },
      target: { type: 'string', multiple: true },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage());
    return true;
  }
  const all = [...cppTargets(), ...tsTargets()];
  const unknown = values.target?.find((name) => !all.includes(name));
  const seconds = Number(values.seconds);
  if (unknown !== undefined || !(seconds > 0)) {
    console.error(
      unknown === undefined
        ? `--seconds ${values.seconds}: expected a number above 0`
        : `--target ${unknown}: there is none\n\n${usage()}`,
    );
    return false;
  }
  const chosen = values.target ?? all;
  const cpp = cppTargets().filter((name) => chosen.includes(name));
  const ts = tsTargets().filter((name) => chosen.includes(name));
  if (cpp.length > 0 && !((await ensureFirstPackages('fuzz')) && (await buildFuzzTargets(cpp)))) return false;
  if (ts.length > 0 && !((await buildAddon()) && (await buildTs()))) return false;
  let ok = true;
  for (const name of chosen) {
    const outcome = await (cpp.includes(name) ? fuzzCpp : fuzzTs)(name, { seconds });
    console.log(outcome.line);
    if (!outcome.ok) console.error(outcome.output.slice(-8000));
    ok = outcome.ok && ok;
  }
  return ok;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = (await main()) ? 0 : 1;

// npm run tidy: clang-tidy over cpp/, with the commands of the build in build-cpp/ and, for the binding, of the addon's.
// Both compile several sources at a time. clang-tidy looks at them so, too: most of its time goes to headers, and it reads
// them once for eight sources (13 s for what took 200 s apart).
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { buildFolders, configureCpp } from './build.mjs';
import { changedLines, newestFirst, unitsFor } from './changed-lines.mjs';
import { ensurePackages } from './packages.mjs';
import { sideBySide } from './side-by-side.mjs';
import { elapsed, filesBelow, inRoot, root, run } from './tools.mjs';

const usage = `Usage: npm run tidy -- [file.cpp ...] [--changed [--base <commit>]] [--seconds <n>] [--report]
  Without files: all of cpp/.
  --changed        only lines that differ from the base, and the files that contain them, the newest change first
  --base <commit>  the base; otherwise the point where this branch left main, or 20 commits ago
  --seconds <n>    starts no further file after that time, and says which files are left: they have not passed
  --report         findings are listed and are no failure`;

const commitsBack = 20;
const secondsPerUnit = 600;

async function git(...args) {
  const { ok, output } = await run('git', args, { capture: true, timeout: 60 });
  return ok ? output.trim() : undefined;
}

/** The commit that changes are counted from. */
async function baseOf(named) {
  if (named !== undefined) return git('rev-parse', '--verify', '--quiet', `${named}^{commit}`);
  const head = await git('rev-parse', 'HEAD');
  for (const main of ['origin/main', 'main']) {
    const left = await git('merge-base', 'HEAD', main);
    if (left !== undefined && left !== head) return left;
  }
  const commits =
    (await git('rev-list', '--first-parent', `--max-count=${commitsBack + 1}`, 'HEAD'))?.split('\n') ?? [];
  return commits.at(-1);
}

/**
 * What a build folder compiles: for each source of cpp/ the file that the compiler gets, which is the source itself or one
 * that includes it and others.
 * @returns {[string, { folder: string, unit: string }][]}
 */
function unitsIn(folder) {
  const file = inRoot(folder, 'compile_commands.json');
  if (!existsSync(file)) return [];
  return JSON.parse(readFileSync(file, 'utf8')).flatMap(({ file: unit }) => {
    if (!existsSync(unit)) return [];
    const included = readFileSync(unit, 'utf8').matchAll(/^#include "(\/[^"]+\.cpp)"$/gm);
    const sources = unit.includes('/Unity/') ? [...included].map(([, source]) => source) : [unit];
    return sources
      .map((source) => relative(root, source))
      .filter((source) => source.startsWith('cpp/'))
      .map((source) => /** @type {[string, { folder: string, unit: string }]} */ ([source, { folder, unit }]));
  });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    changed: { type: 'boolean', default: false },
    base: { type: 'string' },
    seconds: { type: 'string' },
    report: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
if (!(await ensurePackages('cpp', 'tidy')) || !(await configureCpp('release'))) process.exit(1);

let lineFilter = [];
let wanted = positionals.length > 0 ? positionals : filesBelow('cpp').filter((file) => file.endsWith('.cpp'));
if (values.changed) {
  const base = await baseOf(values.base);
  if (base === undefined) {
    console.error(`the base is no commit here: ${values.base ?? 'neither main nor an earlier commit'}`);
    process.exit(1);
  }
  const changes = changedLines((await git('diff', '--find-renames', '--unified=0', base, '--', 'cpp')) ?? '');
  lineFilter = [`--line-filter=${JSON.stringify([...changes].map(([name, lines]) => ({ name, lines })))}`];
  const all = filesBelow('cpp').filter((file) => /\.(cpp|hpp|h)$/.test(file));
  // If the time does not last for all, it is spent on what changed last.
  const uncommitted = await git('diff', '--name-only', 'HEAD', '--', 'cpp');
  const committed = await git('log', '--format=', '--name-only', `${base}..HEAD`, '--', 'cpp');
  const changed = newestFirst([...changes.keys()], `${uncommitted}\n${committed}`.split('\n'));
  wanted = unitsFor(changed, all, (file) => readFileSync(inRoot(file), 'utf8'));
  console.log(`${changes.size} files changed since ${base.slice(0, 10)}: ${wanted.length} to look at`);
}

// Without a build of the addon the sources that only it compiles are left out.
const unitOf = new Map([...unitsIn('build'), ...unitsIn(buildFolders().release)]);
const without = wanted.filter((file) => !unitOf.has(file));
/** @type {Map<string, { folder: string, sources: string[] }>} */
const units = new Map();
for (const file of wanted) {
  const { folder, unit } = unitOf.get(file) ?? {};
  if (folder === undefined || unit === undefined) continue;
  units.set(unit, { folder, sources: [...(units.get(unit)?.sources ?? []), file] });
}
// Of named files nothing but they are shown, although others are compiled with them.
if (positionals.length > 0) lineFilter = [`--line-filter=${JSON.stringify(wanted.map((name) => ({ name })))}`];

const skipped = [];
const late = () => values.seconds !== undefined && process.uptime() > Number(values.seconds);
const outcomes = await sideBySide(
  [...units].map(([unit, { folder, sources }]) => ({
    name: sources.join(' '),
    steps: async () => {
      if (late()) {
        skipped.push(...sources);
        return [];
      }
      // The commands are those of GCC, which has warnings that clang does not know.
      const own = ['--checks=-bugprone-suspicious-include', '--extra-arg=-Wno-unknown-warning-option'];
      const args = ['-p', folder, '--quiet', ...own, ...lineFilter, unit];
      return [{ command: 'clang-tidy', args, options: { timeout: secondsPerUnit } }];
    },
  })),
  {
    width: Number(process.env.TIDY_JOBS ?? availableParallelism()),
    ended: ({ name, ok, output }) => {
      const text = output.replace(/^(\d+ warnings? generated\.|\s*)$\n?/gm, '').trimEnd();
      if (!ok || text !== '') console.log(`\n=== ${name} [${elapsed()}]\n${text}`);
    },
  },
);
const isSlow = ({ output }) => output.includes(`clang-tidy: stopped after ${secondsPerUnit} s`);
const slow = outcomes.filter(isSlow).flatMap(({ name }) => name.split(' '));
const failed = outcomes.filter((outcome) => !outcome.ok && !isSlow(outcome)).map(({ name }) => name);
console.log(
  `clang-tidy: ${wanted.length - without.length - skipped.length - slow.length} of ${wanted.length} files looked at, ${failed.length} of ${units.size} compilations with findings`,
);
if (failed.length > 0) console.log(`with findings: ${failed.join(', ')}`);
const notPassed = (why, files) => {
  if (files.length > 0) console.log(`not looked at, and so not passed, because ${why}:\n  ${files.join('\n  ')}`);
};
notPassed(`${values.seconds} s were over`, skipped);
notPassed(`one compilation took more than ${secondsPerUnit} s`, slow);
notPassed('no build of the addon has a command for them (npm run build:addon)', without);
process.exitCode = failed.length > 0 && !values.report ? 1 : 0;

// npm run prebuild: makes files below prebuilds/, writes their manifest and checks them.
// Usage: node scripts/prebuild.mjs [--target <name> ...] [--all] [--variant node|static ...]
//   without options: for this machine, with its own compiler; the result needs this machine's glibc or a newer one
//   --target: for another machine or an older glibc, with the pinned compiler (scripts/prebuild/pins.mjs)
//   --all: every target and variant of a release
// RTM_JOBS: how many compilations run at a time. RTM_BUILD_NICENESS: the niceness of compilers.
import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { buildAddon } from './build.mjs';
import { checkFolder } from './check-prebuilds.mjs';
import { ensurePackages } from './packages.mjs';
import { buildCross } from './prebuild/cross.mjs';
import { writeManifest } from './prebuild/manifest.mjs';
import { glibcFloor, prebuildPath, targets, variants } from './prebuild/pins.mjs';
import { elapsed, inRoot, run } from './tools.mjs';

const { values } = parseArgs({
  options: {
    target: { type: 'string', multiple: true, default: [] },
    variant: { type: 'string', multiple: true },
    all: { type: 'boolean', default: false },
  },
});

function fail(message) {
  console.error(message);
  process.exit(1);
}

const libcHere =
  /** @type {any} */ (process.report.getReport()).header.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
const isHere = ({ platform, arch, libc }) =>
  platform === process.platform && arch === process.arch && libc === libcHere;
const targetHere = Object.keys(targets).find((name) => isHere(targets[name]));

/** This machine's own build, stripped. */
async function buildHere() {
  if (targetHere === undefined) {
    fail(
      `no prebuild is planned for ${process.platform}-${process.arch}; there are ${Object.keys(targets).join(', ')}`,
    );
  }
  if (!(await buildAddon())) process.exit(1);
  const path = prebuildPath(targets[targetHere], 'node');
  const file = inRoot('prebuilds', path);
  mkdirSync(dirname(file), { recursive: true });
  // A process that has the old file loaded keeps it: the new one takes its place and does not overwrite it.
  copyFileSync(inRoot('build/Release/rtm_native.node'), `${file}.partial`);
  const stripped = await run('strip', ['--strip-unneeded', `${file}.partial`], { capture: true });
  if (!stripped.ok) fail(`strip failed: ${stripped.output.trim()}`);
  renameSync(`${file}.partial`, file);
  return [path];
}

async function buildTargets(names) {
  const wanted = values.variant ?? (values.all ? variants : ['node']);
  for (const [list, known] of [
    [names, Object.keys(targets)],
    [wanted, variants],
  ]) {
    const unknown = list.find((name) => !known.includes(name));
    if (unknown !== undefined) fail(`"${unknown}": expected one of ${known.join(', ')}`);
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    fail(`the compiler of --target runs on linux-x64, this is ${process.platform}-${process.arch}`);
  }
  if (!(await ensurePackages('cross'))) process.exit(1);
  const jobs = process.env.RTM_JOBS ?? String(availableParallelism());
  const niceness = Number(process.env.RTM_BUILD_NICENESS ?? 0);
  const made = [];
  for (const name of names) {
    console.log(`${name} [${elapsed()}]`);
    try {
      made.push(...(await buildCross(name, wanted, { jobs, niceness })));
    } catch (error) {
      fail(error.message);
    }
  }
  return made;
}

const names = values.all ? Object.keys(targets) : values.target;
const made = names.length > 0 ? await buildTargets(names) : await buildHere();
writeManifest();
const floor = names.length > 0 ? glibcFloor : undefined;
const problems = checkFolder(inRoot('prebuilds'), { floor, only: made });
if (problems.length > 0) fail(problems.join('\n'));

for (const variant of variants) {
  const path = targetHere === undefined ? '' : prebuildPath(targets[targetHere], variant);
  if (!made.includes(path)) continue;
  const program = `require(${JSON.stringify(inRoot('prebuilds', path))})`;
  const loaded = await run(process.execPath, ['-e', program], { capture: true, timeout: 30 });
  if (!loaded.ok) fail(`${path} does not load in Node ${process.version}:\n${loaded.output.trim()}`);
  console.log(`${path}: loads in Node ${process.version}`);
}
console.log(`done in ${elapsed()}`);

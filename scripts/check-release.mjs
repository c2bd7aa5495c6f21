// npm run check:release: installs a release in clean roots, as its users would, and runs the first minute in each. The roots are made
// by mmdebstrap and have neither a compiler nor Python; an npm registry on the loopback has the package. Needs root.
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { packPackage } from './pack.mjs';
import { ensurePackages } from './packages.mjs';
import { allCases, shortCases } from './roots/cases.mjs';
import { newcomerCases } from './roots/newcomer.mjs';
import { Failure } from './roots/place.mjs';
import { startRegistry } from './roots/registry.mjs';
import { isMade, obstacle, unreachable } from './roots/root.mjs';
import { summary, table } from './roots/table.mjs';
import { elapsed, inCI, inRoot, run } from './tools.mjs';

const usage = `Usage: node scripts/check-release.mjs [folder] [options]
  folder            of a release, with the npm package and the .deb; default: the newest below release/
  --clone           instead of a release: packs this clone, with the prebuilds that it has
  --only <case>     only these; "*" stands for any characters; may be repeated
  --short           only the cases of CI
  --newcomer        the path of somebody who clones the project: npm install && npm start, as root and as a user (long)
  --list            names the cases
  --json            prints the rows as JSON; progress goes to the error output
  --mirror <url>    of Debian; default: http://deb.debian.org/debian
Roots and packages are kept in .cache/roots/: delete it to make them anew.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    clone: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    short: { type: 'boolean', default: false },
    newcomer: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    mirror: { type: 'string', default: 'http://deb.debian.org/debian' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
if (values.json) console.log = console.error;

function stop(message) {
  console.error(message);
  process.exit(2);
}

/** What cannot be tried here is said. In CI it does not fail the part, whose result then is "skipped" (scripts/ci.mjs). */
function skip(why) {
  if (!inCI) stop(why);
  console.log(`skipped: ${why}`);
  process.exit(0);
}

const work = mkdtempSync(join(tmpdir(), 'rtm-native-roots-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

/** The files that are tried. */
async function findPackages() {
  if (values.clone || values.newcomer) {
    if (!existsSync(inRoot('dist/index.js'))) stop('dist/ is missing: npm run build:ts');
    return { tarball: (await packPackage(work)).tarball };
  }
  const releases = existsSync(inRoot('release')) ? readdirSync(inRoot('release')).sort() : [];
  const newest = releases.at(-1);
  const given = positionals[0] ?? (newest && inRoot('release', newest));
  if (given === undefined) stop('there is no release: npm run release, or --clone');
  const folder = resolve(given);
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const find = (pattern) => files.filter((file) => pattern.test(file)).map((file) => join(folder, file));
  const [tarball, ...more] = find(/\.tgz$/);
  if (tarball === undefined || more.length > 0)
    stop(`${folder}: expected one .tgz, found ${1 + more.length || 'none'}`);
  return { tarball, deb: find(/\.deb$/)[0] };
}

/** The prebuilds that a package lists. */
async function prebuildsOf(tarball) {
  const { ok, output } = await run('tar', ['-xzOf', tarball, 'package/prebuilds/manifest.json'], { capture: true });
  if (!ok) stop(`${tarball}: expected prebuilds/manifest.json in it: ${output.trim()}`);
  return JSON.parse(output).files;
}

function choose(cases) {
  const names = Object.keys(cases);
  if (values.short) return names.filter((name) => shortCases.includes(name));
  if (values.only === undefined) return names;
  const chosen = values.only.map((pattern) => {
    const expression = new RegExp(
      `^${pattern
        .split('*')
        .map((part) => part.replace(/[.+]/g, '\\$&'))
        .join('.*')}$`,
    );
    const found = names.filter((name) => expression.test(name));
    if (found.length === 0) stop(`--only ${pattern}: there are\n  ${names.join('\n  ')}`);
    return found;
  });
  return names.filter((name) => chosen.flat().includes(name));
}

/** Why a case cannot be tried with this package, or undefined. */
function notTried({ needs }, { prebuilds, deb }) {
  if (needs === 'deb') return deb === undefined ? 'there is no .deb' : undefined;
  if (needs === undefined) return undefined;
  const has = prebuilds.some((each) => Object.keys(needs).every((key) => each[key] === needs[key]));
  return has ? undefined : `the package has no prebuild for ${needs.arch} ${needs.libc} (${needs.variant})`;
}

const mirrors = new Map();

/** Why the root of a case cannot be made, or undefined. Each mirror is asked once. */
async function cannotMake(root) {
  if (isMade(root)) return undefined;
  if (!mirrors.has(root)) mirrors.set(root, await unreachable(root, values.mirror));
  return mirrors.get(root);
}

async function tryCase(name, one, world) {
  const { root, runtime, installer } = one;
  const row = { name, root, runtime, installer };
  const missing = notTried(one, world);
  if (missing !== undefined) return { ...row, result: values.clone ? 'not tried' : 'failed', why: missing };
  const why = await cannotMake(root);
  if (why !== undefined) return { ...row, result: inCI ? 'skipped' : 'failed', why };
  try {
    return { ...row, result: 'ok', ...(await one.run(world)) };
  } catch (error) {
    if (error instanceof Failure) tellOutput(name, error.output);
    return { ...row, result: 'failed', why: error.message.split('\n')[0] };
  }
}

/** The end of what a failed case printed, and where all of it is. */
function tellOutput(name, output) {
  const file = join('.cache/roots', `${name.replaceAll(/[^\w.-]+/g, '-')}.log`);
  writeFileSync(inRoot(file), output);
  console.log(`${output.trim().split('\n').slice(-40).join('\n')}\n(the whole output is in ${file})`);
}

/** A folder with qemu for arm64 and nothing else, to be seen in a root. */
function qemuFolder() {
  const folder = inRoot('.cache/roots/qemu');
  mkdirSync(folder, { recursive: true });
  copyFileSync('/usr/bin/qemu-aarch64-static', join(folder, 'qemu-aarch64-static'));
  chmodSync(join(folder, 'qemu-aarch64-static'), 0o755);
  return folder;
}

async function main() {
  const packages = await findPackages();
  const prebuilds = await prebuildsOf(packages.tarball);
  const cases = values.newcomer ? newcomerCases() : allCases(prebuilds);
  const chosen = choose(cases);
  if (values.list) {
    console.log(chosen.join('\n'));
    return 0;
  }
  const hindrance = await obstacle();
  if (hindrance !== undefined) skip(hindrance);
  const has = (word) => chosen.some((name) => name.startsWith(word));
  const groups = ['roots', ...(has('arm64') ? ['qemu'] : []), ...(has('musl') ? ['musl'] : [])];
  if (!(await ensurePackages(...groups))) skip('what makes and enters the roots is not installed');
  const registry = await startRegistry(packages.tarball, { whole: values.newcomer });
  const qemu = has('arm64') ? qemuFolder() : undefined;
  const world = { ...packages, prebuilds, registry: registry.address, mirror: values.mirror, qemu };
  const rows = [];
  for (const name of chosen) {
    const row = await tryCase(name, cases[name], world);
    rows.push(row);
    const why = row.why === undefined ? '' : ` (${row.why})`;
    console.log(`[${elapsed()}] ${rows.length}/${chosen.length} ${name}: ${row.result}${why}`);
  }
  registry.close();
  if (values.json) process.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
  else console.log(`\n${table(rows)}`);
  console.log(`\n${summary(rows)} in ${elapsed()}`);
  const tried = rows.filter(({ result }) => result === 'ok' || result === 'failed');
  if (tried.length === 0) console.log(`skipped: ${rows[0]?.why}`);
  return rows.some(({ result }) => result === 'failed') ? 1 : 0;
}

if (values.help) console.log(usage);
else process.exitCode = await main();

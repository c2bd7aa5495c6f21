// npm run release: makes everything that is published, from a clean clone, into release/<version>/: the prebuilds inside the npm
// package, the C++ packages (.deb, .tar.gz), the API pages, the parts list (CycloneDX) and the SHA-256 sums. Equal commits give
// equal bytes.
// Usage: node scripts/release.mjs [--part prebuilds|npm|cpp|docs|sbom ...] [--dirty]
//   --part   only these; the sums are those of what is there
//   --dirty  do not refuse a clone with changes: for trying out
// RTM_JOBS, RTM_BUILD_NICENESS: as for npm run prebuild.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkFolder } from './check-prebuilds.mjs';
import { packPackage } from './pack.mjs';
import { ensurePackages } from './packages.mjs';
import { cache, hashOf } from './prebuild/fetch.mjs';
import { glibcFloor } from './prebuild/pins.mjs';
import { partsList } from './prebuild/sbom.mjs';
import { elapsed, heading, inRoot, root, run } from './tools.mjs';

const { name, version } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
const output = inRoot('release', version);
const jobs = process.env.RTM_JOBS ?? String(availableParallelism());
const niceness = Number(process.env.RTM_BUILD_NICENESS ?? 0);

function fail(message) {
  console.error(message);
  process.exit(1);
}

async function must(what, command, args, options = {}) {
  const result = await run(command, args, { capture: true, ...options });
  if (!result.ok) fail(`${what} failed: ${[command, ...args].join(' ')}\n${result.output.trim()}`);
  return result.output;
}

/** The time of the commit stands for the time of the build in everything that carries one. */
async function sourceDate({ dirty }) {
  const changes = await must('git status', 'git', ['status', '--porcelain']);
  if (changes.trim() !== '' && !dirty)
    fail(`expected a clean clone, these files differ (--dirty tries anyway):\n${changes}`);
  return Number(process.env.SOURCE_DATE_EPOCH ?? (await must('git log', 'git', ['log', '-1', '--format=%ct'])));
}

async function makePrebuilds(env) {
  for (const made of readdirSync(inRoot('prebuilds')).filter((entry) => entry !== 'README.md')) {
    rmSync(inRoot('prebuilds', made), { recursive: true });
  }
  rmSync(cache('build'), { recursive: true, force: true });
  const { ok } = await run(process.execPath, [inRoot('scripts/prebuild.mjs'), '--all'], { env });
  if (!ok) process.exit(1);
}

async function makePackage(env) {
  const problems = checkFolder(inRoot('prebuilds'), { floor: glibcFloor, complete: true });
  if (problems.length > 0) fail(problems.join('\n'));
  rmSync(inRoot('dist'), { recursive: true, force: true });
  await must('the TypeScript build', process.execPath, [inRoot('scripts/build.mjs'), 'ts'], { env });
  // npm gives every file in a package the same time and a fixed order.
  await packPackage(output);
}

async function makeCppPackages(env) {
  if (!(await ensurePackages('cpp', 'deb'))) process.exit(1);
  const build = cache('build/cpp');
  rmSync(build, { recursive: true, force: true });
  const flags = `-ffile-prefix-map=${root}=.`;
  const args = ['-S', root, '-B', build, '-DCMAKE_BUILD_TYPE=Release', '-DRTM_TESTS=OFF', '-DRTM_WERROR=OFF'];
  args.push('-DCMAKE_UNITY_BUILD=ON', '-DRTM_CCACHE=', `-DCMAKE_C_FLAGS=${flags}`, `-DCMAKE_CXX_FLAGS=${flags}`);
  await must('configuring', 'cmake', args, { env });
  await must('compiling', 'cmake', ['--build', build, '--parallel', jobs], { env, niceness });
  await must('cpack', 'cpack', ['--config', join(build, 'CPackConfig.cmake'), '-B', join(build, 'packages')], { env });
  const made = readdirSync(join(build, 'packages')).filter((file) => /\.(deb|tar\.gz)$/.test(file));
  if (!made.some((file) => file.endsWith('.deb')))
    fail(`expected a .deb from cpack, got ${made.join(', ') || 'nothing'}`);
  for (const file of made) writeFileSync(join(output, file), readFileSync(join(build, 'packages', file)));
}

/** The pages of TypeDoc and doxygen, as one file to unpack on a web server. */
async function makePages(env) {
  const pages = { typescript: 'build/reference', cpp: 'build-docs/cpp/html' };
  for (const folder of Object.values(pages)) rmSync(inRoot(folder), { recursive: true, force: true });
  await must('TypeDoc', process.execPath, [inRoot('scripts/docs-ts.mjs')], { env });
  await must('doxygen', process.execPath, [inRoot('scripts/docs-cpp.mjs')], { env });
  const top = `${name}-${version}-reference`;
  const folder = cache('build', top);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [language, made] of Object.entries(pages)) {
    cpSync(inRoot(made), join(folder, language), { recursive: true });
  }
  const same = ['--sort=name', `--mtime=@${env.SOURCE_DATE_EPOCH}`, '--owner=0', '--group=0', '--numeric-owner'];
  const args = [...same, '--mode=u+w,go-w', '-C', cache('build'), '-czf', join(output, `${top}.tar.gz`), top];
  await must('tar', 'tar', args, { env });
}

async function makePartsList(env) {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'];
  const epoch = Number(env.SOURCE_DATE_EPOCH);
  const list = partsList(await must('npm sbom', 'npm', args, { env }), { name, version, epoch });
  writeFileSync(join(output, `${name}-${version}.cdx.json`), list);
}

const makers = {
  prebuilds: makePrebuilds,
  npm: makePackage,
  cpp: makeCppPackages,
  docs: makePages,
  sbom: makePartsList,
};

const { values } = parseArgs({
  options: { part: { type: 'string', multiple: true }, dirty: { type: 'boolean', default: false } },
});
const parts = values.part ?? Object.keys(makers);
const unknown = parts.find((part) => !(part in makers));
if (unknown !== undefined) fail(`"${unknown}": expected one of ${Object.keys(makers).join(', ')}`);

// Programs sort and print as they do everywhere.
const env = { SOURCE_DATE_EPOCH: String(await sourceDate(values)), LC_ALL: 'C', TZ: 'UTC' };
if (values.part === undefined) rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
for (const part of parts) {
  heading(part);
  await makers[part](env);
}

heading('sums');
const files = readdirSync(output)
  .filter((file) => file !== 'SHA256SUMS')
  .sort();
const sums = files.map((file) => `${hashOf(join(output, file))}  ${file}\n`).join('');
writeFileSync(join(output, 'SHA256SUMS'), sums);
for (const file of files) console.log(`${file}: ${(statSync(join(output, file)).size / 1e6).toFixed(2)} MB`);
console.log(`release/${version}: done in ${elapsed()}`);

// Checks the package as its users get it: npm packs it and installs it into an empty project, where it must load, and where
// its types must serve an ES module and a CommonJS program.
// Usage: node scripts/check-package.mjs [--fallback [--step install|tests]] [--release]
//   --fallback  without a prebuild: the package says so, and "rtm build-addon" compiles the addon with node-gyp; then the SDK
//               tests run against it
//   --step      only the first or the second half of that; the installed package stays in .cache/fallback in between
//   --release   also fails if a prebuild of a release is missing, needs a newer glibc than promised or breaks another rule
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkFolder } from './check-prebuilds.mjs';
import { packPackage } from './pack.mjs';
import { ensurePackages } from './packages.mjs';
import { readElf } from './prebuild/elf.mjs';
import { glibcFloor } from './prebuild/pins.mjs';
import { hardeningProblems } from './prebuild/rules.mjs';
import { inRoot, run } from './tools.mjs';

const require = createRequire(import.meta.url);
const { values } = parseArgs({
  options: {
    fallback: { type: 'boolean', default: false },
    step: { type: 'string' },
    release: { type: 'boolean', default: false },
  },
});
const { name, files } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
// A user's project stands outside ours: Node would find our node_modules from a folder inside.
const work = mkdtempSync(join(tmpdir(), 'rtm-native-package-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const niceness = Number(process.env.RTM_BUILD_NICENESS ?? 0);
/** For docs/ and examples/, which README.md links to; there were 605 KB when this was written. */
const mostPageBytes = 650_000;
const keptFallback = inRoot('.cache/fallback');

function fail(message) {
  console.error(message);
  process.exit(1);
}

async function must(what, command, args, options = {}) {
  const result = await run(command, args, { capture: true, timeout: 120, ...options });
  if (!result.ok) fail(`${what}: failed\n${result.output}`);
  console.log(`${what}: ok`);
  return result.output;
}

/** Packs the project without running scripts. Fails if a needed file is missing or a foreign file is inside. */
async function pack() {
  const { tarball, paths, bytes } = await packPackage(work);
  const { variables } = JSON.parse(readFileSync(inRoot('cpp/sources.gypi'), 'utf8'));
  const needed = ['dist/index.js', 'dist/index.d.ts', 'dist/index.mjs', 'dist/index.d.mts', 'dist/package.json'];
  needed.push(
    'dist/cli/main.js',
    'gyp/binding.gyp',
    'gyp/list-sources.cjs',
    'docs/bundling.md',
    'examples/bot-farm.mjs',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
    'cmake/addon.map',
    ...Object.values(variables).flat(),
  );
  const missing = needed.filter((path) => !paths.includes(path));
  if (missing.length > 0) fail(`not in the package: ${missing.join(', ')}`);
  if (paths.includes('binding.gyp')) fail('binding.gyp in the root makes package managers compile at the installation');
  const allowed = ['package.json', ...files];
  const foreign = paths.filter((path) => !allowed.some((entry) => path === entry || path.startsWith(`${entry}/`)));
  if (foreign.length > 0) fail(`does not belong into the package: ${foreign.join(', ')}`);
  const pages = paths.filter((path) => path.startsWith('docs/') || path.startsWith('examples/'));
  const pageBytes = pages.reduce((sum, path) => sum + statSync(inRoot(path)).size, 0);
  if (pageBytes > mostPageBytes)
    fail(`expected at most ${mostPageBytes} bytes of pages and examples in the package, found ${pageBytes}`);
  console.log(
    `package: ${paths.length} files, ${(bytes / 1e6).toFixed(1)} MB packed; ${Math.round(pageBytes / 1e3)} KB of pages and examples`,
  );
  return tarball;
}

/** Makes a project that has installed the tarball, as a user would. */
async function consumer(folder, tarball, installArgs) {
  const dir = join(work, folder);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), '{ "private": true, "type": "module" }\n');
  const args = ['install', '--no-audit', '--no-fund', ...installArgs, tarball];
  const what = `${folder}: npm install ${installArgs.join(' ')}`;
  const output = await must(what, 'npm', args, { cwd: dir, timeout: 900, niceness });
  // Such as a warning of npm 11 that a script waits for approval.
  if (/install-scripts|allowScripts/i.test(output))
    fail(`expected an installation without warnings, received\n${output}`);
  return dir;
}

const sizeOf = (path) =>
  statSync(path).isDirectory()
    ? readdirSync(path).reduce((sum, entry) => sum + sizeOf(join(path, entry)), 0)
    : statSync(path).size;

/** An installation has few packages and is small. The prebuilds are not counted: a release has eight, a clone at most one. */
function checkSize(dir, { packages, megabytes }) {
  const modules = join(dir, 'node_modules');
  const { packages: installed } = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'));
  const count = Object.keys(installed).length;
  const size = (sizeOf(modules) - sizeOf(join(modules, name, 'prebuilds'))) / 1e6;
  const found = `${count} packages, ${size.toFixed(1)} MB without prebuilds`;
  if (count > packages || size > megabytes)
    fail(`expected at most ${packages} packages and ${megabytes} MB, found ${found}`);
  console.log(`installed: ${found}`);
}

async function checkLoads(dir, env) {
  const program = `
    import { createRequire } from 'node:module';
    const imported = await import('${name}');
    const required = createRequire(import.meta.url)('${name}');
    for (const key of Object.keys(imported)) if (imported[key] !== required[key]) throw new Error(key + ' exists twice');
    for (const key of ['RtmClient', 'RtmServer', 'createRtmService']) if (!(key in imported)) throw new Error('no ' + key);
    if (imported.getRtmSdkVersion() !== '1.5.0') throw new Error('the addon gives another version');
  `;
  const args = ['--no-warnings', '--input-type=module', '-e', program];
  await must('import and require', process.execPath, args, { cwd: dir, env });
  const example = join(dir, 'node_modules', name, 'examples/port-of-cpp.mjs');
  await must('an example of the package', process.execPath, [example], { cwd: dir, env });
  await must('rtm --help', join(dir, 'node_modules/.bin/rtm'), ['--help'], { cwd: dir, env });
}

/** `npm link` in the unpacked package, and then in a project that uses it, as a developer of a program would. */
async function checkLink(tarball) {
  await must('unpack', 'tar', ['-xzf', tarball, '-C', work]);
  const project = join(work, 'linked');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
  const env = { npm_config_prefix: join(work, 'prefix') };
  for (const [cwd, ...names] of [[join(work, 'package')], [project, name]]) {
    await must(`npm link ${names.join(' ')}`, 'npm', ['link', '--no-audit', '--no-fund', ...names], { cwd, env });
  }
  const program = `console.log(require('${name}').getRtmSdkVersion())`;
  await must('the linked package loads', process.execPath, ['-e', program], { cwd: project });
}

/** Compiles the programs of test/types against the packed declarations. */
async function checkTypes(dir) {
  cpSync(inRoot('test/types'), dir, { recursive: true });
  for (const types of ['@types/node', 'undici-types']) {
    cpSync(inRoot('node_modules', types), join(dir, 'node_modules', types), { recursive: true });
  }
  const tsc = join(require.resolve('typescript/package.json'), '..', 'bin/tsc');
  await must('types for ESM and CommonJS', process.execPath, [tsc, '-p', dir]);
}

if (!existsSync(inRoot('dist/index.js'))) fail('dist/ is missing: npm run build:ts');
const prebuilds = (platform) => existsSync(inRoot('prebuilds', platform));
if (values.release) {
  const problems = checkFolder(inRoot('prebuilds'), { floor: glibcFloor, complete: true });
  if (problems.length > 0) fail(problems.join('\n'));
}

/** Installs the package without its prebuilds, and compiles the addon as its error says. */
async function installFallback() {
  if (!(await ensurePackages('gyp'))) process.exit(1);
  const tarball = await pack();
  await must('unpack', 'tar', ['-xzf', tarball, '-C', work]);
  rmSync(join(work, 'package/prebuilds'), { recursive: true, force: true });
  mkdirSync(join(work, 'package/prebuilds'));
  writeFileSync(join(work, 'package/prebuilds/manifest.json'), '{ "files": [] }\n');
  await must('repack', 'tar', ['-czf', join(work, 'bare.tgz'), '-C', work, 'package']);
  const dir = await consumer('fallback', join(work, 'bare.tgz'), []);
  const program = `require('${name}').getRtmSdkVersion()`;
  const { ok, output } = await run(process.execPath, ['-e', program], { cwd: dir, capture: true, timeout: 60 });
  if (ok || !output.includes('"npx rtm build-addon" compiles it here')) {
    fail(`without a prebuild: expected an error that names "rtm build-addon", received\n${output}`);
  }
  await must('rtm build-addon', 'npx', ['--no-install', 'rtm', 'build-addon'], { cwd: dir, timeout: 900, niceness });
  await checkLoads(dir, {});
  const compiled = readElf(join(dir, 'node_modules', name, 'build/Release/rtm_native.node'));
  const problems = hardeningProblems(compiled, compiled.libraries.includes('libc.so.6') ? 'glibc' : 'musl');
  if (problems.length > 0) fail(`the compiled addon: ${problems.join('; ')}`);
  rmSync(keptFallback, { recursive: true, force: true });
  cpSync(join(dir, 'node_modules', name), keptFallback, { recursive: true });
}

async function testFallback() {
  if (!existsSync(keptFallback))
    fail('.cache/fallback is missing: node scripts/check-package.mjs --fallback --step install');
  const vitest = join(require.resolve('vitest/package.json'), '..', 'vitest.mjs');
  const env = { RTM_NATIVE_ADDON: join(keptFallback, 'build/Release/rtm_native.node') };
  const args = [vitest, 'run', 'test/integration/sdk'];
  await must('SDK tests on the node-gyp build', process.execPath, args, { env, timeout: 600, capture: false });
}

if (values.step !== undefined && (!values.fallback || !['install', 'tests'].includes(values.step))) {
  fail('--step: expected --fallback with install or tests');
}
if (values.fallback) {
  if (values.step !== 'tests') await installFallback();
  if (values.step !== 'install') await testFallback();
} else {
  const publint = inRoot('node_modules/publint/src/cli.js'); // its exports hide it from require.resolve
  const tarball = await pack();
  await must('publint', process.execPath, [publint, 'run', tarball, '--strict']); // what is published, not the folder
  const platform = `${process.platform}-${process.arch}`;
  if (!prebuilds(platform)) fail(`no prebuild for ${platform}: npm run prebuild`);
  const dir = await consumer('prebuilt', tarball, []);
  checkSize(dir, { packages: 24, megabytes: 18 });
  await checkLoads(dir, { PREBUILDS_ONLY: '1' });
  const small = await consumer('without-optional', tarball, ['--omit=optional']);
  checkSize(small, { packages: 3, megabytes: 7 });
  await checkLoads(small, { PREBUILDS_ONLY: '1' });
  await checkLink(tarball);
  await checkTypes(dir);
}

// The path of a C++ user without any of our scripts: plain CMake, the installed tree, the packages of cpack, and a project of
// somebody else (test/consumer) that finds them and sends a message to a server.
// Usage: node scripts/check-cmake.mjs [--all]
//   --all  Release and Debug, shared and static; otherwise only Release, shared
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { missingHardening } from './hardening.mjs';
import { ensurePackages } from './packages.mjs';
import { elapsed, heading, inCI, inRoot, run, which } from './tools.mjs';

const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } });
const ways = values.all
  ? ['Release', 'Debug'].flatMap((type) => [true, false].map((shared) => ({ type, shared })))
  : [{ type: 'Release', shared: true }];
const jobs = process.env.RTM_JOBS ?? String(availableParallelism());
const niceness = Number(process.env.RTM_BUILD_NICENESS ?? 0);
const generator = which('ninja') === undefined ? [] : ['-G', 'Ninja'];
// In CI a new warning must not pass unseen; a user's build never ends because of one.
const werror = inCI ? ['-DRTM_WERROR=ON'] : [];
const appId = '0123456789abcdef0123456789abcdef';
const text = 'hello from C++';
// A user's project stands outside ours.
const work = mkdtempSync(join(tmpdir(), 'rtm-cmake-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

/** A name as the name of a folder, which pkg-config and people can copy. */
const slug = (name) => name.replace(/[^\w.]+/g, '-');

function fail(message) {
  console.error(message);
  process.exit(1);
}

async function must(what, command, args, options = {}) {
  const since = performance.now();
  const { ok, output } = await run(command, args, { capture: true, timeout: 120, ...options });
  if (!ok) fail(`${what}: failed\n${[command, ...args].join(' ')}\n${output}`);
  console.log(`${what}: ok, ${elapsed(since)}`);
  return output;
}

/** Starts `rtm server` without tokens. Returns the environment in which programs find it; undefined if nothing is built. */
async function startServer() {
  const main = inRoot('dist/cli/main.js');
  const args = [main, 'server', '--host', '127.0.0.1', '--port', '0', '--app-id', appId];
  let why = `${main} is missing\n`;
  if (existsSync(main)) {
    let shown = '';
    const found = await new Promise((resolve) => {
      const onOutput = (piece) => {
        shown += piece;
        const endpoints = /^ *connect +(rtms:\S+)$/m.exec(shown)?.[1];
        if (endpoints !== undefined) resolve({ RTM_ENDPOINTS: endpoints });
      };
      void run(process.execPath, args, { capture: true, onOutput }).then(() => resolve(undefined));
    });
    if (found !== undefined) return found;
    why = shown;
  }
  if (inCI) fail(`the server did not start: npm run build:all makes what it needs\n${why}`);
  console.log(`no message is sent, because there is no server: npm run build:all makes what it needs\n${why}`);
  return undefined;
}

/** Runs the consumer's program: with a server it sends a message, without it only makes a service. */
async function runConsumer(what, program, libraries, server) {
  const env = { LD_LIBRARY_PATH: libraries, ...server };
  const args = server === undefined ? [] : [appId, text];
  const output = await must(`${what}: runs`, program, args, { env, cwd: work });
  const expected = server === undefined ? 'initialised\n' : 'bob has the message\n';
  if (output !== expected) fail(`${what}: expected "${expected}", got "${output}"`);
}

async function consumeWithCMake(what, prefix, type, server) {
  const dir = join(work, slug(`${what} consumer`));
  const args = ['-S', inRoot('test/consumer'), '-B', dir, ...generator];
  await must(`${what}: find_package`, 'cmake', [
    ...args,
    `-DCMAKE_BUILD_TYPE=${type}`,
    `-DCMAKE_PREFIX_PATH=${prefix}`,
  ]);
  await must(`${what}: compiles`, 'cmake', ['--build', dir], { niceness });
  await runConsumer(what, join(dir, 'consumer'), join(prefix, 'lib'), server);
}

async function consumeWithPkgConfig(what, prefix, server) {
  const env = { PKG_CONFIG_PATH: join(prefix, 'lib/pkgconfig') };
  const flags = await must(`${what}: pkg-config`, 'pkg-config', ['--cflags', '--libs', 'rtm-native >= 0.1'], { env });
  const program = join(work, slug(`${what} program`));
  const source = inRoot('test/consumer/consumer.cpp');
  const args = ['-std=c++11', '-Wall', '-Wextra', '-Werror', source, '-o', program, ...flags.trim().split(/\s+/)];
  await must(`${what}: compiles`, 'c++', [...args, '-lpthread'], { niceness });
  await runConsumer(what, program, join(prefix, 'lib'), server);
}

/** The component that nobody gets who does not ask for it, and a program that needs it. */
async function consumeWrappers(name, dir, prefix, type) {
  const parts = ['lib/cmake/rtm-native/rtm-native-wrappers-targets.cmake', 'include/rtm-native-wrappers'];
  const early = parts.find((part) => existsSync(join(prefix, part)));
  if (early !== undefined) fail(`${early}: expected only with --component wrappers`);
  await must('install wrappers', 'cmake', ['--install', dir, '--prefix', prefix, '--component', 'wrappers']);
  const project = join(work, slug(`${name} wrapper`));
  const args = ['-S', inRoot('test/consumer'), '-B', project, ...generator];
  const more = [`-DCMAKE_BUILD_TYPE=${type}`, `-DCMAKE_PREFIX_PATH=${prefix}`];
  await must('wrapper: find_package', 'cmake', [...args, ...more]);
  await must('wrapper: compiles', 'cmake', ['--build', project, '--target', 'wrapper'], { niceness });
  const env = { LD_LIBRARY_PATH: join(prefix, 'lib') };
  const output = await must('wrapper: runs', join(project, 'wrapper'), [], { env, cwd: work });
  if (output !== 'a service by each way\n') fail(`wrapper: got "${output}"`);
}

/** Runs cpack in a build folder. Returns the packages by their ending. */
async function pack(dir, into, epoch) {
  mkdirSync(into, { recursive: true });
  const env = { SOURCE_DATE_EPOCH: epoch };
  await must('cpack', 'cpack', ['-B', into], { cwd: dir, env });
  const files = readdirSync(into).filter((name) => /\.(deb|tar\.gz)$/.test(name));
  return Object.fromEntries(files.map((name) => [name.endsWith('.deb') ? 'deb' : 'tar', join(into, name)]));
}

const hashOf = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Makes the packages twice, compares their bytes, and unpacks them. Returns their trees. */
async function packages(name, dir) {
  const epoch = '1700000000'; // any; the second packing comes seconds after the first one
  const made = await pack(dir, join(work, slug(`${name} packages`)), epoch);
  const again = await pack(dir, join(work, slug(`${name} packages again`)), epoch);
  for (const [kind, file] of Object.entries(made)) {
    if (hashOf(file) !== hashOf(again[kind])) fail(`${file}: expected the same bytes when it is made again`);
  }
  const trees = { tar: join(work, slug(`${name} tar`)) };
  mkdirSync(trees.tar);
  await must('unpack .tar.gz', 'tar', ['-xzf', made.tar, '-C', trees.tar, '--strip-components=1']);
  if (made.deb !== undefined) {
    await must('unpack .deb', 'dpkg-deb', ['-x', made.deb, join(work, slug(`${name} deb`))]);
    const depends = await must('fields of the .deb', 'dpkg-deb', ['-f', made.deb, 'Depends']);
    for (const library of ['libuv1', 'libssl', 'zlib1g']) {
      if (!depends.includes(library)) fail(`.deb: expected to depend on ${library}, got: ${depends}`);
    }
    trees.deb = join(work, slug(`${name} deb`), 'usr');
  }
  return trees;
}

async function checkWay({ type, shared }, server) {
  const name = `${type} ${shared ? 'shared' : 'static'}`;
  heading(name);
  const dir = inRoot('.cache/cmake', slug(name));
  const options = [`-DCMAKE_BUILD_TYPE=${type}`, ...(shared ? [] : ['-DBUILD_SHARED_LIBS=OFF']), ...werror];
  rmSync(dir, { recursive: true, force: true }); // options of an earlier run would stay in its cache
  await must('configure', 'cmake', ['-S', inRoot(), '-B', dir, ...generator, ...options]);
  await must('build', 'cmake', ['--build', dir, '--parallel', jobs], { niceness, timeout: 1200 });
  const prefix = join(work, slug(`${name} installed`));
  await must('install', 'cmake', ['--install', dir, '--prefix', prefix]);

  await consumeWithCMake(`${name}, installed`, prefix, type, server);
  await consumeWrappers(name, dir, prefix, type);
  if (shared) {
    const library = join(prefix, 'lib/libagora_rtm_sdk.so');
    const missing = await missingHardening(library, { optimised: type === 'Release' });
    if (missing.length > 0) fail(`${library}:\n  ${missing.join('\n  ')}`);
    console.log('hardening: ok');
  }

  const trees = await packages(name, dir);
  await consumeWithCMake(`${name}, .tar.gz`, trees.tar, type, server);
  await consumeWithPkgConfig(
    `${name}, ${trees.deb === undefined ? '.tar.gz' : '.deb'}`,
    trees.deb ?? trees.tar,
    server,
  );
}

/** A compiler below the floor is refused at once, in one line. The compiler here only says that it is older. */
async function checkFloor() {
  heading('floor');
  const compiler = join(work, 'older-compiler');
  writeFileSync(compiler, `#!/bin/sh\nexec '${which('g++')}' -U__GNUC__ -D__GNUC__=11 "$@"\n`);
  chmodSync(compiler, 0o755);
  const args = ['-S', inRoot(), '-B', join(work, 'floor'), ...generator, `-DCMAKE_CXX_COMPILER=${compiler}`];
  const { ok, output } = await run('cmake', args, { capture: true, timeout: 60 });
  const errors = output.match(/^CMake Error/gm) ?? [];
  const words = output.replace(/\s+/g, ' ');
  if (ok || errors.length !== 1 || !/rtm-native needs GCC 12.*; found GCC 11\./.test(words)) {
    fail(`expected one error that names the floor and GCC 11, got:\n${output}`);
  }
  console.log('GCC 11 is refused in one sentence: ok');
}

if (!(await ensurePackages('cpp'))) process.exit(1);
const server = await startServer();
for (const way of ways) await checkWay(way, server);
if (which('g++') !== undefined) await checkFloor();
console.log(`\nplain CMake: ok in ${elapsed()}`);
process.exit(0); // ends the server

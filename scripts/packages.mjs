// The Debian packages that each step needs, and the command that installs the missing ones.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { inCI, run, which } from './tools.mjs';

const multiarch =
  { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu', arm: 'arm-linux-gnueabihf' }[process.arch] ?? '';
const includeDirs = ['/usr/include', `/usr/include/${multiarch}`, '/usr/local/include'];
const libraryDirs = ['/usr/lib', `/usr/lib/${multiarch}`, '/usr/lib64', '/usr/local/lib'];

const program = (...names) => names.some((name) => which(name) !== undefined);
const header = (name, dirs = includeDirs) => dirs.some((dir) => existsSync(join(dir, name)));
const library = (name) => libraryDirs.some((dir) => existsSync(join(dir, name)));

// The folder of Node's headers, which contains uv.h and openssl/. A Node without headers needs those of the system.
const nodeDirs = [process.env.npm_config_nodedir, join(process.execPath, '../..')]
  .filter((dir) => dir !== undefined)
  .map((dir) => join(dir, 'include/node'));
const platformHeader = (name) => header(name, [...nodeDirs, ...includeDirs]);

async function clangRuntimePackage() {
  const { ok, output } = await run('clang++', ['-print-resource-dir'], { capture: true });
  if (!ok) return 'libclang-rt-dev'; // that of the clang which will be installed
  const dir = output.trim();
  if (existsSync(join(dir, 'lib/linux'))) return undefined;
  return `libclang-rt-${dir.split('/').pop().split('.')[0]}-dev`;
}

const needs = {
  addon: () => [
    !program('c++', 'g++', 'clang++') && 'g++',
    !program('cmake') && 'cmake',
    !program('ninja', 'make') && 'ninja-build',
    !library('libz.a') && 'zlib1g-dev',
    !platformHeader('uv.h') && 'libuv1-dev',
    !platformHeader('openssl/ssl.h') && 'libssl-dev',
  ],
  gyp: () => [
    !program('c++', 'g++', 'clang++') && 'g++',
    !program('make') && 'make',
    !program('python3') && 'python3',
    !library('libz.a') && 'zlib1g-dev',
  ],
  /** For prebuilds of other machines (scripts/prebuild/). */
  cross: () => [
    !program('cmake') && 'cmake',
    !program('ninja') && 'ninja-build',
    !program('make') && 'make',
    !program('perl') && 'perl',
    !program('patch') && 'patch',
  ],
  cpp: () => [
    !program('c++', 'g++', 'clang++') && 'g++',
    !program('cmake') && 'cmake',
    !program('ninja', 'make') && 'ninja-build',
    !program('pkg-config', 'pkgconf') && 'pkg-config',
    !header('openssl/ssl.h') && 'libssl-dev',
    !header('uv.h') && 'libuv1-dev',
    !header('zlib.h') && 'zlib1g-dev',
    !header('gtest/gtest.h') && 'libgtest-dev',
    !header('gmock/gmock.h') && 'libgmock-dev',
  ],
  musl: () => [!existsSync('/lib/ld-musl-x86_64.so.1') && 'musl', !program('g++') && 'g++'],
  /** Runs programs for arm64, with a C library for them. */
  qemu: () => [
    !program('qemu-aarch64-static') && 'qemu-user-static',
    !existsSync('/usr/aarch64-linux-gnu/lib/libc.so.6') && 'libc6-arm64-cross',
    !existsSync('/usr/aarch64-linux-gnu/lib/libstdc++.so.6') && 'libstdc++6-arm64-cross',
  ],
  /** cpack asks dpkg-shlibdeps which packages a library needs. */
  deb: () => [!program('dpkg-shlibdeps') && 'dpkg-dev'],
  guard: () => [!program('valgrind') && 'valgrind'],
  fuzz: async () => [!program('clang++') && 'clang', await clangRuntimePackage()],
  format: () => [!program('clang-format') && 'clang-format'],
  /** Makes clean Debian roots (scripts/check-release.mjs). */
  roots: () => [!program('mmdebstrap') && 'mmdebstrap', !program('ip') && 'iproute2'],
  network: () => [!program('ip') && 'iproute2', !program('iptables') && 'iptables', !program('faketime') && 'faketime'],
  redis: () => [!program('redis-server') && 'redis-server', !program('redis-cli') && 'redis-tools'],
  tidy: () => [!program('clang-tidy') && 'clang-tidy', !program('clang++') && 'clang'],
  docs: () => [!program('doxygen') && 'doxygen'],
  /** Reads headers as the compiler sees them (scripts/clang-ast.mjs). */
  clang: () => [!program('clang++') && 'clang'],
  /** Compiles faster; nothing needs it. */
  cache: () => [!program('ccache') && 'ccache'],
  /** Programs that tests call. */
  tests: () => [!program('openssl') && 'openssl'],
  /** For people: nothing here calls these. */
  comfort: () => [!program('git') && 'git', !program('gdb') && 'gdb'],
};

/** The Debian packages that the named steps (keys of `needs`) lack. */
export async function missingPackages(...steps) {
  const lists = await Promise.all(steps.map((step) => needs[step]()));
  return [...new Set(lists.flat().filter(Boolean))];
}

/** The line a person types to get them. */
export function installLine(packages) {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  return `${sudo}apt-get install -y ${packages.join(' ')}`;
}

/** What stands before apt-get so that it may install: nothing for root, sudo if it asks for no password; else undefined. */
async function installPrefix() {
  if (which('apt-get') === undefined) return undefined;
  if (process.getuid?.() === 0) return [];
  const sudo = ['sudo', '-n'];
  const asks = which('sudo') === undefined || !(await run('sudo', ['-n', 'true'], { capture: true, timeout: 10 })).ok;
  return asks ? undefined : sudo;
}

async function install(prefix, packages) {
  const apt = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'Acquire::Retries=3'];
  const call = (timeout, ...args) => run(apt[0], [...apt.slice(1), ...args], { timeout });
  await call(300, 'update');
  await call(900, 'install', '-y', '--no-install-recommends', ...packages);
}

function printMissing(packages) {
  console.error(`These Debian packages are missing; install them and try again:\n\n  ${installLine(packages)}\n`);
}

/**
 * Makes sure that the packages of the named steps are installed. As root in CI it installs missing packages; otherwise it
 * prints the command. Returns false if a package is still missing.
 */
export async function ensurePackages(...steps) {
  const missing = await missingPackages(...steps);
  if (missing.length === 0) return true;
  if (inCI && process.getuid?.() === 0 && which('apt-get')) {
    console.log(`installing ${missing.join(' ')}`);
    await install([], missing);
    if ((await missingPackages(...steps)).length === 0) return true;
  }
  printMissing(missing);
  return false;
}

/** What `npm install` and `npm test` need together: a newcomer gets it with the first of them, or is told in one line. */
const firstSteps = ['addon', 'cpp', 'fuzz', 'format', 'tests'];

/**
 * The same for the commands that a newcomer types first: if a package of the named steps is missing, it installs those of
 * all first commands, if it may, and says so before. RTM_INSTALL=never only prints the line.
 */
export async function ensureFirstPackages(...steps) {
  if ((await missingPackages(...steps)).length === 0) return true;
  const missing = await missingPackages(...firstSteps);
  const prefix = process.env.RTM_INSTALL === 'never' ? undefined : await installPrefix();
  if (prefix !== undefined) {
    console.log(
      `Debian packages are missing. This installs them now (RTM_INSTALL=never: does not):\n\n  ${installLine(missing)}\n`,
    );
    await install(prefix, missing);
    if ((await missingPackages(...steps)).length === 0) return true;
  }
  printMissing(missing);
  return false;
}

// As a program: node scripts/packages.mjs <step>..., or --all, which the dev container uses
if (process.argv[1] === new URL(import.meta.url).pathname) {
  const steps = process.argv[2] === '--all' ? Object.keys(needs) : process.argv.slice(2);
  const unknown = steps.find((step) => !(step in needs));
  if (unknown !== undefined)
    console.error(`unknown step: ${unknown}; there are ${Object.keys(needs).join(', ')}, --all`);
  process.exitCode = unknown === undefined && (await ensurePackages(...steps)) ? 0 : 1;
}

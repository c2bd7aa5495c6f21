// The parts of a whole check of the project, and which of them may run side by side on two cores.
//
// Two lanes run beside each other, and each runs one part at a time:
//   clock    parts that measure time or wait with a deadline; no two of them ever run together
//   compile  compilers and other programs without deadlines; they give way to the clock lane, so that a test with a
//            deadline gets the processor when it needs it
// A test suite waits most of its time, and compilation fills that time.

/** Seconds that "npm test" may take, and the shortest and longest of the others. */
const limits = { test: 2700, short: 120, middle: 600, long: 1500 };
/** For builds beside tests: compilers let every other program go first. */
const givesWay = { RTM_BUILD_NICENESS: '10' };
const onPrebuild = { PREBUILDS_ONLY: '1' };

const npm = (...args) => ['npm', ...args];
const node = (...args) => [process.execPath, ...args];
const install = 'npm ci --no-audit --no-fund || npm ci --no-audit --no-fund';

/**
 * In each lane, parts start in the order of this list as soon as what they need has passed and what they follow has ended.
 * @type {{ name: string, lane: 'clock' | 'compile', command: string[], limit: number, env?: Record<string, string>,
 *   niceness?: number, after?: string[], following?: string[], preparation?: boolean }[]}
 *   preparation: a part that another part builds on; it counts only if it fails
 */
export const parts = [
  { name: 'npm ci', lane: 'clock', command: ['sh', '-c', install], limit: 840, preparation: true },
  { name: 'npm test', lane: 'clock', command: npm('test'), limit: limits.test, after: ['npm ci'] },
  { name: 'first minute', lane: 'clock', command: npm('start'), limit: limits.short, after: ['npm ci'] },
  {
    name: 'cost of a message, counted',
    lane: 'clock',
    command: npm('run', '-s', 'check:guard'),
    limit: 180,
    after: ['npm ci'],
  },
  // Whether attacks leave logins, messages and memory of others alone; times are not judged on a busy machine.
  {
    name: 'abuse suite, short',
    lane: 'clock',
    command: npm('run', '-s', 'abuse', '--', '--short', '--on', 'memory'),
    limit: limits.middle,
    after: ['npm ci'],
  },
  // Uses the build folder of the addon, so "npm test" must have ended.
  { name: 'prebuild', lane: 'clock', command: npm('run', '-s', 'prebuild'), limit: 900, after: ['npm ci'] },
  {
    name: 'package, loaded from its prebuild',
    lane: 'clock',
    command: npm('run', '-s', 'check:package'),
    limit: limits.middle,
    after: ['prebuild'],
  },
  // The other recipes of docs/bundling.md: node scripts/check-bundlers.mjs
  {
    name: 'bundle by esbuild',
    lane: 'clock',
    command: node('scripts/check-bundlers.mjs', 'esbuild'),
    limit: limits.middle,
    after: ['prebuild'],
  },
  // The prebuild is the tested binary, stripped: some tests tell whether stripping or its place broke something.
  {
    name: 'SDK tests on the prebuild',
    lane: 'clock',
    command: ['npx', '--no-install', 'vitest', 'run', 'test/integration/sdk'],
    env: onPrebuild,
    limit: limits.middle,
    after: ['prebuild'],
  },
  {
    name: 'one binary on Node 20, 22, 24 and 26',
    lane: 'clock',
    command: npm('run', '-s', 'check:nodes'),
    env: onPrebuild,
    limit: limits.middle,
    after: ['prebuild'],
  },
  {
    name: 'C++ tests, address and undefined sanitizers',
    lane: 'clock',
    command: node('scripts/test.mjs', '--sanitize', 'address,undefined'),
    limit: limits.long,
    after: ['build for the address and undefined sanitizers'],
  },
  {
    name: 'C++ tests, thread sanitizer',
    lane: 'clock',
    command: node('scripts/test.mjs', '--sanitize', 'thread'),
    limit: limits.long,
    after: ['build for the thread sanitizer'],
  },
  // Half a second of each attack, in the build folders of the two parts before. The long form: npm run abuse -- --sanitizer …
  {
    name: 'abuse suite on a server under sanitizers, short',
    lane: 'clock',
    command: npm('run', '-s', 'abuse', '--', '--short', '--sanitizer', 'address', '--sanitizer', 'thread'),
    limit: limits.middle,
    after: ['npm ci', 'build for the address and undefined sanitizers', 'build for the thread sanitizer'],
  },
  {
    name: 'package without a prebuild: SDK tests',
    lane: 'clock',
    command: npm('run', '-s', 'check:package', '--', '--fallback', '--step', 'tests'),
    limit: limits.middle,
    after: ['package without a prebuild: node-gyp'],
  },

  {
    name: 'build for the address and undefined sanitizers',
    lane: 'compile',
    command: node('scripts/test.mjs', '--build', '--sanitize', 'address,undefined'),
    env: givesWay,
    limit: limits.long,
    preparation: true,
  },
  {
    name: 'lint and types',
    lane: 'compile',
    command: npm('run', '-s', 'lint'),
    niceness: 10,
    limit: limits.middle,
    after: ['npm ci'],
  },
  {
    name: 'build for the thread sanitizer',
    lane: 'compile',
    command: node('scripts/test.mjs', '--build', '--sanitize', 'thread'),
    env: givesWay,
    limit: limits.long,
    preparation: true,
  },
  // Plain CMake, cpack, and a consumer that talks to a server: dist/ and the addon are what "npm test" leaves.
  {
    name: 'plain CMake, packages and a C++ consumer',
    lane: 'compile',
    command: npm('run', '-s', 'check:cmake'),
    env: givesWay,
    limit: limits.middle,
    after: ['npm ci'],
    following: ['npm test'],
  },
  {
    name: 'API pages of the package',
    lane: 'compile',
    command: npm('run', '-s', 'docs:ts'),
    niceness: 10,
    limit: limits.middle,
    after: ['npm ci'],
  },
  // Packs dist/, which "npm test" writes.
  {
    name: 'types for old and new TypeScript',
    lane: 'compile',
    command: npm('run', '-s', 'check:typescript'),
    niceness: 10,
    limit: limits.middle,
    after: ['npm ci'],
    following: ['npm test'],
  },
  {
    name: 'package without a prebuild: node-gyp',
    lane: 'compile',
    command: npm('run', '-s', 'check:package', '--', '--fallback', '--step', 'install'),
    env: givesWay,
    limit: 1200,
    after: ['npm ci'],
    following: ['npm test'],
  },
  // Two roots, made from Debian's packages: where there is no mirror or no right to mount, the part says "skipped".
  {
    name: 'package in clean roots of Debian 11 and 13',
    lane: 'compile',
    command: npm('run', '-s', 'check:release', '--', '--clone', '--short'),
    limit: limits.middle,
    after: ['prebuild'],
  },
  // A finding in a changed line fails. The files that the time does not reach are named: they count neither way.
  {
    name: 'clang-tidy on changed lines',
    lane: 'compile',
    command: npm('run', '-s', 'tidy', '--', '--changed', '--seconds', '600'),
    niceness: 10,
    limit: 900,
    after: ['npm ci'],
  },
];

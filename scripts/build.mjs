// Builds the parts of the project. Usage: node scripts/build.mjs [addon] [ts] [cpp] [--if-stale] [--optional] [--preset <name>]
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureFirstPackages, ensurePackages, missingPackages } from './packages.mjs';
import { filesBelow, inCI, inRoot, isStale, root, run, which } from './tools.mjs';

const require = createRequire(import.meta.url);
const addonFile = 'build/Release/rtm_native.node';
/** Written after each build. The addon itself keeps its old time when a build finds that nothing has to be linked. */
const addonStamp = 'build/rtm_native.built';
const addonSources = ['cpp', 'cmake', 'CMakeLists.txt', 'gyp'];
/** binding.gyp has a folder of its own: with one in the root, npm, pnpm, yarn and bun would compile at each install. */
const gypFolder = 'gyp';
const jobs = process.env.RTM_JOBS ?? String(availableParallelism());
// CI compiles beside tests that watch the clock: the compiler then gives way to them.
const niceness = Number(process.env.RTM_BUILD_NICENESS ?? 0);
// Warnings are errors where the compiler is the one we develop with; a newer one must not stop somebody's install.
const werror = inCI ? 'ON' : 'OFF';

function resolveTool(request) {
  try {
    return require.resolve(request);
  } catch {
    return undefined;
  }
}

/** Removes a build folder that CMake made for another path: a moved or copied clone cannot use it. */
function dropForeignCache(dir) {
  const cache = inRoot(dir, 'CMakeCache.txt');
  if (!existsSync(cache)) return;
  const home = /^CMAKE_HOME_DIRECTORY:INTERNAL=(.*)$/m.exec(readFileSync(cache, 'utf8'))?.[1];
  if (home !== root) rmSync(inRoot(dir), { recursive: true, force: true });
}

/** True when there is a prebuild for this system and Node can load it. Asks dist/, which must be built. */
async function prebuildLoads() {
  if (!existsSync(inRoot('prebuilds/manifest.json')) || !existsSync(inRoot('dist/native/load.js'))) return false;
  const program = 'require("./dist/native/load.js").loadAddon()';
  const env = { PREBUILDS_ONLY: '1', RTM_NATIVE_ADDON: '' };
  return (await run(process.execPath, ['-e', program], { env, capture: true, timeout: 30 })).ok;
}

/** Builds build/Release/rtm_native.node with CMake (cmake-js), or with node-gyp where there is no CMake. */
export async function buildAddon() {
  const cmakeJs = resolveTool('cmake-js/bin/cmake-js');
  if (cmakeJs === undefined || (which('cmake') === undefined && (await missingPackages('gyp')).length === 0)) {
    const gyp = resolveTool('node-gyp/bin/node-gyp.js');
    if (!(await ensurePackages('gyp'))) return false;
    const [command, args] = gyp === undefined ? ['node-gyp', []] : [process.execPath, [gyp]];
    if (!(await run(command, [...args, 'rebuild', '--directory', gypFolder, '--jobs', jobs])).ok) return false;
    mkdirSync(inRoot(dirname(addonFile)), { recursive: true });
    copyFileSync(inRoot(gypFolder, addonFile), inRoot(addonFile));
    return true;
  }
  if (!(await ensurePackages('addon'))) return false;
  dropForeignCache('build');
  const common = [cmakeJs, '--log-level', 'warn', '--config', 'Release', `--CDRTM_WERROR=${werror}`];
  // Several sources in one compilation: a whole build takes a third of the time, one changed file a bit more.
  common.push('--CDCMAKE_UNITY_BUILD=ON');
  // "build" keeps an old cache as it is, so new options would be ignored without "configure".
  if (!(await run(process.execPath, [...common, 'configure'])).ok) return false;
  const begun = new Date();
  if (!(await run(process.execPath, [...common, '--parallel', jobs, 'build'], { niceness })).ok) return false;
  writeFileSync(inRoot(addonStamp), '');
  utimesSync(inRoot(addonStamp), begun, begun); // a source that changed during the build is newer than this
  return true;
}

/**
 * Compiles lib/ to dist/, and removes from dist/ what no longer has a source. The modules are CommonJS, which `import` and
 * `require` share: then every object exists once in a process. dist/index.mjs names their exports for `import`.
 */
export async function buildTs() {
  const tsc = resolveTool('typescript/package.json')?.replace(/package\.json$/, 'bin/tsc');
  if (tsc === undefined) {
    console.error('TypeScript is not installed (npm install without --omit=dev brings it): dist/ is left as it is');
    return false;
  }
  if (!(await run(process.execPath, [tsc, '-p', 'tsconfig.build.json'])).ok) return false;
  writeFileSync(inRoot('dist/package.json'), `${JSON.stringify({ type: 'commonjs' })}\n`);
  if (!(await run(process.execPath, [inRoot('scripts/finish-dist.mjs')])).ok) return false;
  const added = ['dist/package.json', 'dist/index.mjs', 'dist/index.d.mts'];
  for (const file of filesBelow('dist').filter((each) => !added.includes(each))) {
    const source = file.replace(/^dist/, 'lib').replace(/(\.d\.ts|\.js|\.js\.map)$/, '.ts');
    if (!existsSync(inRoot(source))) rmSync(inRoot(file));
  }
  if (existsSync(inRoot('dist/cli/main.js'))) chmodSync(inRoot('dist/cli/main.js'), 0o755);
  return true;
}

/** The presets of CMakePresets.json that have a build folder: name → folder, relative to the root. */
export function buildFolders() {
  const { configurePresets } = JSON.parse(readFileSync(inRoot('CMakePresets.json'), 'utf8'));
  const visible = configurePresets.filter((preset) => preset.binaryDir !== undefined);
  return Object.fromEntries(visible.map(({ name, binaryDir }) => [name, binaryDir.replace(/^\$\{sourceDir\}\//, '')]));
}

/** The build folder of a preset. Prints an error and returns undefined if there is no such preset. */
function folderOf(preset) {
  const dir = buildFolders()[preset];
  if (dir === undefined) {
    console.error(`unknown preset: ${preset}; there are ${Object.keys(buildFolders()).join(', ')}`);
  }
  return dir;
}

/**
 * Configures a plain CMake tree: the library with its tests, or the fuzz targets.
 * @param {string} preset of CMakePresets.json
 */
export async function configureCpp(preset, env = {}) {
  const dir = folderOf(preset);
  if (dir === undefined) return false;
  dropForeignCache(dir);
  const generator = existsSync(inRoot(dir, 'CMakeCache.txt')) || which('ninja') ? [] : ['-G', 'Unix Makefiles'];
  return (await run('cmake', ['--preset', preset, ...generator, `-DRTM_WERROR=${werror}`], { env })).ok;
}

/**
 * Configures and builds a plain CMake tree.
 * @param {{ preset?: string, target?: string | string[], env?: Record<string, string>, quick?: boolean }} how
 *   preset: of CMakePresets.json; quick: a build folder that is configured already stays as it is, and the first error
 *   ends the build
 */
export async function buildCpp({ preset = 'release', target = 'all', env = {}, quick = false } = {}) {
  const dir = folderOf(preset);
  if (dir === undefined) return false;
  dropForeignCache(dir);
  const configured = quick && existsSync(inRoot(dir, 'CMakeCache.txt'));
  if (!configured && !(await configureCpp(preset, env))) return false;
  // One room that does not compile must not hide the tests of the others.
  const keepGoing = quick ? [] : existsSync(inRoot(dir, 'build.ninja')) ? ['--', '-k', '0'] : ['--', '-k'];
  const targets = [target].flat();
  const args = ['--build', dir, '--target', ...targets, '--parallel', jobs, ...keepGoing];
  return (await run('cmake', args, { env, niceness })).ok;
}

/** The addon that would be loaded is missing or older than its sources. A prebuild counts as current. */
async function addonIsStale() {
  const made = existsSync(inRoot(addonStamp)) ? addonStamp : addonFile;
  if (existsSync(inRoot(addonFile))) return isStale(made, ...addonSources);
  return !(await prebuildLoads());
}

/** npm install in a clone: builds dist/ if the compiler is installed, and the addon unless one is there that loads. */
export async function prepareClone() {
  if (resolveTool('typescript/package.json') !== undefined && !(await buildTs())) return false;
  if (await addonIsStale()) return (await ensureFirstPackages('addon')) && buildAddon();
  console.log('The addon is there and loads.');
  return true;
}

/** Builds what `npm run t` and `npm start` need, if it is missing or older than its sources. */
export async function buildStale() {
  if ((await addonIsStale()) && !(await buildAddon())) return false;
  return !distIsStale() || buildTs();
}

const distIsStale = () => isStale('dist/index.js', 'lib', 'tsconfig.json', 'tsconfig.build.json');

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'if-stale': { type: 'boolean', default: false },
      optional: { type: 'boolean', default: false },
      preset: { type: 'string', default: 'release' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const builders = {
    addon: async () => (values['if-stale'] && !(await addonIsStale())) || (await buildAddon()),
    ts: async () => (values['if-stale'] && !distIsStale()) || (await buildTs()),
    cpp: async () => (await ensurePackages('cpp')) && (await buildCpp({ preset: values.preset })),
  };
  const parts = positionals.length > 0 ? positionals : ['addon', 'ts'];
  const unknown = parts.find((part) => !(part in builders));
  if (values.help || unknown !== undefined) {
    if (unknown !== undefined) console.error(`unknown part: ${unknown}`);
    console.log('Usage: node scripts/build.mjs [addon] [ts] [cpp] [--if-stale] [--optional] [--preset <name>]');
    console.log('  addon            build/Release/rtm_native.node, with CMake or else node-gyp');
    console.log('  ts               lib/ to dist/');
    console.log('  cpp              the plain C++ library and its tests');
    console.log('  --preset <name>  how to build the library: a preset of CMakePresets.json instead of "release"');
    console.log('  --if-stale       only what is older than its sources');
    console.log('  --optional       a missing compiler package (npm install --omit=dev) is not an error');
    console.log('RTM_JOBS: how many compilations run at a time (default: one per core)');
    console.log('RTM_BUILD_NICENESS: the niceness of compilers (default: 0)');
    return values.help;
  }
  for (const part of parts) {
    if (part === 'ts' && values.optional && resolveTool('typescript/package.json') === undefined) continue;
    if (!(await builders[part]())) return false;
  }
  return true;
}

if (process.argv[1] === new URL(import.meta.url).pathname) process.exitCode = (await main()) ? 0 : 1;

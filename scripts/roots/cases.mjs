// What is tried in the clean roots, by name. A case that ends well returns what it measured; one that does not throws a Failure.
import { copyFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { libstdcxxFor } from '../prebuild/musl-runtime.mjs';
import { inRoot } from '../tools.mjs';
import { arm64Majors, nodeMajors, others, runtimeOfArm64, runtimeOfNode, waysOfNode } from './managers.mjs';
import { Failure, fetchRuntime, firstMinute, install, project, reasonIn, secondsSince, within } from './place.mjs';
import { homeOf } from './root.mjs';

/** A package is installed, and runs for its owner and for root. */
function usual(root, runtime, way, extra = async (_world) => ({})) {
  return {
    root,
    runtime: runtime.label,
    installer: way.label,
    needs: runtime.needs,
    run: async (world) =>
      within(world, { root, runtime, way, ...(await extra(world)) }, async (place) => {
        const installSeconds = await install(place, way);
        const megabytes = await place.megabytes(project, ...way.kept);
        const start = performance.now();
        await firstMinute(place, way);
        const minuteSeconds = secondsSince(start) / 2;
        if (place.user !== 'root') await firstMinute(place, way, { user: 'root' });
        await place.must('rtm --help', [...way.rtm, '--help']);
        return { installSeconds, megabytes, minuteSeconds };
      }),
  };
}

const node = (major) => runtimeOfNode(major);
const npmOf = (major) => waysOfNode(major).npm;

/** Expects an error of few lines, with its reason in the first and what to do in the last. */
async function expectRefusal(place, command, reason, remedy, options = {}) {
  const { ok, output } = await place.start(command, options);
  if (ok) throw new Failure(`expected a refusal like ${reason}`, output);
  const shown = output.trim().split('\n');
  const message = shown.slice(shown.findIndex((line) => reason.test(line)));
  if (!reason.test(message[0] ?? '')) throw new Failure(`expected ${reason}, got ${reasonIn(output)}`, output);
  if (!message.some((line) => remedy.test(line))) throw new Failure(`expected advice like ${remedy}`, output);
}

const nothingListens = 'http://127.0.0.1:9';
const deadProxies = Object.fromEntries(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'].map((name) => [
    name,
    nothingListens,
  ]),
);

/** A case on bookworm with Node 22 and npm in which something is wrong with the system. */
function adverse(installer, body, { root = 'bookworm' } = {}) {
  const runtime = node('22');
  const way = npmOf('22');
  return {
    root,
    runtime: runtime.label,
    installer,
    needs: runtime.needs,
    run: (world) =>
      within(world, { root, runtime, way }, async (place) => {
        const installSeconds = await install(place, way);
        await body(place, way);
        return { installSeconds };
      }),
  };
}

const adverseCases = {
  'bookworm/read-only': adverse('node_modules is read-only', (place, way) =>
    firstMinute(place, way, { homeOptions: ':ro' }),
  ),
  'bookworm/noexec': adverse('node_modules forbids programs', (place) =>
    expectRefusal(place, ['node', 'load.mjs'], /^the native addon does not load: .*map segment/, /"noexec"/, {
      homeOptions: ':noexec',
    }),
  ),
  'bookworm/no-network': adverse('offline, from the cache of npm', async (place, way) => {
    rmSync(join(place.home, project), { recursive: true });
    await place.makeProject();
    await install(place, { ...way, install: [...way.install, '--offline'] }, { loopbackOnly: true });
    await firstMinute(place, way, { loopbackOnly: true });
  }),
  'bookworm/dead-proxy': adverse('variables name a proxy that is dead', (place, way) =>
    firstMinute(place, way, { env: deadProxies }),
  ),
  'bookworm/no-compiler': adverse('rtm build-addon without a compiler', (place) =>
    expectRefusal(place, ['node_modules/.bin/rtm', 'build-addon'], /cannot be compiled here/, /GCC 12|g\+\+|apt-get/),
  ),
};

/** The package on a system for which it has no prebuild: it is installed, and the first use says why it does not work. */
function refused(root, runtime, way, installer, { reason, remedy, extra = async (_world) => ({}) }) {
  return {
    root,
    runtime: runtime.label,
    installer,
    run: async (world) =>
      within(world, { root, runtime, way, ...(await extra(world)) }, async (place) => {
        const installSeconds = await install(place, way);
        await expectRefusal(place, [...way.start, 'load.mjs'], reason, remedy);
        return { installSeconds };
      }),
  };
}

const tooOld = (root, glibc, floor) =>
  refused(root, node('20'), npmOf('20'), `glibc ${glibc} is refused`, {
    reason: new RegExp(`^the native addon does not load: glibc ${glibc} is too old: .* ${floor} or later`),
    remedy: /to do: {3}take a newer system/,
  });

const compiles = /to do: {3}"npx rtm build-addon" compiles it here/;

/** The Debian package: apt installs it with what it needs, and programs are compiled against it, by pkg-config and by CMake. */
function debian(root) {
  const runtime = node('20');
  const way = npmOf('20');
  const g = ['-std=c++11', '-Wall', '-Werror'];
  return {
    root,
    runtime: 'C++',
    installer: 'apt',
    needs: 'deb',
    run: (world) =>
      within(world, { root, runtime, way: { ...way, user: 'root' }, writable: true }, async (place) => {
        await install(place, way);
        copyFileSync(world.deb, join(place.home, project, basename(world.deb)));
        copyFileSync(inRoot('examples/cpp/hello.cpp'), join(place.home, project, 'hello.cpp'));
        for (const file of ['CMakeLists.txt', 'consumer.cpp']) {
          copyFileSync(inRoot('test/consumer', file), join(place.home, project, file));
        }
        const apt = ['apt-get', '-q', '-y', '--no-install-recommends', '-o', 'Acquire::Retries=3'];
        apt.push('-o', 'Dpkg::Options::=--force-unsafe-io');
        const env = { DEBIAN_FRONTEND: 'noninteractive' };
        await place.must('apt-get update', [...apt, 'update'], { env, timeout: 300 });
        await place.must('compiler', [...apt, 'install', 'g++', 'cmake', 'make', 'pkg-config'], { env, timeout: 900 });
        const start = performance.now();
        const package_ = `${homeOf('root')}/${project}/${basename(world.deb)}`;
        await place.must('apt-get install', [...apt, 'install', package_], { env, timeout: 600 });
        const installSeconds = secondsSince(start);
        const flags = await place.must('pkg-config', ['pkg-config', '--cflags', '--libs', 'rtm-native >= 0.1']);
        const words = [...flags.trim().split(/\s+/), '-lpthread'];
        for (const program of ['consumer', 'hello']) {
          await place.must(`g++ ${program}.cpp`, ['g++', ...g, `${program}.cpp`, '-o', program, ...words], {
            timeout: 300,
          });
        }
        await place.must('cmake', ['cmake', '-S', '.', '-B', 'built'], { timeout: 300 });
        await place.must('cmake --build', ['cmake', '--build', 'built'], { timeout: 300 });
        for (const program of ['./consumer', 'built/consumer']) {
          const command = ['node', 'beside-server.mjs', program, '{appId}', 'hello from C++'];
          const output = await place.must(program, command);
          if (!output.includes('bob has the message')) throw new Failure(`${program}: expected a message`, output);
        }
        return { installSeconds };
      }),
  };
}

const forArm64 = async () => ({ emulator: ['/opt/qemu/qemu-aarch64-static'] });
/** Bun for musl wants a libstdc++ for musl, which Debian has not. */
const forMusl = async () => {
  const program = join(await fetchRuntime(others['bun-musl'].runtime), 'bin/bun');
  copyFileSync(join(await libstdcxxFor(program), 'libstdc++.so.6'), join(program, '../../libstdc++.so.6'));
  return { env: { LD_LIBRARY_PATH: '/opt/runtime' } };
};

/** glibc of the suites. */
const glibcs = { bullseye: '2.31', bookworm: '2.36', trixie: '2.41' };

const isLower = (one, other) => one.localeCompare(other, 'en', { numeric: true }) < 0;

/**
 * Every case, by name, for a package.
 * @param {{ libcFloor: string | null, arch: string, libc: string, variant: string }[]} prebuilds of the package
 */
export function allCases(prebuilds) {
  const cases = {};
  const floorOf = (needs) =>
    prebuilds.find((each) => Object.keys(needs).every((key) => each[key] === needs[key]))?.libcFloor;
  for (const [suite, glibc] of Object.entries(glibcs)) {
    const floor = floorOf(node('20').needs);
    if (floor && isLower(glibc, floor)) {
      cases[`${suite}/too-old`] = tooOld(suite, glibc, floor);
    } else {
      for (const major of nodeMajors) {
        for (const [name, way] of Object.entries(waysOfNode(major))) {
          cases[`${suite}/node${major}/${name}`] = usual(suite, node(major), way);
        }
      }
    }
    for (const name of ['bun', 'deno'])
      cases[`${suite}/${name}`] = usual(suite, others[name].runtime, others[name].way);
  }
  // Without their prebuilds, as in a clone, these are the wrong processor and the wrong C library.
  if (floorOf(runtimeOfArm64('20').needs) === undefined) {
    cases['arm64/no-prebuild'] = refused(
      'trixie-arm64',
      runtimeOfArm64('20'),
      npmOf('20'),
      'the processor is refused',
      {
        reason: /^the native addon does not load: there is no prebuild for the processor arm64/,
        remedy: compiles,
        extra: forArm64,
      },
    );
  }
  const { runtime: bunMusl, way: bunWay } = others['bun-musl'];
  if (floorOf(bunMusl.needs) === undefined) {
    cases['musl/no-prebuild'] = refused('musl', bunMusl, bunWay, 'the C library is refused', {
      reason: /^the native addon does not load: there is no prebuild for x64 with musl/,
      remedy: /to do: {3}run this program with Node, or on a system with a prebuild for Bun/,
      extra: forMusl,
    });
  }
  for (const major of arm64Majors) {
    cases[`arm64/node${major}/npm`] = usual('trixie-arm64', runtimeOfArm64(major), npmOf(major), forArm64);
  }
  cases['musl/bun'] = usual('musl', bunMusl, bunWay, forMusl);
  Object.assign(cases, adverseCases);
  for (const suite of ['bookworm', 'trixie']) cases[`${suite}/deb`] = debian(suite);
  return cases;
}

/** For CI, in two minutes: the oldest and the newest. Whether the oldest works or is refused depends on who compiled. */
export const shortCases = ['bullseye/too-old', 'bullseye/node20/npm', 'trixie/node20/npm', 'trixie/node26/pnpm'];

// The choice of the addon, and what the error says, for systems that are not this one.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Prebuild } from '../../lib/native/addon-files.js';
import { isCutOff, mayTryNext, prebuildsFor } from '../../lib/native/choose-addon.js';
import { type Attempt, explain, isLower, type LoadFailure } from '../../lib/native/load-failure.js';
import {
  currentLibc,
  currentSystem,
  libcOfProgram,
  libcVersionIn,
  libcVersionOf,
  type System,
  systemName,
  systemOf,
} from '../../lib/native/system.js';

const node20 = { node: '20.20.2', openssl: '3.0.17', uv: '1.46.0' };

function system(changes: Partial<System> = {}): System {
  const base: System = {
    platform: 'linux',
    arch: 'x64',
    libc: 'glibc',
    runtime: 'Node',
    runtimeVersion: '20.20.2',
    sharesLibraries: true,
  };
  return { ...base, ...changes };
}

describe('the facts of a process', () => {
  const linux = { platform: 'linux', arch: 'x64' };
  const runtimes: [string, { versions: Record<string, string>; features?: object }, Partial<System>][] = [
    ['Node', { versions: node20 }, { runtime: 'Node', runtimeVersion: '20.20.2', sharesLibraries: true }],
    [
      'Bun',
      { versions: { ...node20, bun: '1.4.0' } },
      { runtime: 'Bun', runtimeVersion: '1.4.0', sharesLibraries: false },
    ],
    ['Deno', { versions: { ...node20, deno: '2.9.0' } }, { runtime: 'Deno', sharesLibraries: false }],
    ['Electron', { versions: { ...node20, electron: '40.0.0' } }, { runtime: 'Electron', sharesLibraries: false }],
    [
      'Node with BoringSSL',
      { versions: node20, features: { openssl_is_boringssl: true } },
      { runtime: 'Node', sharesLibraries: false },
    ],
    ['Node without TLS', { versions: { node: '22.0.0' } }, { runtime: 'Node', sharesLibraries: false }],
  ];
  it.each(runtimes)('%s is recognised', (_name, facts, expected) => {
    expect(systemOf({ ...linux, ...facts }, () => 'glibc')).toMatchObject({ ...linux, libc: 'glibc', ...expected });
  });

  it('other systems are not asked for the C library of Linux', () => {
    const facts = { platform: 'darwin', arch: 'arm64', versions: node20 };
    expect(systemOf(facts, () => expect.unreachable()).libc).toBeUndefined();
  });

  it('the C library is read from the running program, and agrees with the diagnostic report', () => {
    const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
    const isGlibc = report.header?.glibcVersionRuntime !== undefined;
    expect(currentLibc()).toBe(isGlibc ? 'glibc' : 'musl');
    expect(libcOfProgram(process.execPath)).toBe(currentLibc());
    expect(currentSystem()).toMatchObject({ platform: process.platform, arch: process.arch, libc: currentLibc() });
  });

  it('a file that is no program tells no C library', () => {
    expect(libcOfProgram(import.meta.filename)).toBeUndefined();
    expect(libcOfProgram('/no/such/file')).toBeUndefined();
  });

  it('the version of the C library is the reported one, but in Deno, and unknown where ldd may not run', () => {
    const ldd = () => 'ldd (Debian GLIBC 2.31-13) 2.31\n';
    expect(libcVersionOf('Node', '2.36', ldd)).toBe('2.36');
    expect(libcVersionOf('Bun', undefined, ldd)).toBe('2.31');
    expect(libcVersionOf('Deno', '2.38', ldd)).toBe('2.31');
    const forbidden = () => {
      throw new Error('Requires run access to "ldd"');
    };
    expect(libcVersionOf('Deno', '2.38', forbidden)).toBeUndefined();
  });

  it('versions of the C library and names of distributions are found in what systems write', () => {
    expect(libcVersionIn('ldd (Debian GLIBC 2.36-9+deb12u10) 2.36\nCopyright (C) 2022 …')).toBe('2.36');
    expect(libcVersionIn('ldd (GNU libc) 2.17\n')).toBe('2.17');
    expect(libcVersionIn('musl libc (x86_64)\nVersion 1.2.4\nDynamic Program Loader\n')).toBe('1.2.4');
    expect(libcVersionIn('')).toBeUndefined();
    expect(systemName('NAME="Alpine Linux"\nPRETTY_NAME="Alpine Linux v3.20"\n')).toBe('Alpine Linux v3.20');
    expect(systemName('NAME=Void\n')).toBeUndefined();
  });
});

describe('the choice', () => {
  const choices: [string, Partial<System>, string[]][] = [
    ['Node', {}, ['linux-x64/rtm-native.glibc.node', 'linux-x64-static/rtm-native.glibc.node']],
    [
      'Node on musl and arm64',
      { arch: 'arm64', libc: 'musl' },
      ['linux-arm64/rtm-native.musl.node', 'linux-arm64-static/rtm-native.musl.node'],
    ],
    ['Bun', { runtime: 'Bun', sharesLibraries: false }, ['linux-x64-static/rtm-native.glibc.node']],
    ['Deno on musl', { sharesLibraries: false, libc: 'musl' }, ['linux-x64-static/rtm-native.musl.node']],
    ['macOS', { platform: 'darwin', libc: undefined }, []],
    ['an unknown C library', { libc: undefined }, []],
  ];
  it.each(choices)('%s', (_name, changes, expected) => {
    expect(prebuildsFor(system(changes))).toEqual(expected);
  });

  it('goes on only where the next prebuild can be better', () => {
    expect(mayTryNext(Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' }))).toBe(true);
    expect(mayTryNext(new Error('/x.node: undefined symbol: SSL_CTX_free'))).toBe(true);
    expect(mayTryNext(new Error('Error relocating /x.node: SSL_CTX_free: symbol not found'))).toBe(true);
    expect(mayTryNext(new Error('/x.node: invalid ELF header'))).toBe(false);
    expect(mayTryNext(new Error("version `GLIBC_2.36' not found"))).toBe(false);
  });

  it('passes over a file that is cut off, wherever the cut is', () => {
    const program = readFileSync(process.execPath);
    expect(isCutOff(program.subarray(0, 64), program.length)).toBe(false);
    expect(isCutOff(program.subarray(0, 64), program.length - 1)).toBe(program.length - 1 < endOfSections(program));
    expect(isCutOff(program.subarray(0, 64), endOfSections(program) - 1)).toBe(true);
    expect(isCutOff(program.subarray(0, 10), 10)).toBe(true);
    expect(isCutOff(Buffer.alloc(0), 0)).toBe(true);
  });
});

function endOfSections(elf: Buffer): number {
  return Number(elf.readBigUInt64LE(40)) + elf.readUInt16LE(58) * elf.readUInt16LE(60);
}

function prebuild(path: string, libcFloor: string | null = null): Prebuild {
  const [, platform = '', arch = '', isStatic, libc] =
    /^(\w+)-(\w+?)(-static)?\/rtm-native\.(glibc|musl)\.node$/.exec(path) ?? [];
  return {
    path,
    platform,
    arch,
    libc: libc as 'glibc' | 'musl',
    libcFloor,
    variant: isStatic ? 'static' : 'node',
    bytes: 1,
    sha256: '',
  };
}

const glibcX64 = 'linux-x64/rtm-native.glibc.node';
const all = [
  prebuild('linux-arm64/rtm-native.glibc.node', '2.18'),
  prebuild('linux-arm64/rtm-native.musl.node'),
  prebuild('linux-x64-static/rtm-native.glibc.node', '2.18'),
  prebuild(glibcX64, '2.18'),
  prebuild('linux-x64/rtm-native.musl.node'),
];

function failed(path: string, message: string, changes: Partial<Attempt> = {}): Attempt {
  return { path, kind: 'prebuild', message, code: undefined, state: 'whole', ...changes };
}

function failure(changes: Partial<LoadFailure> = {}): LoadFailure {
  return {
    system: system(),
    details: { name: 'Debian GNU/Linux 12 (bookworm)', libcVersion: '2.36' },
    version: '0.1.0',
    root: '/app/node_modules/rtm-native',
    prebuilds: all,
    attempts: [],
    ...changes,
  };
}

describe('the error', () => {
  const missing = (path: string) =>
    failed(path, `Cannot find module '${path}'`, { code: 'MODULE_NOT_FOUND', state: 'missing' });
  const cases: [string, Partial<LoadFailure>, { reason: RegExp; remedy: RegExp }][] = [
    [
      'another system',
      { system: system({ platform: 'darwin', arch: 'arm64', libc: undefined }) },
      { reason: /there is no prebuild for darwin$/, remedy: /"npx rtm build-addon" compiles it here; it needs GCC 12/ },
    ],
    [
      'another processor',
      { system: system({ arch: 'riscv64' }) },
      { reason: /there is no prebuild for the processor riscv64$/, remedy: /addon/ },
    ],
    [
      'another C library',
      { system: system({ libc: 'musl' }), prebuilds: [prebuild(glibcX64, '2.18')] },
      { reason: /there is no prebuild for x64 with musl$/, remedy: /addon/ },
    ],
    [
      'an unknown C library',
      { system: system({ libc: undefined }) },
      { reason: /the C library of this system is unknown: expected glibc or musl$/, remedy: /addon/ },
    ],
    [
      'an old glibc',
      {
        details: { name: 'CentOS Linux 7 (Core)', libcVersion: '2.17' },
        attempts: [failed(glibcX64, "/lib64/libc.so.6: version `GLIBC_2.18' not found (required by x.node)")],
      },
      {
        reason: /glibc 2\.17 is too old: the prebuild needs glibc 2\.18 or later$/,
        remedy: /take a newer system; "npx/,
      },
    ],
    [
      'an old glibc whose loader names only the first version that it lacks',
      {
        details: { name: 'Debian GNU/Linux 11 (bullseye)', libcVersion: '2.31' },
        prebuilds: [prebuild(glibcX64, '2.36')],
        attempts: [failed(glibcX64, "/lib/libc.so.6: version `GLIBC_2.35' not found (required by x.node)")],
      },
      { reason: /glibc 2\.31 is too old: the prebuild needs glibc 2\.36 or later$/, remedy: /take a newer system/ },
    ],
    [
      'a runtime without a prebuild',
      {
        system: system({ arch: 'arm64', runtime: 'Bun', runtimeVersion: '1.4.0', sharesLibraries: false }),
        attempts: [missing('linux-arm64-static/rtm-native.glibc.node')],
      },
      {
        reason: /there is no prebuild for Bun on arm64 with glibc$/,
        remedy: /run this program with Node, or on a sys/,
      },
    ],
    [
      'a missing file',
      { attempts: [missing(glibcX64)] },
      {
        reason: /prebuilds\/linux-x64\/rtm-native\.glibc\.node is missing$/,
        remedy: /delete \/app\/node_modules\/rtm-native and install rtm-native@0\.1\.0 again/,
      },
    ],
    [
      'a damaged file',
      { attempts: [failed(glibcX64, 'invalid ELF header', { state: 'damaged' })] },
      { reason: /is damaged: it is not the file that was published$/, remedy: /delete .* again/ },
    ],
    [
      'a file system without programs',
      { attempts: [failed(glibcX64, 'failed to map segment from shared object')] },
      { reason: /failed to map segment/, remedy: /mount option "noexec"/ },
    ],
    [
      'a switch that forbids addons',
      { attempts: [failed(glibcX64, 'Cannot load native addon', { code: 'ERR_DLOPEN_DISABLED' })] },
      { reason: /Node runs with a switch that forbids addons$/, remedy: /--permission, add --allow-addons/ },
    ],
    [
      'Deno without the permission',
      {
        system: system({ runtime: 'Deno', runtimeVersion: '2.9.0', sharesLibraries: false }),
        attempts: [failed('linux-x64-static/rtm-native.glibc.node', 'Requires ffi access, run again with --allow-ffi')],
      },
      { reason: /Deno was not allowed to load addons$/, remedy: /--allow-ffi/ },
    ],
    [
      'a file that was named',
      { attempts: [failed('/tmp/x.node', 'file too short', { kind: 'named', state: 'unknown' })] },
      { reason: /RTM_NATIVE_ADDON names \/tmp\/x\.node: file too short$/, remedy: /unset RTM_NATIVE_ADDON/ },
    ],
    [
      'a bundle without addons',
      { root: undefined, prebuilds: undefined, attempts: [missing(glibcX64)] },
      { reason: /the bundle has no addon$/, remedy: /docs\/bundling\.md/ },
    ],
  ];
  it.each(cases)('%s has one reason and one way out', (_name, changes, { reason, remedy }) => {
    const lines = explain(failure(changes)).split('\n');
    expect(lines[0]).toMatch(/^the native addon does not load: /);
    expect(lines[0]).toMatch(reason);
    expect(lines.at(-1)).toMatch(/^ {2}to do: {3}/);
    expect(lines.at(-1)).toMatch(remedy);
  });

  it('names the system, the C library with its version, the runtime and the content of the package', () => {
    const text = explain(failure({ attempts: [failed(glibcX64, 'some words of dlopen')] }));
    expect(text.split('\n').slice(0, 4)).toEqual([
      'the native addon does not load: some words of dlopen',
      '  system:  linux-x64, Debian GNU/Linux 12 (bookworm), glibc 2.36',
      '  runtime: Node 20.20.2',
      '  package: rtm-native 0.1.0; for Node: linux-arm64 (glibc 2.18 or later, musl), linux-x64 (glibc 2.18 or later, ' +
        'musl); for Bun, Deno and Electron: linux-x64 (glibc 2.18 or later)',
    ]);
  });

  it('tells of a local build that does not load either', () => {
    const local = failed('/app/build/x.node', 'wrong ELF class', { kind: 'local', state: 'unknown' });
    expect(explain(failure({ attempts: [local, missing(glibcX64)] }))).toContain(
      '  built:   /app/build/x.node: wrong ELF class\n',
    );
  });

  it('tells a developer how to build', () => {
    const clone = failure({ prebuilds: undefined, attempts: [missing(glibcX64)] });
    expect(explain(clone, true)).toMatch(/this clone has no addon yet\n.*"npm run build:addon" builds it$/s);
  });

  it('compares versions as numbers', () => {
    expect([isLower('2.9', '2.28'), isLower('2.28', '2.28'), isLower('2.31', '2.4'), isLower('2', '2.1')]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});

it('a start does not ask for the details', () => {
  const script = `
    const { spawnSync } = require('node:child_process');
    require('node:child_process').spawnSync = () => { throw new Error('asked ldd'); };
    process.report.getReport = () => { throw new Error('asked for a report'); };
    require('./dist/native/load.js').loadAddon();
    console.log('loaded');`;
  expect(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })).toBe('loaded\n');
});

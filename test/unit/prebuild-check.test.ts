// The check of prebuilds, on small libraries that break one rule each.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

interface Image {
  undefined: { name: string; version?: string; library?: string; weak: boolean }[];
  exported: string[];
  libraries: string[];
}
interface Expected {
  arch: string;
  libc: string;
  variant: string;
  floor?: string;
  nodeNames?: Set<string>;
  muslNames?: Set<string>;
}
const elf = (await import('../../scripts/prebuild/elf.mjs' as string)) as {
  readElf(file: string): Image;
  compareVersions(left: string, right: string): number;
  glibcNeeded(image: Image): string | undefined;
};
const { problemsOf } = (await import('../../scripts/prebuild/rules.mjs' as string)) as {
  problemsOf(image: Image, expected: Expected): string[];
};
const { writeManifest } = (await import('../../scripts/prebuild/manifest.mjs' as string)) as {
  writeManifest(folder: string): unknown[];
};
const { checkFolder } = (await import('../../scripts/check-prebuilds.mjs' as string)) as {
  checkFolder(folder: string, options?: { complete?: boolean; floor?: string }): string[];
};

const onLinuxX64 = process.platform === 'linux' && process.arch === 'x64';
const folder = mkdtempSync(join(tmpdir(), 'rtm-prebuild-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

const source = `
  #include <string.h>
  int napi_create_double(char *); int uv_run(void); int SSL_new(void);
  #define SHOWN __attribute__((visibility("default")))
  SHOWN int napi_register_module_v1(const char *text) {
    char copy[32];
    strcpy(copy, text);
    return napi_create_double(copy) EXTRA;
  }
  SHOWN int node_api_module_get_api_version_v1(void) { return 8; }
`;
const flags = ['-fPIC', '-O2', '-fvisibility=hidden', '-fstack-protector-strong', '-U_FORTIFY_SOURCE'];
flags.push('-D_FORTIFY_SOURCE=2', '-Wl,-z,relro', '-Wl,-z,now', '-Wl,-z,noexecstack', '-Wl,-z,nodelete');

let made = 0;
/** Compiles the library with more flags, which come last and so win. */
function library(more: string[] = [], { extra = '', without = '' } = {}): string {
  const name = join(folder, String(made++));
  writeFileSync(`${name}.c`, source.replace('EXTRA', extra));
  const chosen = flags.filter((flag) => flag !== without);
  const args = ['-shared', ...chosen, `${name}.c`, '-o', `${name}.node`, ...more];
  const { status, stderr } = spawnSync('cc', args, { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return `${name}.node`;
}

const here: Expected = { arch: 'x64', libc: 'glibc', variant: 'node' };
const problems = (file: string, expected: Partial<Expected> = {}) =>
  problemsOf(elf.readElf(file), { ...here, ...expected });

describe.runIf(onLinuxX64)('a prebuild', () => {
  it('may need libc, Node-API, OpenSSL and libuv of the oldest Node, and nothing else', () => {
    const file = library([], { extra: '+ uv_run() + SSL_new()' });
    const nodeNames = new Set(['napi_create_double', 'uv_run', 'SSL_new']);
    expect(problems(file, { nodeNames, floor: '2.28' })).toEqual([]);
    expect(elf.readElf(file).undefined).toContainEqual(
      expect.objectContaining({ name: '__strcpy_chk', version: 'GLIBC_2.3.4', library: 'libc.so.6' }),
    );
    nodeNames.delete('uv_run');
    expect(problems(file, { nodeNames })).toEqual(['expected only what the oldest Node exports, it needs uv_run']);
  });

  it('with OpenSSL and libuv inside needs neither from outside', () => {
    expect(problems(library([], { extra: '+ uv_run() + SSL_new()' }), { variant: 'static' })).toEqual([
      expect.stringContaining('expected only symbols of glibc, Node-API, it needs'),
      expect.stringContaining('expected only symbols of glibc, Node-API, it needs'),
    ]);
    expect(problems(library(), { variant: 'static' })).toEqual([]);
  });

  it('needs no glibc above the floor', () => {
    const file = library();
    expect(problems(file, { floor: '2.3.4' }).filter((problem) => /strcpy/.test(problem))).toEqual([]);
    expect(problems(file, { floor: '2.3' })).toContain(
      'expected to need at most glibc 2.3, __strcpy_chk needs GLIBC_2.3.4',
    );
    expect(elf.glibcNeeded(elf.readElf(file))).toBe('2.4'); // __stack_chk_fail
  });

  it.each([
    ['the stack protector', ['-fno-stack-protector'], /stack protector/],
    ['checked functions', ['-U_FORTIFY_SOURCE'], /_FORTIFY_SOURCE/],
    ['read-only relocations', ['-Wl,-z,norelro'], /-z relro/],
    ['binding at load', ['-Wl,-z,lazy'], /-z now/],
    ['a stack without code', ['-Wl,-z,execstack'], /-z noexecstack/],
    ['a place in memory to the end', [], /-z nodelete/, '-Wl,-z,nodelete'],
  ])('without %s is refused', (_, more, expected, without = '') => {
    const last = more[0] === '-U_FORTIFY_SOURCE' ? '-D_FORTIFY_SOURCE=2' : without;
    expect(problems(library(more, { without: last }))).toEqual([expect.stringMatching(expected)]);
  });

  it('with a search path, or relocations in its code, is refused', () => {
    expect(problems(library(['-Wl,-rpath,/opt/lib']))).toEqual([expect.stringContaining('search path')]);
    const data = '; } __asm__(".text\\n.quad napi_register_module_v1"); int unused(void) { return 0';
    expect(problems(library(['-Wl,-z,notext'], { extra: data }))).toEqual([expect.stringContaining('in code')]);
  });

  it('that needs libstdc++, or a name of which nobody is sure, is refused', () => {
    expect(problems(library(['-Wl,--no-as-needed', '-lstdc++']))).toContain(
      'expected to need only the libraries of glibc, it needs libstdc++.so.6',
    );
    for (const name of ['deflate', 'v8_stop', 'mystery']) {
      const file = library([], { extra: `+ ${name}(); } extern int ${name}(void); int unused(void) { return 0` });
      expect(problems(file)).toEqual([expect.stringMatching(new RegExp(`it needs ${name}$`))]);
    }
  });

  it('that exports more than a Node addon does is refused', () => {
    expect(problems(library([], { extra: '; } SHOWN int inflate(void) { return 1' }))).toEqual([
      expect.stringMatching(/^expected to export only .* it exports inflate$/),
    ]);
  });

  it('for musl needs no version, and only what musl defines', () => {
    const image = elf.readElf(library());
    const unversioned = {
      ...image,
      libraries: ['libc.so'],
      undefined: image.undefined.map(({ name, weak }) => ({ name, weak })),
    };
    const musl = { ...here, libc: 'musl', muslNames: new Set(['__strcpy_chk', '__stack_chk_fail']) };
    expect(problemsOf(unversioned, musl)).toEqual([]);
    expect(problemsOf({ ...unversioned, libraries: ['libc.so.6'] }, musl)).toHaveLength(1);
    expect(problemsOf({ ...unversioned, undefined: image.undefined }, musl)).toContain(
      'expected no symbol of GLIBC_2.3.4, it needs __strcpy_chk',
    );
    const weak = [...unversioned.undefined, { name: '__cxa_thread_atexit_impl', weak: true }];
    expect(problemsOf({ ...unversioned, undefined: weak }, musl)).toEqual([]);
    const strong = [...unversioned.undefined, { name: '__cxa_thread_atexit_impl', weak: false }];
    expect(problemsOf({ ...unversioned, undefined: strong }, musl)).toHaveLength(1);
    expect(problemsOf(unversioned, { ...musl, muslNames: new Set(['__stack_chk_fail']) })).toEqual([
      expect.stringMatching(/it needs __strcpy_chk$/),
    ]);
  });

  it('for another processor is refused', () => {
    expect(problems(library(), { arch: 'arm64' })).toEqual(['expected code for arm64, found x64']);
  });
});

describe('the addon of the tests', () => {
  it.runIf(process.platform === 'linux')('is hardened, and shows only what Node looks for', () => {
    const { glibcVersionRuntime } = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header;
    const libc = glibcVersionRuntime === undefined ? 'musl' : 'glibc';
    const places = ['build/Release/rtm_native.node', `prebuilds/linux-${process.arch}/rtm-native.${libc}.node`];
    const root = join(import.meta.dirname, '../..');
    const file = places.map((place) => join(root, place)).find((path) => existsSync(path));
    if (file === undefined) throw new Error(`expected one of ${places.join(', ')}: npm run build:addon`);
    expect(problems(file, { arch: process.arch, libc })).toEqual([]);
  });
});

describe('a file that is no prebuild', () => {
  it('is refused by name', () => {
    const file = join(folder, 'text.node');
    writeFileSync(file, 'not a library');
    expect(() => elf.readElf(file)).toThrow(`${file}: expected an ELF file`);
  });
});

describe('versions', () => {
  it('compare by their numbers', () => {
    const sorted = ['2.28', '2.9', '2.3.4', '2.34', '2.4', '2.2.5', '3.0'].sort(elf.compareVersions);
    expect(sorted).toEqual(['2.2.5', '2.3.4', '2.4', '2.9', '2.28', '2.34', '3.0']);
  });
});

describe.runIf(onLinuxX64)('the folder of prebuilds', () => {
  const prebuilds = join(folder, 'prebuilds');
  const file = join(prebuilds, 'linux-x64/rtm-native.glibc.node');
  beforeAll(() => {
    mkdirSync(join(prebuilds, 'linux-x64'), { recursive: true });
    writeFileSync(file, readFileSync(library()));
    writeManifest(prebuilds);
  });
  beforeEach(() => {
    vi.spyOn(console, 'log').mockImplementation(() => {});
  });

  it('passes when each file is as its manifest says', () => {
    expect(checkFolder(prebuilds)).toEqual([]);
    expect(checkFolder(prebuilds, { floor: '2.28' })).toEqual([]);
    expect(checkFolder(prebuilds, { floor: '2.2' })).not.toEqual([]);
    const manifest = JSON.parse(readFileSync(join(prebuilds, 'manifest.json'), 'utf8'));
    expect(manifest.files).toEqual([
      {
        path: 'linux-x64/rtm-native.glibc.node',
        platform: 'linux',
        arch: 'x64',
        libc: 'glibc',
        libcFloor: '2.4',
        variant: 'node',
        napi: 8,
        bytes: readFileSync(file).length,
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
  });

  it('fails for a file that holds the path of its build', () => {
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.concat([bytes, Buffer.from(`${join(import.meta.dirname, '../..')}/cpp/base/json.cpp`)]));
    writeManifest(prebuilds);
    expect(checkFolder(prebuilds)).toEqual([expect.stringContaining('expected no path of its build')]);
    writeFileSync(file, bytes);
    writeManifest(prebuilds);
  });

  it('is not whole for a release until all eight files are there', () => {
    expect(checkFolder(prebuilds, { complete: true })).toHaveLength(7);
  });

  it('fails for a changed file, a lost file and a file of an unknown name', () => {
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.concat([bytes, Buffer.from([0])]));
    expect(checkFolder(prebuilds)).toEqual([expect.stringContaining('expected the manifest to describe the file')]);
    rmSync(file);
    expect(checkFolder(prebuilds)).toEqual(['linux-x64/rtm-native.glibc.node: expected the file, it is missing']);
    writeFileSync(file, bytes);
    writeFileSync(join(prebuilds, 'linux-x64/other.node'), bytes);
    expect(checkFolder(prebuilds)).toEqual([expect.stringMatching(/^linux-x64\/other.node: expected one of /)]);
  });
});

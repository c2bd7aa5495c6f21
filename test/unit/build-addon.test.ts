// What `rtm build-addon` says before it compiles.
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { type BuildMachine, missingForBuild } from '../../lib/cli/addon/build-needs.js';

const tools = ['make', 'python3', 'g++', 'apt-get'];
const gcc10 = 'g++ (Debian 10.2.1-6) 10.2.1 20210110';

function machine(changes: Partial<BuildMachine> & { programs?: string[] } = {}): BuildMachine {
  const { programs = tools, ...rest } = changes;
  return {
    compiler: 'g++',
    has: (...names) => names.some((name) => programs.includes(name)),
    compile: () => ({ ok: true, output: '' }),
    compilerVersion: () => gcc10,
    ...rest,
  };
}

describe('before it compiles', () => {
  const cases: [string, BuildMachine, string | undefined][] = [
    ['a complete machine lacks nothing', machine(), undefined],
    [
      'missing programs are named together, with their packages',
      machine({ programs: ['apt-get'] }),
      'make is missing, Python 3 is missing, the compiler g++ is missing. The addon needs GCC 12 or later (or Clang with a ' +
        'libstdc++ of GCC 12), make, Python 3 and zlib; on Debian and Ubuntu: apt-get install -y make python3 g++ zlib1g-dev',
    ],
    [
      'an old compiler is named with its version',
      machine({
        compile: () => ({ ok: false, output: "error: 'make_shared_for_overwrite' is not a member of 'std'" }),
      }),
      `${gcc10} is too old or incomplete. The addon needs GCC 12 or later (or Clang with a libstdc++ of GCC 12), make, ` +
        'Python 3 and zlib',
    ],
    [
      'a missing library is not taken for an old compiler',
      machine({ compile: () => ({ ok: false, output: 'fatal error: zlib.h: No such file or directory' }) }),
      'zlib with its header and libz.a is missing. The addon needs GCC 12 or later (or Clang with a libstdc++ of GCC 12), ' +
        'make, Python 3 and zlib; on Debian and Ubuntu: apt-get install -y zlib1g-dev',
    ],
    [
      'other systems get no line for apt-get',
      machine({ programs: ['g++', 'python3'] }),
      'make is missing. The addon needs GCC 12 or later (or Clang with a libstdc++ of GCC 12), make, Python 3 and zlib',
    ],
  ];
  it.each(cases)('%s', (_name, given, expected) => {
    expect(missingForBuild(given)).toBe(expected);
  });
});

describe('rtm build-addon', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rtm-tools-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const build = async (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const command = [join(import.meta.dirname, '../../dist/cli/main.js'), 'build-addon', ...args];
    const failed = promisify(execFile)(process.execPath, command, { env: { ...process.env, CXX: '', ...env } });
    return failed.then(
      () => expect.unreachable('it has compiled'),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
    );
  };

  it('says in one line that the folder cannot be written', async () => {
    expect(await build(['--out', '/proc/rtm/addon.node'])).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^rtm: cannot write to \/proc\/rtm: \w+; run this as .*RTM_NATIVE_ADDON=<file>\n$/),
    });
  });

  it('tries the compiler that it would use', async () => {
    for (const name of ['make', 'python3']) symlinkSync('/bin/true', join(folder, name));
    const old = `#!/bin/sh\nif [ "$1" = --version ]; then echo '${gcc10}'; exit; fi\necho 'error: too old' >&2; exit 1\n`;
    writeFileSync(join(folder, 'g++'), old);
    chmodSync(join(folder, 'g++'), 0o755);
    const env = { PATH: folder, CXX: 'g++' };
    expect(await build(['--out', join(folder, 'addon.node')], env)).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^rtm: the addon cannot be compiled here: g\+\+ \(Debian 10\.2.*GCC 12 or later.*\n$/,
      ),
    });
  });

  it('says how to get node-gyp', async () => {
    writeFileSync(join(folder, 'g++'), '#!/bin/sh\nexit 0\n');
    const command = [
      join(import.meta.dirname, '../../dist/cli/main.js'),
      'build-addon',
      '--out',
      join(folder, 'a.node'),
    ];
    const env = { PATH: folder, CXX: 'g++' };
    const failed = promisify(execFile)(process.execPath, command, { cwd: folder, env });
    await expect(failed).rejects.toMatchObject({
      stderr: 'rtm: node-gyp is missing: "npm install --no-save node-gyp" brings it; then run this again\n',
    });
  });
});

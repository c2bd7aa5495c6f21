// What `rtm build-addon` says before it compiles.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  const out = join(folder, 'made.node');
  /** Programs that stand for the real ones. */
  const program = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o755 });
  beforeAll(() => {
    for (const name of ['make', 'python3', 'g++']) program(name, '#!/bin/sh\nexit 0\n');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const build = (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const command = [join(import.meta.dirname, '../../dist/cli/main.js'), 'build-addon', ...args];
    const failed = promisify(execFile)(process.execPath, command, { cwd: folder, env: { PATH: folder, ...env } });
    return failed.then(
      () => expect.unreachable('it has compiled'),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
    );
  };
  /** What it says when node-gyp runs this program. */
  const buildBy = (nodeGyp: string) => {
    program('node-gyp.cjs', nodeGyp);
    return build(['--out', out], { npm_config_node_gyp: join(folder, 'node-gyp.cjs') });
  };

  it('says in one line that the folder cannot be written', async () => {
    expect(await build(['--out', '/proc/rtm/addon.node'])).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^rtm: cannot write to \/proc\/rtm: \w+; run this as .*RTM_NATIVE_ADDON=<file>\n$/),
    });
  });

  it('tries the compiler that it would use', async () => {
    const old = `if [ "$1" = --version ]; then echo '${gcc10}'; exit; fi\necho 'error: too old' >&2; exit 1\n`;
    program('old-g++', `#!/bin/sh\n${old}`);
    expect(await build(['--out', out], { CXX: 'old-g++' })).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^rtm: the addon cannot be compiled here: g\+\+ \(Debian 10\.2.*GCC 12 or later.*\n$/,
      ),
    });
  });

  it('says how to get node-gyp', async () => {
    expect((await build(['--out', out])).stderr).toBe(
      'rtm: node-gyp is missing: "npm install --no-save node-gyp" brings it; then run this again\n',
    );
  });

  it('says what to do without a network', async () => {
    const { code, stderr } = await buildBy(
      `console.error('gyp ERR! getaddrinfo ENOTFOUND nodejs.org'); process.exit(1);`,
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^gyp ERR! .*\nrtm: the headers of Node cannot be downloaded: .*HTTPS_PROXY.*nodedir.*\n$/);
  });

  it('shows the last lines of a compiler that fails', async () => {
    const { stderr } = await buildBy(`for (let n = 1; n < 100; n++) console.log('line ' + n); process.exit(1);`);
    expect(stderr).toMatch(
      /^line 80\n[\s\S]*\nline 99\nrtm: the addon does not compile; the last lines above say why\n$/,
    );
  });

  it('keeps no addon that does not load', async () => {
    const { stderr } = await buildBy(`
      const folder = process.argv[process.argv.indexOf('--directory') + 1] + '/build/Release';
      require('node:fs').mkdirSync(folder, { recursive: true });
      require('node:fs').writeFileSync(folder + '/rtm_native.node', 'no addon');`);
    expect(stderr).toMatch(/^rtm: the compiled addon does not load:/);
    expect(existsSync(out)).toBe(false);
  });
});

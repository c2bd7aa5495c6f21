import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fixture, runChild } from '../lifecycle/child.js';
import { canMakeNetworks } from './namespace.js';

const compiler = ['cc', 'gcc', 'clang'].find((name) => spawnSync(name, ['--version']).status === 0);
const program = fixture('../../network/fixtures/faulty-disk.mjs');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtm-faults-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Holds whatever fails: online traffic goes on, no refused message is kept, no cached message is lost. */
const expected = {
  refused: ['ERR_RTM_FAILURE'],
  online: Array(5).fill('delivered'),
  upload: 'ERR_RTM_FAILURE',
  uploadLater: 'done',
  same: true,
  lines: ['store: cannot write', 'store: writes again'],
};

async function run(command: string[], options: Parameters<typeof runChild>[1] = {}): Promise<Record<string, unknown>> {
  const child = await runChild(command, options);
  expect(child.code, child.output).toBe(0);
  return JSON.parse(child.output.trim().split('\n').at(-1) ?? '');
}

describe('a server with a data directory', () => {
  it.skipIf(!canMakeNetworks)('refuses what a full disk cannot take, and goes on when there is room', async () => {
    const prepare = `mount -t tmpfs -o size=4m none ${folder} && exec "$@"`;
    const command = ['-m', 'sh', '-c', prepare, 'sh', process.execPath, program, join(folder, 'data'), 'full'];
    expect(await run(command, { program: 'unshare' })).toMatchObject(expected);
  });

  it.skipIf(compiler === undefined).each(['sync', 'root'])(
    'refuses what it cannot sync, and recovers: %s',
    async (fault) => {
      const shim = join(folder, 'shim.so');
      const source = fileURLToPath(new URL('../integration/durable/failing-disk.c', import.meta.url));
      execFileSync(compiler as string, ['-shared', '-fPIC', '-o', shim, source, '-ldl']);
      const control = join(folder, 'control');
      writeFileSync(control, '');
      const env = { LD_PRELOAD: shim, RTM_TEST_DISK: control };
      expect(await run([program, join(folder, 'data'), fault], { env })).toMatchObject(expected);
    },
  );

  it.skipIf(process.getuid?.() !== 0)('does not start without permission', async () => {
    mkdirSync(join(folder, 'data'), { mode: 0 });
    // Root as a user without its right to pass by permissions. Another user could not read a clone in a private folder.
    const command = [
      '--bounding-set=-dac_override,-dac_read_search',
      process.execPath,
      program,
      join(folder, 'data'),
      'full',
    ];
    const child = await runChild(command, { program: 'setpriv' });
    expect(child.code).not.toBe(0);
    expect(child.output).toMatch(
      /cannot use the data directory .*EACCES.*; give a folder that this server may read and write/,
    );
  });
});

// Programs of wrappers and of early versions build and run with one more library.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compileCpp, cppBuild, runCpp, sharedLibrary } from './cpp-program.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const library = join(cppBuild, 'libagora_rtm_wrappers.so');

describe.skipIf(!existsSync(library))('the library for wrappers', () => {
  it('has what wrappers and early programs call, and exports nothing else', { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rtm-wrappers-'));
    try {
      const program = join(folder, 'wrapper');
      const include = `-I${join(root, 'cpp/wrappers/include')}`;
      compileCpp('../../consumer/wrapper.cpp', program, [include, ...sharedLibrary, '-lagora_rtm_wrappers']);
      expect(await runCpp([program], { cwd: folder })).toEqual({ ended: 0, lines: ['a service by each way'] });
    } finally {
      rmSync(folder, { recursive: true });
    }
    const symbols = execFileSync('nm', ['-D', '--defined-only', '-C', library], { encoding: 'utf8' });
    expect(symbols.match(/\w+$/gm)?.sort()).toEqual([
      'createAgoraService',
      'getAgoraSdkErrorDescription',
      'getAgoraSdkVersion',
      'setAgoraSdkExternalSymbolLoader',
      'setRtmAppType',
      'setRtmClientType',
    ]);
  });
});

import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const tsc = join(createRequire(import.meta.url).resolve('typescript/package.json'), '../bin/tsc');

/** Runs a piece of JavaScript in a child process, in the package's own folder, where it can name itself. */
async function evaluate(type: 'module' | 'commonjs', program: string): Promise<string> {
  const { stdout } = await run(process.execPath, [`--input-type=${type}`, '--eval', program], {
    cwd: root,
    timeout: 20_000,
    env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
  });
  return stdout.trim();
}

describe('the built package', () => {
  it('has declarations that compile in a strict ES module and a strict CommonJS module', async () => {
    const { stdout } = await run(process.execPath, [tsc, '-p', join(root, 'test/types/tsconfig.json')], {
      cwd: root,
      timeout: 60_000,
    }).catch((error: { stdout: string }) => error);
    expect(stdout).toBe('');
  }, 90_000);

  it('can be imported and required, and is the same module both ways', async () => {
    const names = "['RtmClient', 'RtmServer', 'RtmError', 'createRtmService', 'buildToken']";
    const program = `
      import { createRequire } from 'node:module';
      import * as esm from 'rtm-native';
      const cjs = createRequire(process.cwd() + '/x.js')('rtm-native');
      console.log(${names}.every((name) => typeof esm[name] === 'function' && esm[name] === cjs[name]));`;
    expect(await evaluate('module', program)).toBe('true');
    expect(await evaluate('commonjs', "console.log(typeof require('rtm-native').RtmClient.login)")).toBe('function');
  });

  it('keeps its inner parts to itself', async () => {
    const program = "import('rtm-native/dist/native/environment.js').catch((error) => console.log(error.code))";
    expect(await evaluate('commonjs', program)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});

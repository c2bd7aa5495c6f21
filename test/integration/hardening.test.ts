// The protections of what was built, read back from the files: a flag that no longer reaches a build fails here.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { root } from './cli-process.js';
import { execute } from './cpp-install.js';

type MissingHardening = (file: string, how?: { optimised?: boolean }) => Promise<string[]>;
let missingHardening: MissingHardening;

beforeAll(async () => {
  const script: { missingHardening: MissingHardening } = await import(join(root, 'scripts/hardening.mjs'));
  missingHardening = script.missingHardening;
});

const built = ['build-cpp/libagora_rtm_sdk.so', 'build-cpp/rtm_wire_echo', 'build/Release/rtm_native.node'];

describe.each(built)('%s', (file) => {
  const path = join(root, file);
  it.skipIf(!existsSync(path))('has every protection', async () => {
    expect(await missingHardening(path)).toEqual([]);
  });
});

const hasCompiler = spawnSync('c++', ['--version']).status === 0;

describe.skipIf(!hasCompiler)('a library without protections', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rtm-hardening-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const source = `
    #include <cstring>
    extern "C" void fill(char*);
    extern "C" int sum(const char* text) { char copy[64]; fill(copy); strcpy(copy, text); return copy[0]; }`;
  const weak = ['-fno-stack-protector', '-U_FORTIFY_SOURCE', '-fcf-protection=none'];

  async function build(name: string, ...flags: string[]): Promise<string> {
    const file = join(folder, name);
    writeFileSync(`${file}.cpp`, source);
    await execute('c++', ['-O2', '-shared', '-fPIC', ...flags, `${file}.cpp`, '-o', file]);
    return file;
  }

  it('is found out, protection by protection', async () => {
    const linked = ['-Wl,-z,norelro', '-Wl,-z,lazy', '-Wl,-z,execstack'];
    const found = (await missingHardening(await build('weak.so', ...weak, ...linked))).join('\n');
    for (const name of ['relro', 'now', 'noexecstack', 'fstack-protector-strong', '_FORTIFY_SOURCE']) {
      expect(found).toContain(name);
    }
    if (process.arch === 'x64') expect(found).toContain('fcf-protection');
  });

  it('is told from one with all of them', async () => {
    const compiled = ['-fstack-protector-strong', '-D_FORTIFY_SOURCE=2'];
    if (process.arch === 'x64') compiled.push('-fcf-protection');
    const linked = ['-Wl,-z,relro', '-Wl,-z,now', '-Wl,-z,noexecstack'];
    expect(await missingHardening(await build('strong.so', ...compiled, ...linked))).toEqual([]);
  });

  it('is a program, too: one at a fixed address', async () => {
    const main = join(folder, 'main.cpp');
    writeFileSync(main, 'int main() { return 0; }');
    await execute('c++', ['-no-pie', main, '-o', join(folder, 'main')]);
    const found = (await missingHardening(join(folder, 'main'), { optimised: false })).join('\n');
    expect(found).toContain('-fPIE');
  });
});

// `npm run t` and `npm run t:cpp` before they build anything: a name that means no test is refused, with similar names.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

function script(name: string, ...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'scripts', name), ...args], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    );
  });
}

describe.each([
  ['test-file.mjs', 'client-inbx', 'test/unit/client-inbox.test.ts'],
  ['test-cpp.mjs', 'Outbx.*', 'Outbox'],
])('%s', (name, mistyped, meant) => {
  it('proposes similar names for one that means nothing', async () => {
    const { code, output } = await script(name, mistyped);
    expect(code).toBe(2);
    expect(output).toContain(`"${mistyped}"`);
    expect(output).toContain(meant);
  });

  it('explains itself when asked, and when nothing is named', async () => {
    const help = await script(name, '--help');
    expect(help.code).toBe(0);
    expect(help.output).toMatch(/^Usage: npm run t/);
    const nothing = await script(name);
    expect(nothing.code).toBe(2);
    expect(nothing.output).toContain(help.output.trim());
  });
});

// The projects of vitest.config.ts: a test file that belongs to none never runs, one that belongs to two runs twice.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

it('every test file belongs to exactly one project', async () => {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'list', '--filesOnly', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 16 << 20 });
  const listed = (JSON.parse(stdout) as { file: string; projectName: string }[]).map(({ file, projectName }) => ({
    file: relative(root, file),
    project: projectName,
  }));
  const all = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join('test', name));
  expect(listed.map(({ file }) => file).sort()).toEqual(all.sort());
  expect(new Set(listed.map(({ project }) => project))).toEqual(
    new Set(['unit', 'integration', 'conformance', 'cluster', 'faults']),
  );
});

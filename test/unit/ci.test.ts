// The whole check with pretended parts: what is counted, what runs beside what, and what a failure stops.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

function dryRun(...more: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(join(root, '.ci/run'), ['--dry-run', ...more], (error, output) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output }),
    );
  });
}

/** Names of the parts that ended well. */
const good = (output: string) => [...output.matchAll(/^##### (.+): ok, \d+ s$/gm)].map(([, name]) => name);

describe('.ci/run', () => {
  it('counts each check once and npm test as its tests, and ends with the totals', async () => {
    const { code, output } = await dryRun();
    expect(code).toBe(0);
    const preparations = good(output).filter((name) => /^(npm ci|build for .*)$/.test(name ?? ''));
    expect(preparations).toHaveLength(3);
    const checks = good(output).length - preparations.length - 1;
    expect(output).toMatch(new RegExp(`\\n${checks + 3} passed, 0 failed\\n$`));
  });

  it('runs one part of each lane at a time', async () => {
    const { output } = await dryRun();
    const running = new Map<string, string>();
    const lanes = new Map<string, string>();
    for (const line of output.split('\n')) {
      const [, started, lane] = /^##### (.+): started in lane (\w+) /.exec(line) ?? [];
      const [, ended] = /^##### (.+): (?:ok|FAILED), \d+ s$/.exec(line) ?? [];
      if (started !== undefined && lane !== undefined) {
        expect(running.has(lane), `${started} beside ${running.get(lane)}`).toBe(false);
        running.set(lane, started);
        lanes.set(started, lane);
      }
      if (ended !== undefined) running.delete(lanes.get(ended) ?? '');
    }
    expect(new Set(lanes.values())).toEqual(new Set(['clock', 'compile']));
  });

  it('fails and names the part when one fails, and does not run what needs it', async () => {
    const { code, output } = await dryRun('--failing', 'prebuild');
    expect(code).toBe(1);
    expect(good(output)).not.toContain('one binary on Node 20, 22, 24 and 26');
    expect(good(output)).toContain('C++ tests, thread sanitizer');
    expect(output).toContain('not run, because this failed: prebuild');
    expect(output).toMatch(/\n##### the end of prebuild, which failed\n[\s\S]*\nfailed:\n {2}prebuild\n/);
    expect(output).toMatch(/\n\d+ passed, 6 failed\n$/);
  });

  it('counts a part that could not be tried neither way, and names it', async () => {
    const skipped = 'package in clean roots of Debian 11 and 13';
    const [all, without] = await Promise.all([dryRun(), dryRun('--skipping', skipped)]);
    const passed = (output: string) => Number(/\n(\d+) passed, 0 failed\n$/.exec(output)?.[1]);
    expect(without.code).toBe(0);
    expect(passed(without.output)).toBe(passed(all.output) - 1);
    expect(without.output).toContain(`\nskipped:\n  ${skipped}: no mirror\n`);
  });

  it('goes on after failed tests, and counts a failed preparation', async () => {
    const tests = await dryRun('--failing', 'npm test');
    expect(tests.code).toBe(1);
    expect(good(tests.output)).toContain('package without a prebuild: SDK tests');
    expect(tests.output).toMatch(/\n\d+ passed, 1 failed\n$/);
    const build = await dryRun('--failing', 'build for the thread sanitizer');
    // The build itself, and the two parts that need what it makes.
    expect(build.output).toMatch(/\n\d+ passed, 3 failed\n$/);
  });

  it('runs single parts, which take what they need for done', async () => {
    const { code, output } = await dryRun('--only', 'package, loaded from its prebuild', '--only', 'prebuild');
    expect(code).toBe(0);
    expect(good(output)).toEqual(['prebuild', 'package, loaded from its prebuild']);
    expect(output).toMatch(/\n2 passed, 0 failed\n$/);
  });

  it('refuses an unknown part', async () => {
    expect((await dryRun('--failing', 'nothing')).code).toBe(2);
    expect((await dryRun('--only', 'nothing')).code).toBe(2);
  });
});

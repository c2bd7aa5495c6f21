// Call under way x what ends it x how the process goes on: no hang, no crash, nothing held. Prints the matrix.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RtmServer } from '../../lib/server/rtm-server.js';
import { runChild } from '../lifecycle/child.js';
import { compileCpp, libraryIsBuilt, runCpp, sharedLibrary } from './cpp-program.js';
import { fixture } from './fixture.js';

const calls = 18;
const ends = [
  'logout',
  'logout and login and logout',
  'release',
  'release of the channel and logout',
  'login elsewhere',
];
/** How the process goes on, and the exit code that it must have. */
const ways = {
  'ends by itself': 0,
  'goes on': 0,
  'exits at once': 0,
  'exits in a callback': 0,
  throws: 1,
  'is a worker that is terminated': 0,
};
const cppEnds = ['logout', 'release', 'release that waits'];
const cppWays = ['goes on', 'returns from main', 'exits', 'exits in a callback', 'forks'];

/** How many calls ended well, for each way and end. */
class Matrix {
  readonly #cells = new Map<string, number>();
  constructor(
    private readonly ends: readonly string[],
    private readonly ways: readonly string[],
  ) {}

  pairs() {
    return this.ways.flatMap((way) => this.ends.map((end) => ({ way, end })));
  }

  note(way: string, end: string) {
    this.#cells.set(`${way}/${end}`, calls);
  }

  text(title: string): string {
    const cell = (way: string, end: string) => `${this.#cells.get(`${way}/${end}`) ?? 0} of ${calls}`;
    const rows = [
      ['session ended by', ...this.ways],
      ...this.ends.map((end) => [end, ...this.ways.map((way) => cell(way, end))]),
    ];
    const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
    const lines = rows.map((row) =>
      row
        .map((text, column) => text.padEnd(width(column)))
        .join('  ')
        .trimEnd(),
    );
    return [title, ...lines].join('\n');
  }
}

let server: RtmServer;
beforeAll(async () => {
  const apps = [{ appId: '0123456789abcdef0123456789abcdef' }];
  server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps, limits: 'off' });
});
afterAll(() => server.close());

describe('in Node every call has an end, however its session ends', () => {
  const matrix = new Matrix(ends, Object.keys(ways));
  afterAll(() => console.log(matrix.text('Calls under way in Node, and the process then …')));

  it.for(matrix.pairs())('the process $way, session ended by $end', { timeout: 70_000 }, async ({ way, end }) => {
    const args = [fixture('ended-calls.mjs'), server.connectString, way, '', end];
    const child = await runChild(args, { deadline: 60_000 });
    expect(child.output.match(/^(kept|failed): .*$/gm) ?? []).toEqual([]);
    expect(child.output).toMatch(new RegExp(`^${calls} pairs$`, 'm'));
    if (way === 'ends by itself') expect(child.output).toContain('end of the script');
    if (way === 'throws') expect(child.output).toContain('thrown on purpose');
    expect(child).toMatchObject({ code: ways[way as keyof typeof ways], signal: null });
    matrix.note(way, end);
  });
});

describe.skipIf(!libraryIsBuilt)('in C++ every call has an end, however its session ends', () => {
  const matrix = new Matrix(cppEnds, cppWays);
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rtm-ended-calls-'));
    compileCpp('ended_calls.cpp', join(folder, 'ended_calls'), sharedLibrary);
  }, 120_000);
  afterAll(() => {
    console.log(matrix.text('Calls under way in C++, and the process then …'));
    rmSync(folder, { recursive: true, force: true });
  });

  it.for(matrix.pairs())('the process $way, session ended by $end', { timeout: 70_000 }, async ({ way, end }) => {
    const env = { RTM_ENDPOINTS: server.connectString };
    const { ended, lines } = await runCpp([join(folder, 'ended_calls'), way, end], { cwd: folder, env });
    const last = { 'goes on': ['afterwards works'], forks: ['child works', 'parent works'] }[way] ?? [];
    expect(lines).toEqual([`${calls} calls`, ...last]);
    expect(ended).toBe(0);
    matrix.note(way, end);
  });
});

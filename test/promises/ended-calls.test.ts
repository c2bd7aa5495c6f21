// Call under way x what ends it x how the process goes on: no hang, no crash, nothing held. Prints the matrix.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RtmServer } from '../../lib/server/rtm-server.js';
import { runChild } from '../lifecycle/child.js';
import { fixture } from './fixture.js';

const ends = [
  'logout',
  'logout and login and logout',
  'release',
  'release of the channel and logout',
  'login elsewhere',
];
const calls = 18;
/** How the process goes on, and the exit code that it must have. */
const ways: readonly [way: string, code: number][] = [
  ['ends by itself', 0],
  ['goes on', 0],
  ['exits at once', 0],
  ['exits in a callback', 0],
  ['throws', 1],
  ['is a worker that is terminated', 0],
];

let server: RtmServer;
beforeAll(async () => {
  const apps = [{ appId: '0123456789abcdef0123456789abcdef' }];
  server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps, limits: 'off' });
});
afterAll(() => server.close());

describe('every call has an end, however its session ends', () => {
  const cells = new Map<string, number>();
  afterAll(() => {
    const rows = ends.map((end) => [end, ...ways.map(([way]) => `${cells.get(`${way}/${end}`) ?? 0} of ${calls}`)]);
    const header = ['session ended by', ...ways.map(([way]) => way)];
    const widths = header.map((text, column) => Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)));
    const line = (row: string[]) =>
      row
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd();
    console.log(['calls under way, and the process then …', line(header), ...rows.map(line)].join('\n'));
  });

  it.for(ways.flatMap(([way, code]) => ends.map((end) => ({ way, code, end }))))(
    'the process $way, session ended by $end',
    {
      timeout: 70_000,
    },
    async ({ way, code, end }) => {
      const child = await runChild([fixture('ended-calls.mjs'), server.connectString, way, '', end], {
        deadline: 60_000,
      });
      expect(child.output.match(/^(kept|failed): .*$/gm) ?? []).toEqual([]);
      expect(child.output).toMatch(new RegExp(`^${calls} pairs$`, 'm'));
      if (way === 'ends by itself') expect(child.output).toContain('end of the script');
      if (way === 'throws') expect(child.output).toContain('thrown on purpose');
      expect(child).toMatchObject({ code, signal: null });
      cells.set(`${way}/${end}`, calls);
    },
  );
});

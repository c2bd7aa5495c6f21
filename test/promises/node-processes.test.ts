// Programs of Node that start others like themselves, and the signals of our threads inside Node.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RtmServer } from '../../lib/server/rtm-server.js';
import { runChild } from '../lifecycle/child.js';
import { fixture } from './fixture.js';

let server: RtmServer;
beforeAll(async () => {
  const apps = [{ appId: '0123456789abcdef0123456789abcdef' }];
  server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps, limits: 'off' });
});
afterAll(() => server.close());

const run = (how: string) => runChild([fixture('node-processes.mjs'), how, server.connectString], { deadline: 60_000 });

it.each(['cluster', 'fork'])('a logged-in program may start others with %s', { timeout: 70_000 }, async (how) => {
  const { code, output } = await run(how);
  const heard = [0, 1, 2].map((number) => `hello from worker${number}`).join(', ');
  expect(output).toBe(`${heard}; exits 0 0 0\n`);
  expect(code).toBe(0);
});

it('no thread of the addon takes a signal of its program', { timeout: 70_000 }, async () => {
  const { code, output } = await run('signals');
  expect(code).toBe(0);
  expect(output).toContain('rtm-client ');
  // All but KILL, STOP, the two of the C library, and what a fault of the thread itself raises.
  for (const line of output.trimEnd().split('\n')) expect(line).toMatch(/^rtm-[a-z]+ fffffffe3ffbfa27$/);
});

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

it('every call has an end, however its session ends: nothing holds the service or the process', async () => {
  const { code, output } = await runChild([fixture('ended-calls.mjs'), server.connectString], { deadline: 60_000 });
  expect(output.match(/^(kept|failed): .*$/gm) ?? []).toEqual([]);
  expect(output).toMatch(/^90 pairs$/m);
  expect(output).toContain('end of the script');
  expect(code).toBe(0);
}, 70_000);

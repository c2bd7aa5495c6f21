import { afterAll, beforeAll, expect, it } from 'vitest';
import { RtmServer } from '../../lib/server/rtm-server.js';
import { fixture, runChild } from './child.js';

let server: RtmServer;

beforeAll(async () => {
  server = await RtmServer.start({
    host: '127.0.0.1',
    port: 0,
    apps: [{ appId: '0123456789abcdef0123456789abcdef' }],
    limits: 'off',
  });
});
afterAll(() => server.close());

async function run(name: string): Promise<string[]> {
  const child = await runChild([fixture('workers.mjs'), name], { env: { RTM_TEST_ENDPOINT: server.connectString } });
  expect({ code: child.code, signal: child.signal }, child.output).toEqual({ code: 0, signal: null });
  return child.output.trim().split('\n');
}

it('threads of one process talk to each other, each in its own order', async () => {
  expect(await run('chat')).toEqual(['in order: true', 'workers ended: 0,0,0']);
});

it('workers that are terminated under load leave the rest of the process alone', async () => {
  expect(await run('churn')).toEqual(['answers came: true']);
});

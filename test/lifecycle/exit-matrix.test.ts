import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RtmServer } from '../../lib/server/rtm-server.js';
import { fixture, runChild } from './child.js';

const appId = '0123456789abcdef0123456789abcdef';
let server: RtmServer;

beforeAll(async () => {
  server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps: [{ appId }], limits: 'off' });
});
afterAll(() => server.close());

const STATES = ['fresh', 'connecting', 'idle', 'invitations', 'load', 'pending', 'reconnecting', 'server'];
/** The expected end of the process: its exit code and its output. */
const ENDINGS: Record<string, { code: number; says: string }> = {
  natural: { code: 0, says: 'main: end of the script' },
  exit: { code: 7, says: 'ending by "exit"' },
  throw: { code: 1, says: 'thrown on purpose' },
  gc: { code: 0, says: 'main: end of the script' },
  terminate: { code: 0, says: 'main: end of the script' },
  'worker-end': { code: 0, says: 'main: end of the script' },
  'worker-exit': { code: 0, says: 'main: end of the script' },
  two: { code: 7, says: 'both threads are there' },
};

describe.each(STATES)('a process in state "%s"', (state) => {
  it.concurrent.each(Object.keys(ENDINGS))(
    'ends cleanly and by itself: %s',
    async (ending) => {
      const { code, says } = ENDINGS[ending]!;
      const child = await runChild([fixture('scenario.mjs'), state, ending], {
        env: { RTM_TEST_ENDPOINT: server.connectString },
      });
      expect({ code: child.code, signal: child.signal }, child.output).toEqual({ code, signal: null });
      expect(child.output).toContain(says);
      expect(child.output).not.toMatch(/FATAL|Assertion|terminate called|took longer/);
    },
    40_000,
  );
});

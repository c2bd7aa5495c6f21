import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RtmServer } from '../../lib/server/rtm-server.js';
import { fixture, runChild } from './child.js';

const appId = '0123456789abcdef0123456789abcdef';
let server: RtmServer;

beforeAll(async () => {
  server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps: [{ appId }], limits: 'off' });
});
afterAll(() => server.close());

const env = () => ({ RTM_TEST_ENDPOINT: server.connectString, RTM_TEST_PORT: String(server.port) });

async function say(name: string): Promise<string[]> {
  const child = await runChild([fixture('liveness.mjs'), name], { env: env() });
  expect({ code: child.code, signal: child.signal }, child.output).toEqual({ code: 0, signal: null });
  return child.output
    .trim()
    .split('\n')
    .filter((line) => line !== '');
}

describe('a process ends by itself', () => {
  it('when nothing was made', async () => {
    expect(await say('import')).toEqual([]);
  });

  it('only after the logout, which is reported', async () => {
    expect(await say('logged-in')).toEqual(['logged in', 'still alive', 'logged out 0']);
  });

  it('after a refused login, which is reported', async () => {
    expect(await say('login-refused')).toEqual(['state 2', 'state 1', 'refused 5']);
  });

  it('after a login that timed out, which is reported', async () => {
    expect(await say('login-timeout')).toEqual(['failed 9']);
  });

  it('when the same user has logged in elsewhere', async () => {
    expect(await say('kicked')).toEqual(['aborted 8']);
  });

  it('after the end of an open invitation, which is reported', async () => {
    expect(await say('invitation-end')).toEqual(['aborted', 'failed 1']);
  });

  it('when the service is released', async () => {
    expect(await say('released')).toEqual(['released']);
  });

  it('after unref(), but not after ref()', async () => {
    expect(await say('ref-again')).toEqual(['still alive']);
  });

  it('only after the server is closed', async () => {
    expect(await say('server')).toEqual(['still alive', 'closed']);
  });

  it('although a server runs, after its unref()', async () => {
    expect(await say('server-unref')).toEqual([]);
  });

  it('after a server that could not start', async () => {
    const [line] = await say('server-refused');
    expect(line).toMatch(new RegExp(`^ERR_RTM_SERVER_START: .*${server.port}`));
  });
});

describe('the garbage collector', () => {
  it('frees unreferenced services at rest', async () => {
    expect(await say('collected')).toEqual(['context with services: 1', 'context after collection: 0']);
  });

  it('frees invitations at rest, and leaves open ones alone until their end', async () => {
    expect(await say('invitations-collected')).toEqual(['made: 1005', 'call 0 1', 'call 1 1', 'call 2 1', 'left: 2']);
  });

  it('leaves a logged-in service alone', async () => {
    expect(await say('kept-by-login')).toEqual(['logged in', 'received after collection']);
  });
});

it('NODE_DEBUG=rtm shows the log of the client', async () => {
  const child = await runChild([fixture('liveness.mjs'), 'login-refused'], { env: { ...env(), NODE_DEBUG: 'rtm' } });
  expect(child.output).toMatch(/^RTM \d+: .*state 2/m);
  expect(child.output).not.toContain('not a token');
});

describe('a user is gone from the server at once', () => {
  it.each(['natural', 'exit', 'throw', 'terminate', 'worker-end'])('when its process ends: %s', async (ending) => {
    const before = server.stats().logins;
    await runChild([fixture('scenario.mjs'), 'idle', ending], { env: env() });
    expect(server.stats().logins).toBe(before + 1);
    // Well below the 30 s that a silent user stays.
    await vi.waitFor(() => expect(server.stats().sessions).toBe(0), { timeout: 3000 });
  });
});

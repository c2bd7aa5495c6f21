// The area mask belongs to the whole process, so each case is a process of its own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RtmServer } from '../../lib/server/rtm-server.js';
import { behaveWell, startOddServer } from '../integration/support/odd-server.js';
import { fixture, runChild } from './child.js';

const [CN, EU] = [1, 4];
let european: RtmServer;
let folder: string;

beforeAll(async () => {
  const apps = [{ appId: '0123456789abcdef0123456789abcdef' }];
  european = await RtmServer.start({ host: '127.0.0.1', port: 0, apps, area: EU });
  folder = mkdtempSync(join(tmpdir(), 'rtm-areas-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await european.close();
});

/** Output lines of a login with that mask, and its log. */
async function login(mask: number, endpoints: string[]): Promise<{ lines: string[]; log: string }> {
  const file = join(folder, `${Math.random().toString(36).slice(2)}.log`);
  const env = { RTM_TEST_ENDPOINTS: endpoints.join(' '), RTM_TEST_LOG: file };
  const child = await runChild([fixture('areas.mjs'), String(mask)], { env });
  expect(child.code, child.output).toBe(0);
  return { lines: child.output.trim().split('\n'), log: readFileSync(file, 'utf8') };
}

/** A server that claims to be in the area and would log every user in. */
const saying = (area: number) =>
  startOddServer({
    onFrame: (peer, name) =>
      name === 'Hello' ? peer.send('HelloOk', { version: 1, capabilities: 1, area }) : behaveWell(peer, name),
  });

it('a mask can be set while no instance exists, and only then', async () => {
  const { lines } = await login(EU, [european.connectString]);
  expect(lines).toEqual([
    'before: 0 0',
    'beside an instance: 1',
    'while logging in: 1',
    'state 2 1',
    'state 3 2',
    'logged in',
    'after the release: 0',
  ]);
});

it('a server outside the mask hears HELLO and nothing else: no login, no byte of the user', async () => {
  const server = await saying(EU);
  const { lines, log } = await login(CN, [server.endpoint]);
  expect(lines).toContain('state 1 4');
  expect(lines.find((line) => line.startsWith('failed'))).toMatch(
    /^failed 9: .*last attempt: .*refused a server in area 4, allowed are 1/,
  );
  expect(log).toMatch(/connect 127\.0\.0\.1:\d+ \(IPv4\), HELLO, \d+ ms: refused a server in area 4, allowed are 1/);
  expect(new Set(server.heard)).toEqual(new Set(['Hello']));
  expect(Buffer.concat(server.bytes).includes('areas-')).toBe(false);
});

it('a real server outside the mask sees no login', async () => {
  const before = european.stats();
  const { lines } = await login(CN, [european.connectString]);
  expect(lines.find((line) => line.startsWith('failed'))).toMatch(/^failed 9: /);
  const { logins, loginFailures, messagesIn, sessions } = european.stats();
  expect({ logins, loginFailures, messagesIn, sessions }).toEqual({
    logins: before.logins,
    loginFailures: before.loginFailures,
    messagesIn: before.messagesIn,
    sessions: 0,
  });
});

it('an endpoint that is tagged with another area is never connected to', async () => {
  const server = await saying(0);
  const { lines, log } = await login(CN, [`${server.endpoint}#area=EU|NA`]);
  expect(lines).toContain('state 1 4');
  expect(lines.find((line) => line.startsWith('failed'))).toMatch(
    /^failed 9: .*none of the endpoints is in the allowed areas \(mask 1\)/,
  );
  expect(log).toMatch(/none of the endpoints is in the allowed areas/);
  expect(server.connections).toBe(0);
});

it('the next endpoint is tried when the first is outside the mask, by its tag or by its own word', async () => {
  const [tagged, outside] = [await saying(0), await saying(CN)];
  const { lines } = await login(EU, [`${tagged.endpoint}#area=CN`, outside.endpoint, european.connectString]);
  expect(lines).toContain('logged in');
  expect(tagged.connections).toBe(0);
  expect(new Set(outside.heard)).toEqual(new Set(['Hello']));
});

it('the area mask also applies to a server that another server names', async () => {
  const [told, untagged] = [await saying(0), await saying(CN)];
  const going = await startOddServer({
    onFrame: (peer, name) => {
      if (name !== 'Hello') return;
      peer.send('Bye', { code: 9, reason: 'closing', endpoints: [`${told.endpoint}#area=CN`, untagged.endpoint] });
    },
  });
  const { log } = await login(EU, [going.endpoint]);
  expect(log).toMatch(/told by the server to go to/);
  expect(told.connections).toBe(0);
  expect(new Set(untagged.heard)).toEqual(new Set(['Hello']));
});

// A server that shuts down may name other servers (BYE.endpoints). The named endpoints do not widen the client's trust:
// docs/decisions/005-told-endpoints.md.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoginOptions, RtmClient } from 'rtm-native';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeIdentity } from '../network/killable-server.js';
import { behaveWell, type OddServer, startOddServer } from './support/odd-server.js';

const ours = makeIdentity();
const theirs = makeIdentity();
const SHUTTING_DOWN = 9;

async function loggedIn(endpoints: string | string[], more: Partial<LoginOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'rtm-told-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const logFile = join(folder, 'client.log');
  const client = await RtmClient.login({ appId: '0'.repeat(32), userId: 'alice', endpoints, logFile, ...more });
  onTestFinished(() => client.logout());
  return { client, log: () => readFileSync(logFile, 'utf8') };
}

const sayGoodbye = (server: OddServer, endpoints: string[]) => {
  server.peer?.send('Bye', { code: SHUTTING_DOWN, reason: 'closing', endpoints });
  server.peer?.close();
};
const start = (tls?: typeof ours) => startOddServer({ onFrame: behaveWell, ...(tls && { tls }) });
const visited = (server: OddServer) =>
  expect.poll(() => server.heard.includes('Login'), { timeout: 15_000 }).toBe(true);

describe('after a goodbye', () => {
  it("the named servers come before the client's own list", async () => {
    const [first, second, named] = [await start(), await start(), await start()];
    const { log } = await loggedIn([first.endpoint, second.endpoint]);
    sayGoodbye(first, ['nonsense', 'http://127.0.0.1:1', named.endpoint]);
    await visited(named);
    expect(second.connections).toBe(0);
    expect(log()).toMatch(/ignored, told by the server: endpoint "nonsense": the scheme is missing/);
    expect(log()).toMatch(/unknown scheme "http"/);
    expect(log()).toContain(`told by the server to go to ${named.address}`);
  });

  it('the client uses its own list when no named endpoint answers', async () => {
    const [first, second] = [await start(), await start()];
    await loggedIn([first.endpoint, second.endpoint]);
    sayGoodbye(first, ['rtm://127.0.0.1:9']);
    await visited(second);
  });

  it('the same server is taken back when it is the only one', async () => {
    const only = await start();
    const { client } = await loggedIn(only.endpoint);
    sayGoodbye(only, []);
    await expect.poll(() => only.heard.filter((name) => name === 'Login').length, { timeout: 15_000 }).toBe(2);
    expect(client.state).toBe('connected');
  });

  it('the client uses at most eight of them', async () => {
    const [first, ninth] = [await start(), await start()];
    const { log } = await loggedIn(first.endpoint);
    sayGoodbye(first, [...Array.from({ length: 8 }, (_, index) => `rtm://127.0.0.1:${index + 1}`), ninth.endpoint]);
    await expect.poll(() => first.heard.filter((name) => name === 'Login').length, { timeout: 15_000 }).toBe(2);
    expect(ninth.connections).toBe(0);
    expect(log()).toMatch(/names 9 others, the first 8 count/);
  });
});

describe('a named endpoint does not widen the trust', () => {
  it('to plaintext, to a certificate of the hint, or to the CAs where every server is pinned', async () => {
    const [first, plain, foreign] = [await start(ours), await start(), await start(theirs)];
    const { log } = await loggedIn(first.endpoint);
    sayGoodbye(first, [plain.endpoint, foreign.endpoint, foreign.endpoint.replace(/#.*/, '')]);
    await expect.poll(() => first.heard.filter((name) => name === 'Login').length, { timeout: 15_000 }).toBe(2);
    expect([plain.connections, foreign.connections]).toEqual([0, 0]);
    expect(log()).toContain(`${plain.address}: it is without TLS`);
    expect(log()).toContain(`${foreign.address}: its pin is none of the configured`);
    expect(log()).toContain(`${foreign.address}: it has no pin, and all configured servers are pinned`);
  });

  it('but a client goes to a server with a configured certificate, or of its own list', async () => {
    const [first, sibling, listed] = [await start(ours), await start(ours), await start(theirs)];
    await loggedIn([first.endpoint, listed.endpoint]);
    sayGoodbye(first, [sibling.endpoint]);
    await visited(sibling);
    expect(listed.connections).toBe(0);
    sayGoodbye(sibling, [`rtms://${listed.address}`]); // without its pin: the configured one holds
    await visited(listed);
  });
});

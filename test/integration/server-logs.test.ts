// The log of a busy server: one line for each important event, and never a payload, a token or a certificate.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RtmClient, type ServerLog } from 'rtm-native';
import { afterAll, describe, expect, it } from 'vitest';
import { buildToken, createAppCredentials } from '../../lib/server/token.js';
import { makeIdentity } from '../network/killable-server.js';
import { endAll, type Program, rtm } from './cli-process.js';
import { startWorld, within } from './client-world.js';

afterAll(endAll);

const payload = 'eW91ciBzZWNyZXQ';
const { appId, appCertificate } = createAppCredentials();
const tokenOf = (userId: string, issuedAt?: number) =>
  buildToken({ appId, appCertificate, userId, expireSeconds: 60, ...(issuedAt !== undefined && { issuedAt }) });

/** A server in a process of its own that logs everything, and its address. */
async function startServer(format: 'text' | 'json', ...more: string[]): Promise<{ server: Program; endpoint: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'rtm-logs-'));
  const { cert, key } = makeIdentity();
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 });
  const tls = ['--cert', join(folder, 'cert.pem'), '--key', join(folder, 'key.pem')];
  const where = ['--host', '127.0.0.1', '--port', '0', '--app', `${appId}:${appCertificate}`];
  const server = rtm(['server', ...where, ...tls, '--log', 'debug', '--log-format', format, ...more]);
  try {
    if (format === 'text') {
      const [, endpoint = ''] = await server.shows(/connect +(rtms:\S+)/);
      return { server, endpoint };
    }
    const [line] = await server.shows(/^\{.*"event":"start".*\}$/m);
    const { port, fingerprint } = JSON.parse(line) as { port: number; fingerprint: string };
    return { server, endpoint: `rtms://127.0.0.1:${port}#sha256=${fingerprint}` };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Does a bit of everything. Returns the tokens that were used. */
async function traffic(endpoint: string): Promise<string[]> {
  const tokens: string[] = [];
  const login = (userId: string, token = tokenOf(userId)) => {
    tokens.push(token);
    return RtmClient.login({ appId, userId, token, endpoints: endpoint, timeout: 10_000 });
  };
  const [alice, bob] = await Promise.all([login('alice'), login('bob')]);
  const [room] = await Promise.all([alice.join('room'), bob.join('room')]);
  await Promise.all(Array.from({ length: 20 }, (_, i) => alice.sendToPeer('bob', `${payload} ${i}`)));
  await alice.sendToPeer('bob', Buffer.from(payload));
  await room.send(payload);
  await alice.sendToPeer('nobody', payload, { offline: true, history: true });
  await alice.attributes.set({ key: payload });
  await expect(login('carol', tokenOf('somebody else'))).rejects.toThrow();
  await expect(login('carol', tokenOf('carol', 1_600_000_000))).rejects.toThrow();
  await expect(login('carol', `007${payload}`)).rejects.toThrow();
  const kicked = alice.whenState('aborted');
  await login('alice');
  await within('the kick', kicked);
  const renewed = tokenOf('bob');
  tokens.push(renewed);
  await bob.renewToken(renewed);
  return tokens;
}

function expectNoSecrets(server: Program, tokens: readonly string[]): void {
  const written = server.output + server.errors;
  for (const secret of [payload, Buffer.from(payload).toString('base64'), appCertificate, ...tokens])
    expect(written.includes(secret), secret).toBe(false);
}

describe('the log of rtm server', () => {
  it('as JSON has a line for start, refused login, kick, drain and stop, and no secrets', async () => {
    const { server, endpoint } = await startServer('json', '--admin', '0');
    const tokens = await traffic(endpoint);
    server.signal('SIGTERM');
    expect(await server.exit()).toBe(0);
    expect(server.output).toBe('');
    const lines = server.errors
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const line of lines)
      expect(line).toMatchObject({
        level: expect.any(String),
        time: expect.stringMatching(/^20.*Z$/),
        msg: expect.any(String),
      });
    const refused = lines.filter(({ event }) => event === 'login-refused');
    expect(refused).toEqual(
      Array.from({ length: 3 }, () =>
        expect.objectContaining({ address: '127.0.0.1', port: expect.any(Number), app: appId, user: 'carol' }),
      ),
    );
    const events = lines.filter(({ event }) => event !== undefined && event !== 'login-refused');
    expect(events).toEqual([
      expect.objectContaining({
        event: 'start',
        apps: [appId],
        admin: expect.stringMatching(/^http:\/\/127/),
        version: expect.any(String),
      }),
      expect.objectContaining({ event: 'drain', sessions: 2, endpoints: [], overMs: 1000 }),
      expect.objectContaining({ event: 'stop' }),
    ]);
    const messages = lines.map(({ level, msg }) => `${level} ${msg}`);
    const refusals = messages.filter((line) => line.startsWith('warn login refused: '));
    expect(refusals).toHaveLength(3);
    expect(refusals.filter((line) => line.includes('has expired'))).toHaveLength(1);
    expect(messages.filter((line) => /^warn client \S+: .*logged in elsewhere/.test(line))).toHaveLength(1);
    expectNoSecrets(server, tokens);
  });

  it('as text has the same lines in the form it always had', async () => {
    const { server, endpoint } = await startServer('text');
    const tokens = await traffic(endpoint);
    server.signal('SIGTERM');
    expect(await server.exit()).toBe(0);
    expect(server.errors).toMatch(/^\d\d:\d\d:\d\d warning login refused: the token has expired/m);
    expect(server.errors).toMatch(
      / event=login-refused address=127\.0\.0\.1 port=\d+ app="[0-9a-f]{32}" user="carol"$/m,
    );
    expect(server.errors).toMatch(/^\d\d:\d\d:\d\d warning client \S+: .*logged in elsewhere$/m);
    expect(server.output).toMatch(/Stopping; logging 2 users out\.\n$/);
    expectNoSecrets(server, tokens);
  });

  it('reports a full store', async () => {
    const lines: string[] = [];
    const log: ServerLog = (level, line) => lines.push(`${level} ${line}`);
    const world = await startWorld({ limits: 'off', retention: { offlineBytes: 0 }, log });
    const client = await world.login('sender');
    for (let i = 0; i < 5; i++)
      await expect(client.sendToPeer('away', payload, { offline: true })).rejects.toMatchObject({
        code: 'ERR_RTM_FAILURE',
      });
    await world.end();
    expect(world.server.stats().store).toMatchObject({ appends: 5, failures: 5, offlineMessages: 0 });
    expect(lines.filter((line) => line.startsWith('error the store failed or is full'))).toHaveLength(1);
  });

  it('reports as JSON why it did not start', async () => {
    const server = rtm(['server', '--log-format', 'json', '--host', 'no.such.host.invalid']);
    expect(await server.exit()).toBe(1);
    const [line, ...more] = server.errors.trimEnd().split('\n');
    expect(more).toEqual([]);
    expect(JSON.parse(line ?? '')).toMatchObject({
      level: 'fatal',
      event: 'start-failed',
      code: 'ERR_RTM_SERVER_START',
    });
  });
});

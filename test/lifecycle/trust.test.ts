import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RtmServer } from '../../lib/server/rtm-server.js';
import { fixture, runChild } from './child.js';

let server: RtmServer;
let folder: string;
let certificate: string;

beforeAll(async () => {
  server = await RtmServer.start({
    host: '127.0.0.1',
    port: 0,
    apps: [{ appId: '0123456789abcdef0123456789abcdef' }],
  });
  folder = mkdtempSync(join(tmpdir(), 'rtm-trust-'));
  certificate = join(folder, 'server.pem');
  const pem = await new Promise<string>((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.toString() ?? '');
      socket.destroy();
    });
    socket.on('error', reject);
  });
  writeFileSync(certificate, pem);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await server.close();
});

async function login(env: Record<string, string>): Promise<string> {
  const endpoint = server.connectString.replace(/#.*/, '');
  const child = await runChild([fixture('trust.mjs')], { env: { RTM_TEST_ENDPOINT: endpoint, ...env } });
  expect(child.code, child.output).toBe(0);
  return child.output.trim();
}

describe('a server without a pin', () => {
  it('is refused when no CA vouches for it', async () => {
    expect(await login({})).toMatch(/^failed/);
  });

  it('is trusted through NODE_EXTRA_CA_CERTS', async () => {
    expect(await login({ NODE_EXTRA_CA_CERTS: certificate })).toBe('logged in');
  });

  it('is trusted through SSL_CERT_FILE', async () => {
    expect(await login({ SSL_CERT_FILE: certificate })).toBe('logged in');
  });

  it("is refused, and nothing breaks, where only Node's own list is left", async () => {
    expect(await login({ SSL_CERT_FILE: join(folder, 'missing.pem') })).toMatch(/^failed/);
  });
});

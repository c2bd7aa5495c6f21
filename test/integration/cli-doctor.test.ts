import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { RtmServer } from 'rtm-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../lib/cli/program.js';
import { makeStyle } from '../../lib/cli/terminal/style.js';
import type { Terminal } from '../../lib/cli/terminal/terminal.js';
import { createAppCredentials } from '../../lib/server/token.js';

const { appId, appCertificate } = createAppCredentials();
let server: RtmServer;
let plain: RtmServer;

beforeAll(async () => {
  const options = { host: '127.0.0.1', port: 0, apps: [{ appId, certificate: appCertificate }] };
  [server, plain] = await Promise.all([
    RtmServer.start({ ...options, area: 4 }),
    RtmServer.start({ ...options, tls: false }),
  ]);
});
afterAll(() => Promise.all([server.close(), plain.close()]));

async function doctor(args: string[], env: NodeJS.ProcessEnv = {}) {
  const lines: string[] = [];
  const terminal: Terminal = {
    input: process.stdin,
    output: process.stdout,
    env,
    style: makeStyle(false),
    interactive: false,
    print: (line = '') => void lines.push(line),
    warn: (line) => void lines.push(line),
    command: 'rtm',
    onInterrupt: () => () => {},
  };
  const code = await runProgram(['doctor', ...args], terminal);
  return { code, output: lines.join('\n') };
}

/** A server that sends the same bytes to every client, and its name. */
async function speaking(text: string): Promise<[Server, string]> {
  const listener = createServer((socket) => socket.on('error', () => {}).write(text));
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return [listener, `127.0.0.1:${address.port}`];
}

describe('rtm doctor', () => {
  it('reports a good server as good, with its name and version', async () => {
    const { code, output } = await doctor([server.connectString]);
    expect(output).not.toContain('127.0.0.1 is'); // an address has no address
    expect(output).toMatch(
      /TLS 1\.3 in .* \(pinned\), server rtm-native\/\d+\.\d+\.\d+, EU, round trip .* ms, clock [+-]\d+ ms/,
    );
    expect(output).not.toContain('✗');
    expect(code).toBe(0);
  });

  it('takes the endpoints of the environment', async () => {
    const { code, output } = await doctor([], { RTM_ENDPOINTS: plain.connectString });
    expect(output).toMatch(/every area/);
    expect(code).toBe(0);
  });

  it('says what address a name has', async () => {
    const { output } = await doctor([plain.connectString.replace('127.0.0.1', 'localhost')]);
    expect(output).toMatch(/✓ localhost is .*\b127\.0\.0\.1\b.* ms\)/);
    expect(output).toMatch(/✓ 127\.0\.0\.1: connected in/);
  });

  it('logs in with a token of its own and shows the limits', async () => {
    const { code, output } = await doctor([
      server.connectString,
      '--app-id',
      appId,
      '--app-certificate',
      appCertificate,
    ]);
    expect(output).toMatch(/logged in; heartbeat \d+ s, a lost session lives 30 s/);
    expect(output).toMatch(/limits: messages up to 32768 bytes, \d+ sends in 3 s, 20 channels, 512 subscriptions/);
    expect(code).toBe(0);
    expect(server.stats().sessions).toBe(0);
  });

  it('says that the token is wrong, and not the server', async () => {
    const { code, output } = await doctor([server.connectString, '--app-id', appId, '--token', 'nonsense']);
    expect(output).toMatch(/login refused with code 5/);
    expect(output).toMatch(/the server works/);
    expect(code).toBe(1);
  });

  it('reports a wrong pin, with both pins', async () => {
    const { code, output } = await doctor([server.connectString.replace(/sha256=.*/, `sha256=${'0'.repeat(64)}`)]);
    expect(output).toContain(`the certificate's is ${server.fingerprint}`);
    expect(output).toMatch(/another certificate than the pinned one/);
    expect(code).toBe(1);
  });

  it('reports a certificate that no CA vouches for', async () => {
    const { code, output } = await doctor([server.connectString.replace(/#.*/, '')]);
    expect(output).toMatch(/nobody this machine trusts vouches/);
    expect(code).toBe(1);
  });

  it('reports a port without a listener', async () => {
    const [listener, address] = await speaking('');
    listener.close();
    await once(listener, 'close');
    const { code, output } = await doctor([`rtms://${address}`]);
    expect(output).toMatch(/nothing listens at port \d+ there/);
    expect(code).toBe(1);
  });

  it('reports a name without an address', async () => {
    const { code, output } = await doctor(['rtms://nowhere.invalid']);
    expect(output).toMatch(/nowhere\.invalid has no address/);
    expect(code).toBe(1);
  });

  it('reports a server without TLS, and a server with TLS on a plaintext endpoint', async () => {
    const wrongly = await doctor([plain.connectString.replace('rtm:', 'rtms:')]);
    expect(wrongly.output).toMatch(/does not speak TLS/);
    const asWrongly = await doctor([server.connectString.replace(/^rtms:/, 'rtm:').replace(/#.*/, '')]);
    expect(asWrongly.output).toMatch(/not an RTM server without TLS: try rtms:\/\//);
    expect([wrongly.code, asWrongly.code]).toEqual([1, 1]);
  });

  it('reports a server that speaks another protocol', async () => {
    const [listener, address] = await speaking('220 mail ready, and a long greeting\r\n');
    const { code, output } = await doctor([`rtm://${address}`]);
    listener.close();
    expect(output).toMatch(/not as an RTM server does|not an RTM server/);
    expect(code).toBe(1);
  });

  it('reports a TLS server that is not ours', async () => {
    const listener = createTlsServer({ SNICallback: (_name, done) => done(null) }, (socket) => socket.end());
    listener.on('tlsClientError', () => {});
    await once(listener.listen(0, '127.0.0.1'), 'listening');
    const address = listener.address() as { port: number };
    const { code, output } = await doctor([`rtms://127.0.0.1:${address.port}`]);
    listener.close();
    expect(output).toMatch(/TLS handshake failed|does not speak TLS/);
    expect(code).toBe(1);
  });

  it('checks every endpoint, and fails for an unusable one', async () => {
    const { code, output } = await doctor([server.connectString, 'rtms://nowhere.invalid']);
    expect(output).toMatch(/✓ 127/);
    expect(output).toMatch(/rtm: 1 of 2 endpoints cannot be used/);
    expect(code).toBe(1);
  });

  it('refuses text that is not an endpoint', async () => {
    expect((await doctor(['http://a'])).code).toBe(2);
    expect((await doctor([])).code).toBe(2);
  });
});

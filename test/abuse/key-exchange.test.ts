// The cost of a TLS handshake: one ClientHello of 1.2 KB that asks for an expensive key exchange must not take 100 ms of
// the loop that serves all other clients.
import { once } from 'node:events';
import { connect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RtmServer } from '../../lib/index.js';

let server: RtmServer;

beforeAll(async () => {
  const apps = [{ appId: '0123456789abcdef0123456789abcdef' }];
  server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps });
});
afterAll(() => server.close());

/** The group that a handshake agreed on when the client offers `groups` only, or the code of the error that ended it. */
async function handshake(groups: string, version: 'TLSv1.2' | 'TLSv1.3'): Promise<string | undefined> {
  const socket = connect({
    host: '127.0.0.1',
    port: server.port,
    rejectUnauthorized: false,
    ALPNProtocols: ['rtm/1'],
    ecdhCurve: groups,
    minVersion: version,
    maxVersion: version,
  });
  try {
    await once(socket, 'secureConnect');
    const info = socket.getEphemeralKeyInfo();
    return info !== null && 'name' in info ? info.name : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  } finally {
    socket.destroy();
  }
}

// Ten to a thousand times the price of X25519 for the server.
const expensive = ['ffdhe2048', 'ffdhe3072', 'ffdhe4096', 'ffdhe6144', 'ffdhe8192', 'P-384', 'P-521', 'X448'];

describe('the key exchange of a TLS handshake', () => {
  it.each(expensive)('is refused with %s, whose price only the server pays', async (group) => {
    expect(await handshake(group, 'TLSv1.3')).toMatch(/^(ERR_SSL|ECONNRESET)/);
  });

  it('takes the cheap group of a client that prefers an expensive group', async () => {
    expect(await handshake('ffdhe8192:P-521:P-256', 'TLSv1.3')).toBe('prime256v1');
  });

  it.each([
    ['X25519', 'X25519'],
    ['P-256', 'prime256v1'],
  ])('works with %s', async (group, name) => {
    expect(await handshake(group, 'TLSv1.3')).toBe(name);
  });
});

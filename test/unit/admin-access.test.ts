import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { AdminGuard, hostOf, isBearerToken, isHostName } from '../../lib/server/http/admin-access.js';

interface Given {
  readonly host?: string;
  readonly authorization?: string;
  readonly httpVersion?: string;
  readonly localAddress?: string;
}

const request = ({ httpVersion = '1.1', localAddress = '::ffff:192.0.2.5', ...headers }: Given) =>
  ({ headers, httpVersion, socket: { localAddress } }) as unknown as IncomingMessage;
const statusOf = (guard: AdminGuard, given: Given) => guard.check(request(given))?.status;

describe('the header Host', () => {
  const guard = new AdminGuard({ hosts: ['Metrics.example', '2001:db8::9'], token: undefined }, 'rtm-admin');

  it.each([
    'localhost',
    'localhost:9137',
    'LOCALHOST',
    'localhost.',
    '127.0.0.1:9137',
    '[::1]:9137',
    'rtm-admin:1',
    'metrics.example',
    '[2001:db8::9]:80',
    '192.0.2.5:9137', // where the connection came in
  ])('%s is taken', (host) => {
    expect(statusOf(guard, { host })).toBeUndefined();
  });

  it.each([
    'evil.example',
    'evil.example:9137',
    'localhost.evil.example',
    '192.0.2.6',
    '[::2]',
    '127.0.0.2',
    '',
    ' ',
    '::1',
    '[localhost]',
    'localhost:abc',
    'localhost, evil.example',
    'metrics.example@evil.example',
  ])('"%s" is refused', (host) => {
    expect(statusOf(guard, { host })).toBe(421);
  });

  it('may be left out in HTTP/1.0 only', () => {
    expect(statusOf(guard, { httpVersion: '1.0' })).toBeUndefined();
    expect(statusOf(guard, {})).toBe(421);
  });

  it('without a port and brackets is the host', () => {
    expect(hostOf('[2001:DB8::1]:80')).toBe('2001:db8::1');
    expect(hostOf('a.b:65536x')).toBeUndefined();
  });
});

describe('the bearer token', () => {
  const token = 'abcdefghijklmnop';
  const guard = new AdminGuard({ hosts: [], token }, '127.0.0.1');
  const status = (authorization?: string) =>
    statusOf(guard, { host: 'localhost', ...(authorization !== undefined && { authorization }) });

  it('is taken in whatever case the scheme is written', () => {
    expect([status(`Bearer ${token}`), status(`bearer  ${token}`)]).toEqual([undefined, undefined]);
  });

  it.each([undefined, '', token, `Basic ${token}`, `Bearer ${token}x`, 'Bearer ', `Bearer ${'x'.repeat(5000)}`])(
    'is missing in %s',
    (authorization) => {
      expect(status(authorization)).toBe(401);
    },
  );

  it('is asked for after the name: a page that was led here learns nothing', () => {
    expect(statusOf(guard, { host: 'evil.example', authorization: `Bearer ${token}` })).toBe(421);
  });

  it('has at least 16 characters, of those that fit into a header', () => {
    expect(['x'.repeat(16), 'aaaaaaaaaaaaaaaa=='].every(isBearerToken)).toBe(true);
    expect(['x'.repeat(15), 'x'.repeat(513), 'with a space in it', ''].some(isBearerToken)).toBe(false);
  });
});

it('a host name has no port, path or space', () => {
  expect(['a', 'a-b.example', '_srv.x', '192.0.2.1', '::1'].every(isHostName)).toBe(true);
  expect(['', 'a:80', 'a/b', 'a b', '-a', '.a', '[::1]', 'x'.repeat(300)].some(isHostName)).toBe(false);
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkLoginOptions } from '../../lib/client/options.js';
import { checkEndpoints } from '../../lib/endpoints.js';

const pin = 'ab'.repeat(32);
const valid = { appId: '0'.repeat(32), userId: 'alice', endpoints: 'rtms://127.0.0.1' };

afterEach(() => vi.unstubAllEnvs());

describe('endpoints', () => {
  it.each([
    ['rtms://chat.example', ['rtms://chat.example']],
    [`rtms://[::1]:9136#sha256=${pin}&area=CN|NA`, [`rtms://[::1]:9136#sha256=${pin}&area=CN|NA`]],
    ['chat.example:9136', ['rtms://chat.example:9136']],
    [`[::1]:9136#sha256=${pin}`, [`rtms://[::1]:9136#sha256=${pin}`]],
    ['rtm://a, rtm://b  rtm://c', ['rtm://a', 'rtm://b', 'rtm://c']],
    [
      ['rtm://a', 'rtms://b:1'],
      ['rtm://a', 'rtms://b:1'],
    ],
  ])('reads %j', (given, expected) => {
    expect(checkEndpoints(given)).toEqual(expected);
  });

  it.each([
    ['https://a', 'rtms://'],
    ['127.0.0.1:port', 'host[:port]'],
    ['127.0.0.1', 'rtms://'],
    ['rtms://', 'host'],
    ['rtms://a:70000', 'host[:port]'],
    ['rtms://a:0', '1 to 65535'],
    ['rtms://a/path', 'nothing but host'],
    ['rtms://a?x=1', 'nothing but host'],
    ['rtms://user@a', 'nothing but host'],
    ['rtms://a#sha256=abc', '64 hexadecimal'],
    ['rtms://a#area=MARS', 'areas'],
    ['rtms://a#sha1=abc', 'only sha256='],
  ])('says what is wrong with %s', (given, expected) => {
    expect(() => checkEndpoints(given)).toThrow(
      expect.objectContaining({ code: 'ERR_RTM_INVALID_ARG_VALUE', message: expect.stringContaining(expected) }),
    );
  });

  it('come from RTM_ENDPOINTS when the option is left out, and from nowhere else', () => {
    vi.stubEnv('RTM_ENDPOINTS', 'rtms://a,rtms://b');
    expect(checkEndpoints(undefined)).toEqual(['rtms://a', 'rtms://b']);
    vi.stubEnv('RTM_ENDPOINTS', 'http://a');
    expect(() => checkEndpoints(undefined)).toThrow(/^RTM_ENDPOINTS: /);
    vi.stubEnv('RTM_ENDPOINTS', '');
    expect(() => checkEndpoints(undefined)).toThrow(/RTM_ENDPOINTS/);
    expect(() => checkEndpoints([])).toThrow(/at least|a server/);
  });
});

describe('login options', () => {
  it('fill in the defaults', () => {
    expect(checkLoginOptions(valid)).toMatchObject({ token: '', unreadLimit: 256, logFile: undefined });
  });

  it('hand certificates and parameters to the core', () => {
    const { parameters } = checkLoginOptions({ ...valid, ca: 'PEM', parameters: { 'rtm.timing': { login_ms: 5 } } });
    expect(parameters).toEqual({
      'rtm.endpoints': ['rtms://127.0.0.1'],
      'rtm.ca_pem': 'PEM',
      'rtm.timing': { login_ms: 5 },
    });
  });

  it.each([
    ['nothing', undefined, 'options'],
    ['an array', [], 'options'],
    ['a number for the user', { ...valid, userId: 7 }, 'options.userId'],
    ['no App ID', { ...valid, appId: undefined }, 'options.appId'],
    ['null for the token', { ...valid, token: null }, 'options.token'],
    ['a number among the endpoints', { ...valid, endpoints: ['rtm://a', 7] }, 'options.endpoints'],
    ['an unknown property', { ...valid, endpoint: 'rtm://a' }, 'options'],
    ['a fraction of messages', { ...valid, unreadLimit: 1.5 }, 'options.unreadLimit'],
    ['an unknown level', { ...valid, logLevel: 'loud' }, 'options.logLevel'],
    ['the name of a method for a level', { ...valid, logLevel: 'toString' }, 'options.logLevel'],
    ['a log file below 512 KB', { ...valid, logFileSize: 511 }, 'options.logFileSize'],
    ['a log file above 1 GB', { ...valid, logFileSize: 1_048_577 }, 'options.logFileSize'],
    ['a text for parameters', { ...valid, parameters: '{}' }, 'options.parameters'],
    ['parameters that JSON cannot say', { ...valid, parameters: { size: 1n } }, 'options.parameters'],
    ['a timeout beyond the timers', { ...valid, timeout: 2 ** 31 }, 'options.timeout'],
  ])('refuse %s with a TypeError that names it', (_what, options, argument) => {
    expect(() => checkLoginOptions(options)).toThrow(expect.objectContaining({ name: 'TypeError', argument }));
  });
});

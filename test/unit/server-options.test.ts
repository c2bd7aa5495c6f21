import { describe, expect, it } from 'vitest';
import { checkServerOptions, connectHost } from '../../lib/server/options/check-options.js';
import { NOT_IN_CLUSTER, ONLY_IN_CLUSTER } from '../../lib/server/options/settings.js';

const appId = '0123456789abcdef0123456789abcdef';
const certificate = 'fedcba9876543210fedcba9876543210';

describe('options of a server', () => {
  it('are filled with the documented defaults; numbers that are left out get theirs in the core', () => {
    expect(checkServerOptions({ apps: [{ appId }] })).toEqual({
      host: '::',
      apps: [{ appId, certificates: [], rules: [] }],
      tls: true,
      certificatePem: '',
      keyPem: '',
      area: 0,
      limits: { base: 'sdk', values: {}, rates: [] },
      numbers: {},
      flags: {},
      groups: { times: {}, admission: {}, media: {}, retention: {} },
      exempt: [],
      mediaFolder: '',
      choices: {},
      adminAccess: { hosts: [], token: undefined },
      ownsProcess: false,
      log: false,
      logSink: undefined,
      store: undefined,
      clusterEngine: undefined,
    });
  });

  it('take one certificate or several', () => {
    expect(checkServerOptions({ apps: [{ appId, certificate }] }).apps[0]?.certificates).toEqual([certificate]);
    expect(checkServerOptions({ apps: [{ appId, certificates: [certificate] }] }).apps[0]?.certificates).toEqual([
      certificate,
    ]);
  });

  it('set the folder, the bytes and the lifetime of media', () => {
    const media = { folder: '/srv/media', storeBytes: 5e12, life: 1000 };
    expect(checkServerOptions({ apps: [{ appId }], media })).toMatchObject({
      mediaFolder: '/srv/media',
      groups: { media: { storeBytes: 5e12, life: 1000 } },
    });
    const times = { transfer: 500 };
    expect(checkServerOptions({ apps: [{ appId }], times }).groups.times).toEqual(times);
    for (const wrong of [{ folder: '' }, { folder: 'a\0b' }, { storeBytes: 0 }, { life: 0.5 }, { lifetime: 1 }]) {
      expect(() => checkServerOptions({ apps: [{ appId }], media: wrong })).toThrow(/options\.media/);
    }
  });

  it('switch media off', () => {
    expect(checkServerOptions({ apps: [{ appId }], media: false })).toMatchObject({
      flags: { media: false },
      mediaFolder: '',
      groups: { media: {} },
    });
    expect(checkServerOptions({ apps: [{ appId }], media: true })).toMatchObject({ flags: { media: true } });
    const media = { storeBytes: 1 };
    expect(checkServerOptions({ apps: [{ appId }], media })).toMatchObject({ flags: { media: true } });
    expect(() => checkServerOptions({ apps: [{ appId }], media: 'off' as never })).toThrow(/options\.media/);
  });

  it('name the networks that are not counted by address', () => {
    const exempt = ['192.0.2.0/24', '192.0.2.7', '2001:db8::/32', '::1'];
    const checked = checkServerOptions({ apps: [{ appId }], admission: { exempt, logins: 0 } });
    expect(checked.exempt).toEqual(exempt);
    expect(checked.groups.admission).toEqual({ logins: 0 });
    for (const wrong of [
      '',
      'example.org',
      '192.0.2.0/33',
      '192.0.2.0/',
      '2001:db8::/65',
      '192.0.2.0/24/8',
      'fe80::1%lo',
    ]) {
      expect(() => checkServerOptions({ apps: [{ appId }], admission: { exempt: ['10.0.0.0/8', wrong] } })).toThrow(
        /options\.admission\.exempt\[1\].*a network such as 192\.0\.2\.0\/24/,
      );
    }
    expect(() => checkServerOptions({ apps: [{ appId }], admission: { exempt: '10.0.0.0/8' } })).toThrow(/an array/);
  });

  it('say how many messages are kept', () => {
    const retention = { offlineMessages: 0, offlineMs: 1, offlineBytes: undefined, historyBytes: 2 ** 40 };
    const checked = checkServerOptions({ apps: [{ appId }], retention, historyOpen: true });
    expect(checked.groups.retention).toEqual({ offlineMessages: 0, offlineMs: 1, historyBytes: 2 ** 40 });
    expect(checked.flags).toEqual({ historyOpen: true });
    for (const wrong of [{ offlineMs: 0 }, { historyMs: 0.5 }, { offlineMessages: 1_000_001 }, { messages: 1 }, 5]) {
      expect(() => checkServerOptions({ apps: [{ appId }], retention: wrong })).toThrow(TypeError);
    }
    expect(() => checkServerOptions({ apps: [{ appId }], historyOpen: 1 })).toThrow(/a boolean/);
    const apps = [{ appId }];
    expect(checkServerOptions({ apps, channelAttributes: { writers: 'members' } }).choices).toEqual({
      'channelAttributes.writers': 1,
    });
    expect(() => checkServerOptions({ apps, channelAttributes: { writers: 'some' } })).toThrow(/'all' or 'members'/);
    expect(() => checkServerOptions({ apps, channelAttributes: { writer: 'all' } })).toThrow(/writer/);
  });

  it('are the same numbers alone', () => {
    const numbers = { port: 0, loops: 64, maxConnections: 5 };
    expect(checkServerOptions({ apps: [{ appId }], ...numbers }).numbers).toEqual(numbers);
  });

  it('need a cluster, or refuse one', () => {
    const at = (path: string, value: unknown): object =>
      path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as object;
    const engine = 'redis://127.0.0.1:6379';
    const check = (...given: object[]) => checkServerOptions(Object.assign({ apps: [{ appId }] }, ...given));
    const needing = { 'times.lease': 5000, waitReplicas: 1, nodeId: 'a' };
    expect(Object.keys(needing)).toEqual(ONLY_IN_CLUSTER);
    for (const [path, value] of Object.entries(needing)) {
      expect(() => check(at(path, value))).toThrow(`options.${path}: expected that only with "engine"`);
      expect(check(at(path, value), { engine }).cluster?.url).toBe(engine);
    }
    for (const path of NOT_IN_CLUSTER) {
      expect(() => check(at(path, 1), { engine })).toThrow(`options.${path}: expected none with "engine"`);
      expect(check(at(path, 1)).cluster).toBeUndefined();
    }
  });

  it('translate limits', () => {
    const limits = { base: 'off', messageBytes: 1024, rates: { send: { count: 10, perSeconds: 0.5 }, login: false } };
    expect(checkServerOptions({ apps: [{ appId }], limits }).limits).toEqual({
      base: 'off',
      values: { messageBytes: 1024 },
      rates: [
        { group: 3, count: 10, windowMs: 500 },
        { group: 1, count: 0, windowMs: 0 },
      ],
    });
  });

  it('bound the sizes that a frame bounds; 0 is the most', () => {
    const limits = { userAttributes: 0, channelAttributeBytes: 49152, callContentBytes: 1 };
    expect(checkServerOptions({ apps: [{ appId }], limits }).limits.values).toEqual({ ...limits, userAttributes: 128 });
    const above = {
      channelAttributes: 129,
      userAttributeKeyBytes: 129,
      userAttributeBytes: 49153,
      callResponseBytes: 30721,
    };
    for (const [name, value] of Object.entries(above)) {
      expect(() => checkServerOptions({ apps: [{ appId }], limits: { [name]: value } })).toThrow(
        `options.limits.${name}: expected an integer from 0 to ${value - 1}`,
      );
    }
  });

  const bad: [unknown, string, RegExp][] = [
    [undefined, 'ERR_RTM_INVALID_ARG_TYPE', /^options: expected an object, received undefined/],
    [[], 'ERR_RTM_INVALID_ARG_TYPE', /^options: expected an object/],
    [{}, 'ERR_RTM_INVALID_ARG_TYPE', /^options\.apps: expected an array, received undefined/],
    [{ apps: [] }, 'ERR_RTM_INVALID_ARG_VALUE', /^options\.apps: expected at least one app/],
    [{ apps: [{ appId }], port: null }, 'ERR_RTM_INVALID_ARG_TYPE', /^options\.port: expected a number, received null/],
    [
      { apps: [{ appId }], loops: null },
      'ERR_RTM_INVALID_ARG_TYPE',
      /^options\.loops: expected a number, received null/,
    ],
    [{ apps: ['x'] }, 'ERR_RTM_INVALID_ARG_TYPE', /^options\.apps\[0\]: expected an object, received type string/],
    [
      { apps: [{ appId: 'short' }] },
      'ERR_RTM_INVALID_ARG_VALUE',
      /^options\.apps\[0\]\.appId: expected 32 hexadecimal/,
    ],
    [{ apps: [{ appId, certificate: 'zz' }] }, 'ERR_RTM_INVALID_ARG_VALUE', /certificates\[0\]/],
    [{ apps: [{ appId, certificate, certificates: [] }] }, 'ERR_RTM_INVALID_ARG_VALUE', /either "certificate" or/],
    [{ apps: [{ appId }, { appId }] }, 'ERR_RTM_INVALID_ARG_VALUE', /every App ID once/],
    [
      { apps: [{ appId }], port: '9136' },
      'ERR_RTM_INVALID_ARG_TYPE',
      /^options\.port: expected a number, received type string/,
    ],
    [
      { apps: [{ appId }], port: 65536 },
      'ERR_RTM_INVALID_ARG_VALUE',
      /^options\.port: expected an integer from 0 to 65535, received 65536/,
    ],
    [{ apps: [{ appId }], port: 1.5 }, 'ERR_RTM_INVALID_ARG_VALUE', /1\.5/],
    [{ apps: [{ appId }], host: '' }, 'ERR_RTM_INVALID_ARG_VALUE', /^options\.host/],
    [{ apps: [{ appId }], tls: { cert: 'no', key: 'no' } }, 'ERR_RTM_INVALID_ARG_VALUE', /PEM text with a CERTIFICATE/],
    [{ apps: [{ appId }], prot: 1 }, 'ERR_RTM_INVALID_ARG_VALUE', /only the properties .* received "prot"/],
    [{ apps: [{ appId }], limits: 'none' }, 'ERR_RTM_INVALID_ARG_VALUE', /"sdk", "off" or an object/],
    [{ apps: [{ appId }], limits: { rates: { sned: false } } }, 'ERR_RTM_INVALID_ARG_VALUE', /received "sned"/],
    [
      { apps: [{ appId }], limits: { rates: { send: { count: 0, perSeconds: 1 } } } },
      'ERR_RTM_INVALID_ARG_VALUE',
      /rates\.send\.count/,
    ],
    [{ apps: [{ appId }], log: true }, 'ERR_RTM_INVALID_ARG_TYPE', /^options\.log: expected a function/],
  ];
  it.each(bad)('refuse %j', (options, code, message) => {
    expect(() => checkServerOptions(options)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  it('never repeat a secret in an error', () => {
    const secret = 'my-secret-certificate';
    try {
      checkServerOptions({ apps: [{ appId, certificate: secret }] });
    } catch (error) {
      expect(String(error)).not.toContain(secret);
    }
  });
});

it('a connect string names a host that this machine can reach', () => {
  expect(['::', '0.0.0.0', '127.0.0.1', '::1', 'rtm.example.org'].map(connectHost)).toEqual([
    '127.0.0.1',
    '127.0.0.1',
    '127.0.0.1',
    '[::1]',
    'rtm.example.org',
  ]);
});

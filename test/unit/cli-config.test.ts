// The settings of `rtm server` from its three sources, and the errors about wrong settings.
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { variableOf } from '../../lib/cli/config/environment.js';
import { settingsOf } from '../../lib/cli/config/field.js';
import { nearest } from '../../lib/cli/config/nearest.js';
import { SERVER_SETTINGS } from '../../lib/cli/config/server-settings.js';
import { runProgram } from '../../lib/cli/program.js';
import { EXIT } from '../../lib/cli/terminal/failure.js';
import { makeStyle } from '../../lib/cli/terminal/style.js';

const appId = '0123456789abcdef'.repeat(2);
const certificate = 'fedcba9876543210'.repeat(2);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtm-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function server(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const output: string[] = [];
  const errors: string[] = [];
  const code = await runProgram(['server', ...args], {
    input: process.stdin,
    output: process.stdout,
    env,
    style: makeStyle(false),
    interactive: false,
    print: (line = '') => void output.push(line),
    warn: (line) => void errors.push(line),
    command: 'rtm',
    onInterrupt: () => () => {},
  });
  return { code, output: output.join('\n'), errors: errors.join('\n') };
}

function fileOf(text: string, name = 'rtm.yaml'): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const print = (text: string, env?: NodeJS.ProcessEnv, args: readonly string[] = []) =>
  server(['--config', fileOf(text), '--print-config', ...args], env);

describe('the settings of rtm server', () => {
  it('come from flags over environment over file, and each says from where', async () => {
    const { code, output } = await print(
      'port: 1\nhost: a.example\nlimits:\n  messageBytes: 100\n  countChannels: 5\nloops: 2\n',
      { RTM_SERVER_PORT: '2', RTM_SERVER_HOST: 'b.example', RTM_SERVER_LIMITS_MESSAGE_BYTES: '200' },
      ['--port', '3'],
    );
    expect(code).toBe(EXIT.ok);
    expect(output.split('\n').map((line) => line.replace(/ +# /, ' # '))).toEqual([
      'port: 3 # --port',
      'host: "b.example" # RTM_SERVER_HOST',
      'limits.messageBytes: 200 # RTM_SERVER_LIMITS_MESSAGE_BYTES',
      'limits.countChannels: 5 # rtm.yaml:5',
      'loops: 2 # rtm.yaml:6',
    ]);
  });

  it('may stand in JSON, and be named by the environment', async () => {
    const path = fileOf('{\n  "port": 0,\n  "area": ["EU", "NA"]\n}', 'rtm.json');
    process.env['RTM_SERVER_CONFIG'] = path; // commander reads the process' own
    try {
      expect((await server(['--print-config'], { RTM_SERVER_CONFIG: path })).output).toMatch(
        /port: 0 +# rtm.json:2\narea: \["EU","NA"\] +# rtm.json:3/,
      );
    } finally {
      delete process.env['RTM_SERVER_CONFIG'];
    }
  });

  it('may be short: a profile, no encryption, no limit', async () => {
    const yaml = 'tls: false\nlimits: off\n';
    expect((await print(yaml)).output).toMatch(/tls: false .*\nlimits: "off"/);
    const refined = await print(yaml, { RTM_SERVER_LIMITS_RATES_SEND: 'false', RTM_SERVER_TLS: 'yes' });
    expect(refined.output).toMatch(/tls: true +# RTM_SERVER_TLS\n/);
    expect(refined.output).toMatch(
      /limits.base: "off" +# rtm.yaml:2\nlimits.rates.send: false +# RTM_SERVER_LIMITS_RATES/,
    );
    const plain = await print('tls: {certFile: /x, keyFile: /y}', {}, ['--no-tls']);
    expect(plain.output).toMatch(/^tls: false +# --no-tls$/);
    expect((await print('media: false')).output).toMatch(/^media: false +# rtm.yaml:1$/);
    const withoutMedia = await print('media: {storeBytes: 5}', {}, ['--no-media']);
    expect(withoutMedia.output).toMatch(/^media: false +# --no-media$/);
    expect((await print('', { RTM_SERVER_MEDIA: 'no' })).output).toMatch(/^media: false +# RTM_SERVER_MEDIA$/);
    const both = await print('', { RTM_SERVER_MEDIA: 'no', RTM_SERVER_MEDIA_LIFE: '5' });
    expect(both.errors).toContain('RTM_SERVER_MEDIA_LIFE: contradicts RTM_SERVER_MEDIA, which switches that off');
  });

  it('bound the sizes of attributes and invitations', async () => {
    const { output } = await print('limits: {userAttributes: 64, callContentBytes: 100}', {
      RTM_SERVER_LIMITS_CHANNEL_ATTRIBUTE_VALUE_BYTES: '49152',
    });
    expect(output.split('\n').map((line) => line.replace(/ +#.*/, ''))).toEqual([
      'limits.userAttributes: 64',
      'limits.callContentBytes: 100',
      'limits.channelAttributeValueBytes: 49152',
    ]);
    const { errors } = await print('limits: {channelAttributes: 129}');
    expect(errors).toContain('limits.channelAttributes: expected a whole number from 0 to 128, got 129');
  });

  it('name files seen from the folder of the file', async () => {
    const { output } = await print('media:\n  folder: bodies\n');
    expect(output).toContain(JSON.stringify(join(folder, 'bodies')));
  });

  it('take apps from each source', async () => {
    const words = `${appId}:${certificate},${certificate} ${'a'.repeat(32)}`;
    const { output } = await print(`apps:\n  - appId: "${'b'.repeat(32)}"\n`, { RTM_SERVER_APPS: words });
    expect(JSON.parse(/apps: (.*?) +#/.exec(output)?.[1] ?? '')).toEqual([
      { appId, certificates: ['********', '********'] },
      { appId: 'a'.repeat(32), certificates: [] },
    ]);
  });

  it('are shown without secrets', async () => {
    const { output } = await print(
      `apps:\n  - appId: "${appId}"\n    certificate: "${certificate}"\n`,
      { RTM_SERVER_APPS: '' }, // an empty variable counts for nothing
    );
    expect(output).toMatch(/^apps: .*\*{8}.* # rtm.yaml:1$/);
    expect(output).not.toContain(certificate);
  });

  it('take apps and the admin token from files of their own, too, and show neither secret', async () => {
    const other = 'b'.repeat(32);
    const apps = fileOf(`# staging\n\n${appId}:${certificate}\n  ${other}  \r\n`, 'apps');
    const token = fileOf('a-token-of-26-characters-0\n', 'token');
    const { code, output, errors } = await server(['--app-file', apps, '--admin-token-file', token, '--print-config']);
    expect([code, errors]).toEqual([EXIT.ok, '']);
    expect(output).not.toContain(certificate);
    expect(output).not.toContain('a-token');
    const both = await print(`apps: [{appId: "${appId}"}]\nappFile: apps\n`);
    expect(both.errors).toMatch(/twice/);
    const { output: masked } = await print('adminToken: a-token-of-26-characters-0');
    expect(masked).toMatch(/^adminToken: "\*{8}" +# rtm.yaml:1$/);
  });

  it.each([
    ['an app file without an app', 'apps', '# none\n', /^rtm: apps: expected a line <id>:<certificate>.*found none$/],
    ['an app file with a mistake', 'apps', `${appId}:${certificate}\n${appId}:x\n`, /^rtm: apps:2: expected <id> or/],
    [
      'a token that is too short',
      'token',
      'short',
      /^rtm: --admin-token-file: .*expected 16 to 512.*got 5 characters$/,
    ],
    ['a token with a space', 'token', 'with a space in the middle', /^rtm: --admin-token-file: /],
  ])('with %s are refused, and no secret is told', async (_name, file, text, message) => {
    const option = file === 'apps' ? '--app-file' : '--admin-token-file';
    const { code, errors } = await server([option, fileOf(text, file), '--check-config']);
    expect(code).toBe(EXIT.usage);
    expect(errors).toMatch(message);
    expect(errors).not.toContain(certificate);
  });

  it('on the command line are warned of when "ps" shows a secret', async () => {
    const url = 'redis://:password@127.0.0.1:1';
    const { errors } = await server(['--app', `${appId}:${certificate}`, '--engine', url, '--check-config']);
    expect(errors).toMatch(/^rtm: --app: every user of this machine sees the certificate .*--app-file/);
    expect(errors).toMatch(/^rtm: --engine: every user of this machine sees the password .*RTM_SERVER_ENGINE/m);
    expect(errors).not.toContain(certificate);
    const plain = await server(['--app', appId, '--engine', 'redis://127.0.0.1:1', '--check-config']);
    expect(plain.errors).toBe('');
  });

  it('are warned of when other users can read a file with a secret', async () => {
    chmodSync(folder, 0o755);
    const file = fileOf(`apps: [{appId: "${appId}", certificate: "${certificate}"}]`);
    const check = () => server(['--config', file, '--check-config']);
    chmodSync(file, 0o644);
    expect((await check()).errors).toBe(
      `rtm: the secret in ${file} is open to other users of this machine (mode 644); chmod 600 it`,
    );
    chmodSync(file, 0o640); // a group is made on purpose
    expect((await check()).errors).toBe('');
    chmodSync(file, 0o644);
    chmodSync(folder, 0o700); // nobody else gets there
    expect((await check()).errors).toBe('');
    chmodSync(folder, 0o755);
    writeFileSync(file, `apps: [{appId: "${appId}"}]`); // no secret
    expect((await check()).errors).toBe('');
    const keys = [fileOf(`${appId}:${certificate}`, 'apps'), fileOf('a-token-of-26-characters-0', 'token')];
    for (const key of keys) chmodSync(key, 0o604);
    const { errors } = await server([
      '--app-file',
      keys[0] ?? '',
      '--admin-token-file',
      keys[1] ?? '',
      '--check-config',
    ]);
    expect(errors).toMatch(
      /^rtm: the App certificate in .*apps is open .*mode 604.*\nrtm: the admin token in .*token is/,
    );
  });

  it('that are wrong are all reported at once, with line, path and the expected value', async () => {
    const { code, output, errors } = await print(
      [
        'prot: 9136',
        'limits:',
        '  messageBytes: 32kb',
        '  rates:',
        '    snd: false',
        'apps:',
        `  - appId: ${'1'.repeat(32)}`,
        `    certificate: ${certificate}x`,
        'times: 5',
        'area: [EU, MARS]',
        'tls: maybe',
      ].join('\n'),
      { RTM_SERVER_LOOPS: 'many', RTM_SERVER_PORT: 'tcp://10.0.0.1:9136' },
    );
    expect(code).toBe(EXIT.usage);
    expect(output).toBe('');
    expect(errors).not.toContain(certificate);
    expect(errors.replace(/^rtm: /, '').split('\n')).toEqual([
      'rtm.yaml:1: prot: there is no setting of that name; did you mean "port"?',
      'rtm.yaml:3: limits.messageBytes: expected a whole number from 0 to 4294967295, got "32kb"',
      'rtm.yaml:5: limits.rates.snd: there is no setting of that name; did you mean "send"?',
      'rtm.yaml:7: apps[0].appId: expected 32 hexadecimal characters (a text: in quotes), got 1.1111111111111112e+31',
      'rtm.yaml:8: apps[0].certificate: expected 32 hexadecimal characters (a text: in quotes), got 33 characters',
      'rtm.yaml:9: times: expected a section with heartbeat, unreachable, grace, returns, login, transfer, attributes, lease; got a number',
      'rtm.yaml:10: area[1]: expected CN, NA, EU, AS, JP or IN, got "MARS"',
      'rtm.yaml:11: tls: expected true or false, or a section with certFile, keyFile; got 5 characters',
      'RTM_SERVER_PORT: expected a whole number from 0 to 65535, got "tcp://10.0.0.1:9136"; "tcp://10.0.0.1:9136" comes from Kubernetes, see enableServiceLinks of the pod',
      'RTM_SERVER_LOOPS: expected a whole number from 1 to 64, got "many"',
    ]);
  });

  it.each([
    ['a tab for indentation', 'limits:\n\tbase: sdk\n', /^rtm: rtm\.yaml:2:1: /],
    ['a name twice', 'port: 1\nport: 2\n', /^rtm: rtm\.yaml:2:1: Map keys must be unique/],
    ['a list in the place of everything', '- port\n', /^rtm: rtm\.yaml: expected a section with host, port/],
    ['a word', 'port', /got 4 characters/],
    ['a name of Object.prototype', 'constructor: 1\n__proto__: 2\n', /rtm\.yaml:1: constructor: there is no setting/],
    ['an app twice', `apps: [{appId: "${appId}"}, {appId: "${appId}"}]`, /^rtm: rtm\.yaml:1: apps: .*twice/],
    [
      'certificate and certificates',
      `apps: [{appId: "${appId}", certificate: "${certificate}", certificates: []}]`,
      /either/,
    ],
    ['a rate without its time', 'limits: {rates: {send: {count: 5}}}', /rates\.send\.perSeconds: expected a number/],
    ['a key without certificate', 'tls: {keyFile: x}', /go together/],
    ['a certificate that is not there', 'tls: {keyFile: x, certFile: y}', /cannot read .*\/y \(ENOENT\)/],
  ])('%s is told', async (_what, text, message) => {
    const { code, errors } = await print(text);
    expect(errors).toMatch(message);
    expect(code).not.toBe(EXIT.ok);
  });

  it.each(['*', '&', '!', '!!', '!<', '%', '|', '>', '"\\', '@', '`', '{', '[', '- ', '? ', '"x" '])(
    'before a secret, %j is told without the secret',
    async (before) => {
      for (const text of [
        `certificate: ${before}${certificate}`,
        `${before}${certificate}: 1\n${before}${certificate}`,
      ]) {
        const { errors } = await print(text);
        expect(errors).toMatch(/^rtm: rtm\.yaml/);
        expect(errors).not.toContain(certificate);
      }
    },
  );

  it('in a file that is missing, not text or far too large are reported', async () => {
    expect((await server(['-c', join(folder, 'no.yaml')])).errors).toMatch(/^rtm: --config: cannot read .*\(ENOENT\)$/);
    const binary = join(folder, 'b.yaml');
    writeFileSync(binary, Buffer.from([0xff, 0xfe, 0x00]));
    expect((await server(['-c', binary])).errors).toMatch(/not UTF-8 text/);
    expect((await server(['-c', fileOf(`# ${'x'.repeat(1 << 20)}`)])).errors).toMatch(/1048578 bytes, at most 1048576/);
    const bomb = ['a: &a [1,1,1,1,1,1,1,1,1]'];
    for (let i = 1; i < 9; i++)
      bomb.push(
        `a${i}: &a${i} [${Array(9)
          .fill(i === 1 ? '*a' : `*a${i - 1}`)
          .join(',')}]`,
      );
    expect((await server(['-c', fileOf(bomb.join('\n'))])).errors).toMatch(/rtm.yaml.*alias/i);
  });

  it('of the environment that contradict each other or are unknown are reported', async () => {
    const off = await server(['--check-config'], { RTM_SERVER_TLS: 'no', RTM_SERVER_TLS_CERT_FILE: 'x' });
    expect(off.errors).toMatch(/^rtm: RTM_SERVER_TLS_CERT_FILE: contradicts RTM_SERVER_TLS/);
    const typo = await server(['--check-config'], { RTM_SERVER_LOPS: '2' });
    expect(typo).toMatchObject({ code: EXIT.ok, output: 'The settings are fine.' });
    expect(typo.errors).toMatch(/^rtm: RTM_SERVER_LOPS: .*did you mean "RTM_SERVER_LOOPS"/);
  });

  it('of a cluster are checked together, without showing a password', async () => {
    expect((await server(['--engine', 'http://user:secret@h'])).errors).toBe(
      'rtm: --engine: expected redis://host:port or rediss://host:port, got 20 characters',
    );
    const both = await server(['--engine', 'redis://h:1', '--data', 'x', '--app', appId, '--check-config']);
    expect([both.code, both.errors]).toEqual([EXIT.usage, expect.stringMatching(/data: .*what is stored is in Redis/)]);
    const alone = await server(['--node-id', 'n1', '--app', appId, '--check-config']);
    expect(alone.errors).toMatch(/--node-id: .*only with "engine"/);
    const printed = await server([
      '--engine',
      'redis://u:secret@h:1,v:hidden@i:2',
      '--node-id',
      'n1',
      '--print-config',
    ]);
    expect(printed.output).toMatch(/engine: "redis:\/\/u:\*+@h:1,v:\*+@i:2".*\n?.*nodeId: "n1"/);
  });

  it('are all in the documentation, with their variables', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
    for (const { path, field } of settingsOf(SERVER_SETTINGS)) {
      if (path[0] === 'retention') continue; // has a table of its own
      const fallback = field.kind === 'leaf' ? field.byDefault : undefined;
      const name = path[1] === 'rates' && path.length > 2 ? 'limits.rates.<group>' : path.join('.');
      const row = text.split('\n').find((line) => line.startsWith(`| \`${name}\``));
      expect(row, path.join('.')).toBeDefined();
      if (path[1] !== 'rates') expect(row).toContain(variableOf(path));
      if (fallback !== undefined && /^\d+$/.test(fallback)) expect(row).toContain(`| ${fallback} |`);
    }
  });
});

it('nearest() finds the intended name, and nothing far-fetched', () => {
  const names = ['port', 'host', 'maxConnections', 'logFormat'];
  expect(nearest('prot', names)).toBe('port');
  expect(nearest('max_connections', names)).toBe('maxConnections');
  expect(nearest('logformat', names)).toBe('logFormat');
  expect(nearest('colour', names)).toBeUndefined();
});

import { describe, expect, it, vi } from 'vitest';
import { runProgram } from '../../lib/cli/program.js';
import { EXIT, exitCodeOf, explain } from '../../lib/cli/terminal/failure.js';
import { areaArgument, integerArgument, readApp } from '../../lib/cli/terminal/options.js';
import { makeStyle } from '../../lib/cli/terminal/style.js';
import type { Terminal } from '../../lib/cli/terminal/terminal.js';
import { RtmError } from '../../lib/errors.js';

const id = '0123456789abcdef'.repeat(2);
const certificate = 'fedcba9876543210'.repeat(2);

async function run(args: string[], env: NodeJS.ProcessEnv = {}, command = 'rtm') {
  const output: string[] = [];
  const errors: string[] = [];
  const terminal: Terminal = {
    input: process.stdin,
    output: process.stdout,
    env,
    style: makeStyle(false),
    interactive: false,
    print: (line = '') => void output.push(line),
    warn: (line) => void errors.push(line),
    command,
    onInterrupt: () => () => {},
  };
  for (const name of ['RTM_APP_ID', 'RTM_APP_CERTIFICATE', 'RTM_ENDPOINTS', 'RTM_TOKEN']) vi.stubEnv(name, env[name]);
  try {
    return { code: await runProgram(args, terminal), output: output.join('\n'), errors: errors.join('\n') };
  } finally {
    vi.unstubAllEnvs();
  }
}

describe('rtm', () => {
  it('says its version', async () => {
    expect(await run(['--version'])).toEqual({ code: 0, output: expect.stringMatching(/^\d+\.\d+\.\d+$/), errors: '' });
  });

  it.each([[[]], [['server']], [['token']], [['chat']], [['doctor']]])(
    'has help with examples for %j',
    async (command) => {
      const { code, output, errors } = await run([...command, '--help']);
      expect(code).toBe(0);
      expect(output).toContain('Usage: rtm');
      expect(output).toContain('Examples:');
      expect(errors).toBe('');
    },
  );

  it('shows examples in its help as the reader types them', async () => {
    const { output } = await run(['token', '--help'], {}, 'npx rtm');
    expect(output).toContain('Usage: npx rtm token');
    expect(output).toContain('$ RTM_TOKEN=$(npx rtm token --user alice --expire 3600) npx rtm chat alice --peer bob');
    expect((await run(['build-addon', '--help'], {}, 'npx rtm')).output).toContain('$ npx rtm build-addon\n');
    expect((await run(['token', '--help'], {}, 'node main.js')).output).toContain('Usage: rtm token');
  });

  it.each([
    ['an unknown command', ['serve'], /^rtm: unknown command 'serve'/],
    ['an unknown option', ['token', '--usr', 'a'], /^rtm: unknown option '--usr'/],
    ['a missing argument', ['chat'], /^rtm: missing required argument 'user'/],
    ['a missing user', ['token'], /--user/],
    ['a port that is none', ['server', '--port', '70000'], /whole number from 0 to 65535/],
    ['an unknown profile', ['server', '--limits', 'none'], /Allowed choices are sdk, off/],
    ['a key without certificate', ['server', '--key', 'x'], /^rtm: --cert and --key go together$/],
    ['a certificate with --no-tls', ['server', '--no-tls', '--key', 'x', '--cert', 'x'], /exclude each other/],
    ['a peer and a channel', ['chat', 'a', '--peer', 'b', '--channel', 'c'], /cannot be used with/],
    ['no server', ['chat', 'a', '--app-id', id], /^rtm: which server\?/],
    ['no App ID', ['chat', 'a', '--endpoint', 'rtm://a'], /^rtm: which App ID\?/],
    ['an endpoint that is none', ['chat', 'a', '--app-id', id, '--endpoint', 'http://a'], /rtms:\/\//],
    ['a token without certificate', ['token', '--user', 'a', '--app-id', id], /which App certificate\?/],
    ['a bad user id', ['token', '--user', 'a"', '--app-id', id, '--app-certificate', certificate], /userId/],
  ])('answers %s on the error output with exit code 2', async (_what, args, message) => {
    const { code, output, errors } = await run(args);
    expect(errors).toMatch(message);
    expect(errors).not.toMatch(/\n\s+at /);
    expect(output).toBe('');
    expect(code).toBe(2);
  });

  it('never repeats a secret it cannot use', async () => {
    const typo = `${certificate.slice(0, -1)}x`;
    const tries = await Promise.all([
      run(['token', '--user', 'a', '--app-id', id, '--app-certificate', typo]),
      run(['chat', 'a', '--endpoint', 'rtm://a', '--app-id', id, '--app-certificate', typo]),
      run(['server', '--app', `${id}:${typo}`]),
    ]);
    for (const { code, errors } of tries) {
      expect(code).toBe(2);
      expect(errors).toContain('32 hexadecimal characters');
      expect(errors).not.toContain(typo);
    }
  });

  it('names the file it cannot read', async () => {
    const { code, errors } = await run(['server', '--cert', '/nowhere/c.pem', '--key', '/nowhere/k.pem']);
    expect({ code, errors }).toEqual({ code: 1, errors: 'rtm: --cert: cannot read /nowhere/c.pem (ENOENT)' });
  });
});

describe('rtm token', () => {
  it('prints a token and nothing else, also with the secret from the environment', async () => {
    const byOption = await run(['token', '--user', 'alice', '--app-id', id, '--app-certificate', certificate]);
    expect(byOption.errors).toMatch(
      /^rtm: --app-certificate: every user of this machine sees it .*RTM_APP_CERTIFICATE$/,
    );
    expect(byOption.output).toMatch(/^007/);
    const byEnv = await run(['token', '-u', 'alice', '--expire', '60'], {
      RTM_APP_ID: id,
      RTM_APP_CERTIFICATE: certificate,
    });
    expect(byEnv.output).toMatch(/^007[A-Za-z0-9+/]+=*$/);
    expect([byOption.code, byEnv.code, byEnv.errors]).toEqual([0, 0, '']);
  });
});

describe('arguments', () => {
  it('read apps with none, one or two certificates', () => {
    expect(readApp(id)).toEqual({ appId: id, certificates: [] });
    expect(readApp(`${id}:${certificate}`)).toEqual({ appId: id, certificates: [certificate] });
    expect(readApp(`${id}:${certificate},${id}`)).toEqual({ appId: id, certificates: [certificate, id] });
    for (const bad of ['', 'x', `${id}:`, `${id}:x`, `${id}:${certificate}:${id}`])
      expect(() => readApp(bad)).toThrow();
  });

  it('read areas as bits', () => {
    expect(areaArgument('EU')).toBe(4);
    expect(areaArgument('cn,na|in')).toBe(1 + 2 + 32);
    expect(() => areaArgument('MARS')).toThrow('Expected CN');
  });

  it('read whole numbers only', () => {
    const read = integerArgument(1, 10);
    expect(read('10')).toBe(10);
    for (const bad of ['', '0', '11', '1.5', '-1', '0x5', '1e1', ' 2']) expect(() => read(bad)).toThrow();
  });
});

describe('failures', () => {
  it('are explained in one line', () => {
    expect(explain(new Error('a\n  b'))).toBe('a b');
    expect(explain(RtmError.from('login', 5))).toMatch(/exactly this user/);
    expect(explain(RtmError.from('join', 5))).toMatch(/JOIN_CHANNEL_ERR_EXCEED_LIMIT/);
  });

  it('have exit codes', () => {
    expect(exitCodeOf(RtmError.from('login', 5))).toBe(EXIT.failure);
    expect(exitCodeOf(new Error('x'))).toBe(EXIT.failure);
    expect(exitCodeOf(Object.assign(new TypeError('x'), { code: 'ERR_RTM_INVALID_ARG_VALUE' }))).toBe(EXIT.usage);
  });
});

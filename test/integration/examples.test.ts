// Starts every program of examples/ as its reader would. The C++ programs are in cli-cpp.test.ts and cpp-examples.test.ts.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { RtmServer } from 'rtm-native';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endAll, Program, root, rtm, startServerProcess } from './cli-process.js';
import { startWorld, type World } from './client-world.js';

const folder = join(root, 'examples');
/** The programs that a group of tests in this file is about. */
const tested = new Set<string>();

/** The name of the group of tests for a program. */
function about(file: string): string {
  tested.add(file);
  return `examples/${file}`;
}

/** Nothing in the environment names a server, unless a test says so. */
const bare = { RTM_ENDPOINTS: undefined, RTM_APP_ID: undefined, RTM_APP_CERTIFICATE: undefined, RTM_TOKEN: undefined };

function start(file: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Program {
  expect(tested).toContain(file);
  return new Program(process.execPath, [join('examples', file), ...args], { ...bare, ...env });
}

/** Waits until a program ends by itself, and expects that all is well. */
async function succeeds(program: Program): Promise<string> {
  expect(await program.exit(60_000), program.errors).toBe(0);
  expect(program.errors).toBe('');
  return program.output;
}

afterAll(endAll);

describe(about('first-minute.mjs'), () => {
  it('ends by itself', async () => {
    const output = await succeeds(start('first-minute.mjs'));
    expect(output).toMatch(/alice → bob: hello \(delivered\)/);
    expect(output).toMatch(/bob → alice: you said: hello/);
    expect(output).toMatch(/#lobby alice: hello, everybody/);
  });
});

describe(about('echo-bot.mjs'), () => {
  it('answers, and logs out on Ctrl-C', async () => {
    const { server, env } = await startServerProcess();
    const bot = start('echo-bot.mjs', [], env);
    await bot.shows(/echo is logged in/);
    const alice = rtm(['chat', 'alice', '--peer', 'echo'], env);
    alice.type('is anybody there?');
    await alice.shows(/echo: is anybody there\?/);
    bot.signal('SIGINT');
    expect(await bot.exit()).toBe(0);
    alice.endInput();
    await alice.exit();
    server.signal('SIGINT');
    await server.exit();
  });
});

describe(about('port-of-cpp.mjs'), () => {
  it('talks with a partner of its own when it gets no arguments', async () => {
    const output = await succeeds(start('port-of-cpp.mjs'));
    for (const line of ['message to alice: PEER_MESSAGE_ERR_OK', 'lobby, alice: welcome, bob', 'alice: how are you?']) {
      expect(output.split('\n')).toContain(line);
    }
    expect(output).toMatch(/alice: bye\n(message to alice: PEER_MESSAGE_ERR_OK\n)?logged out\n$/);
  });

  it('talks to a chat', async () => {
    const { server, env, appId } = await startServerProcess();
    const alice = rtm(['chat', 'alice', '--channel', 'lobby'], env);
    await alice.shows(/you joined/);
    const token = rtm(['token', '-u', 'porter'], env);
    expect(await token.exit()).toBe(0);
    const port = start('port-of-cpp.mjs', [appId, 'porter', token.output.trim(), 'alice'], env);
    await alice.shows(/porter: hello from porter/);
    await alice.shows(/#lobby porter: hello, lobby/);
    await port.shows(/message to alice: PEER_MESSAGE_ERR_OK/);
    alice.type('/peer porter');
    alice.type('how are you?');
    await alice.shows(/porter: echo: how are you\?/);
    alice.type('bye');
    expect(await port.exit()).toBe(0);
    await port.shows(/logged out/);
    alice.endInput();
    await alice.exit();
    server.signal('SIGINT');
    await server.exit();
  });

  it('says what arguments it takes', async () => {
    const program = start('port-of-cpp.mjs', ['one']);
    expect(await program.exit()).toBe(2);
    expect(program.errors).toMatch(/^usage: port-of-cpp\.mjs /);
  });
});

describe(about('several-handlers.mjs'), () => {
  it('starts its partner when it gets no arguments', async () => {
    const output = await succeeds(start('several-handlers.mjs'));
    expect(output).toMatch(/^ {2}alice sent bytes 0 127 255, "three bytes"$/m);
    expect(output).toMatch(/^ {50} {2}bob sent bytes 0 127 255, "three bytes"$/m);
    expect(output.match(/^ *all is well$/gm)).toHaveLength(2);
  });
});

describe(about('bot-farm.mjs'), () => {
  it('starts a server, lets all bots talk, and says what it took', async () => {
    const output = await succeeds(start('bot-farm.mjs', ['--bots', '12', '--seconds', '1']));
    expect(output).toMatch(/^A server is running in a process of its own\.$/m);
    expect(output).toMatch(/^12 bots are logged in and in the lobby after [\d.]+ s$/m);
    expect(output).toMatch(/^ {2}bots +12 in one process$/m);
    const [, sent, delivered, answered] = /(\d+) sent, (\d+) delivered, (\d+) answered/.exec(output) ?? [];
    expect(Number(sent)).toBeGreaterThan(0);
    expect([delivered, answered]).toEqual([sent, sent]);
    const [, spoken, heard, expected] = /(\d+) lines spoken, (\d+) of (\d+) heard/.exec(output) ?? [];
    expect(Number(spoken)).toBeGreaterThan(0);
    expect([heard, expected]).toEqual([String(Number(spoken) * 11), heard]);
    expect(output).toMatch(/^ {2}memory +-?[\d,]+ KiB for each bot$/m);
    expect(output).toMatch(/All bots have logged out\.\n$/);
  });

  it('uses the server that the environment names, and ends early on Ctrl-C', async () => {
    const { server, env, endpoints } = await startServerProcess();
    const farm = start('bot-farm.mjs', ['--bots', '3', '--seconds', '3600'], env);
    await farm.shows(/They talk for 3,600 s/);
    farm.signal('SIGINT');
    const output = await succeeds(farm);
    expect(output).toContain(`The server is ${endpoints}\n`);
    expect(output).toMatch(/All bots have logged out\.\n$/);
    server.signal('SIGINT');
    await server.exit();
  });

  it('explains its options, and refuses others', async () => {
    expect(await succeeds(start('bot-farm.mjs', ['--help']))).toMatch(/--bots <n>.*\n.*--seconds <s>/);
    const wrong = [
      [['--bots', '1'], '--bots 1: expected a whole number from 2'],
      [['--seconds', 'x'], '--seconds x: expected a whole number from 1'],
      [['--robots', '2'], "Unknown option '--robots'"],
    ] as const;
    const programs = wrong.map(([args]) => start('bot-farm.mjs', args));
    for (const [index, program] of programs.entries()) {
      expect(await program.exit()).toBe(2);
      expect(program.errors).toContain(wrong[index]?.[1]);
      expect(program.output).toBe('');
    }
  });

  it('fails, and says why, when its bots cannot log in', async () => {
    const { server, env } = await startServerProcess();
    const farm = start('bot-farm.mjs', ['--bots', '2', '--seconds', '1'], {
      ...env,
      RTM_APP_CERTIFICATE: '0'.repeat(32),
    });
    expect(await farm.exit()).toBe(1);
    expect(farm.errors).toMatch(/^That did not work: .*token/);
    server.signal('SIGINT');
    await server.exit();
  });
});

describe(about('worker-pool.mjs'), () => {
  it('does all jobs, also those of a worker that ends in the middle', async () => {
    const output = await succeeds(start('worker-pool.mjs', ['--workers', '2', '--jobs', '12', '--crash']));
    expect(output).toMatch(/^worker-[12] ended with 70; it had [12] jobs?$/m);
    expect(output).toMatch(/^12 of 12 jobs are done after [\d.]+ s: worker-1 \d+, worker-2 \d+$/m);
    const [, one, two] = /worker-1 (\d+), worker-2 (\d+)/.exec(output) ?? [];
    expect(Number(one) + Number(two)).toBe(12);
    expect(output).toMatch(/there are 2371 primes below 21100/);
  });

  it('ends when its workers cannot log in', async () => {
    const { server, env } = await startServerProcess();
    const pool = start('worker-pool.mjs', ['--workers', '1', '--jobs', '1'], {
      ...env,
      RTM_APP_CERTIFICATE: '0'.repeat(32),
    });
    expect(await pool.exit()).toBe(1);
    expect(pool.errors).toMatch(/^That did not work: /m);
    server.signal('SIGINT');
    await server.exit();
  });

  it('explains its options', async () => {
    expect(await succeeds(start('worker-pool.mjs', ['--help']))).toMatch(/--workers <n>.*\n.*--jobs <n>.*\n.*--crash/);
    const program = start('worker-pool.mjs', ['--workers', '0']);
    expect(await program.exit()).toBe(2);
    expect(program.errors).toContain('--workers 0: expected a whole number from 1');
  });
});

describe(about('echo-service/echo-service.mjs'), () => {
  let world: World;
  let work: string;

  beforeEach(async () => {
    world = await startWorld();
    work = mkdtempSync(join(tmpdir(), 'rtm-echo-'));
  });
  afterEach(async () => {
    await world.end();
    rmSync(work, { recursive: true, force: true });
  });

  /** The service with the App certificate as a credential, and with a program "systemd-notify" that writes what it is told. */
  function startService(more: NodeJS.ProcessEnv = {}): Program {
    const credentials = join(work, 'credentials');
    mkdirSync(credentials, { recursive: true });
    writeFileSync(join(credentials, 'app-certificate'), `${world.appCertificate}\n`);
    const notify = join(work, 'systemd-notify');
    writeFileSync(notify, `#!/bin/sh\nfor fact; do echo "$fact" >> '${join(work, 'told')}'; done\n`);
    chmodSync(notify, 0o755);
    return start('echo-service/echo-service.mjs', [], {
      RTM_ENDPOINTS: world.server.connectString,
      RTM_APP_ID: world.appId,
      CREDENTIALS_DIRECTORY: credentials,
      NOTIFY_SOCKET: join(work, 'socket'),
      PATH: `${work}:${process.env['PATH']}`,
      ...more,
    });
  }

  async function expectEcho(text: string) {
    const alice = await world.login('alice');
    await alice.sendToPeer('echo', text);
    for await (const message of alice.messages()) {
      expect(message).toMatchObject({ from: 'echo', text });
      break;
    }
    await alice.logout();
  }

  it('tells systemd when it is ready, answers, and logs out at SIGTERM', async () => {
    const service = startService();
    await service.shows(/logged in as echo/);
    await expectEcho('are you there?');
    service.signal('SIGTERM');
    expect(await service.exit()).toBe(0);
    expect(service.errors).toBe('');
    expect(service.output).toMatch(/^logged in as echo\nstopping\n/);
    const told = readFileSync(join(work, 'told'), 'utf8').split('\n');
    expect(told.slice(0, 2)).toEqual(['READY=1', 'STATUS=logged in as echo']);
    expect(told).toContain('STOPPING=1');
    expect(world.server.stats().sessions).toBe(0);
  });

  it('renews its token before it expires', async () => {
    // A token is renewed 30 s before its end, and this one has one second more.
    const service = startService({ ECHO_TOKEN_SECONDS: '31' });
    await service.shows(/the token is renewed/);
    await expectEcho('still there?');
    service.signal('SIGTERM');
    expect(await service.exit()).toBe(0);
  });

  it('comes back when the server was away', async () => {
    const apps = [{ appId: world.appId, certificate: world.appCertificate }];
    const server = await RtmServer.start({ host: '127.0.0.1', port: 0, tls: false, apps });
    const { port, connectString } = server;
    const service = startService({ RTM_ENDPOINTS: connectString });
    await service.shows(/logged in as echo/);
    await server.close();
    await service.shows(/reconnecting \(interrupted\)/);
    const again = await RtmServer.start({ host: '127.0.0.1', port, tls: false, apps });
    await service.shows(/connected \(loginSuccess\)/);
    service.signal('SIGTERM');
    expect(await service.exit()).toBe(0);
    await again.close();
  });

  it('is not started again when somebody else is logged in as its user', async () => {
    const service = startService();
    await service.shows(/logged in as echo/);
    await world.login('echo');
    expect(await service.exit()).toBe(3);
    expect(service.errors).toBe('"echo" has logged in elsewhere, which ended this login\n');
  });

  it('names all settings that are wrong', async () => {
    const service = startService({
      RTM_ENDPOINTS: undefined,
      RTM_APP_ID: undefined,
      ECHO_TOKEN_SECONDS: '5',
      CREDENTIALS_DIRECTORY: work,
    });
    expect(await service.exit()).toBe(2);
    for (const setting of ['RTM_ENDPOINTS', 'RTM_APP_ID', 'ECHO_TOKEN_SECONDS', '"app-certificate"']) {
      expect(service.errors).toContain(setting);
    }
  });
});

describe('the units of systemd', () => {
  const analyze = (...args: string[]) => spawnSync('systemd-analyze', args, { cwd: root, encoding: 'utf8' });
  const isThere = analyze('--version').error === undefined;

  it.skipIf(!isThere).each(['echo-service/rtm-echo.service', 'operations/rtm-server.service'])(
    '%s has no mistake, and gives its program little of the system',
    (file) => {
      const path = join(folder, file);
      const verified = analyze('verify', path);
      expect(verified.stderr + verified.stdout).toBe('');
      expect(verified.status).toBe(0);
      const { stdout } = analyze('security', '--offline=true', '--no-pager', path);
      // 0 is nothing at all, 10 is everything.
      const [, exposure] = /Overall exposure level for \S+: ([\d.]+)/.exec(stdout) ?? [];
      expect(Number(exposure)).toBeLessThan(2.5);
    },
  );
});

describe('every program of examples/', () => {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)));
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');

  it('has a test', () => {
    const programs = files.filter((file) => /\.[cm]?[jt]s$/.test(file) && !file.startsWith('support/'));
    expect(programs.sort()).toEqual([...tested].sort());
    const tests = ['cli-cpp.test.ts', 'cpp-examples.test.ts'];
    const texts = tests.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('');
    for (const file of files.filter((each) => /\.(c|cc|cpp)$/.test(each))) {
      expect(texts, `a test compiles ${file}`).toContain(file.replace(/^cpp\/|\.\w+$/g, ''));
    }
  });

  it('stands in examples/README.md', () => {
    for (const file of files.filter((each) => /\.([cm]?[jt]s|c|cc|cpp)$/.test(each) && !each.startsWith('support/'))) {
      expect(readme).toContain(file);
    }
  });
});

import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { endAll, Program, root, rtm, startServerProcess } from './cli-process.js';

afterAll(endAll);

describe('rtm server', () => {
  it('prints lines to paste with which two users chat, and stops cleanly on Ctrl-C', async () => {
    const { server } = await startServerProcess();
    const [, alicesLine = ''] = await server.shows(/^(.* chat alice .*)$/m);
    const [, bobsLine = ''] = await server.shows(/^(.* chat bob .*)$/m);
    const [alice, bob] = [
      new Program('sh', ['-c', `exec ${alicesLine}`]),
      new Program('sh', ['-c', `exec ${bobsLine}`]),
    ];
    bob.type('/members'); // answered once bob is logged in
    await bob.shows(/not talking in a channel/);
    alice.type('hello bob');
    await alice.shows(/you → bob: hello bob ✓✓/);
    await bob.shows(/alice: hello bob/);
    bob.type('hello alice');
    await alice.shows(/bob: hello alice/);
    alice.signal('SIGINT');
    bob.endInput();
    expect(await alice.exit()).toBe(0);
    await bob.exit();
    server.signal('SIGINT');
    expect(await server.exit()).toBe(0);
    expect(server.errors).toBe('');
    expect(server.output).toMatch(/Stopping\.\n$/);
  });

  it('tells the remaining users, and ends', async () => {
    const { server, env } = await startServerProcess();
    const alice = rtm(['chat', 'alice', '--channel', 'lobby'], env);
    await alice.shows(/you joined #lobby/);
    server.signal('SIGTERM');
    expect(await server.exit()).toBe(0);
    expect(server.output).toMatch(/logging 1 user out/);
    await alice.shows(/connection lost/);
    alice.signal('SIGINT');
    expect(await alice.exit()).toBe(0);
  });

  it('that makes up its project listens on loopback only, unless --host says otherwise', async () => {
    const cases = [
      { host: [], shown: '127.0.0.1', reachable: false },
      { host: ['--host', '0.0.0.0'], shown: '0.0.0.0', reachable: true },
    ];
    for (const { host, shown, reachable } of cases) {
      const server = rtm(['server', '--port', '0', ...host]);
      const [, port = ''] = await server.shows(new RegExp(`ready on ${shown}, port (\\d+)`));
      const reached = await new Promise<boolean>((resolve) => {
        const socket = connect({ host: '127.0.0.2', port: Number(port) }, () => resolve(true));
        socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
      });
      expect(reached).toBe(reachable);
      server.signal('SIGINT');
      expect(await server.exit()).toBe(0);
    }
  });

  it('takes its projects from a file, so that "ps" shows no certificate', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rtm-cli-'));
    try {
      const [id, certificate, apps] = ['ab'.repeat(16), 'cd'.repeat(16), join(folder, 'apps')];
      await writeFile(apps, `${id}:${certificate}\n`);
      await chmod(apps, 0o644);
      await chmod(folder, 0o755);
      const server = rtm(['server', '--host', '127.0.0.1', '--port', '0', '--app-file', apps, '--log-format', 'json']);
      const [line] = await server.shows(/^\{.*"event":"start".*\}$/m);
      expect(JSON.parse(line)).toMatchObject({ apps: [id] });
      expect(await readFile(`/proc/${server.pid}/cmdline`, 'utf8')).not.toContain(certificate);
      const warnings = server.errors.split('\n').filter((each) => each.includes('"warn"'));
      expect(warnings.map((each) => JSON.parse(each))).toMatchObject([
        { event: 'secret-readable', file: apps, mode: '644' },
      ]);
      server.signal('SIGINT');
      expect(await server.exit()).toBe(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('names the port that is taken, in one line', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const server = rtm(['server', '--host', '127.0.0.1', '--port', String(port)]);
    expect(await server.exit()).toBe(1);
    taken.close();
    expect(server.errors).toMatch(new RegExp(`^rtm: .*${port}.*\n$`));
    expect(server.output).toBe('');
  });

  it('serves a certificate and apps that are given, and keeps the secret to itself', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rtm-cli-'));
    try {
      const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
      await promisify(execFile)('openssl', [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
        ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert],
      ]);
      const [id, certificate] = ['ab'.repeat(16), 'cd'.repeat(16)];
      const server = rtm([
        ...['server', '--host', '127.0.0.1', '--port', '0', '--app', `${id}:${certificate}`],
        ...['--cert', cert, '--key', key],
      ]);
      const [, port = ''] = await server.shows(/connect {6}rtms:\/\/127\.0\.0\.1:(\d+)/);
      await server.shows(/Ctrl-C/);
      expect(server.output).toContain(id);
      expect(server.output).not.toContain(certificate);
      const alice = rtm(['chat', 'alice', '--channel', 'lobby'], {
        RTM_ENDPOINTS: `rtms://localhost:${port}`, // no pin: the authority and the name have to do
        RTM_CA_FILE: cert,
        RTM_APP_ID: id,
        RTM_APP_CERTIFICATE: certificate,
      });
      await alice.shows(/you joined #lobby/);
      alice.endInput();
      expect(await alice.exit()).toBe(0);
      server.signal('SIGHUP');
      await server.shows(/New certificate in use: rtms:.*sha256=/);
      await writeFile(key, 'no key');
      server.signal('SIGHUP');
      await server.shows(/The old certificate stays in use: .*PRIVATE KEY/);
      const broken = rtm(['server', '--port', '0', '--cert', cert, '--key', key]);
      expect(await broken.exit()).not.toBe(0);
      expect(broken.errors).toMatch(/^rtm: .*key.*\n$/i);
      server.signal('SIGINT');
      expect(await server.exit()).toBe(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('rtm chat', () => {
  let world: Awaited<ReturnType<typeof startServerProcess>>;
  const chats: Program[] = [];

  beforeAll(async () => {
    world = await startServerProcess();
  });
  afterEach(async () => {
    for (const chat of chats.splice(0)) {
      chat.endInput();
      await chat.exit();
    }
  });
  afterAll(async () => {
    world.server.signal('SIGINT');
    await world.server.exit();
  });

  const chat = (user: string, ...more: string[]) => {
    const program = rtm(['chat', user, ...more], world.env);
    chats.push(program);
    return program;
  };

  it('sends every line of a pipe, reports each outcome, and ends with the pipe', async () => {
    const bob = chat('bob', '--channel', 'builds');
    await bob.shows(/you joined #builds: nobody else is there/);
    const pipe = rtm(['chat', 'ci', '--channel', 'builds'], world.env);
    pipe.type('build 17 is ready');
    pipe.type('//is a slash');
    pipe.endInput();
    expect(await pipe.exit()).toBe(0);
    expect(pipe.output).toMatch(/#builds you: build 17 is ready ✓\n.*#builds you: \/is a slash ✓\n$/);
    await bob.shows(/ci joined #builds.*#builds ci: build 17 is ready\n.*#builds ci: \/is a slash\n.*ci left #builds/s);
  });

  it('ends with 1 when a message of a pipe was not delivered', async () => {
    const pipe = rtm(['chat', 'ci', '--peer', 'nobody'], world.env);
    pipe.type('hello?');
    pipe.endInput();
    expect(await pipe.exit()).toBe(1);
    expect(pipe.output).toMatch(/you → nobody: hello\? ✗ nobody is not online\n$/);
  });

  it('moves between peers and channels by its commands', async () => {
    const [alice, bob] = [chat('alice2'), chat('bob2', '--channel', 'lobby')];
    await bob.shows(/you joined #lobby/);
    alice.type('/help');
    await alice.shows(/\/join <channel>/);
    alice.type('/join lobby');
    await alice.shows(/you joined #lobby: alice2, bob2/);
    alice.type('in the channel');
    await bob.shows(/#lobby alice2: in the channel/);
    alice.type('/members');
    await alice.shows(/· alice2, bob2/);
    alice.type('/peer bob2');
    alice.type('in private');
    await bob.shows(/alice2: in private/);
    alice.type('/leave lobby');
    await bob.shows(/alice2 left #lobby/);
    alice.type('/dance');
    await alice.shows(/there is no \/dance/);
    alice.type('/quit');
    expect(await alice.exit()).toBe(1); // in a pipe a mistake counts
  });

  it('shows no escape sequences of others', async () => {
    const [alice, bob] = [chat('alice3', '--peer', 'bob3'), chat('bob3', '--channel', 'x')];
    await bob.shows(/you joined/);
    alice.type('\u001b[2J\u001b]0;title\u0007boo');
    await bob.shows(/alice3: .*boo/);
    expect(bob.output).not.toContain('\u001b');
  });

  it('ends with 1 and says why when the user logs in elsewhere', async () => {
    const first = rtm(['chat', 'twin', '--channel', 'x'], world.env);
    await first.shows(/you joined/);
    const second = chat('twin', '--channel', 'x');
    await first.shows(/logged in elsewhere/);
    expect(await first.exit()).toBe(1);
    await second.shows(/you joined/);
  });

  it.each([
    ['a token for somebody else', 'eve', /^rtm: the server does not accept the token.*\n$/],
    ['a user id that cannot be', 'e"ve', /^rtm: .*user.*\n$/],
  ])('refuses %s in one line', async (_what, user, message) => {
    const token = (
      await promisify(execFile)(process.execPath, ['dist/cli/main.js', 'token', '-u', 'mallory'], {
        cwd: root,
        env: { ...process.env, ...world.env },
      })
    ).stdout.trim();
    const program = rtm(['chat', user], { ...world.env, RTM_TOKEN: token });
    expect(await program.exit()).toBe(1);
    expect(program.errors).toMatch(message);
    expect(program.output).toBe('');
  });

  it('says that the certificate is another one than the pinned one', async () => {
    const endpoint = world.endpoints.replace(/sha256=.*/, `sha256=${'0'.repeat(64)}`);
    const program = rtm(['chat', 'x', '--endpoint', endpoint], world.env);
    expect(await program.exit()).toBe(1);
    expect(program.errors).toMatch(/^rtm: the server showed another certificate.*\n$/);
  });

  it('can be interrupted while no server answers', async () => {
    const silent = createServer();
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const program = rtm(['chat', 'x'], { ...world.env, RTM_ENDPOINTS: `rtms://127.0.0.1:${port}` });
    silent.once('connection', () => program.signal('SIGINT')); // by now it waits for an answer to its hello
    expect(await program.exit()).toBe(130);
    expect(program.errors).toBe('rtm: interrupted\n');
    silent.close();
  });
});

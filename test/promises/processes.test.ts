// Programs in C++ that fork, unload the library, end in the middle of everything, get signals, and release services in a
// circle: docs/decisions/022-processes.md.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RtmClient } from '../../lib/index.js';
import { RtmServer } from '../../lib/server/rtm-server.js';
import { compileCpp, cppBuild, libraryIsBuilt, runCpp, sharedLibrary } from './cpp-program.js';

const patience = 120_000;

/** Whether a program is installed. */
function has(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!libraryIsBuilt)('a program in C++', () => {
  let server: RtmServer;
  let folder: string;

  beforeAll(async () => {
    const apps = [{ appId: '0123456789abcdef0123456789abcdef' }];
    server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps, limits: 'off' });
    folder = mkdtempSync(join(tmpdir(), 'rtm-processes-'));
    compileCpp('processes.cpp', join(folder, 'processes'), [...sharedLibrary, '-lcrypto']);
    compileCpp('plugin_host.cpp', join(folder, 'plugin_host'), ['-ldl']);
  }, patience);
  afterAll(async () => {
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (command: readonly [string, ...string[]]) =>
    runCpp(command, { cwd: folder, env: { RTM_ENDPOINTS: server.connectString }, deadline: patience });
  const scenario = (name: string) => run([join(folder, 'processes'), name]);
  const log = (user: string) => readFileSync(join(folder, 'logs', `${user}.log`), 'utf8');
  const memcheck = ['valgrind', '--error-exitcode=99', '--quiet', '--errors-for-leak-kinds=none'] as const;
  const underValgrind = (name: string) => run([...memcheck, join(folder, 'processes'), name]);

  it('that releases its last service sends what it accepted, and its goodbye, before the threads end', {
    timeout: patience,
  }, async () => {
    const appId = '0123456789abcdef0123456789abcdef';
    const collector = await RtmClient.login({ appId, userId: 'collector', endpoints: server.connectString });
    let count = 0;
    collector.on('message', () => count++);
    expect(await scenario('release-behind-much')).toEqual({ ended: 0, lines: ['released, 1 thread'] });
    await vi.waitFor(() => expect(count).toBe(200), patience);
    await vi.waitFor(() => expect(server.stats().sessions).toBe(1), 10_000); // long before the grace ends
    await collector.logout();
  });

  it('that forks has a child in which inherited services are dead and new ones work', {
    timeout: patience,
  }, async () => {
    const { lines, ended } = await scenario('fork');
    expect(ended).toBe(0);
    const refused = ['login', 'logout', 'send', 'query', 'subscribe', 'attributes', 'count', 'upload', 'renew'];
    expect(lines.slice(0, -3)).toEqual([
      'threads 1, sockets 0',
      ...refused.map((call) => `${call} 101`),
      'initialize 1',
      'parameters refused',
      'log 1',
      'channel null',
      'calls null',
      ...['join', 'members', 'publish'].map((call) => `${call} 101`),
      'invite 1',
      'invitation null',
      'released',
    ]);
    expect(lines.slice(-3)).toEqual(['child worked, 1 thread', 'child ended with 0', 'parent worked']);
    // Once, whatever number of calls.
    expect(log('parent').match(/ERROR.*child of fork\(\).*code 101.*after fork\(\) or daemon\(\)/g)).toHaveLength(1);
  });

  it('may fork while its threads are in the middle of calls', { timeout: patience }, async () => {
    expect(await scenario('fork-busy')).toEqual({ ended: 0, lines: ['40 of 40 children worked'] });
  });

  it('may become a daemon after its set-up', { timeout: patience }, async () => {
    expect(await scenario('daemon')).toEqual({ ended: 0, lines: ['login 101', 'daemon worked, 1 thread'] });
  });

  it('may fork its workers after its set-up', { timeout: patience }, async () => {
    expect(await scenario('pre-fork')).toEqual({ ended: 0, lines: ['4 workers worked'] });
  });

  const child = ['login 101', 'child worked, 1 thread'];
  const both = ['child ended with 0', 'parent worked'];
  it('may fork in a callback', { timeout: patience }, async () => {
    expect(await scenario('fork-in-callback')).toEqual({ ended: 0, lines: [...child, ...both] });
  });

  it('ends a child that returns from the callback in which it was forked', { timeout: patience }, async () => {
    const lines = [...child, 'the callback returns', ...both];
    expect(await scenario('fork-and-return')).toEqual({ ended: 0, lines });
  });

  it.each(['openssl-cleanup', 'openssl-cleanup-at-once'])(
    'ends cleanly after %s',
    { timeout: patience },
    async (name) => {
      const lines = ['login 101', 'logout 101', 'late: createRtmService gives null', 'the end'];
      const { lines: said, ended } = await scenario(name);
      // A login under way may hear of its end before that of the process.
      expect([ended, ...said.filter((line) => line !== 'cleaner: login failed with 1')]).toEqual([0, ...lines]);
      expect(log('cleaner')).toMatch(/ERROR.*at the end of the process \(exit\(\) or OPENSSL_cleanup\(\) was called\)/);
    },
  );

  it('may call exit() in a callback', { timeout: patience }, async () => {
    expect(await scenario('exit-in-callback')).toEqual({ ended: 7, lines: [] });
  });

  it('may release its services in static destructors', { timeout: patience }, async () => {
    expect(await scenario('statics')).toEqual({ ended: 0, lines: ['released by a static destructor'] });
  });

  it.skipIf(!has('valgrind'))(
    'uses no memory that is gone at its end (skipped without valgrind)',
    { timeout: 2 * patience },
    async () => {
      for (const name of ['statics', 'exit-in-callback', 'openssl-cleanup']) {
        const { lines, ended } = await underValgrind(name);
        expect([name, ended, lines.filter((line) => line.startsWith('=='))]).toEqual([
          name,
          name === 'exit-in-callback' ? 7 : 0,
          [],
        ]);
      }
    },
  );

  it('gets all signals on its own threads', { timeout: patience }, async () => {
    const { lines, ended } = await scenario('signals');
    expect(ended).toBe(0);
    expect(lines.at(-1)).toBe('120 signals taken');
    const names = lines.slice(0, -1).map((line) => line.split(' ')[0]);
    expect(names).toContain('rtm-client');
    expect(names).toContain('rtm-callbacks');
    for (const line of lines.slice(0, -1)) expect(line).toMatch(allBlocked);
  });

  it.each(['circle', 'circle-without-sync'])(
    'does not hang in a %s of releases',
    { timeout: patience },
    async (name) => {
      expect(await scenario(name)).toEqual({ ended: 0, lines: ['2 callbacks returned'] });
      expect(log('one') + log('two')).toMatch(
        /WARN.*release: called in a callback for which a callback of this service waits/,
      );
    },
  );

  it('is told for what a release has waited 5 s', { timeout: patience }, async () => {
    expect(await scenario('long-release')).toEqual({ ended: 0, lines: ['released'] });
    expect(log('slow')).toMatch(/WARN.*release\(\) has waited 5 s for a running callback of this service/);
  });

  /** Runs the host; what it printed after 70 rounds and at the end. */
  async function host(library: string, rounds: number, checker: readonly string[] = []) {
    const command = [...checker, join(folder, 'plugin_host'), library, String(rounds)];
    const { lines, ended } = await run(command as [string, ...string[]]);
    expect([ended, lines.length]).toEqual([0, rounds > 70 ? 2 : 1]);
    return lines.map((line) => {
      const [, threads, kilobytes] = (line.match(/\d+/g) ?? []).map(Number);
      return { threads, kilobytes };
    });
  }

  const shared = join(cppBuild, 'libagora_rtm_sdk.so');
  it('may load the library and unload it again and again', { timeout: patience }, async () => {
    const [before, after] = await host(shared, 170);
    expect([before?.threads, after?.threads]).toEqual([1, 1]);
    expect((after?.kilobytes ?? Number.NaN) - (before?.kilobytes ?? Number.NaN)).toBeLessThan(2048);
  });

  it('may have the library in a plug-in of its own', { timeout: patience }, async () => {
    const plugin = join(folder, 'plugin.so');
    const rooms = ['sdk', 'client', 'net', 'wire', 'base'].map((room) => join(cppBuild, `librtm_${room}.a`));
    const all = ['-Wl,--whole-archive', rooms[0] as string, '-Wl,--no-whole-archive', ...rooms.slice(1)];
    compileCpp('plugin.cpp', plugin, ['-shared', ...all, '-luv', '-lssl', '-lcrypto', '-lz', '-ldl']);
    expect((await host(plugin, 100)).map(({ threads }) => threads)).toEqual([1, 1]);
  });

  it.skipIf(!has('valgrind'))(
    'may unload the library without any use of what is gone (skipped without valgrind)',
    { timeout: 2 * patience },
    async () => {
      expect((await host(shared, 5, memcheck))[0]?.threads).toBe(1);
    },
  );
});

/** SigBlk of a thread that blocks all but KILL, STOP, the two of the C library, and what faults of its own raise. */
const allBlocked = / fffffffe3ffbfa27$/;

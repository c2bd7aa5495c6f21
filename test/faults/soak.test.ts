// Users in processes of their own talk through a server in another one, while links are cut and stall, processes are
// killed and stand still, the server dies and comes back, and its clock jumps. Then everything heals, and the history of
// all processes is judged. `npm run soak -- --minutes 30` runs it for longer; RTM_TEST_SEED repeats the choices, not the times.
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type HistoryEvent, HistoryRecord, haveJudge } from '../history/record.js';
import { within } from '../integration/client-world.js';
import { Random, testSeed } from '../integration/support/random.js';
import { fixture } from '../lifecycle/child.js';
import { KillableServer } from '../network/killable-server.js';
import { FaultProxy } from './fault-proxy.js';

const seconds = Number(process.env['RTM_SOAK_SECONDS'] ?? 12);
const firstSeed = testSeed();
const appId = '0123456789abcdef0123456789abcdef';
const names = ['alice', 'bob', 'carol', 'dave'];
const channels = ['room', 'lobby'];
/** Longer than a session outlives its link, and a client waits between two attempts. */
const healMs = 40_000;

/** libfaketime, which moves the wall clock of one process; null where it is not installed. */
function fakeTime(): string | null {
  try {
    const found = execFileSync('sh', ['-c', 'ls /usr/lib/*/faketime/libfaketime.so.1'], { encoding: 'utf8' });
    return found.trim().split('\n')[0] ?? null;
  } catch {
    return null;
  }
}

let programs = 0;
let messages = 0;

/** A user: its process, which may be gone, and the proxy in front of the server, which is its network. */
class SoakUser {
  loggedIn = false;
  busy = 0;
  #child: ChildProcess | undefined;
  #program = 0;
  #calls = new Map<number, (failed?: string) => void>();
  #lastCall = 0;
  stopped = false;

  constructor(
    readonly name: string,
    readonly proxy: FaultProxy,
    private readonly record: HistoryRecord,
  ) {}

  get running(): boolean {
    return this.#child !== undefined;
  }

  async start(): Promise<void> {
    const child = fork(fixture('../../faults/fixtures/soak-user.mjs'), [this.name, appId, this.proxy.connectString], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    this.loggedIn = false;
    child.on(
      'message',
      (said: HistoryEvent & { ready?: boolean; done?: number; failed?: string; loggedIn?: boolean }) => {
        if (said.ready) return;
        if (said.done === undefined) return this.record.add(said);
        this.loggedIn = said.loggedIn ?? false;
        this.#calls.get(said.done)?.(said.failed);
      },
    );
    await Promise.race([once(child, 'message'), once(child, 'exit')]); // it may be killed before it is ready
  }

  /** Resolves when the call has ended, well or not, or its process has. */
  async call(command: string, options: object = {}): Promise<string | undefined> {
    const child = this.#child;
    if (child === undefined) return 'not running';
    const id = ++this.#lastCall;
    this.busy++;
    const ended = new Promise<string | undefined>((resolve) => this.#calls.set(id, resolve));
    child.send({ id, command, ...options });
    const failed = await ended;
    this.#calls.delete(id);
    this.busy--;
    return failed;
  }

  async login(): Promise<void> {
    this.#program = ++programs;
    await this.call('login', { program: this.#program });
    if (this.loggedIn) await Promise.all(channels.map((channel) => this.call('join', { channel })));
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    this.stopped = false;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    this.record.note('crash', { process: this.#program, user: this.name });
    for (const resolve of this.#calls.values()) resolve('killed');
    this.loggedIn = false;
  }

  stand(still: boolean): void {
    if (this.#child === undefined || this.stopped === still) return;
    this.stopped = still;
    this.record.note(still ? 'suspend' : 'wake', { process: this.#program, user: this.name });
    this.#child.kill(still ? 'SIGSTOP' : 'SIGCONT');
  }

  async end(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    const gone = once(child, 'exit');
    if (this.stopped) child.kill('SIGCONT');
    child.disconnect();
    await gone;
  }
}

describe.skipIf(!haveJudge).each(['memory', 'durable'])('a server of kind %s', (kind) => {
  const seed = kind === 'memory' ? firstSeed : firstSeed + 1;
  it(`keeps its promises through ${seconds} s of faults`, { timeout: (seconds + 240) * 1000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rtm-soak-'));
    const random = new Random(seed);
    const record = new HistoryRecord();
    const seen = new Map<string, number>();
    const library = fakeTime();
    const clock = join(folder, 'clock');
    const setClock = (offset: number) => writeFileSync(clock, `${offset < 0 ? '' : '+'}${offset}\n`);
    setClock(0);
    const faked = {
      LD_PRELOAD: library ?? '',
      FAKETIME_TIMESTAMP_FILE: clock,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    const data = kind === 'durable' ? { data: join(folder, 'data') } : {};
    const server = new KillableServer({ apps: [{ appId }], limits: 'off', ...data }, library === null ? {} : faked);
    await server.start();
    const users: SoakUser[] = [];
    for (const name of names) users.push(new SoakUser(name, await FaultProxy.start(server), record));
    const later = new Set<Promise<void>>();
    const after = (ms: number, work: () => unknown) => {
      const due = sleep(ms).then(async () => void (await work()));
      later.add(due);
      void due.finally(() => later.delete(due));
    };

    const serverDies = () => {
      record.note('server-dies');
      if (kind === 'memory') record.note('server-forgets');
    };
    const deeds: Record<string, (user: SoakUser) => unknown> = {
      cut: ({ proxy }) => {
        proxy.cut();
        after(random.below(6000), () => proxy.mend());
      },
      reset: ({ proxy }) => proxy.reset(),
      stall: ({ proxy }) => {
        proxy.freeze();
        after(random.below(12_000), () => proxy.mend());
      },
      kill: async (user) => {
        await user.kill();
        after(random.below(5000), async () => {
          if (user.running) return;
          await user.start();
          await user.login();
        });
      },
      'stand still': (user) => {
        user.stand(true);
        after(random.below(10_000), () => user.stand(false));
      },
      'log out and in': async (user) => {
        if (user.stopped || !user.loggedIn) return;
        await user.call('logout', { calm: false, drain: random.below(4) !== 0 });
        after(random.below(3000), () => user.login());
      },
      leave: (user) => user.call('leave', { channel: random.oneOf(channels) }),
      join: (user) => user.call('join', { channel: random.oneOf(channels) }),
      'server killed': async () => {
        await server.kill();
        serverDies();
        await sleep(random.below(4000));
        await server.start();
      },
      'clock of the server jumps': () => setClock(random.below(7200) - 3600),
    };
    const weights: [string, number][] = [
      ['cut', 6],
      ['reset', 6],
      ['stall', 6],
      ['kill', 3],
      ['stand still', 5],
      ['log out and in', 4],
      ['leave', 2],
      ['join', 4],
      ['server killed', 2],
      ...(library === null ? [] : ([['clock of the server jumps', 2]] as [string, number][])),
    ];
    const bag = weights.flatMap(([name, weight]) => Array<string>(weight).fill(name));

    const speak = () => {
      const user = random.oneOf(users);
      if (!user.running || user.stopped) return;
      const size = random.below(20) === 0 ? 1000 + random.below(20_000) : 0;
      const message = ++messages;
      if (random.below(3) === 0) void user.call('publish', { channel: random.oneOf(channels), message, size });
      else void user.call('send', { to: random.oneOf(names), message, size, stored: random.below(2) === 0 });
    };

    try {
      await Promise.all(users.map((user) => user.start()));
      await Promise.all(users.map((user) => user.login()));
      const end = Date.now() + seconds * 1000;
      while (Date.now() < end) {
        for (let talk = random.below(6); talk > 0; talk--) speak();
        if (random.below(12) === 0) {
          const deed = random.oneOf(bag);
          seen.set(deed, (seen.get(deed) ?? 0) + 1);
          const doing = deeds[deed]?.(random.oneOf(users));
          if (deed === 'server killed') await doing;
        }
        await sleep(random.below(200));
      }

      // Everything heals.
      await Promise.all([...later]);
      while (later.size > 0) await Promise.all([...later]);
      for (const user of users) {
        user.stand(false);
        user.proxy.mend();
      }
      const idle = async (what: string) => {
        const rest = (async () => {
          while (users.some((user) => user.busy > 0)) await sleep(50);
        })();
        await within(what, rest, 60_000);
      };
      await sleep(Math.min(healMs, seconds * 1000 + 5000));
      await idle('the end of all calls');
      for (const user of users) {
        if (!user.running) await user.start();
        if (!user.loggedIn) await user.login();
      }
      expect(users.map(({ name, loggedIn }) => [name, loggedIn])).toEqual(names.map((name) => [name, true]));
      // All out, and in again for what is stored.
      for (const last of [false, true]) {
        await sleep(3000);
        await Promise.all(users.map((user) => user.call('logout', { calm: true, drain: true })));
        if (!last) await Promise.all(users.map((user) => user.login()));
      }
      const table = [
        ...[...seen].map(([deed, times]) => `${String(times).padStart(8)}  ${deed}`),
        ...['delivered', 'cached', 'unreachable', 'unknown', 'unsent', 'failed'].map(
          (outcome) => `${String(record.count('result', outcome)).padStart(8)}  ${outcome}`,
        ),
        `${String(record.count('receive')).padStart(8)}  received`,
        `${String(record.count('logged-in')).padStart(8)}  new sessions`,
        `${String(record.count('resumed')).padStart(8)}  resumes`,
      ];
      console.log(
        `${kind}, ${seconds} s, RTM_TEST_SEED=${firstSeed}${library === null ? ', without clock jumps' : ''}\n${table.join('\n')}`,
      );
      expect(record.count('result', 'delivered')).toBeGreaterThan(0);
      expect(record.judge(process.env['RTM_SOAK_RECORD'])).toBe('');
    } finally {
      await Promise.all(users.map((user) => user.end()));
      await Promise.all(users.map(({ proxy }) => proxy.close()));
      await server.kill();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

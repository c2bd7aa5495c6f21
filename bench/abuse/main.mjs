// npm run abuse: attacks servers, and measures what well-behaved users see meanwhile. See --help.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { machine, machineText } from '../lib/machine.mjs';
import { anonymousMemoryOf, cpuOf } from '../lib/proc.mjs';
import { Role } from '../lib/role.mjs';
import { findProgram, freePort, startProgram } from '../peers/program.mjs';
import { attacks } from './attacks.mjs';
import { costs } from './costs.mjs';
import {
  AIM,
  attackTable,
  costTable,
  fullUserTable,
  isTooDear,
  MIB,
  misses,
  sanitizedLine,
  sanitizedTable,
  sanitizedWrongs,
  wrongs,
} from './report.mjs';
import { attacksUnder, sanitizers } from './sanitized.mjs';

const BACKENDS = ['memory', 'durable', 'cluster'];
const SHORT = { quiet: 1, attack: 2, sanitized: 0.5 };
const SAMPLE_MS = 50;
/** What a server may take: little enough that each attack could fill it. */
const MEMORY_MIB = 256;
/** All attacks under one sanitizer together. */
const SANITIZED_SECONDS = 180;

const HELP = `Usage: npm run abuse -- [options]
Attacks a server, which runs in a process of its own, from another process, while two users talk, one stores messages, one logs in
each second and one asks for /healthz. Each attack meets a new server. One row tells what the users saw before and during it.
Then one user goes to all of its legal limits at once, on a server in memory, and a table tells what it costs.
With --sanitizer one server without Node, built with that sanitizer, meets all attacks in turn but those of the admin pages. The
run fails if the sanitizer reports something, the server does not end with code 0, or a login or a message of the users fails.

  --seconds <n>      how long each attack lasts (default 20; under a sanitizer, ${SANITIZED_SECONDS} for all attacks together)
  --attack <name>    only this attack; may be repeated
  --on <server>      ${BACKENDS.join(', ')}; may be repeated (default: all; cluster needs redis-server)
  --short            for CI: ${SHORT.attack} s each, on memory and durable. It fails if a login or a message of the users fails, the server
                     ends, its memory passes --memory, or one user costs more than ${AIM.userBytes / MIB} MiB; times are not judged
  --memory <MiB>     the server's limits.memoryBytes, which its RssAnon must not pass (default ${MEMORY_MIB})
  --sanitizer <name> ${Object.keys(sanitizers).join(' (with the undefined-behaviour sanitizer) or ')}; may be repeated. With --short: ${SHORT.sanitized} s each
  --no-costs         leave out the processor time of refusals
  --no-full-user     leave out the user at all of its limits
  --json             results as JSON
  --help

Attacks:
${attacks.map(({ name, about }) => `  ${name.padEnd(20)} ${about}`).join('\n')}
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string' },
      attack: { type: 'string', multiple: true },
      on: { type: 'string', multiple: true },
      short: { type: 'boolean', default: false },
      memory: { type: 'string', default: String(MEMORY_MIB) },
      costs: { type: 'boolean', default: true },
      'full-user': { type: 'boolean', default: true },
      sanitizer: { type: 'string', multiple: true, default: [] },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowNegative: true,
  });
  const number = (name, text) => {
    const value = Number(text);
    if (!(value > 0)) throw new Error(`--${name}: expected a number above 0, got ${text}`);
    return value;
  };
  const known = (name, given, all) => {
    const unknown = given.find((each) => !all.includes(each));
    if (unknown !== undefined) throw new Error(`--${name}: expected one of ${all.join(', ')}, got ${unknown}`);
    return given;
  };
  const { short } = values;
  const names = attacks.map(({ name }) => name);
  const sanitized = known('sanitizer', values.sanitizer, Object.keys(sanitizers));
  if (sanitized.length > 0 && values.on !== undefined)
    throw new Error('--on: expected no --sanitizer beside it: there the server keeps its state in memory');
  const chosen = attacks
    .filter(({ name }) => known('attack', values.attack ?? names, names).includes(name))
    .filter(({ adminPages }) => sanitized.length === 0 || !adminPages);
  if (chosen.length === 0) throw new Error('--attack: expected one that needs no admin pages, with --sanitizer');
  const seconds = short
    ? { attack: SHORT.attack, sanitized: SHORT.sanitized }
    : { attack: 20, sanitized: SANITIZED_SECONDS / chosen.length };
  return {
    help: values.help,
    short,
    json: values.json,
    costs: values.costs,
    fullUser: values['full-user'],
    memory: number('memory', values.memory) * MIB,
    sanitized,
    attackSeconds: number('seconds', values.seconds ?? seconds[sanitized.length > 0 ? 'sanitized' : 'attack']),
    quietSeconds: short ? SHORT.quiet : 5,
    chosen,
    backends: known('on', values.on ?? (short ? ['memory', 'durable'] : BACKENDS), BACKENDS),
  };
}

/** A server and its attackers' knowledge of it; `end` ends both and what they need. */
async function startServer(backend, { redis, memory, limits = {}, more = {} }) {
  const { createAppCredentials } = await import('../../dist/index.js');
  const { GoodUsers } = await import('./good-users.mjs');
  const { targetOf } = await import('./target.mjs');
  const app = createAppCredentials();
  const folder = mkdtempSync(join(tmpdir(), 'rtm-abuse-'));
  const server = new Role('server', false, new URL('./server.mjs', import.meta.url));
  const end = async () => {
    await server.end();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const options = {
      host: '127.0.0.1',
      port: 0,
      admin: '127.0.0.1:0',
      apps: [{ appId: app.appId, certificate: app.appCertificate }],
      limits: { memoryBytes: memory, ...limits },
      ownsProcess: true,
      ...(backend === 'durable' && { data: join(folder, 'data') }),
      ...(backend === 'cluster' && { engine: redis.url }),
      ...more,
    };
    const { port, endpoint, adminPort } = await server.ask('start', { options });
    const target = targetOf({ port, adminPort, app });
    return { server, target, users: new GoodUsers({ endpoint, adminPort, app }), end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The greatest anonymous memory of a process until `stop()`. Undefined if the process has ended. */
function watchMemory(pid) {
  let most = anonymousMemoryOf(pid);
  let gone = false;
  const timer = setInterval(() => {
    try {
      most = Math.max(most, anonymousMemoryOf(pid));
    } catch {
      gone = true;
    }
  }, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      return gone ? undefined : most;
    },
  };
}

async function measureAttack(backend, attack, options, redis) {
  const { server, target, users, end } = await startServer(backend, { redis, memory: options.memory });
  const attacker = new Role('attacker', false, new URL('./attacker.mjs', import.meta.url));
  try {
    await users.begin();
    const quiet = await users.live(AbortSignal.timeout(options.quietSeconds * 1000));
    const before = anonymousMemoryOf(server.pid);
    const memory = watchMemory(server.pid);
    const cpu = cpuOf(server.pid);
    await attacker.ask('begin', { attack: attack.name, target });
    const attacked = await users.live(AbortSignal.timeout(options.attackSeconds * 1000));
    const { done, failed } = await attacker.ask('end').catch((error) => ({ done: 0, failed: error.message }));
    const most = memory.stop();
    if (most === undefined) return { backend, attack: attack.name, ended: true };
    const used = cpuOf(server.pid) - cpu;
    const recoveredMs = await users.recovers(Math.max(20, AIM.ratio * quiet.messages.p99));
    const { errors } = await server.ask('stats');
    return {
      ...{ backend, attack: attack.name, ended: false, done, failed, quiet, attacked, recoveredMs, errors },
      ...{ memoryBefore: before, memoryMost: most, cpu: used },
    };
  } catch (error) {
    return { backend, attack: attack.name, ended: true, why: error.message };
  } finally {
    await attacker.end();
    await users.end().catch(() => {});
    await end();
  }
}

async function measureCosts({ memory }) {
  const { server, target, end } = await startServer('memory', { memory });
  const attacker = new Role('attacker', false, new URL('./attacker.mjs', import.meta.url));
  try {
    const rows = [];
    for (const { name, kind, refused } of costs) {
      const before = cpuOf(server.pid);
      const { count } = await attacker.ask('cost', { cost: name, target, milliseconds: 3000 });
      await pause(200); // what it has caused is done then
      rows.push({ name, kind, refused, count, micros: ((cpuOf(server.pid) - before) / count) * 1e6 });
    }
    const good = (kind) => rows.find((row) => row.kind === kind && !row.refused)?.micros ?? Number.NaN;
    return rows.map((row) => ({ ...row, ratio: row.micros / good(row.kind) }));
  } finally {
    await attacker.end();
    await end();
  }
}

/** What one user costs that is at all of its limits. */
async function measureFullUser({ memory }) {
  // The frequencies of these calls would make it take longer, and no smaller.
  const rates = { channelAttributesWrite: false, subscribe: false };
  const more = { times: { attributes: 1000 } };
  const { server, target, end } = await startServer('memory', { memory, limits: { rates }, more });
  const attacker = new Role('attacker', false, new URL('./attacker.mjs', import.meta.url));
  try {
    await attacker.ask('loginFull', { target });
    await pause(1500); // until the start, and the logins, are over
    const before = anonymousMemoryOf(server.pid);
    const watch = watchMemory(server.pid);
    const { reached } = await attacker.ask('fillFull');
    await attacker.ask('stopReading');
    let waiting = 0;
    // Below the bound of a queue, above which the client is cut.
    for (let turn = 0; turn < 100 && waiting < 3.5 * MIB; turn++) {
      await attacker.ask('feedFull');
      await pause(150); // queues are counted each 100 ms
      waiting = (await server.ask('stats')).queueBytes;
    }
    await pause(1100); // accounts of queues, each second
    const at = anonymousMemoryOf(server.pid);
    const { user } = await server.ask('usage', { userId: target.users[0].userId });
    const most = watch.stop();
    await server.ask('endUser', { appId: target.appId, userId: target.users[0].userId });
    await attacker.ask('endFull');
    await pause(3000); // attributes outlive their channel for a second
    const after = anonymousMemoryOf(server.pid);
    return { before, at, most, after, waiting, reached, user };
  } finally {
    await attacker.end();
    await end();
  }
}

async function startRedis() {
  if (findProgram('redis-server') === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'rtm-abuse-redis-'));
  const port = await freePort();
  const program = await startProgram(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder],
    port,
  );
  return {
    url: `redis://127.0.0.1:${port}`,
    async close() {
      await program.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function underSanitizers(options, say) {
  const runs = [];
  for (const sanitizer of options.sanitized) runs.push(await attacksUnder(sanitizer, options, say));
  const failed = runs.filter((each) => sanitizedWrongs(each).length > 0);
  if (options.json) process.stdout.write(`${JSON.stringify({ machine: machine(), sanitized: runs })}\n`);
  else {
    process.stdout.write(`${machineText(machine())}\n\n${runs.map(sanitizedTable).join('\n\n')}\n\n`);
    process.stdout.write(`${runs.map(sanitizedLine).join('\n')}\n`);
  }
  for (const each of failed) say(`${each.sanitizer}: ${sanitizedWrongs(each).join('\n')}`);
  process.stdout.write(`\n${runs.length - failed.length} passed, ${failed.length} failed\n`);
  return failed.length === 0;
}

async function main() {
  const options = readOptions();
  if (options.help) {
    process.stdout.write(HELP);
    return true;
  }
  const say = (text) => process.stderr.write(`${text}\n`);
  if (options.sanitized.length > 0) return await underSanitizers(options, say);
  const about = machine();
  const redis = options.backends.includes('cluster') ? await startRedis() : undefined;
  const rows = [];
  let priced = [];
  /** @type {Awaited<ReturnType<typeof measureFullUser>> | undefined} */
  let full;
  try {
    for (const backend of options.backends) {
      if (backend === 'cluster' && redis === undefined) {
        say('cluster: left out, redis-server is not installed');
        continue;
      }
      for (const attack of options.chosen.filter(({ on = BACKENDS }) => on.includes(backend))) {
        const row = await measureAttack(backend, attack, options, redis);
        const missed = misses(row, options);
        say(`${backend}, ${attack.name}: ${missed.length === 0 ? 'ok' : missed.join('; ')}`);
        rows.push(row);
      }
    }
    if (options.costs && !options.short) priced = await measureCosts(options);
    if (options.fullUser) full = await measureFullUser(options);
  } finally {
    await redis?.close();
  }
  if (options.json)
    process.stdout.write(`${JSON.stringify({ machine: about, rows, costs: priced, fullUser: full })}\n`);
  else {
    process.stdout.write(`${machineText(about)}\n\n${attackTable(rows, options)}\n`);
    if (priced.length > 0) process.stdout.write(`\n${costTable(priced)}\n`);
    if (full !== undefined) process.stdout.write(`\n${fullUserTable(full)}\n`);
  }
  const all = rows.length + (full === undefined ? 0 : 1);
  const failed = rows.filter((row) => wrongs(row, options).length > 0).length + (isTooDear(full) ? 1 : 0);
  process.stdout.write(`\n${all - failed} passed, ${failed} failed\n`);
  return failed === 0;
}

main().then(
  (ok) => {
    process.exitCode = ok ? 0 : 1;
  },
  (error) => {
    process.stderr.write(`abuse: ${error.message}\n`);
    process.exitCode = 2;
  },
);

// The server under attack without Node, built with a sanitizer: one process meets all attacks in turn.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildCpp, buildFolders } from '../../scripts/build.mjs';
import { clang } from '../../scripts/fuzz.mjs';
import { ensurePackages } from '../../scripts/packages.mjs';
import { sanitizerEnv, sanitizerPresets, withoutRandomAddresses } from '../../scripts/sanitizers.mjs';
import { inRoot } from '../../scripts/tools.mjs';
import { Role } from '../lib/role.mjs';

/** What --sanitizer takes, and the preset of CMakePresets.json that it stands for. */
export const sanitizers = { address: sanitizerPresets['address,undefined'], thread: sanitizerPresets.thread };

const PROGRAM = 'rtm_server_process';
/** How long the server may take to start, and to end with its search for leaks. */
const PATIENCE_MS = 60_000;

/** The program with a sanitizer. Other programs in its build folder stay as they are. */
async function build(sanitizer) {
  if (!(await ensurePackages('cpp'))) throw new Error('a package of the C++ build is missing');
  const preset = sanitizers[sanitizer];
  if (!(await buildCpp({ preset, target: PROGRAM, env: clang(), quick: true })))
    throw new Error(`${PROGRAM} does not build with the preset ${preset}`);
  return inRoot(buildFolders()[preset], PROGRAM);
}

/** A server under a sanitizer, in a process that ends with this one: its standard input closes then. */
class SanitizedServer {
  #child;
  #folder;
  #exit;
  /** How the process has ended: "code 0", "signal SIGSEGV"; undefined while it runs. @type {string | undefined} */
  ended;

  constructor(command, args, folder) {
    this.#folder = folder;
    const env = { ...process.env, ...sanitizerEnv(join(folder, 'report')) };
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
    this.#exit = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      this.#child.once('exit', (code, signal) => resolve(signal === null ? `code ${code}` : `signal ${signal}`));
    }).then((how) => {
      this.ended = how;
    });
  }

  /** @param {string} sanitizer @param {{ app: { appId: string, appCertificate: string }, memory: number }} how */
  static async start(sanitizer, { app, memory }) {
    const program = await build(sanitizer);
    const before = sanitizer === 'thread' ? await withoutRandomAddresses() : [];
    const [command, ...args] = [...before, program, app.appId, app.appCertificate, String(memory)];
    const server = new SanitizedServer(command, args, mkdtempSync(join(tmpdir(), 'rtm-abuse-')));
    const line = once(createInterface({ input: server.#child.stdout }), 'line', {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const first = await Promise.race([line.catch(() => undefined), server.#exit]);
    if (first !== undefined) return { server, ...JSON.parse(first[0]) };
    const { exit, reports } = await server.end();
    throw new Error([`expected ${PROGRAM} to say where it listens, it ended with ${exit}`, ...reports].join('\n'));
  }

  /** Ends the process. @returns how it ended, and what the sanitizer has written */
  async end() {
    this.#child.stdin.end();
    const force = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS);
    await this.#exit;
    clearTimeout(force);
    const reports = readdirSync(this.#folder).map((name) => readFileSync(join(this.#folder, name), 'utf8'));
    rmSync(this.#folder, { recursive: true, force: true });
    return { exit: this.ended, reports };
  }
}

/**
 * All chosen attacks in turn on one server under a sanitizer.
 * @param {string} sanitizer
 * @param {{ chosen: import('./attacks.mjs').Attack[], attackSeconds: number, memory: number }} options
 * @param {(text: string) => void} say
 */
export async function attacksUnder(sanitizer, { chosen, attackSeconds, memory }, say) {
  const { createAppCredentials } = await import('../../dist/index.js');
  const { GoodUsers } = await import('./good-users.mjs');
  const { targetOf } = await import('./target.mjs');
  const app = createAppCredentials();
  const { server, port, endpoint } = await SanitizedServer.start(sanitizer, { app, memory });
  const users = new GoodUsers({ endpoint, app });
  const rows = [];
  await users.begin();
  for (const [index, attack] of chosen.entries()) {
    if (server.ended !== undefined) break;
    // Each attack comes from addresses, and with users, that the server has not refused for the attack before.
    const target = targetOf({ port, app, network: `127.0.${index + 1}`, crowd: attack.name });
    const row = await underAttack(users, attack, target, attackSeconds);
    say(`${sanitizer}, ${attack.name}: ${row.done} times`);
    rows.push(row);
  }
  await users.end();
  return { sanitizer, rows, ...(await server.end()) };
}

async function underAttack(users, attack, target, seconds) {
  const attacker = new Role('attacker', false, new URL('./attacker.mjs', import.meta.url));
  const since = performance.now();
  try {
    await attacker.ask('begin', { attack: attack.name, target });
    const attacked = await users.live(AbortSignal.timeout(seconds * 1000));
    const { done, failed } = await attacker.ask('end').catch((error) => ({ done: 0, failed: error.message }));
    return { attack: attack.name, seconds: (performance.now() - since) / 1000, done, failed, attacked };
  } finally {
    await attacker.end();
  }
}

// Runs the built command line in child processes, as a user would.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { within } from './client-world.js';

export const root = join(import.meta.dirname, '../..');
const main = join(root, 'dist/cli/main.js');

const running = new Set<ChildProcess>();

/** Ends the processes that a failed test has left behind. */
export function endAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** A program whose output can be waited for. */
export class Program {
  output = '';
  errors = '';
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #exited: Promise<number | NodeJS.Signals | null>;
  readonly #waiting = new Set<() => void>();

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = root) {
    this.#name = [command, ...args].join(' ').slice(0, 120);
    const { NO_COLOR: _noColor, FORCE_COLOR: _forceColor, NODE_OPTIONS: _nodeOptions, ...rest } = process.env;
    const child = spawn(command, args, { cwd, env: { ...rest, ...env }, stdio: 'pipe' });
    this.#child = child;
    running.add(child);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
      for (const check of this.#waiting) check();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
      for (const check of this.#waiting) check();
    });
    child.stdin.on('error', () => {}); // a program that has ended does not read any more
    this.#exited = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => {
        running.delete(child);
        resolve(code ?? signal);
      });
    });
  }

  /** Waits until the output (or the error output) matches, and returns the match. */
  async shows(pattern: RegExp, milliseconds = 15_000): Promise<RegExpExecArray> {
    let found: RegExpExecArray | null = null;
    let check = () => {};
    const shown = new Promise<void>((resolve) => {
      check = () => {
        found = pattern.exec(this.output) ?? pattern.exec(this.errors);
        if (found) resolve();
      };
      this.#waiting.add(check);
      check();
    });
    const ended = this.#exited.then(() => {
      if (!found) throw new Error('it ended first');
    });
    try {
      await within(`${this.#name} to show ${pattern}`, Promise.race([shown, ended]), milliseconds);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n--- output\n${this.output}--- errors\n${this.errors}`);
    } finally {
      this.#waiting.delete(check);
    }
    return found as unknown as RegExpExecArray;
  }

  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The exit code, or the signal that ended it. */
  async exit(milliseconds = 15_000): Promise<number | NodeJS.Signals | null> {
    try {
      return await within(`${this.#name} to end`, this.#exited, milliseconds);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n--- output\n${this.output}--- errors\n${this.errors}`);
    }
  }
}

/** Starts `rtm …`. */
export function rtm(args: readonly string[], env?: NodeJS.ProcessEnv): Program {
  return new Program(process.execPath, [main, ...args], env);
}

/** A development server in a process of its own, and the environment with which other programs find it. */
export async function startServerProcess(more: readonly string[] = []) {
  const server = rtm(['server', '--host', '127.0.0.1', '--port', '0', ...more]);
  const [, endpoints = ''] = await server.shows(/export RTM_ENDPOINTS='?([^'\n]+)/);
  const [, appId = ''] = await server.shows(/export RTM_APP_ID=(\w{32})\n/);
  const [, appCertificate = ''] = await server.shows(/export RTM_APP_CERTIFICATE=(\w{32})\n/);
  return {
    server,
    endpoints,
    appId,
    appCertificate,
    env: { RTM_ENDPOINTS: endpoints, RTM_APP_ID: appId, RTM_APP_CERTIFICATE: appCertificate },
  };
}

// What the scripts share: they run programs that end with the script, and compare the ages of files.
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
export const inRoot = (...parts) => join(root, ...parts);
export const inCI = process.env.CI === 'true' || process.env.CI === '1';

const running = new Set();

function killGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended already.
  }
}

// Some programs, such as ninja, put their children into process groups of their own, which only the program itself can end.
// So each program is asked to end before it is killed.
const politeMs = 1500;
let stopping;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    stopping = 128 + osConstants.signals[signal];
    if (running.size === 0) process.exit(stopping);
    for (const pid of running) killGroup(pid, 'SIGTERM');
    setTimeout(() => process.exit(stopping), politeMs);
  });
}
process.on('exit', () => {
  for (const pid of running) killGroup(pid, 'SIGKILL');
});

/** A command that gives way to others: at a niceness, and so that the kernel's grouping by session does not undo it. */
function giveWay(niceness, command, args) {
  const script = 'echo "$0" 2>/dev/null >/proc/self/autogroup; exec nice -n "$0" "$@"';
  return { program: 'sh', programArgs: ['-c', script, String(niceness), command, ...args] };
}

/**
 * Runs a program in a process group of its own, which is ended with it: no test may leave a server behind.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, timeout?: number, capture?: boolean,
 *   onOutput?: (text: string) => void, niceness?: number }} options timeout in seconds; capture keeps the output instead
 *   of showing it; onOutput is given each piece of a captured output as it comes; niceness above 0 lets other programs
 *   have the processor first
 * @returns {Promise<{ ok: boolean, code: number | null, output: string, timedOut: boolean }>}
 */
export function run(command, args, options = {}) {
  const { cwd = root, env = {}, timeout = 0, capture = false, onOutput, niceness = 0 } = options;
  return new Promise((resolve) => {
    if (stopping !== undefined) {
      resolve({ ok: false, code: null, output: 'interrupted', timedOut: false });
      return;
    }
    const { program, programArgs } =
      niceness > 0 ? giveWay(niceness, command, args) : { program: command, programArgs: args };
    const child = spawn(program, programArgs, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', capture ? 'pipe' : 'inherit', capture ? 'pipe' : 'inherit'],
      detached: true,
    });
    const { pid } = child;
    let output = '';
    let timedOut = false;
    let timer;
    const report = (text) => (onOutput === undefined ? console.error(text) : onOutput(`${text}\n`));
    if (pid !== undefined) running.add(pid);
    if (timeout > 0 && pid !== undefined) {
      timer = setTimeout(() => {
        timedOut = true;
        report(`${command}: stopped after ${timeout} s`);
        killGroup(pid, 'SIGTERM');
        timer = setTimeout(() => killGroup(pid, 'SIGKILL'), politeMs);
      }, timeout * 1000);
    }
    const collect = (text) => {
      output += text;
      onOutput?.(text);
    };
    child.stdout?.setEncoding('utf8').on('data', collect);
    child.stderr?.setEncoding('utf8').on('data', collect);
    child.on('exit', (code) => {
      clearTimeout(timer);
      // A grandchild that left the group may hold the pipes open; its output is no longer waited for then.
      setTimeout(() => resolve({ ok: code === 0, code, output, timedOut }), politeMs).unref();
      if (pid === undefined) return;
      killGroup(pid, 'SIGKILL');
      running.delete(pid);
      if (stopping !== undefined && running.size === 0) process.exit(stopping);
    });
    child.on('error', (error) => {
      onOutput?.(`${command}: ${error.message}\n`);
      resolve({ ok: false, code: null, output: `${command}: ${error.message}`, timedOut });
    });
    child.on('close', (code) => resolve({ ok: code === 0, code, output, timedOut }));
  });
}

/** The path of a program on the PATH, or undefined. */
export function which(program) {
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(dir, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // The program is not in this folder.
    }
  }
  return undefined;
}

/** Every file below the given files and folders, relative to the root. A path that does not exist has no files. */
export function filesBelow(...paths) {
  const found = [];
  for (const path of paths) {
    const full = inRoot(path);
    if (!existsSync(full)) continue;
    if (!statSync(full).isDirectory()) {
      found.push(path);
      continue;
    }
    for (const entry of readdirSync(full, { withFileTypes: true })) {
      const below = join(path, entry.name);
      if (entry.isDirectory()) found.push(...filesBelow(below));
      else if (entry.isFile()) found.push(below);
    }
  }
  return found;
}

/** True when `product` is missing or older than one of the files below `sources`. */
export function isStale(product, ...sources) {
  if (!existsSync(inRoot(product))) return true;
  const made = statSync(inRoot(product)).mtimeMs;
  return filesBelow(...sources).some((file) => statSync(inRoot(file)).mtimeMs > made);
}

const started = performance.now();

/** Time since the script began, as m:ss. */
export function elapsed(since = started) {
  const seconds = Math.round((performance.now() - since) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Prints a heading with the time so far. */
export function heading(text) {
  console.log(`\n=== ${text} [${elapsed()}]`);
}

// The processes of a benchmark. Each process plays a role, answers requests by name, and ends on request.
//
// parent → child: { do: name, ...arguments }    child → parent: { did: name, ...results } | { failed: text }
import { execFileSync, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PATIENCE_MS = 180_000;
const END_MS = 5_000;

/** The first core that this process may use. */
function firstCore() {
  return /^Cpus_allowed_list:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
}

/** A child process that runs `roles/<name>.mjs`, or the program at `at`, and answers requests. */
export class Role {
  #name;
  #child;
  #waiting = [];

  constructor(name, pinned = false, at = new URL(`../roles/${name}.mjs`, import.meta.url)) {
    this.#name = name;
    const file = fileURLToPath(at);
    const execArgv = process.env.RTM_BENCH_NODE_OPTIONS?.split(' ') ?? [];
    this.#child = fork(file, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], execArgv });
    // Immediately, so that the child's own threads and processes run on the same core.
    if (pinned) execFileSync('taskset', ['-a', '-p', '-c', firstCore(), String(this.#child.pid)], { stdio: 'ignore' });
    this.#child.on('message', (message) => this.#settle(message));
    this.#child.on('exit', (code, signal) => this.#settle({ failed: `the ${name} ended (${signal ?? code})` }));
  }

  get pid() {
    return this.#child.pid;
  }

  /** Rejects with the child's error, and also if the child ends or does not answer. */
  ask(name, args = {}, patience = PATIENCE_MS) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#settle({ failed: `the ${this.#name} did not answer "${name}" within ${patience / 1000} s` });
      }, patience);
      this.#waiting.push({ resolve, reject, timer });
      this.#child.send({ do: name, ...args }, (error) => {
        if (error !== null) this.#settle({ failed: `the ${this.#name} is gone: ${error.message}` });
      });
    });
  }

  /** Ends the process, by force if necessary. Resolves when the process has ended. */
  end() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const force = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
      this.#child.once('exit', () => {
        clearTimeout(force);
        resolve();
      });
      if (this.#child.connected) this.#child.disconnect();
    });
  }

  #settle(message) {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    if (message.failed !== undefined) waiting.reject(new Error(message.failed));
    else waiting.resolve(message);
  }
}

/** In a child: answers the parent's requests with `handlers`. `end` runs before the process ends. */
export function play(handlers, end = () => {}) {
  process.on('message', async (message) => {
    let answer;
    try {
      answer = { did: message.do, ...(await handlers[message.do](message)) };
    } catch (error) {
      answer = { failed: error.message ?? String(error) };
    }
    if (process.connected) process.send(answer);
  });
  process.on('disconnect', async () => {
    try {
      await end();
    } finally {
      process.exit(0);
    }
  });
}

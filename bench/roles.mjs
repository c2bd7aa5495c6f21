// Processes of a benchmark: each plays roles, tells the parent what it measured, and ends when told to.
//
// parent → child: { do: name, ...arguments }    child → parent: { did: name, ...results } | { failed: text }
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A child process that runs `file` (beside this one) and is asked things by name. */
export class Role {
  #child;
  #waiting = [];

  constructor(file) {
    this.#child = fork(fileURLToPath(new URL(file, import.meta.url)), [], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (message) => this.#settle(message));
    this.#child.on('exit', (code, signal) =>
      this.#settle({ failed: `the process of ${file} ended (${signal ?? code})` }),
    );
  }

  ask(name, args = {}) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ name, resolve, reject });
      this.#child.send({ do: name, ...args });
    });
  }

  /** Ends the process; resolves when it is gone. */
  end() {
    this.#child.removeAllListeners('exit');
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    return gone;
  }

  #settle(message) {
    const waiting = this.#waiting.shift();
    if (message.failed !== undefined) waiting?.reject(new Error(message.failed));
    else waiting?.resolve(message);
  }
}

/** In a child: answers the parent's questions by `handlers`. */
export function play(handlers) {
  process.on('message', async (message) => {
    try {
      process.send({ did: message.do, ...(await handlers[message.do](message)) });
    } catch (error) {
      process.send({ failed: `${message.do}: ${error.stack ?? error}` });
    }
  });
  process.on('disconnect', () => process.exit(0));
}

/** CPU seconds of this process, user and system, since `from`. */
export function cpuSeconds(from) {
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1e6;
}

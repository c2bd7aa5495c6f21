import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fixture } from '../../lifecycle/child.js';

export interface StoreProcessOptions {
  readonly program?: string;
  readonly before?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs store-child.mjs and reads its output. */
export class StoreProcess {
  readonly child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(folder: string, program: string, options: StoreProcessOptions = {}) {
    const script = fixture('../../integration/durable/store-child.mjs');
    const command = [...(options.before ?? []), process.execPath, script, folder, program];
    this.child = spawn(options.program ?? (command.shift() as string), command, {
      stdio: ['pipe', 'pipe', 'ignore'], // LMDB reports every failed write on stderr
      env: { ...process.env, ...options.env },
    });
    if (this.child.stdout === null) throw new Error('no stdout');
    this.#lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  /** What it says next, log lines apart; undefined at its end. */
  // biome-ignore lint/suspicious/noExplicitAny: what a child of this folder says
  async next(logs: string[] = []): Promise<any> {
    for (;;) {
      const { done, value } = await this.#lines.next();
      if (done) return undefined;
      const said = JSON.parse(value);
      if (said.log === undefined) return said;
      logs.push(said.log);
    }
  }

  tell(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  async kill(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  async end(): Promise<void> {
    const gone = this.child.exitCode === null ? once(this.child, 'exit') : undefined;
    this.child.stdin?.end();
    await gone;
  }
}

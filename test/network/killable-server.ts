import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RtmServerOptions, RtmServerStats } from 'rtm-native';
import { fixture } from '../lifecycle/child.js';

/** A certificate that stays the same over restarts, as a server in production has one. */
export function makeIdentity(): { cert: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'rtm-identity-'));
  try {
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    const how = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=server.test',
    ];
    execFileSync('openssl', [...how, '-keyout', key, '-out', cert, '-days', '2'], { stdio: 'ignore' });
    return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A server that can be killed without a word and started again at the same place. */
export class KillableServer {
  connectString = '';
  readonly #options: Partial<RtmServerOptions>;
  readonly #env: Record<string, string>;
  readonly #tls = makeIdentity();
  #port = 0;
  #child: ChildProcess | undefined;

  get port(): number {
    return this.#port;
  }

  /** `env`: more of the environment of its process. */
  constructor(options: Partial<RtmServerOptions>, env: Record<string, string> = {}) {
    this.#options = options;
    this.#env = env;
  }

  async start(): Promise<void> {
    const options = { host: '127.0.0.1', ...this.#options, port: this.#port, tls: this.#tls };
    this.#child = fork(fixture('../../network/fixtures/server.mjs'), [JSON.stringify(options)], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...process.env, ...this.#env },
    });
    const [said] = await once(this.#child, 'message');
    this.connectString = said.ready.replace('server.test', '127.0.0.1');
    this.#port = said.port;
  }

  async stats(): Promise<RtmServerStats> {
    this.#child?.send('stats');
    const [said] = await once(this.#child as ChildProcess, 'message');
    return said.stats;
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}

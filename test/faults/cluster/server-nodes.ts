// Nodes of a cluster, each `rtm server --engine …` in a process of its own that can be killed, stopped and started again.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoginOptions, RtmClient } from 'rtm-native';
import { freePort } from '../../fixtures/redis.js';
import { type Program, rtm } from '../../integration/cli-process.js';
import { makeIdentity } from '../../network/killable-server.js';

export const appId = '0123456789abcdef0123456789abcdef';

/** One node. It has the same port, name and certificate whenever it is started. */
export class ServerNode {
  endpoint = '';
  #program: Program | undefined;
  #adminUrl = '';

  constructor(
    private readonly args: readonly string[],
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  async start(): Promise<void> {
    const program = rtm(['server', ...this.args], this.env);
    this.#program = program;
    await program.shows(/Ctrl-C stops/, 30_000);
    this.endpoint = (/connect +(\S+)/.exec(program.output)?.[1] ?? '').replace('server.test', '127.0.0.1');
    this.#adminUrl = /admin +(http:\/\/[^/]+)/.exec(program.output)?.[1] ?? '';
  }

  /** The log of the process. */
  get log(): string {
    return this.#program?.errors ?? '';
  }

  /** kill -9: the node tells nobody. */
  async kill(): Promise<void> {
    this.#program?.signal('SIGKILL');
    await this.#program?.exit();
  }

  /** The operator's stop: the node sends its clients away, then ends. */
  async stop(): Promise<number | NodeJS.Signals | null> {
    this.#program?.signal('SIGTERM');
    return (await this.#program?.exit(30_000)) ?? null;
  }

  /** The value of a metric without labels. */
  async metric(name: string): Promise<number> {
    const page = await (await fetch(`${this.#adminUrl}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(page)?.[1] ?? Number.NaN);
  }
}

export class ServerNodes {
  readonly nodes: ServerNode[] = [];
  readonly clients = new Set<RtmClient>();
  readonly #folder = mkdtempSync(join(tmpdir(), 'rtm-nodes-'));

  /** One node for each of `engines`, which are URLs of the same Redis. */
  static async start(engines: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<ServerNodes> {
    const all = new ServerNodes();
    const { cert, key } = makeIdentity();
    const [certFile, keyFile] = ['cert', 'key'].map((name) => join(all.#folder, `${name}.pem`)) as [string, string];
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
    for (const [index, engine] of engines.entries()) {
      const port = String(await freePort());
      const where = ['--host', '127.0.0.1', '--port', port, '--cert', certFile, '--key', keyFile, '--admin', '0'];
      const what = ['--app', appId, '--limits', 'off', '--engine', engine, '--node-id', `node${index}`];
      all.nodes.push(new ServerNode([...where, ...what], env));
    }
    await Promise.all(all.nodes.map((node) => node.start()));
    return all;
  }

  /** The endpoints of all nodes, that of `first` before the others, which is where a client goes. */
  endpoints(first: number): string[] {
    return this.nodes.map((_, index) => (this.nodes[(first + index) % this.nodes.length] as ServerNode).endpoint);
  }

  /** Logs a user in on a node; it knows the others as well. */
  async login(userId: string, node: number, options: Partial<LoginOptions> = {}): Promise<RtmClient> {
    const common = { appId, userId, endpoints: this.endpoints(node), timeout: 30_000 };
    const client = await RtmClient.login({ ...common, ...options });
    this.clients.add(client);
    return client;
  }

  async end(): Promise<void> {
    const all = [...this.clients];
    await Promise.all(all.map((client) => client.logout({ timeout: 3000 }).catch(() => {})));
    await Promise.all(this.nodes.map((node) => node.kill()));
    rmSync(this.#folder, { recursive: true });
  }
}

/** Does `work` for each item, a bounded number at a time. */
export async function abreast<T>(all: readonly T[], count: number, work: (each: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < all.length) await work(all[next++] as T);
  };
  await Promise.all(Array.from({ length: count }, lane));
}

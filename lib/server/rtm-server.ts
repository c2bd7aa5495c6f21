import { invalidArgType, invalidArgValue } from '../errors.js';
import { loadAddon } from '../native/load.js';
import { runtime } from '../native/runtime.js';
import { packageVersion } from '../version.js';
import { makeClusterNode } from './cluster-node.js';
import {
  banEnd,
  checkDrainOptions,
  checkId,
  checkUsageOptions,
  type RtmServerBanOptions,
  type RtmServerDrainOptions,
  type RtmServerUsageOptions,
} from './commands/command-options.js';
import { AdminListener } from './http/admin-listener.js';
import { Health } from './http/health.js';
import { checkServerOptions, checkTlsPair, connectHost } from './options/check-options.js';
import type { CheckedServerOptions } from './options/checked-options.js';
import { checkRules } from './options/rules.js';
import type { RtmServerOptions, RtmServerRule, RtmServerTls } from './options/server-options.js';
import { ServerCore, type ServerCoreOptions } from './server-core.js';
import { Latencies } from './stats/latencies.js';
import { type RtmServerStats, unpackStats } from './stats/stats.js';
import type { RtmServerUsage } from './stats/usage.js';
import { LmdbStore } from './storage/lmdb/lmdb-store.js';

/**
 * A server in this process. Its work is done by threads of its own, so that a busy event loop does not slow it down.
 *
 * ```ts
 * await using server = await RtmServer.start({ port: 0, apps: [{ appId, certificate }] });
 * console.log(server.connectString);
 * ```
 *
 * A running server keeps the process alive; see {@link unref}.
 */
export class RtmServer {
  readonly #core: ServerCore;
  readonly #host: string;
  readonly #udp: boolean;
  readonly #appIds: readonly string[];

  readonly #nodeId: string | undefined;
  readonly #health: Health;
  readonly #admin: AdminListener | undefined;
  #closed: Promise<void> | undefined;

  private constructor(
    core: ServerCore,
    { host, apps, flags }: CheckedServerOptions,
    health: Health,
    admin: AdminListener | undefined,
    nodeId: string | undefined,
  ) {
    this.#core = core;
    this.#host = host;
    this.#udp = flags['udp'] === true;
    this.#appIds = apps.map(({ appId }) => appId);
    this.#health = health;
    this.#admin = admin;
    this.#nodeId = nodeId;
  }

  /**
   * Starts a server; resolves when it accepts connections.
   *
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` or `ERR_RTM_INVALID_ARG_VALUE`, as a rejection, for a bad option
   * @throws RtmError `ERR_RTM_SERVER_START`, as a rejection, if it cannot listen, cannot use the certificate, or cannot
   * use `data` or `engine`: then it says what it found there and what to do
   */
  static async start(options: RtmServerOptions): Promise<RtmServer> {
    const checked = checkServerOptions(options);
    const { admin: address, adminAccess, data, cluster, ...given } = checked;
    const health = new Health();
    const latencies = new Latencies();
    let core: ServerCore | undefined;
    let nodeId: string | undefined;
    const source = {
      version: packageVersion,
      stats: () => core?.stats() ?? unpackStats(),
      usage: (users: number) => core?.usage(users),
      ready: () => health.ready,
      engineLatencies: () => latencies.all(),
    };
    const admin = address && (await AdminListener.listen(address, adminAccess, health, source));
    try {
      const node = cluster && (await makeClusterNode(cluster, given, latencies));
      nodeId = node?.nodeId;
      const onSuspended = (now: boolean) => health.report('engine', now ? 'cut off from Redis' : undefined);
      const whole = { ...given, clusterEngine: node?.engine ?? given.clusterEngine, onSuspended };
      core = await ServerCore.start(runtime(), data === undefined ? whole : await withData(data, whole));
    } catch (error) {
      await admin?.close();
      throw error;
    }
    health.phase = 'running';
    return new RtmServer(core, checked, health, admin, nodeId);
  }

  /** Port it listens on. */
  get port(): number {
    return this.#core.port;
  }

  /**
   * SHA-256 of the certificate in lower-case hex, to be pinned by clients; empty without TLS. Another one after
   * {@link reloadCertificate}.
   */
  get fingerprint(): string {
    return this.#core.fingerprint;
  }

  /**
   * What a client on this machine needs to reach the server, such as `rtms://127.0.0.1:9136#sha256=…`, with `&udp=on` if
   * the server takes UDP. For other machines replace the host, unless one was given to {@link start}.
   */
  get connectString(): string {
    const { port, fingerprint } = this.#core;
    const address = `${connectHost(this.#host)}:${port}`;
    if (fingerprint === '') return `rtm://${address}`;
    return `rtms://${address}#sha256=${fingerprint}${this.#udp ? '&udp=on' : ''}`;
  }

  /** Where health checks and metrics are served, such as `http://127.0.0.1:9137`; undefined without that option. */
  get adminUrl(): string | undefined {
    return this.#admin?.url;
  }

  /** The name of this node of a cluster; undefined without `engine`. */
  get nodeId(): string | undefined {
    return this.#nodeId;
  }

  /** True until {@link close} is called. */
  get listening(): boolean {
    return this.#core.listening;
  }

  /** The present numbers, or the last ones after the server has closed. */
  stats(): RtmServerStats {
    return this.#core.stats();
  }

  /**
   * Who takes how much memory: the Apps, and the largest users. Looks at the account of each user, which takes a
   * millisecond or so for each 10,000; for people, not for each second.
   *
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` or `ERR_RTM_INVALID_ARG_VALUE` for a bad option
   */
  usage(options: RtmServerUsageOptions = {}): RtmServerUsage {
    return this.#core.usage(checkUsageOptions(options));
  }

  /**
   * Refuses a user and ends its login, in whatever phase it is: a client that is logged in, or has lost its link, gets
   * ABORTED with the reason BANNED_BY_SERVER; a client that is logging in fails with NOT_AUTHORIZED. Bans are kept in
   * memory: a server that starts knows none. (docs/spec/connection.md §1)
   *
   * @returns whether a login was ended
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` or `ERR_RTM_INVALID_ARG_VALUE`, as a rejection, as all commands about
   * users do
   * @throws RtmError `ERR_RTM_CLOSED`, as a rejection
   */
  async ban(appId: string, userId: string, options: RtmServerBanOptions = {}): Promise<boolean> {
    return this.#core.ban(this.#checkApp(appId), checkId(userId, 'userId'), banEnd(options));
  }

  /** Lets a banned user log in again, and does nothing if it was not banned. Throws what {@link ban} rejects with. */
  unban(appId: string, userId: string): void {
    this.#core.unban(this.#checkApp(appId), checkId(userId, 'userId'));
  }

  /**
   * Ends the login of a user, which may log in again at once. Its client gets ABORTED with the reason BANNED_BY_SERVER,
   * the one of the SDK's reasons that says that a server did it. (docs/spec/connection.md §1)
   *
   * @returns whether there was a login
   */
  async disconnect(appId: string, userId: string): Promise<boolean> {
    return this.#core.disconnect(this.#checkApp(appId), checkId(userId, 'userId'));
  }

  /**
   * Puts a user out of a channel: its client hears that it left with the code KICKED, at once or when its link is back;
   * the other members hear that it left. It may join again. (docs/spec/semantics.md §4)
   *
   * @returns whether the user was a member
   */
  async kickFromChannel(appId: string, channelId: string, userId: string): Promise<boolean> {
    const app = this.#checkApp(appId);
    return this.#core.kickFromChannel(app, checkId(channelId, 'channelId'), checkId(userId, 'userId'));
  }

  /**
   * Replaces the rules of an App ID; no rules allow everything. New rules count at once. Then the sessions that exist
   * are looked at, without a standstill for anybody: the login of a user who may not log in any more ends with
   * BANNED_BY_SERVER, and a member who may not join any more hears that it left with the code KICKED. Resolves when
   * that is done on this server; in a cluster each node has its own rules. (docs/configuration.md, Rules)
   *
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` or `ERR_RTM_INVALID_ARG_VALUE`, as a rejection, with the place of what
   * is wrong; then the old rules stay in use
   */
  async setRules(appId: string, rules: readonly RtmServerRule[]): Promise<void> {
    await this.#core.setRules(this.#checkApp(appId), checkRules(rules, 'rules'));
  }

  /**
   * Replaces the certificate without a restart: connections stay as they are, new ones see the new certificate.
   *
   * @throws RtmError `ERR_RTM_SERVER_CERTIFICATE` if certificate and key cannot be read or do not belong together, or
   * the server has no encryption; then the old certificate stays in use
   */
  reloadCertificate(tls: RtmServerTls): void {
    const { certificatePem, keyPem } = checkTlsPair(tls, 'tls');
    this.#core.reloadCertificate(certificatePem, keyPem);
  }

  /**
   * Sends all clients away and lets nobody log in any more; resolves when they are gone, which takes up to 2 s longer
   * than `overMs`. The clients go to the `endpoints` that they trust by their own configuration (a pin that they know,
   * such as the pin of a shared certificate, or a CA that they rely on), log in there, and restore what they had
   * (channels, attributes, subscriptions); their programs see at most RECONNECTING and CONNECTED. Sends that this
   * server has taken are answered first, the others are made at the new server: none fails for the move, unless its
   * receiver is not there yet. Of a node of a cluster the sessions themselves go on at other nodes; it waits up to 3 s
   * more until they have. The server still runs: {@link close} it. A second call waits for the first.
   *
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` or `ERR_RTM_INVALID_ARG_VALUE`, as a rejection, for a bad option
   */
  async drain(options: RtmServerDrainOptions = {}): Promise<void> {
    const { endpoints, overMs } = checkDrainOptions(options);
    const gone = this.#core.drain(endpoints, overMs);
    if (this.listening) this.#health.phase = 'draining';
    await gone;
  }

  /**
   * Tells all clients, closes all connections and ends the threads. Resolves when that is done. May be called again.
   * With `data`, messages that are flagged for the store and not acknowledged by their receivers are stored before.
   */
  close(): Promise<void> {
    this.#health.phase = 'closed';
    this.#closed ??= this.#core.close().then(() => this.#admin?.close());
    return this.#closed;
  }

  /** Closes the server at the end of an `await using` block, as `close()` does. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Lets the running server keep the process alive again, as it does from the start. */
  ref(): this {
    this.#core.setReferenced(true);
    this.#admin?.setReferenced(true);
    return this;
  }

  /** The process may end although the server runs. */
  unref(): this {
    this.#core.setReferenced(false);
    this.#admin?.setReferenced(false);
    return this;
  }

  #checkApp(appId: unknown): string {
    if (typeof appId !== 'string') throw invalidArgType('appId', 'a string', appId);
    if (!this.#appIds.includes(appId))
      throw invalidArgValue('appId', 'one of the apps of this server', JSON.stringify(appId));
    return appId;
  }
}

/** The options with the store of a data directory, and with media bodies beside it. */
async function withData(data: string, options: ServerCoreOptions): Promise<ServerCoreOptions> {
  const { apps, groups, logSink, mediaFolder } = options;
  const store = await LmdbStore.open(data, {
    tryLock: loadAddon().tryLock,
    retention: groups['retention'],
    appIds: apps.map(({ appId }) => appId),
    log: logSink,
  });
  return { ...options, store, mediaFolder: mediaFolder || store.mediaPath };
}

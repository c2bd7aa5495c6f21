import { runtime } from '../runtime.js';
import { ServerCore } from './server-core.js';
import { checkServerOptions, connectHost, type RtmServerOptions } from './server-options.js';

/** Numbers of a running server. All but the first three count since the start. */
export interface RtmServerStats {
  /** Connections open now. */
  readonly connections: number;
  /** Users logged in now, including those whose link is lost for less than the grace time. */
  readonly sessions: number;
  /** Channels with at least one member now. */
  readonly channels: number;
  readonly logins: number;
  readonly loginFailures: number;
  /** Sessions continued over a new connection. */
  readonly resumes: number;
  /** Sessions ended by a login of the same user elsewhere. */
  readonly kicks: number;
  /** Messages received from clients. */
  readonly messagesIn: number;
  /** Deliveries to clients. */
  readonly messagesOut: number;
  /** Connections closed for what they sent. */
  readonly malformed: number;
  /** Connections closed because they did not read fast enough. */
  readonly slowConsumers: number;
}

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

  private constructor(core: ServerCore, host: string) {
    this.#core = core;
    this.#host = host;
  }

  /**
   * Starts a server; resolves when it accepts connections.
   *
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` or `ERR_RTM_INVALID_ARG_VALUE`, as a rejection, for a bad option
   * @throws RtmError `ERR_RTM_SERVER_START` if it cannot listen or cannot use the certificate
   */
  static async start(options: RtmServerOptions): Promise<RtmServer> {
    const checked = checkServerOptions(options);
    const core = await ServerCore.start(runtime(), checked);
    return new RtmServer(core, checked.host);
  }

  /** Port it listens on. */
  get port(): number {
    return this.#core.port;
  }

  /** SHA-256 of the certificate in lower-case hex, to be pinned by clients; empty without TLS. */
  get fingerprint(): string {
    return this.#core.fingerprint;
  }

  /**
   * What a client on this machine needs to reach the server, such as `rtms://127.0.0.1:9136#sha256=…`. For other
   * machines replace the host, unless one was given to {@link start}.
   */
  get connectString(): string {
    const { port, fingerprint } = this.#core;
    const address = `${connectHost(this.#host)}:${port}`;
    return fingerprint === '' ? `rtm://${address}` : `rtms://${address}#sha256=${fingerprint}`;
  }

  /** True until {@link close} is called. */
  get listening(): boolean {
    return this.#core.listening;
  }

  /** Present numbers; the last ones once it is closed. */
  stats(): RtmServerStats {
    return this.#core.stats();
  }

  /** Tells all clients, closes all connections and ends the threads. Resolves when that is done. May be called again. */
  close(): Promise<void> {
    return this.#core.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#core.close();
  }

  /** Lets the running server keep the process alive again, as it does from the start. */
  ref(): this {
    this.#core.setReferenced(true);
    return this;
  }

  /** The process may end although the server runs. */
  unref(): this {
    this.#core.setReferenced(false);
    return this;
  }
}

import type { NativeServerOptions } from '../../native/environment.js';
import type { Engine } from '../cluster/engine.js';
import type { AdminAddress } from '../http/admin-listener.js';
import type { MessageStore } from '../storage/message-store.js';
import type { ClusterOptions } from './cluster-options.js';
import type { RtmServerLimits, RtmServerMedia, RtmServerSettings } from './setting-types.js';
import type { GroupName } from './settings.js';

export type * from './setting-types.js';

/** One project of a server: its users and channels are invisible to all others. */
export interface RtmServerApp {
  /** App ID: 32 hexadecimal characters. */
  readonly appId: string;
  /**
   * App certificates that tokens may be signed with, 32 hexadecimal characters each: the current one first, then the
   * previous one while it is being replaced. None: anybody who knows the App ID may log in as anybody (static mode).
   */
  readonly certificates?: readonly string[] | undefined;
  /** Short for `certificates` with one entry. */
  readonly certificate?: string | undefined;
}

/** Certificate and key of a server. */
export interface RtmServerTls {
  /** Certificate chain, PEM. */
  readonly cert: string;
  /** Private key, PEM. */
  readonly key: string;
}

/** Takes one line of the server's log. Lines hold no payloads and no tokens. */
export type ServerLog = (level: 'debug' | 'info' | 'warning' | 'error' | 'critical', line: string) => void;

/** What {@link RtmServer.start} needs to know. */
export interface RtmServerOptions extends RtmServerSettings {
  /**
   * Address to listen on: an IP address, or a name of this machine.
   *
   * @defaultValue `::`, all addresses of both families
   */
  readonly host?: string | undefined;
  /** The projects served; at least one. */
  readonly apps: readonly RtmServerApp[];
  /**
   * Certificate and key. `true`: the server makes a self-signed certificate, which clients pin by the connect string.
   * `false`: no encryption, for tests only.
   *
   * @defaultValue true
   */
  readonly tls?: RtmServerTls | boolean | undefined;
  /** Regions that this server belongs to: a bit set of `RTM_AREA_CODE`; 0 is every region. */
  readonly area?: number | undefined;
  /**
   * What clients may do, enforced on both sides.
   *
   * @defaultValue 'sdk'
   */
  readonly limits?: 'sdk' | 'off' | RtmServerLimits | undefined;
  /** Where the bodies of files and images lie, how many, and how long. They outlive the server if there is a `data`. */
  readonly media?:
    | (RtmServerMedia & {
        /**
         * A folder for this server alone; it is made if there is none, and, without `data`, emptied of bodies at the start
         * and at the end.
         *
         * @defaultValue the folder `media` in `data`; without that a private folder among the system's temporary files,
         * removed at the end
         */
        readonly folder?: string | undefined;
      })
    | undefined;
  /**
   * Lets every user query the whole history of its App ID. Otherwise a user sees what it sent or received itself, and the
   * channels it is in.
   *
   * @defaultValue false
   */
  readonly historyOpen?: boolean | undefined;
  /**
   * A folder for what shall outlive a restart: offline messages, history, and the bodies of files and images. It is made
   * if there is none; one server at a time uses it. What is answered as stored is on its disk. Needs the npm package
   * `lmdb`.
   *
   * @defaultValue everything is kept in memory
   */
  readonly data?: string | undefined;
  /**
   * Redis or Valkey, 7.0 or newer, that the nodes of a cluster share: `redis://[user:password@]host:port[/database]`,
   * `rediss://` for TLS, more addresses behind commas, `?sentinel=name` for Sentinels. All nodes serve the same apps with
   * the same limits; clients may be on any of them. Not together with `data`. Needs the npm package `redis`.
   *
   * @defaultValue this process alone
   */
  readonly engine?: string | undefined;
  /**
   * With `engine`: the name of this node, 1 to 64 of `A-Z a-z 0-9 _ -`, different on each. A node that starts while
   * another of its name lives is refused.
   *
   * @defaultValue the host's name and a random part, anew at each start
   */
  readonly nodeId?: string | undefined;
  /**
   * Address of health checks and metrics over HTTP (`/healthz`, `/readyz`, `/metrics`): `host:port`, or a port of
   * 127.0.0.1; port 0 lets the system choose one, see {@link RtmServer.adminUrl}. There is no authentication.
   *
   * @defaultValue none
   */
  readonly admin?: string | undefined;
  /** Receives the lines of the server's log. */
  readonly log?: ServerLog | undefined;
  /**
   * Keeps messages and the records of media in the place of the server's memory. The server closes it, started or not.
   *
   * @internal
   */
  readonly store?: MessageStore | undefined;
  /**
   * State shared with other servers. The server starts and closes it.
   *
   * @internal
   */
  readonly clusterEngine?: Engine | undefined;
}

/** The checked options: those for the core, and those that stay in JavaScript. */
export interface CheckedServerOptions extends Omit<NativeServerOptions, 'store' | 'engine'> {
  groups: Record<GroupName, Record<string, number>>;
  logSink: ServerLog | undefined;
  admin: AdminAddress | undefined;
  store: MessageStore | undefined;
  /** The data directory. */
  data: string | undefined;
  cluster: ClusterOptions | undefined;
  clusterEngine: Engine | undefined;
}

import type { LogLevelName } from '../../log-levels.js';
import type { Engine } from '../cluster/engine.js';
import type { MessageStore } from '../storage/message-store.js';
import type { RtmServerAuthorize, RtmServerCallout } from './callout-options.js';
import type { RtmServerAction } from './rule-actions.js';
import type { RtmServerAdmission, RtmServerLimits, RtmServerMedia, RtmServerSettings } from './setting-types.js';

export type {
  RtmServerAuthorize,
  RtmServerAuthorizeAnswer,
  RtmServerAuthorizeRequest,
  RtmServerCallout,
} from './callout-options.js';
export type { RtmServerAction, RtmServerCalloutEvent } from './rule-actions.js';
export type * from './setting-types.js';

/**
 * A rule of what users may do. It concerns a request if all of its lists do; a list that is left out, or empty, concerns
 * every request. In a pattern `*` stands for any run of characters, and `/me` for the id of the user who asks.
 * (docs/configuration.md, Rules)
 */
export interface RtmServerRule {
  /** Actions that are allowed; either this or `deny`. */
  readonly allow?: readonly RtmServerAction[] | undefined;
  /** Actions that are denied. */
  readonly deny?: readonly RtmServerAction[] | undefined;
  /** Patterns of the channel that an action is done to. */
  readonly channels?: readonly string[] | undefined;
  /** Patterns of the user who asks. */
  readonly users?: readonly string[] | undefined;
  /** Patterns of the user that an action is done to. */
  readonly to?: readonly string[] | undefined;
  /** The user who asks has one of these roles. */
  readonly roles?: readonly string[] | undefined;
}

/** One project of a server. Its users and channels are invisible to all other projects. */
export interface RtmServerApp {
  /** App ID: 32 hexadecimal characters. */
  readonly appId: string;
  /**
   * App certificates that sign tokens, 32 hexadecimal characters each: the current one first, then the previous one
   * while it is being replaced. Without a certificate, anybody who knows the App ID may log in as any user (static
   * mode).
   */
  readonly certificates?: readonly string[] | undefined;
  /** Short for `certificates` with one entry. */
  readonly certificate?: string | undefined;
  /**
   * What its users may do, at most 256 rules. The first rule that concerns a request decides; if none does, the request
   * is allowed. See {@link RtmServer.setRules}.
   *
   * @defaultValue none: everything is allowed
   */
  readonly rules?: readonly RtmServerRule[] | undefined;
}

/** Certificate and key of a server. */
export interface RtmServerTls {
  /** Certificate chain, PEM. */
  readonly cert: string;
  /** Private key, PEM. */
  readonly key: string;
}

/** Takes one line of the server's log. Lines hold no payloads and no tokens. */
export type ServerLog = (level: LogLevelName, line: string) => void;

/** The options of {@link RtmServer.start}. */
export interface RtmServerOptions extends RtmServerSettings {
  /**
   * Address to listen on: an IP address, or a name of this machine.
   *
   * @defaultValue `::`, all addresses of both families
   */
  readonly host?: string | undefined;
  /** The projects of this server; at least one. */
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
   * Limits of sizes, numbers and call frequencies, which server and client both enforce.
   *
   * @defaultValue 'sdk'
   */
  readonly limits?: 'sdk' | 'off' | RtmServerLimits | undefined;
  /** Who may wait for a login, and how often an address may log in. */
  readonly admission?:
    | (RtmServerAdmission & {
        /**
         * Networks whose connections and logins are not counted by address, for example of a load balancer:
         * `192.0.2.0/24`, `192.0.2.7`, `2001:db8::/32`.
         *
         * @defaultValue none
         */
        readonly exempt?: readonly string[] | undefined;
      })
    | undefined;
  /**
   * Folder, size and lifetime of the bodies of files and images. Bodies outlive the server if it has `data`. `false`: no
   * files and images; uploads and downloads end as `UPLOAD_MEDIA_ERR_FAILURE` and `DOWNLOAD_MEDIA_ERR_FAILURE`, and there
   * is no folder. Bodies of before stay where they are.
   *
   * @defaultValue true
   */
  readonly media?:
    | boolean
    | (RtmServerMedia & {
        /**
         * A folder that only this server uses. The server makes a missing folder for the first upload. Without `data` it
         * removes all bodies at its start and at its end.
         *
         * @defaultValue the folder `media` in `data`; without `data` a private folder among the system's temporary files,
         * removed at the end
         */
        readonly folder?: string | undefined;
      })
    | undefined;
  /**
   * Decides about logins and joins, besides tokens and rules. It is asked when those have nothing against the user, and
   * runs in this process: a program that blocks its event loop blocks logins.
   *
   * @defaultValue none
   */
  readonly authorize?: RtmServerAuthorize | undefined;
  /** How `authorize` is asked; or, with `url`, which web server is asked in its place. */
  readonly callout?: RtmServerCallout | undefined;
  /**
   * The data directory, for the data that outlive a restart: offline messages, history, and the bodies of files and
   * images. The server makes a missing directory; one server at a time uses it. A message that is answered as stored is
   * on its disk. Needs the npm package `lmdb`.
   *
   * @defaultValue none: everything is in memory
   */
  readonly data?: string | undefined;
  /**
   * Redis or Valkey, 7.0 or newer, that the nodes of a cluster share: `redis://[user:password@]host:port[/database]`,
   * `rediss://` for TLS, more addresses behind commas, `?sentinel=name` for Sentinels. All nodes serve the same apps
   * with the same limits; a client may connect to any node. Not together with `data`. Needs the npm package `redis`.
   *
   * @defaultValue none: this process alone
   */
  readonly engine?: string | undefined;
  /**
   * With `engine`: the name of this node, 1 to 64 characters of `A-Z a-z 0-9 _ -`. Each node needs another name: a node
   * does not start while a live node has its name.
   *
   * @defaultValue the host's name and a random part, new at each start
   */
  readonly nodeId?: string | undefined;
  /**
   * Address of health checks and metrics over HTTP (`/healthz`, `/readyz`, `/metrics`): `host:port`, or a port of
   * 127.0.0.1; port 0 lets the system choose one, see {@link RtmServer.adminUrl}. There is no encryption, and
   * without `adminToken` no authentication.
   *
   * @defaultValue none
   */
  readonly admin?: string | undefined;
  /**
   * Host names by which a request may name the admin address, besides `localhost`, the host of `admin` and the address that
   * the connection came to. A request with another name is answered with 421.
   *
   * @defaultValue none
   */
  readonly adminHosts?: readonly string[] | undefined;
  /**
   * A token, 16 to 512 characters of `A-Z a-z 0-9 . _ ~ + / -`, that each request to the admin address must carry in the
   * header `Authorization: Bearer …`. A request without it is answered with 401.
   *
   * @defaultValue none
   */
  readonly adminToken?: string | undefined;
  /** Receives the lines of the server's log. */
  readonly log?: ServerLog | undefined;
  /**
   * A store for messages and the records of media, in the place of the server's memory. The server closes the store,
   * even if it does not start.
   *
   * @internal
   */
  readonly store?: MessageStore | undefined;
  /**
   * The state that this server shares with other ones. The server starts and closes it.
   *
   * @internal
   */
  readonly clusterEngine?: Engine | undefined;
  /**
   * Nothing but the server runs in this process, so that all of the memory of the process counts.
   *
   * @internal
   */
  readonly ownsProcess?: boolean | undefined;
}

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { ConnectionOptions } from 'node:tls';
import type { EngineLog } from '../directory.js';
import { completeSettings, type EngineSettings, type Given } from '../engine-settings.js';

/** Most attributes of one user or channel, most bytes of a value, and of all keys and values. */
export type AttributeSizes = EngineSettings['userAttributes'];

/** The settings of the server may be left out. The data plane checks the lengths of keys. */
export interface RedisEngineOptions extends Given<EngineSettings> {
  /**
   * `redis://[user:password@]host:port[/database]`, `rediss://` for TLS; more addresses of the same Redis Cluster or of
   * more Sentinels behind commas. With `?sentinel=name` the addresses are Sentinels that know the primary by that name.
   * Whether it is a Redis Cluster is found out.
   */
  readonly url: string;
  /** Password of the Sentinels, if they ask for one. The password of the URL is for the Redis behind them. */
  readonly sentinelPassword?: string;
  /** With `rediss://`: certificates and the like, as for `tls.connect`. */
  readonly tls?: ConnectionOptions;
  /** 1 to 64 of `A-Z a-z 0-9 _ -`, different on each node. Default: the host's name and a random part. */
  readonly nodeId?: string;
  /** The App IDs of the server, which share `offlineBytes`; fewer than two: all Apps together have all of it. */
  readonly appIds?: readonly string[];
  readonly heartbeatMs?: number;
  /**
   * An operation without an answer fails after this time: longer than a failover takes, shorter than clients wait (10
   * s).
   */
  readonly operationTimeoutMs?: number;
  /** How long a login waits for the node of the previous session to end it. */
  readonly overruleMs?: number;
  /** Clients that are sent away are asked to come again after this time. */
  readonly retryAfterMs?: number;
  /** Told how long each call of a script took, in milliseconds. */
  readonly observe?: (script: string, ms: number) => void;
  /** Lines for an operator, without payloads and tokens. */
  readonly log?: EngineLog;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

type Resolved = 'url' | 'tls' | 'sentinelPassword' | keyof EngineSettings;

export type Settings = EngineSettings &
  Required<Omit<RedisEngineOptions, Resolved>> & {
    readonly addresses: readonly Address[];
    readonly sentinel: string | undefined;
    readonly sentinelPassword: string | undefined;
    readonly tls: ConnectionOptions | undefined;
    readonly username: string | undefined;
    readonly password: string | undefined;
    readonly database: number;
  };

const EXAMPLE = 'for example redis://127.0.0.1:6379';

function parseOne(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Error(`engine: "${text.replace(/\/\/.*@/, '//…@')}" is not a URL; expected ${EXAMPLE}`);
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    throw new Error(`engine: the scheme is ${url.protocol}//, expected redis:// or rediss://`);
  }
  if (url.hostname === '') throw new Error(`engine: the URL names no host; expected ${EXAMPLE}`);
  return url;
}

/** The host's name and a random part. */
export function defaultNodeId(): string {
  const host = hostname()
    .replace(/[^\w-]/g, '-')
    .slice(0, 50);
  return `${host}-${randomBytes(4).toString('hex')}`;
}

/** Reads the options. Throws an error that says what is wrong with them. */
export function settingsOf(options: RedisEngineOptions): Settings {
  const [head = '', ...tail] = options.url.split(',').map((part) => part.trim());
  const first = parseOne(
    head.includes('?') || tail.length === 0 ? head : head + (/\?.*$/.exec(tail.at(-1) ?? '')?.[0] ?? ''),
  );
  const urls = [first, ...tail.map((part) => parseOne(part.includes('://') ? part : `${first.protocol}//${part}`))];
  const sentinel = first.searchParams.get('sentinel') ?? undefined;
  const nodeId = options.nodeId ?? defaultNodeId();
  if (!/^[\w-]{1,64}$/.test(nodeId)) {
    throw new Error(`nodeId: "${nodeId}", expected 1 to 64 of A-Z a-z 0-9 _ -`);
  }
  const database = first.pathname.length > 1 ? Number(first.pathname.slice(1)) : 0;
  if (!Number.isInteger(database) || database < 0) {
    throw new Error(`engine: the database is "${first.pathname.slice(1)}", expected a number`);
  }
  const settings = completeSettings(options);
  const { leaseMs } = settings;
  const heartbeatMs = options.heartbeatMs ?? Math.floor(leaseMs / 4);
  if (heartbeatMs * 2 > leaseMs)
    throw new Error(`leaseMs: ${leaseMs}, expected at least twice heartbeatMs (${heartbeatMs})`);
  return {
    ...settings,
    addresses: urls.map((url) => ({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || (sentinel === undefined ? 6379 : 26379)),
    })),
    sentinel,
    sentinelPassword: options.sentinelPassword,
    tls: first.protocol === 'rediss:' ? (options.tls ?? {}) : undefined,
    username: first.username === '' ? undefined : decodeURIComponent(first.username),
    password: first.password === '' ? undefined : decodeURIComponent(first.password),
    database,
    nodeId,
    appIds: options.appIds ?? [],
    heartbeatMs,
    operationTimeoutMs: options.operationTimeoutMs ?? 8000,
    overruleMs: options.overruleMs ?? 2000,
    retryAfterMs: options.retryAfterMs ?? 2000,
    observe: options.observe ?? (() => {}),
    log: options.log ?? (() => {}),
  };
}

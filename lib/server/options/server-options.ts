import { isIP } from 'node:net';
import { checkInteger, checkObject, checkString } from '../../checks.js';
import { describe, invalidArgType, invalidArgValue } from '../../errors.js';
import type { NativeServerOptions } from '../../native/environment.js';
import type { Engine } from '../cluster/engine.js';
import { type AdminAddress, readAdminAddress } from '../http/admin-listener.js';
import type { MessageStore } from '../storage/message-store.js';
import { type ClusterOptions, checkCluster } from './cluster-options.js';
import {
  LIMITS,
  MEDIA,
  NUMBERS,
  type NumberSetting,
  RATE_GROUPS,
  RETENTION,
  type RtmServerLimits,
  type RtmServerRateGroup,
  type RtmServerRetention,
  type RtmServerTimes,
  TIMES,
} from './settings.js';

export type {
  RtmServerLimits,
  RtmServerRate,
  RtmServerRateGroup,
  RtmServerRetention,
  RtmServerTimes,
} from './settings.js';

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
export interface RtmServerOptions {
  /**
   * Address to listen on: an IP address, or a name of this machine.
   *
   * @defaultValue `::`, all addresses of both families
   */
  readonly host?: string | undefined;
  /**
   * Port, 0 to 65535; 0 lets the system choose one, see {@link RtmServer.port}.
   *
   * @defaultValue 9136
   */
  readonly port?: number | undefined;
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
  /**
   * Threads that carry the connections, 1 to 64.
   *
   * @defaultValue 1
   */
  readonly loops?: number | undefined;
  /** Times in milliseconds that a test may want to shorten. */
  readonly times?: RtmServerTimes | undefined;
  /** Where the bodies of files and images lie, how many, and how long. They outlive the server if there is a `data`. */
  readonly media?:
    | {
        /**
         * A folder for this server alone; it is made if there is none, and, without `data`, emptied of bodies at the start
         * and at the end.
         *
         * @defaultValue the folder `media` in `data`; without that a private folder among the system's temporary files,
         * removed at the end
         */
        readonly folder?: string | undefined;
        /**
         * Most bytes of all bodies together, at least 1; when they are used up, uploads fail.
         *
         * @defaultValue 1073741824 (1 GiB)
         */
        readonly storeBytes?: number | undefined;
        /**
         * How long a body is kept, in milliseconds from its upload, 1 to 31536000000 (a year).
         *
         * @defaultValue 604800000 (7 days)
         */
        readonly life?: number | undefined;
      }
    | undefined;
  /** Most connections at a time; 0, the default, is as many as the system allows. */
  readonly maxConnections?: number | undefined;
  /** How much is kept of messages beyond their delivery, in memory or in `data` (docs/spec/limits.md §7). */
  readonly retention?: RtmServerRetention | undefined;
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
   * With `engine`: replicas that must have a stored message before its sender hears that it was stored, 0 to 16; of those
   * that there are.
   *
   * @defaultValue 0
   */
  readonly waitReplicas?: number | undefined;
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

const HEX32 = /^[0-9a-f]{32}$/i;

function checkHex32(value: unknown, name: string): string {
  const text = checkString(value, name);
  if (!HEX32.test(text)) throw invalidArgValue(name, '32 hexadecimal characters', `${text.length} characters`);
  return text;
}

function checkApp(value: unknown, name: string): NativeServerOptions['apps'][number] {
  const app = checkObject(value, name, ['appId', 'certificates', 'certificate']);
  const { certificate, certificates = certificate === undefined ? [] : [certificate] } = app;
  if (certificate !== undefined && app['certificates'] !== undefined) {
    throw invalidArgValue(name, 'either "certificate" or "certificates"', 'both');
  }
  if (!Array.isArray(certificates)) throw invalidArgType(`${name}.certificates`, 'an array of strings', certificates);
  return {
    appId: checkHex32(app['appId'], `${name}.appId`),
    certificates: certificates.map((each, index) => checkHex32(each, `${name}.certificates[${index}]`)),
  };
}

function checkTls(value: unknown): Pick<NativeServerOptions, 'tls' | 'certificatePem' | 'keyPem'> {
  if (typeof value === 'boolean') return { tls: value, certificatePem: '', keyPem: '' };
  return { tls: true, ...checkTlsPair(value, 'options.tls') };
}

/** A certificate with its key. Whether they belong together is judged by those who use them. */
export function checkTlsPair(value: unknown, name: string): Pick<NativeServerOptions, 'certificatePem' | 'keyPem'> {
  const tls = checkObject(value, name, ['cert', 'key']);
  const pem = (text: string, part: string, kind: string) => {
    if (!text.includes(`-----BEGIN ${kind}`) && !text.includes(`${kind}-----`)) {
      throw invalidArgValue(part, `PEM text with a ${kind}`, `${text.length} characters without one`);
    }
    return text;
  };
  return {
    certificatePem: pem(checkString(tls['cert'], `${name}.cert`), `${name}.cert`, 'CERTIFICATE'),
    keyPem: pem(checkString(tls['key'], `${name}.key`), `${name}.key`, 'PRIVATE KEY'),
  };
}

const MOST_WORD = 0xffffffff;

/** Checks the members of a section that are whole numbers and returns those that are given. */
function checkNumbers(
  value: unknown,
  name: string,
  settings: Readonly<Record<string, NumberSetting>>,
): Record<string, number> {
  const checked: Record<string, number> = {};
  for (const [member, number] of Object.entries(checkObject(value, name, Object.keys(settings)))) {
    if (number === undefined) continue;
    const { least, most } = settings[member] as NumberSetting;
    checked[member] = checkInteger(number, `${name}.${member}`, least, most);
  }
  return checked;
}

/** A single setting that is a whole number. */
function checkNumber(options: Record<string, unknown>, name: 'port' | 'loops' | 'maxConnections'): number {
  const { least, most, byDefault } = NUMBERS[name];
  return checkInteger(options[name] ?? byDefault, `options.${name}`, least, most);
}

function checkLimits(value: unknown): NativeServerOptions['limits'] {
  if (typeof value === 'string') {
    if (value !== 'sdk' && value !== 'off')
      throw invalidArgValue('options.limits', '"sdk", "off" or an object', `"${value}"`);
    return { base: value, values: {}, rates: [] };
  }
  const given = checkObject(value, 'options.limits', ['base', 'rates', ...Object.keys(LIMITS)]);
  const { base = 'sdk', rates = {} } = given;
  if (base !== 'sdk' && base !== 'off') throw invalidArgValue('options.limits.base', '"sdk" or "off"', describe(base));
  const result: NativeServerOptions['limits'] = { base, values: {}, rates: [] };
  for (const [name, { most }] of Object.entries(LIMITS)) {
    if (given[name] === undefined) continue;
    const value = checkInteger(given[name], `options.limits.${name}`, 0, most);
    result.values[name] = value === 0 && most < MOST_WORD ? most : value;
  }
  const groups = checkObject(rates, 'options.limits.rates', Object.keys(RATE_GROUPS));
  for (const [group, rate] of Object.entries(groups)) {
    if (rate === undefined) continue;
    const name = `options.limits.rates.${group}`;
    const index: number = RATE_GROUPS[group as RtmServerRateGroup];
    if (rate === false) {
      result.rates.push({ group: index, count: 0, windowMs: 0 });
      continue;
    }
    const { count, perSeconds } = checkObject(rate, name, ['count', 'perSeconds']);
    if (typeof perSeconds !== 'number') throw invalidArgType(`${name}.perSeconds`, 'a number', perSeconds);
    if (!(perSeconds > 0 && perSeconds <= 3600)) {
      throw invalidArgValue(`${name}.perSeconds`, 'above 0, up to 3600', String(perSeconds));
    }
    const windowMs = Math.max(1, Math.round(perSeconds * 1000));
    result.rates.push({ group: index, count: checkInteger(count, `${name}.count`, 1, 0xffffffff), windowMs });
  }
  return result;
}

function checkMedia(value: unknown): Pick<NativeServerOptions, 'mediaFolder' | 'media'> {
  const { folder, ...numbers } = checkObject(value, 'options.media', ['folder', ...Object.keys(MEDIA)]);
  return {
    mediaFolder: folder === undefined ? '' : checkPath(folder, 'options.media.folder'),
    media: checkNumbers(numbers, 'options.media', MEDIA),
  };
}

function checkPath(value: unknown, name: string): string {
  const path = checkString(value, name);
  if (path === '' || path.includes('\0')) {
    throw invalidArgValue(name, 'the path of a folder', path === '' ? 'an empty string' : 'a NUL');
  }
  return path;
}

/** What the core needs, and what stays in JavaScript. */
export interface CheckedServerOptions extends Omit<NativeServerOptions, 'store' | 'engine'> {
  logSink: ServerLog | undefined;
  admin: AdminAddress | undefined;
  store: MessageStore | undefined;
  /** The data directory. */
  data: string | undefined;
  cluster: ClusterOptions | undefined;
  clusterEngine: Engine | undefined;
}

function checkAdmin(value: unknown): AdminAddress | undefined {
  if (value === undefined) return undefined;
  const address = readAdminAddress(checkString(value, 'options.admin'));
  if (!address) throw invalidArgValue('options.admin', 'host:port, or a port of 127.0.0.1', JSON.stringify(value));
  return address;
}

/** Checks what a program passed and fills in the defaults. Throws {@link ArgumentError}. */
export function checkServerOptions(value: unknown): CheckedServerOptions {
  const options = checkObject(value, 'options', [
    'host', 'port', 'apps', 'tls', 'area', 'limits', 'loops', 'times', 'media', 'maxConnections', 'retention', 'historyOpen', 'data', 'engine', 'nodeId', 'waitReplicas', 'admin', 'log', 'store', 'clusterEngine',
  ]); // biome-ignore format: reads as one list
  const { host = '::', apps, tls = true, area = 0, limits = 'sdk', log } = options;
  const { times = {}, media = {}, retention = {}, historyOpen = false } = options;
  if (!Array.isArray(apps)) throw invalidArgType('options.apps', 'an array', apps);
  if (apps.length === 0) throw invalidArgValue('options.apps', 'at least one app', 'an empty array');
  const checkedApps = apps.map((app, index) => checkApp(app, `options.apps[${index}]`));
  const twice = checkedApps.find((app, index) => checkedApps.findIndex((each) => each.appId === app.appId) !== index);
  if (twice) throw invalidArgValue('options.apps', 'every App ID once', `${twice.appId} twice`);
  const checkedHost = checkString(host, 'options.host');
  if (checkedHost === '' || /[\s\0]/.test(checkedHost)) {
    throw invalidArgValue(
      'options.host',
      'an IP address or a host name',
      checkedHost === '' ? 'an empty string' : 'white space',
    );
  }
  if (typeof historyOpen !== 'boolean') throw invalidArgType('options.historyOpen', 'a boolean', historyOpen);
  const { lease, ...coreTimes } = checkNumbers(times, 'options.times', TIMES);
  const cluster = checkCluster(options, lease);
  const data = options['data'] === undefined ? undefined : checkPath(options['data'], 'options.data');
  if (log !== undefined && typeof log !== 'function') throw invalidArgType('options.log', 'a function', log);
  return {
    host: checkedHost,
    port: checkNumber(options, 'port'),
    loops: checkNumber(options, 'loops'),
    apps: checkedApps,
    ...checkTls(tls),
    area: checkInteger(area, 'options.area', 0, 0xffffffff),
    limits: checkLimits(limits),
    times: coreTimes,
    ...checkMedia(media),
    maxConnections: checkNumber(options, 'maxConnections'),
    retention: checkNumbers(retention, 'options.retention', RETENTION),
    historyOpen,
    log: log !== undefined,
    logSink: log as ServerLog | undefined,
    admin: checkAdmin(options['admin']),
    store: options['store'] as MessageStore | undefined,
    data,
    cluster,
    clusterEngine: options['clusterEngine'] as Engine | undefined,
  };
}

/** The host that a client of this machine can use for a server that listens on `host`, as it stands in a URL. */
export function connectHost(host: string): string {
  if (host === '::' || host === '0.0.0.0') return '127.0.0.1';
  return isIP(host) === 6 ? `[${host}]` : host;
}

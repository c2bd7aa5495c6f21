// Every setting of `rtm server`: the one table behind the file, the environment, --print-config and the docs.
import { readAdminAddress } from '../../server/http/admin-listener.js';
import { isEngineUrl, isNodeId, LEAST_LEASE_MS, MOST_REPLICAS } from '../../server/options/cluster-options.js';
import { LIMITS, RATE_GROUPS, RETENTION } from '../../server/options/server-options.js';
import { choice, flag, integer, type Leaf, leaf, list, positive, section, text } from './field.js';

const MOST_WORD = 0xffffffff;
const YEAR_MS = 365 * 24 * 3600 * 1000;
const DAY_MS = 24 * 3600 * 1000;

export const AREA_NAMES = ['CN', 'NA', 'EU', 'AS', 'JP', 'IN'];
export const LOG_LEVELS = ['off', 'critical', 'error', 'warning', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const hex32 = (secret: boolean): Leaf =>
  text('32 hexadecimal characters (a text: in quotes)', (value) => /^[0-9a-f]{32}$/i.test(value), { secret });
const path = (about: string, byDefault?: string): Leaf =>
  text('the path of a file or folder', (value) => value !== '' && !value.includes('\0'), {
    about,
    ...(byDefault !== undefined && { byDefault }),
  });

/** `id`, `id:certificate` or `id:certificate,previous`, as on the command line. */
export function appFromWord(word: string): unknown {
  const [appId, certificates, ...rest] = word.split(':');
  if (rest.length > 0) return word;
  return { appId, ...(certificates !== undefined && { certificates: certificates.split(',') }) };
}

const rate = () =>
  section(
    { count: integer(1, MOST_WORD, { about: 'calls' }), perSeconds: positive(3600, { about: 'in so many seconds' }) },
    { leaf: choice([false], { about: 'false: without limit' }) },
  );

/** See docs/configuration.md, which a test compares with this. */
export const SERVER_SETTINGS = section({
  host: text('an IP address or a host name', (value) => value !== '' && !/[\s\0]/.test(value), {
    about: 'address to listen on',
    byDefault: 'all of both families',
  }),
  port: integer(0, 65535, { about: 'port; 0: any free one', byDefault: '9136' }),
  apps: list(
    section({
      appId: hex32(false),
      certificate: hex32(true),
      certificates: list(hex32(true), { secret: true }),
    }),
    { about: 'projects to serve', fromWord: appFromWord, secret: true },
  ),
  tls: section(
    {
      certFile: path('certificate chain, PEM', 'a self-signed one, made at the start'),
      keyFile: path('private key of it, PEM'),
    },
    { leaf: flag({ about: 'false: no encryption, for tests only', byDefault: 'true' }) },
  ),
  area: list(choice(AREA_NAMES), {
    about: 'regions it belongs to; none: all',
    fromWord: (word) => word.toUpperCase(),
  }),
  limits: section(
    {
      base: choice(['sdk', 'off'], { about: 'the profile that is changed', byDefault: 'sdk' }),
      ...Object.fromEntries(
        Object.entries(LIMITS).map(([name, most]) => [name, integer(0, most, { byDefault: 'of the profile' })]),
      ),
      rates: section(Object.fromEntries(Object.keys(RATE_GROUPS).map((group) => [group, rate()]))),
    },
    {
      leaf: choice(['sdk', 'off'], { about: 'short for limits.base' }),
      expand: (base) => ({ base }),
    },
  ),
  loops: integer(1, 64, { about: 'threads that carry connections', byDefault: '1' }),
  times: section({
    heartbeat: integer(1, DAY_MS, { about: 'ms between heartbeats', byDefault: '2000' }),
    unreachable: integer(1, DAY_MS, { about: 'ms of silence until UNREACHABLE', byDefault: '6000' }),
    grace: integer(1, DAY_MS, { about: 'ms of silence until a session ends', byDefault: '30000' }),
    login: integer(1, DAY_MS, { about: 'ms that a connection may stay without a login', byDefault: '6000' }),
    transfer: integer(1, DAY_MS, { about: 'ms that a transfer may stand still', byDefault: '120000' }),
    attributes: integer(1, DAY_MS, {
      about: 'ms that the attributes of an empty channel are kept',
      byDefault: '180000',
    }),
    lease: integer(LEAST_LEASE_MS, DAY_MS, { about: 'ms until a silent node of a cluster is dead', byDefault: '8000' }),
  }),
  media: section({
    folder: path('where bodies of files and images lie', 'a private temporary folder'),
    storeBytes: integer(1, Number.MAX_SAFE_INTEGER, { about: 'most bytes of all bodies', byDefault: '1073741824' }),
    life: integer(1, YEAR_MS, { about: 'ms that a body is kept', byDefault: '604800000' }),
  }),
  maxConnections: integer(0, MOST_WORD, { about: 'most connections at a time; 0: no bound', byDefault: '0' }),
  retention: section(
    Object.fromEntries(
      Object.entries(RETENTION).map(([name, [least, most]]) => [
        name,
        integer(least, most, { about: 'see "What a server keeps of messages"' }),
      ]),
    ),
  ),
  historyOpen: flag({ about: 'every user may query all of the history of its App ID', byDefault: 'false' }),
  data: path('folder for what shall outlive a restart', 'everything in memory'),
  engine: text('redis://host:port or rediss://host:port', isEngineUrl, {
    about: 'Redis or Valkey that the nodes of a cluster share',
    byDefault: 'this process alone',
    secret: true,
  }),
  nodeId: text('1 to 64 of A-Z a-z 0-9 _ -', isNodeId, {
    about: 'name of this node of a cluster',
    byDefault: 'the host and a random part',
  }),
  waitReplicas: integer(0, MOST_REPLICAS, {
    about: 'replicas of Redis that must have a stored message',
    byDefault: '0',
  }),
  admin: leaf(
    'host:port, or a port of 127.0.0.1',
    (value) => {
      const given = typeof value === 'number' ? String(value) : value; // a port alone reads as a number
      return typeof given === 'string' && readAdminAddress(given) ? given : undefined;
    },
    (given) => given,
    { about: 'address of health checks and metrics; see operations', byDefault: 'none' },
  ),
  log: choice(LOG_LEVELS, { about: 'the least important level to write', byDefault: 'warning' }),
  logFormat: choice(['text', 'json'], { about: 'form of the lines of the log', byDefault: 'text' }),
  drain: section({
    endpoints: list(
      text('an endpoint such as rtms://host:9136', (value) => /^rtms?:\/\/[^\s,/]/.test(value)),
      { about: 'where clients are sent when the server stops' },
    ),
    overMs: integer(0, 3_600_000, { about: 'ms over which they are sent away', byDefault: '1000' }),
  }),
});

/** The settings that are paths. */
export const PATHS: readonly (readonly string[])[] = [
  ['tls', 'certFile'],
  ['tls', 'keyFile'],
  ['media', 'folder'],
  ['data'],
];

// Every setting of `rtm server`: the one table behind the file, the environment and --print-config.

import { MOST_WORD } from '../../checks.js';
import { AREAS } from '../../common-constants.js';
import { LOG_LEVELS, type LogLevelName } from '../../log-levels.js';
import { BEARER_TOKEN, isBearerToken, isHostName } from '../../server/http/admin-access.js';
import { readAdminAddress } from '../../server/http/admin-listener.js';
import { CALLOUT_URL_TEXT, FAILURE_CHOICES, isCalloutUrl } from '../../server/options/callout-options.js';
import { isEngineUrl, isNodeId } from '../../server/options/cluster-options.js';
import { isNetwork, NETWORK_FORM } from '../../server/options/networks.js';
import { CALLOUT_EVENTS, RULE_ACTIONS } from '../../server/options/rule-actions.js';
import { isPattern, isRole, PATTERN_TEXT, ROLE_TEXT } from '../../server/options/rules.js';
import {
  CHOICES,
  FLAGS,
  type FlagSetting,
  GROUPS,
  LIMITS,
  NUMBERS,
  type NumberSetting,
  RATE_GROUPS,
  TEXTS,
} from '../../server/options/settings.js';
import {
  choice,
  type Field,
  flag,
  integer,
  type Leaf,
  leaf,
  list,
  positive,
  type Section,
  section,
  text,
} from './field.js';

export const AREA_NAMES = Object.keys(AREAS);
/** What `--log` may be: nothing, or the least important level that is written. */
export const LOG_CHOICES = ['off', ...(Object.keys(LOG_LEVELS) as LogLevelName[])] as const;
export type LogChoice = (typeof LOG_CHOICES)[number];

/** Settings that are one of several words, in sections by the first part of their paths. */
const choices: Record<string, Section> = {};
for (const [path, setting] of Object.entries(CHOICES)) {
  const [group = '', name = ''] = path.split('.');
  choices[group] = section({ ...choices[group]?.fields, [name]: choice(setting.values, setting) });
}

const hex32 = (secret: boolean): Leaf =>
  text('32 hexadecimal characters (a text: in quotes)', (value) => /^[0-9a-f]{32}$/i.test(value), { secret });
const path = (about: { readonly about: string; readonly byDefault?: string }): Leaf =>
  text('the path of a file or folder', (value) => value !== '' && !value.includes('\0'), about);

function number({ least, most, byDefault, about }: NumberSetting): Leaf {
  return integer(least, most, { about, byDefault: byDefault === undefined ? 'of the profile' : String(byDefault) });
}

const numbers = (settings: Readonly<Record<string, NumberSetting>>): Record<string, Field> =>
  Object.fromEntries(Object.entries(settings).map(([name, setting]) => [name, number(setting)]));

const flags: Readonly<Record<string, Leaf>> = Object.fromEntries(
  Object.entries(FLAGS).map(([name, { about, byDefault }]: [string, FlagSetting]) => [
    name,
    flag({ about, byDefault: String(byDefault) }),
  ]),
);

/** The sections of the groups of numbers. `others`: the settings of a group that are no numbers. */
const sections = (others: Readonly<Record<string, Section['fields']>>): Record<string, Field> =>
  Object.fromEntries(
    Object.entries(GROUPS).map(([name, settings]) => {
      const whether = flags[name];
      return [name, section({ ...others[name], ...numbers(settings) }, whether && { leaf: whether })];
    }),
  );

/** The numbers that stand alone at the top, and not in a section such as `drain`. */
const top = Object.fromEntries(Object.entries(NUMBERS).filter(([path]) => !path.includes('.')));

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

/** One rule of an app. checkServerOptions() checks what its lists mean together. */
const rule = () => {
  const actions = () => list(choice(RULE_ACTIONS));
  const patterns = () => list(text(PATTERN_TEXT, isPattern));
  return section({
    allow: actions(),
    deny: actions(),
    channels: patterns(),
    users: patterns(),
    to: patterns(),
    roles: list(text(ROLE_TEXT, isRole)),
  });
};

/** Bounds, defaults and texts come from proto/server-settings.mjs, as the table in docs/configuration.md does. */
export const SERVER_SETTINGS = section({
  host: text('an IP address or a host name', (value) => value !== '' && !/[\s\0]/.test(value), TEXTS.host),
  ...numbers(top),
  apps: list(
    section({
      appId: hex32(false),
      certificate: hex32(true),
      certificates: list(hex32(true), { secret: true }),
      rules: list(rule()),
    }),
    { about: TEXTS.apps.about, fromWord: appFromWord, secret: true },
  ),
  appFile: path(TEXTS.appFile),
  tls: section(
    { certFile: path(TEXTS['tls.certFile']), keyFile: path(TEXTS['tls.keyFile']) },
    { leaf: flag(TEXTS.tls) },
  ),
  area: list(choice(AREA_NAMES), { about: TEXTS.area.about, fromWord: (word) => word.toUpperCase() }),
  limits: section(
    {
      base: choice(['sdk', 'off'], TEXTS['limits.base']),
      ...numbers(LIMITS),
      rates: section(Object.fromEntries(Object.keys(RATE_GROUPS).map((group) => [group, rate()]))),
    },
    { leaf: choice(['sdk', 'off'], TEXTS.limits), expand: (base) => ({ base }) },
  ),
  ...flags,
  ...sections({
    admission: { exempt: list(text(NETWORK_FORM, isNetwork), TEXTS['admission.exempt']) },
    media: { folder: path(TEXTS['media.folder']) },
  }),
  ...choices,
  callout: section({
    url: text(CALLOUT_URL_TEXT, isCalloutUrl, TEXTS['callout.url']),
    secretFile: path(TEXTS['callout.secretFile']),
    ask: list(choice(CALLOUT_EVENTS), TEXTS['callout.ask']),
    timeoutMs: number(NUMBERS['callout.timeoutMs']),
    onFailure: choice(FAILURE_CHOICES, TEXTS['callout.onFailure']),
  }),
  data: path(TEXTS.data),
  engine: text('redis://host:port or rediss://host:port', isEngineUrl, { ...TEXTS.engine, secret: true }),
  nodeId: text('1 to 64 of A-Z a-z 0-9 _ -', isNodeId, TEXTS.nodeId),
  admin: leaf(
    'host:port, or a port of 127.0.0.1',
    (value) => {
      const given = typeof value === 'number' ? String(value) : value; // a port alone reads as a number
      return typeof given === 'string' && readAdminAddress(given) ? given : undefined;
    },
    (given) => given,
    TEXTS.admin,
  ),
  adminHosts: list(text('a host name or an address, without a port', isHostName), TEXTS.adminHosts),
  adminToken: text(BEARER_TOKEN, isBearerToken, { ...TEXTS.adminToken, secret: true }),
  adminTokenFile: path(TEXTS.adminTokenFile),
  log: choice(LOG_CHOICES, TEXTS.log),
  logFormat: choice(['text', 'json'], TEXTS.logFormat),
  drain: section({
    endpoints: list(
      text('an endpoint such as rtms://host:9136', (value) => /^rtms?:\/\/[^\s,/]/.test(value)),
      TEXTS['drain.endpoints'],
    ),
    overMs: number(NUMBERS['drain.overMs']),
  }),
});

/** The settings that are paths. */
export const PATHS: readonly (readonly string[])[] = [
  ['tls', 'certFile'],
  ['tls', 'keyFile'],
  ['media', 'folder'],
  ['data'],
  ['appFile'],
  ['adminTokenFile'],
  ['callout', 'secretFile'],
];

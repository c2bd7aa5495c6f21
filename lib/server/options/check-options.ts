import { isIP } from 'node:net';
import { checkBoolean, checkInteger, checkObject, checkString, MOST_WORD } from '../../checks.js';
import { describe, invalidArgType, invalidArgValue } from '../../errors.js';
import type { NativeServerOptions } from '../../native/environment.js';
import type { Engine } from '../cluster/engine.js';
import { type AdminAccess, BEARER_TOKEN, isBearerToken, isHostName } from '../http/admin-access.js';
import { type AdminAddress, readAdminAddress } from '../http/admin-listener.js';
import type { MessageStore } from '../storage/message-store.js';
import { checkCallout } from './callout-options.js';
import type { CheckedServerOptions } from './checked-options.js';
import { checkCluster } from './cluster-options.js';
import { isNetwork, NETWORK_FORM } from './networks.js';
import { checkRules } from './rules.js';
import type { RtmServerOptions, RtmServerRateGroup, ServerLog } from './server-options.js';
import {
  CHOICES,
  FLAGS,
  GROUPS,
  type GroupName,
  LIMITS,
  NUMBERS,
  type NumberSetting,
  OPTION_NAMES,
  RATE_GROUPS,
} from './settings.js';

/** The options, including options that are no settings, and options that only tests use. */
const NAMES: readonly (keyof RtmServerOptions)[] = [
  ...OPTION_NAMES,
  'authorize',
  'store',
  'clusterEngine',
  'ownsProcess',
];

const HEX32 = /^[0-9a-f]{32}$/i;

function checkHex32(value: unknown, name: string): string {
  const text = checkString(value, name);
  if (!HEX32.test(text)) throw invalidArgValue(name, '32 hexadecimal characters', `${text.length} characters`);
  return text;
}

function checkApp(value: unknown, name: string): NativeServerOptions['apps'][number] {
  const app = checkObject(value, name, ['appId', 'certificates', 'certificate', 'rules']);
  const { certificate, certificates = certificate === undefined ? [] : [certificate], rules = [] } = app;
  if (certificate !== undefined && app['certificates'] !== undefined) {
    throw invalidArgValue(name, 'either "certificate" or "certificates"', 'both');
  }
  if (!Array.isArray(certificates)) throw invalidArgType(`${name}.certificates`, 'an array of strings', certificates);
  return {
    appId: checkHex32(app['appId'], `${name}.appId`),
    certificates: certificates.map((each, index) => checkHex32(each, `${name}.certificates[${index}]`)),
    rules: checkRules(rules, `${name}.rules`),
  };
}

function checkTls(value: unknown): Pick<NativeServerOptions, 'tls' | 'certificatePem' | 'keyPem'> {
  if (typeof value === 'boolean') return { tls: value, certificatePem: '', keyPem: '' };
  return { tls: true, ...checkTlsPair(value, 'options.tls') };
}

/** A certificate with its key. The TLS library checks whether they belong together. */
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

/** Members of a group that are no whole numbers. */
const OTHERS: Readonly<Record<string, readonly string[]>> = { admission: ['exempt'], media: ['folder'] };

/** Checks the members of an object that are whole numbers, and returns the given ones. */
function checkNumbers(
  given: Record<string, unknown>,
  name: string,
  settings: Readonly<Record<string, NumberSetting>>,
): Record<string, number> {
  const checked: Record<string, number> = {};
  for (const [member, { least, most }] of Object.entries(settings)) {
    if (given[member] === undefined) continue;
    checked[member] = checkInteger(given[member], `${name}.${member}`, least, most);
  }
  return checked;
}

/** What is given for a group; nothing in particular if a flag stands there. */
function sectionOf(options: Record<string, unknown>, group: string): unknown {
  const { [group]: value = {} } = options;
  return group in FLAGS && typeof value === 'boolean' ? {} : value;
}

/** Checks what is true or false, and returns what is given. */
function checkFlags(options: Record<string, unknown>): Record<string, boolean> {
  const checked: Record<string, boolean> = {};
  for (const name of Object.keys(FLAGS)) {
    const { [name]: value } = options;
    if (value === undefined) continue;
    // checkGroups() has checked the settings of a group: they say that there is what they configure.
    checked[name] = name in GROUPS && typeof value === 'object' ? true : checkBoolean(value, `options.${name}`);
  }
  return checked;
}

/** The places of the words that were chosen, by the paths of the settings. */
function checkChoices(options: Record<string, unknown>): Record<string, number> {
  const paths = Object.keys(CHOICES) as (keyof typeof CHOICES)[];
  const checked: Record<string, number> = {};
  for (const path of paths) {
    const [section = '', name = ''] = path.split('.');
    const beside = paths.filter((each) => each.startsWith(`${section}.`)).map((each) => each.slice(section.length + 1));
    const { [name]: value } = checkObject(options[section] ?? {}, `options.${section}`, beside);
    if (value === undefined) continue;
    const values: readonly string[] = CHOICES[path].values;
    const place = values.indexOf(value as string);
    const expected = values.map((each) => `'${each}'`).join(' or ');
    if (place < 0) throw invalidArgValue(`options.${path}`, expected, JSON.stringify(value));
    checked[path] = place;
  }
  return checked;
}

/** Checks all groups of whole numbers. */
function checkGroups(options: Record<string, unknown>): Record<GroupName, Record<string, number>> {
  const checked = Object.entries(GROUPS).map(([group, settings]) => {
    const name = `options.${group}`;
    const given = checkObject(sectionOf(options, group), name, [...(OTHERS[group] ?? []), ...Object.keys(settings)]);
    return [group, checkNumbers(given, name, settings)];
  });
  return Object.fromEntries(checked) as Record<GroupName, Record<string, number>>;
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

function checkPath(value: unknown, name: string): string {
  const path = checkString(value, name);
  if (path === '' || path.includes('\0')) {
    throw invalidArgValue(name, 'the path of a folder', path === '' ? 'an empty string' : 'a NUL');
  }
  return path;
}

function checkExempt(value: unknown): string[] {
  const { exempt = [] } = (value ?? {}) as { exempt?: unknown };
  if (!Array.isArray(exempt)) throw invalidArgType('options.admission.exempt', 'an array of strings', exempt);
  return exempt.map((each, index) => {
    const name = `options.admission.exempt[${index}]`;
    const network = checkString(each, name);
    if (!isNetwork(network)) throw invalidArgValue(name, NETWORK_FORM, JSON.stringify(network.slice(0, 64)));
    return network;
  });
}

function checkAdmin(value: unknown): AdminAddress | undefined {
  if (value === undefined) return undefined;
  const address = readAdminAddress(checkString(value, 'options.admin'));
  if (!address) throw invalidArgValue('options.admin', 'host:port, or a port of 127.0.0.1', JSON.stringify(value));
  return address;
}

function checkAdminAccess(hosts: unknown, token: unknown): AdminAccess {
  if (!Array.isArray(hosts)) throw invalidArgType('options.adminHosts', 'an array of strings', hosts);
  const checked = hosts.map((host, index) => {
    const name = `options.adminHosts[${index}]`;
    if (isHostName(checkString(host, name))) return host as string;
    throw invalidArgValue(name, 'a host name or an address, without a port', describe(host));
  });
  if (token !== undefined && !isBearerToken(checkString(token, 'options.adminToken'))) {
    throw invalidArgValue('options.adminToken', BEARER_TOKEN, `${String(token).length} characters`);
  }
  return { hosts: checked, token: token as string | undefined };
}

/** Checks the options of a program and fills in the defaults. Throws {@link ArgumentError}. */
export function checkServerOptions(value: unknown): CheckedServerOptions {
  const options = checkObject(value, 'options', NAMES);
  const { host = '::', apps, tls = true, area = 0, limits = 'sdk', log } = options;
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
  const groups = checkGroups(options);
  const { folder } = sectionOf(options, 'media') as { folder?: unknown };
  const cluster = checkCluster(options);
  const data = options['data'] === undefined ? undefined : checkPath(options['data'], 'options.data');
  if (log !== undefined && typeof log !== 'function') throw invalidArgType('options.log', 'a function', log);
  return {
    host: checkedHost,
    apps: checkedApps,
    ...checkTls(tls),
    area: checkInteger(area, 'options.area', 0, 0xffffffff),
    limits: checkLimits(limits),
    numbers: checkNumbers(options, 'options', NUMBERS),
    flags: checkFlags(options),
    choices: checkChoices(options),
    groups,
    exempt: checkExempt(options['admission']),
    mediaFolder: folder === undefined ? '' : checkPath(folder, 'options.media.folder'),
    ownsProcess: options['ownsProcess'] === true,
    log: log !== undefined,
    logSink: log as ServerLog | undefined,
    admin: checkAdmin(options['admin']),
    adminAccess: checkAdminAccess(options['adminHosts'] ?? [], options['adminToken']),
    store: options['store'] as MessageStore | undefined,
    data,
    cluster,
    callout: checkCallout(options['authorize'], options['callout']),
    clusterEngine: options['clusterEngine'] as Engine | undefined,
  };
}

/** The host in a URL by which a client on this machine reaches a server that listens on `host`. */
export function connectHost(host: string): string {
  if (host === '::' || host === '0.0.0.0') return '127.0.0.1';
  return isIP(host) === 6 ? `[${host}]` : host;
}

// The settings of a server, from proto/server-settings.mjs: structs and defaults for C++, types and bounds for TypeScript,
// tables for the documentation.
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { groups, historyQueries, limits, rates, settings } from '../../proto/server-settings.mjs';
import { inRoot } from '../tools.mjs';
import { jsdoc } from './comments.mjs';
import { camel, pascal, upper } from './names.mjs';

const source = 'proto/server-settings.mjs';
const MOST_WORD = 0xffffffff;

// C++

const cppNumber = (value, type) => (type === 'std::uint64_t' && value > MOST_WORD ? `${value}ULL` : String(value));

/** Limits that are one word each, and those in the structs of the wire, by struct and member. */
const flat = Object.entries(limits).filter(([, limit]) => limit.cpp === undefined);
const nested = new Map();
for (const [name, limit] of Object.entries(limits)) {
  if (limit.cpp === undefined) continue;
  const [member] = limit.cpp.split('.');
  nested.set(member, [...(nested.get(member) ?? []), [name, limit]]);
}
const structOf = (name) => (name === 'calls' ? 'CallLimits' : 'AttributeLimits');

function sdkLimitsText() {
  const constants = [...nested].map(
    ([name, members]) =>
      `inline constexpr ${structOf(name)} kSdk${pascal(upper(name))}{${members.map(([, { sdk }]) => sdk).join(', ')}};`,
  );
  const most = (name) =>
    nested
      .get(name)
      .map(([, limit]) => limit.most)
      .join(', ');
  return [
    '#pragma once',
    '',
    '// Sizes of attributes and invitations that client and server share.',
    '',
    '#include "wire/session_messages.hpp"',
    '',
    'namespace rtm::wire {',
    '',
    '/// The sizes of SDK 1.5.0 (docs/spec/limits.md §3, §4), for servers that send none.',
    ...constants,
    '',
    '/// The most that a server can allow: all attributes of a channel with their writers are one frame, and so is a',
    '/// signal of an invitation.',
    `inline constexpr AttributeLimits kMostAttributes{${most('channelAttributes')}};`,
    `inline constexpr CallLimits kMostCalls{${most('calls')}};`,
    '',
    '}  // namespace rtm::wire',
  ].join('\n');
}

function limitsText(fields) {
  const wireFields = fields.map(({ name }) => ({ name: camel(name) }));
  const known = [...flat.map(([name]) => name), ...nested.keys(), 'rates'];
  const unknown = wireFields.find(({ name }) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`${source}: no limit for the field ${unknown.name} of Limits in rtm.proto`);
  const members = flat.map(([name, { sdk, about }]) => `  std::uint32_t ${name} = ${sdk};  ///< ${about}`);
  const structs = [...nested.keys()].map(
    (name) => `  wire::${structOf(name)} ${name} = wire::kSdk${pascal(upper(name))};`,
  );
  const sdkRates = Object.entries(rates).map(
    ([group, { count, ms }]) => `  rate(wire::RateGroup::${pascal(upper(group))}, ${count}, ${ms});`,
  );
  const off = Object.entries(limits)
    .filter(([, limit]) => limit.off !== undefined)
    .map(([name, limit]) => `  limits.${limit.cpp ?? name} = ${limit.off};`);
  return [
    '#pragma once',
    '',
    '#include <array>',
    '#include <cstddef>',
    '#include <cstdint>',
    '',
    '#include "wire/kinds.hpp"',
    '#include "wire/sdk_limits.hpp"',
    '',
    'namespace rtm::server {',
    '',
    '/// At most `count` accepted calls in any `windowMs`; count 0 = no limit.',
    'struct RateRule {',
    '  std::uint32_t count = 0;',
    '  std::uint32_t windowMs = 0;',
    '};',
    '',
    '/// What a server allows. Clients get the values at login, and both sides enforce them. 0 = no limit.',
    'struct Limits {',
    ...members,
    ...structs,
    `  std::array<RateRule, ${Object.keys(rates).length + 1}> rates{};  ///< indexed by wire::RateGroup`,
    '  RateRule historyQueries;  ///< of all users of an App ID together',
    '',
    '  /// The table of SDK 1.5.0 (docs/spec/limits.md).',
    '  static Limits sdk();',
    '  /// Sizes as in sdk(), no call frequencies and no bound on joined channels or subscriptions: for bot farms.',
    '  static Limits off();',
    '};',
    '',
    'inline Limits Limits::sdk() {',
    '  Limits limits;',
    '  const auto rate = [&limits](wire::RateGroup group, std::uint32_t count, std::uint32_t windowMs) {',
    '    limits.rates[static_cast<std::size_t>(group)] = {count, windowMs};',
    '  };',
    ...sdkRates,
    `  limits.historyQueries = {${historyQueries.count}, ${historyQueries.ms}};`,
    '  return limits;',
    '}',
    '',
    'inline Limits Limits::off() {',
    '  Limits limits;',
    ...off,
    '  return limits;',
    '}',
    '',
    '/// The part of the limits that clients get at login.',
    'inline wire::Limits limitsOnWire(const Limits& limits) {',
    `  wire::Limits out{${wireFields.map(({ name }) => `.${name} = ${name === 'rates' ? '{}' : `limits.${name}`}`).join(', ')}};`,
    '  for (std::size_t group = 0; group < limits.rates.size(); ++group) {',
    '    const RateRule& rule = limits.rates[group];',
    '    if (rule.count != 0) out.rates.push_back({static_cast<std::uint32_t>(group), rule.count, rule.windowMs});',
    '  }',
    '  return out;',
    '}',
    '',
    '}  // namespace rtm::server',
  ].join('\n');
}

/** The settings of a group that the core has. */
const inCore = ({ settings: all, cpp }) =>
  Object.entries(all)
    .filter(([, { cpp: member }]) => member !== undefined || cpp === 'Retention')
    .map(([name, setting]) => ({ name, member: setting.cpp ?? name, ...setting }));

function settingsText() {
  const structs = Object.values(groups).map((group) => {
    const own = inCore(group).filter(({ member }) => !member.includes('.'));
    const members = own.map(
      ({ member, type, byDefault, about }) =>
        `  /// ${sentence(about)}.\n  ${type} ${member} = ${cppNumber(byDefault, type)};`,
    );
    return `/// ${group.about}\nstruct ${group.cpp} {\n${members.join('\n')}\n};\n`;
  });
  const single = Object.entries(settings)
    .filter(([, { cpp }]) => cpp !== undefined)
    .map(([name, { cpp, byDefault, about }]) => `  /// ${sentence(about)}.\n  ${cpp} ${name} = ${byDefault};`);
  return [
    '#pragma once',
    '',
    '#include <cstdint>',
    '',
    'namespace rtm::server {',
    '',
    `/// Settings that stand alone.\nstruct ListenerSettings {\n${single.join('\n')}\n};\n`,
    ...structs,
    '}  // namespace rtm::server',
  ].join('\n');
}

function argumentsText() {
  const override = (from, name, to) => `  ${from}.override("${name}", ${to});`;
  const functions = Object.entries(groups).map(([name, group]) => {
    const path = group.member === undefined ? 'options' : `options.${group.member}`;
    return [
      `inline void override${pascal(upper(name))}(const OptionsObject& given, server::ServerOptions& options) {`,
      ...inCore(group).map(({ name: option, member }) => override('given', option, `${path}.${member}`)),
      '}\n',
    ].join('\n');
  });
  return [
    '#pragma once',
    '',
    '// Sets the members of the options of a server from the properties of the same names, where there are some.',
    '',
    '#include "binding/arguments/options_object.hpp"',
    '#include "server/options.hpp"',
    '',
    'namespace rtm::binding {',
    '',
    'inline void overrideLimits(const OptionsObject& given, server::Limits& limits) {',
    ...Object.entries(limits).map(([name, { cpp = name }]) => override('given', name, `limits.${cpp}`)),
    '}',
    '',
    ...functions,
    '}  // namespace rtm::binding',
  ].join('\n');
}

// TypeScript

function sentence(text) {
  const words = text.replace(/^ms /, 'milliseconds ');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
const bound = (most) => (most === Number.MAX_SAFE_INTEGER ? 'Number.MAX_SAFE_INTEGER' : String(most));

function tableText(name, about, entries) {
  const rows = Object.entries(entries).map(([key, { least = 0, most, byDefault, about: text }]) => {
    const fallback = typeof byDefault === 'number' ? byDefault : undefined;
    return `${JSON.stringify(key)}: { least: ${least}, most: ${bound(most)}, byDefault: ${fallback}, about: ${JSON.stringify(text)} },`;
  });
  return `/** ${about} */\nexport const ${name} = {\n${rows.join('\n')}\n} as const satisfies Readonly<Record<string, NumberSetting>>;\n`;
}

function interfaceMembers(entries) {
  return Object.entries(entries).map(([name, { about, most, byDefault, byDefaultText }]) => {
    const limit = byDefault === undefined && most < MOST_WORD ? `, at most ${most}` : '';
    const fallback = byDefault === undefined ? '' : ` Default: ${byDefaultText ?? byDefault}.`;
    return `${jsdoc(`${sentence(about)}${limit}.${fallback}`)}readonly ${name}?: number | undefined;`;
  });
}

function tsText(rateGroups) {
  const single = Object.fromEntries(Object.entries(settings).filter(([, { most }]) => most !== undefined));
  const texts = Object.entries(settings).filter(([path, each]) => each.most === undefined && /^[\w.]+$/.test(path));
  const shown = (text) => text.replaceAll('`', '').replace(/\[(.*?)\]\(.*?\)/g, '$1');
  return [
    '',
    '// The settings of a server: bounds, defaults, and what is said of each.',
    '',
    '/** A setting that is a whole number. `byDefault` undefined: the value of the profile. */',
    'export interface NumberSetting {',
    '  readonly least: number;',
    '  readonly most: number;',
    '  readonly byDefault: number | undefined;',
    '  /** For the list of settings. */',
    '  readonly about: string;',
    '}',
    '',
    '/** A call frequency: at most `count` calls in any `perSeconds` seconds. */',
    'export interface RtmServerRate {',
    '  readonly count: number;',
    '  readonly perSeconds: number;',
    '}',
    '',
    '/** Groups of calls that share a frequency limit (docs/spec/limits.md §1), with the numbers of the wire. */',
    'export const RATE_GROUPS = {',
    ...Object.keys(rates).map((group) => `  ${group}: ${rateGroups[`RATE_${upper(group)}`]},`),
    '} as const;',
    'export type RtmServerRateGroup = keyof typeof RATE_GROUPS;',
    '',
    '/** Limits that differ from a profile. Numbers are 0 (no limit) or more; what is left out stays as in the profile. */',
    'export interface RtmServerLimits {',
    '  /**',
    '   * The profile that is changed: `sdk`, the table of SDK 1.5.0, or `off`, the same sizes without any call frequency.',
    '   *',
    "   * @defaultValue 'sdk'",
    '   */',
    "  readonly base?: 'sdk' | 'off' | undefined;",
    ...interfaceMembers(limits),
    '  /** Call frequencies; `false` takes one away. */',
    '  readonly rates?: { readonly [G in RtmServerRateGroup]?: RtmServerRate | false | undefined } | undefined;',
    '}',
    '',
    ...Object.values(groups)
      .filter(({ ts }) => ts !== undefined)
      .map(
        ({ ts, about, settings: all }) =>
          `/** ${about} */\nexport interface ${ts} {\n${interfaceMembers(all).join('\n')}\n}\n`,
      ),
    tableText(
      'LIMITS',
      'The numbers of {@link RtmServerLimits}. 0 is no limit, or the most where a frame sets it.',
      limits,
    ),
    ...Object.entries(groups).map(([name, { about, settings: all }]) => tableText(upper(name), about, all)),
    tableText('NUMBERS', 'Single settings that are whole numbers, by their paths.', single),
    '/** What is said of the settings that are no whole numbers, by their paths. */',
    'export const TEXTS = {',
    ...texts.map(
      ([path, { about, byDefault }]) =>
        `${JSON.stringify(path)}: { about: ${JSON.stringify(shown(about))}${byDefault === '' ? '' : `, byDefault: ${JSON.stringify(shown(byDefault))}`} },`,
    ),
    '} as const;',
  ].join('\n');
}

function retentionText() {
  const entries = Object.entries(groups.retention.settings);
  return [
    '',
    '/** How many messages are kept, and for how long (docs/spec/limits.md §7). Times are in milliseconds. */',
    `export interface Retention {\n${entries.map(([name, { about }]) => `${jsdoc(`${sentence(about)}.`)}readonly ${name}: number;`).join('\n')}\n}`,
    '',
    '/** A disk has more room than memory. */',
    `export const DURABLE_RETENTION: Retention = {\n${entries.map(([name, { durable }]) => `${name}: ${durable},`).join('\n')}\n};`,
  ].join('\n');
}

// Documentation

const variable = (path) => `RTM_SERVER_${path.split('.').map(upper).join('_')}`;
const row = (...cells) => `| ${cells.join(' | ')} |`.replaceAll('  |', ' |');

function settingRow(path, { about, doc, byDefault, most }) {
  const limit = byDefault === undefined && most < MOST_WORD ? `, up to ${most}` : '';
  return row(`\`${path}\``, `\`${variable(path)}\``, `${doc ?? about}${limit}`, byDefault ?? 'of the profile');
}

function settingRows([path, each]) {
  if (path === 'limits.rates.<group>') {
    return row(`\`${path}\``, '`RTM_SERVER_LIMITS_RATES_<GROUP>_COUNT`, `…_PER_SECONDS`', each.about, each.byDefault);
  }
  if (path === 'retention.…') return row('`retention.…`', '`RTM_SERVER_RETENTION_…`', each.about, '');
  if (typeof each !== 'string') return settingRow(path, each);
  const all = each === 'limits' ? limits : groups[each].settings;
  return Object.entries(all)
    .map(([name, setting]) => settingRow(`${each}.${name}`, setting))
    .join('\n');
}

const retentionRow = ([name, { about, byDefault, byDefaultText }]) =>
  row(`\`${name}\``, about, byDefaultText ?? byDefault);

/** All files of the settings. */
export function settingFiles() {
  const { root } = protobuf.parse(readFileSync(inRoot('proto/rtm.proto'), 'utf8'), { keepCase: true });
  const rateGroups = root.lookupEnum('rtm.RateGroup').values;
  for (const group of Object.keys(rates)) {
    if (rateGroups[`RATE_${upper(group)}`] === undefined) throw new Error(`${source}: rtm.proto has no rate ${group}`);
  }
  if (Object.keys(rateGroups).length !== Object.keys(rates).length + 1) {
    throw new Error(`${source}: expected a rate for each RateGroup of rtm.proto`);
  }
  return [
    { path: 'cpp/wire/sdk_limits.hpp', source, body: sdkLimitsText() },
    { path: 'cpp/server/limits.hpp', source, body: limitsText(root.lookupType('rtm.Limits').fieldsArray) },
    { path: 'cpp/server/settings.hpp', source, body: settingsText() },
    { path: 'cpp/binding/arguments/server_settings.hpp', source, body: argumentsText() },
    { path: 'lib/server/options/settings.ts', source, body: tsText(rateGroups) },
    { path: 'lib/server/storage/lmdb/retention.ts', source, body: retentionText() },
    {
      path: 'docs/configuration.md',
      source,
      parts: {
        'table of settings': [
          row('setting', 'variable', 'meaning', 'default'),
          '|---|---|---|---|',
          ...Object.entries(settings).map(settingRows),
        ].join('\n'),
        'table of retention': [
          row('`retention`', 'meaning', 'default'),
          '|---|---|---|',
          ...Object.entries(groups.retention.settings).map(retentionRow),
        ].join('\n'),
      },
    },
  ];
}

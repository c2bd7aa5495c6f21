// The settings of a server for C++: structs with their defaults, and their way from JavaScript.
import { groups, historyQueries, limits, rates } from '../../proto/server-settings.mjs';
import { camel, pascal, upper } from './names.mjs';
import {
  choices,
  engineParameters,
  flags,
  isEngineParameter,
  MOST_WORD,
  membersOf,
  numbers,
  placeOf,
  placeOfLimit,
  sentence,
  singles,
  source,
  structMembers,
  upperBound,
} from './settings-model.mjs';

const cppNumber = (value, type) => (type === 'std::uint64_t' && value > MOST_WORD ? `${value}ULL` : String(value));

/** Limits that are one word each, and those in the structs of the wire, by struct and member. */
const flat = Object.entries(limits).filter(([, limit]) => limit.cpp === undefined);
const nested = new Map();
for (const [name, limit] of Object.entries(limits)) {
  if (limit.cpp === undefined || isEngineParameter(limit)) continue;
  const [member] = limit.cpp.split('.');
  nested.set(member, [...(nested.get(member) ?? []), [name, limit]]);
}
const structOf = (name) => (name === 'invitations' ? 'InvitationLimits' : 'AttributeLimits');

/** The names of the limits that clients get, in the order of `fields`; the call frequencies are not among them. */
const onWire = (fields) => fields.map(({ name }) => camel(name)).filter((name) => name !== 'rates');

function sdkLimitsText(fields) {
  const words = onWire(fields)
    .filter((name) => !nested.has(name))
    .map((name) => `inline constexpr std::uint32_t kSdk${pascal(upper(name))} = ${limits[name].sdk};`);
  const frequencies = Object.entries(rates).map(
    ([group, { count, ms }]) =>
      `RateLimit{static_cast<std::uint32_t>(RateGroup::${pascal(upper(group))}), ${count}, ${ms}},`,
  );
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
    '// Limits that client and server share.',
    '',
    '#include <array>',
    '#include <cstdint>',
    '',
    '#include "wire/kinds.hpp"',
    '#include "wire/session_messages.hpp"',
    '',
    'namespace rtm::wire {',
    '',
    '/// The table of SDK 1.5.0 (docs/spec/limits.md), for servers that send none, and before a server has sent its own.',
    ...words,
    ...constants,
    '',
    '/// The call frequencies of SDK 1.5.0.',
    `inline constexpr std::array<RateLimit, ${frequencies.length}> kSdkRates = {`,
    ...frequencies,
    '};',
    '',
    '/// The most that a server can allow: all attributes of a channel with their writers are one frame, and so is a',
    '/// signal of an invitation.',
    `inline constexpr AttributeLimits kMostAttributes{${most('channelAttributes')}};`,
    `inline constexpr InvitationLimits kMostInvitations{${most('invitations')}};`,
    '',
    '}  // namespace rtm::wire',
  ].join('\n');
}

function limitsText(fields) {
  const wireFields = fields.map(({ name }) => ({ name: camel(name) }));
  const shared = onWire(fields);
  const known = [...flat.map(([name]) => name), ...nested.keys(), 'rates'];
  const unknown = wireFields.find(({ name }) => !known.includes(name));
  if (unknown !== undefined)
    throw new Error(`${source}: no limit for the field ${unknown.name} of Limits in rtm.proto`);
  const members = flat.map(
    ([name, { sdk, about, type = 'std::uint32_t' }]) =>
      `  ${type} ${name} = ${shared.includes(name) ? `wire::kSdk${pascal(upper(name))}` : sdk};  ///< ${about}`,
  );
  const structs = [...nested.keys()].map(
    (name) => `  wire::${structOf(name)} ${name} = wire::kSdk${pascal(upper(name))};`,
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
    '  for (const wire::RateLimit& rate : wire::kSdkRates) limits.rates[rate.group] = {rate.count, rate.windowMs};',
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

/** The limits of a client. */
function clientLimitsText(fields) {
  const names = onWire(fields).filter((name) => !limits[name]?.ofSends);
  const sdk = (name) => `wire::kSdk${pascal(upper(name))}`;
  const given = (name) =>
    nested.has(name) ? `wire::withinFrame(limits.${name}.value_or(${sdk(name)}))` : `limits.${name}`;
  return [
    '#pragma once',
    '',
    '#include <cstdint>',
    '',
    '#include "wire/messages.hpp"',
    '#include "wire/size_limits.hpp"',
    '',
    'namespace rtm::client {',
    '',
    '/// What the server allows; before the first login that of SDK 1.5.0 (docs/spec/limits.md). 0: no limit. The limits of',
    '/// messages are with the send queue, which asks for them without the client lock.',
    'struct Limits {',
    ...names.map(
      (name) => `  ${nested.has(name) ? `wire::${structOf(name)}` : 'std::uint32_t'} ${name} = ${sdk(name)};`,
    ),
    '',
    '  static Limits of(const wire::Limits& limits) {',
    `    return {${names.map((name) => `.${name} = ${given(name)}`).join(', ')}};`,
    '  }',
    '};',
    '',
    '}  // namespace rtm::client',
  ].join('\n');
}

function settingsText() {
  const memberText = ({ member, type, byDefault, about }) =>
    `  /// ${sentence(about)}.\n  ${type} ${member} = ${cppNumber(byDefault, type)};`;
  const choiceText = ({ about, type, member, byDefault }) =>
    `  /// ${sentence(about)}.\n  ${type} ${member} = ${type}::${pascal(upper(byDefault))};`;
  const structs = Object.entries(groups)
    .map(([name, group]) => ({ ...group, members: structMembers(name) }))
    .filter(({ members }) => members.length > 0);
  const withMembers = (list) =>
    list.filter(({ type }) => type !== undefined).map((each) => ({ ...each, member: each.name }));
  const bases = structs.filter(({ member }) => member === undefined).map(({ cpp }) => cpp);
  const parts = structs.filter(({ member }) => member !== undefined);
  return [
    '#pragma once',
    '',
    '#include <cstdint>',
    '',
    'namespace rtm::server {',
    '',
    `/// Settings that stand alone.\nstruct ListenerSettings {\n${withMembers(singles).map(memberText).join('\n')}\n};\n`,
    ...choices.map(({ type, path, values }) => {
      const list = values.map((value) => pascal(upper(value))).join(', ');
      return `/// The values of \`${path}\`.\nenum class ${type} : std::uint8_t { ${list} };\n`;
    }),
    `/// Settings that are one of several words.\nstruct ChoiceSettings {\n${choices.map(choiceText).join('\n')}\n};\n`,
    `/// Settings that are true or false.\nstruct FlagSettings {\n${withMembers(flags).map(memberText).join('\n')}\n};\n`,
    ...structs.map(
      ({ cpp, about, members }) => `/// ${about}\nstruct ${cpp} {\n${members.map(memberText).join('\n')}\n};\n`,
    ),
    '/// All of these settings.',
    `struct ServerSettings : ${['ListenerSettings', 'FlagSettings', 'ChoiceSettings', ...bases].join(', ')} {`,
    ...parts.map(({ cpp, member }) => `  ${cpp} ${member};`),
    '};',
    '',
    '}  // namespace rtm::server',
  ].join('\n');
}

function argumentsText() {
  const override = (from, name, place) => `  ${from}.override("${name}", options.${place});`;
  const overrides = (from, members) =>
    members
      .filter((setting) => placeOf(setting) !== undefined)
      .map((setting) => override(from, setting.name, placeOf(setting)));
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
    'inline void overrideLimits(const OptionsObject& given, server::ServerOptions& options) {',
    ...Object.entries(limits).map((entry) => override('given', entry[0], placeOfLimit(entry))),
    '}',
    '',
    '/// `given`: settings that stand alone.',
    'inline void overrideNumbers(const OptionsObject& given, server::ServerOptions& options) {',
    ...overrides('given', singles),
    '}',
    '',
    '/// `given`: settings that are true or false.',
    'inline void overrideFlags(const OptionsObject& given, server::ServerOptions& options) {',
    ...flags.map(({ name }) => override('given', name, name)),
    '}',
    '',
    '/// `given`: the places of the words, by the paths of the settings.',
    'inline void overrideChoices(const OptionsObject& given, server::ServerOptions& options) {',
    ...choices.map(({ path, member }) => override('given', path, member)),
    '}',
    '',
    '/// `given`: an object for each group.',
    'inline void overrideGroups(const OptionsObject& given, server::ServerOptions& options) {',
    ...Object.keys(groups).flatMap((name) => [
      `  const OptionsObject ${name} = given.object("${name}");`,
      ...overrides(name, membersOf(name)),
    ]),
    '}',
    '',
    '}  // namespace rtm::binding',
  ].join('\n');
}

/** A row of the check, by the name in the documentation, or nothing where every number of the type is within the bounds. */
function boundText(setting) {
  const { path, place, type, least } = setting;
  const most = type === 'std::uint16_t' && setting.most >= 0xffff ? undefined : upperBound(setting);
  if (least === 0 && most === undefined) return [];
  const value = place.replace(/^(engineParameters\.)?/, (above) => (above ? 'parameters.' : 'settings.'));
  return `      {"${path}", ${value}, ${least}, ${most === undefined ? 'kNoBound' : cppNumber(most, 'std::uint64_t')}},`;
}

function validateText() {
  const limitParameters = engineParameters.filter(({ path }) => path.startsWith('limits.'));
  const checked = [
    ...numbers.map((setting) => ({ ...setting, place: placeOf(setting) })).filter(({ place }) => place !== undefined),
    // 0 stands for the most among the options of JavaScript, which become the most before they come here.
    ...limitParameters.map((limit) => ({ ...limit, least: 1, place: limit.cpp })),
  ];
  return [
    '#pragma once',
    '',
    '#include <cstdint>',
    '#include <limits>',
    '#include <string>',
    '',
    '#include "base/result.hpp"',
    '#include "server/engine/seam/parameters.hpp"',
    '#include "server/settings.hpp"',
    '',
    'namespace rtm::server {',
    '',
    '/// Whether each setting is within its bounds. Failure: the first setting that is not, and what was expected.',
    'inline Result<bool> validateSettings(const ServerSettings& settings, const EngineParameters& parameters) {',
    '  constexpr std::uint64_t kNoBound = std::numeric_limits<std::uint64_t>::max();',
    '  const struct {',
    '    const char* name;',
    '    std::uint64_t value, least, most;',
    '  } all[] = {',
    ...checked.flatMap(boundText),
    '  };',
    '  for (const auto& [name, value, least, most] : all) {',
    '    if (value >= least && value <= most) continue;',
    '    const std::string low = std::to_string(least);',
    '    const std::string range = most == kNoBound ? "at least " + low : low + " to " + std::to_string(most);',
    '    return Failure{0, std::string(name) + ": expected " + range + ", got " + std::to_string(value)};',
    '  }',
    '  return true;',
    '}',
    '',
    '}  // namespace rtm::server',
  ].join('\n');
}

/** The warning about limits that are lower than those of the SDK. */
function belowSdkText() {
  const sizes = Object.entries(limits).filter(([, limit]) => !isEngineParameter(limit) && limit.inTableOfSdk !== false);
  const frequencies = Object.keys(rates).map((group) => [`limits.rates.${group}`, pascal(upper(group))]);
  return [
    '#pragma once',
    '',
    '#include <cstdint>',
    '#include <string>',
    '#include <vector>',
    '',
    '#include "server/limits.hpp"',
    '',
    'namespace rtm::server {',
    '',
    '/// A line for each limit that refuses what the SDK itself allows: programs that keep to its table meet refusals.',
    'inline std::vector<std::string> belowSdk(const Limits& limits) {',
    '  const Limits sdk = Limits::sdk();',
    '  const struct {',
    '    const char* row;',
    '    std::uint32_t value, needed;',
    '  } sizes[] = {',
    ...sizes.map((entry) => {
      const place = placeOfLimit(entry);
      return `      {"limits.${entry[0]}", ${place}, ${place.replace('limits.', 'sdk.')}},`;
    }),
    '  };',
    '  const struct {',
    '    const char* row;',
    '    wire::RateGroup group;',
    '  } rates[] = {',
    ...frequencies.map(([path, group]) => `      {"${path}", wire::RateGroup::${group}},`),
    '  };',
    '  const auto line = [](const char* row, const std::string& value, const std::string& needed) {',
    '    return std::string(row) + ": " + value + " is below the table of the SDK, which needs " + needed;',
    '  };',
    '  std::vector<std::string> lines;',
    '  for (const auto& [row, value, needed] : sizes) {',
    '    // 0: no limit.',
    '    if (value != 0 && value < needed) lines.push_back(line(row, std::to_string(value), std::to_string(needed)));',
    '  }',
    '  for (const auto& [row, group] : rates) {',
    '    const RateRule& rule = limits.rates[static_cast<std::size_t>(group)];',
    '    const RateRule& needed = sdk.rates[static_cast<std::size_t>(group)];',
    '    if (rule.count == 0) continue;',
    '    // As many windows of the SDK as a window of this rule can touch bring their calls into it.',
    '    const std::uint64_t touched = (std::uint64_t{rule.windowMs} + needed.windowMs - 1) / needed.windowMs;',
    '    if (rule.count >= touched * needed.count) continue;',
    '    const auto text = [](const RateRule& each) {',
    '      return std::to_string(each.count) + " in " + std::to_string(each.windowMs) + " ms";',
    '    };',
    '    lines.push_back(line(row, text(rule), text(needed)));',
    '  }',
    '  return lines;',
    '}',
    '',
    '}  // namespace rtm::server',
  ].join('\n');
}

/** All files of C++. `limitFields`: of the message Limits in rtm.proto. */
export const cppSettingFiles = (limitFields) => [
  { path: 'cpp/wire/sdk_limits.hpp', source, body: sdkLimitsText(limitFields) },
  { path: 'cpp/client/limits.hpp', source, body: clientLimitsText(limitFields) },
  { path: 'cpp/server/limits.hpp', source, body: limitsText(limitFields) },
  { path: 'cpp/server/below_sdk.hpp', source, body: belowSdkText() },
  { path: 'cpp/server/settings.hpp', source, body: settingsText() },
  { path: 'cpp/server/validate_settings.hpp', source, body: validateText() },
  { path: 'cpp/binding/arguments/server_settings.hpp', source, body: argumentsText() },
];

// The actions of rules, from proto/permissions.mjs.
import { actions, bounds, calloutEvents } from '../../proto/permissions.mjs';
import { jsdoc } from './comments.mjs';
import { pascal, upper } from './names.mjs';

export const source = 'proto/permissions.mjs';
const all = Object.entries(actions);
const events = Object.entries(calloutEvents);
const named = (fits) => all.filter(([, action]) => fits(action)).map(([name]) => name);
const channel = named(({ target }) => target === 'channel');
const user = named(({ target }) => target === 'user');
const withoutRoles = named(({ roles }) => roles === false);

const cppName = (name) => pascal(upper(name));

function cppText() {
  const set = (names) => names.map((name) => `bit(Action::${cppName(name)})`).join(' | ');
  return [
    '#pragma once',
    '',
    '#include <array>',
    '#include <cstddef>',
    '#include <cstdint>',
    '#include <string_view>',
    '',
    'namespace rtm::server {',
    '',
    '/// What a rule can allow or deny.',
    'enum class Action : std::uint8_t {',
    ...all.map(([name, { about }]) => `  ${cppName(name)},  ///< ${about}`),
    '};',
    '',
    '/// The names in the configuration, in the order of Action.',
    `inline constexpr std::array<std::string_view, ${all.length}> kActionNames{${all.map(([name]) => `"${name}"`).join(', ')}};`,
    '',
    '/// What the callout can be asked about.',
    'enum class CalloutEvent : std::uint8_t {',
    ...events.map(([name, { about }]) => `  ${cppName(name)},  ///< ${about}`),
    '};',
    '/// Their names, in the order of CalloutEvent.',
    `inline constexpr std::array<std::string_view, ${events.length}> kCalloutEventNames{${events.map(([name]) => `"${name}"`).join(', ')}};`,
    '',
    '/// A bit for each action.',
    'using ActionSet = std::uint32_t;',
    'constexpr ActionSet bit(Action action) {',
    '  return ActionSet{1} << static_cast<unsigned>(action);',
    '}',
    '/// Done to a channel: a rule about channels may name these.',
    `inline constexpr ActionSet kChannelActions = ${set(channel)};`,
    '/// Done to another user: a rule with `to` may name these.',
    `inline constexpr ActionSet kUserActions = ${set(user)};`,
    "/// Done before the user's roles are known.",
    `inline constexpr ActionSet kActionsWithoutRoles = ${set(withoutRoles)};`,
    '',
    ...Object.entries(bounds).map(
      ([name, { value, about }]) => `inline constexpr std::size_t kMostRule${cppName(name)} = ${value};  ///< ${about}`,
    ),
    '',
    '}  // namespace rtm::server',
  ]
    .join('\n')
    .replaceAll('kMostRuleRules', 'kMostRules');
}

function tsText() {
  const union = (entries) => entries.map(([name]) => `'${name}'`).join(' | ');
  const list = (about, name, names) => `${jsdoc(about)}export const ${name} = ${JSON.stringify(names)} as const;`;
  return [
    '',
    list(
      'What a rule can allow or deny.',
      'RULE_ACTIONS',
      all.map(([name]) => name),
    ),
    '/** An action that rules allow or deny; docs/configuration.md has what each means. */',
    `export type RtmServerAction = ${union(all)};`,
    '',
    list('Done to a channel.', 'CHANNEL_ACTIONS', channel),
    list('Done to another user.', 'USER_ACTIONS', user),
    list("Done before the user's roles are known.", 'ACTIONS_WITHOUT_ROLES', withoutRoles),
    '',
    list(
      'What `authorize`, or a web server, can be asked about.',
      'CALLOUT_EVENTS',
      events.map(([name]) => name),
    ),
    '/** What `authorize`, or a web server, is asked about; docs/configuration.md has what each means. */',
    `export type RtmServerCalloutEvent = ${union(events)};`,
    '',
    '/** Bounds of the rules of one App ID. */',
    'export const RULE_BOUNDS = {',
    ...Object.entries(bounds).map(([name, { value, about }]) => `${jsdoc(about)}${name}: ${value},`),
    '} as const;',
  ].join('\n');
}

/** The table of docs/configuration.md, as a part of that document. */
export const actionTable = {
  source,
  name: 'table of actions',
  text: [
    '| action | what it is | narrowed by | a user who may not sees |',
    '|---|---|---|---|',
    ...all.map(([name, { about, target, refusal }]) => {
      const narrowed = target === 'channel' ? '`channels`' : target === 'user' ? '`to`' : '';
      return `| \`${name}\` | ${about} | ${narrowed} | ${refusal} |`.replaceAll('  |', ' |');
    }),
  ].join('\n'),
};

/** All files of the actions, without the document. */
export function permissionFiles() {
  return [
    { path: 'cpp/server/permissions/actions.hpp', source, body: cppText() },
    { path: 'lib/server/options/rule-actions.ts', source, body: tsText() },
  ];
}

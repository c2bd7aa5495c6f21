// The settings of a server for TypeScript: types for programs; bounds and defaults for the checks.
import { choiceGroups, groups, limits, rates, settings } from '../../proto/server-settings.mjs';
import { jsdoc } from './comments.mjs';
import { upper } from './names.mjs';
import { boundsText, choices, flags, membersOf, numbers, plain, sentence, singles, source } from './settings-model.mjs';

const bound = (most) => (most === Number.MAX_SAFE_INTEGER ? 'Number.MAX_SAFE_INTEGER' : String(most));

/** Rows of a table of numbers. */
const rowsText = (entries) =>
  entries
    .map(([key, { least = 0, most, byDefault, about: text }]) => {
      const fallback = typeof byDefault === 'number' ? byDefault : undefined;
      return `${JSON.stringify(key)}: { least: ${least}, most: ${bound(most)}, byDefault: ${fallback}, about: ${JSON.stringify(text)} },`;
    })
    .join('\n');

const conditions = { cluster: 'Only with `engine`.', alone: 'Not with `engine`.' };

function memberText([name, setting]) {
  const { about, byDefault, byDefaultText, note, only, type } = setting;
  const bounds = boundsText(setting);
  const range = /^\d/.test(bounds) ? `Range: ${bounds}.` : `${sentence(bounds)}.`;
  const parts = [
    `${sentence(about)}.`,
    bounds && range,
    byDefault !== undefined && `Default: ${byDefaultText ?? byDefault}.`,
  ];
  return `${jsdoc([...parts, note, conditions[only]].filter(Boolean).join(' '))}readonly ${name}?: ${type === 'bool' ? 'boolean' : 'number'} | undefined;`;
}

/** Settings of several words, as members of objects with the first part of their paths. */
function choiceMembers() {
  const sections = new Set(choices.map(({ path }) => path.split('.')[0]));
  return [...sections].map((section) => {
    const list = choices.filter(({ path }) => path.startsWith(`${section}.`));
    const members = list.map(({ path, about, byDefault, note, values }) => {
      const text = [`${sentence(about)}.`, `Default: \`'${byDefault}'\`.`, note].filter(Boolean).join(' ');
      const words = values.map((value) => `'${value}'`).join(' | ');
      return `${jsdoc(text)}readonly ${path.split('.')[1]}?: ${words} | undefined;`;
    });
    return `${jsdoc(choiceGroups[section])}readonly ${section}?: {\n${members.join('\n')}\n} | undefined;`;
  });
}

function typesText() {
  const alone = singles.filter(({ name, only }) => only !== 'command' && !name.includes('.'));
  return [
    '',
    '// The settings of a server that are numbers, as a program gives them.',
    '',
    '/** A call frequency: at most `count` calls in any `perSeconds` seconds. */',
    'export interface RtmServerRate {',
    '  /** Most calls in the time. */',
    '  readonly count: number;',
    '  /** The time, in seconds. */',
    '  readonly perSeconds: number;',
    '}',
    '',
    '/** Groups of calls that share a frequency limit (docs/spec/limits.md §1). */',
    `export type RtmServerRateGroup = ${Object.keys(rates)
      .map((name) => `'${name}'`)
      .join(' | ')};`,
    '',
    '/** Limits that differ from a profile. Numbers are 0 (no limit) or more; what is left out stays as in the profile. */',
    'export interface RtmServerLimits {',
    '  /**',
    '   * The profile that is changed: `sdk`, the table of SDK 1.5.0, or `off`, the same sizes without any call frequency.',
    '   *',
    "   * @defaultValue 'sdk'",
    '   */',
    "  readonly base?: 'sdk' | 'off' | undefined;",
    ...Object.entries(limits).map(memberText),
    '  /** Call frequencies; `false` takes one away. */',
    '  readonly rates?: Readonly<Partial<Record<RtmServerRateGroup, RtmServerRate | false | undefined>>> | undefined;',
    '}',
    '',
    ...Object.entries(groups).map(
      ([name, { ts, about }]) =>
        `/** ${about} */\nexport interface ${ts} {\n${membersOf(name)
          .map((each) => memberText([each.name, each]))
          .join('\n')}\n}\n`,
    ),
    '/** The options of a server that are numbers, alone and in groups, true or false, or one of several words. */',
    'export interface RtmServerSettings {',
    ...[...alone, ...flags.filter(({ name }) => groups[name] === undefined)].map((each) =>
      memberText([each.name, each]),
    ),
    ...Object.entries(groups).map(([name, { ts, about }]) => {
      const type = flags.some((flag) => flag.name === name) ? `${ts} | boolean` : ts;
      return `${jsdoc(about)}readonly ${name}?: ${type} | undefined;`;
    }),
    ...choiceMembers(),
    '}',
  ].join('\n');
}

/** Names of the options of RtmServer.start(), without those that only tests use. */
function optionNames() {
  const paths = Object.entries(settings).filter(([, { only }]) => only !== 'command');
  return [...new Set(paths.map(([path]) => path.split('.')[0]))];
}

function tablesText(rateGroups) {
  const texts = Object.entries(settings).filter(
    ([path, { most, type, values }]) =>
      most === undefined && type !== 'bool' && values === undefined && /^[\w.]+$/.test(path),
  );
  const pathsOf = (kind) => [
    ...[...numbers, ...flags].filter(({ only }) => only === kind).map(({ path }) => path),
    ...texts.filter(([, { only }]) => only === kind).map(([path]) => path),
  ];
  const listText = (about, name, values) =>
    `/** ${about} */\nexport const ${name} = ${JSON.stringify(values)} as const;\n`;
  return [
    '',
    '// The settings of a server: bounds, defaults, and what is said of each.',
    '',
    "import type { RtmServerRateGroup } from './setting-types.js';",
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
    '/** A setting that is true or false. */',
    'export interface FlagSetting {',
    '  readonly byDefault: boolean;',
    '  /** For the list of settings. */',
    '  readonly about: string;',
    '}',
    '',
    '/** A setting that is one of several words. */',
    'export interface ChoiceSetting {',
    '  readonly values: readonly string[];',
    '  readonly byDefault: string;',
    '  /** For the list of settings. */',
    '  readonly about: string;',
    '}',
    '',
    'type NumberSettings = Readonly<Record<string, NumberSetting>>;',
    '',
    '/** Groups of calls that share a frequency limit, with the numbers of the wire. */',
    'export const RATE_GROUPS = {',
    ...Object.keys(rates).map((group) => `  ${group}: ${rateGroups[`RATE_${upper(group)}`]},`),
    '} as const satisfies Readonly<Record<RtmServerRateGroup, number>>;',
    '',
    '/** The numbers of {@link RtmServerLimits}. 0 is no limit, or the most where a frame sets it. */',
    `export const LIMITS = {\n${rowsText(Object.entries(limits))}\n} as const satisfies NumberSettings;\n`,
    '/** Groups of whole numbers. */',
    'export const GROUPS = {',
    ...Object.entries(groups).map(
      ([name, { about, settings: all }]) => `/** ${about} */\n${name}: {\n${rowsText(Object.entries(all))}\n},`,
    ),
    '} as const satisfies Readonly<Record<string, NumberSettings>>;',
    'export type GroupName = keyof typeof GROUPS;',
    '',
    '/** Single settings that are whole numbers, by their paths. */',
    `export const NUMBERS = {\n${rowsText(singles.map((each) => [each.name, each]))}\n} as const satisfies NumberSettings;\n`,
    '/** Settings that are true or false. One with the name of a group says whether there is what the group configures. */',
    'export const FLAGS = {',
    ...flags.map(
      ({ name, byDefault, about }) => `${name}: { byDefault: ${byDefault}, about: ${JSON.stringify(about)} },`,
    ),
    '} as const satisfies Readonly<Record<string, FlagSetting>>;',
    '',
    '/** Settings that are one of several words, by their paths. C++ gets the place of the word. */',
    'export const CHOICES = {',
    ...choices.map(
      ({ path, values, byDefault, about }) =>
        `${JSON.stringify(path)}: { values: ${JSON.stringify(values)}, byDefault: '${byDefault}', about: ${JSON.stringify(plain(about))} },`,
    ),
    '} as const satisfies Readonly<Record<string, ChoiceSetting>>;',
    '',
    '/** What is said of all other settings, by their paths. */',
    'export const TEXTS = {',
    ...texts.map(
      ([path, { about, byDefault }]) =>
        `${JSON.stringify(path)}: { about: ${JSON.stringify(plain(about))}${byDefault === '' ? '' : `, byDefault: ${JSON.stringify(plain(byDefault))}`} },`,
    ),
    '} as const;',
    '',
    listText('The options of RtmServer.start().', 'OPTION_NAMES', optionNames()),
    listText('Paths of settings that need `engine`.', 'ONLY_IN_CLUSTER', pathsOf('cluster')),
    listText('Paths of settings that a server with `engine` refuses.', 'NOT_IN_CLUSTER', pathsOf('alone')),
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

/** All files of TypeScript. `rateGroups`: the numbers of RateGroup in rtm.proto. */
export const tsSettingFiles = (rateGroups) => [
  { path: 'lib/server/options/setting-types.ts', source, body: typesText() },
  { path: 'lib/server/options/settings.ts', source, body: tablesText(rateGroups) },
  { path: 'lib/server/storage/lmdb/retention.ts', source, body: retentionText() },
];

// The numbers of the engines and stores, from proto/engine-constants.mjs, and those that all rooms share, from
// proto/common-constants.mjs.
import { areas, commonConstants, everyArea, logLevels } from '../../proto/common-constants.mjs';
import { constants, storeConstants } from '../../proto/engine-constants.mjs';
import { limits } from '../../proto/server-settings.mjs';
import { source as bridgeSource, enumNames, enumOf } from './bridge-fields.mjs';
import { jsdoc, leading } from './comments.mjs';
import { pascal, upper } from './names.mjs';
import { luaCodes } from './server-codes.mjs';
import { engineParameters, sentence, source as settingSource } from './settings-model.mjs';
import { wireSource, wireValues } from './wire-enums.mjs';

const source = 'proto/engine-constants.mjs';
const commonSource = 'proto/common-constants.mjs';

const forLanguage = (list, language) => list.filter(({ only = language }) => [only].flat().includes(language));

const constant = (name, { value, about, type = 'std::uint32_t' }) =>
  `${leading('///', about)}inline constexpr ${type} k${name} = ${value};`;
const cppConstant = (each) => constant(pascal(each.name), each);
const luaConstant = ({ name, value, about }) => `${leading('--', about)}local ${name} = ${value}`;
const tsConstant = ({ name, value, about }) => `/** ${about} */\nexport const ${name} = ${value};`;

const header = (namespace, includes, body) =>
  [
    '#pragma once',
    '',
    ...includes.map((each) => `#include <${each}>`),
    ...(includes.length > 0 ? [''] : []),
    `namespace ${namespace} {`,
    '',
    ...body,
    '',
    `}  // namespace ${namespace}`,
  ].join('\n');

function commonHeader() {
  return header(
    'rtm',
    ['array', 'cstddef', 'cstdint', 'string_view'],
    [
      ...forLanguage(commonConstants, 'cpp').map(cppConstant),
      '',
      'struct Area {',
      '  std::string_view name;',
      '  std::uint32_t bit;',
      '};',
      '/// Regions of servers, by the names that endpoints use, with their bits of RTM_AREA_CODE.',
      `inline constexpr std::array<Area, ${Object.keys(areas).length}> kAreas = {{`,
      ...Object.entries(areas).map(([name, bit]) => `{"${name}", ${bit}},`),
      '}};',
      '/// All of them, and regions to come.',
      `inline constexpr Area kEveryArea{"${everyArea.name}", ${everyArea.bit}};`,
    ],
  );
}

/** The values of SendFlag in rtm.proto, with their comments. */
const sendFlags = () =>
  wireValues('SendFlag')
    .filter(({ number }) => number !== 0)
    .map(({ name, number, about }) => ({ name, value: number, about: sentence(`${about}.`) }));

/** An enumeration for the functions in Redis. */
function luaEnum(name) {
  const { about, values } = enumOf(name);
  const members = values.map((each) => `${each.name} = '${each.number}'`);
  return `${leading('--', about)}local ${upper(name)} = {${members.join(', ')}}`;
}

function commonModule() {
  return [
    ...forLanguage(commonConstants, 'ts').map(tsConstant),
    tsConstant({
      name: 'SDK_MESSAGE_BYTES',
      value: limits.messageBytes.sdk,
      about: `${sentence(limits.messageBytes.about)}, of SDK 1.5.0.`,
    }),
    '',
    '/** Regions of servers, by the names that endpoints use, with their bits of `RTM_AREA_CODE`. */',
    `export const AREAS: Readonly<Record<string, number>> = { ${Object.entries(areas)
      .map(([name, bit]) => `${name}: ${bit}`)
      .join(', ')} };`,
    `/** All of them, and regions to come. */\nexport const EVERY_AREA = '${everyArea.name}';`,
    '',
    `/** Bits of the flags of a send, as ${wireSource} has them. */\nexport const SendFlag = {`,
    ...sendFlags().map(({ name, value, about }) => `${jsdoc(about)}${name}: ${value},`),
    '} as const;',
  ].join('\n');
}

const levels = Object.entries(logLevels).map(([name, level]) => ({ name, cpp: pascal(name), ...level }));
const hex = (number) => `0x${number.toString(16)}`;

function levelHeader() {
  return header(
    'rtm',
    [],
    [
      '/// How important a line of a log is, the most important first. Bits as in LOG_FILTER_TYPE (docs/spec/enums.md): a filter is',
      '/// a set of levels.',
      `enum class LogLevel : unsigned { ${levels.map(({ cpp, bit }) => `${cpp} = ${hex(bit)}`).join(', ')} };`,
      '/// All of them.',
      `inline constexpr unsigned kLogLevels = ${hex(levels.reduce((all, { bit }) => all | bit, 0))};`,
      '',
      '/// The word for a level in a log file.',
      'constexpr const char* nameOf(LogLevel level) {',
      '  switch (level) {',
      ...levels.map(({ cpp, inFile }) => `    case LogLevel::${cpp}:\n      return "${inFile}";`),
      '  }',
      '  return "?";',
      '}',
    ],
  );
}

function levelModule() {
  let filter = 0;
  const filters = levels
    .filter(({ option }) => option !== undefined)
    .map(({ option, bit }) => {
      filter |= bit;
      return `${option}: ${hex(filter)},`;
    });
  return [
    '',
    '/** How important a line of a log is, the most important first; bits of `LogLevel` in C++. */',
    'export const LOG_LEVELS = {',
    ...levels.map(({ name, bit }) => `${name}: ${hex(bit)},`),
    '} as const;',
    'export type LogLevelName = keyof typeof LOG_LEVELS;',
    '',
    '/** The words of a log as JSON. */',
    'export const JSON_LOG_LEVELS = {',
    ...levels.map(({ name, json }) => `${name}: '${json}',`),
    '} as const;',
    '',
    '/** What a client logs, each level with those above it: values of `LOG_FILTER_TYPE`. */',
    'export const CLIENT_LOG_FILTERS = {',
    'off: 0,',
    ...filters,
    '} as const;',
  ].join('\n');
}

/** All files of these numbers. */
export function constantFiles() {
  const engines = [
    ...forLanguage(constants, 'cpp').map(cppConstant),
    '',
    `// Defaults of settings, from ${settingSource}.`,
    ...engineParameters.map(({ name, byDefault, about, type }) =>
      constant(name, { value: byDefault, about: `${sentence(about)}.`, type }),
    ),
  ];
  const inLua = [constants, storeConstants].flatMap((list) => forLanguage(list, 'lua'));
  const flags = sendFlags().map(({ name, ...flag }) => ({ ...flag, name: `SEND_${upper(name)}` }));
  const lua = [
    ...[...inLua, ...flags].map(luaConstant),
    '',
    `-- Enumerations of ${bridgeSource}, as texts: as such they stand in keys, arguments and replies.`,
    ...enumNames.map(luaEnum),
    '',
    ...luaCodes(),
  ];
  const stores = forLanguage(storeConstants, 'cpp').map(cppConstant);
  const ts = (list) => forLanguage(list, 'ts').map(tsConstant).join('\n');
  return [
    {
      path: 'cpp/server/engine/seam/engine_constants.hpp',
      source,
      body: header('rtm::server', ['cstdint'], engines),
    },
    { path: 'cpp/server/model/store_constants.hpp', source, body: header('rtm::server', ['cstdint'], stores) },
    { path: 'lib/server/cluster/redis/scripts/constants.lua', source, body: lua.join('\n') },
    { path: 'lib/server/cluster/engine-constants.ts', source, body: ts(constants) },
    { path: 'lib/server/storage/store-constants.ts', source, body: ts(storeConstants) },
    { path: 'cpp/base/common_constants.hpp', source: commonSource, body: commonHeader() },
    { path: 'lib/common-constants.ts', source: commonSource, body: commonModule() },
    { path: 'cpp/base/log_levels.hpp', source: commonSource, body: levelHeader() },
    { path: 'lib/log-levels.ts', source: commonSource, body: levelModule() },
  ];
}

// The numbers of a server, from proto/server-stats.mjs.
import { appendBoundsUs, memory, numbers, refusals, store, usage } from '../../proto/server-stats.mjs';
import { jsdoc } from './comments.mjs';
import { pascal, upper } from './names.mjs';

const source = 'proto/server-stats.mjs';
const all = Object.entries(numbers);
const categories = Object.entries(memory);
const crossing = all.filter(([, { js }]) => js !== false);

function cppText() {
  const counted = all.filter(([, { loop }]) => loop !== undefined);
  const sums = counted.map(([name, { loop }]) =>
    loop === 'sum'
      ? `    stats.${name} += ${name}.get();`
      : `    stats.${name} = std::max(stats.${name}, ${name}.get());`,
  );
  return [
    '#pragma once',
    '',
    '#include <algorithm>',
    '#include <array>',
    '#include <cstddef>',
    '#include <cstdint>',
    '',
    '#include "server/counter.hpp"',
    '',
    'namespace rtm::server {',
    '',
    '/// Why a login was refused.',
    'enum class LoginRefusal : std::uint8_t {',
    ...Object.entries(refusals).map(([name, about]) => `  ${pascal(upper(name))},  ///< ${about}`),
    '};',
    `inline constexpr std::size_t kLoginRefusals = ${Object.keys(refusals).length};`,
    '',
    '/// For what memory is taken.',
    'enum class MemoryCategory : std::uint8_t {',
    ...categories.map(([name, { about }]) => `  /// ${about}\n  ${pascal(upper(name))},`),
    '};',
    `inline constexpr std::size_t kMemoryCategories = ${categories.length};`,
    '',
    '/// Numbers of a server, of now or counted since its start.',
    'struct ServerNumbers {',
    ...all.map(([name, { about }]) => `  /// ${about}\n  std::uint64_t ${name} = 0;`),
    '  std::array<std::uint64_t, kLoginRefusals> loginRefusals{};  ///< `loginFailures` by LoginRefusal',
    '  std::array<std::uint64_t, kMemoryCategories> memory{};      ///< bytes by MemoryCategory',
    '',
    '  /// In the order in which JavaScript takes them.',
    `  std::array<std::uint64_t, ${crossing.length} + kLoginRefusals + kMemoryCategories> inOrder() const {`,
    `    std::array<std::uint64_t, ${crossing.length} + kLoginRefusals + kMemoryCategories> all{${crossing.map(([name]) => name).join(', ')}};`,
    `    const auto behind = std::copy(loginRefusals.begin(), loginRefusals.end(), all.begin() + ${crossing.length});`,
    '    std::copy(memory.begin(), memory.end(), behind);',
    '    return all;',
    '  }',
    '};',
    '',
    "/// One loop's part of the numbers.",
    'struct LoopStats {',
    ...counted.map(([name]) => `  Counter ${name};`),
    '  std::array<Counter, kLoginRefusals> loginRefusals;  ///< by LoginRefusal',
    '  Counter sweptAtMs;                                  ///< monotonic: when the last sweep was',
    '',
    '  /// Adds this loop to `stats`.',
    '  void addTo(ServerNumbers& stats) const {',
    ...sums,
    '    for (std::size_t kind = 0; kind < kLoginRefusals; ++kind) {',
    '      const std::uint64_t refused = loginRefusals[kind].get();',
    '      stats.loginRefusals[kind] += refused;',
    '      stats.loginFailures += refused;',
    '    }',
    '  }',
    '};',
    '',
    '}  // namespace rtm::server',
  ].join('\n');
}

const storeMembers = Object.entries(store).map(([name, each]) => ({ name, member: each.cpp ?? name, ...each }));
const usages = Object.entries(usage).map(([name, each]) => ({
  name,
  ...each,
  fields: Object.entries(each.fields).map(([field, type]) => ({ field, ...type })),
}));

function storeText() {
  const count = `${storeMembers.length} + kAppendBoundsUs.size() + 1`;
  return [
    '#pragma once',
    '',
    '#include <algorithm>',
    '#include <array>',
    '#include <cstdint>',
    '',
    'namespace rtm::server {',
    '',
    '/// Upper bounds of the classes in which appends are counted by their time, in microseconds. One more class holds the',
    '/// rest.',
    `inline constexpr std::array<std::uint64_t, ${appendBoundsUs.length}> kAppendBoundsUs = {${appendBoundsUs.join(', ')}};`,
    '',
    '/// What the store has done since the start.',
    'struct StoreStats {',
    ...storeMembers.map(({ member, about, cppAbout = about }) => `  /// ${cppAbout}\n  std::uint64_t ${member} = 0;`),
    '  std::array<std::uint64_t, kAppendBoundsUs.size() + 1> appendTimes{};  ///< appends by their time',
    '',
    '  /// In the order in which JavaScript takes them.',
    `  std::array<std::uint64_t, ${count}> inOrder() const {`,
    `    std::array<std::uint64_t, ${count}> all{${storeMembers.map(({ member }) => member).join(', ')}};`,
    `    std::copy(appendTimes.begin(), appendTimes.end(), all.begin() + ${storeMembers.length});`,
    '    return all;',
    '  }',
    '};',
    '',
    '}  // namespace rtm::server',
  ].join('\n');
}

function usageText() {
  const types = {
    app: ['AppNumber', '{}'],
    text: ['std::string', ''],
    number: ['std::uint64_t', ' = 0'],
    memory: ['std::array<std::uint64_t, kMemoryCategories>', '{}'],
  };
  const member = ({ field, type, about }) => {
    const [declared, initial] = types[type];
    return `${type === 'app' ? '' : `  /// ${about}\n`}  ${declared} ${field}${initial};`;
  };
  return [
    '#pragma once',
    '',
    '#include <array>',
    '#include <cstdint>',
    '#include <string>',
    '',
    '#include "server/model/names.hpp"',
    '#include "server/stats.hpp"',
    '',
    'namespace rtm::server {',
    '',
    ...usages.map(({ cpp, about, fields }) => `/// ${about}\nstruct ${cpp} {\n${fields.map(member).join('\n')}\n};\n`),
    '}  // namespace rtm::server',
  ].join('\n');
}

function rowsText() {
  const number = (value) => `static_cast<double>(${value})`;
  const cell = ({ field, type }) => {
    if (type === 'text') return `  row.Set(at++, Napi::String::New(env, usage.${field}));`;
    if (type !== 'memory') return `  row.Set(at++, ${number(`usage.${field}`)});`;
    return `  for (const std::uint64_t each : usage.${field}) row.Set(at++, ${number('each')});`;
  };
  const row = ({ cpp, fields }) =>
    [
      `inline Napi::Array rowOf(Napi::Env env, const server::${cpp}& usage) {`,
      '  Napi::Array row = Napi::Array::New(env);',
      '  std::uint32_t at = 0;',
      ...fields.map(cell),
      '  return row;',
      '}',
      '',
    ].join('\n');
  return [
    '#pragma once',
    '',
    '// Who takes how much memory, as rows; lib/usage-rows.ts says what is in them.',
    '',
    '#include <cstdint>',
    '',
    '#include "binding/napi_setup.hpp"',
    '#include "server/usage.hpp"',
    '',
    'namespace rtm::binding {',
    '',
    ...usages.map(row),
    '}  // namespace rtm::binding',
  ].join('\n');
}

const nativeRow = (name) => `Native${pascal(upper(name))}Usage`;

function nativeRowsText() {
  const cell = ({ field, type }) => {
    if (type === 'memory') return `...${field}: number[]`;
    return `${field}: ${type === 'text' ? 'string' : 'number'}`;
  };
  const rows = usages.map(
    ({ name, about, fields }) =>
      `/** ${about} The number of its App stands for the App. */\nexport type ${nativeRow(name)} = readonly [${fields.map(cell).join(', ')}];\n`,
  );
  const lists = usages.map(({ name }) => `${name}s: readonly ${nativeRow(name)}[]`);
  return [
    '',
    '// Who takes how much memory, as the addon tells it.',
    '',
    ...rows,
    '/** The bytes of each App, then the largest of each kind. */',
    `export type NativeUsage = readonly [apps: readonly number[], ${lists.join(', ')}];`,
  ].join('\n');
}

/** The rows of the addon with names. */
function usageModuleText() {
  const tsName = ({ field, type }) => (type === 'app' ? 'appId' : field);
  const tsTypes = { app: 'string', text: 'string', number: 'number', memory: 'RtmServerMemory' };
  return usages.flatMap(({ name, ts, about, fields }) => {
    const members = fields.map((each) => `${jsdoc(each.about)}readonly ${tsName(each)}: ${tsTypes[each.type]};`);
    const cells = fields.map(({ field, type }) => (type === 'memory' ? `...${field}` : field));
    const value = (each) => {
      if (each.type === 'app') return "appId: appIds[app] ?? ''";
      return each.type === 'memory' ? `${each.field}: memoryOf(${each.field})` : each.field;
    };
    return [
      `/** ${about} */\nexport interface ${ts} {\n${members.join('\n')}\n}\n`,
      `export function ${name}Usage(row: ${nativeRow(name)}, appIds: readonly string[]): ${ts} {`,
      `  const [${cells.join(', ')}] = row;`,
      `  return { ${fields.map(value).join(', ')} };`,
      '}',
      '',
    ];
  });
}

function tsText() {
  const members = (entries) => entries.map(([name, about]) => `${jsdoc(about)}readonly ${name}: number;`).join('\n');
  const names = (entries) => entries.map(([name]) => `'${name}',`).join('\n');
  const imported = usages.map(({ name }) => nativeRow(name)).sort();
  return [
    '',
    `import type { ${imported.join(', ')} } from '../../usage-rows.js';`,
    '',
    '/** Numbers of a running server: of now, or counted since its start. */',
    `export interface RtmServerNumbers {\n${members(crossing.map(([name, { about }]) => [name, about]))}\n}`,
    '',
    '/** Refused logins by reason. */',
    `export interface RtmServerLoginFailures {\n${members(Object.entries(refusals))}\n}`,
    '',
    '/** Bytes of memory by what they are taken for. */',
    `export interface RtmServerMemory {\n${members(categories.map(([name, { about }]) => [name, about]))}\n}`,
    '',
    '/** The numbers in the order in which they cross. */',
    `export const NUMBERS = [\n${names(crossing)}\n] as const satisfies readonly (keyof RtmServerNumbers)[];`,
    '',
    '/** The reasons, which follow the numbers. */',
    `export const FAILURES = [\n${names(Object.entries(refusals))}\n] as const satisfies readonly (keyof RtmServerLoginFailures)[];`,
    '',
    '/** The categories of memory, which follow the reasons. */',
    `export const MEMORY = [\n${names(categories)}\n] as const satisfies readonly (keyof RtmServerMemory)[];`,
    '',
    '/** Bytes of each category, by its name. */',
    'export function memoryOf(bytes: readonly number[]): RtmServerMemory {',
    `  return { ${categories.map(([name], at) => `${name}: bytes[${at}] ?? 0`).join(', ')} };`,
    '}',
    '',
    '/** Numbers of what keeps messages beyond their delivery. */',
    `export interface RtmServerStoreNumbers {\n${members(storeMembers.map(({ name, about }) => [name, about]))}\n}`,
    '',
    '/** The numbers of the store, which follow the categories of memory; each with the divisor that makes its unit of the number that crosses. */',
    `export const STORE = {\n${storeMembers.map(({ name, per = 1 }) => `${name}: ${per},`).join('\n')}\n} as const satisfies Readonly<Record<keyof RtmServerStoreNumbers, number>>;`,
    '',
    '/** Longest times of the classes of appends, in seconds. How many each has follows the numbers of the store. */',
    `export const APPEND_TIMES = [${[...appendBoundsUs.map((us) => us / 1e6), 'Number.POSITIVE_INFINITY'].join(', ')}] as const;`,
    '',
    ...usageModuleText(),
  ].join('\n');
}

/** All files of the numbers of a server. */
export function statFiles() {
  return [
    { path: 'cpp/server/stats.hpp', source, body: cppText() },
    { path: 'cpp/server/store/store_stats.hpp', source, body: storeText() },
    { path: 'cpp/server/usage.hpp', source, body: usageText() },
    { path: 'cpp/binding/functions/usage_rows.hpp', source, body: rowsText() },
    { path: 'lib/server/stats/numbers.ts', source, body: tsText() },
    { path: 'lib/usage-rows.ts', source, body: nativeRowsText() },
  ];
}

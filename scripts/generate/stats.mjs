// The numbers of a server, from proto/server-stats.mjs.
import { memory, numbers, refusals } from '../../proto/server-stats.mjs';
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

function tsText() {
  const members = (entries) => entries.map(([name, about]) => `${jsdoc(about)}readonly ${name}: number;`).join('\n');
  const names = (entries) => entries.map(([name]) => `'${name}',`).join('\n');
  return [
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
  ].join('\n');
}

/** All files of the numbers of a server. */
export function statFiles() {
  return [
    { path: 'cpp/server/stats.hpp', source, body: cppText() },
    { path: 'lib/server/stats/numbers.ts', source, body: tsText() },
  ];
}

// The numbers of what crosses the bridge, from proto/bridge.mjs.
import { answers, engineOperations, newsKinds, records, storeOperations } from '../../proto/bridge.mjs';

const source = 'proto/bridge.mjs';
const operations = [...storeOperations, ...engineOperations];

function check() {
  const known = new Map();
  for (const { name, number } of [...operations, ...newsKinds.map((each) => ({ ...each, number: -each.number }))]) {
    if (known.has(number)) throw new Error(`${source}: ${name} and ${known.get(number)} have one number`);
    known.set(number, name);
  }
}

const enumText = (name, entries) => [
  `enum class ${name} : std::uint8_t {`,
  ...entries.map(
    ({ name: each, number, fields, answer }) =>
      `  /// ${fields}${answer === undefined ? '' : ` → ${answer}`}\n  ${each} = ${number},`,
  ),
  '};',
  '',
];

function cppText() {
  return [
    '#pragma once',
    '',
    '#include <cstdint>',
    '',
    'namespace rtm::server {',
    '',
    '// What crosses the bridge, with its fields: b = byte or flag, w = 32 bits, # = 64 bits, bytes16 and bytes32 = so many',
    '// bytes without a length, list = count, then items; `app` is w, the place of the App ID in the list of the server.',
    '// These records stand for their fields:',
    ...Object.entries(records).map(([name, fields]) => `// - ${name}: ${fields}`),
    '//',
    '// A batch in either direction is a run of records. Each begins with the number of bytes that follow (w).',
    '// - operation: w size, b Operation, # request (0: no answer is wanted), fields',
    '// - answer: w size, b AnswerKind, # request, fields',
    '// - news: w size, b NewsKind, w loop (kAllLoops: every one), fields',
    '',
    '// clang-format off',
    `#define RTM_BRIDGE_OPERATIONS(X) \\\n${operations.map(({ name, number }) => `  X(${name}, ${number})`).join(' \\\n')}`,
    '// clang-format on',
    '',
    '/// An operation for JavaScript. The part behind an arrow is the answer; an operation without an arrow has none.',
    ...enumText('Operation', operations),
    '/// What comes back for an operation.',
    ...enumText('AnswerKind', answers),
    '/// What comes unasked, for one loop or for all.',
    ...enumText('NewsKind', newsKinds),
    '/// In the place of the number of a loop.',
    'inline constexpr std::uint32_t kAllLoops = 0xFFFFFFFF;',
    '',
    '}  // namespace rtm::server',
  ].join('\n');
}

function tsText() {
  const object = (name, entries) => [
    `export const ${name} = {`,
    ...entries.map(({ name: each, number, fields, answer }) => {
      return `  /** ${fields}${answer === undefined ? '' : ` → ${answer}`} */\n  ${each}: ${number},`;
    }),
    '} as const;',
    `export type ${name} = (typeof ${name})[keyof typeof ${name}];`,
    '',
  ];
  return [
    '',
    '// What crosses the bridge, with its fields: b = byte or flag, w = 32 bits, # = 64 bits, bytes16 and bytes32 = so many',
    '// bytes without a length, list = count, then items; `app` is w, the place of the App ID in the list of the server.',
    '// These records stand for their fields:',
    ...Object.entries(records).map(([name, fields]) => `// - ${name}: ${fields}`),
    '',
    '/** An operation for JavaScript. The part behind an arrow is the answer. */',
    ...object('Operation', operations),
    '/** What comes back for an operation. */',
    ...object('AnswerKind', answers),
    '/** What comes unasked, for one loop or for all. */',
    ...object('NewsKind', newsKinds),
    '/** In the place of the number of a loop. */',
    'export const ALL_LOOPS = 0xffffffff;',
  ].join('\n');
}

/** All files of the bridge. */
export function bridgeFiles() {
  check();
  return [
    { path: 'cpp/server/bridge/operations.hpp', source, body: cppText() },
    { path: 'lib/server/bridge/operations.ts', source, body: tsText() },
  ];
}

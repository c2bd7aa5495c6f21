// The codes that a server sends, from proto/server-codes.mjs.
import { serverCodes } from '../../proto/server-codes.mjs';
import { leading } from './comments.mjs';
import { pascal, upper } from './names.mjs';

const source = 'proto/server-codes.mjs';

/** The groups, each with its codes; `promised`: the names of the public surface. */
const groups = Object.entries(serverCodes).map(([group, { vendor, cluster = false, values }]) => ({
  group,
  cluster,
  codes: Object.entries(values).map(([name, value]) => {
    const code = typeof value === 'number' ? { number: value } : value;
    const enums = code.of === undefined ? vendor : [code.of];
    return { ...code, short: name, promised: enums.map((each) => `${each}_${code.name ?? upper(name)}`) };
  }),
}));

const inCluster = groups.filter(({ cluster }) => cluster);
const members = (codes) => [{ short: 'Ok', number: 0 }, ...codes];

function headerText() {
  const namespaces = groups.map(({ group, codes }) => {
    const lines = codes.map(
      ({ short, number, about }) => `${leading('///', about)}inline constexpr std::uint32_t k${short} = ${number};`,
    );
    return `namespace ${group} {\n${lines.join('\n')}\n}  // namespace ${group}\n`;
  });
  return [
    '#pragma once',
    '',
    '// The error enumerations of the API, as far as the server produces them: the values of `code` fields',
    '// (docs/spec/enums.md).',
    '',
    '#include <cstdint>',
    '',
    'namespace rtm::server::code {',
    '',
    'inline constexpr std::uint32_t kOk = 0;',
    '',
    ...namespaces,
    '}  // namespace rtm::server::code',
  ].join('\n');
}

function testText() {
  const asserts = groups.flatMap(({ group, codes }) => [
    ...codes.flatMap(({ short, promised }) =>
      promised.map((each) => `static_assert(kSame<code::${group}::k${short}, ${each}>);`),
    ),
    '',
  ]);
  return [
    '// The codes that the server sends are the numbers of the public header, which the server does not include.',
    '',
    '#include "server/model/codes.hpp"',
    '#include "IAgoraRtmService.h"',
    '',
    'namespace rtm::test {',
    'namespace {',
    '',
    'using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable',
    'namespace code = server::code;',
    '',
    'template <std::uint32_t sent, auto promised>',
    'constexpr bool kSame = sent == static_cast<std::uint32_t>(promised);',
    '',
    ...asserts,
    '}  // namespace',
    '}  // namespace rtm::test',
  ].join('\n');
}

function moduleText() {
  const objects = inCluster.map(({ group, codes }) => {
    const lines = members(codes).map(({ short, number }) => `${short}: ${number},`);
    return `export const ${pascal(group)}Code = {\n${lines.join('\n')}\n} as const;`;
  });
  return ['', '// The codes that a cluster sends: numbers of the public surface.', '', ...objects].join('\n');
}

/** The codes for the functions in Redis, as texts: as such they stand in replies. */
export const luaCodes = () => [
  `-- Codes of ${source}, as texts: as such they stand in replies.`,
  ...inCluster.map(({ group, codes }) => {
    const fields = members(codes).map(({ short, number }) => `${short} = '${number}'`);
    return `local ${upper(pascal(group))}_CODE = {${fields.join(', ')}}`;
  }),
];

export const serverCodeFiles = () => [
  { path: 'cpp/server/model/codes.hpp', source, body: headerText() },
  { path: 'test/cpp/integration/codes_test.cpp', source, body: testText() },
  { path: 'lib/server/cluster/codes.ts', source, body: moduleText() },
];

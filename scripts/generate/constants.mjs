// The numbers of the engines, from proto/engine-constants.mjs.
import { constants } from '../../proto/engine-constants.mjs';
import { leading } from './comments.mjs';
import { pascal } from './names.mjs';

const source = 'proto/engine-constants.mjs';

/** All files of the engines' numbers. */
export function constantFiles() {
  const shared = constants.filter(({ only }) => only === undefined);
  const cpp = shared.map(
    ({ name, value, about }) => `${leading('///', about)}inline constexpr std::uint32_t k${pascal(name)} = ${value};`,
  );
  const lua = shared.map(({ name, value, about }) => `${leading('--', about)}local ${name} = ${value}`);
  const ts = constants.map(
    ({ name, value, about }) =>
      `/** ${about} */\nexport const ${name} = ${typeof value === 'number' ? value : JSON.stringify(value)};`,
  );
  return [
    {
      path: 'cpp/server/engine/seam/engine_constants.hpp',
      source,
      body: [
        '#pragma once',
        '',
        '#include <cstdint>',
        '',
        'namespace rtm::server {',
        '',
        ...cpp,
        '',
        '}  // namespace rtm::server',
      ].join('\n'),
    },
    { path: 'lib/server/cluster/redis/scripts/constants.lua', source, body: lua.join('\n') },
    { path: 'lib/server/cluster/engine-constants.ts', source, body: ts.join('\n') },
  ];
}

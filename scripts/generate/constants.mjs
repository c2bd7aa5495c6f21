// The numbers of the engines, from proto/engine-constants.mjs.
import { constants } from '../../proto/engine-constants.mjs';
import { leading } from './comments.mjs';
import { pascal } from './names.mjs';
import { engineParameters, sentence, source as settingSource } from './settings-model.mjs';

const source = 'proto/engine-constants.mjs';

const constantsFor = (language) => constants.filter(({ only = language }) => [only].flat().includes(language));

/** All files of the engines' numbers. */
export function constantFiles() {
  const constant = (name, value, about, type = 'std::uint32_t') =>
    `${leading('///', about)}inline constexpr ${type} k${name} = ${value};`;
  const cpp = [
    ...constantsFor('cpp').map(({ name, value, about }) => constant(pascal(name), value, about)),
    '',
    `// Defaults of settings, from ${settingSource}.`,
    ...engineParameters.map(({ name, byDefault, about, type }) =>
      constant(name, byDefault, `${sentence(about)}.`, type),
    ),
  ];
  const lua = constantsFor('lua').map(({ name, value, about }) => `${leading('--', about)}local ${name} = ${value}`);
  const ts = constantsFor('ts').map(({ name, value, about }) => `/** ${about} */\nexport const ${name} = ${value};`);
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

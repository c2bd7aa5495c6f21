// The numbers of the engines and stores, from proto/engine-constants.mjs.
import { constants, storeConstants } from '../../proto/engine-constants.mjs';
import { leading } from './comments.mjs';
import { pascal } from './names.mjs';
import { engineParameters, sentence, source as settingSource } from './settings-model.mjs';

const source = 'proto/engine-constants.mjs';

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
    '',
    `namespace ${namespace} {`,
    '',
    ...body,
    '',
    `}  // namespace ${namespace}`,
  ].join('\n');

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
  const lua = inLua.map(luaConstant);
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
  ];
}

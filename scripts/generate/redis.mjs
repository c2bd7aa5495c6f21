// The arguments of functions in Redis, from proto/redis-functions.mjs.
import { functions } from '../../proto/redis-functions.mjs';
import { pascal, upper } from './names.mjs';
import { engineSettings } from './settings-model.mjs';

const source = 'proto/redis-functions.mjs';

const types = {
  text: { ts: 'string', write: (value) => value },
  number: { ts: 'number', write: (value) => `String(${value})` },
  flag: { ts: 'boolean', write: (value) => `${value} ? '1' : '0'` },
  bytes: { ts: 'string | Buffer', write: (value) => value },
  rest: { ts: 'readonly string[]', write: (value) => `...${value}` },
};

function luaText([name, fields]) {
  const places = Object.keys(fields).map((field, index) => `  ${field} = ${index + 1},`);
  return `local ${upper(name)} = {\n${places.join('\n')}\n}\n`;
}

function check([name, fields]) {
  const entries = Object.entries(fields);
  const rest = entries.findIndex(([, type]) => type === 'rest');
  if (rest !== -1 && rest !== entries.length - 1) throw new Error(`${source}: ${name}: the rest must be at the end`);
  for (const [field] of entries.filter(([, type]) => type === 'setting')) {
    if (engineSettings.some(({ engine }) => engine === field)) continue;
    throw new Error(`${source}: ${name}.${field}: expected a setting of server-settings.mjs with engine: '${field}'`);
  }
}

function tsText([name, fields]) {
  const entries = Object.entries(fields);
  const given = entries.filter(([, type]) => type !== 'setting');
  const settings = entries.filter(([, type]) => type === 'setting').map(([field]) => field);
  const members = given.map(([field, type]) => `  readonly ${field}: ${types[type].ts};`);
  const values = entries.map(([field, type]) =>
    type === 'setting' ? `String(settings.${field})` : types[type].write(`given.${field}`),
  );
  const isText = entries.every(([, type]) => type !== 'bytes');
  const type = `${pascal(upper(name))}Arguments`;
  // Every function takes the settings: no caller changes when a function gets its first one.
  const parameters = [`given: ${type}`, `${settings.length > 0 ? '' : '_'}settings: EngineSettings`];
  return `
/** What \`${name}\` takes.${settings.length > 0 ? ` Of the settings: ${settings.join(', ')}.` : ''} */
export interface ${type} {
${members.join('\n')}
}

export function ${name}Arguments(${parameters.join(', ')}): ${isText ? 'string[]' : '(string | Buffer)[]'} {
  return [${values.join(', ')}];
}
`;
}

/** All files of the functions in Redis. */
export function redisFiles() {
  const all = Object.entries(functions);
  all.forEach(check);
  return [
    {
      path: 'lib/server/cluster/redis/scripts/arguments.lua',
      source,
      body: `-- The place of each argument of the functions that take many.\n\n${all.map(luaText).join('\n')}`,
    },
    {
      path: 'lib/server/cluster/redis/script-arguments.ts',
      source,
      body: `import type { EngineSettings } from '../engine-settings.js';\n${all.map(tsText).join('')}`,
    },
  ];
}

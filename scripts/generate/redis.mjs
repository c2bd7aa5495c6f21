// The arguments of functions in Redis, from proto/redis-functions.mjs.
import { functions } from '../../proto/redis-functions.mjs';
import { pascal, upper } from './names.mjs';

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

function tsText([name, fields]) {
  const entries = Object.entries(fields);
  const rest = entries.findIndex(([, type]) => type === 'rest');
  if (rest !== -1 && rest !== entries.length - 1) throw new Error(`${source}: ${name}: the rest must be at the end`);
  const members = entries.map(([field, type]) => `  readonly ${field}: ${types[type].ts};`);
  const values = entries.map(([field, type]) => types[type].write(`given.${field}`));
  const isText = entries.every(([, type]) => type !== 'bytes');
  const type = `${pascal(upper(name))}Arguments`;
  return `
/** What \`${name}\` takes. */
export interface ${type} {
${members.join('\n')}
}

export function ${name}Arguments(given: ${type}): ${isText ? 'string[]' : '(string | Buffer)[]'} {
  return [${values.join(', ')}];
}
`;
}

/** All files of the functions in Redis. */
export function redisFiles() {
  const all = Object.entries(functions);
  return [
    {
      path: 'lib/server/cluster/redis/scripts/arguments.lua',
      source,
      body: `-- The place of each argument of the functions that take many.\n\n${all.map(luaText).join('\n')}`,
    },
    { path: 'lib/server/cluster/redis/script-arguments.ts', source, body: all.map(tsText).join('') },
  ];
}

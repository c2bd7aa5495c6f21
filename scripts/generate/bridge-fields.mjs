// The fields of the bridge, as proto/bridge.mjs writes them down.
import {
  calloutOperations,
  engineSections,
  enums,
  newsKinds,
  records as recordTable,
  storeOperations,
} from '../../proto/bridge.mjs';

export const source = 'proto/bridge.mjs';

/** @type {Record<string, any>} */
export const records = recordTable;
export const engineOperations = Object.values(engineSections).flat();
export const operations = [...storeOperations, ...engineOperations, ...calloutOperations];

const scalars = [
  'flag', 'byte', 'word', 'size', 'number', 'id', 'text', 'bytes', 'bytes16', 'bytes32', 'app', 'name', 'name in app',
  'loop',
]; // biome-ignore format: a list of words

/**
 * A type, taken apart: `StoredAttribute[]?` is an optional list of the record StoredAttribute.
 * @returns {{ form: 'scalar' | 'enum' | 'record' | 'member' | 'list' | 'optional', name: string, of?: any, size?: number }}
 */
export function typeOf(text) {
  if (text.endsWith('?')) return { form: 'optional', name: text, of: typeOf(text.slice(0, -1)) };
  if (text.endsWith('[]')) return { form: 'list', name: text, of: typeOf(text.slice(0, -2)) };
  if (text.startsWith('...')) return { form: 'member', name: text.slice(3) };
  if (text in enums) return { form: 'enum', name: text };
  if (text in records) return { form: 'record', name: text };
  if (!scalars.includes(text)) throw new Error(`${source}: the type ${text} is not known`);
  const size = /^bytes(\d+)$/.exec(text)?.[1];
  return { form: 'scalar', name: text, ...(size !== undefined && { size: Number(size) }) };
}

/** The fields of a record, an operation or news: name and type. */
export const fieldsOf = (fields) => Object.entries(fields).map(([name, type]) => ({ name, type: typeOf(type) }));

/** Fields as a comment. */
export const fieldsText = (fields) =>
  Object.entries(fields)
    .map(([name, type]) => (name === type ? name : `${name}: ${type}`))
    .join(', ') || 'nothing';

/** An operation as a comment: its fields, and behind an arrow its answer. */
export const operationText = ({ fields, answer }) =>
  `${fieldsText(fields)}${answer === undefined ? '' : ` → ${answer}`}`;

/** The records that fields hold, directly or inside others. */
export function recordsIn(types, found = new Set()) {
  for (let type of types) {
    while (type.of !== undefined) type = type.of;
    if ((type.form !== 'record' && type.form !== 'member') || found.has(type.name)) continue;
    recordsIn(
      fieldsOf(records[type.name].fields).map((field) => field.type),
      found,
    );
    found.add(type.name);
  }
  return found;
}

const typesIn = (groups) => groups.flatMap(({ fields }) => fieldsOf(fields).map((field) => field.type));
const plainAnswers = ['nothing', 'count', 'code'];
const answerTypes = operations
  .filter(({ answer }) => answer !== undefined && !plainAnswers.includes(answer))
  .map(({ answer }) => typeOf(answer));

/** The records that cross to JavaScript, and those that come from there, in the order of the description. */
const inOrder = (found) => Object.keys(records).filter((name) => found.has(name));
export const toJavaScript = inOrder(recordsIn(typesIn(operations)));
export const fromJavaScript = inOrder(recordsIn([...answerTypes, ...typesIn(newsKinds)]));

/** Throws if two entries have one number. */
export function check() {
  const known = new Map();
  for (const { name, number } of [...operations, ...newsKinds.map((each) => ({ ...each, number: -each.number }))]) {
    if (known.has(number)) throw new Error(`${source}: ${name} and ${known.get(number)} have one number`);
    known.set(number, name);
  }
}

// The fields of the bridge, as proto/bridge.mjs writes them down.
import {
  calloutOperations,
  cppTypes,
  engineSections,
  enums as enumTable,
  newsKinds,
  records as recordTable,
  storeOperations,
} from '../../proto/bridge.mjs';

import { wireValues } from './wire-enums.mjs';

export const source = 'proto/bridge.mjs';

/** @type {Record<string, any>} */
export const records = recordTable;
export const engineOperations = Object.values(engineSections).flat();
export const operations = [...storeOperations, ...engineOperations, ...calloutOperations];

export const enumNames = Object.keys(enumTable);

/**
 * An enumeration. Its values have the numbers of the wire, or those of their order.
 * @returns {{ about: string, cpp: string, isWire: boolean, values: { name: string, number: number, about?: string }[] }}
 */
export function enumOf(name) {
  const { about, wire, values } = enumTable[name];
  if (wire !== undefined) return { about, cpp: `wire::${wire}`, isWire: true, values: wireValues(wire) };
  const own = Object.entries(values).map(([value, note], number) => ({ name: value, number, about: note }));
  return { about, cpp: name, isWire: false, values: own };
}

const scalars = [
  'flag', 'byte', 'word', 'size', 'number', 'id', 'text', 'bytes', 'bytes16', 'bytes32', 'app', 'name', 'name in app',
  'loop',
]; // biome-ignore format: a list of words

/**
 * A type, taken apart: `StoredAttribute[]?` is an optional list of the record StoredAttribute.
 * @returns {{ form: 'scalar' | 'enum' | 'record' | 'member' | 'cpp' | 'list' | 'optional', name: string, of?: any, size?: number }}
 */
export function typeOf(text) {
  if (text.endsWith('?')) return { form: 'optional', name: text, of: typeOf(text.slice(0, -1)) };
  if (text.endsWith('[]')) return { form: 'list', name: text, of: typeOf(text.slice(0, -2)) };
  if (text.startsWith('...')) return { form: 'member', name: text.slice(3) };
  if (text in enumTable) return { form: 'enum', name: text };
  if (text in records) return { form: 'record', name: text };
  if (text in cppTypes) return { form: 'cpp', name: text };
  if (!scalars.includes(text)) throw new Error(`${source}: the type ${text} is not known`);
  const size = /^bytes(\d+)$/.exec(text)?.[1];
  return { form: 'scalar', name: text, ...(size !== undefined && { size: Number(size) }) };
}

const ONLY_CPP = ' in C++';

/** The members of the struct of a record in C++: name and type. */
export const membersOf = (fields) =>
  Object.entries(fields).map(([name, type]) => ({ name, type: typeOf(type.replace(ONLY_CPP, '')) }));

/** The fields of a record, an operation or news that cross: name and type. */
export const fieldsOf = (fields) =>
  membersOf(Object.fromEntries(Object.entries(fields).filter(([, type]) => !type.endsWith(ONLY_CPP))));

/** The fields of a record as TypeScript has them: those of a member stand in its place. */
export const flatFieldsOf = (fields) =>
  fieldsOf(fields).flatMap((field) =>
    field.type.form === 'member' ? flatFieldsOf(records[field.type.name].fields) : [field],
  );

/** Whether a record has no use but as a member of others. */
export function isOnlyMember(name) {
  const types = Object.values(records).flatMap(({ fields }) => Object.values(fields));
  const used = [...operations, ...newsKinds].flatMap(({ fields, answer = '' }) => [answer, ...Object.values(fields)]);
  return types.includes(`...${name}`) && ![...types, ...used].some((type) => type.replace(/[[\]?]/g, '') === name);
}

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

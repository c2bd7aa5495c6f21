// The TypeScript side of the bridge: numbers, records, the operations of an engine as an interface, and what is done for
// each operation.
import { answers, calloutOperations, engineSections, newsKinds, storeOperations } from '../../proto/bridge.mjs';
import {
  engineOperations,
  enumNames,
  enumOf,
  fieldsOf,
  flatFieldsOf,
  fromJavaScript,
  isOnlyMember,
  operations,
  operationText,
  records,
  source,
  toJavaScript,
  typeOf,
} from './bridge-fields.mjs';
import { jsdoc } from './comments.mjs';

function numbersText() {
  const object = (name, entries) => [
    `export const ${name} = {`,
    ...entries.map(({ name: each, number, about }) => `  /** ${about} */\n  ${each}: ${number},`),
    '} as const;',
    `export type ${name} = (typeof ${name})[keyof typeof ${name}];`,
    '',
  ];
  const withFields = (entries) => entries.map((each) => ({ ...each, about: operationText(each) }));
  return [
    '',
    `// What crosses the bridge, with its fields; ${source} explains their types.`,
    '',
    '/** An operation for JavaScript. The part behind an arrow is the answer. */',
    ...object('Operation', withFields(operations)),
    '/** What comes back for an operation. */',
    ...object('AnswerKind', answers),
    '/** What comes unasked, for one loop or for all. */',
    ...object('NewsKind', withFields(newsKinds)),
    '/** In the place of the number of a loop. */',
    'export const ALL_LOOPS = 0xffffffff;',
  ].join('\n');
}

// Types

const scalars = { flag: 'boolean', text: 'string', id: 'string', bytes: 'Uint8Array' };

function tsType(type) {
  if (type.form === 'optional') return `${tsType(type.of)} | undefined`;
  if (type.form === 'list') return `readonly ${tsType(type.of)}[]`;
  if (type.form === 'record' && records[type.name].pair) return '(readonly [string, string])';
  if (type.form !== 'scalar') return type.name;
  return type.size === undefined ? (scalars[type.name] ?? 'number') : 'Uint8Array';
}

/** A field as parameters: a name is two. */
function parametersOf({ name, type }) {
  if (type.name === 'app') return ['appId: string'];
  if (type.name === 'name') return ['appId: string', `${name}Id: string`];
  if (type.name === 'name in app') return [`${name}Id: string`];
  return [`${name}: ${tsType(type)}`];
}

/** What the promise of an operation resolves with; undefined: it has no promise. */
function outcomeOf({ answer }) {
  if (answer === undefined) return undefined;
  const plain = { nothing: 'void', flag: 'boolean', count: 'number', code: 'number' };
  if (plain[answer] !== undefined) return plain[answer];
  const type = typeOf(answer);
  return tsType(type).replace(/^readonly /, '');
}

/** The fields of a record; those of a member that has no interface stand in its place. */
function membersText({ fields, notes = {} }) {
  return fieldsOf(fields).flatMap(({ name: field, type }) => {
    if (type.form === 'member') return isOnlyMember(type.name) ? membersText(records[type.name]) : [];
    const [key, value] = type.name === 'app' ? ['appId', 'string'] : [field, tsType(type)];
    const optional = type.form === 'optional';
    return [`${jsdoc(notes[field])}readonly ${key}${optional ? '?' : ''}: ${optional ? tsType(type.of) : value};`];
  });
}

function interfaceText(name) {
  const { about, fields } = records[name];
  const bases = fieldsOf(fields).filter(({ type }) => type.form === 'member' && !isOnlyMember(type.name));
  const base = bases.map(({ type }) => ` extends ${type.name}`).join('');
  return `${jsdoc(about)}export interface ${name}${base} {\n${membersText(records[name]).join('\n')}\n}\n`;
}

/** What a store keeps. */
function storedText() {
  const stored = Object.keys(records).filter((name) => records[name].stored);
  return ['', '// What a store keeps, and what it is asked for.', '', ...stored.map(interfaceText)].join('\n');
}

function seamText() {
  const methods = Object.entries(engineSections).flatMap(([title, list]) => [
    `// ---- ${title}\n`,
    ...list.map((each) => {
      const parameters = fieldsOf(each.fields).flatMap(parametersOf).join(', ');
      const outcome = outcomeOf(each);
      return `${jsdoc(each.about)}${each.method}(${parameters}): ${outcome === undefined ? 'void' : `Promise<${outcome}>`};`;
    }),
    '',
  ]);
  const enumTexts = enumNames.map((name) => {
    const { about, cpp, values } = enumOf(name);
    const members = values.map((each) => `${jsdoc(each.about)}${each.name}: ${each.number},\n`);
    return [
      jsdoc(`${about} \`${cpp}\` in C++.`),
      `export const ${name} = {\n${members.join('')}} as const;\n`,
      `export type ${name} = (typeof ${name})[keyof typeof ${name}];\n`,
    ].join('');
  });
  const own = Object.entries(records).filter(
    ([name, { stored, callout, pair }]) => !stored && !callout && !pair && !isOnlyMember(name),
  );
  return [
    '',
    '// What an engine must be able to do, with the values that its operations carry; engine.ts says how.',
    '',
    "import type { HistoryFilter, HistoryPage } from '../storage/message-store.js';",
    '',
    ...enumTexts,
    ...own.map(([name]) => interfaceText(name)),
    '/** The operations of a node on the state that nodes share. */',
    `export interface EngineOperations {\n${methods.join('\n')}\n}`,
  ].join('\n');
}

// Reading and writing

/** Whether a record names an App ID, so that its reader needs the list of them. */
const needsApps = (name) => Object.values(records[name].fields).includes('app');

function readOf(type) {
  const { form, name } = type;
  if (form === 'list') {
    const item = type.of.name === 'text' ? 'reader.text()' : readOf(type.of);
    return `reader.list(() => ${item})`;
  }
  if (form === 'record' && records[name].pair) return '[reader.text(), reader.text()] as const';
  if (form === 'record') return `read${name}(reader${needsApps(name) ? ', apps' : ''})`;
  if (form === 'enum') return `reader.byte() as ${name}`;
  if (form === 'optional' || form === 'member') throw new Error(`${source}: an operation has no ${form} fields`);
  if (type.size !== undefined) return `reader.raw(${type.size})`;
  if (name === 'app') return 'readApp(reader, apps)';
  return `reader.${['size', 'loop'].includes(name) ? 'word' : name}()`;
}

/** A field as arguments, which JavaScript evaluates in order. */
function argumentsOf({ type }) {
  if (type.name === 'name') return ['readApp(reader, apps)', 'reader.text()'];
  if (type.name === 'name in app') return ['reader.text()'];
  return [readOf(type)];
}

function recordReader(name) {
  const members = flatFieldsOf(records[name].fields).map(({ name: field, type }) => {
    return `${type.name === 'app' ? 'appId' : field}: ${readOf(type)},`;
  });
  const apps = needsApps(name) ? ', apps: Apps' : '';
  return `export function read${name}(reader: RecordReader${apps}): ${name} {\n  return {\n${members.join('\n')}\n};\n}\n`;
}

/** Writes a value: `chained` follows the writer, `statement` stands alone. */
function writeOf(type, value) {
  const { form, name } = type;
  if (form === 'optional') {
    const item = type.of.form === 'list' ? writeOf(type.of, 'each') : undefined;
    const write = item === undefined ? `write${type.of.name}(writer, each)` : `writer${item.chained}`;
    return { chained: `.list(${value} ? [${value}] : [], (each) => ${write})` };
  }
  if (form === 'list') {
    const { of } = type;
    const variable = value === 'each' ? 'item' : 'each';
    const plain =
      of.form === 'record' ? `write${of.name}(writer, ${variable})` : `writer${writeOf(of, variable).chained}`;
    return { chained: `.list(${value}, (${variable}) => ${plain})` };
  }
  if (form === 'record') return { statement: `write${name}(writer, ${value});` };
  if (form === 'enum') return { chained: `.byte(${value})` };
  if (type.size !== undefined) return { chained: `.raw(${value}, ${type.size})` };
  return { chained: `.${name}(${value})` };
}

function writesText(values) {
  const statements = [];
  let chain = '';
  const end = () => {
    if (chain !== '') statements.push(`writer${chain};`);
    chain = '';
  };
  for (const { chained, statement } of values) {
    // A line each keeps the formatter from one line per call.
    if (chained?.startsWith('.list(')) end();
    if (chained !== undefined) chain += chained;
    if (statement !== undefined) {
      end();
      statements.push(statement);
    }
    if (chain.length > 70 || chained?.startsWith('.list(')) end();
  }
  end();
  return statements.join('\n');
}

function recordWriter(name) {
  const body = writesText(
    flatFieldsOf(records[name].fields).map((field) => writeOf(field.type, `value.${field.name}`)),
  );
  return `export function write${name}(writer: RecordWriter, value: ${name}): void {\n${body}\n}\n`;
}

function newsWriter({ name, fields }) {
  const list = fieldsOf(fields).flatMap((field) =>
    field.type.name === 'name'
      ? [
          { name: 'app', type: typeOf('word') },
          { name: `${field.name}Id`, type: typeOf('text') },
        ]
      : [field],
  );
  const parameters = ['writer: RecordWriter', ...list.map((field) => `${field.name}: ${tsType(field.type)}`)];
  const body = writesText(list.map((field) => writeOf(field.type, field.name)));
  return `export function write${name}(${parameters.join(', ')}): void {\n${body}\n}\n`;
}

/** The order of imports that the linter wants. */
const byLetters = (a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1);

/** Imports of the types that a text uses. */
function importsOf(text) {
  const used = (names) => names.filter((name) => new RegExp(`\\b${name}\\b`).test(text)).sort(byLetters);
  const stored = used(Object.keys(records).filter((name) => records[name].stored));
  const called = used(Object.keys(records).filter((name) => records[name].callout));
  const others = Object.keys(records).filter((name) => !records[name].stored && !records[name].callout);
  const own = used([...others, ...enumNames]);
  const line = (names, from) => (names.length === 0 ? [] : [`import type { ${names.join(', ')} } from '${from}';`]);
  return [
    ...line(called, '../callout/callout.js'),
    ...line(own, '../cluster/engine-seam.js'),
    ...line(stored, '../storage/message-store.js'),
  ];
}

function recordsText() {
  const told = newsKinds.filter(({ fields }) => Object.keys(fields).length > 0);
  const read = toJavaScript.filter((name) => !records[name].pair && !isOnlyMember(name));
  const write = fromJavaScript.filter((name) => !isHeldAsMember(name));
  const body = [
    '/** The App IDs of a server, by their numbers. */',
    'export type Apps = readonly string[];',
    '',
    'export function readApp(reader: RecordReader, apps: Apps): string {',
    '  return apps[reader.word()] as string;',
    '}',
    '',
    '// ---- records in operations',
    '',
    ...read.map(recordReader),
    '// ---- records in answers and news',
    '',
    ...write.map(recordWriter),
    '// ---- news: `app` is the number of an App ID',
    '',
    ...told.map((each) => newsWriter({ ...each, name: `${each.name}News` })),
  ].join('\n');
  return [
    '',
    '// Reads what comes from the loops of a server, and writes what goes there; cpp/server/bridge/bridge_records.hpp is the',
    '// other side.',
    '',
    ...importsOf(body),
    "import type { RecordReader, RecordWriter } from './record.js';",
    '',
    body,
  ].join('\n');
}

/** A record that only occurs as `...R`, whose fields another writer writes. */
const isHeldAsMember = (name) =>
  Object.values(records).some(({ fields }) => Object.values(fields).includes(`...${name}`));

// What is done for each operation

function answerText(answer) {
  if (['count', 'code'].includes(answer)) return 'writer.word(answer)';
  const type = typeOf(answer);
  const { chained } = writeOf(type, 'answer');
  return chained === undefined ? `write${type.name}(writer, answer)` : `writer${chained}`;
}

function operationEntry(target, { name, method, fields, answer, helper }) {
  const values = fieldsOf(fields).flatMap(argumentsOf);
  const call = helper === undefined ? `${target}.${method}(${values})` : `${helper}(${[target, ...values]})`;
  const key = `[Operation.${name}]`;
  if (answer === undefined) return `${key}: (reader) => {\n${call};\nreturn undefined;\n},`;
  if (answer === 'nothing') return `${key}: (reader) => ${call},`;
  return `${key}: async (reader) => {\nconst answer = await ${call};\nreturn (writer) => ${answerText(answer)};\n},`;
}

function tableText({ about, list, name, target, type, imports }) {
  const body = [
    jsdoc(about).trimEnd(),
    `export function ${name}(${target}: ${type}, apps: Apps): OperationTable {`,
    `return {\n${list.map((each) => operationEntry(target, each)).join('\n')}\n};`,
    '}',
  ].join('\n');
  const used = ['readApp', ...Object.keys(records).flatMap((each) => [`read${each}`, `write${each}`])]
    .filter((each) => body.includes(`${each}(`))
    .sort();
  const types = enumNames.filter((each) => body.includes(` as ${each}`));
  return [
    '',
    ...imports(types),
    "import type { OperationTable } from './bridge.js';",
    ...(list.some(({ helper }) => helper !== undefined)
      ? ["import { findListedMedia } from './listed-media.js';"]
      : []),
    "import { Operation } from './operations.js';",
    `import { type Apps, ${used.join(', ')} } from './records.js';`,
    '',
    body,
  ].join('\n');
}

export const tsFiles = () => [
  { path: 'lib/server/bridge/operations.ts', source, body: numbersText() },
  { path: 'lib/server/bridge/records.ts', source, body: recordsText() },
  {
    path: 'lib/server/bridge/store-operations.ts',
    source,
    body: tableText({
      about: 'What is done for each operation of the store: fields → MessageStore → fields.',
      list: storeOperations,
      name: 'storeOperations',
      target: 'store',
      type: 'MessageStore',
      imports: () => ["import type { MessageStore } from '../storage/message-store.js';"],
    }),
  },
  {
    path: 'lib/server/bridge/engine-operations.ts',
    source,
    body: tableText({
      about: 'What is done for each operation of the cluster engine: fields → Engine → fields.',
      list: engineOperations,
      name: 'engineOperations',
      target: 'engine',
      type: 'EngineOperations',
      imports: (types) => [
        `import type { ${['EngineOperations', ...types].join(', ')} } from '../cluster/engine-seam.js';`,
      ],
    }),
  },
  {
    path: 'lib/server/bridge/callout-operations.ts',
    source,
    body: tableText({
      about: 'What is done for each operation of the callout: fields → Callout → fields.',
      list: calloutOperations,
      name: 'calloutOperations',
      target: 'callout',
      type: 'Callout',
      imports: () => ["import type { Callout } from '../callout/callout.js';"],
    }),
  },
  { path: 'lib/server/storage/stored-records.ts', source, body: storedText() },
  { path: 'lib/server/cluster/engine-seam.ts', source, body: seamText() },
];

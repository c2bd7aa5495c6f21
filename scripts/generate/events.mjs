// The events from C++ to JavaScript, from proto/events.mjs: numbers and writers for C++; numbers, interfaces and readers
// for TypeScript.
import { constants, own, records, sinks } from '../../proto/events.mjs';
import { jsdoc, leading } from './comments.mjs';
import { camel, upper } from './names.mjs';

const source = 'proto/events.mjs';

const types = {
  code: { cpp: 'int', write: (value) => `.code(${value})`, ts: 'number', read: 'reader.word()' },
  word: { cpp: 'std::uint32_t', write: (value) => `.word(${value})`, ts: 'number', read: 'reader.word()' },
  flag: { cpp: 'bool', write: (value) => `.word(${value} ? 1 : 0)`, ts: 'boolean', read: 'reader.word() !== 0' },
  state: { cpp: 'int', write: (value) => `.code(${value})`, ts: '0 | 1 | 2', read: 'reader.word() as 0 | 1 | 2' },
  number: { cpp: 'long long', write: (value) => `.number(${value})`, ts: 'number', read: 'reader.number()' },
  text: { cpp: 'std::string_view', write: (value) => `.text(${value})`, ts: 'string', read: 'reader.string()' },
  payload: { cpp: 'ByteView', write: (value) => `.payload(${value})`, ts: 'Buffer', read: 'reader.payload()' },
  user: { ts: 'string', read: 'reader.user()' },
  message: {},
  'media message': { ts: 'MediaMessage', read: 'readMediaMessage(reader)' },
};

const events = [...own, ...sinks.flatMap((sink) => sink.events)];
const isList = (type) => Array.isArray(type);
const plain = events.filter((event) => event.plain);

function check() {
  const numbers = new Map();
  for (const { name, number, fields } of events) {
    if (numbers.has(number)) throw new Error(`${source}: ${name} and ${numbers.get(number)} have the number ${number}`);
    numbers.set(number, name);
    for (const [field, type] of Object.entries(fields)) {
      const known = isList(type) ? type[0] : type;
      if (types[known] === undefined && records[known] === undefined) {
        throw new Error(`${source}: ${name}.${field}: the type ${known} is not known`);
      }
      if (type === 'user' && field !== Object.keys(fields)[0])
        throw new Error(`${source}: ${name}: user must be first`);
    }
  }
}

// C++

/** Fields as parameters: a record gives those of its own. */
function parametersOf(fields) {
  return Object.entries(fields).flatMap(([name, type]) => {
    if (records[type] !== undefined) return parametersOf(records[type].fields);
    return types[type]?.cpp === undefined ? [] : [`${types[type].cpp} ${name}`];
  });
}

function writesOf(fields) {
  return Object.entries(fields)
    .map(([name, type]) => (records[type] === undefined ? types[type].write(name) : writesOf(records[type].fields)))
    .join('');
}

/** What follows the fields that are written one by one. */
function restOf(fields) {
  const [name, type] = Object.entries(fields).at(-1) ?? [];
  if (type === 'message' || type === 'media message') {
    return {
      parameter: 'Message&& message',
      template: 'Message',
      code: 'message(record);',
      about: 'message(Record&) writes the message.',
    };
  }
  if (!isList(type)) return undefined;
  const [item] = type;
  const writer = item === 'text' ? 'Record::text()' : `write${item}()`;
  return {
    parameter: `std::size_t count, Item&& item`,
    template: 'Item',
    code: `record.word(static_cast<std::uint32_t>(count));\n  for (std::size_t i = 0; i < count; ++i) item(record, i);`,
    about: `item(Record&, index) writes each of the ${name}, with ${writer}.`,
  };
}

/** @param {{ name: string, fields: any, about?: string }} event */
function writerText({ name, fields, about }) {
  const rest = restOf(fields);
  const single = Object.fromEntries(
    Object.entries(fields).filter(([, type]) => !isList(type) && type !== 'user' && !type.endsWith('message')),
  );
  const parameters = [...parametersOf(single), ...(rest ? [rest.parameter] : [])];
  if (parameters.length === 0) return '';
  const writes = writesOf(single);
  const lines = [writes === '' ? '' : `record${writes};`, rest?.code ?? ''].filter((line) => line !== '');
  const template = rest ? `template <typename ${rest.template}>\n` : 'inline ';
  const comment = leading('///', [about, rest?.about].filter(Boolean).join('\n'));
  return `${comment}${template}void write${name}(Record& record, ${parameters.join(', ')}) {\n  ${lines.join('\n  ')}\n}\n`;
}

/** The fields of an event, as the comment of its kind. */
const fieldsText = (fields) =>
  Object.entries(fields)
    .map(([name, type]) => `${isList(type) ? `list of ${type[0]}` : type} ${name}`)
    .join(', ');

function kindsText() {
  const kinds = [...events].sort((a, b) => a.number - b.number);
  const lines = kinds.map(({ name, number, fields }) => {
    const text = fieldsText(fields);
    return `  X(${name}, ${number})${text === '' ? '' : ` /* ${text} */`}`;
  });
  return [
    '#pragma once',
    '',
    '// The events that cross from C++ to JavaScript: name, number, and the fields behind kind and object. The description',
    '// explains the types of the fields. event_records.hpp writes them.',
    '',
    '#include <cstdint>',
    '',
    'namespace rtm::binding {',
    '',
    '// clang-format off',
    `#define RTM_EVENT_KINDS(X) \\\n${lines.join(' \\\n')}`,
    '// clang-format on',
    '',
    'enum class EventKind : std::uint32_t {',
    ...kinds.map(({ name, number }) => `  ${name} = ${number},`),
    '};',
    '',
    ...constants.map(({ name, value, about }) => `/// ${about}\ninline constexpr std::uint32_t k${name} = ${value}U;`),
    '',
    '}  // namespace rtm::binding',
  ].join('\n');
}

function writersText() {
  return [
    '#pragma once',
    '',
    '// Writes the fields of each event in the order in which JavaScript reads them. A user id as the first field is not',
    '// among the parameters: Mailbox::pushFrom() writes it.',
    '',
    '#include <cstddef>',
    '#include <cstdint>',
    '#include <string_view>',
    '',
    '#include "base/bytes.hpp"',
    '#include "binding/mailbox/mailbox.hpp"',
    '',
    'namespace rtm::binding::records {',
    '',
    ...Object.entries(records).map(([name, { fields }]) => writerText({ name, fields })),
    ...events.filter((event) => !event.plain && !own.includes(event)).map(writerText),
    '/// The outcome of a request that has no other result.',
    writerText({ name: 'PlainResult', fields: plain[0].fields }),
    '}  // namespace rtm::binding::records',
  ].join('\n');
}

// TypeScript

export const tsType = (type) => {
  if (isList(type)) return `${tsType(type[0])}[]`;
  return records[type]?.type ?? types[type].ts;
};

/** Names of the fields in the order of the receiver's parameters. */
export function parametersIn({ fields, handed }) {
  const names = Object.keys(fields);
  return handed ?? (names.includes('code') ? [...names.filter((name) => name !== 'code'), 'code'] : names);
}

export const hasMessage = ({ fields }) => Object.values(fields).includes('message');

const readOf = (type) => {
  if (!isList(type)) return records[type] === undefined ? types[type].read : `read${type}(reader)`;
  return `reader.list(() => ${readOf(type[0])})`;
};

/** The import of those value types that `body` uses. */
export function valueImports(body, others = [], from = './values.js') {
  const names = [...Object.values(records).map(({ type }) => type), 'MediaMessage'].filter(
    (name) => name !== undefined && new RegExp(`\\b${name}\\b`).test(body),
  );
  return importOf([...others, ...names.map((name) => `type ${name}`)], from);
}

/** An import with its names in the order of the linter. */
function importOf(names, from) {
  const bare = (name) => name.replace('type ', '');
  const sorted = [...names].sort((a, b) => bare(a).localeCompare(bare(b)));
  if (!sorted.every((name) => name.startsWith('type '))) return `import { ${sorted.join(', ')} } from '${from}';`;
  return `import type { ${sorted.map(bare).join(', ')} } from '${from}';`;
}

function methodText(event) {
  const parameters = parametersIn(event).map((field) => `${field}: ${tsType(event.fields[field])}`);
  return `${jsdoc(event.about)}on${event.name}(${parameters.join(', ')}): void;`;
}

const messageSinkText = `
/** Takes the messages of other users: a service the messages to its user, a channel the messages of its members. */
export interface MessageSink {
  /**
   * A text or raw message. The fields come one by one: each receiver makes its own object of them, and only that one.
   * \`raw\` is undefined for a text. \`serverReceivedTs\` is in milliseconds since 1970 UTC.
   */
  onMessage(
    userId: string,
    id: number,
    type: 1 | 2,
    text: string,
    raw: Buffer | undefined,
    serverReceivedTs: number,
    offline: boolean,
  ): void;
  onMediaMessage(userId: string, message: MediaMessage): void;
}
`;

function sinkText({ name, about, events: all }) {
  const methods = all.filter((event) => !event.plain && !hasMessage(event)).map(methodText);
  if (all.some((event) => event.plain)) {
    methods.push('onPlainResult(kind: PlainResultKind, requestId: number, code: number): void;');
  }
  const base = all.some(hasMessage) ? ' extends MessageSink' : '';
  return `${jsdoc(about)}export interface ${name}${base} {\n${methods.join('\n')}\n}\n`;
}

function tsKindsText() {
  const body = [
    '/** The kinds of records that cross from C++. */',
    'export const EventKind = {',
    ...[...events].sort((a, b) => a.number - b.number).map(({ name, number }) => `  ${name}: ${number},`),
    '} as const;',
    'export type EventKind = (typeof EventKind)[keyof typeof EventKind];',
    '',
    ...constants.map(({ name, value, about }) => `/** ${about} */\nexport const ${upper(name)} = ${value};`),
    '',
    '/** Kinds of results that say nothing but the outcome of a request. */',
    `export type PlainResultKind = ${plain.map(({ name }) => `| typeof EventKind.${name}`).join('\n')};`,
    messageSinkText,
    ...sinks.map(sinkText),
    '/** Everything that takes events. */',
    `export type Sink = ${sinks.map(({ name }) => name).join(' | ')};`,
    '',
    '/** Finds the receiver of an event by the handle of the native object; undefined: retired, the event is dropped. */',
    'export interface Sinks {',
    '  get(handle: number): Sink | undefined;',
    "  /** A line of the clients' log. */",
    '  onClientLog(level: number, line: string): void;',
    '}',
  ].join('\n');
  return `${valueImports(body)}\n\n${body}`;
}

function valueText({ type, about, fields, notes = {}, derived = {} }) {
  const members = [
    ...Object.entries(fields).map(([name, each]) => [name, tsType(each)]),
    ...Object.entries(derived).map(([name, each]) => [name, each.type]),
  ];
  const lines = members.map(([name, each]) => `${jsdoc(notes[name])}readonly ${name}: ${each};`);
  return `${jsdoc(about)}export interface ${type} {\n${lines.join('\n')}\n}\n`;
}

function tsValuesText() {
  return [
    '',
    '// The values that events carry. lib/sdk and lib/client make their own objects of them.',
    '',
    '/** Type numbers of a message on the way to and from the addon; the values of `MESSAGE_TYPE`. */',
    'export const MessageType = { Text: 1, Raw: 2, File: 3, Image: 4 } as const;',
    '',
    ...Object.values(records)
      .filter(({ type }) => type !== undefined)
      .map(valueText),
    '/** A received or uploaded file or image. */',
    'export interface MediaMessage extends MediaFields {',
    '  readonly type: typeof MessageType.File | typeof MessageType.Image;',
    '  readonly id: number;',
    '  readonly text: string;',
    '  /** When the server took the message, in milliseconds since 1970 UTC; 0 for an upload. */',
    '  readonly serverReceivedTs: number;',
    '  readonly offline: boolean;',
    '}',
  ].join('\n');
}

/** @param {string} name @param {{ fields: any, type?: any, derived?: any }} record */
function recordReaderText(name, { fields, type, derived }) {
  const head = `function read${name}(reader: BatchReader): ${type} {`;
  if (derived === undefined) {
    const members = Object.entries(fields).map(([field, each]) => `${field}: ${readOf(each)},`);
    return `${head}\n  return { ${members.join(' ')} };\n}\n`;
  }
  const reads = Object.entries(fields).map(([field, each]) => `const ${field} = ${readOf(each)};`);
  const members = [
    ...Object.keys(fields),
    ...Object.entries(derived).map(([member, { from }]) => `${member}: ${from}`),
  ];
  return `${head}\n${reads.join('\n')}\nreturn { ${members.join(', ')} };\n}\n`;
}

/** Messages are the one record whose later fields depend on its first. */
function messageReaderText() {
  const head = Object.entries(records.MessageHead.fields).map(([field, type]) => `const ${field} = ${readOf(type)};`);
  const media = Object.entries(records.Media.fields).map(([field, type]) => `${field}: ${readOf(type)},`);
  return `
/** Reads a message and hands it to its receiver, if there is one. */
function readMessage(reader: BatchReader, userId: string, sink: MessageSink | undefined): void {
  ${head.join('\n')}
  const type = bits & 0xff;
  const offline = (bits & OFFLINE_MESSAGE) !== 0;
  if (type === MessageType.File || type === MessageType.Image) {
    const message = readMedia(reader, type, id, text, serverReceivedTs, offline);
    sink?.onMediaMessage(userId, message);
    return;
  }
  const raw = type === MessageType.Raw ? reader.payload() : undefined;
  sink?.onMessage(userId, id, type as 1 | 2, text, raw, serverReceivedTs, offline);
}

/** Reads a message that must be a file or an image. */
function readMediaMessage(reader: BatchReader): MediaMessage {
  ${head.join('\n')}
  const offline = (bits & OFFLINE_MESSAGE) !== 0;
  return readMedia(reader, (bits & 0xff) as MediaMessage['type'], id, text, serverReceivedTs, offline);
}

function readMedia(
  reader: BatchReader,
  type: MediaMessage['type'],
  id: number,
  text: string,
  serverReceivedTs: number,
  offline: boolean,
): MediaMessage {
  return { type, id, text, serverReceivedTs, offline, ${media.join('\n')} };
}
`;
}

function decoderText(event) {
  const { name, fields, plain: isPlain } = event;
  const single = Object.entries(fields).filter(([, type]) => type !== 'message');
  const reads = single.map(([field, type]) => `const ${field} = ${readOf(type)};`);
  const parameters = [...(isPlain ? [`EventKind.${name}`] : []), ...parametersIn(event)];
  let call = `sink?.on${isPlain ? 'PlainResult' : name}(${parameters.join(', ')})`;
  if (hasMessage(event)) call = `readMessage(reader, ${single[0][0]}, sink)`;
  if (reads.length === 0) return `[EventKind.${name}]: (_reader, sink) => ${call},`;
  return `[EventKind.${name}]: (reader, sink) => {\n${[...reads, `${call};`].join('\n')}\n},`;
}

function tsDecodersText() {
  const table = (sink) => camel(upper(sink.name).replace(/_SINK$/, '_EVENTS'));
  const readers = Object.entries(records)
    .filter(([name, { type }]) => type !== undefined && name !== 'Media')
    .map(([name, record]) => recordReaderText(name, record));
  const body = [
    '/** Reads the fields of one kind of event and hands them to its receiver, if there is still one. */',
    'export type Decoder<S> = (reader: BatchReader, sink: S | undefined) => void;',
    messageReaderText(),
    ...readers,
    ...sinks.map(
      (sink) =>
        `const ${table(sink)}: Partial<Record<EventKind, Decoder<${sink.name}>>> = {\n${sink.events.map(decoderText).join('\n')}\n};\n`,
    ),
    '/** By kind. The receiver of a handle fits the kinds of its events, since the addon pairs them. */',
    'export const DECODERS: (Decoder<Sink> | undefined)[] = [];',
    `for (const decoders of [${sinks.map(table).join(', ')}]) {`,
    '  for (const [kind, decode] of Object.entries(decoders)) DECODERS[Number(kind)] = decode as Decoder<Sink>;',
    '}',
  ].join('\n');
  const sinkTypes = ['Sink', 'MessageSink', ...sinks.map(({ name }) => name)].map((name) => `type ${name}`);
  return [
    "import type { BatchReader } from './decode.js';",
    importOf(['EventKind', 'OFFLINE_MESSAGE', ...sinkTypes], './event-kinds.js'),
    valueImports(body, ['MessageType']),
    '',
    '// Packed columns to events. All fields of a record are read before its receiver is called, so that a receiver that',
    '// throws leaves the reader at the next record.',
    '',
    body,
  ].join('\n');
}

/** All files of the events. */
export function eventFiles() {
  check();
  return [
    { path: 'cpp/binding/event_kinds.hpp', source, body: kindsText() },
    { path: 'cpp/binding/events/event_records.hpp', source, body: writersText() },
    { path: 'lib/native/event-kinds.ts', source, body: tsKindsText() },
    { path: 'lib/native/values.ts', source, body: tsValuesText() },
    { path: 'lib/native/decode-events.ts', source, body: tsDecodersText() },
  ];
}

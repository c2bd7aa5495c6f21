// The C++ side of the bridge: numbers, records, the operations of an engine, and those that only cross.
import { answers, cppTypes, engineSections, headers, newsKinds } from '../../proto/bridge.mjs';
import {
  engineOperations,
  enumNames,
  enumOf,
  fieldsOf,
  fromJavaScript,
  membersOf,
  operations,
  operationText,
  records,
  source,
  toJavaScript,
} from './bridge-fields.mjs';
import { leading } from './comments.mjs';

const enumText = (name, entries) => [
  `enum class ${name} : std::uint8_t {`,
  ...entries.map(({ name: each, number, about }) => `  /// ${about}\n  ${each} = ${number},`),
  '};',
  '',
];

const withFields = (entries) => entries.map((each) => ({ ...each, about: operationText(each) }));

function numbersText() {
  return [
    '#pragma once',
    '',
    '#include <cstdint>',
    '',
    'namespace rtm::server {',
    '',
    `// What crosses the bridge, with its fields. ${source} explains their types; bridge_records.hpp writes and reads them.`,
    '//',
    '// A batch in either direction is a run of records. Each begins with the number of bytes that follow (word).',
    '// - operation: word size, byte Operation, number request (0: no answer is wanted), fields',
    '// - answer: word size, byte AnswerKind, number request, fields',
    '// - news: word size, byte NewsKind, word loop (kAllLoops: every one), fields',
    '',
    '// clang-format off',
    `#define RTM_BRIDGE_OPERATIONS(X) \\\n${operations.map(({ name, number }) => `  X(${name}, ${number})`).join(' \\\n')}`,
    '// clang-format on',
    '',
    '/// An operation for JavaScript. The part behind an arrow is the answer; an operation without an arrow has none.',
    ...enumText('Operation', withFields(operations)),
    '/// What comes back for an operation.',
    ...enumText('AnswerKind', answers),
    '/// What comes unasked, for one loop or for all.',
    ...enumText('NewsKind', withFields(newsKinds)),
    '/// In the place of the number of a loop.',
    'inline constexpr std::uint32_t kAllLoops = 0xFFFFFFFF;',
    '',
    '}  // namespace rtm::server',
  ].join('\n');
}

// Values

const numbers = { word: 'std::uint32_t', number: 'std::uint64_t', id: 'std::uint64_t', byte: 'std::uint8_t' };
const structOf = (name) =>
  records[name].pair
    ? 'std::pair<std::string, std::string>'
    : (records[name].cpp ?? records[name].struct ?? records[name].outcome);

/** A type as a member of a generated struct. Those of the bridge hold views; all others own their texts. */
function memberType(type, owns) {
  if (type.form === 'optional') return `std::optional<${memberType(type.of, owns)}>`;
  if (type.form === 'list') return `std::vector<${memberType(type.of, owns)}>`;
  if (type.form === 'enum') return enumOf(type.name).cpp;
  if (type.form === 'cpp') return cppTypes[type.name];
  if (type.form === 'record' || type.form === 'member') return structOf(type.name);
  if (type.size !== undefined) return `std::array<std::uint8_t, ${type.size}>`;
  const text = owns ? 'std::string' : 'std::string_view';
  const others = { flag: 'bool', app: 'AppNumber', name: 'ScopedName', text, bytes: owns ? 'Bytes' : 'ByteView' };
  return numbers[type.name] ?? others[type.name];
}

function initialOf(type) {
  if (type.form === 'scalar' && numbers[type.name] !== undefined) return ' = 0';
  if (type.name === 'flag') return ' = false';
  return type.form === 'enum' || type.name === 'app' || type.size !== undefined ? '{}' : '';
}

/** `more`: lines behind the members. */
function structText(name, { about, fields, notes = {}, defaults = {} }, owns = false, more = []) {
  const members = membersOf(fields).map(({ name: field, type }) => {
    const initial = defaults[field] === undefined ? initialOf(type) : ` = ${defaults[field]}`;
    return `${leading('  ///', notes[field])}  ${memberType(type, owns)} ${field}${initial};`;
  });
  return `${leading('///', about)}struct ${name} {\n${[...members, ...more].join('\n')}\n};\n`;
}

const failedText = '  bool failed = false;  ///< the state cannot be reached: the rest says nothing';

function ownEnumText(name) {
  const { about, values } = enumOf(name);
  const lines = values.map((each) => `${leading('  ///', each.about)}  ${each.name} = ${each.number},`);
  return `/// ${about}\nenum class ${name} : std::uint8_t {\n${lines.join('\n')}\n};\n`;
}

/** The structs of a header, and with the seam the enumerations that the wire does not have. */
function headerText(key) {
  const { about, system, own } = headers[key];
  const structs = Object.entries(records).filter(([, { header }]) => header === key);
  return [
    '#pragma once',
    '',
    `// ${about}`,
    '',
    ...system.map((each) => `#include <${each}>`),
    '',
    ...own.map((each) => `#include "${each}"`),
    '',
    'namespace rtm::server {',
    '',
    ...(key === 'seam' ? enumNames.filter((name) => !enumOf(name).isWire).map(ownEnumText) : []),
    ...structs.map(([, record]) => {
      const { cpp, views = false, equal = false } = record;
      const comparison = `  friend bool operator==(const ${cpp}&, const ${cpp}&) = default;`;
      return structText(cpp, record, !views, equal ? [comparison] : []);
    }),
    '}  // namespace rtm::server',
  ].join('\n');
}

// Writers

/** Writes one value: `chained` follows a writer, `statement` stands alone. */
function writeValue(type, value) {
  const { form, name } = type;
  if (form === 'list') {
    return { statement: type.of.name === 'text' ? `writeTexts(out, ${value});` : `writeList(out, ${value});` };
  }
  if (form === 'record' || form === 'member') return { statement: `write(out, ${value});` };
  if (form === 'enum') return { chained: `.byte(static_cast<std::uint8_t>(${value}))` };
  if (form === 'optional') throw new Error(`${source}: an operation has no optional fields`);
  if (type.size !== undefined) return { chained: `.raw(${value})` };
  if (name === 'name') return { chained: `.word(placeOf(${value}.app)).text(${value}.name)` };
  if (name === 'name in app') return { chained: `.text(${value}.name)` };
  if (name === 'app') return { chained: `.word(placeOf(${value}))` };
  if (name === 'size') return { chained: `.word(static_cast<std::uint32_t>(${value}))` };
  if (name === 'loop') return { chained: `.word(${value})` };
  return { chained: `.${name === 'id' ? 'number' : name}(${value})` };
}

function writesText(values) {
  const lines = [];
  let chain = '';
  const end = () => {
    if (chain !== '') lines.push(`  out${chain};`);
    chain = '';
  };
  for (const { chained, statement } of values) {
    if (chained !== undefined) chain += chained;
    else {
      end();
      lines.push(`  ${statement}`);
    }
  }
  end();
  return lines.join('\n');
}

function recordWriter(name) {
  const { fields, pair } = records[name];
  const member = (field, at) => `in.${pair ? ['first', 'second'][at] : field}`;
  const values = fieldsOf(fields).map(({ name: field, type }, at) => writeValue(type, member(field, at)));
  return `inline void write(RecordWriter& out, const ${structOf(name)}& in) {\n${writesText(values)}\n}\n`;
}

/** A field as the parameter of a writer. */
function writerParameter({ name, type }) {
  if (type.form === 'record') return `const ${structOf(type.name)}& ${name}`;
  if (type.form === 'enum') return `${enumOf(type.name).cpp} ${name}`;
  if (type.form === 'list') return `std::span<const std::string> ${name}`;
  const types = {
    ...numbers,
    flag: 'bool',
    text: 'std::string_view',
    bytes: 'ByteView',
    app: 'AppNumber',
    loop: 'std::uint32_t',
    size: 'std::size_t',
    name: 'const ScopedName&',
    'name in app': 'const ScopedName&',
  };
  return `${types[type.name]} ${name}`;
}

function operationWriter({ name, fields }) {
  const list = fieldsOf(fields);
  const parameters = ['RecordWriter& out', ...list.map(writerParameter)].join(', ');
  const body = writesText(list.map((field) => writeValue(field.type, field.name)));
  return `inline void fill${name}(${parameters}) {\n${body}\n}\n`;
}

// Readers

function readValue(type, target, reader = 'in') {
  const { form, name } = type;
  if (form === 'optional') {
    const item = readValue(type.of, `${target}.emplace()`, 'item');
    return `in.list([&out](RecordReader& item) { ${item} });`;
  }
  if (form === 'list') return `${type.of.name === 'text' ? 'readTexts' : 'readList'}(${reader}, ${target});`;
  if (form === 'record' || form === 'member') return `read(${reader}, ${target});`;
  if (form === 'enum') return `${target} = static_cast<${enumOf(name).cpp}>(in.byte());`;
  if (type.size !== undefined) return `in.fill(${target});`;
  if (name === 'name') return `${target} = readName(in);`;
  if (name === 'bytes') return `in.bytes(${target});`;
  return `${target} = in.${name === 'id' ? 'number' : name}();`;
}

function readerText(struct, fields) {
  const lines = fieldsOf(fields).map(({ name, type }) => `  ${readValue(type, `out.${name}`)}`);
  return `inline void read(RecordReader& in, ${struct}& out) {\n${lines.join('\n')}\n}\n`;
}

function recordsText() {
  const read = fromJavaScript;
  const structs = read.filter((name) => records[name].struct !== undefined);
  const told = newsKinds.filter(({ fields }) => Object.keys(fields).length > 0);
  const structNews = told.map(({ name, fields }) => ({ name: `${name}News`, fields }));
  return [
    '#pragma once',
    '',
    '// Writes what crosses to JavaScript, and reads what comes from there; lib/server/bridge/records.ts is the other side.',
    '// A reader does not judge: RecordReader::complete() does, after the last field. Views point into the record.',
    '',
    '#include <array>',
    '#include <cstdint>',
    '#include <optional>',
    '#include <span>',
    '#include <string>',
    '#include <string_view>',
    '#include <utility>',
    '#include <vector>',
    '',
    '#include "server/bridge/record.hpp"',
    '#include "server/bridge/record_lists.hpp"',
    '#include "server/engine/seam/engine.hpp"',
    '#include "server/media/media_catalog.hpp"',
    '#include "wire/messages.hpp"',
    '',
    'namespace rtm::server {',
    '',
    '// ---- records in operations',
    '',
    ...toJavaScript.map(recordWriter),
    '// ---- operations',
    '',
    ...operations.map(operationWriter),
    '// ---- records in answers and news',
    '',
    ...structs.map((name) => structText(structOf(name), { ...records[name], notes: {} })),
    ...read.map((name) => readerText(structOf(name), records[name].fields)),
    '// ---- news',
    '',
    ...structNews.map(({ name, fields }) => structText(name, { about: '', fields })),
    ...structNews.map(({ name, fields }) => readerText(name, fields)),
    '}  // namespace rtm::server',
  ].join('\n');
}

// The seam

function seamParameter({ name, type }) {
  if (type.form === 'record') {
    const struct = structOf(type.name);
    return records[type.name].views ? `const ${struct}& ${name}` : `${struct} ${name}`;
  }
  if (type.form === 'list') return `std::vector<std::string> ${name}`;
  if (type.name === 'text') return `std::string ${name}`;
  return writerParameter({ name, type });
}

/** What an operation completes with; undefined: it has no completion. */
function outcomeOf({ answer, done }) {
  if (answer === undefined) return undefined;
  const plain = { nothing: '', flag: 'bool', count: 'std::optional<std::uint32_t>', code: 'std::uint32_t' };
  return done ?? plain[answer] ?? records[answer]?.outcome ?? answer;
}

function seamParameters(operation) {
  const fields = fieldsOf(operation.fields).filter(({ type }) => type.name !== 'loop');
  const outcome = outcomeOf(operation);
  const done = outcome === '' ? 'Task done' : `MoveFunction<void(${outcome})> done`;
  return [
    ...(operation.takes === undefined ? fields.map(seamParameter) : [operation.takes]),
    ...(outcome === undefined ? [] : [done]),
  ].join(', ');
}

const dueOperations = [
  {
    method: 'onTurnEnd',
    about: 'To be called at the end of a turn in which LoopHost::requestTurnEnd() was called.',
  },
  { method: 'onTick', about: 'To be called about every 100 ms: grace periods and member counts fall due here.' },
];

function seamText() {
  const sections = Object.entries(engineSections).flatMap(([title, list]) => [
    `  // ---- ${title}`,
    '',
    ...list.map((each) => `${leading('  ///', each.about)}  virtual void ${each.method}(${seamParameters(each)}) = 0;`),
    '',
  ]);
  const outcomes = Object.entries(records).filter(([, { outcome }]) => outcome !== undefined);
  return [
    '#pragma once',
    '',
    '// What an engine must be able to do. engine.hpp says who is where, in which order things happen, and on which threads.',
    '',
    '#include <cstddef>',
    '#include <cstdint>',
    '#include <optional>',
    '#include <string>',
    '#include <vector>',
    '',
    '#include "base/move_function.hpp"',
    '#include "server/engine/seam/operations.hpp"',
    '#include "server/model/attributes.hpp"',
    '#include "server/model/loop_host.hpp"',
    '#include "server/model/names.hpp"',
    '#include "server/model/stored_messages.hpp"',
    '',
    'namespace rtm::server {',
    '',
    ...outcomes.map(([, record]) => structText(record.outcome, record, true, [failedText])),
    "/// One loop's way into the engine. It is wide because it is the whole list of what an engine must be able to do.",
    '/// A class that does it declares the list with engine_overrides.inc.',
    'class EngineClient {',
    ' public:',
    '  virtual ~EngineClient() = default;',
    '',
    '  /// Whether other servers share the state, so that a session of this server can go on at another one.',
    '  virtual bool shared() const { return false; }',
    '',
    ...sections,
    '  // ---- time',
    '',
    ...dueOperations.map(({ method, about }) => `  /// ${about}\n  virtual void ${method}() = 0;`),
    '};',
    '',
    '}  // namespace rtm::server',
  ].join('\n');
}

function overridesText() {
  return [
    '// The operations of EngineClient, to be included inside a class that does them.',
    '',
    ...engineOperations.map((each) => `void ${each.method}(${seamParameters(each)}) override;`),
    ...dueOperations.map(({ method }) => `void ${method}() override;`),
  ].join('\n');
}

/** How an answer reaches its completion. */
function completionOf(operation) {
  if (operation.answer === 'nothing') return 'doneTo(std::move(done))';
  if (['flag', 'count', 'code'].includes(operation.answer)) return `${operation.answer}To(std::move(done))`;
  return `outcomeTo(std::move(done))`;
}

function crossingText(operation) {
  const values = fieldsOf(operation.fields).map(({ name, type }) => (type.name === 'loop' ? 'index_' : name));
  const fill = `const auto fill = [&](RecordWriter& out) { fill${operation.name}(${['out', ...values].join(', ')}); };`;
  const call =
    operation.answer === undefined
      ? `tell(Operation::${operation.name}, fill);`
      : `ask(Operation::${operation.name}, fill, ${completionOf(operation)});`;
  return `void BridgeClient::${operation.method}(${seamParameters(operation)}) {\n  ${fill}\n  ${call}\n}\n`;
}

function crossingsText() {
  return [
    '// The operations of BridgeClient that only cross: their fields go to JavaScript, and their completion gets the answer.',
    '',
    '#include <utility>',
    '',
    '#include "server/bridge/bridge_client.hpp"',
    '#include "server/bridge/bridge_records.hpp"',
    '',
    'namespace rtm::server {',
    '',
    ...engineOperations.filter((each) => !each.byHand).map(crossingText),
    '}  // namespace rtm::server',
  ].join('\n');
}

export const cppFiles = () => [
  ...Object.keys(headers).map((key) => ({ path: headers[key].path, source, body: headerText(key) })),
  { path: 'cpp/server/bridge/operations.hpp', source, body: numbersText() },
  { path: 'cpp/server/bridge/bridge_records.hpp', source, body: recordsText() },
  { path: 'cpp/server/bridge/bridge_client_operations.cpp', source, body: crossingsText() },
  { path: 'cpp/server/engine/seam/engine_client.hpp', source, body: seamText() },
  { path: 'cpp/server/engine/seam/engine_overrides.inc', source, body: overridesText() },
];

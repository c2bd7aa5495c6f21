// The enumerations and messages of the wire, from proto/rtm.proto: cpp/wire/kinds.hpp, one header of structs for each
// section of the description, the list of all of them in cpp/wire/messages.hpp, what the server does with the frames of
// a client, and the numbers that TypeScript needs in lib/wire-numbers.ts.
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { inRoot } from '../tools.mjs';
import { leading, trailing } from './comments.mjs';
import { camel, pascal, upper } from './names.mjs';
import { prefixOf, wireSource as source, wireValues } from './wire-enums.mjs';

/** Sections of the description, by the titles in their `// ---- title ----` lines, and the headers of their messages. */
const headers = {
  'connection and session': 'session_messages',
  messages: 'content_messages',
  channels: 'channel_messages',
  presence: 'presence_messages',
  attributes: 'attribute_messages',
  media: 'media_messages',
  history: 'history_messages',
};

const scalars = {
  uint32: { type: 'std::uint32_t', initial: ' = 0' },
  uint64: { type: 'std::uint64_t', initial: ' = 0' },
  bool: { type: 'bool', initial: ' = false' },
  fixed64: { type: 'Fixed64', initial: '' },
  string: { type: 'std::string_view', initial: '' },
  bytes: { type: 'ByteView', initial: '' },
};

/** The title of each section, the comment below it, and the names of its messages. */
function sectionsOf(text) {
  const [, ...parts] = text.split(/^\/\/ ---- (?=\w)/m);
  return parts.map((part) => {
    const title = /^(.*?) -+$/m.exec(part)[1];
    const [heading] = part
      .split('\n')
      .slice(1)
      .join('\n')
      .split(/\n\s*\n/);
    const about = heading
      .split('\n')
      .filter((line) => line.startsWith('//'))
      .map((line) => line.replace(/^\/\/ ?/, ''));
    const messages = [...part.matchAll(/^message (\w+)/gm)].map(([, name]) => name);
    if (headers[title] === undefined)
      throw new Error(`${source}: section "${title}" has no header in generate/wire.mjs`);
    return { title, about: about.join('\n'), messages };
  });
}

function enumText({ name, comment, values, comments }) {
  const prefix = prefixOf(values);
  // The kind of a frame is one byte of its header; everything else travels as a varint.
  const type = name === 'FrameKind' ? 'std::uint8_t' : 'std::uint32_t';
  const lines = Object.entries(values).map(
    ([value, number]) => `  ${pascal(value.slice(prefix.length))} = ${number},${trailing(comments[value])}`,
  );
  return `${leading('///', comment)}enum class ${name} : ${type} {\n${lines.join('\n')}\n};\n`;
}

function memberText({ name, type, repeated, resolvedType, comment }) {
  const scalar = scalars[type];
  const isEnum = resolvedType?.values !== undefined;
  if (scalar === undefined && resolvedType === null) throw new Error(`${source}: ${name}: no C++ type for ${type}`);
  const cppType = scalar?.type ?? type;
  let declared = `${cppType} ${camel(name)}${scalar?.initial ?? '{}'}`;
  if (repeated) declared = `std::vector<${cppType}> ${camel(name)}`;
  else if (resolvedType !== null && !isEnum) declared = `std::optional<${cppType}> ${camel(name)}`;
  return `  ${declared};${trailing(comment)}\n`;
}

function messageText({ name, comment, fieldsArray }, kinds) {
  const fields = fieldsArray.map((field) => `field(${field.id}, &${name}::${camel(field.name)})`);
  const kind = kinds.has(upper(name)) ? `  static constexpr FrameKind kKind = FrameKind::${name};\n` : '';
  const members = fieldsArray.map(memberText).join('');
  const table = `  static constexpr auto fields() { return std::make_tuple(${fields.join(', ')}); }\n`;
  return `${leading('///', comment)}struct ${name} {\n${kind}${members}${table}};\n`;
}

/** Messages in an order in which each one comes after those that it contains, else as in the description. */
function inOrder(types) {
  const done = new Set();
  const ordered = [];
  const add = (type) => {
    if (done.has(type)) return;
    done.add(type);
    for (const { resolvedType } of type.fieldsArray) if (types.includes(resolvedType)) add(resolvedType);
    ordered.push(type);
  };
  for (const type of types) add(type);
  return ordered;
}

function headerText({ about, messages }, namespace, kinds) {
  const types = inOrder(messages.map((name) => namespace.lookupType(name)));
  const body = types.map((type) => messageText(type, kinds)).join('\n');
  const standard = ['cstdint', 'optional', 'string_view', 'tuple', 'vector'].filter(
    (name) => name === 'cstdint' || name === 'tuple' || body.includes(`std::${name}`),
  );
  return [
    '#pragma once',
    '',
    leading('//', about).trimEnd(),
    '//',
    '// See messages.hpp for how to read this file.',
    '',
    ...standard.map((name) => `#include <${name}>`),
    '',
    '#include "wire/codec.hpp"',
    '#include "wire/kinds.hpp"',
    '',
    'namespace rtm::wire {',
    '',
    body,
    '}  // namespace rtm::wire',
  ].join('\n');
}

function kindsText(enums) {
  return [
    '#pragma once',
    '',
    '// The enumerations of the wire, with the names of the description in PascalCase and without their prefix.',
    '',
    '#include <cstdint>',
    '',
    'namespace rtm::wire {',
    '',
    ...enums.map(enumText),
    '}  // namespace rtm::wire',
  ].join('\n');
}

function messagesText(kinds, sections) {
  const names = [...kinds.keys()].filter((kind) => kind !== 'NONE').map(pascal);
  return [
    '#pragma once',
    '',
    '// The messages of the wire as structs, name for name in lowerCamelCase, each with the table that its codec is made of.',
    '// A struct with `kKind` is the body of the frames of that kind; the others occur inside messages. Text and bytes are',
    "// views: of the caller's data when encoding, of the decoded buffer when decoding.",
    '',
    ...sections.map(({ title }) => `#include "wire/${headers[title]}.hpp"`).sort(),
    '',
    'namespace rtm::wire {',
    '',
    'template <MessageType... M>',
    'struct MessageList {};',
    '',
    '/// Every message that is the body of a frame, by the number of its kind. Tests, fuzz targets and the cross-check with',
    '/// the official library go through this list.',
    `using FrameMessages = MessageList<${names.join(', ')}>;`,
    '',
    '}  // namespace rtm::wire',
  ].join('\n');
}

/**
 * What the server must have for the frames of a client. Those that come before its session have their handlers in
 * cpp/server/login.
 */
function handlersText(sections, comments) {
  const comesFromClient = (kind) =>
    comments[kind]?.startsWith('from the client') && !comments[kind].startsWith('from the client, before');
  const bySection = sections
    .map(({ title, messages }) => ({ title, handled: messages.filter((name) => comesFromClient(upper(name))) }))
    .filter(({ handled }) => handled.length > 0);
  return [
    '#pragma once',
    '',
    '// What the server does with each frame of a client. A handler gets a whole, decoded message, in a phase that allows its',
    '// kind. Loop thread only. The functions are in the files of their subjects.',
    '',
    '#include "server/gateway/gateway.hpp"',
    '#include "wire/messages.hpp"',
    '',
    'namespace rtm::server {',
    '',
    ...bySection.flatMap(({ title, handled }) => [
      `// ${title}`,
      ...handled.map(
        (name) => `void on${name}(Gateway& gateway, ClientConnection& connection, const wire::${name}& message);`,
      ),
      '',
    ]),
    'template <auto... handlers>',
    'struct HandlerList {};',
    '',
    '/// Every handler above. dispatch.cpp makes a route of each.',
    `using Handlers = HandlerList<${bySection.flatMap(({ handled }) => handled.map((name) => `on${name}`)).join(', ')}>;`,
    '',
    '}  // namespace rtm::server',
  ].join('\n');
}

/** What TypeScript reads of the wire by itself: the doctor its frames, the cluster engine the contents of messages. */
const numbered = {
  enums: ['FrameKind', 'RateGroup', 'ContentType'],
  messages: ['Hello', 'HelloOk', 'Login', 'LoginResult', 'Limits', 'RateLimit', 'Logout', 'Bye', 'Content'],
};

function numbersText(namespace) {
  const object = (about, name, entries) =>
    `/** ${about} */\nexport const ${name} = {\n${entries.map(([key, value]) => `${key}: ${value},`).join('\n')}\n} as const;\n`;
  const enumerators = (name) => wireValues(name).map((each) => [each.name, each.number]);
  const fields = (name) => namespace.lookupType(name).fieldsArray.map((field) => [camel(field.name), field.id]);
  return [
    '',
    '// Numbers of the wire, for what is read without the core.',
    '',
    ...numbered.enums.map((name) => object(`Values of \`${name}\`.`, name, enumerators(name))),
    ...numbered.messages.map((name) => object(`Numbers of the fields of \`${name}\`.`, `${name}Fields`, fields(name))),
  ].join('\n');
}

/** All files of the wire. */
export function wire() {
  const text = readFileSync(inRoot(source), 'utf8');
  const { root } = protobuf.parse(text, { keepCase: true, alternateCommentMode: true });
  root.resolveAll();
  const namespace = /** @type {any} */ (root.lookup('rtm'));
  const sections = sectionsOf(text);
  const kinds = new Map(Object.entries(namespace.lookupEnum('FrameKind').values));
  const all = namespace.nestedArray.filter((entry) => entry.fieldsArray !== undefined);
  const placed = sections.flatMap(({ messages }) => messages);
  const homeless = all.find(({ name }) => !placed.includes(name));
  if (homeless !== undefined) throw new Error(`${source}: ${homeless.name} stands in no section`);
  const enums = namespace.nestedArray.filter((entry) => entry.values !== undefined);
  return [
    { path: 'cpp/wire/kinds.hpp', source, body: kindsText(enums) },
    ...sections.map((section) => ({
      path: `cpp/wire/${headers[section.title]}.hpp`,
      source,
      body: headerText(section, namespace, kinds),
    })),
    { path: 'lib/wire-numbers.ts', source, body: numbersText(namespace) },
    { path: 'cpp/wire/messages.hpp', source, body: messagesText(kinds, sections) },
    {
      path: 'cpp/server/requests/handlers.hpp',
      source,
      body: handlersText(sections, namespace.lookupEnum('FrameKind').comments),
    },
  ];
}

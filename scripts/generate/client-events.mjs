// What a client tells its owner in C++, from proto/events.mjs: the interface, and its list for the classes that take it.
import { clientEvents, sinks } from '../../proto/events.mjs';
import { leading } from './comments.mjs';

const source = 'proto/events.mjs';

/** A parameter whose name is a comment, because the body does not use it. */
const unnamed = (parameter) => parameter.replace(/ (\w+)$/, ' /*$1*/');

/** A parameter as other rooms write it. */
const qualified = (parameter) =>
  parameter.replaceAll(/(?<![\w:])[A-Z]\w*/g, (name) => (name === 'ByteView' ? name : `client::${name}`));

function interfaceText() {
  const methods = Object.entries(clientEvents).flatMap(([title, events]) => [
    `  // ---- ${title}`,
    '',
    ...events.map(
      ({ method, parameters, about, otherwise }) =>
        `${leading('  ///', about)}  virtual void ${method}(${parameters.map(otherwise ? String : unnamed).join(', ')}) {${otherwise ? ` ${otherwise} ` : ''}}`,
    ),
    '',
  ]);
  return [
    '#pragma once',
    '',
    '#include <cstdint>',
    '#include <span>',
    '#include <string_view>',
    '',
    '#include "base/bytes.hpp"',
    '#include "client/api/attribute_codes.hpp"',
    '#include "client/api/attribute_values.hpp"',
    '#include "client/api/channel_events.hpp"',
    '#include "client/api/history_values.hpp"',
    '#include "client/api/media_values.hpp"',
    '#include "client/api/message.hpp"',
    '#include "client/api/presence_values.hpp"',
    '#include "client/api/request_id.hpp"',
    '#include "client/api/session_values.hpp"',
    '',
    'namespace rtm::client {',
    '',
    '/// What a client tells. All events of one client, the events of its channels and invitations included, come one at a',
    '/// time and in order. No event comes after release() has returned, except the event that called it. After an error the',
    '/// lists of a result are empty. Views live until the event returns.',
    '///',
    '/// A class that takes all of them declares them with client_event_overrides.inc and extension_event_overrides.inc.',
    'class ClientEvents {',
    ' public:',
    ...methods,
    ' protected:',
    '  ~ClientEvents() = default;',
    '};',
    '',
    '}  // namespace rtm::client',
  ].join('\n');
}

function overridesText(about, extension) {
  return [
    `// ${about}, to be included inside a class that takes all of them.`,
    '',
    ...Object.values(clientEvents)
      .flat()
      .filter((told) => told.extension === extension)
      .map(({ method, parameters }) => `void ${method}(${parameters.map(qualified).join(', ')}) override;`),
  ].join('\n');
}

/** @type {Map<string, any>} */
const crossing = new Map(sinks.flatMap(({ events }) => events).map((each) => [each.name, each]));
const views = ['std::string_view', 'ByteView'];

/** A field of a record as an expression of the parameters of a client's event. */
function expressionOf(field, { method, parameters }) {
  const wanted = field === 'requestId' ? 'request' : field;
  const found = parameters.map((each) => /^(.*) (\w+)$/.exec(each)).find(([, , name]) => name === wanted);
  if (found === undefined) throw new Error(`${source}: ${method} has no parameter ${wanted}`);
  const [, type, name] = found;
  if (field === 'code') return 'numberOf(code)';
  if (type === 'RequestId' || type === 'bool' || views.includes(type)) return name;
  return type.startsWith('std::uint64') ? `static_cast<long long>(${name})` : `static_cast<std::uint32_t>(${name})`;
}

function crossingText(told) {
  const { name, fields, plain } = crossing.get(told.event);
  const head = `void ServiceEvents::${told.method}(${told.parameters.map(qualified).join(', ')}) {`;
  const values = Object.keys(fields).map((field) => expressionOf(field, told));
  if (values.length === 0) return `${head}\n  sink_.push(EventKind::${name});\n}\n`;
  const write = `records::write${plain ? 'PlainResult' : name}(record, ${values.join(', ')});`;
  return `${head}\n  sink_.push(EventKind::${name}, [&](Record& record) { ${write} });\n}\n`;
}

function crossingsText() {
  return [
    '// The events whose parameters cross as they are.',
    '',
    '#include "binding/code_number.hpp"',
    '#include "binding/events/event_records.hpp"',
    '#include "binding/events/service_events.hpp"',
    '',
    'namespace rtm::binding {',
    '',
    ...Object.values(clientEvents)
      .flat()
      .filter(({ event }) => event !== undefined)
      .map(crossingText),
    '}  // namespace rtm::binding',
  ].join('\n');
}

export function clientEventFiles() {
  return [
    { path: 'cpp/client/api/client_events.hpp', source, body: interfaceText() },
    {
      path: 'cpp/client/api/client_event_overrides.inc',
      source,
      body: overridesText('The events of ClientEvents but those of extensions', false),
    },
    {
      path: 'cpp/client/api/extension_event_overrides.inc',
      source,
      body: overridesText('The events of calls beyond SDK 1.5.0', true),
    },
    { path: 'cpp/binding/events/plain_events.cpp', source, body: crossingsText() },
  ];
}

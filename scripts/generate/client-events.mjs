// What a client tells its owner in C++, from proto/events.mjs: the interface, and its list for the classes that take it.
import { clientEvents } from '../../proto/events.mjs';
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
      ({ method, parameters, about }) =>
        `${leading('  ///', about)}  virtual void ${method}(${parameters.map(unnamed).join(', ')}) {}`,
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
    '/// What a client tells. All events of one client, those of its channels and invitations included, come one at a time',
    '/// and in order. None comes after release() has returned, except the one that called it. After an error the lists of a',
    '/// result are empty. Views live until the event returns.',
    '///',
    '/// A class that takes all of them declares the list with client_event_overrides.inc.',
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

function overridesText() {
  return [
    '// The events of ClientEvents, to be included inside a class that takes all of them.',
    '',
    ...Object.values(clientEvents)
      .flat()
      .map(({ method, parameters }) => `void ${method}(${parameters.map(qualified).join(', ')}) override;`),
  ].join('\n');
}

export function clientEventFiles() {
  return [
    { path: 'cpp/client/api/client_events.hpp', source, body: interfaceText() },
    { path: 'cpp/client/api/client_event_overrides.inc', source, body: overridesText() },
  ];
}

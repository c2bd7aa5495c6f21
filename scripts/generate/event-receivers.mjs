// The way of a service's events through lib/, from proto/events.mjs: from the session to its owner, and in the two owners
// to callbacks of handlers and to answers of requests.
import { sinks } from '../../proto/events.mjs';
import { codeImports, sortedImports } from './codes.mjs';
import { hasMessage, parametersIn, tsType, valueImports } from './events.mjs';

const source = 'proto/events.mjs';

/** @type {any[]} */
const events = sinks.find(({ name }) => name === 'ServiceSink')?.events ?? [];
const plain = events.filter((event) => event.plain);
/** Events with a method of their own. */
const single = events.filter((event) => !event.plain && !hasMessage(event));
const plainParameters = 'kind: PlainResultKind, requestId: number, code: number';

/** The parameters of an event's method; `narrow`: codes as their enumerations. */
function parametersText(event, narrow, unused = []) {
  const { fields, codes, types = {} } = event;
  return parametersIn(event)
    .map((field) => {
      const type = (narrow && (field === 'code' ? codes : types[field])) || tsType(fields[field]);
      return `${unused.includes(field) ? '_' : ''}${field}: ${type}`;
    })
    .join(', ');
}

function forwarderText() {
  const methods = single
    .filter(({ name }) => name !== 'LinkEstablished')
    .map((event) => {
      const count = event.ends ? 'this.activity.concluded();\n' : '';
      const pass = `this.events?.on${event.name}(${parametersIn(event).join(', ')});`;
      return `on${event.name}(${parametersText(event, false)}): void {\n${count}${pass}\n}\n`;
    });
  const body = [
    '/**',
    " * The events of a session for its owner. Numbers are values of the SDK's enumerations. An error that a method throws",
    ' * becomes an uncaught exception.',
    ' */',
    "export interface SessionEvents extends Omit<ServiceSink, 'onLinkEstablished'> {",
    '  /** A lost link is back; a change of the state may follow. */',
    '  onReconnected?(resumed: boolean, peerMissed: boolean, channelsMissed: string[]): void;',
    '}',
    '',
    '/** Passes the events of a session on to its owner, and counts the events that end a call. */',
    'export abstract class EventForwarder extends MessageForwarder<SessionEvents> implements SessionEvents {',
    '  protected readonly activity: Activity;',
    '',
    '  constructor(activity: Activity) {',
    '    super();',
    '    this.activity = activity;',
    '  }',
    '',
    ...methods,
    `  onPlainResult(${plainParameters}): void {`,
    '    this.activity.concluded();',
    '    this.events?.onPlainResult(kind, requestId, code);',
    '  }',
    '}',
  ].join('\n');
  return [
    "import type { PlainResultKind, ServiceSink } from '../native/event-kinds.js';",
    valueImports(body, [], '../native/values.js'),
    "import type { Activity } from './activity.js';",
    "import { MessageForwarder } from './message-forwarder.js';",
    '',
    body,
  ].join('\n');
}

function callbacksText() {
  const told = single.filter(({ callback }) => callback !== undefined);
  const body = [
    '/** Turns events into callbacks of all handlers, where these take the same values. */',
    'export abstract class EventCallbacks {',
    '  readonly handlers: HandlerList<IRtmServiceEventHandler>;',
    '',
    '  /** @param onError - takes what a handler throws */',
    '  constructor(onError: (error: unknown) => void) {',
    '    this.handlers = new HandlerList(onError);',
    '  }',
    '',
    ...told.map((event) => {
      const call = `handler.${event.callback}?.(${parametersIn(event).join(', ')})`;
      return `on${event.name}(${parametersText(event, true)}): void {\nthis.handlers.emit((handler) => ${call});\n}\n`;
    }),
    `  onPlainResult(${plainParameters}): void {`,
    '    // The enumeration of the code belongs to the kind, which the table pairs.',
    '    this.handlers.emit((handler) => handler[PLAIN_CALLBACKS[kind]]?.(requestId, code as never));',
    '  }',
    '}',
    '',
    '/** Callbacks for results that say nothing but the outcome. */',
    'const PLAIN_CALLBACKS = {',
    ...plain.map(({ name, callback }) => `[EventKind.${name}]: '${callback}',`),
    '} as const satisfies Record<PlainResultKind, keyof IRtmServiceEventHandler>;',
  ].join('\n');
  const codes = told.flatMap(({ codes: name, types = {} }) => [...(name ? [name] : []), ...Object.values(types)]);
  return [
    ...sortedImports([
      ...codeImports(codes, '..', true),
      "import { EventKind, type PlainResultKind } from '../native/event-kinds.js';",
      valueImports(body, [], '../native/values.js'),
      "import { HandlerList } from './handler-list.js';",
      "import type { IRtmServiceEventHandler } from './handlers.js';",
    ]),
    '',
    body,
  ].join('\n');
}

function answersText() {
  const answered = single.filter(({ answers }) => answers !== undefined);
  const body = [
    '/** Gives the results of requests to whoever waits for them. */',
    'export abstract class Answers {',
    '  protected readonly requests: Requests;',
    '',
    '  constructor(requests: Requests) {',
    '    this.requests = requests;',
    '  }',
    '',
    ...answered.map((event) => {
      const words = event.answers.match(/\w+/g);
      const unused = parametersIn(event).filter((field) => !['requestId', 'code', ...words].includes(field));
      const call = `this.requests.answer(requestId, code, ${event.answers});`;
      return `on${event.name}(${parametersText(event, false, unused)}): void {\n${call}\n}\n`;
    }),
    '}',
  ].join('\n');
  return [
    valueImports(body, [], '../native/values.js'),
    "import type { Requests } from './requests.js';",
    '',
    body,
  ].join('\n');
}

/** All files of the receivers. */
export function receiverFiles() {
  return [
    { path: 'lib/session/event-forwarder.ts', source, body: forwarderText() },
    { path: 'lib/sdk/event-callbacks.ts', source, body: callbacksText() },
    { path: 'lib/client/answers.ts', source, body: answersText() },
  ];
}

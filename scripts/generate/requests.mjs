// The calls that are answered by request id, from proto/requests.mjs: the functions of the addon, their types, the
// methods of a session, and their names in errors.
import { requests } from '../../proto/requests.mjs';
import { codeImports, sortedImports } from './codes.mjs';

const source = 'proto/requests.mjs';

const types = {
  text: { ts: 'string | null', cpp: 'std::string_view', read: (index) => `arguments.strictText(${index})` },
  string: { ts: 'string', cpp: 'std::string_view', read: (index) => `arguments.strictText(${index})` },
  texts: {
    ts: 'readonly string[] | null',
    cpp: 'std::vector<std::string_view>',
    read: (index) => `arguments.strictTexts(${index})`,
  },
  pairs: {
    ts: 'readonly string[] | null',
    cpp: 'std::vector<client::AttributeView>',
    read: (index) => `attributePairs(arguments, ${index})`,
  },
  flag: { ts: 'boolean', cpp: 'bool', read: (index) => `arguments.boolean(${index})` },
  word: { ts: 'number', cpp: 'std::uint32_t', read: (index) => `arguments.word(${index})` },
  number: {
    ts: 'number',
    cpp: 'auto',
    read: (index) => `static_cast<long long>(arguments.number(${index}))`,
  },
  task: {
    ts: 'number',
    cpp: 'auto',
    read: (index) => `static_cast<client::RequestId>(arguments.number(${index}))`,
  },
};

function parametersOf({ name, parameters }) {
  return Object.entries(parameters).map(([parameter, type]) => {
    if (types[type] === undefined) throw new Error(`${source}: ${name}: the type ${type} is not known`);
    return { name: parameter, ...types[type] };
  });
}

function functionText(request) {
  const { name, call } = request;
  const parameters = parametersOf(request);
  const reads = parameters.map(({ name: each, cpp, read }, at) => `const ${cpp} ${each} = ${read(at + 1)};`);
  const id = /\bid\b/.test(call) ? 'RequestId& id' : 'RequestId&';
  return [
    `napi_value ${name}(Arguments& arguments) {`,
    'const std::uint32_t service = arguments.word(0);',
    ...reads,
    `return request(arguments, service, [&](Client& client, ${id}) { return client.${call}; });`,
    '}',
    '',
  ].join('\n');
}

function cppText() {
  const here = requests.filter(({ call }) => call !== undefined);
  const rooms = [...new Set(here.map(({ call }) => /^(\w+)\(\)/.exec(call)[1]))].sort();
  return [
    '// The functions that only read their arguments and pass them on to the client; the first argument is the service.',
    '',
    '#include <string_view>',
    '#include <vector>',
    '',
    '#include "binding/functions/attribute_pairs.hpp"',
    '#include "binding/functions/function_table.hpp"',
    '#include "binding/functions/request.hpp"',
    ...rooms.map((room) => `#include "client/${room}/${room}.hpp"`),
    '',
    'namespace rtm::binding {',
    'namespace {',
    '',
    'using client::Client;',
    'using client::RequestId;',
    '',
    ...here.map(functionText),
    '}  // namespace',
    '',
    'bool addRequestFunctions(FunctionTable& table) {',
    `return table.add({${here.map(({ name }) => `function<${name}>("${name}")`).join(', ')}});`,
    '}',
    '',
    '}  // namespace rtm::binding',
  ].join('\n');
}

function typesText() {
  const methods = requests.map((request) => {
    const parameters = parametersOf(request).map(({ name, ts }) => `${name}: ${ts}`);
    return `${request.name}(${['service: Handle', ...parameters].join(', ')}): number;`;
  });
  return [
    '',
    "import type { Handle } from './environment.js';",
    '',
    '/**',
    ' * Calls that are answered by request id, which comes in `columns.out[0]`. Attributes cross as a flat list: key, value,',
    ' * key, value …',
    ' */',
    `export interface RequestFunctions {\n${methods.join('\n')}\n}`,
  ].join('\n');
}

function sessionText() {
  const methods = requests.map((request) => {
    const { name, codes, takes, passes, operation } = request;
    const parameters = parametersOf(request);
    const taken = takes ?? parameters.map((each) => `${each.name}: ${each.ts}`).join(', ');
    const passed = ['this.#handle', passes ?? parameters.map((each) => each.name)].flat().join(', ');
    const call = `this.#environment.${name}(${passed})`;
    if (operation === 'cancelMedia') {
      return `${name}(${taken}): ${codes} {\nreturn this.#result<${codes}>(${call}).code;\n}\n`;
    }
    return `${name}(${taken}): RequestResult<${codes}> {\nreturn this.#result(${call});\n}\n`;
  });
  return [
    '',
    ...sortedImports([
      ...codeImports(
        requests.map(({ codes }) => codes),
        '..',
        true,
      ),
      "import type { RequestFunctions } from '../native/request-functions.js';",
      "import type { Activity } from './activity.js';",
      "import { type HistoryRange, historyArguments } from './history-range.js';",
    ]),
    '',
    '/** The result of a request with a request id: the code, and the out-parameter of the C++ call. */',
    'export interface RequestResult<E extends number = number> {',
    '  /**',
    '   * 0: accepted, one result callback with this `requestId` follows. Otherwise the number of the error, and none',
    '   * follows.',
    '   */',
    '  readonly code: E;',
    '  /** Unique within the service; 0 if the call was refused. */',
    '  readonly requestId: number;',
    '}',
    '',
    '/**',
    ' * The calls of a session that are answered by request id. Each is named as its method of the C++ surface. `null` is a',
    ' * null pointer of the C++ call. Attributes cross as a flat list: key, value, key, value …',
    ' */',
    'export class SessionRequests {',
    '  readonly #session: { readonly handle: number };',
    '  readonly #environment: RequestFunctions;',
    '  readonly #out: Float64Array;',
    '  readonly #activity: Activity;',
    '',
    '  constructor(',
    '    session: { readonly handle: number },',
    '    environment: RequestFunctions,',
    '    out: Float64Array,',
    '    activity: Activity,',
    '  ) {',
    '    this.#session = session;',
    '    this.#environment = environment;',
    '    this.#out = out;',
    '    this.#activity = activity;',
    '  }',
    '',
    '  get #handle(): number {',
    '    return this.#session.handle;',
    '  }',
    '',
    '  #result<E extends number>(code: number): RequestResult<E> {',
    '    this.#activity.accepted(code);',
    '    return { code: code as E, requestId: code === 0 ? (this.#out[0] as number) : 0 };',
    '  }',
    '',
    ...methods,
    '}',
  ].join('\n');
}

function operationsText() {
  const codes = new Map(requests.map((request) => [request.operation ?? request.name, request.codes]));
  return [
    '',
    ...codeImports([...codes.values()], '.', false),
    '',
    '/** The operations that are answered by request id, each with the enumeration of its codes. */',
    'export const REQUEST_OPERATIONS = {',
    ...[...codes].map(([operation, name]) => `${operation}: ${name},`),
    '} as const;',
  ].join('\n');
}

/** All files of the requests. */
export function requestFiles() {
  return [
    { path: 'cpp/binding/functions/request_functions.cpp', source, body: cppText() },
    { path: 'lib/native/request-functions.ts', source, body: typesText() },
    { path: 'lib/session/requests.ts', source, body: sessionText() },
    { path: 'lib/request-operations.ts', source, body: operationsText() },
  ];
}

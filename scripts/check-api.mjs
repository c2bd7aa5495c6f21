// Compares the public surface with test/fixtures/api-surface.json: the C++ headers in cpp/include, entry by entry and
// in order, because programs built against the original headers depend on numbers and vtable slots; and the exported
// TypeScript names in lib/sdk, as far as those files exist. Prints a diff and exits 1 on a mismatch.
//
// The headers are read by a small parser that knows the few forms they use. It refuses what it does not know rather
// than skip it: an entry it cannot see is an entry nobody checks.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const surface = JSON.parse(readFileSync(join(root, 'test/fixtures/api-surface.json'), 'utf8'));

// ---------------------------------------------------------------------------------------------------------------------
// C++ headers

const TOKEN = /"(?:[^"\\]|\\.)*"|0[xX][0-9a-fA-F]+|\w+|::|<<|[^\s]/g;

/** One spelling for declarations that differ in white space only. */
function normalise(tokens) {
  let out = '';
  let previous = '';
  for (const token of tokens) {
    const glued = /^[(),;[\]*&]$/.test(token) || token === '::' || /^([([~-]|::)$/.test(previous);
    out += out === '' || glued ? token : ` ${token}`;
    previous = token;
  }
  return out.replaceAll('{ }', '{}');
}

const tokenise = (text) => text.match(TOKEN) ?? [];

function stripComments(text) {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (match) => (match[0] === '"' ? match : ' '));
}

/** Takes the preprocessor lines out of a header: `{ macros, tokens }`, each token with the macro that hides it. */
function preprocess(text) {
  const macros = {};
  const tokens = [];
  const conditions = [];
  let once = false;
  for (const line of stripComments(text).replaceAll('\\\n', ' ').split('\n')) {
    const [, directive, rest] = /^\s*#\s*(\w+)\s*(.*)$/.exec(line) ?? [];
    if (directive === undefined) {
      for (const token of tokenise(line)) tokens.push({ text: token, hiddenBy: conditions.join(' and ') });
    } else if (directive === 'ifndef') {
      conditions.push(rest.trim());
    } else if (directive === 'endif') {
      conditions.pop();
    } else if (directive === 'define') {
      const [, name, value] = /^(\w+)\s*(.*)$/.exec(rest);
      macros[name] = normalise(tokenise(value));
    } else if (directive === 'pragma') {
      once ||= rest.trim() === 'once';
    } else if (directive !== 'include') {
      throw new Error(`preprocessor line the check does not know: ${line.trim()}`);
    }
  }
  if (!once) throw new Error('no #pragma once');
  return { macros, tokens };
}

/** A cursor over tokens. */
class Reader {
  constructor(tokens) {
    this.tokens = tokens;
    this.at = 0;
  }
  get done() {
    return this.at >= this.tokens.length;
  }
  peek(ahead = 0) {
    return this.tokens[this.at + ahead]?.text;
  }
  next() {
    if (this.done) throw new Error('the header ends inside a declaration');
    return this.tokens[this.at++].text;
  }
  expect(text) {
    const found = this.next();
    if (found !== text) throw new Error(`expected "${text}", found "${found}"`);
  }
  /** Everything up to the brace that closes the one just read. */
  block() {
    const start = this.at;
    for (let depth = 1; depth > 0; ) {
      const token = this.next();
      if (token === '{') depth++;
      if (token === '}') depth--;
    }
    return this.tokens.slice(start, this.at - 1);
  }
}

/** Value of an enumerator: a number, or a number shifted. */
function evaluate(tokens) {
  const [value, shift, bits, ...rest] = tokens;
  if (tokens.length === 1) return Number(value);
  if (shift === '<<' && rest.length === 0) return Number(value) * 2 ** Number(bits);
  return Number.NaN;
}

function parseEnum(reader) {
  const hiddenBy = reader.tokens[reader.at].hiddenBy;
  reader.expect('enum');
  const name = reader.next();
  reader.expect('{');
  const body = new Reader(reader.block());
  reader.expect(';');
  const members = {};
  let following = 0;
  while (!body.done) {
    const member = body.next();
    const expression = [];
    if (body.peek() === '=') {
      body.next();
      while (!body.done && body.peek() !== ',') expression.push(body.next());
    }
    if (!body.done) body.expect(',');
    members[member] = expression.length > 0 ? evaluate(expression) : following;
    following = members[member] + 1;
  }
  return { name, ...(hiddenBy && { hiddenBy }), members };
}

/** Items of a class or struct body: `{ access, tokens, body }`, in order. */
function parseItems(reader, access) {
  const items = [];
  while (!reader.done) {
    if (reader.peek(1) === ':') {
      access = reader.next();
      reader.next();
      continue;
    }
    const item = { access, tokens: [] };
    for (;;) {
      const token = reader.next();
      if (token === ';') break;
      if (token === '{') {
        item.body = reader.block().map((each) => each.text);
        if (reader.peek() === ';') reader.next();
        break;
      }
      item.tokens.push(token);
    }
    items.push(item);
  }
  return items;
}

/** A body that does nothing but name its parameters counts as empty. */
function isEmpty(body) {
  return /^(?:\( void \) \w+ ; ?)*$/.test(body.join(' '));
}

function describe(item) {
  const text = normalise(item.tokens);
  if (item.body === undefined) return text;
  return `${text} ${isEmpty(item.body) ? '{}' : '{ ... }'}`;
}

function parseClass(reader) {
  reader.expect('class');
  const name = reader.next();
  const result = { name };
  if (reader.peek() === ':') {
    reader.next();
    const base = [];
    while (reader.peek() !== '{') base.push(reader.next());
    result.base = normalise(base);
  }
  reader.expect('{');
  const items = parseItems(new Reader(reader.block()), 'private');
  reader.expect(';');
  result.destructor = 'implicit';
  result.methods = [];
  for (const [index, item] of items.entries()) {
    if (item.tokens.includes('~')) {
      const form = `${item.access} ${describe(item)}`.replace(`~${name}() {}`, '').replace(` ~${name}()`, '').trim();
      // The destructor's two vtable slots stand where it is declared: first.
      result.destructor = index === 0 ? form : `${form}, not first`;
    } else {
      result.methods.push(`${item.access === 'public' ? '' : `${item.access}: `}${describe(item)}`);
    }
  }
  return result;
}

function parseStruct(reader) {
  reader.expect('struct');
  const name = reader.next();
  reader.expect('{');
  const items = parseItems(new Reader(reader.block()), 'public');
  reader.expect(';');
  const result = { name, defaultConstructor: false, members: [] };
  const initial = {};
  for (const item of items) {
    if (item.tokens[0] === name) {
      result.defaultConstructor = normalise(item.tokens).startsWith(`${name}()`) && isEmpty(item.body ?? ['?']);
      for (const [, member, value] of item.tokens.join(' ').matchAll(/(\w+) \( (\w+) \)/g)) initial[member] = value;
    } else {
      result.members.push({ name: item.tokens.at(-1), text: describe(item) });
    }
  }
  result.members = result.members.map(({ name: member, text }) =>
    member in initial ? `${text} = ${initial[member]}` : text,
  );
  return result;
}

function parseHeader(text) {
  const { macros, tokens } = preprocess(text);
  const reader = new Reader(tokens);
  const result = { macros, enums: [], structs: [], classes: [], functions: [] };
  const namespaces = [];
  while (!reader.done) {
    const token = reader.peek();
    if (token === 'namespace') {
      reader.next();
      namespaces.push(reader.next());
      reader.expect('{');
      continue;
    }
    if (token === '}') {
      reader.next();
      namespaces.pop();
      continue;
    }
    const found = namespaces.join('::');
    if (found !== surface.namespace) throw new Error(`a declaration in namespace "${found}", at "${token}"`);
    if (token === 'class' && reader.peek(2) === ';') {
      for (let i = 0; i < 3; i++) reader.next(); // a forward declaration
    } else if (token === 'enum') {
      result.enums.push(parseEnum(reader));
    } else if (token === 'class') {
      result.classes.push(parseClass(reader));
    } else if (token === 'struct') {
      result.structs.push(parseStruct(reader));
    } else {
      const declaration = [];
      while (reader.peek() !== ';') declaration.push(reader.next());
      reader.next();
      result.functions.push(normalise(declaration));
    }
  }
  return result;
}

/** A surface as lines, one per entry; an indented line belongs to the unindented one before it. */
function render(header) {
  const lines = [];
  for (const [name, value] of Object.entries(header.macros)) lines.push(`macro ${name} ${value}`.trim());
  for (const { name, hiddenBy, members } of header.enums) {
    lines.push(`enum ${name}${hiddenBy ? `, hidden by ${hiddenBy}` : ''}`, ...renderMembers(members));
  }
  for (const { name, defaultConstructor, members } of header.structs) {
    lines.push(`struct ${name}${defaultConstructor ? ' with a default constructor' : ''}`);
    lines.push(...members.map((member) => `  ${normalise(tokenise(member))}`));
  }
  for (const { name, base, destructor, methods } of header.classes) {
    lines.push(`class ${name}${base ? ` : ${base}` : ''}, ${destructor} destructor`);
    lines.push(...methods.map((method) => `  ${normalise(tokenise(method))}`));
  }
  lines.push(...header.functions.map((each) => `function ${normalise(tokenise(each))}`));
  return lines;
}

function renderMembers(members) {
  return Object.entries(members).map(([name, value]) => `  ${name} = ${value}`);
}

// ---------------------------------------------------------------------------------------------------------------------
// Difference of two lists of lines

/** Lines to take out (-) and to put in (+), under the entry they belong to. Empty if the lists are equal. */
function difference(expected, found) {
  const common = Array.from({ length: expected.length + 1 }, () => new Uint32Array(found.length + 1));
  for (let i = expected.length - 1; i >= 0; i--) {
    for (let j = found.length - 1; j >= 0; j--) {
      common[i][j] = expected[i] === found[j] ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
    }
  }
  const out = [];
  let entry = '';
  let shown = '';
  const report = (sign, line) => {
    if (!line.startsWith(' ')) entry = line;
    else if (shown !== entry) out.push(`    ${entry}`);
    shown = entry;
    out.push(`  ${sign} ${line}`);
  };
  for (let i = 0, j = 0; i < expected.length || j < found.length; ) {
    if (i < expected.length && j < found.length && expected[i] === found[j]) {
      if (!expected[i].startsWith(' ')) entry = expected[i];
      i++;
      j++;
    } else if (j >= found.length || (i < expected.length && common[i + 1][j] >= common[i][j + 1])) {
      report('-', expected[i++]);
    } else {
      report('+', found[j++]);
    }
  }
  return out;
}

// ---------------------------------------------------------------------------------------------------------------------
// TypeScript names in lib/sdk
//
// Where a class of the surface is at home. A class is checked once its file exists; it may be declared in another file
// of the folder, and inherit its methods from any class there. Names that are not written yet stand in
// `notYetInTypeScript` of the fixture, as "IRtmService.login" or as "IRtmService"; one that has appeared must go.
const HOMES = {
  IRtmService: 'service.ts',
  IRtmServiceEventHandler: 'service.ts',
  IChannel: 'channel.ts',
  IChannelEventHandler: 'channel.ts',
  IChannelMember: 'channel.ts',
  IRtmChannelAttribute: 'attributes.ts',
  IMessage: 'message.ts',
  IFileMessage: 'message.ts',
  IImageMessage: 'message.ts',
  ILocalCallInvitation: 'calls.ts',
  IRemoteCallInvitation: 'calls.ts',
  IRtmCallManager: 'calls.ts',
  IRtmCallEventHandler: 'calls.ts',
};

function stripTypeScript(text) {
  return text.replace(
    /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g,
    (match) => (match[0] === '/' ? ' ' : "''"),
  );
}

/** The text between the brace at `open` and the one that closes it. */
function braced(text, open) {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return text.slice(open + 1, at);
  }
  throw new Error('unbalanced braces');
}

function checkTypeScriptEnums(file) {
  const text = stripTypeScript(readFileSync(file, 'utf8'));
  const expected = [];
  const found = [];
  for (const { name, members } of Object.values(surface.headers).flatMap((header) => header.enums)) {
    expected.push(`export const ${name}`, ...renderMembers(members), `export type ${name}`);
    const start = new RegExp(`export const ${name} = \\{`).exec(text);
    if (start !== null) {
      const body = braced(text, start.index + start[0].length - 1).split(',');
      found.push(`export const ${name}`);
      for (const member of body.filter((each) => each.trim() !== '')) {
        const [key, value] = member.split(':').map((part) => part.trim());
        found.push(`  ${key} = ${evaluate(tokenise(value ?? ''))}`);
      }
    }
    if (new RegExp(`export type ${name}\\s*=\\s*\\(?typeof ${name}\\b`).test(text)) {
      found.push(`export type ${name}`);
    }
  }
  return difference(expected, found);
}

/** Where the body of a class, interface or object type opens, its name ending at `at`; -1 for other types. */
function bodyOf(text, at) {
  for (let angles = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '<') angles++;
    if (character === '>' && text[at - 1] !== '=') angles--;
    if (angles > 0) continue;
    if (character === '{') return at;
    if (character === ';') return -1;
  }
  return -1;
}

/** Classes, interfaces and object types of the folder: name → `{ parents, members }`. */
function readTypeScriptClasses(folder) {
  const classes = new Map();
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  for (const file of files) {
    const text = stripTypeScript(readFileSync(join(folder, file), 'utf8'));
    for (const head of text.matchAll(/\b(?:class|interface|type)\s+(\w+)\s*(?=[<={]|extends\b|implements\b)/g)) {
      const name = head[1];
      const start = head.index + head[0].length;
      const open = bodyOf(text, start);
      if (open === -1) continue;
      const entry = classes.get(name) ?? { parents: [], members: new Set() };
      // Too many names here (type parameters, implemented interfaces of other kinds) do no harm.
      const [inherited] = text.slice(start, open).split(/\bimplements\b/);
      entry.parents.push(...(inherited.match(/\w+/g) ?? []));
      for (const member of memberNames(braced(text, open))) entry.members.add(member);
      classes.set(name, entry);
    }
  }
  return classes;
}

/** Names that a body declares: identifiers outside all brackets, before a parameter list, a type or a value. */
function memberNames(body) {
  let depth = 0;
  let flat = '';
  for (const character of body) {
    if ('([{'.includes(character)) {
      if (depth === 0) flat += character;
      depth++;
    } else if (')]}'.includes(character)) {
      depth--;
    } else if (depth === 0) {
      flat += character;
    }
  }
  return [...flat.matchAll(/\b(\w+)\s*[?!]?\s*[(<:=]/g)].map((match) => match[1]);
}

function membersOf(name, classes, seen = new Set()) {
  if (seen.has(name) || !classes.has(name)) return seen;
  seen.add(name);
  const { parents, members } = classes.get(name);
  for (const member of members) seen.add(member);
  for (const parent of parents) membersOf(parent, classes, seen);
  return seen;
}

/** THE CHECK OF THE TYPESCRIPT SIDE. Returns lines of problems; what does not exist yet is counted in `missing`. */
function checkTypeScript(missing) {
  const folder = join(root, 'lib/sdk');
  const problems = [];
  if (!existsSync(folder)) return problems;
  const enums = join(folder, 'enums.ts');
  if (existsSync(enums)) problems.push(...checkTypeScriptEnums(enums));
  else missing.push('enums');
  const open = new Set(surface.notYetInTypeScript);
  const classes = readTypeScriptClasses(folder);
  for (const { name, methods } of Object.values(surface.headers).flatMap((header) => header.classes)) {
    if (HOMES[name] === undefined) throw new Error(`no home for ${name} in HOMES`);
    if (!classes.has(name)) {
      if (!existsSync(join(folder, HOMES[name]))) missing.push(name);
      else if (!open.delete(name)) problems.push(`  - ${name} in lib/sdk/${HOMES[name]}`);
      continue;
    }
    const present = membersOf(name, classes);
    for (const method of new Set(methods.map((signature) => /(\w+)\(/.exec(signature)[1]))) {
      const key = `${name}.${method}`;
      if (!present.has(method) && !open.delete(key)) problems.push(`  - ${key} in lib/sdk`);
    }
  }
  for (const key of open) {
    // Names of files that do not exist yet may wait in the list.
    if (!missing.includes(key.split('.')[0])) problems.push(`  ! ${key} is no longer missing: take it off the list`);
  }
  return problems;
}

// ---------------------------------------------------------------------------------------------------------------------

let failed = false;

function report(title, check) {
  let lines;
  try {
    lines = check();
  } catch (error) {
    lines = [`  ! ${error.message}`];
  }
  if (lines.length === 0) return;
  failed = true;
  console.error(`${title}: differs from test/fixtures/api-surface.json (- expected, + found)`);
  console.error(lines.join('\n'));
}

let entries = 0;
for (const [name, header] of Object.entries(surface.headers)) {
  const expected = render(header);
  entries += expected.length;
  report(`cpp/include/${name}`, () =>
    difference(expected, render(parseHeader(readFileSync(join(root, 'cpp/include', name), 'utf8')))),
  );
}

const missing = [];
report('lib/sdk', () => checkTypeScript(missing));

if (failed) process.exit(1);
console.log(
  `api surface: ${entries} entries agree${missing.length > 0 ? `; not in lib/sdk yet: ${missing.join(', ')}` : ''}`,
);

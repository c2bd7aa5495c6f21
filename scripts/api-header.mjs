// Reads a drop-in header into the form of test/fixtures/api-surface.json. A small parser that knows the few forms the
// headers use. It refuses what it does not know rather than skip it: an entry it cannot see is an entry nobody checks.
import { evaluate, normalise, tokenise } from './api-text.mjs';

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

export function parseHeader(text, namespace) {
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
    if (found !== namespace) throw new Error(`a declaration in namespace "${found}", at "${token}"`);
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

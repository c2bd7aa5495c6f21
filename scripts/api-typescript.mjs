// The TypeScript side of the surface: what lib/enums.ts and lib/sdk declare and lib/index.ts exports. Returns lines of problems.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { difference, evaluate, renderMembers, tokenise } from './api-text.mjs';

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
  IFileMessage: 'media-message.ts',
  IImageMessage: 'media-message.ts',
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
function braced(text, open, [left, right] = '{}') {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === left) depth++;
    if (text[at] === right && --depth === 0) return text.slice(open + 1, at);
  }
  throw new Error('unbalanced braces');
}

function checkEnums(file, headers) {
  const text = stripTypeScript(readFileSync(file, 'utf8'));
  const expected = [];
  const found = [];
  for (const { name, members } of headers.flatMap((header) => header.enums)) {
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

/** Pieces between commas that stand outside all brackets. */
function pieces(text) {
  const out = [''];
  let depth = 0;
  for (const [at, character] of [...text].entries()) {
    if ('([{<'.includes(character)) depth++;
    if (')]}'.includes(character) || (character === '>' && text[at - 1] !== '=')) depth--;
    if (character === ',' && depth === 0) out.push('');
    else out[out.length - 1] += character;
  }
  return out.map((piece) => piece.trim()).filter((piece) => piece !== '');
}

/** What a body declares: name → parameter lists of its overloads; none for a member that is not a method. */
function membersIn(body) {
  const members = new Map();
  const add = (name) => members.get(name) ?? members.set(name, []).get(name);
  let depth = 0;
  let flat = '';
  for (const [at, character] of [...body].entries()) {
    if ('([{'.includes(character)) {
      if (depth === 0) {
        const method = character === '(' && /\b(\w+)\s*[?!]?\s*(?:<[^<>]*>)?\s*$/.exec(flat);
        if (method) {
          const parameters = pieces(braced(body.slice(at), 0, '()')).map((piece) => ({
            name: /^(?:\.\.\.)?_?(\w+)/.exec(piece)?.[1],
            optional: /^\w+\s*\?/.test(piece) || /=(?!>)/.test(piece),
          }));
          add(method[1]).push(parameters);
        }
        flat += character;
      }
      depth++;
    } else if (')]}'.includes(character)) {
      depth--;
    } else if (depth === 0) {
      flat += character;
    }
  }
  for (const [, name] of flat.matchAll(/\b(\w+)\s*[?!]?\s*[(<:=]/g)) add(name);
  return members;
}

/** Classes, interfaces and object types of the folder: name → `{ parents, members }`. */
function readClasses(folder) {
  const classes = new Map();
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts'))) {
    const text = stripTypeScript(readFileSync(join(folder, file), 'utf8'));
    for (const head of text.matchAll(/\b(?:class|interface|type)\s+(\w+)\s*(?=[<={]|extends\b|implements\b)/g)) {
      const start = head.index + head[0].length;
      const open = bodyOf(text, start);
      if (open === -1) continue;
      const entry = classes.get(head[1]) ?? { parents: [], members: new Map() };
      // Too many names here (type parameters, implemented interfaces of other kinds) do no harm.
      const [inherited] = text.slice(start, open).split(/\bimplements\b/);
      entry.parents.push(...(inherited.match(/\w+/g) ?? []));
      for (const [name, overloads] of membersIn(braced(text, open))) {
        entry.members.set(name, [...(entry.members.get(name) ?? []), ...overloads]);
      }
      classes.set(head[1], entry);
    }
  }
  return classes;
}

/** All members of a class and of what it inherits from. */
function membersOf(name, classes, members = new Map(), seen = new Set()) {
  if (seen.has(name) || !classes.has(name)) return members;
  seen.add(name);
  for (const [member, overloads] of classes.get(name).members) {
    members.set(member, [...(members.get(member) ?? []), ...overloads]);
  }
  for (const parent of classes.get(name).parents) membersOf(parent, classes, members, seen);
  return members;
}

/**
 * The parameters that a C++ signature has in TypeScript, by name and in order: an array knows its length, so the count
 * behind a pointer goes; an out-parameter becomes part of the result.
 */
function expectedParameters(signature) {
  const list = pieces(/\((.*)\)/.exec(signature)[1]).map((piece) => ({
    text: piece,
    name: /(\w+)(?:\[\])?(?:\s*=.*)?$/.exec(piece)[1],
  }));
  const kept = list.filter(({ text, name }, at) => {
    if (name === 'requestId' && text.includes('&')) return false;
    return !(at > 0 && /[*[]/.test(list[at - 1].text) && /^(?:number[A-Z]\w*|\w*[cC]ount|length)$/.test(name));
  });
  return kept.map(({ name }) => name);
}

/** True if a call with these arguments fits one of the overloads. */
function fits(names, overloads) {
  return overloads.some(
    (parameters) =>
      parameters.length >= names.length &&
      parameters.every(({ name, optional }, at) => (at < names.length ? name === names[at] : optional)),
  );
}

/** Names that a module exports, following `export … from` into the files of lib/. */
function exportedFrom(file) {
  const text = readFileSync(file, 'utf8').replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
  const names = new Set();
  for (const [, list] of text.matchAll(/\bexport\s+(?:type\s+)?\{([^}]*)\}/g)) {
    for (const each of list.split(',')) names.add(each.trim().split(/\s+/).at(-1));
  }
  for (const [, from] of text.matchAll(/\bexport\s+(?:type\s+)?\*\s+from\s+'([^']+)\.js'/g)) {
    for (const name of exportedFrom(join(dirname(file), `${from}.ts`))) names.add(name);
  }
  for (const [, name] of text.matchAll(/\bexport\s+(?:abstract\s+)?(?:const|class|interface|type|function)\s+(\w+)/g)) {
    names.add(name);
  }
  return names;
}

/** Structures: the same members in the same order. */
function checkStructs(headers, classes) {
  const problems = [];
  for (const { name, members } of headers.flatMap((header) => header.structs)) {
    const expected = members.map((member) => /(\w+)(?: =.*)?$/.exec(member)[1]);
    const found = [...membersOf(name, classes).keys()];
    problems.push(
      ...difference([name, ...expected.map((each) => `  ${each}`)], [name, ...found.map((each) => `  ${each}`)]),
    );
  }
  return problems;
}

function checkClasses(headers, classes, open, missing, folder) {
  const problems = [];
  for (const { name, methods } of headers.flatMap((header) => header.classes)) {
    if (HOMES[name] === undefined) throw new Error(`no home for ${name} in HOMES`);
    if (!classes.has(name)) {
      if (!existsSync(join(folder, HOMES[name]))) missing.push(name);
      else if (!open.delete(name)) problems.push(`  - ${name} in lib/sdk/${HOMES[name]}`);
      continue;
    }
    const present = membersOf(name, classes);
    const absent = new Set();
    for (const signature of methods) {
      const method = /(\w+)\(/.exec(signature)[1];
      const key = `${name}.${method}`;
      if (!present.has(method)) {
        if (!open.delete(key) && !absent.has(method)) problems.push(`  - ${key} in lib/sdk`);
        absent.add(method);
        continue;
      }
      if (absent.has(method)) continue;
      const names = expectedParameters(signature);
      if (!fits(names, present.get(method))) problems.push(`  - ${key}(${names.join(', ')}) in lib/sdk`);
    }
  }
  return problems;
}

/**
 * THE CHECK OF THE TYPESCRIPT SIDE. `missing` collects the classes whose files do not exist yet.
 * @param {string} lib the folder lib/
 */
export function checkTypeScript(surface, lib, missing) {
  const headers = Object.values(surface.headers);
  const folder = join(lib, 'sdk');
  const open = new Set(surface.notYetInTypeScript);
  const classes = readClasses(folder);
  const problems = checkEnums(join(lib, 'enums.ts'), headers);
  problems.push(...checkStructs(headers, classes));
  problems.push(...checkClasses(headers, classes, open, missing, folder));
  for (const key of open) {
    // Names of files that do not exist yet may wait in the list.
    if (!missing.includes(key.split('.')[0])) problems.push(`  ! ${key} is no longer missing: take it off the list`);
  }
  const exported = exportedFrom(join(lib, 'index.ts'));
  const named = headers.flatMap(({ enums, structs, classes: all, functions }) => [
    ...[...enums, ...structs, ...all].map(({ name }) => name),
    ...functions.map((each) => /(\w+)\(/.exec(each)[1]),
  ]);
  for (const name of named) {
    if (exported.has(name) || missing.includes(name) || surface.notYetInTypeScript.includes(name)) continue;
    problems.push(`  - ${name} exported by lib/index.ts`);
  }
  return problems;
}

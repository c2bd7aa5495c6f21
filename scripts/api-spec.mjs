// Compares test/fixtures/api-surface.json with the tables of docs/spec/api.md and docs/spec/enums.md: entries with their
// numbers, so that the order of virtual functions is compared as well.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { difference, normalise, tokenise } from './api-text.mjs';

const spelling = (text) => normalise(tokenise(text));

/** Signatures as both sides write them: no `virtual`, no empty body. */
const method = (text) =>
  spelling(text.replace(/;$/, ''))
    .replace(/^virtual /, '')
    .replace(/ \{\}$/, '');

function destructorIn(line) {
  const [, access] = /\b(public|protected) virtual destructor/.exec(line) ?? [];
  return access === undefined ? 'implicit' : `${access} virtual`;
}

/** Classes of api.md: `{ name, base, destructor, entries }`, an entry being its number and its signature. */
function readClasses(text) {
  const classes = [];
  let current;
  for (const line of text.split('\n')) {
    const [, name, base] = /^(?:## \d+\. )?`class (I\w+)(?: : public (\w+))?`/.exec(line) ?? [];
    if (name !== undefined) {
      const above = line.includes('as above') ? current.entries : [];
      current = { name, base, destructor: destructorIn(line), entries: [...above] };
      classes.push(current);
      for (const [, number, signature] of line.matchAll(/\b(\d+) is `([^`]+)`/g)) {
        current.entries = current.entries.map((entry) =>
          entry[0] === Number(number) ? [Number(number), signature] : entry,
        );
      }
    } else if (line.startsWith('## ')) {
      // A heading of something else; section 7 names its class in the heading and was taken above.
      current = undefined;
    } else if (current !== undefined) {
      const row = /^\| (\d+) \| `([^`]+)`/.exec(line);
      if (row !== null) current.entries.push([Number(row[1]), row[2]]);
      else
        for (const each of line.matchAll(/(?:^|· )(\d+) `([^`]+)`/g)) current.entries.push([Number(each[1]), each[2]]);
    }
  }
  return classes.map(({ entries, ...rest }) => ({
    ...rest,
    entries: entries.map(([number, text]) => [
      number,
      method(text.includes('virtual') ? text : `virtual void ${text}`),
    ]),
  }));
}

/** Structs of api.md: their members, each with its default. */
function readStructs(text) {
  const section = /\n## 4\. Structs\n([\s\S]*?)\n## /.exec(text)[1];
  return [...section.matchAll(/^\| `(\w+)` \| ([^|]*)\|/gm)].map(([, name, cell]) => ({
    name,
    defaultConstructor: /constructor/.test(cell),
    members: [...cell.matchAll(/`([^`]+)`(?: \((true|false)\b)?/g)].map(([, member, value]) =>
      spelling(value === undefined ? member : `${member} = ${value}`),
    ),
  }));
}

/** Enumerations of enums.md: tables, or one line under the heading. */
function readEnums(text) {
  const enums = [];
  for (const section of text.split(/^##+ /m).slice(1)) {
    const [heading, ...lines] = section.split('\n');
    const [, name] = /^([A-Z]\w*_\w+)/.exec(heading) ?? [];
    if (name === undefined) continue;
    const [, hiddenBy] = /hidden by `(\w+)`/.exec(heading) ?? [];
    const rows = [...section.matchAll(/^\| `(\w+)` \| (0x[\da-fA-F]+|-?\d+)/gm)];
    const inline = [...(lines[0] ?? '').matchAll(/`(\w+)` (\d+)/g)];
    const members = (rows.length > 0 ? rows : inline).map(([, member, value]) => `${member} = ${Number(value)}`);
    enums.push({ name, hiddenBy, members });
  }
  return enums;
}

const byName = (a, b) => (a < b ? -1 : 1);

/** The spec as lines; sorted by kind and name, because the spec and the headers group things differently. */
function specLines(folder) {
  const api = readFileSync(join(folder, 'api.md'), 'utf8');
  const groups = readClasses(api).map(({ name, base, destructor, entries }) => [
    `class ${name}${base === undefined ? '' : ` : public ${base}`}, ${destructor} destructor`,
    ...entries.map(([number, text]) => `  ${number} ${text}`),
  ]);
  for (const { name, defaultConstructor, members } of readStructs(api)) {
    groups.push([
      `struct ${name}${defaultConstructor ? ' with a default constructor' : ''}`,
      ...members.map((m) => `  ${m}`),
    ]);
  }
  for (const { name, hiddenBy, members } of readEnums(readFileSync(join(folder, 'enums.md'), 'utf8'))) {
    groups.push([
      `enum ${name}${hiddenBy === undefined ? '' : `, hidden by ${hiddenBy}`}`,
      ...members.map((m) => `  ${m}`),
    ]);
  }
  for (const [, text] of api.matchAll(/^\| `(AGORA_API [^`]+);`/gm)) groups.push([`function ${spelling(text)}`]);
  for (const [, name, value] of api.matchAll(/^\| `(_?[A-Z]\w*)` \([^)]*\) \| (?:`([^`]*)`|empty)/gm)) {
    groups.push([`macro ${name} ${spelling(value ?? '')}`.trim()]);
  }
  return groups.sort((a, b) => byName(a[0], b[0])).flat();
}

/** The fixture as the same lines. */
function surfaceLines(surface) {
  const groups = [];
  const lengths = new Map();
  for (const { macros, enums, structs, classes, functions } of Object.values(surface.headers)) {
    for (const { name, base, destructor, methods } of classes) {
      const before = base === undefined ? 0 : lengths.get(base.replace('public ', ''));
      lengths.set(name, before + methods.length);
      const entries = methods.map((text, index) => `  ${before + index + 1} ${method(text)}`);
      groups.push([`class ${name}${base === undefined ? '' : ` : ${base}`}, ${destructor} destructor`, ...entries]);
    }
    for (const { name, defaultConstructor, members } of structs) {
      // AREA_CODE_GLOB as an int; the name is not there when the enum is hidden.
      const texts = members.map(
        (member) => `  ${spelling(member).replace('areaCode = -1', 'areaCode = AREA_CODE_GLOB')}`,
      );
      groups.push([`struct ${name}${defaultConstructor ? ' with a default constructor' : ''}`, ...texts]);
    }
    for (const { name, hiddenBy, members } of enums) {
      const texts = Object.entries(members).map(([member, value]) => `  ${member} = ${value}`);
      groups.push([`enum ${name}${hiddenBy === undefined ? '' : `, hidden by ${hiddenBy}`}`, ...texts]);
    }
    for (const each of functions) groups.push([`function ${spelling(each)}`]);
    for (const [name, value] of Object.entries(macros)) groups.push([`macro ${name} ${spelling(value)}`.trim()]);
  }
  return groups.sort((a, b) => byName(a[0], b[0])).flat();
}

/** Lines that the fixture lacks (-) or has too much (+). */
export function checkSpec(surface, folder) {
  const expected = specLines(folder);
  return { entries: expected.length, problems: difference(expected, surfaceLines(surface)) };
}

// What programs built against the original headers rely on, as test/fixtures/api-surface.json has it, in a form that C++ can
// include. One file for each class, <class>.inc:
//   METHOD(class, slot, return type, name, (parameters), qualifiers)
// and three for all of them:
//   lengths.inc   LENGTH(class, number of slots)
//   enums.inc     ENUMERATOR(enum, name, value)
//   structs.inc   a struct expected::<name> with the members of the surface; MEMBER(struct, name); STRUCT(struct)
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './cli-process.js';

interface Surface {
  readonly headers: Record<
    string,
    {
      readonly enums: readonly { readonly name: string; readonly members: Record<string, number> }[];
      readonly structs: readonly { readonly name: string; readonly members: readonly string[] }[];
      readonly classes: readonly {
        readonly name: string;
        readonly base?: string;
        readonly methods: readonly string[];
      }[];
    }
  >;
}

/** Writes the files and returns how many methods, enumerators and members of structs are in them. */
export function writeAbiExpectations(folder: string): { methods: number; enumerators: number; members: number } {
  const surface: Surface = JSON.parse(readFileSync(join(root, 'test/fixtures/api-surface.json'), 'utf8'));
  const headers = Object.values(surface.headers);
  const ends = new Map<string, number>();
  let total = 0;
  mkdirSync(folder, { recursive: true });
  for (const { name, base, methods } of headers.flatMap((header) => header.classes)) {
    // A destructor takes two slots where it is declared, which is first (check-api.mjs looks at that); a derived class
    // goes on behind its base.
    const first = base === undefined ? 2 : ends.get(base.replace('public ', ''));
    if (first === undefined) throw new Error(`${name} comes before its base`);
    const lines = methods.map((signature, index) => {
      const [, type, method, parameters = '', qualifiers] =
        /^virtual (.*?[ *&])(\w+)\((.*)\)( const)?(?: ?= ?0| ?\{\s*\})?$/.exec(signature) ?? [];
      if (type === undefined) throw new Error(`${name}: cannot read "${signature}"`);
      const plain = parameters.replaceAll(/\s*=\s*\w+/g, ''); // default arguments are no part of the type
      return `METHOD(${name}, ${first + index}, ${type.trim()}, ${method}, (${plain}), ${qualifiers?.trim() ?? ''})\n`;
    });
    ends.set(name, first + lines.length);
    total += lines.length;
    writeFileSync(join(folder, `${name}.inc`), lines.join(''));
  }
  writeFileSync(join(folder, 'lengths.inc'), [...ends].map(([name, end]) => `LENGTH(${name}, ${end})\n`).join(''));

  const enumerators = headers
    .flatMap((header) => header.enums)
    .flatMap(({ name, members }) => Object.entries(members).map((member) => [name, ...member].join(', ')));
  writeFileSync(join(folder, 'enums.inc'), enumerators.map((each) => `ENUMERATOR(${each})\n`).join(''));

  const structs = headers.flatMap((header) => header.structs);
  const nameOf = (member: string) => /(\w+)(?: =.*)?$/.exec(member)?.[1];
  const copies = structs.map(({ name, members }) => `struct ${name} { ${members.map((m) => `${m};`).join(' ')} };\n`);
  const comparisons = structs.map(({ name, members }) => [
    ...members.map((member) => `MEMBER(${name}, ${nameOf(member)})\n`),
    `STRUCT(${name})\n`,
  ]);
  const text = ['#ifdef DECLARE\n', ...copies, '#else\n', ...comparisons.flat(), '#endif\n'];
  writeFileSync(join(folder, 'structs.inc'), text.join(''));
  return {
    methods: total,
    enumerators: enumerators.length,
    members: structs.flatMap(({ members }) => members).length,
  };
}

// The table of virtual functions, as test/fixtures/api-surface.json has it from the spec, in a form that C++ can include:
// one file per class, one METHOD(class, slot, return type, name, (parameters), qualifiers) per line.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './cli-process.js';

interface SurfaceClass {
  readonly name: string;
  readonly base?: string;
  readonly methods: readonly string[];
}

/** Writes the files and returns how many methods are in them. */
export function writeVtableSlots(folder: string): number {
  const surface = JSON.parse(readFileSync(join(root, 'test/fixtures/api-surface.json'), 'utf8'));
  const headers = Object.values(surface.headers as Record<string, { readonly classes: readonly SurfaceClass[] }>);
  const classes = headers.flatMap((header) => header.classes);
  const ends = new Map<string, number>();
  let total = 0;
  mkdirSync(folder, { recursive: true });
  for (const { name, base, methods } of classes) {
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
  return total;
}

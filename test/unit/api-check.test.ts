// Does the check of the API surface find differences? It gets surfaces that differ in one entry each.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

interface Surface {
  deprecated: string[];
  headers: Record<
    string,
    {
      enums: { name: string; members: Record<string, number> }[];
      structs: { name: string; members: string[] }[];
      classes: { name: string; methods: string[] }[];
      functions: string[];
    }
  >;
}

const fresh = (): Surface => JSON.parse(readFileSync(join(root, 'test/fixtures/api-surface.json'), 'utf8'));

/** Surfaces with one change each, by the name of the change. */
function* changed(change: (methods: string[], at: number) => void): Generator<[string, Surface]> {
  for (const [header, { classes }] of Object.entries(fresh().headers)) {
    for (const [index, { name, methods }] of classes.entries()) {
      for (const [at, signature] of methods.entries()) {
        const surface = fresh();
        const list = surface.headers[header]?.classes[index]?.methods ?? [];
        change(list, at);
        if (list[at] !== signature) yield [`${name}: ${signature} → ${list[at]}`, surface];
      }
    }
  }
}

const rename = (methods: string[], at: number) => {
  methods[at] = methods[at]?.replace(/(\w+)\(/, '$1X(') ?? '';
};
const addParameter = (methods: string[], at: number) => {
  methods[at] = methods[at]?.replace('(', '(bool extra, ').replace(', )', ')') ?? '';
};
const swap = (methods: string[], at: number) => {
  const [first = '', second = ''] = [methods[at], methods[at + 1]];
  if (second !== '') methods.splice(at, 2, second, first);
};

describe('the check of the API surface', () => {
  // Plain JavaScript, so the compiler knows no types for it.
  let header: { readHeaders(folder: string, files: string[]): Record<string, unknown> };
  let text: { render(surface: unknown): string[]; difference(expected: string[], found: string[]): string[] };
  let typescript: {
    readTypeScript(root: string, isWanted: () => boolean): unknown;
    checkTypeScript(surface: Surface, exported: unknown): string[];
  };
  let guide: { checkGuide(surface: Surface, guide: string): string[] };
  let exported: unknown;

  beforeAll(async () => {
    const load = (name: string) => import(join(root, 'scripts', `${name}.mjs`));
    [header, text, typescript, guide] = await Promise.all(
      ['api-header', 'api-text', 'api-typescript', 'api-guide'].map(load),
    );
    exported = typescript.readTypeScript(root, () => true);
  });

  const inTypeScript = (surface: Surface) => typescript.checkTypeScript(surface, exported);
  const haveClang = spawnSync('clang++', ['--version']).status === 0;

  it.skipIf(!haveClang)('sees a changed name, a changed parameter and a changed order in the headers', () => {
    const names = Object.keys(fresh().headers);
    const found = header.readHeaders(join(root, 'cpp/include'), names);
    const lines = new Map(names.map((name) => [name, text.render(found[name])]));
    const differences = (surface: Surface) =>
      names.flatMap((name) => text.difference(text.render(surface.headers[name]), lines.get(name) ?? []));
    expect(differences(fresh())).toEqual([]);
    for (const change of [rename, addParameter, swap]) {
      for (const [what, surface] of changed(change)) expect(differences(surface), what).not.toEqual([]);
    }
  });

  it.skipIf(!haveClang)('refuses a declaration of a kind that the surface does not have', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rtm-api-'));
    const read = (declaration: string) => {
      writeFileSync(join(folder, 'sdk.h'), declaration);
      return header.readHeaders(folder, ['sdk.h']);
    };
    const inside = (declaration: string) => `namespace agora { namespace rtm { ${declaration} } }\n`;
    try {
      expect(read(inside('enum CODE { CODE_A, CODE_B = 1 << 3, CODE_C };'))).toMatchObject({
        'sdk.h': { enums: [{ name: 'CODE', members: { CODE_A: 0, CODE_B: 8, CODE_C: 9 } }] },
      });
      expect(() => read(inside('typedef int Number;'))).toThrow(/TypedefDecl "Number" that the check does not know/);
      expect(() => read(inside('class I { int hidden; };'))).toThrow(/I: a FieldDecl "hidden"/);
      expect(() => read('int stray;\n')).toThrow(/outside of agora::rtm: a VarDecl "stray"/);
      expect(() => read(inside('class I {'))).toThrow(/clang\+\+ does not compile this/);
      writeFileSync(join(folder, 'more.h'), '');
      expect(() => header.readHeaders(folder, ['sdk.h'])).toThrow(/more\.h: not in the surface/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('sees a missing name, a changed parameter and a changed value in TypeScript', () => {
    expect(inTypeScript(fresh())).toEqual([]);
    for (const change of [rename, addParameter]) {
      for (const [what, surface] of changed(change)) expect(inTypeScript(surface), what).not.toEqual([]);
    }
    for (const [name, { enums }] of Object.entries(fresh().headers)) {
      for (const [at, { members }] of enums.entries()) {
        const surface = fresh();
        const [first = ''] = Object.keys(members);
        Object.assign(surface.headers[name]?.enums[at]?.members ?? {}, { [first]: 77 });
        expect(inTypeScript(surface), first).not.toEqual([]);
      }
    }
  });

  it('sees a type, a member or a function that lib/index.ts does not export', () => {
    for (const [name, { enums, structs, functions }] of Object.entries(fresh().headers)) {
      for (const kind of ['enums', 'structs'] as const) {
        for (const at of (kind === 'enums' ? enums : structs).keys()) {
          const surface = fresh();
          const entry = surface.headers[name]?.[kind][at];
          if (entry !== undefined) entry.name += 'X';
          expect(inTypeScript(surface), entry?.name).not.toEqual([]);
        }
      }
      for (const [at, { members }] of structs.entries()) {
        const surface = fresh();
        surface.headers[name]?.structs[at]?.members.push('int more');
        expect(inTypeScript(surface), members.join()).not.toEqual([]);
      }
      for (const at of functions.keys()) {
        const surface = fresh();
        rename(surface.headers[name]?.functions ?? [], at);
        expect(inTypeScript(surface)).not.toEqual([]);
      }
    }
  });

  it('sees a deprecated name that TypeScript does not mark so', () => {
    const surface = fresh();
    surface.deprecated.push('onLoginSuccess', 'noSuchName');
    const problems = inTypeScript(surface);
    expect(problems).toContain('  - @deprecated in front of IRtmServiceEventHandler.onLoginSuccess');
    expect(problems).toContain('  - noSuchName, deprecated, in no exported type');
  });

  it('sees a name that the porting guide leaves out', () => {
    const content = readFileSync(join(root, 'docs/porting-from-cpp.md'), 'utf8');
    expect(guide.checkGuide(fresh(), content)).toEqual([]);
    for (const [what, surface] of changed(rename)) expect(guide.checkGuide(surface, content), what).toHaveLength(1);
  });
});

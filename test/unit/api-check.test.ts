// Does the check of the API surface see what it is there for? It is given surfaces that differ in one entry each.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

interface Surface {
  namespace: string;
  notYetInTypeScript: string[];
  headers: Record<
    string,
    {
      enums: { name: string }[];
      structs: { name: string; members: string[] }[];
      classes: { name: string; methods: string[] }[];
      functions: string[];
    }
  >;
}

const fresh = (): Surface => JSON.parse(readFileSync(join(root, 'test/fixtures/api-surface.json'), 'utf8'));

/** Surfaces with one change each, by what was changed. */
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

/** What SDK 1.5.0 and the versions before it have deprecated and kept (docs/spec/api.md §4–§11). */
const deprecated = [
  'createFileMessageByMediaId',
  'createFileMessageByUploading',
  'createImageMessageByMediaId',
  'createImageMessageByUploading',
  'cancelMediaUpload',
  'cancelMediaDownload',
  'downloadMediaToMemory',
  'downloadMediaToFile',
  'enableOfflineMessaging',
  'enableHistoricalMessaging',
  'onFileMessageReceived',
  'onFileMessageReceivedFromPeer',
  'onImageMessageReceived',
  'onImageMessageReceivedFromPeer',
  'onMediaUploadingProgress',
  'onMediaDownloadingProgress',
  'isOnline',
  'ATTRIBUTE_OPERATION_ERR_NOT_READY',
];

describe('the check of the API surface', () => {
  // Plain JavaScript, so the compiler knows no types for it.
  let header: { parseHeader(text: string, namespace: string): unknown };
  let text: { render(surface: unknown): string[]; difference(expected: string[], found: string[]): string[] };
  let typescript: { checkTypeScript(surface: Surface, lib: string, missing: string[]): string[] };
  let guide: { checkGuide(surface: Surface, guide: string): string[] };

  beforeAll(async () => {
    const load = (name: string) => import(join(root, 'scripts', `${name}.mjs`));
    [header, text, typescript, guide] = await Promise.all(
      ['api-header', 'api-text', 'api-typescript', 'api-guide'].map(load),
    );
  });

  const inTypeScript = (surface: Surface, missing: string[] = []) =>
    typescript.checkTypeScript(surface, join(root, 'lib'), missing);

  it('sees a changed name, a changed parameter and a changed order in the headers', () => {
    const names = Object.keys(fresh().headers);
    const found = names.map((name) =>
      text.render(header.parseHeader(readFileSync(join(root, 'cpp/include', name), 'utf8'), fresh().namespace)),
    );
    const differences = (surface: Surface) =>
      names.flatMap((name, at) => text.difference(text.render(surface.headers[name]), found[at] ?? []));
    expect(differences(fresh())).toEqual([]);
    for (const change of [rename, addParameter, swap]) {
      for (const [what, surface] of changed(change)) expect(differences(surface), what).not.toEqual([]);
    }
  });

  it('sees a missing name and a changed parameter in TypeScript', () => {
    const missing: string[] = [];
    expect(inTypeScript(fresh(), missing)).toEqual([]);
    const waiting = new Set([...missing, ...fresh().notYetInTypeScript]);
    for (const change of [rename, addParameter]) {
      for (const [what, surface] of changed(change)) {
        const [, type = '', method = ''] = /^(\w+): .*?(\w+)\(/.exec(what) ?? [];
        if (waiting.has(type) || waiting.has(`${type}.${method}`)) continue;
        expect(inTypeScript(surface), what).not.toEqual([]);
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

  it('finds every deprecated name marked so in TypeScript', () => {
    const folder = join(root, 'lib/sdk');
    const files = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('-core.ts'));
    const all = [join(root, 'lib/enums.ts'), ...files.map((name) => join(folder, name))]
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    for (const name of deprecated) {
      const comments = [
        ...all.matchAll(new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*(?:readonly )?${name}\\b[?(:]`, 'g')),
      ];
      expect(comments.length, name).toBeGreaterThan(0);
      for (const [, comment] of comments) expect(comment, name).toContain('@deprecated');
    }
  });

  it('sees a name that the porting guide leaves out', () => {
    const content = readFileSync(join(root, 'docs/porting-from-cpp.md'), 'utf8');
    expect(guide.checkGuide(fresh(), content)).toEqual([]);
    for (const [what, surface] of changed(rename)) expect(guide.checkGuide(surface, content), what).toHaveLength(1);
  });
});

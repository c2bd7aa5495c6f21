// The check of citations and links, in small projects with one mistake each.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const script = join(import.meta.dirname, '../../scripts/check-citations.mjs');

describe('the check of citations', () => {
  let folder = '';
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const check = () => {
    const { status, stderr } = spawnSync(process.execPath, [script, '--root', folder], { encoding: 'utf8' });
    return { ok: status === 0, problems: stderr.trim().split('\n') };
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rtm-citations-'));
    write('docs/spec/limits.md', '# Limits\n\n## 1. Rates\n\n| # | rule |\n|---|---|\n| 2 | two |\n\n## 4. Sizes\n');
    write('docs/spec/enums.md', '# Enumerations\n\n## LOGIN_ERR_CODE (0.9.0)\n');
    write('docs/decisions/001-first.md', '# 001\n');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('accepts pages, sections, rows, decisions and links that exist', () => {
    write(
      'cpp/a.hpp',
      '/// One (docs/spec/limits.md §1.2, §4). Two (docs/spec/enums.md,\n/// limits.md §4), docs/decisions/001.\n',
    );
    write(
      'README.md',
      '# Read\n\n[rates](docs/spec/limits.md#1-rates) §1, [here](#read), [out](https://example.org/x)\n',
    );
    expect(check()).toEqual({ ok: true, problems: [''] });
  });

  it.each([
    ['a page', '// docs/spec/rest.md §1', 'lib/a.ts:1: there is no docs/spec/rest.md'],
    ['a section', '//\n// docs/spec/limits.md §3', 'lib/a.ts:2: docs/spec/limits.md has no section 3'],
    [
      'a section after a line break',
      '// docs/spec/limits.md\n// §1, §9',
      'lib/a.ts:1: docs/spec/limits.md has no section 9',
    ],
    [
      'a section of a second page',
      '// docs/spec/enums.md, limits.md §2',
      'lib/a.ts:1: docs/spec/limits.md has no section 2',
    ],
    ['a row', '// docs/spec/limits.md §1.7', 'lib/a.ts:1: docs/spec/limits.md §1 has no row 7'],
    ['a decision', '// docs/decisions/099', 'lib/a.ts:1: there is no decision 099'],
  ])('names %s that does not exist, with its place', (_, text, problem) => {
    write('lib/a.ts', `${text}\n`);
    expect(check()).toEqual({ ok: false, problems: [problem] });
  });

  it('names links that lead nowhere', () => {
    write('README.md', '[a](docs/none.md) [b](docs/spec/limits.md#2-other) [c](docs/spec/limits.md) §5\n');
    expect(check().problems).toEqual([
      'README.md: the link to docs/none.md leads to no file',
      'README.md: docs/spec/limits.md has no heading for #2-other',
      'README.md: docs/spec/limits.md has no section 5',
    ]);
  });

  it('names links from a page of the npm package to a file outside it', () => {
    write('package.json', JSON.stringify({ files: ['docs', '!docs/own.md', 'CHANGELOG.md'] }));
    for (const path of ['docs/own.md', 'docs/a/b.md', 'lib/a.ts', 'LICENSE']) write(path, '# x\n');
    write('README.md', '[a](docs/a/b.md) [b](docs/a/) [c](LICENSE) [d](https://example.org/x) [e](docs/own.md)\n');
    write('docs/a/c.md', '[a](b.md) [b](../../CHANGELOG.md) [c](../../lib/a.ts)\n');
    write('docs/own.md', '[a](../lib/a.ts)\n');
    write('CHANGELOG.md', '[a](lib)\n');
    expect(check().problems).toEqual(
      [
        ['docs/a/c.md', 'lib/a.ts'],
        ['CHANGELOG.md', 'lib'],
        ['README.md', 'docs/own.md'],
      ].map(
        ([page, file]) =>
          `${page} is in the npm package, but ${file}, to which it links, is not; see "files" of package.json`,
      ),
    );
  });

  it('names paths in backticks that do not exist, in pages that count from the top', () => {
    write('cpp/base/json.hpp', '');
    write('docs/a.md', '`cpp/base/json.*`, `cpp/base`, `cpp/base/xml.*`, `cpp/net/`, `npm run x`\n');
    write('examples/README.md', '`cpp/hello.cpp` is beside this page\n');
    expect(check().problems).toEqual(['docs/a.md: there is no cpp/base/xml.*', 'docs/a.md: there is no cpp/net/']);
  });

  it('names sections of the conformance page that do not exist', () => {
    write(
      'docs/conformance.md',
      '| `a.b` | rule | limits §7 | c | tested |\n| `d.e` | value | enums NONE | f | tested |\n',
    );
    expect(check().problems).toEqual([
      'docs/conformance.md: row a.b: docs/spec/limits.md has no section 7',
      'docs/conformance.md: row d.e: docs/spec/enums.md has no NONE',
    ]);
  });

  it('names citations of documents outside the repository', () => {
    const forms = ['(spec ' + 'limits §1)', 'design ' + 'D3', '(' + 'semantics §2)', 'S-' + '33'];
    write('lib/a.ts', forms.map((form) => `// ${form}\n`).join(''));
    expect(check().problems).toHaveLength(forms.length);
  });
});

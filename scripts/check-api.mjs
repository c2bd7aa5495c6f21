// Compares the public surface with test/fixtures/api-surface.json: the C++ headers in cpp/include, entry by entry and
// in order, because programs built against the original headers depend on numbers and vtable slots; the names and
// parameters of the exported TypeScript; the tables of docs/porting-from-cpp.md; and those of docs/spec/api.md and
// docs/spec/enums.md. Also compares all names that the package exports with test/fixtures/exports.json. Clang reads the headers, and
// the TypeScript compiler reads lib/. Prints a diff and exits 1 on a mismatch.
//   --spec <folder>  reads the two pages of the specification from another folder
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkGuide } from './api-guide.mjs';
import { readHeaders } from './api-header.mjs';
import { checkSpec } from './api-spec.mjs';
import { difference, render } from './api-text.mjs';
import { checkTypeScript, exportedNames, readTypeScript } from './api-typescript.mjs';

const { values } = parseArgs({ options: { spec: { type: 'string', default: 'docs/spec' } } });
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const read = (file) => readFileSync(join(root, file), 'utf8');
const surface = JSON.parse(read('test/fixtures/api-surface.json'));

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
  console.error(`${title} (- expected, + found)`);
  console.error(lines.join('\n'));
}

let entries = 0;
report('cpp/include differs from test/fixtures/api-surface.json', () => {
  const found = readHeaders(join(root, 'cpp/include'), Object.keys(surface.headers));
  return Object.entries(surface.headers).flatMap(([name, header]) => {
    const expected = render(header);
    entries += expected.length;
    return difference(expected, render(found[name]));
  });
});
const surfaceNames = new Set(exportedNames(surface));
const exported = readTypeScript(root, (name) => surfaceNames.has(name));
report('lib/ differs from test/fixtures/api-surface.json', () => checkTypeScript(surface, exported));
// What is exported by accident stays for ever: somebody will use it.
report('the exports of lib/index.ts differ from test/fixtures/exports.json', () =>
  difference(JSON.parse(read('test/fixtures/exports.json')), [...exported.keys()].sort()),
);
report('docs/porting-from-cpp.md does not mention all of test/fixtures/api-surface.json', () =>
  checkGuide(surface, read('docs/porting-from-cpp.md')),
);
let inSpec = '';
report(`test/fixtures/api-surface.json differs from ${values.spec}`, () => {
  const { entries: count, problems } = checkSpec(surface, resolve(root, values.spec));
  inSpec = `, ${count} of the spec`;
  return problems;
});

if (failed) process.exit(1);
console.log(`api surface: ${entries} entries agree${inSpec}`);

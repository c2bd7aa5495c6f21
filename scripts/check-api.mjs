// Compares the public surface with test/fixtures/api-surface.json: the C++ headers in cpp/include, entry by entry and
// in order, because programs built against the original headers depend on numbers and vtable slots; the names and
// parameters of the exported TypeScript; and the tables of docs/porting-from-cpp.md. Prints a diff and exits 1 on a
// mismatch.
// It compares the fixture with the tables of docs/spec/api.md and docs/spec/enums.md, too.
//   --spec <folder>  reads these two pages from another folder
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkGuide } from './api-guide.mjs';
import { parseHeader } from './api-header.mjs';
import { checkSpec } from './api-spec.mjs';
import { difference, render } from './api-text.mjs';
import { checkTypeScript } from './api-typescript.mjs';

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
for (const [name, header] of Object.entries(surface.headers)) {
  const expected = render(header);
  entries += expected.length;
  report(`cpp/include/${name} differs from test/fixtures/api-surface.json`, () =>
    difference(expected, render(parseHeader(read(`cpp/include/${name}`), surface.namespace))),
  );
}

const missing = [];
report('lib/ differs from test/fixtures/api-surface.json', () => checkTypeScript(surface, join(root, 'lib'), missing));
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
console.log(
  `api surface: ${entries} entries agree${inSpec}${missing.length > 0 ? `; not in lib/sdk yet: ${missing.join(', ')}` : ''}`,
);

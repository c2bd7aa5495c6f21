// npm run docs:cpp: API pages of the C++ headers, by doxygen. A public entry without a comment is an error.
// Usage: node scripts/docs-cpp.mjs [--check]
//   --check  writes no pages; without doxygen it checks nothing and says so, except in CI
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackages, installLine, missingPackages } from './packages.mjs';
import { inCI, inRoot, run } from './tools.mjs';

const pages = 'build-docs/cpp';
const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const missing = await missingPackages('docs');
if (missing.length > 0 && values.check && !inCI) {
  console.log(`skipped; for it: ${installLine(missing)}`);
  process.exit(0);
}
if (!(await ensurePackages('docs'))) process.exit(1);

const work = mkdtempSync(join(tmpdir(), 'rtm-docs-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const output = values.check ? work : inRoot(pages);
if (!values.check) rmSync(output, { recursive: true, force: true });
const { version } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
const settings = [
  readFileSync(inRoot('docs/Doxyfile'), 'utf8'),
  `PROJECT_NUMBER = ${version}`,
  `OUTPUT_DIRECTORY = ${JSON.stringify(output)}`,
  'CREATE_SUBDIRS = NO',
  ...(values.check ? ['GENERATE_HTML = NO', 'GENERATE_XML = YES'] : []),
];
writeFileSync(join(work, 'Doxyfile'), `${settings.join('\n')}\n`);
mkdirSync(output, { recursive: true });
const { ok } = await run('doxygen', [join(work, 'Doxyfile')], { timeout: 60 });
if (ok) console.log(values.check ? 'every public C++ entry has a comment' : `written: ${pages}/html/index.html`);
process.exitCode = ok ? 0 : 1;

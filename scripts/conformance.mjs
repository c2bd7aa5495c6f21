// Writes docs/conformance.md from the rows in test/conformance/rows: the promises of the surface of SDK 1.5.0, and the
// tests that show them. Fails if
//   - an entry, an enumerator or a member of test/fixtures/api-surface.json (which scripts/check-api.mjs compares with the
//     headers and with lib/sdk) has no row, or a row names one that does not exist;
//   - a row has neither a test nor a reason for having none, or two tests;
//   - with --check: the document differs from the rows.
// Usage: node scripts/conformance.mjs [--check]
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { inRoot } from './tools.mjs';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const require = createRequire(import.meta.url);
const vitest = require.resolve('vitest/package.json');
const document = inRoot('docs/conformance.md');
const problems = [];

/** The rows are TypeScript. Vite, a dependency of vitest, reads TypeScript in every supported Node. */
async function loadSubjects() {
  const { runnerImport } = await import(pathToFileURL(createRequire(vitest).resolve('vite')).href);
  const options = { root: inRoot('.'), configFile: false, logLevel: 'error' };
  const { module } = await runnerImport(inRoot('test/conformance/rows/index.ts'), options);
  return module.subjects;
}

/** The names that must have rows, each with the number of its rows: one for each overload. */
function surfaceNames() {
  const { headers } = JSON.parse(readFileSync(inRoot('test/fixtures/api-surface.json'), 'utf8'));
  const names = new Map();
  const add = (name) => names.set(name, (names.get(name) ?? 0) + 1);
  for (const { enums, structs, classes, functions } of Object.values(headers)) {
    for (const each of enums) for (const member of Object.keys(each.members)) add(`${each.name}.${member}`);
    for (const each of structs) {
      for (const member of each.members) add(`${each.name}.${/(\w+)(?: = .*)?$/.exec(member)[1]}`);
    }
    for (const each of classes) for (const method of each.methods) add(`${each.name}.${/(\w+)\(/.exec(method)[1]}`);
    for (const each of functions) add(/(\w+)\(/.exec(each)[1]);
  }
  return names;
}

function checkRows(rows) {
  const ids = new Set();
  for (const { id, section, title, reserved, pending } of rows) {
    if (ids.has(id)) problems.push(`${id}: two rows with this id`);
    ids.add(id);
    if (section === '' || title === '') problems.push(`${id}: a row needs a section and a title`);
    if (reserved === '' || pending === '') problems.push(`${id}: without a test a reason is needed`);
  }
  const names = surfaceNames();
  const nameOf = (id) => id.replace(/\(.*$/, '');
  for (const [name, count] of names) {
    const found = [...ids].filter((id) => nameOf(id) === name).length;
    if (found < count) problems.push(`${name}: expected ${count} row(s), found ${found}; add to test/conformance/rows`);
  }
  const surfaceKinds = new Set(['call', 'callback', 'value', 'field']);
  for (const { id, kind } of rows) {
    if (surfaceKinds.has(kind) && !names.has(nameOf(id))) problems.push(`${id}: not in the public surface`);
  }
}

/** Names of all tests by file. Vitest collects the tests and does not run them, so this needs no addon. */
function listTests() {
  const cli = join(vitest, '..', 'vitest.mjs');
  const listed = spawnSync(process.execPath, [cli, 'list', 'test/conformance', '--json'], {
    cwd: inRoot('.'),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const start = listed.stdout.indexOf('[\n');
  if (listed.status !== 0 || start === -1) {
    throw new Error(`vitest cannot collect the tests:\n${listed.stdout}\n${listed.stderr}`);
  }
  const tests = new Map();
  for (const { name, file } of JSON.parse(listed.stdout.slice(start))) {
    const path = relative(inRoot('.'), file);
    tests.set(path, [...(tests.get(path) ?? []), name]);
  }
  return tests;
}

const fileOf = (subject) => `test/conformance/${subject.name}.test.ts`;
const isOpen = (row) => row.reserved !== undefined || row.pending !== undefined;

function checkTests(subjects, tests) {
  for (const subject of subjects) {
    const names = tests.get(fileOf(subject)) ?? [];
    for (const row of subject.rows) {
      const count = names.filter((name) => name === `${subject.title} > ${row.id} ${row.title}`).length;
      const expected = isOpen(row) ? 0 : 1;
      if (count !== expected)
        problems.push(`${row.id}: expected ${expected} test in ${fileOf(subject)}, found ${count}`);
    }
  }
  const known = new Set(subjects.map(fileOf));
  for (const file of tests.keys()) if (!known.has(file)) problems.push(`${file}: belongs to no subject of the rows`);
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function stateOf({ reserved, pending }) {
  if (reserved !== undefined) return `no test: ${reserved}`;
  return pending === undefined ? 'tested' : `**pending**: ${pending}`;
}

function render(subjects) {
  const rows = subjects.flatMap((subject) => subject.rows);
  const reserved = rows.filter((row) => row.reserved !== undefined).length;
  const pending = rows.filter((row) => row.pending !== undefined).length;
  const lines = [
    '# Conformance',
    '',
    '<!-- Made by scripts/conformance.mjs from test/conformance/rows; do not edit. -->',
    '',
    'Every promise of the surface of SDK 1.5.0 has a row here, and a test that shows it. The tests use the C++ names, the real',
    'addon and a real server. The name of a test is the id and the claim of its row; the file of the tests is named above the',
    'table. Section numbers are of [docs/spec](spec/README.md). A row without a test says why. The tests shorten times with',
    '[`rtm.timing`](configuration.md) and the options of the server; call frequencies, sizes and numbers are the real ones.',
    '',
    `${rows.length} rows: ${rows.length - reserved - pending} tested, ${reserved} that nothing can produce, ${pending} pending.`,
  ];
  for (const subject of subjects) {
    lines.push('', `## ${subject.title}`, '', `\`${fileOf(subject)}\``, '');
    lines.push('| row | kind | section | claim | state |', '|---|---|---|---|---|');
    for (const row of subject.rows) {
      const cells = [`\`${cell(row.id)}\``, row.kind, cell(row.section), cell(row.title), cell(stateOf(row))];
      lines.push(`| ${cells.join(' | ')} |`);
    }
  }
  return { text: `${lines.join('\n')}\n`, summary: lines.find((line) => line.includes(' rows: ')) };
}

const subjects = await loadSubjects();
checkRows(subjects.flatMap((subject) => subject.rows));
checkTests(subjects, listTests());
const { text, summary } = render(subjects);
if (values.check) {
  let found = '';
  try {
    found = readFileSync(document, 'utf8');
  } catch {
    // A missing document differs from the rows, too.
  }
  if (found !== text) problems.push('docs/conformance.md differs from the rows; run node scripts/conformance.mjs');
} else {
  writeFileSync(document, text);
}
if (problems.length > 0) {
  console.error(problems.map((problem) => `  ${problem}`).join('\n'));
  process.exitCode = 1;
}
console.log(`conformance: ${summary}`);

// Checks that what code and documents refer to exists. Fails if
//   - `docs/spec/<page>.md §N` names a page, a section or a row of a table that does not exist;
//   - `docs/decisions/NNN` or `decision NNN` names a decision that does not exist;
//   - a relative link of a Markdown file leads to no file, or to no heading of it;
//   - a page of the npm package (README.md, and `files` of package.json) has a relative link to a file outside the package;
//   - a path in backticks in docs/ or a page beside it (`cpp/net/link`, `cpp/base/json.*`) does not exist;
//   - the third column of a table in docs/conformance.md names no section of docs/spec;
//   - a comment cites a document outside the repository, as older comments did ("spec" or "design" with a number).
// Usage: node scripts/check-citations.mjs [--root <folder>]    another folder than this project, for tests
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, posix, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './tools.mjs';

const { values } = parseArgs({ options: { root: { type: 'string', default: root } } });
const inRoot = (path) => join(values.root, path);
const exists = (path) => existsSync(inRoot(path));
const read = (path) => readFileSync(inRoot(path), 'utf8');
const filesBelow = (folder) =>
  exists(folder)
    ? readdirSync(inRoot(folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => relative(values.root, join(entry.parentPath ?? entry.path, entry.name)))
    : [];

const filesOf = (folder) => (exists(folder) ? readdirSync(inRoot(folder)).map((name) => join(folder, name)) : []);

const folders = ['bench', 'cpp', 'docs', 'examples', 'lib', 'prebuilds', 'proto', 'scripts', 'test'];
const kinds = /\.(c|cmake|cpp|gypi?|h|hpp|js|lua|md|mjs|proto|sh|ts|ya?ml)$/;
/** Their text shows wrong citations. */
const skipped = ['scripts/check-citations.mjs', 'test/unit/citations.test.ts'];
const problems = [];

/** Headings of a page as `{ level, text, slug, rows }`; `rows` are the numbers in the first column of its tables. */
function readHeadings(path) {
  const headings = [];
  const used = new Map();
  let fenced = false;
  for (const line of read(path).split('\n')) {
    if (line.startsWith('```')) fenced = !fenced;
    if (fenced) continue;
    const heading = /^(#+) (.*)$/.exec(line);
    if (heading !== null) {
      const base = heading[2]
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-');
      const count = used.get(base) ?? 0;
      used.set(base, count + 1);
      headings.push({
        level: heading[1].length,
        text: heading[2],
        slug: count === 0 ? base : `${base}-${count}`,
        rows: new Set(),
      });
    }
    const row = /^\| (\d+) \|/.exec(line);
    if (row !== null) headings.at(-1)?.rows.add(row[1]);
  }
  return headings;
}

const pages = new Map();
const headingsOf = (path) => {
  if (!pages.has(path)) pages.set(path, readHeadings(path));
  return pages.get(path);
};

/** What is wrong with section `number` ("5" or "5.12") of a page of docs/spec; undefined if it exists. */
function sectionProblem(page, number) {
  const path = `docs/spec/${page}.md`;
  if (!exists(path)) return `there is no ${path}`;
  const [section, row] = number.split('.');
  const headings = headingsOf(path);
  const at = headings.findIndex(({ level, text }) => level === 2 && text.startsWith(`${section}. `));
  if (at === -1) return `${path} has no section ${section}`;
  if (row === undefined) return undefined;
  const end = headings.findIndex(({ level }, index) => index > at && level === 2);
  const rows = headings.slice(at, end === -1 ? undefined : end).map((heading) => heading.rows);
  return rows.some((each) => each.has(row)) ? undefined : `${path} §${section} has no row ${row}`;
}

/** The text with every line break and the comment mark after it as one space, since a citation may go over two lines. */
function unbroken(text) {
  const starts = [0]; // where each line begins in the joined text
  const lines = text.split('\n').map((line, index) => (index === 0 ? line : line.replace(commentMark, '')));
  for (const line of lines) starts.push((starts.at(-1) ?? 0) + line.length + 1);
  return { joined: lines.join(' '), lineAt: (offset) => starts.findIndex((start) => start > offset) };
}
const commentMark = /^[ \t]*(?:\/\/\/?<?|\*|#+|--)?[ \t]*/;

const reference = '§\\d+(?:\\.\\d+)?(?:–§?\\d+(?:\\.\\d+)?)?';
const references = `${reference}(?:(?:,| and) ${reference})*`;
const citation = new RegExp(`docs/spec/(\\w+)\\.md(?: (${references}))?((?:, \\w+\\.md(?: ${references})?)*)`, 'g');
const further = new RegExp(`, (\\w+)\\.md(?: (${references}))?`, 'g');
const numbersIn = (text = '') => [...text.matchAll(/\d+(?:\.\d+)?/g)].map(([number]) => number);

function checkSections(path, text, lineAt) {
  for (const found of text.matchAll(citation)) {
    const [, page, first, rest] = found;
    const place = `${path}:${lineAt(found.index)}`;
    const cited = [[page, first], ...[...rest.matchAll(further)].map(([, other, refs]) => [other, refs])];
    for (const [name, refs] of cited) {
      if (!exists(`docs/spec/${name}.md`)) {
        problems.push(`${place}: there is no docs/spec/${name}.md`);
        continue;
      }
      for (const number of numbersIn(refs)) {
        const problem = sectionProblem(name, number);
        if (problem !== undefined) problems.push(`${place}: ${problem}`);
      }
    }
  }
}

const decisions = new Set(filesBelow('docs/decisions').map((path) => path.slice('docs/decisions/'.length).slice(0, 3)));
function checkDecisions(path, text, lineAt) {
  for (const { 1: number, index } of text.matchAll(/\bdecisions?[ /](\d{3})\b/g)) {
    if (!decisions.has(number)) problems.push(`${path}:${lineAt(index)}: there is no decision ${number}`);
  }
}

/** Citations of documents that nobody can open from here. */
const old = [
  /\bspec (?:api|connection|enums|limits|semantics|tokens|sources|rest|web)\b/g,
  /\((?:api|connection|enums|limits|semantics|tokens|sources|rest|web) §/g,
  /\bdesign (?:D\d|§)/g,
  /\bresearch [\w-]* ?§/g,
  /(?<![\w/-])S-\d{1,2}\b/g,
];
function checkOldForms(path, text, lineAt) {
  for (const form of old) {
    for (const { 0: whole, index } of text.matchAll(form)) {
      problems.push(`${path}:${lineAt(index)}: "${whole}" is not in the repository; cite docs/spec/<page>.md §N`);
    }
  }
}

/** `files` of package.json, and what npm always packs. Undefined where there is no package. */
function packaged() {
  if (!exists('package.json')) return undefined;
  const { files = [] } = JSON.parse(read('package.json'));
  const below = (path, entry) => path === entry || path.startsWith(`${entry}/`);
  const entries = ['README.md', 'LICENSE', 'package.json', ...files.filter((entry) => !entry.startsWith('!'))];
  const left = files.filter((entry) => entry.startsWith('!')).map((entry) => entry.slice(1));
  return (path) => entries.some((entry) => below(path, entry)) && !left.some((entry) => below(path, entry));
}
const isPackaged = packaged();

const quotedPath = new RegExp(`\`((?:${folders.join('|')})/[\\w./-]+?)(\\.\\*)?\``, 'g');
function checkLinks(path, text) {
  const unfenced = text.replace(/^```[\s\S]*?^```/gm, '');
  const fromRoot = path.startsWith('docs/') || !path.includes('/');
  for (const [, name, anyEnding] of fromRoot ? unfenced.matchAll(quotedPath) : []) {
    const found =
      anyEnding === undefined ? exists(name) : filesOf(dirname(name)).some((file) => file.startsWith(`${name}.`));
    if (!found) problems.push(`${path}: there is no ${name}${anyEnding ?? ''}`);
  }
  const prose = unfenced.replace(/`[^`\n]*`/g, '');
  for (const [, target] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [file, anchor] = target.split('#');
    const found = file === '' ? path : normalize(posix.join(dirname(path), file));
    if (!exists(found)) problems.push(`${path}: the link to ${target} leads to no file`);
    else if (isPackaged?.(path) && !isPackaged(found.replace(/\/$/, ''))) {
      problems.push(
        `${path} is in the npm package, but ${found}, to which it links, is not; see "files" of package.json`,
      );
    } else if (
      anchor !== undefined &&
      found.endsWith('.md') &&
      !headingsOf(found).some(({ slug }) => slug === anchor)
    ) {
      problems.push(`${path}: ${found} has no heading for #${anchor}`);
    }
  }
  // A link to a page of docs/spec and the sections after it.
  const linked = new RegExp(`\\]\\((?:[./\\w-]*/)?(\\w+)\\.md\\) (${references})`, 'g');
  for (const [, page, refs] of prose.matchAll(linked)) {
    if (!exists(`docs/spec/${page}.md`)) continue;
    for (const number of numbersIn(refs)) {
      const problem = sectionProblem(page, number);
      if (problem !== undefined) problems.push(`${path}: ${problem}`);
    }
  }
}

function checkConformance() {
  const path = 'docs/conformance.md';
  if (!exists(path)) return;
  const names = new Set(headingsOf('docs/spec/enums.md').map(({ text }) => text.split(' ')[0]));
  for (const line of read(path).split('\n')) {
    const cells = /^\| `((?:[^|`]|\\\|)+)` \| \w+ \| ([^|]+) \|/.exec(line);
    if (cells === null) continue;
    const [, row, section] = cells;
    const [, page, rest] = /^(\w+) ?(.*)$/.exec(section) ?? [];
    const numbers = numbersIn(rest);
    let problem = exists(`docs/spec/${page}.md`) ? undefined : `there is no docs/spec/${page}.md`;
    if (page === 'enums') problem ??= names.has(rest) ? undefined : `docs/spec/enums.md has no ${rest}`;
    else for (const number of numbers) problem ??= sectionProblem(page, number);
    if (problem !== undefined) problems.push(`${path}: row ${row}: ${problem}`);
  }
}

const files = [
  ...folders.flatMap(filesBelow),
  ...readdirSync(values.root).filter((name) => name.endsWith('.md') || name === 'CMakeLists.txt'),
].filter((path) => kinds.test(path) && !skipped.includes(path));
let citations = 0;
for (const path of files) {
  const text = read(path);
  const { joined, lineAt } = unbroken(text);
  citations += [...joined.matchAll(citation)].length;
  checkSections(path, joined, lineAt);
  checkDecisions(path, joined, lineAt);
  if (path !== 'docs/conformance.md') checkOldForms(path, joined, lineAt);
  if (path.endsWith('.md')) checkLinks(path, text);
}
checkConformance();

if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`${citations} citations of docs/spec and all links agree`);

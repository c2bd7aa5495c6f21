// How large the classes of cpp/ and lib/ and the headers of cpp/ are. Clang counts over all headers, the compiler of
// TypeScript over lib/, and class-text.mjs over the sources of cpp/, whose syntax trees would be too large:
//   methods  public member functions and member function templates, each overload by itself; without constructors,
//            destructors and deleted functions, and without what a base class brings
//   fields   non-static data members, without those of base classes and nested classes; also of records, which have no
//            member functions and only hold values
// docs/decisions/025 has the reason of each class that is larger.
// Usage: node scripts/check-class-size.mjs [--all]     --all lists the largest classes even if none is too large
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { syntaxTree, written } from './clang-ast.mjs';
import { classesInCpp, classesInTs } from './class-text.mjs';
import { filesBelow, inRoot } from './tools.mjs';

const most = { methods: 25, fields: 15, lines: 200 };
/** Rooms whose headers keep to the line limit. */
const shortHeaders = ['cpp/client/'];
/** Where the reasons stand of classes that are larger: a row for each. */
const reasons = 'docs/decisions/025-large-classes.md';
const allowed = Object.fromEntries(
  [...readFileSync(inRoot(reasons), 'utf8').matchAll(/^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$/gm)].map(
    ([, name, , why]) => [name, why.trim()],
  ),
);
/** Every class of the tree: qualified name, file, and its own declaration. */
function* classesIn(nodes) {
  let file = '';
  // Clang names the file of a place only where it differs from the place before.
  const follow = (place) => {
    for (const each of [place?.spellingLoc, place?.expansionLoc, place]) file = each?.file ?? file;
  };
  function* visit(node, names) {
    follow(node.loc);
    const place = file;
    follow(node.range?.begin);
    follow(node.range?.end);
    const isClass = node.kind === 'CXXRecordDecl' && !node.isImplicit;
    const scope = isClass || node.kind === 'NamespaceDecl' ? [...names, node.name ?? '(unnamed)'] : names;
    if (isClass && node.completeDefinition) yield { name: scope.join('::'), file: place, node };
    for (const each of node.inner ?? []) yield* visit(each, scope);
  }
  for (const node of nodes) yield* visit(node, node.kind === 'NamespaceDecl' && node.name === 'rtm' ? [] : ['?']);
}

function sizeOf(node) {
  let access = node.tagUsed === 'class' ? 'private' : 'public';
  let methods = 0;
  let fields = 0;
  for (const each of written(node)) {
    if (each.kind === 'AccessSpecDecl') access = each.access;
    else if (each.kind === 'FieldDecl') fields += 1;
    else if (access === 'public' && !each.explicitlyDeleted) {
      const templated =
        each.kind === 'FunctionTemplateDecl'
          ? written(each).find((inner) => inner.kind !== 'TemplateTypeParmDecl')
          : each;
      if (['CXXMethodDecl', 'CXXConversionDecl'].includes(templated?.kind)) methods += 1;
    }
  }
  return { methods, fields };
}

/** Where the binding finds Node's headers, or undefined. */
function nodeHeaders() {
  const folder = join(process.execPath, '../../include/node');
  const require = createRequire(import.meta.url);
  return existsSync(join(folder, 'node_api.h'))
    ? [folder, dirname(require.resolve('node-addon-api/package.json'))]
    : undefined;
}

const { values } = parseArgs({ options: { all: { type: 'boolean', default: false } } });
const forNode = nodeHeaders();
const headers = filesBelow('cpp').filter((file) => file.endsWith('.hpp'));
const seen = headers.filter((file) => forNode !== undefined || !file.startsWith('cpp/binding/'));
const source = seen.map((file) => `#include "${file.replace(/^cpp\//, '')}"\n`).join('');
const args = ['-std=c++20', '-Icpp', '-Icpp/include', '-DNAPI_VERSION=8', '-DNAPI_DISABLE_CPP_EXCEPTIONS'];
args.push('-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS');
args.push(...(forNode ?? []).flatMap((folder) => ['-isystem', folder]));

const sources = filesBelow('cpp').filter((file) => file.endsWith('.cpp'));
const modules = filesBelow('lib').filter((file) => file.endsWith('.ts'));
const read = (file) => readFileSync(inRoot(file), 'utf8');
const classes = [
  ...[...classesIn(syntaxTree(source, args, 'rtm'))]
    .filter(({ file }) => file.startsWith('cpp/') && !file.startsWith('cpp/include/'))
    .map(({ name, file, node }) => ({ name, file, ...sizeOf(node) })),
  ...sources.flatMap((file) => classesInCpp(read(file)).map((each) => ({ ...each, file }))),
  ...modules.flatMap((file) => classesInTs(read(file)).map((each) => ({ ...each, file }))),
];
const tooLarge = classes.filter(({ methods, fields }) => methods > most.methods || fields > most.fields);
const tooLong = headers
  .map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
  .filter(({ file, lines }) => lines > most.lines && shortHeaders.some((room) => file.startsWith(room)));

const listed = values.all ? classes : tooLarge;
let errors = 0;
for (const { name, file, methods, fields } of listed
  .sort((a, b) => b.methods + b.fields - a.methods - a.fields)
  .slice(0, 60)) {
  const isError = !(name in allowed) && tooLarge.some((each) => each.name === name);
  if (isError) errors += 1;
  const why = allowed[name] === undefined ? '' : ` (${allowed[name]})`;
  console.log(`  ${isError ? 'too large' : 'large'}: ${name}: ${methods} methods, ${fields} fields, ${file}${why}`);
}
for (const name of Object.keys(allowed)) {
  if (tooLarge.some((each) => each.name === name)) continue;
  errors += 1;
  console.log(`  ${reasons}: ${name} is not too large, or is no class any more: remove its row`);
}
for (const { file, lines } of tooLong) {
  errors += 1;
  console.log(`  too long: ${file}: ${lines} lines`);
}
console.log(
  `class size: ${classes.length} classes in ${seen.length} headers, ${sources.length} sources and ${modules.length} modules, ` +
    `${tooLarge.length} with more than ${most.methods} public methods or ${most.fields} fields; ` +
    `${tooLong.length} headers over ${most.lines} lines` +
    (forNode === undefined ? '; cpp/binding not counted, because the headers of Node are missing' : ''),
);
process.exitCode = errors > 0 ? 1 : 0;

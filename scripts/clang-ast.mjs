// Declarations as Clang understands them: its syntax tree, as JSON.
import { spawnSync } from 'node:child_process';
import { root, which } from './tools.mjs';

/** Whether there is a Clang here. The package list calls it `clang`. */
export const haveClang = () => which('clang++') !== undefined;

function clang(args, source) {
  const { status, stdout, stderr, error } = spawnSync('clang++', [...args, '-x', 'c++', '-'], {
    cwd: root,
    input: source,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (error !== undefined) throw new Error(`clang++: ${error.message}`);
  if (status !== 0) throw new Error(`clang++ does not compile this:\n${stderr}`);
  return stdout;
}

/**
 * The top nodes of a source's syntax tree: one for the whole source, or with a filter one for each outermost declaration
 * whose qualified name contains the filter.
 * @param {string} source C++
 * @param {string[]} args of the compiler
 * @param {string} [filter]
 * @returns {any[]}
 */
export function syntaxTree(source, args, filter) {
  const dump = ['-ast-dump=json', ...(filter === undefined ? [] : ['-ast-dump-filter', filter])];
  const text = clang([...args, '-fsyntax-only', ...dump.flatMap((each) => ['-Xclang', each])], source);
  // Each node is an object that starts and ends with a brace in the first column.
  return text.split(/(?<=^\})\n(?=\{)/m).map((node) => JSON.parse(node));
}

/** The macros that a source defines, name → replacement, without those that `besides` defines as well. */
export function macrosOf(source, args, besides = '') {
  const read = (text) =>
    new Map(
      clang([...args, '-dM', '-E'], text)
        .split('\n')
        .map((line) => /^#define (\w+(?:\([^)]*\))?) ?(.*)$/.exec(line))
        .filter((match) => match !== null)
        .map(([, name, value]) => [name, value]),
    );
  const others = read(besides);
  return Object.fromEntries([...read(source)].filter(([name]) => !others.has(name)));
}

/** What a declaration contains, without comments and what the compiler adds itself. */
export const written = (node) => (node.inner ?? []).filter((each) => !each.isImplicit && each.kind !== 'FullComment');

// The googletest tests of test/cpp by name, read from the sources, so that a test can be found before it is built.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { filesBelow, inRoot } from './tools.mjs';

/**
 * @typedef {{ file: string, kind: string, suite: string, name: string }} Test
 *   kind: the macro without TEST: '' and 'F' are plain, 'P' has parameters, 'TYPED' has a list of types
 */

/** The tests in one source. */
export function testsIn(file, text) {
  const macros = text.matchAll(/^\s*(TYPED_TEST(?:_P)?|TEST(?:_F|_P)?)\(\s*(\w+)\s*,\s*(\w+)\s*\)/gm);
  return [...macros].map(([, macro, suite, name]) => {
    const kind = macro.startsWith('TYPED') ? 'TYPED' : macro.replace(/^TEST_?/, '');
    return { file, kind, suite, name };
  });
}

/** All tests of test/cpp. @returns {Test[]} */
export function readTests() {
  const files = filesBelow('test/cpp').filter((file) => file.endsWith('.cpp'));
  return files.flatMap((file) => testsIn(file, readFileSync(inRoot(file), 'utf8')));
}

/** The program that a source of test/cpp/<room>/ is part of, as cmake/tests.cmake names it. */
export function programOf(file) {
  return `rtm_test_${dirname(file).split('/')[2]}`;
}

/** A googletest pattern as a regular expression: `*` is any text, `?` any character. */
function expression(pattern) {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`);
}

/**
 * The tests that a pattern means: a file below test/cpp, a googletest filter (`Suite.Name`, with `*` and `?`, several
 * joined by `:`), or a word that the name contains in any case.
 * @param {Test[]} tests
 */
export function findTests(tests, pattern) {
  if (pattern.endsWith('.cpp')) return tests.filter(({ file }) => file === pattern || file.endsWith(`/${pattern}`));
  return tests.filter((test) =>
    pattern.split(':').some((each) => {
      const full = `${test.suite}.${test.name}`;
      if (!/[.*?]/.test(each)) return full.toLowerCase().includes(each.toLowerCase());
      // The names of instances ("All/Suite.Name/0", "Suite/1.Name") are known at run time only.
      const plain = each.replace(/\/\d+(?=\.|$)/g, '').replace(/^[^./*?]+\//, '');
      return expression(plain).test(full);
    }),
  );
}

/** The filter that makes a test program run exactly these tests, all instances included. */
export function gtestFilter(tests) {
  const names = tests.map(({ kind, suite, name }) => {
    if (kind === 'P') return `*/${suite}.${name}/*`;
    if (kind === 'TYPED') return `*${suite}/*.${name}`;
    return `${suite}.${name}`;
  });
  return [...new Set(names)].join(':');
}

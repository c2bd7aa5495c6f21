// npm run t:cpp: the C++ tests that are named, after building only the programs that contain them.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildCpp, buildFolders } from './build.mjs';
import { findTests, gtestFilter, programOf, readTests } from './gtest-names.mjs';
import { nearest } from './nearest.mjs';
import { ensurePackages } from './packages.mjs';
import { inRoot, run } from './tools.mjs';

const usage = `Usage: npm run t:cpp -- <pattern>... [googletest options]
  A pattern is a googletest filter, a word, or a file below test/cpp:
    npm run t:cpp -- 'Outbox.*'
    npm run t:cpp -- outbox
    npm run t:cpp -- test/cpp/client/outbox_test.cpp
    npm run t:cpp -- 'Outbox.*' --gtest_repeat=100
  The tests are built with the preset "dev" in ${buildFolders().dev}/: one compilation per file, no optimisation.`;

const args = process.argv.slice(2);
const patterns = args.filter((arg) => !arg.startsWith('-'));
const options = args.filter((arg) => arg.startsWith('-'));
if (patterns.length === 0) {
  const help = options.includes('--help') || options.includes('-h');
  if (!help) console.error('expected a pattern\n');
  console.log(usage);
  process.exit(help ? 0 : 2);
}

const tests = readTests();
const chosen = new Set();
for (const pattern of patterns) {
  const found = findTests(tests, pattern);
  if (found.length === 0) {
    const names = [...new Set(tests.map(({ suite, name }) => (pattern.includes('.') ? `${suite}.${name}` : suite)))];
    console.error(`no C++ test matches "${pattern}". Similar names:`);
    for (const name of nearest(pattern, names)) console.error(`  ${name}`);
    process.exit(2);
  }
  for (const test of found) chosen.add(test);
}

const programs = new Map();
for (const test of chosen) {
  const program = programOf(test.file);
  programs.set(program, [...(programs.get(program) ?? []), test]);
}
if (!(await ensurePackages('cpp'))) process.exit(1);
if (!(await buildCpp({ preset: 'dev', target: [...programs.keys()], quick: true }))) process.exit(1);

let ok = true;
for (const [program, theirs] of programs) {
  const binary = join(buildFolders().dev, program);
  if (!existsSync(inRoot(binary))) throw new Error(`${binary} is missing after a build of ${program}`);
  const filter = `--gtest_filter=${gtestFilter(theirs)}`;
  ok = (await run(inRoot(binary), ['--gtest_color=auto', filter, ...options])).ok && ok;
}
process.exitCode = ok ? 0 : 1;

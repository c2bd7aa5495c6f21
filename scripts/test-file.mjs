// npm run t: the vitest files that are named, after building only what is stale.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { buildCpp, buildStale } from './build.mjs';
import { nearest } from './nearest.mjs';
import { filesBelow, inRoot, run } from './tools.mjs';

const usage = `Usage: npm run t -- <file or part of its path>... [vitest options]
  Runs the test files whose path contains one of the words, for example
    npm run t -- test/unit/pump.test.ts
    npm run t -- client-inbox -t "drops the oldest"
    npm run t -- sdk-login --watch
  Before that it builds the addon and dist/ if they are older than their sources, and nothing else.`;

/** C++ products that a few tests run, by a word that these tests contain. */
const products = { 'support/wire.js': 'rtm_wire_echo', 'cpp-install.js': 'all' };

const args = process.argv.slice(2);
const firstOption = args.findIndex((arg) => arg.startsWith('-'));
const words = firstOption === -1 ? args : args.slice(0, firstOption);
const options = firstOption === -1 ? [] : args.slice(firstOption);
if (words.length === 0) {
  const help = options.includes('--help') || options.includes('-h');
  if (!help) console.error('expected a test file or a part of its path\n');
  console.log(usage);
  process.exit(help ? 0 : 2);
}

const all = filesBelow('test').filter((file) => file.endsWith('.test.ts'));
const matching = (word) => all.filter((file) => file.includes(word.replace(/^\.\//, '').replace(`${inRoot()}/`, '')));
const unknown = words.find((word) => matching(word).length === 0);
if (unknown !== undefined) {
  console.error(`no test file has "${unknown}" in its path. Similar paths:`);
  for (const file of nearest(unknown, all)) console.error(`  ${file}`);
  process.exit(2);
}
const files = [...new Set(words.flatMap(matching))];
const contents = files.map((file) => readFileSync(inRoot(file), 'utf8'));
const targets = Object.keys(products).filter((word) => contents.some((content) => content.includes(word)));
const built =
  (await buildStale()) &&
  (targets.length === 0 || (await buildCpp({ target: targets.map((word) => products[word]), quick: true })));
if (!built) process.exit(1);

const vitest = join(createRequire(import.meta.url).resolve('vitest/package.json'), '..', 'vitest.mjs');
const mode = options.includes('--watch') ? [] : ['run'];
process.exitCode = (await run(process.execPath, [vitest, ...mode, ...files, ...options])).ok ? 0 : 1;

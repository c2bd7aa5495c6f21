// npm run lint: checks the sources without running them. Two checks run at a time, and the output of each check is printed in
// one piece when the check ends.
// Usage: node scripts/lint.mjs [--fix] [check ...]     --fix repairs what biome and clang-format can repair
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackages } from './packages.mjs';
import { printOutcome, sideBySide } from './side-by-side.mjs';
import { filesBelow } from './tools.mjs';

const require = createRequire(import.meta.url);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { fix: { type: 'boolean', default: false } },
});

const biome = join(require.resolve('@biomejs/biome/package.json'), '..', 'bin/biome');
const tsc = join(require.resolve('typescript/package.json'), '..', 'bin/tsc');
const cppFiles = filesBelow(
  'cpp',
  'test/cpp',
  'test/fuzz',
  'test/simulated',
  'test/simulator',
  'test/history',
  'test/consumer',
  'examples/cpp',
  'bench',
).filter((file) => /\.(cpp|hpp|h)$/.test(file));
const step = (command, ...args) => ({ command, args });
const node = (...args) => step(process.execPath, ...args);

/** The programs of each check. They run in order until one fails. The slow checks stand first. */
const checks = {
  headers: [step('sh', 'scripts/check-headers.sh')],
  cpp: [step('clang-format', ...(values.fix ? ['-i'] : ['--dry-run', '-Werror']), ...cppFiles)],
  // The examples are checked against the declarations in dist/.
  types: [
    node('scripts/build.mjs', 'ts', '--if-stale'),
    node(tsc, '-p', 'tsconfig.json'),
    node(tsc, '-p', 'tsconfig.js.json'),
  ],
  biome: [node(biome, 'check', ...(values.fix ? ['--write'] : []))],
  generated: [node('scripts/generate.mjs', '--check')],
  api: [node('scripts/check-api.mjs')],
  rooms: [node('scripts/check-imports.mjs'), node('scripts/check-includes.mjs')],
  classes: [node('scripts/check-class-size.mjs')],
  repeats: [node('scripts/check-repeats.mjs')],
  docs: [node('scripts/docs-cpp.mjs', '--check')],
  conformance: [node('scripts/conformance.mjs', '--check')],
  citations: [node('scripts/check-citations.mjs')],
  commits: [node('scripts/check-commits.mjs')],
};
/** The Debian packages that a check needs, as names of scripts/packages.mjs. */
const packages = { cpp: ['format'], generated: ['format'], classes: ['clang'], api: ['clang'] };

const wanted = positionals.length > 0 ? positionals : values.fix ? ['biome', 'cpp'] : Object.keys(checks);
const unknown = wanted.find((name) => !(name in checks));
if (unknown !== undefined) {
  console.error(`unknown check: ${unknown}; there are ${Object.keys(checks).join(', ')}`);
  process.exit(2);
}
if (!(await ensurePackages(...new Set(wanted.flatMap((name) => packages[name] ?? []))))) process.exit(1);
const outcomes = await sideBySide(
  wanted.map((name) => ({ name, steps: checks[name] })),
  { ended: printOutcome },
);
const failed = outcomes.filter(({ ok }) => !ok).map(({ name }) => name);
if (failed.length > 0) console.error(`\nlint failed: ${failed.join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;

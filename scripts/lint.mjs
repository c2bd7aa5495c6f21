// npm run lint: everything that can be said about the sources without running them.
// Usage: node scripts/lint.mjs [--fix] [biome] [types] [cpp] [api] [headers] [conformance]
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackages } from './packages.mjs';
import { filesBelow, heading, run } from './tools.mjs';

const require = createRequire(import.meta.url);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { fix: { type: 'boolean', default: false } },
});

const biome = join(require.resolve('@biomejs/biome/package.json'), '..', 'bin/biome');
const tsc = join(require.resolve('typescript/package.json'), '..', 'bin/tsc');
const node = (...args) => run(process.execPath, args).then(({ ok }) => ok);

async function formatCpp() {
  if (!(await ensurePackages('format'))) return false;
  const files = filesBelow('cpp', 'test/cpp', 'test/fuzz', 'examples/cpp', 'bench').filter((file) =>
    /\.(cpp|hpp|h)$/.test(file),
  );
  if (files.length === 0) return true;
  return (await run('clang-format', [...(values.fix ? ['-i'] : ['--dry-run', '-Werror']), ...files])).ok;
}

const checks = {
  biome: () => node(biome, 'check', ...(values.fix ? ['--write'] : [])),
  types: async () => (await node(tsc, '-p', 'tsconfig.json')) && (await node(tsc, '-p', 'tsconfig.js.json')),
  cpp: formatCpp,
  api: () => node('scripts/check-api.mjs'),
  conformance: () => node('scripts/conformance.mjs', '--check'),
  headers: () => run('sh', ['scripts/check-headers.sh']).then(({ ok }) => ok),
};

const wanted = positionals.length > 0 ? positionals : values.fix ? ['biome', 'cpp'] : Object.keys(checks);
const unknown = wanted.find((name) => !(name in checks));
if (unknown !== undefined) {
  console.error(`unknown check: ${unknown}; there are ${Object.keys(checks).join(', ')}`);
  process.exit(2);
}
const failed = [];
for (const name of wanted) {
  heading(name);
  if (!(await checks[name]())) failed.push(name);
}
if (failed.length > 0) console.error(`\nlint failed: ${failed.join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;

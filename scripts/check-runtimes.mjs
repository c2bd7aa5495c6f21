// Tries the prebuilds where Node on this machine's processor does not: in Bun and Deno, in Bun for musl, and in Node for arm64
// under qemu. Each runs the first minute: a server, two clients over TLS, acknowledged messages. The Node versions are tried by
// scripts/check-nodes.mjs.
// Usage: node scripts/check-runtimes.mjs [bun|bun-musl|deno|node-arm64 ...]
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages } from './packages.mjs';
import { cache, fetchNpm } from './prebuild/fetch.mjs';
import { libstdcxxFor } from './prebuild/musl-runtime.mjs';
import { runtimePackages } from './prebuild/pins.mjs';
import { inRoot, run } from './tools.mjs';

const example = inRoot('examples/first-minute.mjs');
const ask = 'const { bun, deno, node } = process.versions; console.log(bun ?? deno ?? node, process.arch)';
const qemu = ['qemu-aarch64-static', '-L', '/usr/aarch64-linux-gnu'];

/** Where the program lies in its npm package, and the words of a command that runs a file or a line. */
const runtimes = {
  bun: {
    pin: runtimePackages.bun,
    program: 'bin/bun',
    file: (bun) => [bun, 'run', example],
    line: (bun) => [bun, '-e', ask],
  },
  'bun-musl': {
    pin: runtimePackages.bunMusl,
    program: 'bin/bun',
    packages: ['musl'],
    env: async (bun) => ({ LD_LIBRARY_PATH: await libstdcxxFor(bun) }),
    file: (bun) => [bun, 'run', example],
    line: (bun) => [bun, '-e', ask],
  },
  deno: {
    pin: runtimePackages.deno,
    program: 'deno',
    file: (deno) => [deno, 'run', '--no-prompt', '--allow-all', example],
    line: (deno) => [deno, 'eval', `import process from 'node:process'; ${ask}`],
  },
  'node-arm64': {
    pin: runtimePackages.nodeArm64,
    program: 'bin/node',
    packages: ['qemu'],
    file: (node) => [...qemu, node, example],
    line: (node) => [...qemu, node, '-e', ask],
  },
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(runtimes);
const unknown = names.find((name) => !(name in runtimes));
if (unknown !== undefined) {
  console.error(`"${unknown}": expected one of ${Object.keys(runtimes).join(', ')}`);
  process.exit(2);
}

const everywhere = { PREBUILDS_ONLY: '1', DENO_DIR: cache('deno'), DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' };
const failed = [];
for (const name of names) {
  const { pin, program, packages = [], env = async (_) => ({}), file, line } = runtimes[name];
  if (!(await ensurePackages(...packages))) process.exit(1);
  const path = join(await fetchNpm(pin), program);
  chmodSync(path, 0o755);
  const settings = { capture: true, timeout: 120, env: { ...everywhere, ...(await env(path)) } };
  const start = ([command, ...args]) => run(command, args, settings);
  const version = await start(line(path));
  const outcome = version.ok ? await start(file(path)) : version;
  console.log(`${name} ${version.ok ? version.output.trim() : ''}: ${outcome.ok ? 'ok' : 'FAILED'}`);
  if (outcome.ok) continue;
  console.error(outcome.output.trim());
  failed.push(name);
}
if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;

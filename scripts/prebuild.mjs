// npm run prebuild: makes prebuilds/<platform>-<arch>/ for this machine, and checks the result.
import { existsSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import { filesBelow, inRoot, run } from './tools.mjs';

const require = createRequire(import.meta.url);
const prebuildify = require.resolve('prebuildify/bin.js');
const args = ['--napi', '--strip', '--tag-libc', '--target', process.versions.node];
args.push('--node-gyp', inRoot('scripts/prebuild-shim.mjs'));

const made = await run(process.execPath, [prebuildify, ...args]);
const kept = inRoot('build/rtm_native.node.kept');
if (existsSync(kept)) renameSync(kept, inRoot('build/Release/rtm_native.node'));
if (!made.ok) process.exit(1);

for (const file of filesBelow('prebuilds').filter((name) => name.endsWith('.node'))) {
  const symbols = await run('objdump', ['-T', file], { capture: true });
  const versions = [...symbols.output.matchAll(/GLIBC_(\d+\.\d+)/g)].map((match) => Number(match[1].split('.')[1]));
  const floor = versions.length > 0 ? `needs glibc 2.${Math.max(...versions)}` : 'glibc floor unknown';
  console.log(`${file}: ${floor}`);
  const needed = await run('objdump', ['-p', file], { capture: true });
  if (/NEEDED\s+libstdc\+\+/.test(needed.output)) {
    console.error("it needs the machine's libstdc++: build it where the compiler brings libstdc++.a");
    process.exit(1);
  }
}

const check = 'require("node-gyp-build")(process.cwd())';
const loaded = await run(process.execPath, ['-e', check], { env: { PREBUILDS_ONLY: '1' }, timeout: 30 });
if (!loaded.ok) {
  console.error('the prebuild does not load');
  process.exit(1);
}

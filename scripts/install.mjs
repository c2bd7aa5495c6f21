// npm's install step. In a clone: build the addon, unless one that loads is there already. In a published package: take
// the prebuild, or compile with node-gyp where none fits; so this file imports nothing that the package does not carry.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const isClone = existsSync(new URL('../lib/index.ts', import.meta.url));

if (isClone) {
  const { installInClone } = await import('./build.mjs');
  process.exitCode = (await installInClone()) ? 0 : 1;
} else {
  // If the addon must be compiled, all cores take part.
  const env = { ...process.env, JOBS: process.env.JOBS ?? 'max' };
  const { status } = spawnSync(process.execPath, [require.resolve('node-gyp-build/bin.js')], { stdio: 'inherit', env });
  process.exitCode = status ?? 1;
}

// Compiles programs against the packed declarations with several versions of the TypeScript compiler, without skipLibCheck: the
// oldest version that is promised, one of each later kind, and the newest.
// Usage: node scripts/check-typescript.mjs [version ...]
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPackage } from './pack.mjs';
import { inRoot, run } from './tools.mjs';

/** 5.0 is the promise of docs/bundling.md; 5.2 is the first with `using`. */
const promised = ['5.0', '5.2', '5.4', '5.9', '6.0', '7.0'];
const versions = process.argv.length > 2 ? process.argv.slice(2) : promised;
const common = { target: 'ES2022', strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true };
const old = { ...common, lib: ['ES2022'], types: ['node'] };
const newer = { ...old, lib: ['ES2022', 'ESNext.Disposable'] };
const nodeNext = { module: 'NodeNext', moduleResolution: 'NodeNext' };

/** Ways to find the package → compiler options, sources and the first version that has them; `before`: the first without. */
const ways = {
  nodenext: { options: { ...old, ...nodeNext }, files: ['floor.mts', 'floor.cts'] },
  bundler: { options: { ...old, module: 'ES2022', moduleResolution: 'Bundler' }, files: ['floor.mts'] },
  node10: { options: { ...old, module: 'CommonJS', moduleResolution: 'node10' }, files: ['floor.ts'], before: '6.0' },
  using: { options: { ...newer, ...nodeNext }, files: ['esm-consumer.mts', 'cjs-consumer.cts'], from: '5.2' },
};

const project = mkdtempSync(join(tmpdir(), 'rtm-typescript-'));
process.on('exit', () => rmSync(project, { recursive: true, force: true }));
const { tarball } = await packPackage(project);
cpSync(inRoot('test/types'), project, { recursive: true });
cpSync(join(project, 'floor.mts'), join(project, 'floor.ts'));
writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
for (const [way, { options, files }] of Object.entries(ways)) {
  writeFileSync(join(project, `${way}.json`), JSON.stringify({ compilerOptions: options, files }));
}

async function npmInstall(cwd, ...packages) {
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--no-save', ...packages];
  const { ok, output } = await run('npm', args, { cwd, capture: true, timeout: 300 });
  if (ok) return;
  console.error(`npm install ${packages.join(' ')} failed:\n${output}`);
  process.exit(1);
}

await npmInstall(project, tarball, '@types/node@20');
let failed = 0;
for (const version of versions) {
  const folder = inRoot('.cache/typescript', version);
  mkdirSync(folder, { recursive: true });
  // Without this npm would install into the nearest project above: ours.
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  await npmInstall(folder, `typescript@~${version}.0`);
  const tsc = join(folder, 'node_modules/typescript/bin/tsc');
  const results = [];
  for (const [way, { from = '5.0', before = '999.0' }] of Object.entries(ways)) {
    if (Number(version) < Number(from) || Number(version) >= Number(before)) continue;
    const { ok, output } = await run(process.execPath, [tsc, '-p', join(project, `${way}.json`)], {
      cwd: project,
      capture: true,
      timeout: 120,
    });
    results.push(`${way} ${ok ? 'ok' : 'FAILED'}`);
    if (ok) continue;
    failed++;
    console.error(`TypeScript ${version}, ${way}:\n${output.trim()}`);
  }
  console.log(`TypeScript ${version}: ${results.join(', ')}`);
}
process.exitCode = failed > 0 ? 1 : 0;

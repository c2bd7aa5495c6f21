// npm run docs:ts: API pages of the package, by TypeDoc (typedoc.json), in build/reference/. An exported entry without a
// comment, a link that leads nowhere, and a type that is used and not exported are errors.
// TypeDoc does not know TypeScript 7 yet, so it comes with a compiler of its own, into .cache/ and not into node_modules.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { inRoot, run } from './tools.mjs';

const packages = { typedoc: '0.28.20', typescript: '5.9.3' };
const folder = inRoot('.cache/typedoc', packages.typedoc);
const program = inRoot('.cache/typedoc', packages.typedoc, 'node_modules/typedoc/bin/typedoc');

if (!existsSync(program)) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/package.json`, '{ "private": true }\n');
  const wanted = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...wanted];
  const { ok, output } = await run('npm', args, { cwd: folder, capture: true, timeout: 180 });
  if (!ok) {
    console.error(`TypeDoc cannot be installed:\n${output}`);
    process.exit(1);
  }
}
process.exitCode = (await run(process.execPath, [program], { timeout: 180 })).ok ? 0 : 1;

// Makes the npm package from a copy of its files, whose package.json has no scripts and no tools of development: npm and pnpm
// warn of a script that could run at the installation, and ours serve the clone only.
// Usage: node scripts/pack.mjs [folder]     writes <name>-<version>.tgz there, or into the root
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { inRoot, root, run } from './tools.mjs';

/**
 * Fields of package.json that say nothing to users of the package. "binary" tells cmake-js that the addon needs only Node-API,
 * so that it does not download the headers of Node.
 */
const ofTheClone = ['scripts', 'devDependencies', 'overrides', 'binary'];

async function npmPack(cwd, ...args) {
  const { ok, output } = await run('npm', ['pack', '--json', '--ignore-scripts', ...args], {
    cwd,
    capture: true,
    timeout: 300,
  });
  if (!ok) throw new Error(`npm pack failed:\n${output}`);
  // npm prints warnings before the JSON, which is a list or, in newer versions, an object by name.
  return Object.values(JSON.parse(output.slice(output.search(/^[[{]/m))))[0];
}

/**
 * Packs the project.
 * @param {string} destination folder of the tarball
 * @returns {Promise<{ tarball: string, paths: string[], bytes: number, unpackedBytes: number }>}
 */
export async function packPackage(destination) {
  const stage = mkdtempSync(join(tmpdir(), 'rtm-native-stage-'));
  try {
    const { files } = await npmPack(root, '--dry-run');
    for (const { path } of files) {
      mkdirSync(dirname(join(stage, path)), { recursive: true });
      copyFileSync(inRoot(path), join(stage, path));
    }
    const manifest = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
    for (const field of ofTheClone) delete manifest[field];
    writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
    const packed = await npmPack(stage, '--pack-destination', resolve(destination));
    return {
      tarball: join(resolve(destination), packed.filename),
      paths: packed.files.map(({ path }) => path),
      bytes: packed.size,
      unpackedBytes: packed.unpackedSize,
    };
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { tarball } = await packPackage(process.argv[2] ?? root);
  console.log(tarball);
}

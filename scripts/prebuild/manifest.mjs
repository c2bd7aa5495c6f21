// prebuilds/manifest.json: what is there, for whom, and its hash. The loader reads the manifest, and the release check compares
// it with the files.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { inRoot } from '../tools.mjs';
import { glibcNeeded, readElf } from './elf.mjs';
import { hashOf } from './fetch.mjs';
import { prebuildPath, targets, variants } from './pins.mjs';

const napi = 8;

/** Every file that a release has: path below prebuilds/ → its target and variant. */
export const releasedFiles = new Map(
  variants.flatMap((variant) =>
    Object.entries(targets).map(([name, target]) => [prebuildPath(target, variant), { name, target, variant }]),
  ),
);

/** What the manifest says of one file below `folder`. */
export function entryOf(path, folder = inRoot('prebuilds')) {
  const { target, variant } = releasedFiles.get(path);
  const { platform, arch, libc } = target;
  const file = `${folder}/${path}`;
  const libcFloor = libc === 'glibc' ? (glibcNeeded(readElf(file)) ?? null) : null;
  return { path, platform, arch, libc, libcFloor, variant, napi, bytes: statSync(file).size, sha256: hashOf(file) };
}

/** Writes the manifest for the files that exist below `folder`. Returns its entries. */
export function writeManifest(folder = inRoot('prebuilds')) {
  const { version } = JSON.parse(readFileSync(inRoot('package.json'), 'utf8'));
  const files = [...releasedFiles.keys()]
    .filter((path) => existsSync(`${folder}/${path}`))
    .sort()
    .map((path) => entryOf(path, folder));
  writeFileSync(`${folder}/manifest.json`, `${JSON.stringify({ version, files }, null, 2)}\n`);
  return files;
}

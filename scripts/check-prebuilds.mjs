// npm run check:prebuilds: reads the symbol table of every file below prebuilds/ and compares the files with their manifest.
// Usage: node scripts/check-prebuilds.mjs [--release] [--folder <prebuilds>]
//   --release  also fails if a file of a release is missing, or needs a newer glibc than a release may
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { glibcNeeded, readElf } from './prebuild/elf.mjs';
import { fetchNpm, npmFolder } from './prebuild/fetch.mjs';
import { entryOf, releasedFiles } from './prebuild/manifest.mjs';
import { glibcFloor, npmPackages } from './prebuild/pins.mjs';
import { problemsOf } from './prebuild/rules.mjs';
import { inRoot, root } from './tools.mjs';

/** The names that musl defines, as the compiler knows them. */
function namesOfMusl() {
  const file = join(npmFolder(npmPackages.compiler), 'lib/libc/musl/libc.S');
  if (!existsSync(file)) return undefined;
  return new Set([...readFileSync(file, 'utf8').matchAll(/^([A-Za-z_]\w*):$/gm)].map(([, name]) => name));
}

let nodeNames;

/** What the oldest supported Node exports, or, where it was not fetched, what the running one does. Read once: it is large. */
function namesOfNode() {
  const file = join(npmFolder(npmPackages.node), 'bin/node');
  nodeNames ??= new Set(readElf(existsSync(file) ? file : process.execPath).exported);
  return nodeNames;
}

/**
 * @param {string} folder
 * @param {{ floor?: string, complete?: boolean, only?: string[] }} how
 *   floor: the newest glibc that a file may need; complete: every file of a release must be there; only: these paths
 * @returns {string[]} problems, each with the name of its file
 */
export function checkFolder(folder, { floor, complete = false, only } = {}) {
  const manifestFile = join(folder, 'manifest.json');
  if (!existsSync(manifestFile)) return [`${manifestFile}: expected a manifest; npm run prebuild writes it`];
  const listed = new Map(JSON.parse(readFileSync(manifestFile, 'utf8')).files.map((entry) => [entry.path, entry]));
  const present = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.node'));
  const wanted = complete ? [...releasedFiles.keys()] : [];
  const names = { muslNames: namesOfMusl(), nodeNames: namesOfNode() };
  const paths = only ?? [...new Set([...present, ...listed.keys(), ...wanted])].sort();
  return paths.flatMap((path) => {
    const about = (problems) => problems.map((problem) => `${path}: ${problem}`);
    const released = releasedFiles.get(path);
    if (released === undefined) return about([`expected one of ${[...releasedFiles.keys()].join(', ')}`]);
    if (!present.includes(path)) return about(['expected the file, it is missing']);
    let image;
    try {
      image = readElf(join(folder, path));
    } catch (error) {
      return about([error.message]);
    }
    const { arch, libc } = released.target;
    const problems = problemsOf(image, { arch, libc, variant: released.variant, floor, ...names });
    if (JSON.stringify(listed.get(path)) !== JSON.stringify(entryOf(path, folder))) {
      problems.push('expected the manifest to describe the file, it does not: npm run prebuild writes it');
    }
    // Such a path tells of the machine that built the file, and makes it differ from machine to machine.
    if (readFileSync(join(folder, path)).includes(root)) problems.push(`expected no path of its build, found ${root}`);
    const need = glibcNeeded(image);
    const size = `${(entryOf(path, folder).bytes / 1e6).toFixed(2)} MB`;
    if (problems.length === 0)
      console.log(`${path}: ok, ${need === undefined ? libc : `needs glibc ${need}`}, ${size}`);
    return about(problems);
  });
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { values } = parseArgs({
    options: { release: { type: 'boolean', default: false }, folder: { type: 'string', default: inRoot('prebuilds') } },
  });
  if (values.release) await Promise.all(Object.values(npmPackages).map(fetchNpm));
  const how = values.release ? { floor: glibcFloor, complete: true } : {};
  const problems = checkFolder(values.folder, how);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) console.error(`${problems.length} problem${problems.length === 1 ? '' : 's'}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

// Fetches what prebuilds are made from into .cache/prebuild/, by npm and by apt, and compares it with the pins. A file that
// is there with the right hash is not fetched again, so the folder may be filled by hand or kept for a build without a network.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { inRoot, run, which } from '../tools.mjs';

export const cache = (...parts) => inRoot('.cache/prebuild', ...parts);

export const hashOf = (file, kind = 'sha256', encoding = /** @type {'hex' | 'base64'} */ ('hex')) =>
  createHash(kind).update(readFileSync(file)).digest(encoding);

async function must(what, command, args, options = {}) {
  const result = await run(command, args, { capture: true, timeout: 600, ...options });
  if (!result.ok) throw new Error(`${what} failed: ${[command, ...args].join(' ')}\n${result.output.trim()}`);
  return result.output;
}

/** Unpacks an archive into `folder`, which appears only when it is whole. Its first path component is dropped. */
async function unpack(archive, folder, finish = async (_partial) => {}) {
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  await must('unpacking', 'tar', ['-xf', archive, '-C', partial, '--strip-components=1', '--no-same-owner']);
  await finish(partial);
  renameSync(partial, folder);
  return folder;
}

const plainName = ({ name, version }) => `${name.replace('@', '').replace('/', '-')}-${version}`;

/** Where fetchNpm unpacks a package. */
export const npmFolder = (pin) => cache('packages', plainName(pin));

/** Fetches an npm package without installing it, so that none of its scripts runs, and unpacks it. Returns its folder. */
export async function fetchNpm(pin) {
  const { name, version, integrity } = pin;
  const file = cache('downloads', `${plainName(pin)}.tgz`);
  const matches = () => existsSync(file) && `sha512-${hashOf(file, 'sha512', 'base64')}` === integrity;
  if (!matches()) {
    console.log(`  fetching ${name}@${version} from npm`);
    mkdirSync(cache('downloads'), { recursive: true });
    // Some npm versions print every file of the package.
    const args = [
      'pack',
      '--silent',
      '--ignore-scripts',
      '--pack-destination',
      cache('downloads'),
      `${name}@${version}`,
    ];
    await must('npm pack', 'npm', args);
    if (!matches()) {
      const came = existsSync(file) ? `sha512-${hashOf(file, 'sha512', 'base64')}` : 'no such file';
      throw new Error(`${name}@${version}: expected ${integrity}, got ${came} in ${file}; do not use it`);
    }
  }
  return unpack(file, npmFolder(pin));
}

/** apt's options for a state of its own, in which source packages are known, from the mirrors that this machine uses. */
async function aptSources() {
  const dir = cache('apt');
  mkdirSync(join(dir, 'parts'), { recursive: true });
  mkdirSync(join(dir, 'lists/partial'), { recursive: true });
  mkdirSync(join(dir, 'archives/partial'), { recursive: true });
  const parts = existsSync('/etc/apt/sources.list.d') ? readdirSync('/etc/apt/sources.list.d') : [];
  const files = parts.filter((name) => /\.(list|sources)$/.test(name)).map((name) => `/etc/apt/sources.list.d/${name}`);
  for (const file of ['/etc/apt/sources.list', ...files].filter((path) => existsSync(path))) {
    const text = readFileSync(file, 'utf8')
      .replace(/^Types:.*$/gm, 'Types: deb-src')
      .replace(/^deb(?=\s)/gm, 'deb-src');
    writeFileSync(join(dir, 'parts', file.split('/').pop()), text);
  }
  const settings = {
    'Dir::Etc::sourcelist': '/dev/null',
    'Dir::Etc::sourceparts': join(dir, 'parts'),
    'Dir::State::Lists': join(dir, 'lists'),
    'Dir::Cache': dir,
    'APT::Sandbox::User': 'root',
    'Acquire::Retries': '3',
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  await must('apt-get update', 'apt-get', ['-q', ...options, 'update']);
  return options;
}

/** The address of a file of a source package, in whichever suite has it with the pinned hash. */
async function addressOf(source, { name, sha256 }, options) {
  const known = await must('apt-cache', 'apt-cache', [...options, 'showsrc', source]);
  const versions = [...known.matchAll(/^Version: (.*)$/gm)].map(([, version]) => version);
  const empty = mkdtempSync(cache('apt/uris-')); // apt leaves out what the current folder has
  try {
    for (const version of versions) {
      const args = ['-qq', ...options, 'source', '--print-uris', `${source}=${version}`];
      const uris = await must('apt-get source', 'apt-get', args, { cwd: empty });
      const line = uris.split('\n').find((each) => each.includes(` ${name} `) && each.endsWith(`SHA256:${sha256}`));
      if (line !== undefined) return line.slice(1, line.indexOf("'", 1));
    }
  } finally {
    rmSync(empty, { recursive: true });
  }
  throw new Error(
    `Debian's ${source}: expected a version with ${name} (sha256 ${sha256}), the archive has ${versions.join(', ')}. ` +
      `Read what changed, then set the new version in scripts/prebuild/pins.mjs, or put the file into ${cache('downloads')}`,
  );
}

/** Fetches a source package of Debian, and applies Debian's changes if they are pinned. Returns its folder. */
export async function fetchSource(source, { version, orig, changes }) {
  let options;
  const download = async (file) => {
    const target = cache('downloads', file.name);
    if (existsSync(target) && hashOf(target) === file.sha256) return target;
    if (which('apt-get') === undefined)
      throw new Error(`${file.name} is missing in ${cache('downloads')}, and no apt-get`);
    console.log(`  fetching ${file.name} from Debian`);
    mkdirSync(cache('downloads'), { recursive: true });
    options ??= await aptSources();
    const address = await addressOf(source, file, options);
    const args = [...options, 'download-file', address, target, `SHA256:${file.sha256}`];
    await must('the download', '/usr/lib/apt/apt-helper', args);
    return target;
  };
  const archive = await download(orig);
  const patches = changes === undefined ? undefined : await download(changes);
  return unpack(archive, cache('sources', `${source}-${version}`), async (folder) => {
    if (patches === undefined) return;
    await must('unpacking', 'tar', ['-xf', patches, '-C', folder, '--no-same-owner']);
    const series = readFileSync(join(folder, 'debian/patches/series'), 'utf8').split('\n');
    for (const line of series.map((each) => each.replace(/#.*/, '').trim()).filter((each) => each !== '')) {
      const args = ['-p1', '--no-backup-if-mismatch', '-i', join(folder, 'debian/patches', line)];
      await must(`the patch ${line}`, 'patch', args, { cwd: folder });
    }
  });
}

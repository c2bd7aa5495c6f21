// An npm registry on the loopback, for one run: it has the package that is tried and what package-lock.json names, and nothing
// else. So the clean roots need neither a network nor this machine's npm configuration, every package manager installs by
// the name of the package as its users do, and the real registry is asked for each tarball only once.
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { inRoot, run } from '../tools.mjs';

const store = inRoot('.cache/roots/packages');

/** Package managers refuse what is only hours old, so everything here has an age. */
const published = '2020-01-01T00:00:00.000Z';

const fileOf = ({ name, version }) => `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;

/** What a manifest in a registry has of a package's lock entry. */
const fields =
  'dependencies optionalDependencies peerDependencies peerDependenciesMeta engines os cpu libc bin hasInstallScript'.split(
    ' ',
  );

/** The packages of package-lock.json, each version once. */
function lockedPackages() {
  const { packages } = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8'));
  const found = new Map();
  for (const [path, entry] of Object.entries(packages)) {
    if (path === '' || entry.link) continue;
    const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const known = fields.filter((field) => entry[field] !== undefined).map((field) => [field, entry[field]]);
    const manifest = { name, version: entry.version, ...Object.fromEntries(known), integrity: entry.integrity };
    found.set(`${name}@${entry.version}`, manifest);
  }
  return [...found.values()];
}

/** Compares as versions compare, as far as locked versions go. */
const byVersion = (one, other) => one.version.localeCompare(other.version, 'en', { numeric: true });

const integrityOf = (file) => `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;

/** Fetches tarballs by this machine's npm, many at a time, into the store, and compares them with their hashes. */
async function fetchTarballs(manifests) {
  mkdirSync(store, { recursive: true });
  const missing = manifests.filter((each) => !existsSync(join(store, fileOf(each))));
  for (let index = 0; index < missing.length; index += 40) {
    const some = missing.slice(index, index + 40);
    const names = some.map(({ name, version }) => `${name}@${version}`);
    console.log(`  fetching ${names.length === 1 ? names[0] : `${names.length} packages`} from npm`);
    const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', store, ...names];
    const { ok, output } = await run('npm', args, { capture: true, timeout: 300 });
    if (!ok) throw new Error(`npm pack failed:\n${output.trim()}`);
    for (const each of some) {
      const came = integrityOf(join(store, fileOf(each)));
      if (came !== each.integrity) throw new Error(`${fileOf(each)}: expected ${each.integrity}, got ${came}`);
    }
  }
}

/** The manifest of a packed package. */
async function manifestOf(tarball) {
  const { ok, output } = await run('tar', ['-xzOf', tarball, 'package/package.json'], { capture: true });
  if (!ok) throw new Error(`${tarball}: expected an npm package:\n${output.trim()}`);
  return JSON.parse(output);
}

/** @param {{ name: string, version: string, integrity: string }[]} manifests of one name */
function packument(manifests, address) {
  const newest = manifests.toSorted(byVersion).at(-1);
  const versions = manifests.map(({ integrity, ...manifest }) => {
    const tarball = `${address}/${manifest.name}/-/${fileOf(manifest)}`;
    return [manifest.version, { ...manifest, dist: { tarball, integrity } }];
  });
  const times = manifests.map(({ version }) => [version, published]);
  return {
    name: newest.name,
    'dist-tags': { latest: newest.version },
    versions: Object.fromEntries(versions),
    time: { created: published, modified: published, ...Object.fromEntries(times) },
  };
}

/**
 * Starts the registry.
 * @param {string} tarball the package that is tried; it is not in the lock file
 * @param {{ whole?: boolean }} options whole: fetches everything of the lock file now, for an installation of the clone
 * @returns {Promise<{ address: string, close: () => void }>}
 */
export async function startRegistry(tarball, { whole = false } = {}) {
  const locked = lockedPackages();
  const fits = (list, value) => list === undefined || list.includes(value);
  const usable = locked.filter((each) => fits(each.os, 'linux') && fits(each.cpu, 'x64') && fits(each.libc, 'glibc'));
  const { packages } = JSON.parse(readFileSync(inRoot('package-lock.json'), 'utf8'));
  const isShipped = ({ name, version }) =>
    Object.entries(packages).some(
      ([path, entry]) => path.endsWith(`node_modules/${name}`) && entry.version === version && !entry.dev,
    );
  await fetchTarballs(whole ? usable : usable.filter(isShipped));
  const own = { ...(await manifestOf(tarball)), integrity: integrityOf(tarball) };

  const byName = new Map();
  for (const manifest of [...locked, own]) byName.set(manifest.name, [...(byName.get(manifest.name) ?? []), manifest]);
  const files = new Map(readdirSync(store).map((name) => [name, join(store, name)]));
  files.set(fileOf(own), tarball);

  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://registry').pathname).slice(1);
    const [name, file] = path.split('/-/');
    const found = file === undefined ? byName.get(name) : files.get(file);
    if (found === undefined || request.method !== 'GET') {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: `this registry has no ${path}` }));
    } else if (file === undefined) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(packument(found, `http://${request.headers.host}`)));
    } else {
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': statSync(found).size });
      createReadStream(found).pipe(response);
    }
  });
  await new Promise((resolve, reject) => {
    server.on('error', reject).listen(0, '127.0.0.1', () => resolve(undefined));
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { address: `http://127.0.0.1:${port}`, close: () => server.close() };
}

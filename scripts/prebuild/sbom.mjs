// The parts list of a release (CycloneDX): npm's own list of the packages, and the libraries inside the addon, which npm does
// not know. Equal sources give an equal list: its time is that of the commit, and its number comes from its contents.
import { createHash } from 'node:crypto';
import { debianSources, npmPackages, variants } from './pins.mjs';

const files = (variant) => (variant === 'node' ? 'every addon' : 'the static addons');

/** The libraries that are compiled into the addon. */
function insideTheAddon() {
  const sources = { zlib: 'node', openssl: 'static', libuv1: 'static' };
  if (!Object.values(sources).every((variant) => variants.includes(variant))) throw new Error('unknown variant');
  const libraries = Object.entries(sources).map(([name, variant]) => {
    const { version, orig } = debianSources[name];
    return {
      'bom-ref': `source:${name}@${version}`,
      type: 'library',
      name: name.replace(/1$/, ''),
      version,
      purl: `pkg:generic/${name.replace(/1$/, '')}@${version}`,
      hashes: [{ alg: 'SHA-256', content: orig.sha256 }],
      properties: [{ name: 'rtm-native:linked-into', value: files(variant) }],
    };
  });
  const { name, version, integrity } = npmPackages.compiler;
  const content = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex');
  libraries.push({
    'bom-ref': `compiler:${name}@${version}`,
    type: 'library',
    name: 'libc++, libc++abi, libunwind and compiler-rt of LLVM 16',
    version: '16.0.6',
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    hashes: [{ alg: 'SHA-512', content }],
    properties: [{ name: 'rtm-native:linked-into', value: files('node') }],
  });
  return libraries;
}

const byReference = (left, right) => (left['bom-ref'] < right['bom-ref'] ? -1 : 1);

/**
 * @param {string} npmList what "npm sbom --sbom-format cyclonedx" prints
 * @param {{ name: string, version: string, epoch: number }} release epoch: seconds since 1970
 */
export function partsList(npmList, { name, version, epoch }) {
  const list = JSON.parse(npmList);
  delete list.serialNumber;
  list.metadata.timestamp = new Date(epoch * 1000).toISOString();
  list.metadata.component.name = name; // npm takes the name of the folder
  const inside = insideTheAddon();
  list.components = [...list.components, ...inside].sort(byReference);
  const own = list.dependencies.find(({ ref }) => ref === `${name}@${version}`);
  if (own === undefined) throw new Error(`the list of npm: expected dependencies of ${name}@${version}, found none`);
  own.dependsOn = [...own.dependsOn, ...inside.map((each) => each['bom-ref'])].sort();
  list.dependencies = [...list.dependencies, ...inside.map((each) => ({ ref: each['bom-ref'], dependsOn: [] }))].sort(
    (left, right) => (left.ref < right.ref ? -1 : 1),
  );
  const hash = createHash('sha256').update(JSON.stringify(list)).digest('hex');
  const uuid = [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `5${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ];
  return `${JSON.stringify({ ...list, serialNumber: `urn:uuid:${uuid.join('-')}` }, null, 2)}\n`;
}

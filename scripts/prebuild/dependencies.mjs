// The libraries inside a prebuild, built for its target: zlib and, for the static variant, OpenSSL and libuv. And the headers,
// of the oldest versions that it meets at run time: newer ones promise to be compatible with them.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { inRoot, run } from '../tools.mjs';
import { cache, fetchNpm, fetchSource } from './fetch.mjs';
import { debianSources, npmPackages, targets } from './pins.mjs';

const hardening = ['-O2', '-fPIC', '-fvisibility=hidden', '-fstack-protector-strong'];
hardening.push('-U_FORTIFY_SOURCE', '-D_FORTIFY_SOURCE=2');

async function must(what, command, args, options) {
  const result = await run(command, args, { capture: true, timeout: 3600, ...options });
  if (!result.ok) throw new Error(`${what}: ${result.output.trim().split('\n').slice(-40).join('\n')}`);
}

const zlibFiles = ['adler32', 'crc32', 'inffast', 'inflate', 'inftrees', 'zutil', 'deflate', 'trees'];

async function buildZlib({ source, build, prefix, bin, how }) {
  mkdirSync(build, { recursive: true });
  const flags = [...hardening, '-DNDEBUG', '-DHAVE_UNISTD_H', '-I', source];
  const objects = [];
  for (const name of zlibFiles) {
    const object = join(build, `${name}.o`);
    await must('zlib', join(bin, 'rtm-cc'), [...flags, '-c', join(source, `${name}.c`), '-o', object], how);
    objects.push(object);
  }
  const library = join(prefix, 'lib/libz.a');
  rmSync(library, { force: true });
  await must('zlib', join(bin, 'rtm-ar'), ['rcsD', library, ...objects], how);
  for (const header of ['zlib.h', 'zconf.h']) copyFileSync(join(source, header), join(prefix, 'include', header));
}

/** What TLS and the tokens do not need stays out, as does everything that OpenSSL would load from elsewhere at run time. */
const opensslOptions = [
  'no-shared no-tests no-dso no-engine no-module no-legacy no-autoload-config no-async no-comp no-ui-console',
  'no-dtls no-sctp no-srp no-srtp no-psk no-ssl3 no-tls1 no-tls1_1 no-ct no-cms no-ts no-cmp no-ocsp no-rfc3779 no-gost',
  'no-idea no-seed no-bf no-cast no-rc2 no-rc4 no-rc5 no-md2 no-md4 no-mdc2 no-rmd160 no-whirlpool no-camellia no-aria',
  'no-sm2 no-sm3 no-sm4 no-siphash no-blake2 no-dsa no-ec2m',
].flatMap((line) => line.split(' '));

async function buildOpenssl({ source, build, prefix, bin, target, jobs, how }) {
  // Configure writes into the tree that it is called in, and its arguments into the library, so both stay relative.
  mkdirSync(build, { recursive: true });
  // OpenSSL writes the time of its build into the library.
  const programs = { CC: 'rtm-cc', AR: 'rtm-ar', RANLIB: 'rtm-ranlib', SOURCE_DATE_EPOCH: '0' };
  const env = { ...how.env, ...programs, PATH: `${bin}:${process.env.PATH}` };
  const options = { ...how, cwd: build, env };
  const args = [join(source, 'Configure'), targets[target].openssl, '--prefix=/usr', '--openssldir=/etc/ssl'];
  await must('OpenSSL', 'perl', [...args, '--libdir=lib', ...opensslOptions, ...hardening], options);
  await must('OpenSSL', 'make', ['-j', jobs, 'build_libs'], options);
  for (const name of ['libssl.a', 'libcrypto.a']) copyFileSync(join(build, name), join(prefix, 'lib', name));
}

async function buildLibuv({ source, build, prefix, toolchain, jobs, how }) {
  const args = ['-S', source, '-B', build, '-G', 'Ninja', `-DCMAKE_TOOLCHAIN_FILE=${toolchain}`];
  args.push('-DCMAKE_BUILD_TYPE=Release', '-DBUILD_TESTING=OFF', '-DLIBUV_BUILD_TESTS=OFF');
  args.push('-DCMAKE_POSITION_INDEPENDENT_CODE=ON', `-DCMAKE_C_FLAGS_RELEASE=${hardening.join(' ')} -DNDEBUG`);
  await must('libuv', 'cmake', args, how);
  await must('libuv', 'cmake', ['--build', build, '--target', 'uv_a', '--parallel', jobs], how);
  copyFileSync(join(build, 'libuv_a.a'), join(prefix, 'lib/libuv.a'));
}

const libraries = {
  zlib: { source: 'zlib', product: 'libz.a', build: buildZlib },
  openssl: { source: 'openssl', product: 'libssl.a', build: buildOpenssl },
  libuv: { source: 'libuv1', product: 'libuv.a', build: buildLibuv },
};

/** Changes when anything does that a library is made from. */
function recipeOf(name, target) {
  const own = readFileSync(new URL(import.meta.url));
  const inputs = { compiler: npmPackages.compiler, source: debianSources[libraries[name].source], ...targets[target] };
  return createHash('sha256').update(own).update(JSON.stringify(inputs)).digest('hex');
}

/**
 * Builds the named libraries for a target, unless they are there. Returns their prefix, with include/ and lib/.
 * @param {string} target a key of `targets`
 * @param {{ bin: string, file: string }} toolchain
 * @param {string[]} names zlib, openssl, libuv
 * @param {{ jobs: string, niceness: number, env: Record<string, string> }} how
 */
export async function dependenciesOf(target, toolchain, names, { jobs, niceness, env }) {
  const prefix = cache('dependencies', target);
  mkdirSync(join(prefix, 'include'), { recursive: true });
  mkdirSync(join(prefix, 'lib'), { recursive: true });
  for (const name of names) {
    const { source: key, product, build: make } = libraries[name];
    const stamp = join(prefix, `${name}.recipe`);
    const recipe = recipeOf(name, target);
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === recipe && existsSync(join(prefix, 'lib', product)))
      continue;
    const source = await fetchSource(key, debianSources[key]);
    console.log(`  ${name} ${debianSources[key].version} for ${target}`);
    const build = cache('build', `${target}-${name}`);
    rmSync(build, { recursive: true, force: true });
    const { bin, file } = toolchain;
    await make({ source, build, prefix, bin, toolchain: file, target, jobs, how: { niceness, env } });
    writeFileSync(stamp, recipe);
    rmSync(build, { recursive: true, force: true });
  }
  return prefix;
}

/**
 * The headers of Node-API, OpenSSL and libuv, in the folders of a Node installation. OpenSSL's are those of the oldest
 * Node; libuv's are those of the library in the static variant, which is older still.
 */
export async function platformHeaders() {
  const node = await fetchNpm(npmPackages.node);
  const libuv = await fetchSource('libuv1', debianSources.libuv1);
  const prefix = cache('headers');
  const partial = `${prefix}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(join(partial, 'include/node'), { recursive: true });
  const linked = { openssl: join(node, 'include/node/openssl') };
  for (const header of ['uv.h', 'uv']) linked[header] = join(libuv, 'include', header);
  for (const [name, path] of Object.entries(linked)) symlinkSync(path, join(partial, 'include/node', name));
  for (const name of ['node_api.h', 'node_api_types.h', 'js_native_api.h', 'js_native_api_types.h']) {
    cpSync(join(node, 'include/node', name), join(partial, 'include/node-api', name));
  }
  cpSync(inRoot('node_modules/node-addon-api'), join(partial, 'include/node-api'), {
    recursive: true,
    filter: (path) => !path.includes('node-addon-api/') || /\.h$/.test(path),
  });
  rmSync(prefix, { recursive: true, force: true });
  renameSync(partial, prefix);
  return prefix;
}

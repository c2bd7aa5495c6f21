// Builds the addon for one target with the pinned compiler.
import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRoot, root, run } from '../tools.mjs';
import { dependenciesOf, platformHeaders } from './dependencies.mjs';
import { cache } from './fetch.mjs';
import { prebuildPath, targets } from './pins.mjs';
import { toolchainOf } from './toolchain.mjs';

/**
 * Builds prebuilds/<...>.node for a target and the wanted variants. Throws if that fails. Returns paths below prebuilds/.
 * @param {string} target a key of `targets`
 * @param {string[]} wanted variants
 * @param {{ jobs: string, niceness: number, env?: Record<string, string>, output?: string }} how
 */
export async function buildCross(target, wanted, { jobs, niceness, env = {}, output = inRoot('prebuilds') }) {
  const { file, bin } = await toolchainOf(target);
  const headers = await platformHeaders();
  const isStatic = wanted.includes('static');
  const names = ['zlib', ...(isStatic ? ['openssl', 'libuv'] : [])];
  const prefix = await dependenciesOf(target, { file, bin }, names, { jobs, niceness, env });
  const build = cache('build', target);
  const args = ['-S', root, '-B', build, '-G', 'Ninja', `-DCMAKE_TOOLCHAIN_FILE=${file}`, '-DRTM_ADDON=ON'];
  args.push('-DCMAKE_BUILD_TYPE=Release', '-DCMAKE_UNITY_BUILD=ON', '-DRTM_WERROR=OFF', '-DRTM_CCACHE=');
  // The compiler brings its own C++ library, and must not look for the machine's.
  args.push('-DRTM_BUNDLE_LIBSTDCXX=OFF');
  args.push(
    '-DCMAKE_MODULE_LINKER_FLAGS=-s',
    `-DRTM_NODE_DIR=${headers}`,
    `-DCMAKE_JS_INC=${headers}/include/node-api`,
  );
  args.push(`-DRTM_ZLIB_INCLUDE=${prefix}/include`, `-DRTM_ZLIB_STATIC=${prefix}/lib/libz.a`);
  args.push(`-DRTM_STATIC_PLATFORM=${isStatic ? prefix : ''}`);
  const must = async (what, more, options = {}) => {
    console.log(`  ${what}`);
    const result = await run('cmake', more, { capture: true, niceness, env, timeout: 3600, ...options });
    if (!result.ok) throw new Error(`${what} failed:\n${result.output.trim().split('\n').slice(-60).join('\n')}`);
  };
  await must(`configuring for ${target}`, args);
  const made = [];
  for (const variant of wanted) {
    const product = variant === 'static' ? 'rtm_native_static' : 'rtm_native';
    await must(`compiling ${target}, variant ${variant}`, ['--build', build, '--target', product, '--parallel', jobs]);
    const path = prebuildPath(targets[target], variant);
    mkdirSync(dirname(join(output, path)), { recursive: true });
    // A process that has the old file loaded keeps it: the new one takes its place and does not overwrite it.
    copyFileSync(join(build, `${product}.node`), join(output, `${path}.partial`));
    renameSync(join(output, `${path}.partial`), join(output, path));
    made.push(path);
  }
  return made;
}

// The compiler of one target: programs named like a machine's own, so that CMake, Configure and make can call them.
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../tools.mjs';
import { cache, fetchNpm } from './fetch.mjs';
import { npmPackages, targets } from './pins.mjs';

/**
 * Writes the wrappers for a target. Returns the folder that holds cc, c++, ar, ranlib, and the toolchain file for CMake.
 * @param {string} target a key of `targets`
 */
export async function toolchainOf(target) {
  const { triple, processor } = targets[target];
  const zig = join(await fetchNpm(npmPackages.compiler), 'zig');
  if (!existsSync(zig)) throw new Error(`${npmPackages.compiler.name}: expected the program "zig" in it`);
  const bin = cache('toolchains', target);
  mkdirSync(bin, { recursive: true });
  const wrap = (name, words) => {
    const environment = `ZIG_GLOBAL_CACHE_DIR='${cache('zig')}' ZIG_LOCAL_CACHE_DIR='${cache('zig')}'`;
    writeFileSync(join(bin, name), `#!/bin/sh\n${environment} exec '${zig}' ${words} "$@"\n`);
    chmodSync(join(bin, name), 0o755);
  };
  // baseline: any processor of the architecture, not this machine's. The compiler must not trap on undefined behaviour,
  // which is its default, nor write this folder's path into the result. These words stand here and not in the arguments
  // because OpenSSL writes its arguments into the library.
  const words = `-target ${triple} -mcpu=baseline -fno-sanitize=undefined -g0 '-ffile-prefix-map=${root}=.'`;
  wrap('rtm-cc', `cc ${words}`);
  wrap('rtm-c++', `c++ ${words}`);
  wrap('rtm-ar', 'ar');
  wrap('rtm-ranlib', 'ranlib');
  const lines = [
    'set(CMAKE_SYSTEM_NAME Linux)',
    `set(CMAKE_SYSTEM_PROCESSOR ${processor})`,
    `set(CMAKE_C_COMPILER "${join(bin, 'rtm-cc')}")`,
    `set(CMAKE_CXX_COMPILER "${join(bin, 'rtm-c++')}")`,
    `set(CMAKE_AR "${join(bin, 'rtm-ar')}" CACHE FILEPATH "")`,
    `set(CMAKE_RANLIB "${join(bin, 'rtm-ranlib')}" CACHE FILEPATH "")`,
    '# CMake asks and tries the compiler without linking: the compiler builds its libraries anew for each set of flags.',
    ...['C', 'CXX'].flatMap((language) => [
      `set(CMAKE_${language}_COMPILER_ID_RUN TRUE)`,
      `set(CMAKE_${language}_COMPILER_ID Clang)`,
      `set(CMAKE_${language}_COMPILER_VERSION 16.0.6)`,
      `set(CMAKE_${language}_COMPILER_FRONTEND_VARIANT GNU)`,
      `set(CMAKE_${language}_STANDARD_COMPUTED_DEFAULT 17)`,
      `set(CMAKE_${language}_EXTENSIONS_COMPUTED_DEFAULT ON)`,
    ]),
    'set(CMAKE_EXECUTABLE_FORMAT ELF CACHE INTERNAL "")',
    'set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)',
    '# Nothing of the machine that builds belongs into the result.',
    'set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE NEVER)',
    'set(CMAKE_FIND_USE_CMAKE_SYSTEM_PATH OFF)',
    '',
  ];
  const file = join(bin, 'toolchain.cmake');
  writeFileSync(file, lines.join('\n'));
  return { bin, file };
}

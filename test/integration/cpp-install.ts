// An installed tree of the C++ library, as users of C++ get it, and programs compiled against nothing else.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './cli-process.js';

const run = promisify(execFile);

/** "npm test" builds the library before it comes to vitest; "--only ts" does not. */
export const libraryIsBuilt = existsSync(join(root, 'build-cpp/libagora_rtm_sdk.so'));

/** Runs a program to its end. Its whole output becomes part of the error if it fails. */
export async function execute(command: string, args: readonly string[], cwd = root): Promise<string> {
  try {
    return (await run(command, args, { cwd, maxBuffer: 64 << 20 })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${[command, ...args].join(' ')}\n${stdout}${stderr}`, { cause: error });
  }
}

/** Installs the built library below `prefix`. */
export async function installLibrary(prefix: string): Promise<void> {
  await execute('cmake', ['--install', join(root, 'build-cpp'), '--prefix', prefix, '--strip']);
}

/** Compiles one source as an SDK user does on a command line: C++11, one library, no path of ours but the tree's. */
export async function compile(
  prefix: string,
  source: string,
  program: string,
  { library = 'agora_rtm_sdk', more = [] as readonly string[] } = {},
): Promise<void> {
  const warnings = ['-Wall', '-Wextra', '-Werror'];
  const where = [`-I${prefix}/include`, `-L${prefix}/lib`, `-Wl,-rpath,${prefix}/lib`];
  const files = [source, '-o', program];
  await execute('c++', ['-std=c++11', ...warnings, ...more, ...where, ...files, `-l${library}`, '-lpthread']);
}

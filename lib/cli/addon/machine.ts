import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import type { BuildMachine } from './build-needs.js';

function findProgram(name: string, path: string | undefined): string | undefined {
  const places = name.includes('/') ? [name] : (path ?? '').split(delimiter).map((folder) => join(folder, name));
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** This machine. `folder` takes the compiled probe. */
export function thisMachine(env: NodeJS.ProcessEnv, folder: string): BuildMachine {
  // CXX may carry arguments, such as "ccache g++".
  const [compiler = 'g++', ...first] = (env['CXX'] ?? 'g++').split(' ').filter(Boolean);
  return {
    compiler,
    has: (...programs) => programs.some((name) => findProgram(name, env['PATH']) !== undefined),
    compile(source) {
      const args = [...first, '-std=c++20', '-x', 'c++', '-', '-x', 'none', '-l:libz.a', '-o', join(folder, 'probe')];
      const { status, stderr } = spawnSync(compiler, args, { env, input: source, encoding: 'utf8' });
      return { ok: status === 0, output: stderr ?? '' };
    },
    compilerVersion() {
      const { stdout } = spawnSync(compiler, [...first, '--version'], { env, encoding: 'utf8' });
      return stdout?.split('\n')[0] ?? '';
    },
  };
}

/** The program of node-gyp: npm names its own to what it runs; otherwise the project's, otherwise that beside npm. */
export function findNodeGyp(env: NodeJS.ProcessEnv, project: string): string | undefined {
  const named = env['npm_config_node_gyp'];
  if (named !== undefined && existsSync(named)) return named;
  try {
    return createRequire(join(project, 'package.json')).resolve('node-gyp/bin/node-gyp.js');
  } catch {
    // The project does not have it.
  }
  const npm = findProgram('npm', env['PATH']);
  if (npm === undefined) return undefined;
  const beside = join(dirname(realpathSync(npm)), '../node_modules/node-gyp/bin/node-gyp.js');
  return existsSync(beside) ? beside : undefined;
}

/** The installation of this Node, if it brings the headers; without them node-gyp downloads them. */
export function headersOfNode(): string | undefined {
  const prefix = join(dirname(realpathSync(process.execPath)), '..');
  return existsSync(join(prefix, 'include/node/node_api.h')) ? prefix : undefined;
}

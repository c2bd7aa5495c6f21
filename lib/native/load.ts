import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { debuglog } from 'node:util';
import { RtmError } from '../errors.js';
import { programFile } from '../program-file.js';
import { packageVersion } from '../version.js';
import { LOCAL_ADDON, type Prebuild, requirePrebuild } from './addon-files.js';
import { isCutOff, mayTryNext, prebuildsFor } from './choose-addon.js';
import type { NativeAddon } from './environment.js';
import { type Attempt, explain } from './load-failure.js';
import { currentDetails, currentSystem } from './system.js';

const log = debuglog('rtm');
const thisFile = typeof __filename === 'string' ? __filename : programFile();
const inPackage = (...path: string[]) => join(dirname(thisFile), '..', '..', ...path);

let addon: NativeAddon | undefined;

/**
 * Loads the addon, once: the file that RTM_NATIVE_ADDON names, else the local build if there is one, else the prebuild for
 * this system. PREBUILDS_ONLY=1 passes over the local build.
 *
 * @throws RtmError `ERR_RTM_ADDON`; its message says why, on which system, what the package has, and what to do
 */
export function loadAddon(): NativeAddon {
  addon ??= load();
  return addon;
}

function load(): NativeAddon {
  const attempts: Attempt[] = [];
  let cause: unknown;
  const attempt = (kind: Attempt['kind'], path: string, file: string, run: () => unknown): NativeAddon | undefined => {
    try {
      if (isCutOffFile(file)) throw new Error('the file is cut off');
      return run() as NativeAddon | undefined;
    } catch (error) {
      cause = error;
      const { message, code } = error as NodeJS.ErrnoException;
      attempts.push({ kind, path, message: firstLine(message), code, state: stateOf(kind, path, file, code) });
      return undefined;
    }
  };

  const system = currentSystem();
  const requireFile = createRequire(thisFile);
  const named = process.env['RTM_NATIVE_ADDON'];
  if (named !== undefined && named !== '') {
    const file = resolve(named);
    const loaded = attempt('named', file, file, () => requireFile(file));
    if (loaded) return loaded;
  } else {
    const local = inPackage(LOCAL_ADDON);
    if (system.sharesLibraries && process.env['PREBUILDS_ONLY'] !== '1' && existsSync(local)) {
      const loaded = attempt('local', local, local, () => requireFile(local));
      if (loaded) return loaded;
      log('%s: %s', local, cause);
    }
    for (const path of prebuildsFor(system)) {
      const loaded = attempt('prebuild', path, inPackage('prebuilds', path), () => requirePrebuild(path));
      if (loaded) return loaded;
      if (!mayTryNext(cause)) break;
    }
  }
  const failure = {
    system,
    details: currentDetails(system.runtime, askLdd),
    version: packageVersion,
    root: packageRoot(),
    prebuilds: manifest(),
    attempts,
  };
  const isClone = failure.root !== undefined && existsSync(inPackage('lib', 'index.ts'));
  throw new RtmError('ERR_RTM_ADDON', explain(failure, isClone), { operation: 'load', cause });
}

/** Node adds the list of modules that required a missing one. */
function firstLine(message: string): string {
  return message.split('\n')[0] ?? message;
}

function isCutOffFile(file: string): boolean {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return false; // `require` reports the fault; and in a bundle the file is somewhere else.
  }
  try {
    const head = Buffer.alloc(64);
    const size = readSync(descriptor, head, 0, head.length, 0);
    return isCutOff(head.subarray(0, size), fstatSync(descriptor).size);
  } finally {
    closeSync(descriptor);
  }
}

/** Call this only after a failed load: the check reads the whole file, which would slow down each start. */
function stateOf(kind: Attempt['kind'], path: string, file: string, code: string | undefined): Attempt['state'] {
  if (kind !== 'prebuild') return 'unknown';
  if (!existsSync(file)) return code === 'MODULE_NOT_FOUND' ? 'missing' : 'unknown';
  const expected = manifest()?.find((each) => each.path === path)?.sha256;
  if (expected === undefined) return 'unknown';
  try {
    return createHash('sha256').update(readFileSync(file)).digest('hex') === expected ? 'whole' : 'damaged';
  } catch {
    return 'unknown';
  }
}

function manifest(): readonly Prebuild[] | undefined {
  try {
    const { files } = JSON.parse(readFileSync(inPackage('prebuilds', 'manifest.json'), 'utf8')) as { files?: unknown };
    return Array.isArray(files) ? (files as Prebuild[]) : undefined;
  } catch {
    return undefined;
  }
}

/** The folder of the package, unless this file has become part of a bundle. */
function packageRoot(): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(inPackage('package.json'), 'utf8')) as { name?: unknown };
    return name === 'rtm-native' ? inPackage() : undefined;
  } catch {
    return undefined;
  }
}

function askLdd(): string {
  const { stdout, stderr } = spawnSync('ldd', ['--version'], { encoding: 'utf8', timeout: 2000 });
  return `${stdout ?? ''}${stderr ?? ''}`;
}

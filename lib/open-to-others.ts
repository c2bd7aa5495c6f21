import { lstatSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Bits of a mode: others may read or write; the group may write. */
const LOOSE = 0o026;
const OTHERS_ENTER = 0o001;

/**
 * The mode of a file with a secret in it, if more users than its owner and its group can read it, or others can write
 * it: such as `644`. Undefined if not, if a folder on the way is closed to others, or if there is no such file.
 */
export function looseMode(path: string): string | undefined {
  try {
    const mode = statSync(path).mode & 0o777;
    if ((mode & LOOSE) === 0) return undefined;
    for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
      if ((lstatSync(folder).mode & OTHERS_ENTER) === 0) return undefined;
      if (folder === dirname(folder)) break;
    }
    return mode.toString(8).padStart(3, '0');
  } catch {
    return undefined; // the code that reads the file reports the error
  }
}

/** The line of the log about such a file, as a security event. */
export function looseFileLine(path: string, mode: string, what: string): string {
  const name = JSON.stringify(path);
  return `${what} in ${path} is open to other users of this machine (mode ${mode}); chmod 600 it event=secret-readable file=${name} mode=${mode}`;
}

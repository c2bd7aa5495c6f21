import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files of the library: later files use functions that earlier files define. */
const FILES = [
  'constants',
  'arguments',
  'common',
  'history',
  'stored',
  'user',
  'open',
  'resume',
  'peer',
  'presence',
  'channel',
  'join',
  'publish',
  'attributes',
  'nodes',
  'reap',
  'resync',
];

/**
 * The text of the scripts. The build puts the text itself in the place of this function (scripts/build.mjs), so that a
 * bundle needs no other files.
 */
export function readScripts(folder: string = join(__dirname, 'scripts')): string {
  return FILES.map((name) => readFileSync(join(folder, `${name}.lua`), 'utf8')).join('\n');
}

// Which lines of which files a diff changes, and which compilations show them.
import { dirname } from 'node:path';

/**
 * The changed lines of a diff without context (git diff --unified=0): file → ranges of line numbers, both ends included.
 * @returns {Map<string, [number, number][]>}
 */
export function changedLines(diff) {
  const changes = new Map();
  let file;
  for (const line of diff.split('\n')) {
    const [, name] = /^\+\+\+ (?:b\/)?(.*)$/.exec(line) ?? [];
    if (name !== undefined) file = name === '/dev/null' ? undefined : name;
    const [, first, count = '1'] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? [];
    if (first === undefined || file === undefined || count === '0') continue;
    changes.set(file, [...(changes.get(file) ?? []), [Number(first), Number(first) + Number(count) - 1]]);
  }
  return changes;
}

/** The given files in the order in which `log` names them first; what it does not name comes last. */
export function newestFirst(files, log) {
  const places = new Map();
  for (const file of log) if (!places.has(file)) places.set(file, places.size);
  const place = (file) => places.get(file) ?? places.size;
  return [...files].sort((a, b) => place(a) - place(b));
}

/** The source that belongs to a header: the one with its name, else the first that includes it, directly or not. */
function unitOf(header, all, read, seen = new Set()) {
  const own = header.replace(/\.\w+$/, '.cpp');
  if (all.includes(own)) return own;
  seen.add(header);
  const included = header.replace(/^cpp\/(include\/)?/, '');
  const users = all.filter((file) => !seen.has(file) && read(file).includes(`#include "${included}"`));
  const near = (file) => (dirname(file) === dirname(header) ? 0 : 1);
  users.sort((a, b) => near(a) - near(b));
  const source = users.find((file) => file.endsWith('.cpp'));
  if (source !== undefined) return source;
  for (const user of users) {
    const found = unitOf(user, all, read, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The sources whose compilation shows the given files, each once.
 * @param {string[]} changed sources and headers
 * @param {string[]} all every source and header there is
 * @param {(file: string) => string} read the content of a file
 */
export function unitsFor(changed, all, read) {
  const units = changed.filter((file) => all.includes(file)).map((file) => unitOf(file, all, read));
  return [...new Set(units.filter((unit) => unit !== undefined))];
}

// Which folder of lib/ may import which: the order of the rooms (docs/architecture.md). Part of lint, as "rooms".
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { filesBelow } from './tools.mjs';

/**
 * Room → what its files may import besides their own room. `base` is the files directly in lib/ but index.ts. No room may
 * reach itself through others, so there are no circles between folders.
 */
const ROOMS = {
  base: [],
  native: ['base'],
  session: ['base', 'native'],
  // The two faces of a session: neither knows the other.
  sdk: ['base', 'native', 'session'],
  client: ['base', 'native', 'session'],

  'server/stats': ['base'],
  'server/storage': ['base'],
  'server/storage/lmdb': ['base', 'server/storage'],
  'server/cluster': ['base', 'server/storage'],
  'server/cluster/redis': ['base', 'server/cluster', 'server/storage'],
  'server/bridge': ['base', 'server/callout', 'server/cluster', 'server/storage'],
  'server/callout': ['base', 'server/options'],
  'server/http': ['base', 'server/stats'],
  'server/commands': ['base'],
  'server/options': ['base', 'native', 'server/cluster', 'server/cluster/redis', 'server/http', 'server/storage'],
  server: [
    'base',
    'native',
    'server/bridge',
    'server/callout',
    'server/cluster',
    'server/cluster/redis',
    'server/commands',
    'server/http',
    'server/options',
    'server/stats',
    'server/storage',
    'server/storage/lmdb',
  ],

  'cli/terminal': ['base'],
  'cli/config': ['base', 'cli/terminal', 'server', 'server/http', 'server/options'],
  'cli/addon': ['base', 'cli/terminal', 'native'],
  'cli/doctor': ['base', 'cli/terminal', 'server'],
  'cli/server': ['base', 'cli/config', 'cli/terminal', 'server', 'server/options'],
  'cli/chat': ['base', 'cli/terminal', 'client', 'server'],
  'cli/top': ['base', 'cli/terminal', 'server/http', 'server/stats'],
  cli: ['base', 'cli/addon', 'cli/chat', 'cli/doctor', 'cli/server', 'cli/terminal', 'cli/top', 'server'],

  /** lib/index.ts: what the package exports. */
  index: ['base', 'client', 'native', 'sdk', 'server', 'server/commands', 'server/options', 'server/stats'],
};

/** Files that know the addon → the only rooms that may import them, besides the rule above. */
const FILES = {
  'native/load.ts': ['native', 'server'],
  'native/environment.ts': ['native', 'session', 'server', 'server/options'],
  'native/runtime.ts': ['native', 'session', 'sdk', 'server'],
};

const RULE = 'the order of rooms in scripts/check-imports.mjs';

/** @param {string} file relative to lib/ */
function roomOf(file) {
  const folder = dirname(file);
  if (folder !== '.') return folder;
  return file === 'index.ts' ? 'index' : 'base';
}

/** A way from a room back to itself, or undefined. */
function circleFrom(room) {
  const seen = new Set();
  const walk = (at, path) => {
    for (const next of ROOMS[at] ?? []) {
      if (next === room) return [...path, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk(next, [...path, next]);
      if (found) return found;
    }
    return undefined;
  };
  return walk(room, [room]);
}

/** Relative imports and exports of a file, as paths below lib/. */
function importsOf(file, text) {
  const plain = text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/[^\n]*/g, '$1');
  const found = plain.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']*)'/g);
  return [...found].map(([, path]) => normalize(join(dirname(file), path)).replace(/\.js$/, '.ts'));
}

/** Circles and unknown names in the table itself. */
function checkTable() {
  const problems = [];
  for (const room of Object.keys(ROOMS)) {
    const circle = circleFrom(room);
    if (circle) problems.push(`${RULE}: a circle: ${circle.join(' → ')}`);
    for (const other of ROOMS[room]) if (!(other in ROOMS)) problems.push(`${RULE}: ${room} names no room: ${other}`);
  }
  return problems;
}

/**
 * @param {string} file relative to lib/
 * @param {string} text its source
 * @returns {{ imports: number, problems: string[] }} a line for each import against the order
 */
export function checkFile(file, text) {
  const room = roomOf(file);
  if (!(room in ROOMS)) return { imports: 0, problems: [`lib/${file}: lib/${room} is not in ${RULE}`] };
  const problems = [];
  const imports = importsOf(file, text);
  for (const imported of imports) {
    const other = roomOf(imported);
    if (other !== room && !ROOMS[room].includes(other)) {
      const allowed = ROOMS[room].join(', ') || 'nothing';
      problems.push(`lib/${file} imports lib/${imported}: ${room} may import ${allowed} (${RULE})`);
    } else if (FILES[imported] && !FILES[imported].includes(room)) {
      problems.push(`lib/${file} imports lib/${imported}: only ${FILES[imported].join(', ')} may (${RULE})`);
    }
  }
  return { imports: imports.length, problems };
}

function main() {
  const problems = checkTable();
  let count = 0;
  for (const path of filesBelow('lib').filter((each) => each.endsWith('.ts'))) {
    const found = checkFile(path.replace(/^lib\//, ''), readFileSync(path, 'utf8'));
    count += found.imports;
    problems.push(...found.problems);
  }
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    return false;
  }
  console.log(`rooms: ${count} imports of lib/ keep the order of ${Object.keys(ROOMS).length} rooms`);
  return true;
}

if (process.argv[1] === new URL(import.meta.url).pathname) process.exitCode = main() ? 0 : 1;

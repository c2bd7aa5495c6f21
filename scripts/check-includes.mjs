// Which folder of cpp/ may include which: the order of the rooms, and no circles between the folders of a room
// (docs/architecture.md). Part of lint, as "rooms".
// Usage: node scripts/check-includes.mjs [--graph]     --graph prints the folders that each folder includes
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path/posix';
import { fileURLToPath } from 'node:url';
import { filesBelow } from './tools.mjs';

/** Room → the rooms that its files may include besides their own. `include` holds the public headers. */
const ROOMS = {
  base: [],
  wire: ['base'],
  net: ['base', 'wire'],
  include: [],
  client: ['base', 'wire', 'net'],
  sdk: ['base', 'wire', 'net', 'client', 'include'],
  wrappers: ['include'],
  server: ['base', 'wire', 'net'],
  binding: ['base', 'wire', 'net', 'client', 'server'],
};

const RULE = 'the order of rooms in scripts/check-includes.mjs';

/** @param {string} file relative to cpp/ */
const roomOf = (file) => file.split('/')[0];

/**
 * The unit that must not include itself through others: a folder, or a header and its source that stand directly in a
 * room. Files at the top of a room may stand above some of its folders and below others.
 * @param {string} file relative to cpp/
 */
function unitOf(file) {
  const folder = dirname(file);
  return folder.includes('/') ? folder : file.replace(/\.[a-z]+$/, '');
}

/** Files of cpp/ that a text includes, relative to cpp/. */
function includesOf(text, exists) {
  return [...text.matchAll(/^\s*#\s*include\s+"([^"]+)"/gm)]
    .map(([, path]) => (exists(path) ? path : join('include', path)))
    .filter(exists);
}

/** The shortest way from a unit back to itself, as the includes on that way; undefined if there is none. */
function circleFrom(start, graph) {
  const cameBy = new Map([[start, undefined]]);
  for (const unit of cameBy.keys()) {
    for (const [next, include] of graph.get(unit) ?? []) {
      if (next === start) {
        const way = [include];
        for (let at = unit; at !== start; at = cameBy.get(at).from) way.unshift(cameBy.get(at).include);
        return way;
      }
      if (!cameBy.has(next)) cameBy.set(next, { from: unit, include });
    }
  }
  return undefined;
}

/**
 * @param {Map<string, string>} files path relative to cpp/ → text
 * @returns {{ includes: number, units: Map<string, Map<string, unknown>>, problems: string[] }} a line for each include
 *   against the order, and one for each circle
 */
export function checkIncludes(files) {
  const problems = [];
  const graph = new Map();
  let includes = 0;
  for (const [file, text] of files) {
    const room = roomOf(file);
    if (!(room in ROOMS)) {
      problems.push(`cpp/${file}: cpp/${room} is not in ${RULE}`);
      continue;
    }
    for (const included of includesOf(text, (path) => files.has(path))) {
      includes += 1;
      const other = roomOf(included);
      if (other !== room && !ROOMS[room].includes(other)) {
        const allowed = ROOMS[room].join(', ') || 'no other room';
        problems.push(`cpp/${file} includes cpp/${included}: ${room} may include ${allowed} (${RULE})`);
        continue;
      }
      const [from, to] = [unitOf(file), unitOf(included)];
      if (from === to) continue;
      if (!graph.has(from)) graph.set(from, new Map());
      const edges = graph.get(from);
      if (!edges.has(to)) edges.set(to, { from: file, to: included });
    }
  }
  const reported = new Set();
  for (const unit of [...graph.keys()].sort()) {
    const circle = circleFrom(unit, graph);
    if (!circle) continue;
    const units = circle.map(({ from }) => unitOf(from));
    const name = [...units].sort().join(' ');
    if (reported.has(name)) continue;
    reported.add(name);
    const steps = circle.map(({ from, to }) => `  cpp/${from} includes cpp/${to}`);
    problems.push(`a circle: ${[...units, units[0]].map((each) => `cpp/${each}`).join(' → ')}\n${steps.join('\n')}`);
  }
  return { includes, units: graph, problems };
}

function main() {
  const paths = filesBelow('cpp').filter((path) => /\.(hpp|cpp|h)$/.test(path));
  const files = new Map(paths.map((path) => [path.replace(/^cpp\//, ''), readFileSync(path, 'utf8')]));
  const { includes, units, problems } = checkIncludes(files);
  if (process.argv.includes('--graph')) {
    for (const [unit, edges] of [...units].sort()) console.log(`${unit}: ${[...edges.keys()].sort().join(' ')}`);
  }
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    return false;
  }
  console.log(
    `rooms: ${includes} includes of cpp/ keep the order of ${Object.keys(ROOMS).length} rooms, without circles`,
  );
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url) && !main()) process.exitCode = 1;

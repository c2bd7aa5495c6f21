// Whether the messages of new commits keep rule 13 of CONTRIBUTING.md. Part of lint, as "commits". For each commit after
// `since` but merges:
//   - the subject is `area: imperative`, both in lower case, of at most 72 characters;
//   - a commit that changes more than 20 lines says why, in a body after an empty line. Generated files do not count.
// Commits before are as they are: their ids are cited. Without Git, or without that commit, there is nothing to check.
// Usage: node scripts/check-commits.mjs [--since <revision>]
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { inRoot, root } from './tools.mjs';

/** The last commit before this check. */
const SINCE = '818ec4b';
const MOST_CHARACTERS = 72;
const MOST_LINES = 20;

/** Words with which no imperative begins. */
const notImperative = /^(?:an?|it|no|that|the|there|these|they|this|those|we)\b|^\w+ing\b/;
/** Imperatives that look like another form. */
const imperatives = /^(?:bring|ping|ring|string|swing)\b/;

/**
 * @param {{ id: string, subject: string, body: string, lines: number }} commit `lines`: added and removed by hand
 * @returns {string[]} what is wrong with its message
 */
export function problemsOf({ id, subject, body, lines }) {
  const problems = [];
  const place = `commit ${id}: "${subject}"`;
  const [, text] = /^[a-z][a-z0-9-]*(?:, [a-z][a-z0-9-]*)*: (\S.*)$/.exec(subject) ?? [];
  const length = [...subject].length;
  if (length > MOST_CHARACTERS) {
    problems.push(`${place}: expected at most ${MOST_CHARACTERS} characters, got ${length}`);
  }
  if (text === undefined) problems.push(`${place}: expected "area: imperative" with the area in lower case`);
  else if (/^[A-Z][a-z]/.test(text)) problems.push(`${place}: expected lower case after the area`);
  else if (notImperative.test(text) && !imperatives.test(text)) {
    problems.push(`${place}: expected an imperative after the area, got "${text.split(' ')[0]}"`);
  }
  if (lines > MOST_LINES && body.trim() === '') {
    problems.push(
      `${place}: expected a body that says why, since it changes ${lines} lines; at most ${MOST_LINES} go without`,
    );
  }
  return problems;
}

const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });

/** The commits after a revision, the newest first; undefined if Git does not know it. */
function commitsAfter(since, isGenerated) {
  if (git('cat-file', '-e', `${since}^{commit}`).status !== 0) return undefined;
  const { status, stdout } = git(
    'log',
    '--no-merges',
    '--numstat',
    '--format=%x00%h%x01%s%x01%b%x01',
    `${since}..HEAD`,
  );
  if (status !== 0) return undefined;
  return stdout
    .split('\0')
    .slice(1)
    .map((text) => {
      const [id, subject, body, counts] = text.split('\x01');
      const lines = [...counts.matchAll(/^(\d+)\t(\d+)\t(.*)$/gm)]
        .filter(([, , , path]) => !isGenerated(path))
        .reduce((sum, [, added, removed]) => sum + Number(added) + Number(removed), 0);
      return { id, subject, body, lines };
    });
}

function main() {
  const { values } = parseArgs({ options: { since: { type: 'string', default: SINCE } } });
  const generated = new Set(
    [...readFileSync(inRoot('.gitattributes'), 'utf8').matchAll(/^(\S+) linguist-generated$/gm)].map(
      ([, path]) => path,
    ),
  );
  const commits = commitsAfter(values.since, (path) => generated.has(path) || path === 'package-lock.json');
  if (commits === undefined) {
    console.log(`commits: not checked, because ${values.since} is not in the history that is here`);
    return true;
  }
  const problems = commits.flatMap(problemsOf);
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    return false;
  }
  console.log(`commits: the messages of ${commits.length} commits after ${values.since} keep the rule`);
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url) && !main()) process.exitCode = 1;

// The whole check of the project, for .ci/run: the parts of scripts/ci-parts.mjs in two lanes. Each part's output is printed
// in one piece when the part ends. Each part counts as one check, "npm test" as the tests that it ran. A part that passes and
// whose last line begins with "skipped: " counts neither way and is named at the end. The last line is "N passed, N failed".
// Usage: node scripts/ci.mjs [--only <part>]... [--dry-run] [--failing <part>]
//   --only <part>     runs this part and takes the parts that it needs for done; may be repeated
//   --dry-run         runs a command that only names itself instead of each part
//   --failing <part>  with --dry-run: this part fails
//   --skipping <part> with --dry-run: this part says that it is skipped
import { parseArgs } from 'node:util';
import { parts } from './ci-parts.mjs';
import { sideBySide } from './side-by-side.mjs';
import { elapsed } from './tools.mjs';

/** What a slow day may take, in seconds. */
const budget = 78 * 60;
/** Of each failed part, at the end. */
const linesShown = 60;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    'dry-run': { type: 'boolean', default: false },
    failing: { type: 'string' },
    skipping: { type: 'string' },
  },
});
const named = [...(values.only ?? []), values.failing, values.skipping].filter((name) => name !== undefined);
const unknown = named.find((name) => !parts.some((part) => part.name === name));
if (unknown !== undefined) {
  console.error(`there is no part "${unknown}"; there are\n  ${parts.map(({ name }) => name).join('\n  ')}`);
  process.exit(2);
}

/** The parts that run, each without what is not among them. */
function chosenParts() {
  const isChosen = (name) => values.only === undefined || values.only.includes(name);
  const chosen = parts.filter(({ name }) => isChosen(name));
  return chosen.map(({ after = [], following = [], ...part }) => ({
    ...part,
    after: after.filter(isChosen),
    following: following.filter(isChosen),
    steps: stepsOf(part),
  }));
}

/** Stands for a part in a dry run. */
function pretence({ name, command }) {
  const skipped = name === values.skipping ? 'echo "skipped: no mirror"' : ':';
  const totals = name === 'npm test' ? 'echo "3 passed, 0 failed"' : skipped;
  const end = name === values.failing ? 'exit 1' : 'exit 0';
  return ['sh', '-c', `echo "$0"; ${totals}; ${end}`, command.join(' ')];
}

/** The program of a part, which is asked for when the part starts: nothing runs past the budget. */
function stepsOf(part) {
  return async () => {
    const left = budget - Math.ceil(process.uptime());
    if (left < 1) throw new Error('no time left');
    const [command, ...args] = values['dry-run'] ? pretence(part) : part.command;
    const { env, niceness, limit } = part;
    return [{ command, args, options: { env, niceness, timeout: Math.min(limit, left) } }];
  };
}

let passed = 0;
let failed = 0;
const failures = [];
const skips = [];

/** The end of what a failed part printed: it is shown again at the end, since the output of all parts is long. */
const lastLines = (output) => output.trimEnd().split('\n').slice(-linesShown).join('\n');

/** "npm test" says itself how many tests passed and failed. */
function count({ name, ok, output }) {
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  if (ok && last.startsWith('skipped: ')) {
    skips.push(`${name}: ${last.slice('skipped: '.length)}`);
    return;
  }
  const totals = name === 'npm test' ? [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1) : undefined;
  const own = totals === undefined ? { passed: ok ? 1 : 0, failed: 0 } : { passed: +totals[1], failed: +totals[2] };
  if (!parts.find((part) => part.name === name).preparation) passed += own.passed;
  failed += ok ? own.failed : Math.max(own.failed, 1);
  if (!ok || own.failed > 0) failures.push({ name, said: lastLines(output) });
}

await sideBySide(chosenParts(), {
  started: ({ name, lane }) => console.log(`##### ${name}: started in lane ${lane} [${elapsed()}]`),
  ended: (outcome) => {
    const { name, ok, output, seconds } = outcome;
    console.log(`\n##### ${name} [${elapsed()}]\n${output.trimEnd()}`);
    console.log(`##### ${name}: ${ok ? 'ok' : 'FAILED'}, ${seconds} s\n`);
    count(outcome);
  },
});
console.log(`\n##### done in ${elapsed()}`);
if (skips.length > 0) console.log(`skipped:\n  ${skips.join('\n  ')}`);
for (const { name, said } of failures) console.log(`\n##### the end of ${name}, which failed\n${said}`);
if (failures.length > 0) console.log(`\nfailed:\n  ${failures.map(({ name }) => name).join('\n  ')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

// Compares the cost of a message with the committed figures of test/guard/figures.json: instructions (callgrind) and
// allocations in C++, system calls from one user to another, and bytes of JavaScript's heap. None of these costs depends on
// the load of the machine.
// Usage: node scripts/check-guard.mjs [--update]     --update writes the figures of this build
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildCpp } from './build.mjs';
import { ensurePackages } from './packages.mjs';
import { inRoot, run } from './tools.mjs';

const MESSAGES = 6400;
const RUNS = 5;
/** How far a cost may be above its figure. A cost that is lower by as much is a win, and its figure should be committed. */
const TOLERANCE = { instructions: 0.05, allocations: 0.1, systemCalls: 0.1, heapBytes: 0.1 };
/** A small cost may also rise by this much per 1,000 messages, because a percentage of it allows nothing. */
const SLACK = { instructions: 0, allocations: 5, systemCalls: 0, heapBytes: 0 };

const file = inRoot('test/guard/figures.json');
const program = inRoot('build-cpp/rtm_guard');
const quiet = { capture: true, timeout: 60 };

async function output(command, args) {
  const { ok, output: text } = await run(command, args, quiet);
  if (!ok) throw new Error(`${command} ${args.join(' ')} failed:\n${text}`);
  return text;
}

function numberAfter(label, text) {
  const found = new RegExp(`${label}\\s*:?\\s*([\\d.]+)`).exec(text);
  if (found === null) throw new Error(`expected "${label} <number>", got:\n${text}`);
  return Number(found[1]);
}

const perThousand = (total) => Math.round((total / MESSAGES) * 1000);

/** The number of system calls depends on how the threads take turns, so the best of several runs counts. */
async function fewestSystemCalls(name) {
  const runs = [];
  for (let run = 0; run < RUNS; run++) {
    runs.push(perThousand(numberAfter('system calls', await output(program, [name, String(MESSAGES)]))));
  }
  return Math.min(...runs);
}

/** The costs of this build, per 1,000 messages. */
async function measure() {
  const figures = {};
  for (const line of (await output(program, [])).trim().split('\n')) {
    const [name, only] = line.split(': ');
    if (only !== undefined) {
      figures[name] = { systemCalls: await fewestSystemCalls(name) };
      continue;
    }
    const valgrind = ['--tool=callgrind', '--callgrind-out-file=/dev/null', '--toggle-collect=guardMeasured'];
    const text = await output('valgrind', [...valgrind, program, name, String(MESSAGES)]);
    figures[name] = {
      instructions: perThousand(numberAfter('Collected', text)),
      allocations: perThousand(numberAfter('allocations', text)),
    };
  }
  const heap = ['--predictable', '--expose-gc', '--max-semi-space-size=64', inRoot('test/guard/decode.mjs')];
  for (const line of (await output(process.execPath, heap)).trim().split('\n')) {
    const { name, bytes } = JSON.parse(line);
    figures[name] = { heapBytes: Math.round(bytes * 1000) };
  }
  return figures;
}

/** A line for each cost that is outside its tolerance. */
function compare(expected, actual) {
  const wrong = [];
  for (const name of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    for (const cost of new Set([...Object.keys(expected[name] ?? {}), ...Object.keys(actual[name] ?? {})])) {
      const [was, is] = [expected[name]?.[cost], actual[name]?.[cost]];
      if (was === undefined || is === undefined) {
        wrong.push(`${name}: ${cost} is ${is}, the figures say ${was}: run it with --update`);
        continue;
      }
      const allowed = was * TOLERANCE[cost] + SLACK[cost];
      const change = was === 0 ? '' : ` (${is >= was ? '+' : ''}${((is / was - 1) * 100).toFixed(1)} %)`;
      console.log(`  ${`${name}, ${cost}`.padEnd(32)} ${String(is).padStart(9)} per 1,000, was ${was}${change}`);
      if (is > was + allowed) {
        wrong.push(
          `${name}: ${cost} per 1,000 messages rose from ${was} to ${is}; at most ${Math.floor(was + allowed)}`,
        );
      } else if (is < was - allowed) {
        console.log('    cheaper than the figure: commit the win with --update');
      }
    }
  }
  return wrong;
}

const { values } = parseArgs({ options: { update: { type: 'boolean', default: false } } });
if (!(await ensurePackages('cpp', 'guard'))) process.exit(1);
if (!(await buildCpp({ target: 'rtm_guard' }))) process.exit(1);
const compiler = (await output('c++', ['--version'])).split('\n')[0];
const node = process.version.split('.')[0];
const figures = await measure();
if (values.update) {
  writeFileSync(file, `${JSON.stringify({ compiler, node, per1000Messages: figures }, undefined, 2)}\n`);
  console.log(`written: ${file}`);
  process.exit(0);
}
const committed = JSON.parse(readFileSync(file, 'utf8'));
if (committed.compiler !== compiler || committed.node !== node) {
  console.log(`the figures are of ${committed.compiler} and Node ${committed.node}; here are ${compiler} and ${node}`);
}
const wrong = compare(committed.per1000Messages, figures);
for (const line of wrong) console.error(line);
if (wrong.length > 0)
  console.error('If that is the price of something worth it: node scripts/check-guard.mjs --update, and say so.');
process.exitCode = wrong.length === 0 ? 0 : 1;

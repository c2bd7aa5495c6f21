// Runs independent parts of a check side by side, and prints the output of each part in one piece when the part ends.
import { elapsed, run } from './tools.mjs';

/**
 * @typedef {object} Step one program
 * @property {string} command
 * @property {string[]} args
 * @property {{ env?: Record<string, string | undefined>, timeout?: number, cwd?: string }} [options] as `run` takes them
 *
 * @typedef {object} Part
 * @property {string} name unique; other parts name it in `after`
 * @property {Step[] | (() => Promise<Step[]>)} steps run in order until one fails
 * @property {string} [lane] the queue in which the part waits; the parts of one lane start in the order of the list
 * @property {string[]} [after] parts that must have passed; if one of them fails, this part fails without being run
 * @property {string[]} [following] parts that must have ended, well or not
 *
 * @typedef {object} Outcome
 * @property {string} name
 * @property {boolean} ok
 * @property {string} output everything that the steps wrote, in order
 * @property {number} seconds
 */

/** Runs the steps of a part until one fails. */
async function runSteps(part, runStep, collect) {
  for (const { command, args, options = {} } of typeof part.steps === 'function' ? await part.steps() : part.steps) {
    const { ok } = await runStep(command, args, { ...options, capture: true, onOutput: collect });
    if (!ok) return false;
  }
  return true;
}

/**
 * Runs all parts and returns their outcomes in the order in which they ended.
 * @param {Part[]} parts
 * @param {{ lanes?: Record<string, number>, width?: number, runStep?: typeof run,
 *   started?: (part: Part) => void, ended?: (outcome: Outcome) => void }} [how]
 *   lanes: how many parts of a lane run at a time (1 unless named); width: how many parts without a lane (2);
 *   ended: called once for each part, never while another call of it runs
 */
export async function sideBySide(parts, { lanes = {}, width = 2, runStep = run, started, ended } = {}) {
  const names = new Set(parts.map((part) => part.name));
  if (names.size < parts.length) throw new Error('two parts have the same name');
  for (const { name, after = [], following = [] } of parts) {
    const unknown = [...after, ...following].find((each) => !names.has(each));
    if (unknown !== undefined) throw new Error(`${name}: runs after "${unknown}", which is no part`);
  }
  const waiting = [...parts];
  const running = new Map();
  const outcomes = [];
  const outcomeOf = (name) => outcomes.find((outcome) => outcome.name === name);
  const roomIn = (lane) =>
    [...running.keys()].filter((part) => part.lane === lane).length < (lane === undefined ? width : (lanes[lane] ?? 1));

  const finish = (outcome) => {
    outcomes.push(outcome);
    ended?.(outcome);
  };
  const start = (part) => {
    started?.(part);
    const since = performance.now();
    let output = '';
    const collect = (text) => {
      output += text;
    };
    const work = runSteps(part, runStep, collect)
      .catch((error) => {
        collect(`${error.stack ?? error}\n`);
        return false;
      })
      .then((ok) => {
        running.delete(part);
        finish({ name: part.name, ok, output, seconds: Math.round((performance.now() - since) / 1000) });
      });
    running.set(part, { work, outputSoFar: () => output });
  };

  const showUnfinished = () => {
    for (const [part, { outputSoFar }] of running) console.log(`\n##### ${part.name}: interrupted\n${outputSoFar()}`);
  };
  process.on('exit', showUnfinished);
  while (waiting.length + running.size > 0) {
    const before = waiting.length;
    for (const part of [...waiting]) {
      const { after = [], following = [] } = part;
      const failed = after.find((name) => outcomeOf(name)?.ok === false);
      if (failed === undefined && !([...after, ...following].every(outcomeOf) && roomIn(part.lane))) continue;
      waiting.splice(waiting.indexOf(part), 1);
      if (failed === undefined) start(part);
      else finish({ name: part.name, ok: false, output: `not run, because this failed: ${failed}\n`, seconds: 0 });
    }
    if (running.size > 0) await Promise.race([...running.values()].map(({ work }) => work));
    else if (waiting.length > 0 && waiting.length === before) {
      throw new Error(`these parts wait for each other: ${waiting.map((part) => part.name).join(', ')}`);
    }
  }
  process.off('exit', showUnfinished);
  return outcomes;
}

/** Prints a part's output under a heading. */
export function printOutcome({ name, ok, output, seconds }) {
  const text = output.trimEnd();
  console.log(`\n=== ${name}: ${ok ? 'ok' : 'FAILED'}, ${seconds} s [${elapsed()}]${text === '' ? '' : `\n${text}`}`);
}

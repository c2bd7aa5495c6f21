// The path of somebody who clones the project on a fresh Debian with nothing but Node: the commands that README.md names.
import { join } from 'node:path';
import { root as clone, run } from '../tools.mjs';
import { runtimeOfNode, waysOfNode } from './managers.mjs';
import { Failure, project, secondsSince, within } from './place.mjs';

const major = '22';
/** A compiler on a busy machine needs long; nothing here waits for a clock. */
const limit = 5400;
/** The settings of this machine for compilers. */
const passed = Object.fromEntries(
  ['RTM_JOBS', 'RTM_BUILD_NICENESS'].flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
);

/** The user's clone, of the last commit. */
async function makeClone(place) {
  const folder = join(place.home, project);
  const { ok, output } = await run('git', ['clone', '--quiet', '--no-hardlinks', clone, folder], { capture: true });
  if (!ok) throw new Failure('git clone', output);
  await run('chown', ['-R', `--reference=${place.home}`, folder]);
}

/** `npm install && npm start`. Returns the seconds of both. */
async function twoCommands(place) {
  const start = performance.now();
  await place.must('npm install', ['npm', 'install'], { env: passed, timeout: limit });
  const installSeconds = secondsSince(start);
  const begun = performance.now();
  const output = await place.must('npm start', ['npm', 'start'], { env: passed, timeout: limit });
  if (!output.includes('Both have logged out')) throw new Failure('npm start: expected its last line', output);
  const megabytes = await place.megabytes(project);
  return { installSeconds, minuteSeconds: secondsSince(begun), megabytes };
}

/** Without the right to install: one line names the packages; when somebody has installed them, all works. */
async function withoutRights(place) {
  const { ok, output } = await place.start(['npm', 'install'], { env: passed, timeout: limit });
  const line = /^ +sudo (apt-get install -y .*)$/m.exec(output)?.[1];
  if (ok || line === undefined) throw new Failure('expected a line that names the missing packages', output);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const asRoot = { user: 'root', env, timeout: limit };
  await place.must('apt-get update', ['apt-get', '-q', 'update'], asRoot);
  await place.must(line, [...line.split(' '), '--no-install-recommends'], asRoot);
  return twoCommands(place);
}

async function withTests(place) {
  const measured = await twoCommands(place);
  const output = await place.must('npm test', ['npm', 'test'], { env: passed, timeout: limit });
  if (!/^\d+ passed, 0 failed$/m.test(output)) throw new Failure('npm test: expected no failure', output);
  return measured;
}

function newcomer(root, installer, user, body) {
  const runtime = runtimeOfNode(major);
  const way = { ...waysOfNode(major).npm, user };
  return {
    root,
    runtime: runtime.label,
    installer,
    run: (world) =>
      within(world, { root, runtime, way, writable: true, makeProject: makeClone }, (place) => body(place)),
  };
}

/** Every case, by name. */
export const newcomerCases = () => ({
  'newcomer/root': newcomer('bookworm', 'as root', 'root', twoCommands),
  'newcomer/sudo': newcomer('bookworm-sudo', 'as a user with sudo', undefined, twoCommands),
  'newcomer/user': newcomer('bookworm', 'as a user without sudo', undefined, withoutRights),
  'newcomer/tests': newcomer('bookworm-sudo', 'with sudo, then npm test', undefined, withTests),
});

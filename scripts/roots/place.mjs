// One case of scripts/check-release.mjs: somebody's home in a root, with a project, a runtime and a package manager.
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchNpm } from '../prebuild/fetch.mjs';
import { inRoot, run } from '../tools.mjs';
import { complaint, settingsFor } from './managers.mjs';
import { newHome, removeFolder, rootFolder, runIn, writableRoot } from './root.mjs';

const ordinary = 'somebody';
const programs = inRoot('scripts/roots/programs');
/** The folder of the project below the home. */
export const project = 'project';
/** Under qemu, which knows nothing of this machine's speed. */
const slow = 10;

/** What a case found wrong: one line, and all that was printed. */
export class Failure extends Error {
  constructor(message, output = '') {
    super(message);
    this.output = output;
  }
}

/** The line of an output that says what went wrong. */
export function reasonIn(output) {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.find((line) => /error|not load|cannot|failed|ERR_/i.test(line)) ?? lines.at(-1) ?? 'no output';
}

export const secondsSince = (start) => (performance.now() - start) / 1000;

/** One case's home in a root, and the programs that run there. */
export class Place {
  constructor(world, { root, user = ordinary, runtime, manager, writable = false, emulator = [], env = {} }) {
    this.world = world;
    this.root = root;
    this.user = user;
    this.home = newHome(user);
    this.writable = writable;
    this.emulator = emulator;
    this.env = { ...settingsFor(world.registry), ...env };
    this.binds = [`${programs}:/opt/try:ro`];
    if (runtime !== undefined) this.binds.push(`${runtime}:/opt/runtime:ro`);
    if (manager !== undefined) this.binds.push(`${manager}:/opt/manager:ro`);
    if (emulator.length > 0) this.binds.push(`${world.qemu}:/opt/qemu:ro`);
  }

  end() {
    removeFolder(this.home);
    if (this.writable) removeFolder(this.root);
  }

  async makeProject() {
    mkdirSync(join(this.home, project));
    for (const file of ['minute.mjs', 'load.mjs', 'beside-server.mjs']) {
      copyFileSync(join(programs, file), join(this.home, project, file));
    }
    writeFileSync(join(this.home, project, 'package.json'), '{ "private": true }\n');
    await run('chown', ['-R', `--reference=${this.home}`, join(this.home, project)]);
  }

  /** Runs a command in the project, as its owner or as another user. */
  start(command, { env = {}, ...options } = {}) {
    const [program, ...args] = command;
    const emulated = program === 'node' ? ['/opt/runtime/bin/node'] : ['/opt/runtime/bin/node', program];
    const words = this.emulator.length > 0 ? [...this.emulator, ...emulated] : [program];
    const { root, user: owner, home, binds, writable } = this;
    const settings = { owner, home, cwd: project, binds, writable, ...options, env: { ...this.env, ...env } };
    return runIn(root, [...words, ...args], settings);
  }

  async must(what, command, options = {}) {
    const result = await this.start(command, options);
    if (!result.ok) throw new Failure(`${what}: ${reasonIn(result.output)}`, result.output);
    return result.output;
  }

  /** Kilobytes on the disk, of paths below the home. */
  async megabytes(...paths) {
    const present = paths.map((path) => join(this.home, path)).filter((path) => existsSync(path));
    const { output } = await run('du', ['-skc', ...present], { capture: true });
    return Number(/^(\d+)\ttotal$/m.exec(output)?.[1]) / 1024;
  }
}

/** Installs the package. Returns seconds. */
export async function install(place, way, options = {}) {
  const start = performance.now();
  const timeout = place.emulator.length > 0 ? 120 * slow : 120;
  const output = await place.must('installation', way.install, { timeout, ...options });
  const line = output.split('\n').find((each) => complaint.test(each));
  if (line !== undefined) throw new Failure(`expected an installation without remarks: ${line.trim()}`, output);
  return secondsSince(start);
}

const lines = /^(import|require): delivered, "you said: hello", alice and bob$/;

/** The first minute by import and by require. */
export async function firstMinute(place, way, options = {}) {
  for (const how of ['import', 'require']) {
    const timeout = place.emulator.length > 0 ? 60 * slow : 60;
    const who = options.user === undefined ? how : `${how} as ${options.user}`;
    const output = await place.must(who, [...way.start, 'minute.mjs', how], { timeout, ...options });
    const last = output.trim().split('\n').at(-1);
    if (!lines.test(last)) throw new Failure(`${who}: expected an acknowledged message, got "${last}"`, output);
  }
}

/** Fetches a runtime and makes its programs executable, which npm packages do not keep. */
export async function fetchRuntime({ pin, programs: names }) {
  const folder = await fetchNpm(pin);
  for (const name of names) chmodSync(join(folder, name), 0o755);
  return folder;
}

async function fetchManager(pin) {
  const folder = await fetchNpm(pin);
  if (existsSync(join(folder, 'pnpm'))) chmodSync(join(folder, 'pnpm'), 0o755);
  return folder;
}

/** Makes the place of a case, runs it and takes the place away. */
export async function within(world, { root, runtime, way, makeProject = (one) => one.makeProject(), ...rest }, body) {
  const place = new Place(world, {
    root: rest.writable ? await writableRoot(root, world.mirror) : await rootFolder(root, world.mirror),
    runtime: await fetchRuntime(runtime),
    manager: way?.pin === undefined ? undefined : await fetchManager(way.pin),
    user: way?.user,
    ...rest,
  });
  try {
    await makeProject(place);
    return await body(place);
  } finally {
    place.end();
  }
}

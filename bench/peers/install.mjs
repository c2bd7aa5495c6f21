// Installs a peer when it is first needed: npm packages into .cache/bench-peers, servers with apt-get.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findProgram } from './program.mjs';

const run = promisify(execFile);
const manifest = fileURLToPath(new URL('package.json', import.meta.url));
const folder = fileURLToPath(new URL('../../.cache/bench-peers', import.meta.url));
const installed = join(folder, 'package.json');

/** The module of a peer's npm package. */
export function peerPackage(name) {
  return createRequire(installed)(name);
}

/** The installed version of a peer's npm package. */
export function packageVersion(name) {
  return JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version;
}

function lastLine(error) {
  const lines = `${error.stderr ?? ''}\n${error.message ?? error}`
    .split('\n')
    .filter((line) => /error|fail|unable/i.test(line));
  return (lines[0] ?? String(error.message ?? error)).trim().slice(0, 160);
}

async function installPackages(tell) {
  const current = existsSync(installed) && readFileSync(installed, 'utf8') === readFileSync(manifest, 'utf8');
  if (current && existsSync(join(folder, 'node_modules', '.package-lock.json'))) return undefined;
  tell('installing the npm packages of the peers into .cache/bench-peers');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(manifest, installed);
  try {
    // No peer needs its install script, because each package contains its binaries.
    const how = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts', '--loglevel', 'error'];
    await run('npm', ['install', '--prefix', folder, ...how], { cwd: folder });
    return undefined;
  } catch (error) {
    rmSync(installed, { force: true });
    return `npm install failed: ${lastLine(error)}`;
  }
}

async function installServer({ command, package: name }, tell) {
  if (findProgram(command) !== undefined) return undefined;
  if (process.getuid?.() !== 0 || findProgram('apt-get') === undefined) return `apt-get install ${name}`;
  tell(`installing ${name}`);
  // With RUNLEVEL=1 a package does not start its own service.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  try {
    await run('apt-get', ['install', '-y', '--no-install-recommends', name], { env });
  } catch {
    try {
      await run('apt-get', ['update'], { env });
      await run('apt-get', ['install', '-y', '--no-install-recommends', name], { env });
    } catch (error) {
      return `apt-get install ${name} failed: ${lastLine(error)}`;
    }
  }
  return findProgram(command) === undefined ? `${name} has no program ${command}` : undefined;
}

/** Installs the systems. Returns the systems that can run, and a reason for each of the others: { ready, missing: [{ name, reason }] }. */
export async function installPeers(systems, tell) {
  const ready = [];
  const missing = [];
  let packages;
  for (const system of systems) {
    const { npm = [], debian = [] } = system.needs;
    if (npm.length > 0) packages ??= { problem: await installPackages(tell) };
    let reason = npm.length > 0 ? packages.problem : undefined;
    for (const server of debian) reason ??= await installServer(server, tell);
    if (reason === undefined) ready.push(system);
    else missing.push({ name: system.name, reason });
  }
  return { ready, missing };
}

async function programVersion(command) {
  for (const flag of ['--version', '-h']) {
    try {
      const { stdout, stderr } = await run(findProgram(command), [flag]);
      const version = /\d+\.\d+\.\d+/.exec(`${stdout}${stderr}`)?.[0];
      if (version !== undefined) return version;
    } catch (error) {
      const version = /\d+\.\d+\.\d+/.exec(`${error.stdout ?? ''}${error.stderr ?? ''}`)?.[0];
      if (version !== undefined) return version;
    }
  }
  return 'of unknown version';
}

/** ["nats 2.29.3", "nats-server 2.9.10"] */
export async function versionsOf({ needs: { npm = [], debian = [] } }) {
  const servers = await Promise.all(debian.map(async ({ command }) => `${command} ${await programVersion(command)}`));
  return [...npm.map((name) => `${name} ${packageVersion(name)}`), ...servers];
}

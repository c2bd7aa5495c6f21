// Clean roots: a Debian as small as mmdebstrap makes it, with an ordinary user and nothing else. Each is made once and kept in
// .cache/roots/ as a tarball and as a folder, which programs see read-only, so that every case finds it as it was made.
import { createHash } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot, run, which } from '../tools.mjs';

const cache = (...parts) => inRoot('.cache/roots', ...parts);

/** The user in every root who is not root. */
const ordinary = { id: 1000, name: 'somebody' };

export const homeOf = (user) => (user === 'root' ? '/root' : `/home/${ordinary.name}`);

/** Folders of a root that binds cover. */
const places = [
  'etc',
  'opt/runtime',
  'opt/manager',
  'opt/try',
  'opt/qemu',
  'proc',
  'dev',
  'tmp',
  'root',
  `home/${ordinary.name}`,
];
/** Node 26 does not start without it. */
const forNode = ['libatomic1'];

/**
 * What can be made: a suite, and for foreign processors and C libraries which packages are unpacked, since their scripts cannot
 * run here.
 */
const recipes = {
  bullseye: { suite: 'bullseye', include: forNode },
  bookworm: { suite: 'bookworm', include: forNode },
  trixie: { suite: 'trixie', include: forNode },
  'bookworm-sudo': { suite: 'bookworm', include: [...forNode, 'sudo'] },
  'trixie-arm64': {
    suite: 'trixie',
    architecture: 'arm64',
    unpacked: ['libc6', 'libstdc++6', 'libatomic1', 'base-files'],
  },
  musl: { suite: 'bookworm', unpacked: ['musl', 'busybox-static'] },
};

/** Why no root can be entered here, or undefined. */
export async function obstacle() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the roots are for Linux on x64';
  if (process.getuid?.() !== 0) return 'roots are entered by chroot, which needs root: sudo npm run check:release';
  const args = ['--mount', '--pid', '--fork', 'mount', '--make-rprivate', '/'];
  const { ok, output } = await run('unshare', args, { capture: true, timeout: 20 });
  return ok ? undefined : `this machine does not allow mounts in a namespace (CAP_SYS_ADMIN): ${output.trim()}`;
}

/** Why the packages of a root cannot be fetched, or undefined. Asks for one small file, by the settings of apt. */
export async function unreachable(name, mirror) {
  const { suite } = recipes[name];
  const folder = cache('probe');
  mkdirSync(folder, { recursive: true });
  const address = `${mirror}/dists/${suite}/InRelease`;
  const args = ['-o', 'Acquire::Retries=2', '-o', 'Acquire::http::Timeout=20', '-o', 'APT::Sandbox::User=root'];
  args.push('download-file', address, join(folder, suite));
  const { ok, output } = await run('/usr/lib/apt/apt-helper', args, { capture: true, timeout: 90 });
  if (ok) return undefined;
  const why = /^E: (.*)$/m.exec(output)?.[1] ?? output.trim().split('\n').at(-1);
  return `no packages of ${suite}: ${why}`;
}

function makeArguments({ suite, architecture, include, unpacked }) {
  const args = ['--mode=root', '--quiet', '--dpkgopt=force-unsafe-io', '--aptopt=Acquire::Retries=3'];
  args.push(`--variant=${unpacked === undefined ? 'minbase' : 'extract'}`);
  const packages = unpacked ?? include ?? [];
  if (packages.length > 0) args.push(`--include=${packages.join(',')}`);
  if (architecture !== undefined) args.push(`--architectures=${architecture}`);
  if (unpacked === undefined) {
    args.push(`--customize-hook=chroot "$1" useradd --create-home --uid ${ordinary.id} ${ordinary.name}`);
  }
  if (include?.includes('sudo')) {
    const rule = `${ordinary.name} ALL=(ALL) NOPASSWD: ALL`;
    args.push(`--customize-hook=echo '${rule}' >"$1/etc/sudoers.d/${ordinary.name}"`);
  }
  return [...args, suite];
}

/** Where a root is kept. Another recipe makes another root. */
function keptAs(name) {
  const recipe = createHash('sha256').update(makeArguments(recipes[name]).join('\n')).digest('hex');
  return cache(`${name}-${recipe.slice(0, 8)}`);
}

export const isMade = (name) => existsSync(`${keptAs(name)}.tar`);

/** The tarball of a root, which is made if it is missing. */
async function tarballOf(name, mirror) {
  const file = `${keptAs(name)}.tar`;
  if (existsSync(file)) return file;
  mkdirSync(cache(), { recursive: true });
  console.log(`  making the root ${name}`);
  const partial = `${keptAs(name)}.partial.tar`;
  const args = [...makeArguments(recipes[name]), partial, mirror];
  // Debian keeps the security updates of a suite in a place of their own; a root to try things in goes without.
  const { ok, output } = await run('mmdebstrap', args, { capture: true, timeout: 1200, env: { TMPDIR: '/var/tmp' } });
  if (!ok)
    throw new Error(`mmdebstrap ${recipes[name].suite} failed:\n${output.trim().split('\n').slice(-8).join('\n')}`);
  renameSync(partial, file);
  return file;
}

async function unpack(tarball, folder) {
  mkdirSync(folder, { recursive: true });
  const args = ['-xf', tarball, '-C', folder, '--numeric-owner'];
  const { ok, output } = await run('tar', args, { capture: true, timeout: 300 });
  if (!ok) throw new Error(`unpacking ${tarball} failed:\n${output.trim()}`);
  // mmdebstrap runs no hooks where it only unpacks packages.
  for (const place of places) mkdirSync(join(folder, place), { recursive: true });
  for (const file of ['resolv.conf', 'hosts']) writeFileSync(join(folder, 'etc', file), '', { flag: 'a' });
  if (existsSync(join(folder, 'bin/busybox'))) {
    // A shell for what programs start, and what the first line of a script names.
    for (const applet of ['bin/sh', 'usr/bin/env']) {
      if (!existsSync(join(folder, applet))) symlinkSync('/bin/busybox', join(folder, applet));
    }
  }
}

/** The folder of a root, which no case changes. */
export async function rootFolder(name, mirror) {
  const folder = keptAs(name);
  if (existsSync(folder)) return folder;
  const tarball = await tarballOf(name, mirror);
  rmSync(`${folder}.partial`, { recursive: true, force: true });
  await unpack(tarball, `${folder}.partial`);
  renameSync(`${folder}.partial`, folder);
  return folder;
}

/** Folders that end with the process, if their case does not come to it. */
const passing = new Set();
process.on('exit', () => {
  for (const folder of passing) rmSync(folder, { recursive: true, force: true });
});

function passingFolder(prefix) {
  const folder = mkdtempSync(prefix);
  passing.add(folder);
  return folder;
}

/** Removes a folder of writableRoot or newHome. */
export function removeFolder(folder) {
  rmSync(folder, { recursive: true, force: true });
  passing.delete(folder);
}

/** A root of its own for a case that installs packages of Debian. The caller removes it. */
export async function writableRoot(name, mirror) {
  const tarball = await tarballOf(name, mirror);
  const folder = passingFolder(`${keptAs(name)}-`);
  await unpack(tarball, folder);
  return folder;
}

/** A new folder that becomes somebody's home in a root. */
export function newHome(user) {
  mkdirSync(cache('homes'), { recursive: true });
  const folder = passingFolder(cache('homes', 'home-'));
  const id = user === 'root' ? 0 : ordinary.id;
  chownSync(folder, id, id);
  return folder;
}

/**
 * Runs a program in a root. It sees the root, the home, the binds and the network of this machine, and no variable of this
 * process.
 * @param {string} folder of the root
 * @param {string[]} command
 * @param {{ owner: string, home: string, user?: string, cwd?: string, binds?: string[], env?: Record<string, string>,
 *   writable?: boolean, loopbackOnly?: boolean, timeout?: number, homeOptions?: string, onOutput?: (text: string) => void }} options
 *   home: a folder of newHome, made for its owner; cwd: below it; loopbackOnly: without a network; homeOptions: ":ro" or ":noexec"
 */
export function runIn(folder, command, options) {
  const { owner, user = owner, home, cwd = '', binds = [], env = {}, writable = false, loopbackOnly = false } = options;
  const { timeout = 120, homeOptions = '', onOutput } = options;
  const id = user === 'root' ? '0' : String(ordinary.id);
  const variables = {
    PATH: '/opt/try/bin:/opt/runtime/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: homeOf(owner),
    USER: user === 'root' ? 'root' : ordinary.name,
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    ...env,
  };
  const network = ['/etc/resolv.conf', '/etc/hosts'].map((file) => `${file}:${file}:ro`);
  const args = ['--mount', '--pid', '--fork', '--kill-child', ...(loopbackOnly ? ['--net'] : [])];
  args.push('sh', inRoot('scripts/roots/enter.sh'), folder, writable ? 'writable' : 'read-only');
  args.push(
    ...network,
    `${home}:${homeOf(owner)}${homeOptions}`,
    ...binds,
    ...(loopbackOnly ? ['loopback'] : []),
    '--',
  );
  args.push(...Object.entries(variables).map(([name, value]) => `${name}=${value}`));
  args.push(which('unshare') ?? 'unshare', '--root', folder, '--wd', join(homeOf(owner), cwd));
  args.push('--setgid', id, '--setuid', id, '--', ...command);
  return run('unshare', args, { capture: true, timeout, onOutput });
}

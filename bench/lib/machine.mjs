// The machine on which the figures were measured.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

function read(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return 'unknown';
  }
}

function commit() {
  try {
    const git = (...args) => execFileSync('git', args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    // A report changes documents only, and documents do not affect the figures.
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', ':!docs').trim() !== '';
    return git('rev-parse', '--short=12', 'HEAD').trim() + (changed ? ', with changes' : '');
  } catch {
    return 'unknown';
  }
}

export function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    congestionControl: read('/proc/sys/net/ipv4/tcp_congestion_control'),
    loadAtStart: loadavg()[0],
    node: process.versions.node,
    openssl: process.versions.openssl,
    package: JSON.parse(readFileSync(`${root}/package.json`, 'utf8')).version,
    commit: commit(),
  };
}

export function machineText(about) {
  return (
    `${about.cores} cores of ${about.cpu}, ${about.memoryGiB} GiB, Linux ${about.kernel}, congestion control ` +
    `${about.congestionControl}, Node ${about.node}, load when it began ${about.loadAtStart.toFixed(1)}`
  );
}

/** Throws if a process may not open `count` files. */
export function checkOpenFiles(count) {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(read('/proc/self/limits'))?.[1];
  if (hard !== undefined && hard !== 'unlimited' && Number(hard) < count) {
    throw new Error(`${count} open files are needed per process, ${hard} are allowed: raise it (ulimit -Hn ${count})`);
  }
}

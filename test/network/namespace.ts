// Separate networks for one process: machines with one address family, or with a dead one.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixture, runChild } from '../lifecycle/child.js';

/** Whether this process may make network and mount namespaces (root, or a kernel that lets every user). */
export const canMakeNetworks =
  spawnSync('unshare', ['-n', '-m', 'sh', '-c', 'ip link set lo up && mount --bind /etc/hosts /etc/hosts']).status ===
  0;

if (!canMakeNetworks) console.warn('skipped: this process may not make network namespaces (root may)');

const dead = [
  'ip link add out type veth peer name nobody',
  'ip address add 10.99.0.1/24 dev out',
  'ip -6 address add fd99::1/64 dev out nodad',
  'ip link set out up',
  'ip link set nobody up',
  'ip neighbour add 10.99.0.2 lladdr 02:00:00:00:00:01 dev out nud permanent',
  'ip -6 neighbour add fd99::2 lladdr 02:00:00:00:00:01 dev out nud permanent',
];

/** Commands that make the network. In `deadRoutes`, 10.99.0.2 and fd99::2 swallow every packet without a word. */
export const networks = {
  dual: ['ip link set lo up'],
  onlyIpv4: ['ip link set lo up', 'ip -6 address flush dev lo'],
  onlyIpv6: ['ip link set lo up', 'ip -4 address flush dev lo'],
  deadRoutes: ['ip link set lo up', ...dead],
} as const;

export interface LoginReport {
  loginMs?: number;
  error?: string;
  message?: string;
  logins: number;
}

/**
 * Runs a program of fixtures/ in a network of its own and takes the JSON of its last line.
 * @param hosts - lines of /etc/hosts there
 */
export async function runInNetwork(
  network: keyof typeof networks,
  program: string,
  args: string[],
  hosts: string[] = [],
): Promise<{ report: Record<string, unknown>; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'rtm-network-'));
  try {
    const hostsFile = join(folder, 'hosts');
    writeFileSync(hostsFile, hosts.map((line) => `${line}\n`).join(''));
    const prepare = [...networks[network], `mount --bind ${hostsFile} /etc/hosts`, 'exec "$@"'].join(' && ');
    const path = fixture(`../../network/fixtures/${program}`);
    const command = ['-n', '-m', 'sh', '-c', prepare, 'sh', process.execPath, path, ...args];
    const child = await runChild(command, { program: 'unshare' });
    if (child.code !== 0) throw new Error(`the child ended with ${child.signal ?? child.code}: ${child.output}`);
    return { report: JSON.parse(child.output.trim().split('\n').at(-1) ?? ''), output: child.output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs fixtures/login.mjs in a network of its own. */
export async function loginIn(
  network: keyof typeof networks,
  listenHost: string,
  endpointHosts: string[],
  hosts: string[] = [],
): Promise<LoginReport> {
  return (await runInNetwork(network, 'login.mjs', [listenHost, ...endpointHosts], hosts))
    .report as unknown as LoginReport;
}

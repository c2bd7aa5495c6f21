// Networks of their own for one process: what a machine with one family, or with a dead one, looks like.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixture, runChild } from '../lifecycle/child.js';

/** Whether this process may make network and mount namespaces (root, or a kernel that lets anybody). */
export const canMakeNetworks =
  spawnSync('unshare', ['-n', '-m', 'sh', '-c', 'ip link set lo up && mount --bind /etc/hosts /etc/hosts']).status ===
  0;

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
 * Runs fixtures/login.mjs in a network of its own.
 * @param hosts - lines of /etc/hosts there
 */
export async function loginIn(
  network: keyof typeof networks,
  listenHost: string,
  endpointHosts: string[],
  hosts: string[] = [],
): Promise<LoginReport> {
  const folder = mkdtempSync(join(tmpdir(), 'rtm-network-'));
  try {
    const hostsFile = join(folder, 'hosts');
    writeFileSync(hostsFile, hosts.map((line) => `${line}\n`).join(''));
    const program = fixture('../../network/fixtures/login.mjs');
    const prepare = [...networks[network], `mount --bind ${hostsFile} /etc/hosts`, 'exec "$@"'].join(' && ');
    const command = ['-n', '-m', 'sh', '-c', prepare, 'sh', process.execPath, program, listenHost, ...endpointHosts];
    const child = await runChild(command, { program: 'unshare' });
    if (child.code !== 0) throw new Error(`the child ended with ${child.signal ?? child.code}: ${child.output}`);
    return JSON.parse(child.output.trim().split('\n').at(-1) ?? '') as LoginReport;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

// CPU time and memory of processes. All CPU figures are seconds, user and system, of all threads.
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100; // USER_HZ, the same on all Linux machines

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** CPU seconds of a process so far: from the scheduler's nanoseconds if the kernel has them, otherwise in ticks of 10 ms. */
export function cpuOf(pid) {
  try {
    const threads = readdirSync(`/proc/${pid}/task`).map((task) => read(`/proc/${pid}/task/${task}/schedstat`));
    const known = threads.filter((text) => text !== undefined);
    const sum = known.reduce((total, text) => total + Number(text.split(' ')[0]), 0);
    if (sum > 0) return sum / 1e9;
  } catch {}
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) throw new Error(`process ${pid} has ended`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** CPU seconds so far of each thread of this process whose name begins with `prefix`; empty where the kernel does not tell. */
export function cpuOfThreads(prefix) {
  const cpu = new Map();
  for (const task of readdirSync('/proc/self/task')) {
    if (!read(`/proc/self/task/${task}/comm`)?.startsWith(prefix)) continue;
    const text = read(`/proc/self/task/${task}/schedstat`);
    if (text !== undefined) cpu.set(task, Number(text.split(' ')[0]) / 1e9);
  }
  return cpu;
}

/** CPU seconds of this process so far. */
export function cpuOfThis() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** CPU seconds of the JavaScript thread of this process so far; NaN where the kernel does not tell. */
export function cpuOfMainThread() {
  const text = read(`/proc/self/task/${process.pid}/schedstat`);
  return text === undefined ? Number.NaN : Number(text.split(' ')[0]) / 1e9;
}

function memoryLine(pid, name) {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  if (kib === undefined) throw new Error(`process ${pid} has ended`);
  return Number(kib) * 1024;
}

/** Resident memory of a process in bytes. */
export const memoryOf = (pid) => memoryLine(pid, 'VmRSS');

/** The same without the pages of files. */
export const anonymousMemoryOf = (pid) => memoryLine(pid, 'RssAnon');

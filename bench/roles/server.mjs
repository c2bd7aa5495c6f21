// The server of a run. Our server and servers in JavaScript run in this process; other servers are child processes.
import { setTimeout as pause } from 'node:timers/promises';
import { cpuOf, cpuOfThis, cpuOfThreads, memoryOf } from '../lib/proc.mjs';
import { play } from '../lib/role.mjs';
import { systemNamed } from '../systems.mjs';

const RESUME_MS = 60_000;

let server;
let marked;
let loopsMarked;

/** For our server: the CPU seconds since the mark of the busiest loop. */
function busiestLoop() {
  const used = [...cpuOfThreads('rtm-server')].map(([task, cpu]) => cpu - (loopsMarked.get(task) ?? 0));
  return used.length === 0 ? Number.NaN : Math.max(...used);
}

const cpu = () => (server.pid === undefined ? cpuOfThis() : cpuOf(server.pid));

play(
  {
    async start({ system, ...context }) {
      server = await systemNamed(system).startServer(context);
      return { address: server.address, port: server.port };
    },
    mark() {
      marked = cpu();
      loopsMarked = cpuOfThreads('rtm-server');
      return {};
    },
    /** CPU seconds since the mark, in all and of our busiest loop, and memory now. */
    measure: () => ({ cpu: cpu() - marked, busiest: busiestLoop(), memory: memoryOf(server.pid ?? process.pid) }),
    /** Answers when `count` sessions have been resumed. Only our server can do this. */
    async resumed({ count }) {
      const until = performance.now() + RESUME_MS;
      while (server.stats().resumes < count) {
        if (performance.now() > until) throw new Error(`${server.stats().resumes} of ${count} sessions were resumed`);
        await pause(2);
      }
      return {};
    },
  },
  () => server?.close(),
);

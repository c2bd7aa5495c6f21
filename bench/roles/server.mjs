// The server of a run. A server in JavaScript, and ours, lives in this process; any other is a child of it.
import { setTimeout as pause } from 'node:timers/promises';
import { cpuOf, cpuOfThis, memoryOf } from '../lib/proc.mjs';
import { play } from '../lib/role.mjs';
import { systemNamed } from '../systems.mjs';

const RESUME_MS = 60_000;

let server;
let marked;

const cpu = () => (server.pid === undefined ? cpuOfThis() : cpuOf(server.pid));

play(
  {
    async start({ system, ...context }) {
      server = await systemNamed(system).startServer(context);
      return { address: server.address, port: server.port };
    },
    mark() {
      marked = cpu();
      return {};
    },
    /** CPU seconds since the mark, and memory now. */
    measure: () => ({ cpu: cpu() - marked, memory: memoryOf(server.pid ?? process.pid) }),
    /** Answered when `count` sessions have been resumed (our server only). */
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

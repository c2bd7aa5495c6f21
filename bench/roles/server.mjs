// The server of a run. A server in JavaScript, and ours, lives in this process; any other is a child of it.
import { cpuOf, cpuOfThis, memoryOf } from '../lib/proc.mjs';
import { play } from '../lib/role.mjs';
import { systemNamed } from '../systems.mjs';

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
    /** Our server's own numbers. */
    stats: () => ({ stats: server.stats() }),
  },
  () => server?.close(),
);

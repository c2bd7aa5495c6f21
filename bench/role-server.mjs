// The server of a benchmark, in a process of its own so that its CPU can be told apart. TLS on, limits off (the SDK's
// call rates would be measured otherwise), everything else as shipped.
import { RtmServer } from '../dist/index.js';
import { cpuSeconds, play } from './roles.mjs';

let server;
let cpu;

play({
  async start({ appId, certificate, loops }) {
    server = await RtmServer.start({
      host: '127.0.0.1',
      port: 0,
      apps: [{ appId, certificate }],
      limits: 'off',
      loops,
    });
    return { endpoint: server.connectString };
  },
  mark() {
    cpu = process.cpuUsage();
    return {};
  },
  measure() {
    return { cpu: cpuSeconds(cpu), stats: server.stats() };
  },
});

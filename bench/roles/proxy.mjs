// A proxy between clients and server that can cut all connections, as a network does. It passes all bytes unread.
import { connect, createServer } from 'node:net';
import { play } from '../lib/role.mjs';

const pairs = new Set();
let port;

const proxy = createServer({ noDelay: true }, (near) => {
  const far = connect({ port, host: '127.0.0.1', noDelay: true });
  const pair = { near, far };
  pairs.add(pair);
  for (const [from, to] of [
    [near, far],
    [far, near],
  ]) {
    from.pipe(to);
    from.on('error', () => {});
    from.on('close', () => {
      to.destroy();
      pairs.delete(pair);
    });
  }
});

play({
  start(options) {
    port = options.port;
    return new Promise((resolve) => {
      proxy.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => resolve({ port: proxy.address().port }));
    });
  },
  cut() {
    const count = pairs.size;
    for (const { near, far } of pairs) {
      near.destroy();
      far.destroy();
    }
    return { count };
  },
});

// Redis publish/subscribe: Debian's redis-server and the client ioredis.
import { readFileSync } from 'node:fs';
import { peerPackage } from './install.mjs';
import { freePort, startProgram } from './program.mjs';

async function startServer({ folder, tls }) {
  const port = await freePort();
  const settings = {
    bind: '127.0.0.1',
    port: 0,
    'tls-port': port,
    'tls-cert-file': tls.cert,
    'tls-key-file': tls.key,
    'tls-ca-cert-file': tls.cert,
    'tls-auth-clients': 'no',
    save: '',
    appendonly: 'no',
    dir: folder,
    maxclients: 20000,
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  // By default Redis cuts off a subscriber that falls behind. The window bounds how far a subscriber can fall behind.
  args.push('--client-output-buffer-limit', 'pubsub', '256mb', '0', '0');
  const program = await startProgram('redis-server', args, port);
  return { address: { port }, port, ...program };
}

async function connect({ address, user, tls, light }) {
  const { Redis } = peerPackage('ioredis');
  const options = {
    host: '127.0.0.1',
    port: address.port,
    tls: { ca: readFileSync(tls.cert) },
    enableAutoPipelining: true,
    retryStrategy: () => null,
    lazyConnect: true,
  };
  const subscriber = new Redis(options);
  // A connection that subscribes cannot publish.
  const publisher = light ? undefined : new Redis(options);
  await Promise.all([subscriber.connect(), publisher?.connect()]);
  const channels = new Map();
  subscriber.on('message', (channel, text) => channels.get(channel)?.(text));
  const client = {
    onMessage: () => {},
    send: (to, text, done) => void publisher.publish(`user.${to}`, text).then(() => done?.(), done ?? (() => {})),
    async join(name, onText) {
      channels.set(`channel.${name}`, onText);
      await subscriber.subscribe(`channel.${name}`);
    },
    publish: (name, text, done) =>
      void publisher.publish(`channel.${name}`, text).then(() => done?.(), done ?? (() => {})),
    close() {
      subscriber.disconnect();
      publisher?.disconnect();
      return Promise.resolve();
    },
  };
  channels.set(`user.${user}`, (text) => client.onMessage(text));
  await subscriber.subscribe(`user.${user}`);
  return client;
}

export default {
  name: 'redis',
  needs: { npm: ['ioredis'], debian: [{ command: 'redis-server', package: 'redis-server' }] },
  how:
    '`redis-server` over TLS without persistence; PUBLISH and SUBSCRIBE by `ioredis` with automatic pipelining. The ' +
    'reply of PUBLISH is an acknowledgement by the server, not by the receiver. A user has two connections, because ' +
    'a connection that subscribes cannot publish; an idle bot has one.',
  variants: [{ name: 'Redis', acks: 'server', measures: ['peer', 'fanout', 'latency', 'bots', 'login'] }],
  startServer,
  connect,
};

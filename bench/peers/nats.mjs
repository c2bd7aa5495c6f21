// NATS: Debian's nats-server and the client nats.js.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { peerPackage } from './install.mjs';
import { freePort, startProgram } from './program.mjs';

async function startServer({ folder, tls }) {
  const port = await freePort();
  const file = join(folder, `nats-${port}.conf`);
  writeFileSync(
    file,
    `host: "127.0.0.1"\nport: ${port}\ntls { cert_file: "${tls.cert}", key_file: "${tls.key}" }\n` +
      `jetstream { store_dir: "${join(folder, `nats-${port}`)}", max_memory_store: 1073741824 }\n`,
  );
  const program = await startProgram('nats-server', ['-c', file], port);
  return { address: { port }, port, ...program };
}

async function connect({ address, user, variant, tls, light }) {
  const { connect: open } = peerPackage('nats');
  const nc = await open({ servers: `tls://127.0.0.1:${address.port}`, tls: { caFile: tls.cert }, reconnect: false });
  const js = variant.jetStream && !light ? await stream(nc, user) : undefined;
  const client = {
    onMessage: () => {},
    send(to, text, done) {
      // Credits are not measured, so every variant sends them without acknowledgement.
      if (done === undefined) nc.publish(`user.${to}`, text);
      else if (variant.jetStream) js.publish(`js.${to}`, text).then(() => done(), done);
      else if (variant.request) nc.request(`user.${to}`, text, { timeout: 20_000 }).then(() => done(), done);
      else nc.publish(`user.${to}`, text);
    },
    async join(name, onText) {
      nc.subscribe(`channel.${name}`, { callback: (_error, message) => onText(message.string()) });
      await nc.flush();
    },
    publish: (name, text) => nc.publish(`channel.${name}`, text),
    close: () => nc.close(),
  };
  nc.subscribe(`user.${user}`, {
    callback(_error, message) {
      client.onMessage(message.string());
      if (message.reply) message.respond();
    },
  });
  if (js !== undefined) {
    const consumer = await js.consumers.get('bench', { filterSubjects: `js.${user}` });
    await consumer.consume({ max_messages: 10_000, callback: (message) => client.onMessage(message.string()) });
  }
  await nc.flush();
  return client;
}

/** A stream in memory: the faster kind of storage. */
async function stream(nc) {
  const manager = await nc.jetstreamManager();
  await manager.streams.add({ name: 'bench', subjects: ['js.>'], storage: 'memory', max_bytes: 512 << 20 });
  return nc.jetstream();
}

export default {
  name: 'nats',
  needs: { npm: ['nats'], debian: [{ command: 'nats-server', package: 'nats-server' }] },
  how:
    '`nats-server` with its defaults and TLS. Subscriptions have callbacks, which saves an iterator for each ' +
    'message. "NATS" publishes without any acknowledgement, at most once. "NATS request" has an acknowledgement by ' +
    'the receiver: a request for each message through the multiplexed inbox, and `respond()` by the receiver. "NATS ' +
    'JetStream" stores in memory: `js.publish()` waits for the server, and an ordered consumer reads by ' +
    '`consume()`.',
  variants: [
    { name: 'NATS', acks: 'none', measures: ['peer', 'fanout', 'latency', 'bots', 'login'] },
    { name: 'NATS request', acks: 'receiver', request: true, measures: ['peer'] },
    { name: 'NATS JetStream', acks: 'server', jetStream: true, measures: ['peer'] },
  ],
  startServer,
  connect,
};

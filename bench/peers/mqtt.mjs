// MQTT: Debian's mosquitto and the client MQTT.js.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { peerPackage } from './install.mjs';
import { freePort, startProgram } from './program.mjs';

async function startServer({ folder, tls }) {
  const port = await freePort();
  const file = join(folder, `mosquitto-${port}.conf`);
  const lines = [
    `listener ${port} 127.0.0.1`,
    `certfile ${tls.cert}`,
    `keyfile ${tls.key}`,
    'allow_anonymous true',
    'set_tcp_nodelay true',
    // The default of 20 allows 20 messages per round trip with QoS 1.
    'max_inflight_messages 0',
    'max_queued_messages 0',
    'persistence false',
    'log_dest none',
  ];
  // If mosquitto starts as root, it changes its user and can no longer read the key.
  if (process.getuid() === 0) lines.push('user root');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const program = await startProgram('mosquitto', ['-c', file], port);
  return { address: { port }, port, ...program };
}

async function connect({ address, user, variant, tls }) {
  const { connectAsync } = peerPackage('mqtt');
  const qos = variant.qos;
  const mqtt = await connectAsync({
    protocol: 'mqtts',
    host: '127.0.0.1',
    port: address.port,
    ca: readFileSync(tls.cert),
    protocolVersion: 5,
    clientId: user,
    reconnectPeriod: 0,
  });
  const topics = new Map();
  mqtt.on('message', (topic, payload) => topics.get(topic)?.(payload.toString()));
  const client = {
    onMessage: () => {},
    send(to, text, done) {
      if (qos === 0 || done === undefined) mqtt.publish(`user/${to}`, text, { qos: 0 });
      else mqtt.publish(`user/${to}`, text, { qos }, done);
    },
    async join(name, onText) {
      topics.set(`channel/${name}`, onText);
      await mqtt.subscribeAsync(`channel/${name}`, { qos });
    },
    publish: (name, text) => mqtt.publish(`channel/${name}`, text, { qos }),
    close: () => mqtt.endAsync(true),
  };
  topics.set(`user/${user}`, (text) => client.onMessage(text));
  await mqtt.subscribeAsync(`user/${user}`, { qos });
  return client;
}

export default {
  name: 'mqtt',
  needs: { npm: ['mqtt'], debian: [{ command: 'mosquitto', package: 'mosquitto' }] },
  how:
    '`mosquitto` over TLS, without persistence and without limits of messages in flight and queued; MQTT.js with ' +
    'protocol 5. QoS 0 has no acknowledgement. With QoS 1 the broker acknowledges to the sender, and the receiver ' +
    'to the broker.',
  variants: [
    { name: 'MQTT QoS 0', qos: 0, acks: 'none', measures: ['peer', 'fanout', 'latency', 'bots', 'login'] },
    { name: 'MQTT QoS 1', qos: 1, acks: 'server', measures: ['peer'] },
  ],
  startServer,
  connect,
};

// ZeroMQ with CURVE encryption: a ROUTER as relay, a DEALER per user.
import { peerPackage } from './install.mjs';

const unbounded = { sendHighWaterMark: 0, receiveHighWaterMark: 0, linger: 0 };

async function startServer() {
  const { Router, curveKeyPair } = peerPackage('zeromq');
  const keys = curveKeyPair();
  const router = new Router({ ...unbounded, curveServer: true, curveSecretKey: keys.secretKey });
  await router.bind('tcp://127.0.0.1:*');
  const relay = async () => {
    for await (const [, to, text] of router) await router.send([to, text]);
  };
  relay().catch(() => {});
  const endpoint = router.lastEndpoint;
  return {
    address: { endpoint, key: keys.publicKey },
    port: Number(endpoint.split(':').pop()),
    close() {
      router.close();
      return Promise.resolve();
    },
  };
}

async function connect({ address, user }) {
  const { Dealer, curveKeyPair } = peerPackage('zeromq');
  const keys = curveKeyPair();
  const dealer = new Dealer({
    ...unbounded,
    routingId: user,
    curveServerKey: address.key,
    curvePublicKey: keys.publicKey,
    curveSecretKey: keys.secretKey,
  });
  dealer.connect(address.endpoint);
  // A ZeroMQ socket takes one send at a time.
  let queue = [];
  let sending = false;
  const drain = async () => {
    sending = true;
    while (queue.length > 0) {
      const batch = queue;
      queue = [];
      for (const frames of batch) await dealer.send(frames);
    }
    sending = false;
  };
  const client = {
    onMessage: () => {},
    send(to, text) {
      queue.push([to, text]);
      if (!sending) drain().catch(() => {});
    },
    close() {
      dealer.close();
      return Promise.resolve();
    },
  };
  client.send(user, '+');
  await dealer.receive();
  const receive = async () => {
    for await (const [text] of dealer) client.onMessage(text.toString());
  };
  receive().catch(() => {});
  return client;
}

export default {
  name: 'zeromq',
  needs: { npm: ['zeromq'] },
  how:
    'The native addon of version 6: ROUTER is the relay, DEALER a user. CURVE encrypts in place of TLS, and ' +
    'high-water marks are off. It has no acknowledgement. It has no fan-out here, because its publish/subscribe ' +
    'sockets have no users behind them.',
  variants: [{ name: 'ZeroMQ (CURVE)', acks: 'none', measures: ['peer', 'latency'] }],
  startServer,
  connect,
};

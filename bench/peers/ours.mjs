// This project: RtmServer, and either surface of the package.
import { buildToken, createAppCredentials, createRtmService, RtmClient, RtmServer } from '../../dist/index.js';
import { RATE_GROUPS } from '../../dist/server/options/settings.js';

/**
 * The limits of the SDK. The server checks each limit and counts every call, but no rate is reached: with the SDK's own rate
 * of 1500 sends in 3 s, the benchmark would measure the limit. The client remembers the calls of one window, so a short window
 * keeps this memory at the few thousand calls that the SDK's own window holds.
 */
const limits = {
  base: 'sdk',
  rates: Object.fromEntries(Object.keys(RATE_GROUPS).map((group) => [group, { count: 100_000, perSeconds: 0.01 }])),
};

/** `app` and `engine` are given for the nodes of a cluster, which share them. */
export async function startServer({ loops = 1, app = createAppCredentials(), engine }) {
  const { appId, appCertificate: certificate } = app;
  const server = await RtmServer.start({
    host: '127.0.0.1',
    port: 0,
    apps: [{ appId, certificate }],
    limits,
    admission: { logins: 0 }, // up to 10,000 users log in from this one address
    loops,
    ...(engine !== undefined && { engine }),
  });
  return {
    address: { appId, certificate, endpoint: server.connectString },
    port: server.port,
    stats: () => server.stats(),
    close: () => server.close(),
  };
}

let spellings = 0;

/**
 * The same address in another spelling (0x007f.0x0.0.1 for 127.0.0.1). The client keeps TLS tickets by the address as it is
 * written, so a login at a new spelling needs a full handshake. There are more spellings than the cache holds.
 */
function respelled(endpoint) {
  spellings = (spellings + 1) % 400;
  const zeros = [Math.floor(spellings / 20), spellings % 20].map((count) => '0'.repeat(count));
  return endpoint.replace('127.0.0.1', `0x${zeros[0]}7f.0x${zeros[1]}0.0.1`);
}

export function connect({ address: known, user, variant, fresh }) {
  const address = fresh ? { ...known, endpoint: respelled(known.endpoint) } : known;
  const token = buildToken({ appId: address.appId, appCertificate: address.certificate, userId: user });
  return variant.api === 'client' ? byClient(address, user, token) : bySdk(address, user, token);
}

function accepted(code, call) {
  if (code !== 0) throw new Error(`${call} was refused with code ${code}`);
}

function bySdk({ appId, endpoint }, user, token) {
  const service = createRtmService();
  let ended;
  const channels = new Map();
  const client = {
    onMessage: () => {},
    send(to, text, done) {
      // The results are only counted, so all sends share one function.
      ended = done;
      accepted(service.sendMessageToPeer(to, service.createMessage(text)), 'sendMessageToPeer');
    },
    join(name, onText) {
      return new Promise((resolve, reject) => {
        const channel = service.createChannel(name, {
          onJoinSuccess: resolve,
          onJoinFailure: (code) => reject(new Error(`joining failed with code ${code}`)),
          onMessageReceived: (_user, message) => onText(message.getText()),
          onSendMessageResult: (_id, code) => result(code),
        });
        channels.set(name, channel);
        accepted(channel.join(), 'join');
      });
    },
    publish(name, text, done) {
      ended = done;
      accepted(channels.get(name).sendMessage(service.createMessage(text)), 'sendMessage');
    },
    close() {
      service.release(true);
      return Promise.resolve();
    },
  };
  const result = (code) => {
    if (ended !== undefined) ended(code === 0 ? undefined : new Error(`a message ended with code ${code}`));
    else if (code !== 0) throw new Error(`a message ended with code ${code}`);
  };
  return new Promise((resolve, reject) => {
    accepted(
      service.initialize(appId, {
        onLoginSuccess: () => resolve(client),
        onLoginFailure: (code) => reject(new Error(`login of ${user} failed with code ${code}`)),
        onSendMessageResult: (_id, code) => result(code),
        onMessageReceivedFromPeer: (_peer, message) => client.onMessage(message.getText(), message),
      }),
      'initialize',
    );
    accepted(service.setParameters(JSON.stringify({ 'rtm.endpoints': [endpoint] })), 'setParameters');
    accepted(service.login(token, user), 'login');
  });
}

async function byClient({ appId, endpoint }, userId, token) {
  const rtm = await RtmClient.login({ appId, userId, token, endpoints: endpoint });
  const client = {
    onMessage: () => {},
    send: (to, text, done) => void rtm.sendToPeer(to, text).then(() => done?.(), done ?? (() => {})),
    async join(name, onText) {
      client.channel = await rtm.join(name);
      client.channel.on('message', (message) => onText(message.text));
    },
    publish: (_name, text, done) => void client.channel.send(text).then(() => done?.(), done ?? (() => {})),
    close: () => rtm.logout(),
  };
  rtm.on('message', (message) => client.onMessage(message.text, message));
  return client;
}

export default {
  name: 'ours',
  needs: {},
  how:
    'One `RtmServer` with one loop, and TLS 1.3 with a self-signed certificate that clients pin. The server checks ' +
    'tokens. Client and server check all limits of the SDK and count every call; the frequencies are too high to ' +
    'reach (100,000 in 10 ms). The result of a send is the acknowledgement by the library of the receiver. "ours" ' +
    'is the API with the names of the C++ SDK, "ours, RtmClient" the API with promises.',
  variants: [
    { name: 'ours', acks: 'receiver', measures: ['peer', 'fanout', 'latency', 'bots', 'login'] },
    { name: 'ours, RtmClient', api: 'client', acks: 'receiver', measures: ['peer', 'fanout', 'latency'] },
  ],
  startServer,
  connect,
};

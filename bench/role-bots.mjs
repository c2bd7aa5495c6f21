// One or two bots: a sender that keeps a window of unacknowledged messages in flight, and a receiver that checks that
// every message comes once and in order.
import { buildToken, createRtmService, RtmClient } from '../dist/index.js';
import { cpuSeconds, play } from './roles.mjs';

const bots = new Map();

function login({ appId, certificate, endpoint, user }) {
  const token = buildToken({ appId, appCertificate: certificate, userId: user });
  const service = createRtmService();
  return new Promise((resolve, reject) => {
    const bot = { service, onResult: () => {}, onMessage: () => {} };
    const code = service.initialize(appId, {
      onLoginSuccess: () => resolve(bot),
      onLoginFailure: (error) => reject(new Error(`login of ${user} failed with code ${error}`)),
      onSendMessageResult: (_id, result) => bot.onResult(result),
      onMessageReceivedFromPeer: (_peer, message) => bot.onMessage(message.getText()),
    });
    const parameters = service.setParameters(JSON.stringify({ 'rtm.endpoints': [endpoint] }));
    const accepted = service.login(token, user);
    if (code !== 0 || parameters !== 0 || accepted !== 0)
      reject(new Error(`login of ${user}: ${code}, ${parameters}, ${accepted}`));
  });
}

/** Texts begin with their number, so that the receiver can check order; the rest fills them up to `size`. */
function textsOf(size) {
  const fill = 'x'.repeat(Math.max(0, size - 8));
  return (number) => String(number).padStart(8, '0') + fill;
}

let received;

play({
  async login(options) {
    bots.set(options.user, await login(options));
    return {};
  },

  /** Makes `user` expect `messages` messages; answered at once. */
  expect({ user, messages }) {
    let next = 0;
    received = new Promise((resolve, reject) => {
      bots.get(user).onMessage = (text) => {
        if (Number(text.slice(0, 8)) !== next) reject(new Error(`expected message ${next}, got ${text.slice(0, 8)}`));
        next += 1;
        if (next === messages) resolve();
      };
    });
    const cpu = process.cpuUsage();
    received = received.then(() => ({ cpu: cpuSeconds(cpu), messages: next }));
    return {};
  },
  /** Answered when all expected messages have come. */
  received: () => received,

  /** Sends `messages` messages with `window` in flight; answered when all are acknowledged by the receiver. */
  send({ user, to, messages, size, window, api, appId, certificate, endpoint }) {
    const text = textsOf(size);
    const cpu = process.cpuUsage();
    const start = performance.now();
    const result = () => ({ cpu: cpuSeconds(cpu), ms: performance.now() - start });
    return api === 'client'
      ? sendByClient({ user: `${user}-client`, to, messages, text, window, appId, certificate, endpoint })
      : sendBySdk(bots.get(user), to, messages, text, window).then(result);
  },
});

function sendBySdk(bot, to, messages, text, window) {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let acknowledged = 0;
    const fill = () => {
      while (sent < messages && sent - acknowledged < window) {
        const code = bot.service.sendMessageToPeer(to, bot.service.createMessage(text(sent)));
        if (code !== 0) return reject(new Error(`send ${sent} was refused with code ${code}`));
        sent += 1;
      }
    };
    bot.onResult = (code) => {
      if (code !== 0) return reject(new Error(`a message ended with code ${code}`));
      acknowledged += 1;
      if (acknowledged === messages) resolve();
      // A quarter of the window at a time: as a program would that works in batches.
      else if (sent - acknowledged <= window - Math.max(1, window >> 2)) fill();
    };
    fill();
  });
}

async function sendByClient({ user, to, messages, text, window, appId, certificate, endpoint }) {
  const token = buildToken({ appId, appCertificate: certificate, userId: user });
  const client = await RtmClient.login({ appId, userId: user, token, endpoints: endpoint });
  const cpu = process.cpuUsage();
  const start = performance.now();
  let sent = 0;
  const lane = async () => {
    while (sent < messages) {
      const number = sent;
      sent += 1;
      await client.sendToPeer(to, text(number));
    }
  };
  await Promise.all(Array.from({ length: window }, lane));
  const result = { cpu: cpuSeconds(cpu), ms: performance.now() - start };
  await client.logout();
  return result;
}

// One cell of the benchmark of weak networks, in the namespace that main.mjs has made: a server at the near address, users who
// reach it at the far one. Prints one line of JSON.
import { buildToken, createAppCredentials, RtmClient, RtmServer } from 'rtm-native';
import { percentile } from '../lib/stats.mjs';

const NEAR = '10.99.0.1';
const FAR = '10.99.0.2';
const IN_TIME = 5000;
/** A login that takes longer counts as this. */
const LOGIN_MS = 10_000;
/** How long after the last send a message may still arrive. */
const REST_MS = 20_000;
const TEXT = 'x'.repeat(230);

const { by, rate, seconds, logins } = JSON.parse(process.argv[2]);
const { appId, appCertificate } = createAppCredentials();
const apps = [{ appId, certificate: appCertificate }];
const server = await RtmServer.start({ host: NEAR, port: 0, apps, limits: 'off', udp: true });
const pin = `#sha256=${server.fingerprint}`;
const far = by === 'UDP' ? `rtmu://${FAR}:${server.port}${pin}` : `rtms://${FAR}:${server.port}${pin}&udp=off`;

function login(userId, endpoints) {
  const issuedAt = Math.floor(Date.now() / 1000);
  const token = buildToken({ appId, appCertificate, userId, expireSeconds: 600, issuedAt });
  return RtmClient.login({ appId, userId, endpoints, token, timeout: LOGIN_MS });
}

async function timedLogins() {
  const times = [];
  for (let i = 0; i < logins; i += 1) {
    const start = performance.now();
    const client = await login(`login-${i}`, far).catch(() => undefined);
    times.push(client === undefined ? LOGIN_MS : performance.now() - start);
    client?.logout({ timeout: 1 }).catch(() => {});
  }
  return times;
}

async function messages() {
  const receiver = await login('receiver', `rtms://${NEAR}:${server.port}${pin}&udp=off`);
  const sender = await login('sender', far);
  const heard = { delays: [], next: 0, wrong: 0, lost: 0 };
  const count = Math.round(rate * seconds);
  const all = new Promise((resolve) => {
    receiver.on('message', ({ text }) => {
      const [number, at] = text.split(' ').map(Number);
      if (number < heard.next) heard.wrong += 1;
      heard.next = number + 1;
      heard.delays.push(performance.now() - at);
      if (number === count - 1) resolve();
    });
  });
  sender.on('state', ({ current }) => {
    if (current === 'reconnecting') heard.lost += 1;
  });
  const start = performance.now();
  for (let number = 0; number < count; number += 1) {
    const due = start + (number * 1000) / rate;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
    sender.sendToPeer('receiver', `${number} ${performance.now()} ${TEXT}`).catch(() => {});
  }
  let rest;
  await Promise.race([all, new Promise((resolve) => (rest = setTimeout(resolve, REST_MS)))]);
  clearTimeout(rest);
  return { ...heard, sent: count };
}

function summary(values) {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return { p50: null, p99: null, max: null };
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), max: sorted.at(-1) };
}

const times = await timedLogins();
const heard = await messages();
console.log(
  JSON.stringify({
    logins,
    inTime: times.filter((time) => time <= IN_TIME).length,
    login: summary(times),
    sent: heard.sent,
    arrived: heard.delays.length,
    delay: summary(heard.delays),
    wrong: heard.wrong,
    lost: heard.lost,
  }),
);
process.exit(0);

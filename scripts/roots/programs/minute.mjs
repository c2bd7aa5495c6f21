// The first minute of somebody who has installed the package: a server, two clients over TLS, an acknowledged message, a channel.
// Usage: minute.mjs import|require
import { createRequire } from 'node:module';

const name = 'rtm-native';
const rtm = process.argv[2] === 'require' ? createRequire(import.meta.url)(name) : await import(name);
const { appId, appCertificate } = rtm.createAppCredentials();
const server = await rtm.RtmServer.start({
  host: '127.0.0.1',
  port: 0,
  apps: [{ appId, certificate: appCertificate }],
});
const login = (userId) =>
  rtm.RtmClient.login({
    appId,
    userId,
    token: rtm.buildToken({ appId, appCertificate, userId, expireSeconds: 3600 }),
    endpoints: server.connectString,
  });
const [alice, bob] = await Promise.all([login('alice'), login('bob')]);

const { delivery } = await alice.sendToPeer('bob', 'hello');
for await (const { from, text } of bob.messages()) {
  await bob.sendToPeer(from, `you said: ${text}`);
  break;
}
let answer;
for await (const { text } of alice.messages()) {
  answer = text;
  break;
}
const [lobby] = await Promise.all([alice.join('lobby'), bob.join('lobby')]);
const members = (await lobby.members()).sort().join(' and ');
await Promise.all([alice.logout(), bob.logout()]);
await server.close();
console.log(`${process.argv[2]}: ${delivery}, "${answer}", ${members}`);

// A bot that sends every peer message back. Needs RTM_ENDPOINTS and RTM_APP_ID, and either RTM_TOKEN or
// RTM_APP_CERTIFICATE; "rtm server" prints lines that set them.
// Usage: node examples/echo-bot.mjs [user]
import { buildToken, RtmClient } from 'rtm-native';

const { RTM_APP_ID: appId = '', RTM_APP_CERTIFICATE: appCertificate, RTM_TOKEN } = process.env;
const userId = process.argv[2] ?? 'echo';
const makeToken = () =>
  appCertificate === undefined ? undefined : buildToken({ appId, appCertificate, userId, expireSeconds: 3600 });

const client = await RtmClient.login({ appId, userId, token: RTM_TOKEN ?? makeToken() });
console.log(`${userId} is logged in`);

client.on('state', ({ previous, current, reason }) => console.log(`${previous} → ${current} (${reason})`));
client.on('tokenWillExpire', () => {
  const token = makeToken();
  if (token !== undefined) client.renewToken(token).catch((error) => console.error(error.message));
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void client.logout());

// Ends when the client logs out, and throws if the server ends the login.
for await (const message of client.messages()) {
  // A received message can be sent back unchanged, text or bytes. A peer that has gone offline must not stop the bot.
  client.sendToPeer(message.from, message).catch((error) => console.error(error.message));
}

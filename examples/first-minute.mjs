// The first minute: a server, two bots, messages with their results. Run it with "npm start".
import { existsSync } from 'node:fs';

if (!existsSync(new URL('../dist/index.js', import.meta.url))) {
  console.error('Nothing is built yet: run "npm install" first, or "npm run build:all" after changes.');
  process.exit(1);
}
const { buildToken, createAppCredentials, RtmClient, RtmServer } = await import('../dist/index.js');

const say = (line) => console.log(line);

/** Ends the program if a step hangs, so that nobody waits in front of a silent terminal. */
const watchdog = setTimeout(() => {
  console.error('This should take a second or two and has taken 30: giving up.');
  process.exit(1);
}, 30_000).unref();

async function main() {
  // A project: its App ID is public, its certificate signs the tokens and stays on the server side.
  const { appId, appCertificate } = createAppCredentials();
  const server = await RtmServer.start({
    host: '127.0.0.1',
    port: 0,
    apps: [{ appId, certificate: appCertificate }],
  });
  try {
    say(`A server is listening on ${server.connectString.replace(/(?<=sha256=.{8}).*/, '…')}`);

    const login = (userId) =>
      RtmClient.login({
        appId,
        userId,
        token: buildToken({ appId, appCertificate, userId, expireSeconds: 3600 }),
        endpoints: server.connectString,
      });
    const [alice, bob] = await Promise.all([login('alice'), login('bob')]);
    say('alice and bob are logged in, over TLS, each with a token of their own');

    // Bob answers every message until he is logged out.
    const echo = (async () => {
      for await (const { from, text } of bob.messages()) await bob.sendToPeer(from, `you said: ${text}`);
    })();

    const { delivery } = await alice.sendToPeer('bob', 'hello');
    say(`alice → bob: hello (${delivery})`);
    for await (const { from, text } of alice.messages()) {
      say(`${from} → alice: ${text}`);
      break;
    }

    await alice.sendToPeer('carol', 'are you there?').catch((error) => {
      say(`alice → carol: are you there? (${error.code})`);
    });

    const [lobby, bobsLobby] = await Promise.all([alice.join('lobby'), bob.join('lobby')]);
    say(`in the channel "lobby": ${(await lobby.members()).sort().join(', ')}`);
    await lobby.send('hello, everybody');
    for await (const { channelId, from, text } of bobsLobby.messages()) {
      say(`#${channelId} ${from}: ${text}`);
      break;
    }

    await Promise.all([alice.logout(), bob.logout()]);
    await echo;
    say('Both have logged out. Next: "npx rtm server", and README.md.');
  } finally {
    await server.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(`That did not work: ${error.message}`);
  process.exitCode = 1;
} finally {
  clearTimeout(watchdog);
}

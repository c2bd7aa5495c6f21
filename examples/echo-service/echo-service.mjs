// The echo bot as a service: it sends every peer message back, renews its token, survives network changes and restarts of the
// server, and logs out at SIGTERM. README.md beside it says how to install it under systemd.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildToken, RtmClient, RtmError } from 'rtm-native';

/** Exit codes. systemd starts the service again after 1 only; see RestartPreventExitStatus in the unit. */
const EXIT = { failed: 1, wrongSettings: 2, shutOut: 3 };
/** Milliseconds for the answers under way and the logout. TimeoutStopSec in the unit is longer. */
const FAREWELL = 5000;

const log = (line) => console.log(line); // the journal adds time and name

/** All settings come from the environment; the secret comes as a credential of systemd, which is a file. */
function readSettings(env) {
  const problems = [];
  const needed = (name) => {
    if (!env[name]) problems.push(`${name} is not set`);
    return env[name];
  };
  const secret = () => {
    const folder = env.CREDENTIALS_DIRECTORY;
    if (folder === undefined) return env.RTM_APP_CERTIFICATE;
    try {
      return readFileSync(join(folder, 'app-certificate'), 'utf8').trim();
    } catch (error) {
      problems.push(`the credential "app-certificate" cannot be read: ${error.message}`);
      return undefined;
    }
  };
  const lifetime = env.ECHO_TOKEN_SECONDS ?? '3600';
  const expireSeconds = Number(lifetime);
  // The client asks for the next token 30 s before the end.
  if (!(Number.isInteger(expireSeconds) && expireSeconds > 30 && expireSeconds <= 86_400)) {
    problems.push(`ECHO_TOKEN_SECONDS: expected a whole number from 31 to 86400, found ${lifetime}`);
  }
  const settings = {
    endpoints: needed('RTM_ENDPOINTS'),
    appId: needed('RTM_APP_ID'),
    userId: env.ECHO_USER || 'echo',
    appCertificate: secret(),
    expireSeconds,
  };
  if (problems.length > 0) {
    for (const problem of problems) console.error(problem);
    process.exit(EXIT.wrongSettings);
  }
  return settings;
}

/** Tells systemd, if this is a service of type "notify": READY=1, STOPPING=1, STATUS=<a line for people>. */
function notify(...facts) {
  if (process.env.NOTIFY_SOCKET === undefined) return;
  execFile('systemd-notify', facts, (error) => {
    if (error !== null) console.error(`systemd-notify: ${error.message}`);
  });
}

const settings = readSettings(process.env);
const { appId, appCertificate, userId, endpoints, expireSeconds } = settings;

/** Whoever has the certificate can log in as any user. A machine you trust less asks your backend for a token here. */
const makeToken = () => (appCertificate ? buildToken({ appId, appCertificate, userId, expireSeconds }) : undefined);

/** Renews until it works: while the network is away, or the server is busy, the next attempt may be better. */
async function renewToken(client) {
  const token = makeToken();
  if (token === undefined) return;
  try {
    await client.renewToken(token);
    log('the token is renewed');
  } catch (error) {
    log(`the token is not renewed yet: ${error.message}`);
    if (client.state === 'connected' || client.state === 'reconnecting') {
      setTimeout(() => void renewToken(client), 2000).unref();
    }
  }
}

/** Answers under way; a stop waits for them. */
const answers = new Set();

async function echo(client) {
  // Ends when the client logs out, and throws if the server ends the login.
  for await (const message of client.messages({ overflow: 'dropOldest' })) {
    if (message.from === userId) continue; // it would talk to itself for ever
    // A sender that has gone offline must not stop the service.
    const answer = client
      .sendToPeer(message.from, message)
      .catch((error) => log(`no answer to ${message.from}: ${error.message}`))
      .finally(() => answers.delete(answer));
    answers.add(answer);
  }
}

async function stop(client) {
  notify('STOPPING=1', 'STATUS=logging out');
  log('stopping');
  const late = new Promise((resolve) => setTimeout(resolve, FAREWELL / 2).unref());
  await Promise.race([Promise.all(answers), late]);
  // Others see it at once. A process that just ends looks like a lost connection for 30 s.
  await client.logout({ timeout: FAREWELL / 2 }).catch((error) => log(error.message));
}

async function main() {
  const started = new AbortController();
  const abort = () => started.abort();
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, abort);
  let client;
  try {
    client = await RtmClient.login({ appId, userId, endpoints, token: makeToken(), signal: started.signal });
  } catch (error) {
    if (started.signal.aborted) return; // stopped before it was logged in
    throw error;
  }
  let stopping;
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.off(signal, abort);
    process.on(signal, () => {
      stopping ??= stop(client);
    });
  }
  client.on('state', ({ current, reason }) => {
    log(`${current} (${reason})`);
    if (current === 'connected') notify(`STATUS=logged in as ${userId}`);
    if (current === 'reconnecting') notify('STATUS=the connection is lost; reconnecting');
  });
  client.on('tokenWillExpire', () => void renewToken(client));
  log(`logged in as ${userId}`);
  notify('READY=1', `STATUS=logged in as ${userId}`);
  try {
    await echo(client);
    await stopping;
  } finally {
    await client.logout({ timeout: FAREWELL / 2 }).catch(() => {});
  }
}

/** Nothing that another start could mend: somebody uses the same user id, or the user is banned. */
const isShutOut = (error) =>
  RtmError.is(error, 'ERR_RTM_REMOTE_LOGIN') || RtmError.is(error, 'ERR_RTM_BANNED_BY_SERVER');

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = isShutOut(error) ? EXIT.shutOut : EXIT.failed;
}

// Where an example logs in: at the server that the environment names, or else at a server of its own.
// "rtm server" prints the lines that set RTM_ENDPOINTS, RTM_APP_ID and RTM_APP_CERTIFICATE.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { buildToken, createAppCredentials, RtmServer } from 'rtm-native';

const self = fileURLToPath(import.meta.url);

/**
 * Gives the App ID, the endpoints, and a function that makes login tokens. A server of the example is another process, so that
 * the example measures only itself. This process does not wait for the server; the server ends with this process.
 */
export async function openProject() {
  const { RTM_ENDPOINTS: endpoints, RTM_APP_ID: appId, RTM_APP_CERTIFICATE: appCertificate } = process.env;
  if (endpoints === undefined) return startOwnServer();
  if (appId === undefined) throw new Error('RTM_ENDPOINTS is set, but RTM_APP_ID is not; "rtm server" prints both');
  return project({ endpoints, appId, appCertificate, own: false });
}

function project({ endpoints, appId, appCertificate, own }) {
  /** A project without a certificate lets users log in without a token. */
  const tokenOf = (userId) =>
    appCertificate === undefined ? undefined : buildToken({ appId, appCertificate, userId, expireSeconds: 3600 });
  return { endpoints, appId, appCertificate, own, tokenOf };
}

async function startOwnServer() {
  const server = fork(self, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(server, 'exit').then(([code]) => {
    throw new Error(`the server of this example ended with ${code}`);
  });
  const [{ endpoints, appId, appCertificate }] = await Promise.race([once(server, 'message'), ended]);
  ended.catch(() => {}); // from now on the clients notice it themselves
  server.unref();
  server.channel?.unref();
  return project({ endpoints, appId, appCertificate, own: true });
}

/** The other process. */
async function serve() {
  const { appId, appCertificate } = createAppCredentials();
  const apps = [{ appId, certificate: appCertificate }];
  const server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps });
  // Ctrl-C goes to every process of a terminal. The server outlives the example, which logs out first.
  process.on('SIGINT', () => {});
  process.once('disconnect', () => void server.close());
  process.send?.({ endpoints: server.connectString, appId, appCertificate });
}

if (process.argv[1] === self) await serve();

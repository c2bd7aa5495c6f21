// What attackers are told of a server.
import { buildToken } from '../../dist/index.js';
import { GoodUsers } from './good-users.mjs';

const ATTACKERS = 120;

/**
 * @param {{ port: number, adminPort?: number, app: { appId: string, appCertificate: string }, network?: string,
 *   crowd?: string }} server `network`: the first three numbers of the addresses that attackers come from; `crowd`: what
 *   their users and channel are called
 * @returns {import('./attacks.mjs').Target}
 */
export function targetOf({ port, adminPort = 0, app, network = '127.0.0', crowd = 'crowd' }) {
  const users = Array.from({ length: ATTACKERS }, (_, index) => {
    const userId = `${crowd} ${index}`;
    return { userId, token: buildToken({ ...app, userId }) };
  });
  const addresses = [2, 3, 4, 5].map((last) => `${network}.${last}`);
  const { victim } = GoodUsers;
  return { port, tls: true, adminPort, appId: app.appId, addresses, users, victim, channel: crowd };
}

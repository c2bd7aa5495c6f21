// A token from a machine whose clock runs ahead: both sides say by how much.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RtmClient } from '../../lib/client/rtm-client.js';
import { LOGIN_ERR_CODE } from '../../lib/enums.js';
import { RtmServer } from '../../lib/server/rtm-server.js';
import { buildToken, createAppCredentials } from '../../lib/server/token.js';

const { appId, appCertificate } = createAppCredentials();
const lines: string[] = [];
let server: RtmServer;
beforeAll(async () => {
  const apps = [{ appId, certificate: appCertificate }];
  server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps, log: (_level, line) => void lines.push(line) });
});
afterAll(() => server.close());

const login = (token: string) => RtmClient.login({ appId, userId: 'ann', token, endpoints: server.connectString });

/** The builder of format 006 has no time of issue; its token has the end, 24 h later. */
function token006(issuedAt: number): string {
  const { AccessToken } = createRequire(import.meta.url)('agora-access-token/src/AccessToken');
  const token = new AccessToken(appId, appCertificate, 'ann', '');
  token.addPriviledge(1000, 0);
  token.ts = issuedAt + 86_400;
  return token.build();
}
const token007 = (issuedAt: number) =>
  buildToken({ appId, appCertificate, userId: 'ann', expireSeconds: 3600, issuedAt });

it.each([
  ['006', token006, 10 * 60, '10 min'],
  ['007', token007, 10 * 60, '10 min'],
  ['007', token007, 3 * 3600, '3 h'],
  ['006', token006, 5 * 86_400, '5 days'],
] as const)(
  'a token %s that is issued ahead is refused with the distance',
  async (_version, build, ahead, distance) => {
    const token = build(Math.floor(Date.now() / 1000) + ahead);
    const text = `invalid token: issued ${distance} in the future: check clocks`;
    await expect(login(token)).rejects.toMatchObject({
      reason: LOGIN_ERR_CODE.LOGIN_ERR_INVALID_TOKEN,
      message: expect.stringContaining(text),
    });
    expect(lines.pop()).toContain(`login refused: ${text} event=login-refused address=127.0.0.1`);
  },
);

it('many of them are no offence of their address, as forged ones are', { timeout: 60_000 }, async () => {
  // From another address than 127.0.0.1, which is never punished.
  const relay = createServer((client) => {
    const { port } = server;
    const onward = connect({ host: '127.0.0.1', port, localAddress: '127.0.0.2' });
    for (const each of [client, onward]) each.on('error', () => {});
    client.pipe(onward).pipe(client);
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const { port } = relay.address() as AddressInfo;
  const endpoints = server.connectString.replace(`:${server.port}`, `:${port}`);
  const refused = (token: string) =>
    expect(RtmClient.login({ appId, userId: 'ann', token, endpoints })).rejects.toMatchObject({ operation: 'login' });
  const manyTimes = (one: () => Promise<void>) => Promise.all(Array.from({ length: 60 }, one));
  const early = token007(Math.floor(Date.now() / 1000) + 600);
  const forged = token007(Math.floor(Date.now() / 1000)).replace(/.{8}$/, 'AAAAAAAA');
  try {
    await manyTimes(() => refused(early));
    expect(server.stats().penalties).toBe(0);
    await manyTimes(() => refused(forged));
    expect(server.stats().penalties).toBe(1);
  } finally {
    relay.close();
  }
});

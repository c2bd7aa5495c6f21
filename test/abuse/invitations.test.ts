// A flood of invitations: what waits for an answer at the callee is bounded, for one caller and for all, and another
// caller is heard all the same.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type IncomingInvitation, RtmClient, RtmServer } from '../../lib/index.js';

const appId = '0123456789abcdef0123456789abcdef';
/** Bounds of the client (docs/decisions/016-lasting-quotas.md). */
const ofCaller = 64;
const inAll = 256;

let server: RtmServer;
let victim: RtmClient;
let heard: IncomingInvitation[];
let most: number;
let clients: RtmClient[];

async function login(userId: string): Promise<RtmClient> {
  // A caller gives up after 3 s instead of 30.
  const parameters = { 'rtm.timing': { invitation_send_ms: 3000 } };
  const client = await RtmClient.login({ appId, userId, endpoints: server.connectString, timeout: 10_000, parameters });
  clients.push(client);
  return client;
}

beforeEach(async () => {
  clients = [];
  server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps: [{ appId }] });
  victim = await login('victim');
  heard = [];
  most = 0;
  victim.calls.on('invitation', (invitation) => {
    heard.push(invitation);
    most = Math.max(most, waiting().length);
  });
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.logout()));
  await server.close();
});

/** The invitations at the victim that wait for an answer. */
const waiting = () => heard.filter(({ end }) => end === undefined);

const content = 'x'.repeat(8000);

/** Invites so often at once; the codes of the invitations that did not arrive. */
async function flood(caller: RtmClient, times: number): Promise<(string | undefined)[]> {
  const results = await Promise.allSettled(
    Array.from({ length: times }, () => caller.calls.invite('victim', { content })),
  );
  return results.flatMap((result) => (result.status === 'rejected' ? [(result.reason as { code?: string }).code] : []));
}

describe('a flood of invitations', () => {
  it('of one caller leaves it 64 that wait, and the rest ends as PEER_NO_RESPONSE', async () => {
    const caller = await login('flooder');
    const refused = await flood(caller, 150);
    expect(new Set(refused)).toEqual(new Set(['ERR_RTM_PEER_NO_RESPONSE']));
    expect(150 - refused.length).toBe(ofCaller);
    expect(most).toBe(ofCaller);
    const other = await login('other');
    await other.calls.invite('victim');
    expect(waiting()).toHaveLength(ofCaller + 1);
  });

  it('of many callers leaves 256 that wait, and another caller is heard', async () => {
    const callers = await Promise.all(Array.from({ length: 6 }, (_, index) => login(`flooder ${index}`)));
    await Promise.all(callers.map((caller) => flood(caller, 100)));
    expect(most).toBe(inAll);
    const other = await login('other');
    const invitation = await other.calls.invite('victim', { content: 'lunch?' });
    const lunch = waiting().find(({ callerId }) => callerId === 'other');
    expect(lunch?.content).toBe('lunch?');
    expect(waiting().length).toBeLessThanOrEqual(inAll);
    await lunch?.accept('yes');
    expect(await invitation.ended).toMatchObject({ outcome: 'accepted', response: 'yes' });
  });
});

// Programs that are no servers, or not ours: each gives one clear error, and does no harm if a good server follows it.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { RtmClient, RtmError } from 'rtm-native';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createRtmService } from '../../lib/sdk/service.js';
import { makeIdentity } from '../network/killable-server.js';
import { startWorld, type World } from './client-world.js';
import { behaveWell, type OddOptions, startOddServer } from './support/odd-server.js';

let world: World;
const identity = makeIdentity();

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.end());

const helloOk =
  (version: number): NonNullable<OddOptions['onFrame']> =>
  (peer, name) => {
    if (name === 'Hello') peer.send('HelloOk', { version, capabilities: 1 });
  };

/** An address without a listener. */
async function refusing(): Promise<string> {
  const listener = createServer();
  await once(listener.listen(0, '127.0.0.1'), 'listening');
  const address = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `rtms://127.0.0.1:${address.port}`;
}

const odd = (options: OddOptions) => async () => (await startOddServer(options)).endpoint;
const wrongPin = async () => world.server.connectString.replace(/sha256=.*/, `sha256=${'0'.repeat(64)}`);

/** The server, its code when it stands alone, and the words of its error. */
const servers: [string, () => Promise<string>, string, RegExp][] = [
  ['a port that refuses', refusing, 'ERR_RTM_TIMEOUT', /last attempt: 127\.0\.0\.1:\d+: connection refused/],
  ['a host that resolves to nothing', async () => 'rtms://nowhere.invalid:1', 'ERR_RTM_TIMEOUT', /nowhere\.invalid:1/],
  ['a TLS server with another certificate', wrongPin, 'ERR_RTM_UNKNOWN', /certificate/],
  [
    'a plaintext server where TLS is expected',
    async () =>
      (await startOddServer({ onConnect: (peer) => peer.write('220 mail.example ready\r\n') })).endpoint.replace(
        'rtm:',
        'rtms:',
      ),
    'ERR_RTM_TIMEOUT',
    /127\.0\.0\.1:\d+: TLS/,
  ],
  [
    'a server that accepts and never shakes hands',
    async () => (await startOddServer({})).endpoint.replace('rtm:', 'rtms:'),
    'ERR_RTM_TIMEOUT',
    /127\.0\.0\.1:\d+/,
  ],
  [
    'a server that speaks garbage after the TLS handshake',
    odd({ tls: identity, onConnect: (peer) => peer.write('HTTP/1.1 400 Bad Request\r\n\r\n') }),
    'ERR_RTM_TIMEOUT',
    /last attempt: 127\.0\.0\.1:\d+: .*frame/,
  ],
  [
    'a server that announces an endless frame',
    odd({ onConnect: (peer) => peer.write(Uint8Array.of(0xff, 0xff, 0xff, 2)) }),
    'ERR_RTM_TIMEOUT',
    /last attempt: 127\.0\.0\.1:\d+: .*frame/,
  ],
  [
    'a server that says what has no place before the login',
    odd({ onConnect: (peer) => peer.send('SendResults', {}) }),
    'ERR_RTM_TIMEOUT',
    /malformed or unexpected, kind 18/,
  ],
  ['a server that hangs up', odd({ onConnect: (peer) => peer.close() }), 'ERR_RTM_TIMEOUT', /closed/],
  ['a server that never answers HELLO', odd({}), 'ERR_RTM_TIMEOUT', /127\.0\.0\.1:\d+: no answer within 400 ms/],
  ['a server that never answers the login', odd({ onFrame: helloOk(1) }), 'ERR_RTM_TIMEOUT', /no answer within 400 ms/],
  [
    'a server of a newer protocol version',
    odd({ onFrame: helloOk(2) }),
    'ERR_RTM_REJECTED',
    /protocol version 2, this SDK version 1/,
  ],
  [
    'a server that refuses our version',
    odd({ onFrame: (peer) => peer.send('Bye', { code: 10, reason: 'version 3 at least' }) }),
    'ERR_RTM_REJECTED',
    /goodbye, code 10: version 3 at least/,
  ],
  [
    'a server that is too busy for an hour',
    odd({ onFrame: (peer) => peer.send('Bye', { code: 11, reason: 'busy', retry_after_ms: 3_600_000 }) }),
    'ERR_RTM_TIMEOUT',
    /goodbye, code 11: busy/,
  ],
];

describe.each(servers)('%s', (_what, start, code, says) => {
  it('alone gives one clear error, within the login timeout', async () => {
    const parameters = { 'rtm.timing': { login_ms: 2500, handshake_ms: 400 } };
    const login = world.login('x', { endpoints: await start(), parameters });
    const error: RtmError = await login.then(
      () => expect.fail('logged in'),
      (reason) => reason,
    );
    expect(error).toMatchObject({ name: 'RtmError', code, operation: 'login' });
    expect(error.message).toMatch(says);
    expect((error.cause as Error).message).toMatch(says);
    expect(error.message).not.toContain(world.token('x').slice(0, 40));
  });

  it('with a good one behind it is no obstacle', async () => {
    const parameters = { 'rtm.timing': { handshake_ms: 400 } };
    const endpoints = [await start(), world.server.connectString];
    const client = await world.login('y', { endpoints, parameters });
    expect(client.state).toBe('connected');
    await client.logout();
  });
});

it('a server that answers each request with the answer to another one harms no client', async () => {
  const answers = [
    'JoinResult',
    'Members',
    'MemberCounts',
    'PresenceStates',
    'UserAttributes',
    'HistoryResult',
    'Result',
  ];
  for (const answer of [...answers, 'ChannelAttributes', 'MediaTicket']) {
    const server = await startOddServer({
      onFrame: (peer, name) => {
        behaveWell(peer, name);
        if (name === 'Hello' || name === 'Login' || name === 'Resume' || name === 'Logout' || name === 'Ping') return;
        for (let request_id = 1; request_id <= 8; request_id++) peer.send(answer, { request_id });
      },
    });
    const parameters = { 'rtm.timing': { request_ms: 300, presence_ms: 300, media_idle_ms: 300, outage_ms: 200 } };
    const client = await RtmClient.login({ appId: world.appId, userId: 'ann', endpoints: server.endpoint, parameters });
    const asked = [
      client.history.query({ source: 'ann' }),
      client.join('room'),
      client.presence.query(['ben']),
      client.presence.subscribe(['ben']),
      client.attributes.get('ben'),
      client.media.download('0123456789abcdef0123456789abcdef'),
    ];
    for (const outcome of await Promise.allSettled(asked)) {
      if (outcome.status === 'rejected') expect(RtmError.is(outcome.reason), String(outcome.reason)).toBe(true);
    }
    await client.logout({ timeout: 500 }).catch(() => {});
  }
});

it('several bad servers are named each on a line', async () => {
  const endpoints = [await refusing(), await refusing()];
  const parameters = { 'rtm.timing': { login_ms: 1000 } };
  const error: RtmError = await world.login('x', { endpoints, parameters }).catch((reason) => reason);
  expect((error.cause as Error).message.split('\n')).toHaveLength(2);
  expect(error.message).not.toContain('\n');
});

it('the timeout of a call ends it, with the failures met so far', async () => {
  const odd = await startOddServer({ onConnect: (peer) => peer.close() });
  const login = RtmClient.login({ appId: world.appId, userId: 'x', endpoints: odd.endpoint, timeout: 1500 });
  await expect(login).rejects.toMatchObject({
    code: 'ERR_RTM_TIMEOUT',
    message: expect.stringMatching(/within the 1500 ms given; last attempt: 127\.0\.0\.1:\d+: .*closed/),
  });
});

it("a server's reason is shown without control characters and without the token", async () => {
  const token = world.token('x');
  const reasons = ['a\u001b[2Jb\nc', `you sent ${token}`];
  for (const [index, reason] of reasons.entries()) {
    const odd = await startOddServer({
      onFrame: (peer, name) =>
        name === 'Login' ? peer.send('LoginResult', { code: 2, reason }) : behaveWell(peer, name),
    });
    const error: RtmError = await world.login('x', { token, endpoints: odd.endpoint }).catch((failure) => failure);
    expect(error.code).toBe('ERR_RTM_REJECTED');
    expect(error.message).toMatch(index === 0 ? /a\?\[2Jb\?c$/ : /withheld/);
  }
});

it("a server without limits of attributes and invitations has the SDK's limits", async () => {
  const odd = await startOddServer({ onFrame: behaveWell });
  const client = await world.login('z', { endpoints: odd.endpoint, token: 'any' });
  const value = 'x'.repeat(8 * 1024);
  await expect(client.attributes.set({ k: `${value}x` })).rejects.toMatchObject({ reason: 4 });
  await expect(client.calls.invite('bob', { content: `${value}x` })).rejects.toMatchObject({ reason: 1 });
  expect(odd.heard).not.toContain('UserAttributesWrite');
  const written = client.attributes.set({ k: value }).catch(() => {});
  await expect.poll(() => odd.heard).toContain('UserAttributesWrite');
  await client.logout();
  await written;
});

describe('an endpoint that cannot be read', () => {
  const bad = [
    'http://127.0.0.1',
    '127.0.0.1',
    '127.0.0.1:port',
    'rtms://',
    'rtms://127.0.0.1:0',
    'rtms://127.0.0.1:70000',
    'rtms://::1',
    'rtms://a b',
    'rtms://host/path',
    'rtms://host#sha256=12',
    'rtms://host#area=MOON',
    'rtms://host#x=1',
  ];

  it.each(bad)('%s is refused at once, beside a good one as well', (endpoint) => {
    const service = createRtmService();
    for (const list of [[endpoint], [endpoint, world.server.connectString]]) {
      expect(service.setParameters(JSON.stringify({ 'rtm.endpoints': list }))).toBeLessThan(0);
      const options = { appId: world.appId, userId: 'x', endpoints: list };
      expect(() => RtmClient.login(options)).toThrow(/endpoints: expected /);
    }
    service.release();
  });
});

describe('a session that a server will not resume', () => {
  it('is not given up for another server because a resume broke off', async () => {
    let resumes = 0;
    const home = await startOddServer({
      onFrame: (peer, name) => {
        if (name !== 'Resume') return behaveWell(peer, name);
        if (++resumes < 3) peer.close();
        else peer.send('ResumeResult', { resumed: true, resume_token: Buffer.alloc(16, 2), inbox_complete: true });
      },
    });
    const other = await startOddServer({ onFrame: behaveWell });
    const client = await world.login('z', { endpoints: [home.endpoint, other.endpoint], token: 'any' });
    const resumed = new Promise((resolve) => {
      subscribe('rtm:resume', resolve);
      onTestFinished(() => void unsubscribe('rtm:resume', resolve));
    });
    home.peer?.close();
    await resumed;
    expect(resumes).toBe(3);
    expect(other.connections).toBe(0);
    await client.logout();
  });

  it('is replaced by a new login on the same connection', async () => {
    const odd = await startOddServer({ onFrame: behaveWell });
    const client = await world.login('z', { endpoints: odd.endpoint, token: 'any' });
    const before = odd.heard.length;
    const back = new Promise((resolve) => client.once('state', resolve));
    odd.peer?.close();
    await expect
      .poll(() => odd.heard.slice(before).filter((name) => name !== 'Ping'))
      .toEqual(['Hello', 'Resume', 'Login']);
    expect(client.state).toBe('connected');
    await client.logout();
    await back;
  });
});

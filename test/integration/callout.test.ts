// Somebody else decides about logins, joins and renewals: a function, and a web server on loopback.
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoginOptions, RtmClient, RtmServer, type RtmServerOptions, type RtmServerRule } from 'rtm-native';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildToken } from '../../lib/server/token.js';
import { endAll, rtm } from './cli-process.js';
import { startRelay, within } from './client-world.js';
import { TinyCluster } from './cluster/tiny-cluster.js';

const appId = '0123456789abcdef0123456789abcdef';
const secret = 'a secret of the two servers';
const folder = mkdtempSync(join(tmpdir(), 'rtm-callout-'));
afterAll(() => {
  endAll();
  rmSync(folder, { recursive: true });
});

interface Asked {
  readonly event: string;
  readonly user: string;
  readonly channel?: string;
}
type Handle = (asked: Asked, response: ServerResponse) => void;
const reply = (response: ServerResponse, answer: unknown) => void response.end(JSON.stringify(answer));
const says =
  (answer: unknown): Handle =>
  (_asked, response) =>
    reply(response, answer);
const YES = says({ allow: true });

/** A web server that says who may do what, and looks at the signatures. */
class AuthServer {
  handle: Handle = YES;
  readonly asked: Asked[] = [];
  readonly forged: string[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/rtm`;
  }
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const part of request.setEncoding('utf8')) body += part;
    const { 'x-rtm-timestamp': time, 'x-rtm-signature': signature } = request.headers;
    const expected = `v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`;
    const age = Math.abs(Date.now() / 1000 - Number(time));
    if (request.method !== 'POST' || signature !== expected || !(age < 60)) this.forged.push(body);
    const asked = JSON.parse(body) as Asked;
    this.asked.push(asked);
    this.handle(asked, response);
  }
}

let auth: AuthServer;
beforeEach(async () => {
  auth = new AuthServer();
  await auth.listen();
});
afterEach(() => {
  auth.close();
  expect(auth.forged).toEqual([]);
});

const lines: string[] = [];
const servers: RtmServer[] = [];
const clients: RtmClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.logout({ timeout: 5000 }).catch(() => {})));
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(
  options: Partial<RtmServerOptions> = {},
  rules: readonly RtmServerRule[] = [],
): Promise<RtmServer> {
  lines.length = 0;
  const log = (_level: string, line: string) => void lines.push(line);
  const server = await RtmServer.start({
    ...{ host: '127.0.0.1', port: 0, loops: 2, limits: 'off', apps: [{ appId, rules }], log },
    ...(options.authorize === undefined && { callout: { url: auth.url, secret } }),
    ...options,
  });
  servers.push(server);
  return server;
}

async function login(server: RtmServer, userId: string, more: Partial<LoginOptions> = {}): Promise<RtmClient> {
  const client = await RtmClient.login({ appId, userId, endpoints: server.connectString, timeout: 15_000, ...more });
  clients.push(client);
  return client;
}

const FAILURE = { code: 'ERR_RTM_FAILURE', reason: 1 };

describe('a web server', () => {
  it('is asked about logins and joins, and its no has the codes of the SDK', async () => {
    auth.handle = ({ user, channel }, response) => reply(response, { allow: user !== 'bob' && channel !== 'closed' });
    const server = await start();
    const ann = await login(server, 'ann');
    await expect(login(server, 'bob')).rejects.toMatchObject({ code: 'ERR_RTM_NOT_AUTHORIZED', reason: 7 });
    const room = await ann.join('open');
    await room.send('hello');
    await expect(ann.join('closed')).rejects.toMatchObject({ ...FAILURE, operation: 'join' });
    const same = { v: 1, app: appId, address: '127.0.0.1' };
    expect(auth.asked).toEqual([
      { ...same, event: 'login', user: 'ann' },
      { ...same, event: 'login', user: 'bob' },
      { ...same, event: 'join', user: 'ann', channel: 'open' },
      { ...same, event: 'join', user: 'ann', channel: 'closed' },
    ]);
    expect(lines).toContainEqual(
      expect.stringMatching(/^login refused: the callout does not allow it event=login-refused .* user="bob"/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^not allowed: join event=permission-denied .* user="ann" target="closed"/),
    );
    expect(server.stats()).toMatchObject({ denials: 1, calloutFailures: 0, loginFailuresBy: { notAuthorized: 1 } });
  });

  it('is not asked about what the rules deny', async () => {
    const server = await start({}, [
      { deny: ['login'], users: ['bob'] },
      { deny: ['join'], channels: ['closed'] },
    ]);
    const ann = await login(server, 'ann');
    await expect(login(server, 'bob')).rejects.toMatchObject({ code: 'ERR_RTM_NOT_AUTHORIZED' });
    await expect(ann.join('closed')).rejects.toMatchObject(FAILURE);
    expect(auth.asked).toHaveLength(1);
  });

  it('gives roles, which rules know', async () => {
    auth.handle = ({ user }, response) => reply(response, { allow: true, roles: user === 'ann' ? ['staff'] : [] });
    const server = await start({}, [{ allow: ['publish'], roles: ['staff'] }, { deny: ['publish'] }]);
    const [ann, bob] = [await login(server, 'ann'), await login(server, 'bob')];
    const [hers, his] = [await ann.join('news'), await bob.join('news')];
    await hers.send('news');
    await expect(his.send('gossip')).rejects.toMatchObject(FAILURE);
  });

  it('is not asked again while its answer is good', async () => {
    auth.handle = says({ allow: true, cacheMs: 60_000 });
    const server = await start();
    for (let times = 0; times < 3; times++) {
      const ann = await login(server, 'ann');
      await (await ann.join('room')).leave();
      await ann.logout();
    }
    expect(auth.asked.map(({ event }) => event)).toEqual(['login', 'join']);
  });

  const bad: readonly [string, Handle, RegExp][] = [
    ['is late', () => {}, /no answer within 1500 ms/],
    ['fails', (_asked, response) => void response.writeHead(500).end('{"allow":true}'), /status 500/],
    ['hangs up', (_asked, response) => void response.destroy(), /fetch failed/],
    ['sends no JSON', (_asked, response) => void response.end('yes'), /malformed answer: it is no JSON/],
    ['sends another form', says({ allow: 'yes' }), /malformed answer: allow: expected true or false/],
    ['sends bad roles', says({ allow: true, roles: ['"'] }), /malformed answer: roles: /],
    ['sends too much', says({ allow: true, more: 'x'.repeat(16 * 1024) }), /malformed answer: more than 16384 bytes/],
    [
      'sends elsewhere',
      (_asked, response) => void response.writeHead(307, { location: '/other' }).end(),
      /fetch failed/,
    ],
  ];
  it.each(bad)('that %s has said no, and the log says why', async (_what, handle, words) => {
    const server = await start();
    const ann = await login(server, 'ann');
    auth.handle = handle;
    await expect(ann.join('room')).rejects.toMatchObject(FAILURE);
    const line = lines.find((each) => each.startsWith('callout failed: '));
    expect(line).toMatch(words);
    expect(line).toMatch(/ event=callout-failed address=127\.0\.0\.1 port=\d+ app="[0-9a-f]{32}" user="ann"$/);
    expect(server.stats().calloutFailures).toBe(1);
    auth.handle = YES;
    await ann.join('room');
  });

  it('that is down sends those who log in to try again, and does not refuse them', async () => {
    const server = await start();
    auth.handle = (_asked, response) => {
      auth.handle = YES;
      response.writeHead(503).end();
    };
    await login(server, 'ann');
    expect(auth.asked).toHaveLength(2);
    expect(server.stats()).toMatchObject({ calloutFailures: 1, loginFailuresBy: { notAuthorized: 0 } });
  });

  it('that is gone counts as a yes if the operator wants it so', async () => {
    const server = await start({ callout: { url: auth.url, secret, onFailure: 'allow' } });
    auth.close();
    await (await login(server, 'ann')).join('room');
    expect(lines).toContainEqual(expect.stringContaining('event=callout-failed'));
  });

  it('that is gone is taken at its last word if the operator wants it so', async () => {
    auth.handle = ({ user }, response) => reply(response, { allow: user === 'ann' });
    const server = await start({ callout: { url: auth.url, secret, onFailure: 'last' } });
    await (await login(server, 'ann')).logout();
    await expect(login(server, 'bob')).rejects.toMatchObject({ code: 'ERR_RTM_NOT_AUTHORIZED' });
    auth.close();
    await login(server, 'ann');
    await expect(login(server, 'bob')).rejects.toMatchObject({ code: 'ERR_RTM_NOT_AUTHORIZED' });
  });
});

describe('a function', () => {
  it('decides, and a no at a resume ends the session', async () => {
    let allow = true;
    const server = await start({ authorize: async () => ({ allow }) });
    const relay = await startRelay(server);
    const parameters = { 'rtm.timing': { outage_ms: 300 } };
    const ann = await login(server, 'ann', { endpoints: relay.connectString, parameters });
    const once = async () => {
      const lost = ann.whenState('reconnecting');
      relay.cut();
      await within('the loss', lost);
      relay.mend();
    };
    await once();
    await within('the resume', ann.whenState('connected'));
    allow = false;
    await once();
    await within('the end', ann.whenState('aborted'));
    await relay.close();
  });

  it('is asked about renewals, if wanted, and can give other roles', async () => {
    const appCertificate = 'fedcba9876543210fedcba9876543210';
    const token = (expireSeconds: number) =>
      buildToken({ appId, appCertificate, userId: 'ann', expireSeconds, issuedAt: Math.floor(Date.now() / 1000) });
    let answer: { allow: boolean; roles?: string[] } = { allow: true };
    const rules: RtmServerRule[] = [{ allow: ['publish'], roles: ['staff'] }, { deny: ['publish'] }];
    const server = await start({
      apps: [{ appId, certificate: appCertificate, rules }],
      authorize: () => answer,
      callout: { ask: ['renew'] },
    });
    const ann = await login(server, 'ann', { token: token(60) });
    const room = await ann.join('room');
    await expect(room.send('x')).rejects.toMatchObject(FAILURE);
    answer = { allow: false };
    await expect(ann.renewToken(token(70))).rejects.toMatchObject({ code: 'ERR_RTM_INVALID_TOKEN', reason: 6 });
    answer = { allow: true, roles: ['staff'] };
    await ann.renewToken(token(80));
    await room.send('x');
    answer = { allow: 'yes' as unknown as boolean };
    await expect(ann.renewToken(token(90))).rejects.toMatchObject({ code: 'ERR_RTM_FAILURE', reason: 1 });
  });

  it('decides at every node of a cluster, and beside a store', async () => {
    const cluster = new TinyCluster();
    const authorize = ({ channel }: { readonly channel?: string | undefined }) => ({ allow: channel !== 'closed' });
    const nodes = await Promise.all([
      start({ authorize, clusterEngine: cluster.node() }),
      start({ authorize, clusterEngine: cluster.node() }),
      start({ authorize, data: join(folder, 'data') }),
    ]);
    for (const [index, node] of nodes.entries()) {
      const client = await login(node, `user ${index}`);
      await client.join('open');
      await expect(client.join('closed')).rejects.toMatchObject(FAILURE);
    }
  });
});

describe('rtm server', () => {
  const file = join(folder, 'rtm.yaml');
  const config = (rules: string) =>
    writeFileSync(
      file,
      [
        'host: 127.0.0.1',
        'port: 0',
        `apps: [{ appId: "${appId}", rules: ${rules} }]`,
        `callout: { url: "${auth.url}", secretFile: callout.key, ask: [login] }`,
      ].join('\n'),
    );
  beforeAll(() => writeFileSync(join(folder, 'callout.key'), `${secret}\n`));

  it('asks the web server of its configuration, and reads the rules again at SIGHUP', async () => {
    config('[{ deny: [join], channels: ["closed-*"] }]');
    auth.handle = ({ user }, response) => reply(response, { allow: user === 'ann' });
    const server = rtm(['server', '--config', file]);
    const [, endpoints = ''] = await server.shows(/connect {6}(rtms:\S+)/);
    const there = (userId: string) => RtmClient.login({ appId, userId, endpoints, timeout: 15_000 });
    const ann = await there('ann');
    await expect(there('bob')).rejects.toMatchObject({ code: 'ERR_RTM_NOT_AUTHORIZED' });
    await expect(ann.join('closed-1')).rejects.toMatchObject(FAILURE);
    const room = await ann.join('open-1');
    const kicked = vi.fn();
    room.on('left', kicked);
    config('[{ deny: [join], channels: ["open-*"] }, { deny: [fly] }]');
    server.signal('SIGHUP');
    await server.shows(
      /The old rules stay in use: .*rtm\.yaml:3: apps\[0\]\.rules\[1\]\.deny\[0\]: expected login, join/,
    );
    expect(kicked).not.toHaveBeenCalled();
    config('[{ deny: [join], channels: ["open-*"] }]');
    server.signal('SIGHUP');
    await server.shows(/Rules read again: 1 in use\./);
    await vi.waitFor(() => expect(kicked).toHaveBeenCalledWith({ channelId: 'open-1', reason: 'kicked' }));
    await ann.join('closed-1');
    await ann.logout();
    server.signal('SIGINT');
    expect(await server.exit()).toBe(0);
  });

  it('does not start with settings that are malformed', async () => {
    config('[{ deny: [send], channels: [news] }]');
    const rules = rtm(['server', '--config', file, '--check-config']);
    expect(await rules.exit()).toBe(2);
    expect(rules.errors).toContain('apps[0].rules[0].deny[0]');
    writeFileSync(file, 'callout: { url: "http://auth.example", secretFile: none.key, onFailure: never }');
    const callout = rtm(['server', '--config', file, '--check-config']);
    expect(await callout.exit()).toBe(2);
    expect(callout.errors).toMatch(/rtm\.yaml:1: callout\.url: expected https:/);
    expect(callout.errors).toMatch(/callout\.onFailure: expected deny, allow or last, got "never"/);
    writeFileSync(file, `callout: { url: "${auth.url}", secretFile: none.key }`);
    const noSecret = rtm(['server', '--config', file, '--check-config']);
    expect(await noSecret.exit()).not.toBe(0);
    expect(noSecret.errors).toMatch(/callout\.secretFile: cannot read .*none\.key \(ENOENT\)/);
  });
});

// Rules of an App ID: what a user sees who may not, on every kind of server, and how new rules meet sessions.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoginOptions, RtmClient, RtmServer, type RtmServerRule } from 'rtm-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { within } from './client-world.js';
import { TinyCluster } from './cluster/tiny-cluster.js';

const appId = '0123456789abcdef0123456789abcdef';
const folder = mkdtempSync(join(tmpdir(), 'rtm-rules-'));
const body = join(folder, 'body');
writeFileSync(body, 'some bytes');
afterAll(() => rmSync(folder, { recursive: true }));

/** A server, or two of a cluster: guests log in at the last one, all others at the first. */
class World {
  readonly lines: string[] = [];
  servers: RtmServer[] = [];
  readonly #clients: RtmClient[] = [];

  async start(kind: 'memory' | 'durable' | 'cluster', rules: readonly RtmServerRule[]): Promise<void> {
    const cluster = new TinyCluster();
    const more = {
      memory: [{}],
      durable: [{ data: join(folder, 'data') }],
      cluster: [{ clusterEngine: cluster.node() }, { clusterEngine: cluster.node() }],
    }[kind];
    const same = { host: '127.0.0.1', port: 0, loops: 2, limits: 'off', apps: [{ appId, rules }] } as const;
    const log = (_level: string, line: string) => void this.lines.push(line);
    this.servers = await Promise.all(more.map((each) => RtmServer.start({ ...same, ...each, log })));
  }

  async login(userId: string, options: Partial<LoginOptions> = {}): Promise<RtmClient> {
    const server = this.servers.at(userId.startsWith('guest') ? -1 : 0) as RtmServer;
    const endpoints = server.connectString;
    const client = await RtmClient.login({ appId, userId, endpoints, timeout: 10_000, ...options });
    this.#clients.push(client);
    return client;
  }

  async setRules(rules: readonly RtmServerRule[]): Promise<void> {
    await Promise.all(this.servers.map((server) => server.setRules(appId, rules)));
  }

  async end(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.logout({ timeout: 5000 }).catch(() => {})));
    await Promise.all(this.servers.map((server) => server.close()));
  }
}

const RULES: readonly RtmServerRule[] = [
  { deny: ['login'], users: ['retired-*'] },
  { allow: ['join', 'publish', 'setAttributes'], channels: ['desk-/me'] },
  { deny: ['join'], channels: ['desk-*'] },
  { deny: ['publish', 'setAttributes'], users: ['guest-*'], channels: ['news'] },
  { deny: ['send', 'invite', 'presence'], users: ['guest-*'], to: ['vip-*'] },
  { deny: ['setAttributes', 'upload', 'history'], users: ['guest-*'] },
];

describe.each(['memory', 'durable', 'cluster'] as const)('a %s server with rules', (kind) => {
  const world = new World();
  let guest: RtmClient;
  let vip: RtmClient;
  let news: Awaited<ReturnType<RtmClient['join']>>;

  beforeAll(async () => {
    await world.start(kind, RULES);
    const parameters = { 'rtm.timing': { invitation_send_ms: 1500 } };
    [guest, vip] = await Promise.all([world.login('guest-1', { parameters }), world.login('vip-1')]);
    news = await guest.join('news');
  });
  afterAll(() => world.end());

  const FAILURE = { code: 'ERR_RTM_FAILURE', reason: 1 };

  it('refuses each action with the code of the SDK', async () => {
    await expect(world.login('retired-1')).rejects.toMatchObject({ code: 'ERR_RTM_NOT_AUTHORIZED', reason: 7 });
    await expect(guest.join('desk-vip-1')).rejects.toMatchObject({ ...FAILURE, operation: 'join' });
    await expect(news.send('x')).rejects.toMatchObject({ ...FAILURE, operation: 'sendMessage' });
    await expect(guest.sendToPeer('vip-1', 'x')).rejects.toMatchObject({ ...FAILURE, operation: 'sendMessageToPeer' });
    await expect(guest.media.upload(body)).rejects.toMatchObject(FAILURE);
    await expect(guest.presence.query(['guest-1', 'vip-1'])).rejects.toMatchObject(FAILURE);
    await expect(guest.presence.subscribe(['vip-1'])).rejects.toMatchObject(FAILURE);
    const attributes = { code: 'ERR_RTM_FAILURE', reason: 2 };
    await expect(guest.attributes.set({ mood: 'fine' })).rejects.toMatchObject(attributes);
    await expect(news.attributes.set({ topic: 'tea' })).rejects.toMatchObject(attributes);
    await expect(guest.history.query({ source: 'guest-1' })).rejects.toMatchObject({ code: 'ERR_RTM_NOT_ALLOWED' });
  });

  it('lets the caller of a refused invitation wait in vain', async () => {
    await expect(guest.calls.invite('vip-1')).rejects.toMatchObject({ code: 'ERR_RTM_PEER_NO_RESPONSE' });
  });

  it('allows what no rule denies', async () => {
    const desk = await guest.join('desk-guest-1');
    await desk.attributes.set({ lamp: 'on' });
    await desk.send('to my desk');
    const heard = once(guest, 'message');
    await vip.sendToPeer('guest-1', 'hello');
    await within('the message', heard);
    await vip.attributes.set({ mood: 'fine' });
    await vip.media.upload(body);
    if (kind !== 'cluster') await vip.history.query({ source: 'vip-1' }); // the cluster of this test keeps none
    expect(await vip.presence.query(['guest-1'])).toEqual(new Map([['guest-1', 'online']]));
    const invited = once(guest.calls, 'invitation');
    const outgoing = await vip.calls.invite('guest-1');
    const [incoming] = await within('the invitation', invited);
    await incoming.accept(); // an answer is allowed, although a guest may not invite a vip
    expect(await within('the answer', outgoing.ended)).toMatchObject({ outcome: 'accepted' });
  });

  it('has a line for each refusal, and counts them', async () => {
    const before = world.servers.at(-1)?.stats().denials ?? Number.NaN;
    await expect(guest.join('desk-"')).rejects.toMatchObject({ operation: 'join' }); // no id: no question of rules
    await expect(guest.join('desk-x y')).rejects.toMatchObject(FAILURE);
    expect(world.servers.at(-1)?.stats().denials).toBe(before + 1);
    expect(world.lines).toContainEqual(
      expect.stringMatching(
        /^not allowed: join event=permission-denied address=127\.0\.0\.1 port=\d+ app="0123456789abcdef0123456789abcdef" user="guest-1" target="desk-x y"/,
      ),
    );
    expect(world.lines).toContainEqual(
      expect.stringContaining('login refused: the rules of the App ID do not allow it'),
    );
  });

  it('applies new rules to sessions that exist', async () => {
    const [carl, dora] = await Promise.all([world.login('guest-carl'), world.login('guest-dora')]);
    const [open, closed, hers] = await Promise.all([carl.join('open'), carl.join('closed'), dora.join('closed')]);
    await carl.sendToPeer('guest-dora', 'before');
    await open.send('before');
    const kicked = Promise.all([closed, hers].map((each) => within('the kick', once(each, 'left'))));
    const ended = within('the end', once(dora, 'state'));
    await world.setRules([
      { deny: ['join'], channels: ['closed'] },
      { deny: ['login'], users: ['guest-dora'] },
      { deny: ['publish', 'send'], users: ['guest-carl'] },
    ]);
    expect((await kicked)[0]).toMatchObject([{ reason: 'kicked' }]);
    expect((await ended)[0]).toMatchObject({ current: 'aborted', reason: 'bannedByServer' });
    await expect(open.send('after')).rejects.toMatchObject(FAILURE);
    await expect(carl.sendToPeer('guest-1', 'after')).rejects.toMatchObject(FAILURE);
    await expect(carl.join('closed')).rejects.toMatchObject(FAILURE);
    await expect(world.login('guest-dora')).rejects.toMatchObject({ code: 'ERR_RTM_NOT_AUTHORIZED' });
    await world.setRules([]);
    await open.send('again');
    await carl.sendToPeer('guest-1', 'again');
    await carl.join('closed');
    await world.login('guest-dora');
  });
});

describe('rules that are malformed', () => {
  const bad: readonly [unknown, string, string][] = [
    [{}, 'options.apps[0].rules', 'an array of rules'],
    [[5], 'options.apps[0].rules[0]', 'an object'],
    [[{ deny: ['fly'] }], 'options.apps[0].rules[0].deny[0]', 'one of login, join, publish'],
    [[{ deny: [] }], 'options.apps[0].rules[0].deny', 'at least one action'],
    [[{ channels: ['a'] }], 'options.apps[0].rules[0]', 'either "allow" or "deny"'],
    [[{ allow: ['join'], deny: ['join'] }], 'options.apps[0].rules[0]', 'either "allow" or "deny"'],
    [
      [{ deny: ['send'], channels: ['a'] }],
      'options.apps[0].rules[0].deny[0]',
      'one of join, publish, setAttributes beside',
    ],
    [[{ deny: ['join'] }, { deny: ['join'], chanels: [] }], 'options.apps[0].rules[1]', 'only the properties'],
    [[{ deny: ['join'], channels: ['ok', '/you'] }], 'options.apps[0].rules[0].channels[1]', '/me once'],
    [[{ deny: ['join'], users: ['a'.repeat(129)] }], 'options.apps[0].rules[0].users[0]', '1 to 128 characters'],
    [[{ deny: ['send'], to: [5] }], 'options.apps[0].rules[0].to[0]', 'a string'],
    [[{ deny: ['login'], roles: ['staff'] }], 'options.apps[0].rules[0].deny[0]', 'beside roles'],
    [Array.from({ length: 257 }, () => ({ deny: ['join'] })), 'options.apps[0].rules', 'at most 256 rules'],
  ];

  it.each(bad)('do not start a server: %j', async (rules, place, expected) => {
    const started = RtmServer.start({ port: 0, apps: [{ appId, rules: rules as RtmServerRule[] }] });
    const error = await started.then(
      (server) => server.close().then(() => new Error('it started')),
      (reason: unknown) => reason as Error,
    );
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ argument: place });
    expect(error.message).toContain(expected);
  });

  it('leave those in use that a running server has', async () => {
    const server = await RtmServer.start({
      host: '127.0.0.1',
      port: 0,
      apps: [{ appId, rules: [{ deny: ['login'] }] }],
    });
    const login = () => RtmClient.login({ appId, userId: 'ann', endpoints: server.connectString, timeout: 10_000 });
    await expect(server.setRules(appId, [{ allow: ['fly' as 'join'] }])).rejects.toMatchObject({
      argument: 'rules[0].allow[0]',
    });
    await expect(server.setRules('ab'.repeat(16), [])).rejects.toBeInstanceOf(TypeError);
    await expect(login()).rejects.toMatchObject({ code: 'ERR_RTM_NOT_AUTHORIZED' });
    await server.setRules(appId, []);
    await (await login()).logout();
    await server.close();
    await expect(server.setRules(appId, [])).rejects.toMatchObject({ code: 'ERR_RTM_CLOSED' });
  });
});

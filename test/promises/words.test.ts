// Words to the user: what is wrong, with the limit and the actual value, and what to do. One text for one fault.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RtmClient } from '../../lib/client/rtm-client.js';
import { createRtmService, setRtmServiceContext } from '../../lib/sdk/service.js';
import { RtmServer } from '../../lib/server/rtm-server.js';

const appId = '0123456789abcdef0123456789abcdef';
const bytes = (count: number) => 'x'.repeat(count);

let server: RtmServer;
let folder: string;
beforeAll(async () => {
  server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps: [{ appId }], limits: 'off' });
  folder = mkdtempSync(join(tmpdir(), 'rtm-words-'));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const login = (options: object) =>
  RtmClient.login({ appId, userId: 'somebody', endpoints: server.connectString, ...options });
const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no rejection',
    (error: Error) => error.message,
  );

const faults: [string, string][] = [
  [
    'José',
    '"é", U+00E9 at index 3 is not allowed, expected letters A-Z a-z, digits, space and !#$%&()+-:;<=.>?@[]^_{}|~,',
  ],
  ['a\tb', 'U+0009 at index 1 is not allowed'],
  ['😀', '"😀", U+1F600 at index 0 is not allowed'],
  ['', 'is empty, expected 1 to 64 bytes'],
  [bytes(65), '65 bytes, at most 64'],
  ['null', 'the word null is no id'],
];

describe('RtmClient', () => {
  it.each(faults)('says what is wrong with the id %j', async (id, fault) => {
    expect(await rejection(login({ userId: id }))).toContain(`userId: ${fault}`);
    await using client = await login({});
    expect(await rejection(client.sendToPeer(id, 'x'))).toContain(`peerId: ${fault}`);
    expect(await rejection(client.join(id))).toContain(`channelId: ${fault}`);
    expect(await rejection(client.presence.query(['fine', id]))).toContain(`userIds[1]: ${fault}`);
    expect(await rejection(client.presence.subscribe([id]))).toContain(`userIds[0]: ${fault}`);
    expect(await rejection(client.memberCounts([id]))).toContain(`channelIds[0]: ${fault}`);
    expect(await rejection(client.calls.invite(id))).toContain(`userId: ${fault}`);
  });

  it('says what is wrong with a message', async () => {
    await using client = await login({});
    const channel = await client.join('words');
    // The server of this test has no limit of its own, and a frame has.
    for (const send of [client.sendToPeer.bind(client, 'bob'), channel.send.bind(channel)]) {
      expect(await rejection(send('fine \ud83d'))).toContain('text: has half a surrogate pair, after 5 characters');
      expect(await rejection(send({ raw: Buffer.from('x'), description: '\udc00' }))).toContain(
        'description: has half a surrogate pair, after 0 characters',
      );
      expect(await rejection(send(bytes(100_000)))).toMatch(
        /message: 100000 bytes, at most 32768 with the limits of the/,
      );
    }
  });

  it.each([
    ['0123', 'appId: 4 characters, expected 32 hexadecimal characters'],
    [`${bytes(32)}`, 'appId: "x" at index 0, expected 32 hexadecimal characters'],
  ])('says what is wrong with the App ID %s', async (wrong, fault) => {
    expect(await rejection(login({ appId: wrong }))).toContain(fault);
  });

  it('takes an endpoint without a scheme as rtms://', async () => {
    await using client = await login({ endpoints: server.connectString.replace('rtms://', '') });
    expect(client.state).toBe('connected');
  });
});

describe('the C++ names', () => {
  let files = 0;
  const services: ReturnType<typeof createRtmService>[] = [];
  afterEach(() => {
    for (const each of services.splice(0)) each.release();
  });
  /** A service that writes a log, and the log. */
  function service() {
    const file = join(folder, `${++files}.log`);
    const made = createRtmService();
    services.push(made);
    expect(made.setLogFile(file)).toBe(0);
    return { made, log: () => readFileSync(file, 'utf8') };
  }
  const failed = (made: ReturnType<typeof createRtmService>, user = 'somebody') =>
    new Promise<number>((resolve) => {
      const handler = { onLoginFailure: resolve, onLoginSuccess: () => resolve(0) };
      made.addEventHandler(handler);
      made.login(null, user);
    });

  it.each([
    [
      'José',
      'login: user id: 0xc3 at byte 3 is not allowed, expected letters A-Z a-z, digits, space and !#$%&()+-:;<=.>?@[]^_{}|~,',
    ],
    ['a"b', `login: user id: '"' at byte 1 is not allowed`],
    ['', 'login: user id: is empty or null, expected 1 to 64 bytes'],
    [bytes(65), 'login: user id: 65 bytes, at most 64'],
    ['null', 'login: user id: the word null is no id'],
  ])('write into the log what is wrong with the id %j', (id, line) => {
    const { made, log } = service();
    made.initialize(appId, {});
    expect(made.login(null, id)).toBe(3);
    expect(made.createChannel(id, {})).toBeNull();
    expect(log()).toContain(line);
    expect(log()).toContain(line.replace('login: user id', 'createChannel: channel id'));
  });

  it('write into the log what is wrong with a message', async () => {
    const { made, log } = service();
    made.initialize(appId, {});
    made.setParameters(JSON.stringify({ 'rtm.endpoints': server.connectString }));
    expect(await failed(made)).toBe(0);
    expect(made.sendMessageToPeer('José', made.createMessage('x'))).toBe(6);
    expect(made.sendMessageToPeer('bob', made.createMessage('\ud83d'))).toBe(7);
    expect(made.sendMessageToPeer('bob', made.createMessage(bytes(100_000)))).toBe(7);
    expect(log()).toContain('sendMessageToPeer: peer id: 0xc3 at byte 3 is not allowed');
    expect(log()).toContain('sendMessageToPeer: message: a text, description or file name is not UTF-8');
    expect(log()).toMatch(
      /sendMessageToPeer: message: 100000 bytes of text, data, file name and thumbnail, at most \d+/,
    );
  });

  it('write into the log what is wrong with the App ID', () => {
    const { made, log } = service();
    expect(made.initialize('0123', {})).toBe(3);
    expect(log()).toContain('initialize: App ID: 4 bytes, expected 32 hexadecimal characters');
  });

  it('refuse a malformed RTM_ENDPOINTS, unless the program names others first', () => {
    vi.stubEnv('RTM_ENDPOINTS', 'http://chat.example');
    const { made, log } = service();
    expect(made.initialize(appId, {})).toBe(1);
    expect(log()).toContain('initialize: RTM_ENDPOINTS: endpoint "http://chat.example": unknown scheme "http"');
    expect(made.setParameters(JSON.stringify({ 'rtm.endpoints': server.connectString }))).toBe(0);
    expect(made.initialize(appId, {})).toBe(0);
  });

  it('name the value and the remedy when a login has no endpoint', async () => {
    vi.stubEnv('RTM_ENDPOINTS', '');
    const remedy =
      '; set RTM_ENDPOINTS=rtms://host:9136, or setParameters({"rtm.endpoints": "rtms://host:9136"}), before login';
    const { made, log } = service();
    made.initialize(appId, {});
    expect(await failed(made)).toBe(1);
    expect(made.lastFailure).toBe(`no endpoint is configured${remedy}`);
    expect(made.setParameters('{"rtm.endpoints": "host:port"}')).toBeLessThan(0);
    expect(await failed(made)).toBe(1);
    const why = 'setParameters: rtm.endpoints: endpoint "host:port": port "port": expected a number from 1 to 65535';
    expect(made.lastFailure).toBe(`no endpoint can be used: ${why}${remedy}`);
    expect(log()).toContain(made.lastFailure);
  });

  it('honour rtm.log_filter, and name unknown parameters', () => {
    const { made, log } = service();
    expect(made.setParameters('{"rtm.dev": 1, "rtm.log_filter": 65535, "che.audio": {}}')).toBe(0);
    expect(log()).toContain('WARN     setParameters: unknown and without effect: rtm.dev');
    expect(log()).toContain('WARN     setParameters: unknown and without effect: che.audio');
    expect(made.setParameters('{"rtm.log_filter": 4}')).toBe(0);
    made.setParameters('{"rtm.dev": 1}');
    expect(log().match(/rtm\.dev/g)).toHaveLength(1);
    expect(made.setParameters('{"rtm.log_filter": "INFO"}')).toBeLessThan(0);
    expect(log()).toContain(
      'ERROR    setParameters: rtm.log_filter: expected a sum of log levels, as in LOG_FILTER_TYPE',
    );
  });

  it.each([
    ['none', 0],
    ['one that does not exist', 64],
    ['one that does not exist, and another', 65],
  ])('refuse a set of areas with %s', (_, areaCode) => {
    expect(setRtmServiceContext({})).toBe(0);
    expect(setRtmServiceContext({ areaCode })).toBe(1);
  });

  it.each([
    ['all', -1],
    ['all but one', ~2],
    ['two', 3],
  ])('take a set of areas with %s', (_, areaCode) => {
    expect(setRtmServiceContext({ areaCode })).toBe(0);
    expect(setRtmServiceContext({})).toBe(0);
  });
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { createRtmService } from '../../lib/sdk/service.js';
import { RtmServer } from '../../lib/server/rtm-server.js';
import { joined, newBot, newService, startServer, staticApp } from './sdk-world.js';

const apps = [{ appId: staticApp }];
const servers: RtmServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});
async function start(options: Parameters<typeof startServer>[0] = {}): Promise<RtmServer> {
  const server = await startServer(options);
  servers.push(server);
  return server;
}

describe('a server in this process', () => {
  it('says where and how clients reach it', async () => {
    const server = await start();
    expect(server.listening).toBe(true);
    expect(server.port).toBeGreaterThan(0);
    expect(server.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(server.connectString).toBe(`rtms://127.0.0.1:${server.port}#sha256=${server.fingerprint}`);
  });

  it('serves without encryption when told so', async () => {
    const server = await start({ tls: false });
    expect(server.fingerprint).toBe('');
    expect(server.connectString).toBe(`rtm://127.0.0.1:${server.port}`);
    await newBot(server);
  });

  it('listens on both families by default', async () => {
    const server = await start({ host: undefined });
    for (const host of ['127.0.0.1', '[::1]']) {
      const { service, events } = newService(server);
      service.setParameters(
        JSON.stringify({ 'rtm.endpoints': `rtms://${host}:${server.port}#sha256=${server.fingerprint}` }),
      );
      service.login(null, `user-${host.length}`);
      await events.next('onLoginSuccess');
    }
  });

  it('counts events', async () => {
    const server = await start();
    const [alice, bob] = await Promise.all([newBot(server), newBot(server)]);
    await joined(alice, 'counted');
    alice.service.sendMessageToPeer(bob.user, alice.service.createMessage('one'));
    await alice.events.next('onSendMessageResult');
    expect(server.stats()).toMatchObject({
      connections: 2,
      sessions: 2,
      channels: 1,
      logins: 2,
      loginFailures: 0,
      messagesIn: 1,
      messagesOut: 1,
      malformed: 0,
    });
    const { service, events } = newService(server, '0'.repeat(32));
    service.login(null, 'stranger');
    expect(await events.next('onLoginFailure')).toEqual([4]);
    expect(server.stats().loginFailures).toBe(1);
  });

  it('keeps projects apart', async () => {
    const other = 'ffff456789abcdef0123456789abcdef';
    const server = await start({ apps: [...apps, { appId: other }] });
    const here = await newBot(server, 'same-name');
    const { service, events } = newService(server, other);
    service.login(null, 'same-name');
    await events.next('onLoginSuccess');
    expect(here.events.calls.at(-1)).not.toEqual(['onConnectionStateChanged', 5, 8]);
    const { service: third, events: seen } = newService(server, other);
    third.login(null, 'somebody');
    await seen.next('onLoginSuccess');
    third.sendMessageToPeer('same-name', third.createMessage('for the other project'));
    await events.next('onMessageReceivedFromPeer');
    expect(here.events.names()).not.toContain('onMessageReceivedFromPeer');
  });

  it('hands its log over, without secrets', async () => {
    const lines: string[] = [];
    const server = await start({ log: (level, line) => lines.push(`${level} ${line}`) });
    const { service, events } = newService(server, '1'.repeat(32));
    service.login('a-secret-token', 'stranger');
    await events.next('onLoginFailure');
    await vi.waitFor(() => expect(lines.length).toBeGreaterThan(0));
    expect(lines.every((line) => /^(debug|info|warning|error|critical) ./.test(line))).toBe(true);
    expect(lines.join('\n')).not.toContain('a-secret-token');
  });

  it('applies its configured limits', async () => {
    const server = await start({
      limits: { base: 'off', messageBytes: 100, rates: { send: { count: 3, perSeconds: 60 } } },
    });
    const { service } = await newBot(server);
    expect(service.sendMessageToPeer('peer', service.createMessage('x'.repeat(101)))).toBe(7);
    const codes = Array.from({ length: 4 }, () => service.sendMessageToPeer('peer', service.createMessage('x')));
    expect(codes).toEqual([0, 0, 0, 5]);
  });

  it('closes once, however often it is asked, and its clients notice', async () => {
    const server = await start();
    const { events } = await newBot(server);
    const lost = events.next('onConnectionStateChanged');
    const closing = server.close();
    expect(server.listening).toBe(false);
    expect(server.close()).toBe(closing);
    await closing;
    await server[Symbol.asyncDispose]();
    expect((await lost)[0]).toBe(4);
    expect(server.stats().logins).toBe(1);
  }, 15_000);

  it('frees its port when it is closed', async () => {
    const server = await start();
    const { port } = server;
    await server.close();
    expect((await start({ port })).port).toBe(port);
  });

  it('starts and closes many times, also at once', async () => {
    for (let round = 0; round < 5; round++) {
      const many = await Promise.all(Array.from({ length: 4 }, () => startServer()));
      expect(new Set(many.map((server) => server.port)).size).toBe(4);
      await Promise.all(many.map((server) => server.close()));
    }
  });

  it('does not hold up the event loop while it starts and closes', async () => {
    let longest = 0;
    let last = performance.now();
    const watch = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    const server = await startServer();
    await newBot(server);
    await server.close();
    clearInterval(watch);
    expect(longest).toBeLessThan(250); // closing may take seconds; the loop went on meanwhile
  });
});

describe('a server that cannot start rejects', () => {
  it('when its port is taken', async () => {
    const { port } = await start();
    await expect(RtmServer.start({ host: '127.0.0.1', port, apps })).rejects.toMatchObject({
      name: 'RtmError',
      code: 'ERR_RTM_SERVER_START',
      operation: 'start',
      message: expect.stringContaining(String(port)),
    });
  });

  it('when its address is not of this machine', async () => {
    await expect(RtmServer.start({ host: '192.0.2.1', port: 0, apps })).rejects.toMatchObject({
      code: 'ERR_RTM_SERVER_START',
      message: expect.stringContaining('192.0.2.1'),
    });
  });

  it('when its certificate is unusable', async () => {
    const pem = (kind: string) => `-----BEGIN ${kind}-----\nAAAA\n-----END ${kind}-----\n`;
    await expect(
      RtmServer.start({ port: 0, apps, tls: { cert: pem('CERTIFICATE'), key: pem('PRIVATE KEY') } }),
    ).rejects.toMatchObject({ code: 'ERR_RTM_SERVER_START' });
  });

  it('with a TypeError for a bad option', async () => {
    await expect(RtmServer.start({ port: -1, apps })).rejects.toMatchObject({
      name: 'TypeError',
      code: 'ERR_RTM_INVALID_ARG_VALUE',
      argument: 'options.port',
    });
    await expect(RtmServer.start(undefined as never)).rejects.toBeInstanceOf(TypeError);
  });
});

it('a service that was never logged in may outlive its server', async () => {
  const server = await startServer();
  const service = createRtmService();
  service.initialize(staticApp, {});
  await server.close();
  service.release(true);
});

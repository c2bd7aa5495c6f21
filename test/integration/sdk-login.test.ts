import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CONNECTION_CHANGE_REASON, CONNECTION_STATE, LOGIN_ERR_CODE } from '../../lib/enums.js';
import { createRtmService, getRtmSdkVersion, setRtmServiceContext } from '../../lib/sdk/service.js';
import type { RtmServer } from '../../lib/server/rtm-server.js';
import { buildToken } from '../../lib/server/token.js';
import { certificate, newBot, newService, Recorder, startServer, staticApp, tokenApp } from './sdk-world.js';

const { CONNECTION_STATE_CONNECTING, CONNECTION_STATE_CONNECTED, CONNECTION_STATE_DISCONNECTED } = CONNECTION_STATE;
const { CONNECTION_STATE_ABORTED } = CONNECTION_STATE;

let server: RtmServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

describe('initialize', () => {
  it('gives the error values of C++', () => {
    const service = createRtmService();
    expect(service.initialize(null, {})).toBe(3);
    expect(service.initialize('', {})).toBe(3);
    expect(service.initialize('0123456789abcdef0123456789abcdeg', {})).toBe(3);
    expect(service.initialize(`${staticApp}\0`, {})).toBe(3);
    expect(service.initialize(staticApp, null)).toBe(4);
    expect(service.initialize(staticApp, {})).toBe(0);
    expect(service.initialize(staticApp, {})).toBe(2);
    service.release();
  });

  it('comes before everything else', () => {
    const service = createRtmService();
    expect(service.login(null, 'user')).toBe(101);
    expect(service.logout()).toBe(101);
    expect(service.renewToken('token')).toBe(101);
    expect(service.sendMessageToPeer('peer', service.createMessage('text'))).toBe(101);
    expect(service.createChannel('room', {})).toBeNull();
    expect(service.queryPeersOnlineStatus(['peer'])).toEqual({ code: 101, requestId: 0 });
    service.release();
  });

  it('gives the version of the surface', () => {
    expect(getRtmSdkVersion()).toBe('1.5.0');
  });

  it('leaves the context of the process alone while a service exists', () => {
    const service = createRtmService();
    expect(setRtmServiceContext({ areaCode: 1 })).toBe(1);
    service.release();
  });
});

describe('login and logout', () => {
  it('report states and results in the order of C++', async () => {
    const { service, events } = newService(server);
    expect(service.logout()).toBe(102);
    expect(service.sendMessageToPeer('peer', service.createMessage('text'))).toBe(102);
    expect(service.login(null, 'alice')).toBe(0);
    expect(service.login(null, 'alice')).toBe(8);
    await events.next('onLoginSuccess');
    expect(service.login(null, 'alice')).toBe(8);
    expect(service.logout()).toBe(0);
    await events.next('onConnectionStateChanged');
    expect(service.logout()).toBe(102);
    await vi.waitFor(() => expect(events.names()).toContain('onLogout'));
    const states = events.calls.filter((call) => call[0] === 'onConnectionStateChanged');
    expect(states.map((call) => call.slice(1))).toEqual([
      [CONNECTION_STATE_CONNECTING, CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_LOGIN],
      [CONNECTION_STATE_CONNECTED, CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_LOGIN_SUCCESS],
      [CONNECTION_STATE_DISCONNECTED, CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_LOGOUT],
    ]);
    expect(events.calls).toContainEqual(['onLogout', 0]);
  });

  it('work again and as another user', async () => {
    const { service, events } = newService(server);
    for (const user of ['first', 'second']) {
      expect(service.login(null, user)).toBe(0);
      await events.next('onLoginSuccess');
      service.logout();
      await events.next('onLogout');
    }
  });

  it.each([null, '', 'null', 'a'.repeat(65), 'ünder', 'a\0b', '\ud800', 'a/b'])('refuse the user id %j', (user) => {
    const { service } = newService(server);
    expect(service.login(null, user as string)).toBe(LOGIN_ERR_CODE.LOGIN_ERR_INVALID_ARGUMENT);
  });

  it('accept a token of the server side and refuse others', async () => {
    const login = async (token: string | null, user: string) => {
      const { service, events } = newService(server, tokenApp);
      const done = Promise.race([
        events.next('onLoginSuccess').then(() => 0),
        events.next('onLoginFailure').then(([code]) => code),
      ]);
      expect(service.login(token, user)).toBe(0);
      return done;
    };
    const token = buildToken({ appId: tokenApp, appCertificate: certificate, userId: 'holder' });
    expect(await login(token, 'holder')).toBe(0);
    expect(await login(token, 'another')).toBe(LOGIN_ERR_CODE.LOGIN_ERR_INVALID_TOKEN);
    expect(await login(null, 'holder')).toBe(LOGIN_ERR_CODE.LOGIN_ERR_INVALID_TOKEN);
    expect(await login(`${token}\0x`, 'holder')).toBe(LOGIN_ERR_CODE.LOGIN_ERR_INVALID_TOKEN);
    const old = Math.floor(Date.now() / 1000) - 1000;
    const expired = buildToken({
      appId: tokenApp,
      appCertificate: certificate,
      userId: 'holder',
      issuedAt: old,
      expireSeconds: 10,
    });
    expect(await login(expired, 'holder')).toBe(LOGIN_ERR_CODE.LOGIN_ERR_TOKEN_EXPIRED);
  });

  it('renew a token', async () => {
    const { service, events } = newService(server, tokenApp);
    const token = () => buildToken({ appId: tokenApp, appCertificate: certificate, userId: 'renewer' });
    service.login(token(), 'renewer');
    await events.next('onLoginSuccess');
    const renewed = token();
    expect(service.renewToken(renewed)).toBe(0);
    expect(await events.next('onRenewTokenResult')).toEqual([renewed, 0]);
    expect(service.renewToken('')).toBe(2);
    expect(service.renewToken(null as unknown as string)).toBe(2);
  });

  it('end the older login of the same user', async () => {
    const first = await newBot(server, 'twin');
    const aborted = first.events.next('onConnectionStateChanged');
    await newBot(server, 'twin');
    expect(await aborted).toEqual([CONNECTION_STATE_ABORTED, 8]);
    expect(first.service.login(null, 'twin')).toBe(8);
    expect(first.service.logout()).toBe(0);
    expect(await first.events.next('onLogout')).toEqual([0]);
  });
});

describe('handlers', () => {
  it('get every event in the order of registration, until they are taken out', async () => {
    const { service, events } = newService(server);
    const order: string[] = [];
    const second = { onLoginSuccess: () => order.push('second'), onLogout: () => order.push('second out') };
    const third = { onLoginSuccess: () => order.push('third'), onLogout: () => order.push('third out') };
    service.addEventHandler(second);
    service.addEventHandler(third);
    service.addEventHandler(second);
    service.login(null, 'handled');
    await vi.waitFor(() => expect(order).toEqual(['second', 'third']));
    service.removeEventHandler(second);
    service.logout();
    await events.next('onLogout');
    await vi.waitFor(() => expect(order).toEqual(['second', 'third', 'third out']));
  });

  it('may be taken out, or all ended, by a handler that is called before them', async () => {
    const { service } = newService(server);
    const seen: string[] = [];
    const later = { onLoginSuccess: () => seen.push('later') };
    service.addEventHandler({
      onLoginSuccess() {
        seen.push('earlier');
        service.removeEventHandler(later);
      },
    });
    service.addEventHandler(later);
    service.addEventHandler({
      onLoginSuccess() {
        seen.push('last');
        service.release();
      },
      onConnectionStateChanged: (state) => state === CONNECTION_STATE_DISCONNECTED && seen.push('after release'),
    });
    service.login(null, 'releaser');
    await vi.waitFor(() => expect(seen).toContain('last'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(seen).toEqual(['earlier', 'last']);
  });

  it('do not disturb each other by throwing', async () => {
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const uncaught = vi.fn();
    process.on('uncaughtException', uncaught);
    try {
      const { service, events } = newService(server);
      const seen: string[] = [];
      service.addEventHandler({
        onLoginSuccess: () => {
          throw new Error('from a handler');
        },
      });
      service.addEventHandler({ onLoginSuccess: () => seen.push('login'), onLogout: () => seen.push('logout') });
      service.login(null, 'thrower');
      await vi.waitFor(() => expect(uncaught).toHaveBeenCalledOnce());
      service.logout();
      await vi.waitFor(() => expect(seen).toEqual(['login', 'logout']));
      expect(events.names()).toContain('onLogout');
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const other of others) process.on('uncaughtException', other);
    }
  });
});

describe('release', () => {
  it('leaves a service that answers every call like one never initialised, and cannot be again', async () => {
    const { service } = await newBot(server);
    const channel = service.createChannel('room', {});
    service.release();
    service.release(true);
    expect(service.initialize(staticApp, {})).toBe(1);
    expect(service.login(null, 'user')).toBe(101);
    expect(service.logout()).toBe(101);
    expect(service.sendMessageToPeer('peer', service.createMessage('text'))).toBe(101);
    expect(service.createChannel('room', {})).toBeNull();
    expect(service.getUserAttributes('user')).toEqual({ code: 101, requestId: 0 });
    expect(service.setParameters('{}')).toBeLessThan(0);
    expect(service.setLogFilter(0)).not.toBe(0);
    expect([channel?.join(), channel?.leave(), channel?.getMembers(), channel?.getId()]).toEqual([
      101,
      101,
      101,
      'room',
    ]);
    channel?.release();
  });

  it('takes the user off the server at once', async () => {
    const bot = await newBot(server);
    const peer = await newBot(server);
    peer.service.subscribePeersOnlineStatus([bot.user]);
    expect((await peer.events.next('onPeersOnlineStatusChanged'))[0]).toMatchObject([{ onlineState: 0 }]);
    bot.service.release(true);
    // Far sooner than the end of the grace period, which is 30 s. A message that overtakes the logout would time out.
    expect((await peer.events.next('onPeersOnlineStatusChanged'))[0]).toMatchObject([{ onlineState: 2 }]);
    peer.service.sendMessageToPeer(bot.user, peer.service.createMessage('anybody there?'));
    expect((await peer.events.next('onSendMessageResult'))[1]).toBe(3);
  });
});

describe('settings', () => {
  it('give 0 or an error value', () => {
    const { service } = newService(server);
    const folder = mkdtempSync(join(tmpdir(), 'rtm-sdk-'));
    try {
      expect(service.setParameters('{"something.unknown":1}')).toBe(0);
      expect(service.setParameters('no json')).toBeLessThan(0);
      expect(service.setParameters('{}\0')).toBeLessThan(0);
      expect(service.setParameters(null as unknown as string)).toBeLessThan(0);
      expect(service.setLogFile(join(folder, 'rtm.log'))).toBe(0);
      expect(service.setLogFile('relative.log')).not.toBe(0);
      expect(service.setLogFile(join(folder, 'missing/rtm.log'))).not.toBe(0);
      expect(service.setLogFilter(0x0f)).toBe(0);
      expect(service.setLogFileSize(1024)).toBe(0);
      expect(service.setLogFileSize(1)).not.toBe(0);
      service.login(null, 'logged');
      expect(readFileSync(join(folder, 'rtm.log'), 'utf8')).toContain('state');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('wrong types throw a TypeError that says which argument', () => {
  const service = createRtmService();
  service.initialize(staticApp, {});
  const channel = service.createChannel('room', {});
  const message = service.createMessage('x');
  const loose = (value: unknown) => value as never;
  const calls: [string, () => unknown, string][] = [
    ['initialize', () => createRtmService().initialize(loose(1), {}), 'appId'],
    ['initialize', () => createRtmService().initialize(staticApp, loose('handler')), 'eventHandler'],
    ['addEventHandler', () => service.addEventHandler(loose(undefined)), 'eventHandler'],
    ['login', () => service.login(loose(undefined), 'user'), 'token'],
    ['login', () => service.login(null, loose(7)), 'userId'],
    ['renewToken', () => service.renewToken(loose({})), 'token'],
    ['sendMessageToPeer', () => service.sendMessageToPeer(loose(1), message), 'peerId'],
    ['sendMessageToPeer', () => service.sendMessageToPeer('peer', loose('text')), 'message'],
    ['sendMessageToPeer', () => service.sendMessageToPeer('peer', message, loose(true)), 'options'],
    [
      'sendMessageToPeer',
      () => service.sendMessageToPeer('peer', message, { enableOfflineMessaging: loose(1) }),
      'options.enableOfflineMessaging',
    ],
    ['createMessage', () => service.createMessage(loose(1)), 'message'],
    ['createMessage', () => service.createMessage(loose([1, 2])), 'message'],
    ['createMessage', () => service.createMessage(new Uint8Array(1), loose(2)), 'description'],
    ['setText', () => message.setText(loose(null)), 'str'],
    ['createChannel', () => service.createChannel(loose(1), {}), 'channelId'],
    [
      'createChannel',
      () =>
        service.createChannel(
          'room',
          loose(() => {}),
        ),
      'eventHandler',
    ],
    ['channel.sendMessage', () => channel?.sendMessage(loose({})), 'message'],
    ['setParameters', () => service.setParameters(loose({})), 'parameters'],
    ['setLogFileSize', () => service.setLogFileSize(loose('1')), 'fileSizeInKBytes'],
    ['setLogFileSize', () => service.setLogFileSize(2 ** 31), 'fileSizeInKBytes'],
    ['release', () => service.release(loose(1)), 'sync'],
    ['queryPeersOnlineStatus', () => service.queryPeersOnlineStatus(loose('peer')), 'peerIds'],
    ['queryPeersOnlineStatus', () => service.queryPeersOnlineStatus(['a', loose(1)]), 'peerIds[1]'],
    ['setLocalUserAttributes', () => service.setLocalUserAttributes([{ key: 'k' } as never]), 'attributes[0].value'],
    ['setChannelAttributes', () => service.setChannelAttributes('room', [{} as never]), 'attributes[0]'],
    ['setRtmServiceContext', () => setRtmServiceContext(loose(1)), 'context'],
  ];
  it.each(calls)('%s', (_name, call, argument) => {
    expect(call).toThrow(
      expect.objectContaining({ name: 'TypeError', code: 'ERR_RTM_INVALID_ARG_TYPE', argument: argument }),
    );
  });

  afterAll(() => service.release());
});

it('a recorder misses nothing', () => {
  const recorder = new Recorder();
  recorder.handler.onLogout?.(0);
  expect(recorder.calls).toEqual([['onLogout', 0]]);
});

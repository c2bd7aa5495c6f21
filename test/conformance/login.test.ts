import agora from 'agora-token';
import { expect } from 'vitest';
import { createRtmService, type RtmService } from '../../lib/sdk/service.js';
import { buildToken } from '../../lib/server/token.js';
import { login as rows } from './rows/login.js';
import { subject } from './support/subject.js';
import {
  type Bot,
  type BotOptions,
  bytes,
  certificate,
  fresh,
  joined,
  type Room,
  startServer,
  tokenApp,
  tokenFor,
  world,
} from './support/world.js';

const w = world();
const loose = (value: unknown) => value as never;

/** Logs in and gives the code of the callback: 0 for onLoginSuccess. */
async function outcome(user: string, token: string | null, options: BotOptions = {}): Promise<unknown> {
  const { service, events } = w.client(options);
  expect(service.login(token, user)).toBe(0);
  await events.until('a result', () => events.names().some((name) => name.startsWith('onLogin')));
  const [name, code] = events.calls.find((call) => call[0].startsWith('onLogin')) as [string, number?];
  return name === 'onLoginSuccess' ? 0 : code;
}

function expired(userId: string): string {
  const issuedAt = Math.floor(Date.now() / 1000) - 100;
  return buildToken({ appId: tokenApp, appCertificate: certificate, userId, issuedAt, expireSeconds: 50 });
}

/** A signed token with every service except RTM. */
function withoutLogin(): string {
  return agora.RtcTokenBuilder.buildTokenWithUid(tokenApp, certificate, 'room', 0, 1, 600, 600);
}

async function tokenBot(options: BotOptions = {}): Promise<Bot> {
  const user = fresh();
  return w.bot({ appId: tokenApp, user, token: tokenFor(user), ...options });
}

function uninitialised(): RtmService {
  return createRtmService();
}

subject(rows, (row) => {
  row(['IRtmService.login', 'LOGIN_ERR_CODE.LOGIN_ERR_OK', 'IRtmServiceEventHandler.onLoginSuccess'], async () => {
    const { service, events } = w.client();
    expect(service.login(null, fresh())).toBe(0);
    await events.take('onLoginSuccess');
    expect(events.names()).toEqual(['onConnectionStateChanged', 'onConnectionStateChanged', 'onLoginSuccess']);
  });
  row(
    [
      'IRtmService.logout',
      'IRtmServiceEventHandler.onLogout',
      'LOGOUT_ERR_CODE.LOGOUT_ERR_OK',
      'LOGOUT_ERR_CODE.LOGOUT_ERR_USER_NOT_LOGGED_IN',
    ],
    async () => {
      const { service, events } = w.client();
      const bob = await w.bot();
      const user = fresh();
      expect(service.logout()).toBe(102);
      service.login(null, user);
      await events.take('onLoginSuccess');
      const before = events.calls.length;
      expect(service.logout()).toBe(0);
      expect(await events.take('onLogout')).toEqual([0]);
      await events.until('state', () => events.calls.length === before + 2);
      expect(events.calls.slice(before)).toEqual([
        ['onLogout', 0],
        ['onConnectionStateChanged', 1, 6],
      ]);
      expect(service.logout()).toBe(102);
      bob.service.queryPeersOnlineStatus([user]);
      const [, [{ onlineState }]] = await bob.events.take('onQueryPeersOnlineStatusResult');
      expect(onlineState).toBe(2);
    },
  );
  row(
    ['IRtmService.renewToken', 'IRtmServiceEventHandler.onRenewTokenResult', 'RENEW_TOKEN_ERR_CODE.RENEW_TOKEN_ERR_OK'],
    async () => {
      const { service, events, user } = await tokenBot();
      const token = tokenFor(user, 700);
      expect(service.renewToken(token)).toBe(0);
      expect(await events.take('onRenewTokenResult')).toEqual([token, 0]);
      expect(events.states()).toHaveLength(2); // the connection is untouched
    },
  );
  row('IRtmServiceEventHandler.onLoginFailure', async () => {
    const { service, events } = w.client({ appId: tokenApp });
    service.login('', 'alice');
    expect(await events.take('onLoginFailure')).toEqual([5]);
    expect(events.names()).toEqual(['onConnectionStateChanged', 'onConnectionStateChanged', 'onLoginFailure']);
  });

  row('LOGIN_ERR_CODE.LOGIN_ERR_UNKNOWN', async () => {
    await using server = await startServer({ tls: true });
    const { service, events } = w.client();
    const pinned = server.connectString.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    service.setParameters(JSON.stringify({ 'rtm.endpoints': pinned }));
    service.login(null, 'alice');
    expect(await events.take('onLoginFailure')).toEqual([1]);
    expect(server.stats().logins).toBe(0);
  });
  row('LOGIN_ERR_CODE.LOGIN_ERR_REJECTED', async () => {
    const via = await w.relay();
    via.change('HELLO_OK', (fields) => ({ ...fields, version: 2 }));
    expect(await outcome(fresh(), null, { via })).toBe(2);
    expect(via.count('LOGIN')).toBe(0);
  });
  row('LOGIN_ERR_CODE.LOGIN_ERR_INVALID_ARGUMENT', async () => {
    const { service, events } = w.client();
    for (const id of [null, '', 'null', bytes(65), 'a*b']) expect(service.login(null, loose(id))).toBe(3);
    service.login(null, fresh());
    await events.take('onLoginSuccess');
    expect(events.of('onLoginFailure')).toEqual([]);
  });
  row('LOGIN_ERR_CODE.LOGIN_ERR_INVALID_APP_ID', async () => {
    expect(await outcome(fresh(), null, { appId: 'f'.repeat(32) })).toBe(4);
  });
  row('LOGIN_ERR_CODE.LOGIN_ERR_INVALID_TOKEN', async () => {
    for (const token of ['nonsense', '007', `007${'A'.repeat(5000)}`, 'to\ud800ken']) {
      expect(await outcome('alice', token, { appId: tokenApp }), token.slice(0, 20)).toBe(5);
    }
  });
  row('LOGIN_ERR_CODE.LOGIN_ERR_TOKEN_EXPIRED', async () => {
    expect(await outcome('alice', expired('alice'), { appId: tokenApp })).toBe(6);
  });
  row('LOGIN_ERR_CODE.LOGIN_ERR_NOT_AUTHORIZED', async () => {
    expect(await outcome('alice', withoutLogin(), { appId: tokenApp })).toBe(7);
  });
  row('LOGIN_ERR_CODE.LOGIN_ERR_ALREADY_LOGGED_IN', async () => {
    const { service, events } = w.client();
    service.login(null, fresh());
    expect(service.login(null, fresh())).toBe(8); // CONNECTING or CONNECTED
    await events.take('onLoginSuccess');
    expect(service.login(null, fresh())).toBe(8);
    expect(events.of('onLoginFailure')).toEqual([]);
  });
  row('LOGIN_ERR_CODE.LOGIN_ERR_TIMEOUT', async () => {
    const via = await w.relay();
    via.lose('LOGIN');
    const { service, events } = w.client({ via, timing: { login_ms: 200 } });
    service.login(null, fresh());
    expect(await events.take('onLoginFailure')).toEqual([9]);
    expect(events.states().at(-1)).toEqual([1, 4]);
  });
  row('LOGIN_ERR_CODE.LOGIN_ERR_NOT_INITIALIZED', () => expect(uninitialised().login(null, 'alice')).toBe(101));
  row('LOGOUT_ERR_CODE.LOGOUT_ERR_NOT_INITIALIZED', () => expect(uninitialised().logout()).toBe(101));
  row('RENEW_TOKEN_ERR_CODE.RENEW_TOKEN_ERR_NOT_INITIALIZED', () => expect(uninitialised().renewToken('t')).toBe(101));

  row('RENEW_TOKEN_ERR_CODE.RENEW_TOKEN_ERR_FAILURE', async () => {
    const via = await w.relay();
    const { service, events, user } = await tokenBot({ via, timing: { request_ms: 500 } });
    via.lose('RENEW_TOKEN');
    const token = tokenFor(user);
    expect(service.renewToken(token)).toBe(0);
    expect(await events.take('onRenewTokenResult')).toEqual([token, 1]);
  });
  row('RENEW_TOKEN_ERR_CODE.RENEW_TOKEN_ERR_INVALID_ARGUMENT', async () => {
    const { service, events, user } = await tokenBot();
    expect([service.renewToken(loose(null)), service.renewToken('')]).toEqual([2, 2]);
    service.renewToken(tokenFor(user));
    expect((await events.take('onRenewTokenResult'))[1]).toBe(0);
    expect(events.of('onRenewTokenResult')).toHaveLength(1);
  });
  row('RENEW_TOKEN_ERR_CODE.RENEW_TOKEN_ERR_TOKEN_EXPIRED', async () => {
    const { service, events, user } = await tokenBot();
    service.renewToken(expired(user));
    expect((await events.take('onRenewTokenResult'))[1]).toBe(5);
  });
  row('RENEW_TOKEN_ERR_CODE.RENEW_TOKEN_ERR_INVALID_TOKEN', async () => {
    const { service, events } = await tokenBot();
    service.renewToken(tokenFor('somebody else'));
    expect((await events.take('onRenewTokenResult'))[1]).toBe(6);
    service.renewToken('nonsense');
    expect((await events.take('onRenewTokenResult'))[1]).toBe(6);
  });
  row('RENEW_TOKEN_ERR_CODE.RENEW_TOKEN_ERR_USER_NOT_LOGGED_IN', async () => {
    const via = await w.relay();
    via.lose('LOGIN');
    const { service } = w.client({ via });
    expect(service.renewToken('t')).toBe(102);
    service.login(null, fresh());
    expect(service.renewToken('t')).toBe(102);
  });

  const lengths: [string, string, boolean][] = [
    ['least.below', '', false],
    ['least.at', 'Q', true],
    ['least.above', 'QZ', true],
    ['most.below', bytes(63), true],
    ['most.at', bytes(64), true],
    ['most.above', bytes(65), false],
  ];
  for (const [id, user, good] of lengths) {
    row(`limit.user-id.${id}`, async () => {
      if (good) expect(await outcome(user, null)).toBe(0);
      else expect(w.client().service.login(null, user)).toBe(3);
    });
  }
  const allowed = 'abcxyzABCXYZ0189 !#$%&()+-:;<=.>?@[]^_{}|~,';
  row('rule.user-id.characters', async () => expect(await outcome(allowed, null)).toBe(0));
  row('rule.user-id.forbidden', () => {
    const { service } = w.client();
    const forbidden = ['"', "'", '*', '/', '\\', '`', '\0', '\x01', '\n', '\x7f', 'é', '中', '😀', '\ud800'];
    for (const each of forbidden) expect(service.login(null, `a${each}b`), JSON.stringify(each)).toBe(3);
  });
  row('rule.user-id.null', async () => {
    expect(w.client().service.login(null, 'null')).toBe(3);
    expect(await outcome('null2', null)).toBe(0);
    expect(await outcome('NULL', null)).toBe(0);
  });
  row('rule.user-id.case', async () => {
    const name = fresh('Case');
    const upper = await w.bot({ user: name });
    const lower = await w.bot({ user: name.toLowerCase() });
    lower.service.sendMessageToPeer(upper.user, lower.service.createMessage('x'));
    expect((await upper.events.take('onMessageReceivedFromPeer'))[0]).toBe(lower.user);
    expect(upper.events.states().at(-1)).toEqual([3, 2]);
  });
  row('rule.user-id.leading-space', async () => expect(await outcome(` ${fresh()}`, null)).toBe(0));

  const logins = async (count: number) => {
    const via = await w.relay();
    via.lose('LOGIN'); // only the calls count here, not what becomes of them
    const { service } = w.client({ via });
    return Array.from({ length: count }, () => {
      const code = service.login(null, fresh());
      if (code === 0) service.logout();
      return code;
    });
  };
  row('limit.rate.login.below', async () => expect(await logins(1)).toEqual([0]));
  row('limit.rate.login.at', async () => expect(await logins(2)).toEqual([0, 0]));
  row(['limit.rate.login.above', 'LOGIN_ERR_CODE.LOGIN_ERR_TOO_OFTEN'], async () =>
    expect(await logins(3)).toEqual([0, 0, 10]),
  );
  const renewals = async (count: number) => {
    const { service, events, user } = await tokenBot();
    const codes = Array.from({ length: count }, () => service.renewToken(tokenFor(user)));
    for (const code of codes) if (code === 0) await events.take('onRenewTokenResult');
    expect(events.of('onRenewTokenResult')).toHaveLength(Math.min(count, 2));
    return codes;
  };
  row('limit.rate.renew-token.below', async () => expect(await renewals(1)).toEqual([0]));
  row('limit.rate.renew-token.at', async () => expect(await renewals(2)).toEqual([0, 0]));
  row(['limit.rate.renew-token.above', 'RENEW_TOKEN_ERR_CODE.RENEW_TOKEN_ERR_TOO_OFTEN'], async () =>
    expect(await renewals(3)).toEqual([0, 0, 4]),
  );

  row('rule.rate.login-success', async () => {
    let code = 0;
    // A try that takes longer than the window proves nothing.
    for (let since = -Infinity, tries = 0; performance.now() - since > 900 && tries < 20; tries++) {
      const { service, events } = w.client();
      since = performance.now();
      service.login(null, fresh());
      await events.take('onLoginSuccess');
      service.logout();
      await events.take('onLogout');
      expect(service.login(null, fresh())).toBe(0);
      service.logout();
      code = service.login(null, fresh());
    }
    expect(code).toBe(10);
  });
  row('rule.login.no-retry', async () => {
    const via = await w.relay();
    const { service, events } = w.client({ appId: tokenApp, via });
    service.login('nonsense', 'alice');
    await events.take('onLoginFailure');
    const user = fresh();
    service.login(tokenFor(user), user); // whatever the first would still have done comes before this is over
    await events.take('onLoginSuccess');
    expect(via.count('LOGIN')).toBe(2);
    expect(events.states()).toEqual([
      [2, 1],
      [1, 3],
      [2, 1],
      [3, 2],
    ]);
  });
  /** Five calls, whose results a logout brings; gives the codes in their order. */
  async function codesOfLogout(bot: Bot, a: Room): Promise<unknown[]> {
    const { service, events } = bot;
    expect(a.channel.getMembers()).toBe(0);
    const [peer, channel] = [service.createMessage('p'), service.createMessage('c')];
    service.sendMessageToPeer('nobody', peer);
    a.channel.sendMessage(channel);
    const query = service.queryPeersOnlineStatus(['nobody']).requestId;
    const read = service.getUserAttributes(bot.user).requestId;
    service.logout();
    await events.take('onLogout');
    const names = events.names();
    const end = events.calls.slice(names.indexOf('onLoginSuccess') + 1, names.indexOf('onLogout'));
    const codeOf = (name: string, ...args: unknown[]) => {
      const results = end.filter((call) => call[0] === name);
      expect(results, name).toHaveLength(1);
      expect(results[0]?.slice(1, -1)).toEqual(args);
      return results[0]?.at(-1);
    };
    const [[members, listed], [id, sent]] = ['onGetMembers', 'onSendMessageResult'].map(
      (name) => a.events.of(name as 'onGetMembers').at(-1) as unknown[],
    ) as [unknown[], unknown[]];
    expect([members, id]).toEqual([[], channel.getMessageId()]);
    return [
      listed,
      sent,
      codeOf('onSendMessageResult', peer.getMessageId()),
      codeOf('onQueryPeersOnlineStatusResult', query, []),
      codeOf('onGetUserAttributesResult', read, bot.user, []),
    ];
  }

  row('rule.pending.logout', async () => {
    const bot = await w.cutOff((made) => joined(made, fresh('r')));
    expect(await codesOfLogout(bot, bot.made)).toEqual([1, 1, 1, 1, 2]);
  });
  row('rule.pending.logout-sent', async () => {
    const via = await w.relay();
    const bot = await w.bot({ via, timing: { drain_ms: 100 } });
    const a = await joined(bot, fresh('r'));
    for (const kind of ['GET_MEMBERS', 'PEER_SEND', 'CHANNEL_SEND', 'PRESENCE_QUERY', 'USER_ATTRIBUTES_READ'])
      via.lose(kind);
    expect(await codesOfLogout(bot, a)).toEqual([3, 2, 2, 4, 7]);
  });
  row('rule.pending.logout-drains', async () => {
    const bot = await w.bot();
    const a = await joined(bot, fresh('r'));
    const peer = await w.bot();
    const message = bot.service.createMessage('last words');
    const { requestId } = bot.service.setLocalUserAttributes([{ key: 'k', value: 'v' }]);
    bot.service.sendMessageToPeer(peer.user, message);
    const said = bot.service.createMessage('to all');
    a.channel.sendMessage(said);
    expect(bot.service.logout()).toBe(0);
    expect(bot.service.sendMessageToPeer(peer.user, message)).toBe(102);
    await bot.events.take('onLogout');
    expect(bot.events.of('onSetLocalUserAttributesResult')).toEqual([[requestId, 0]]);
    expect(bot.events.of('onSendMessageResult')).toEqual([[message.getMessageId(), 0]]);
    expect(a.events.of('onSendMessageResult')).toEqual([[said.getMessageId(), 0]]);
    expect((await peer.events.take('onMessageReceivedFromPeer'))[1].getText()).toBe('last words');
  });
});

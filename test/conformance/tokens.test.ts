import { createRequire } from 'node:module';
import agora6 from 'agora-access-token';
import agora7 from 'agora-token';
import { expect } from 'vitest';
import { buildToken } from '../../lib/server/token.js';
import { tokens as rows } from './rows/tokens.js';
import { subject } from './support/subject.js';
import { type Bot, type BotOptions, bytes, certificate, fresh, tokenApp, tokenFor, world } from './support/world.js';

/** The project of the published vectors, and a project without certificate. */
const vectorApp = { appId: '0123456789abcdef0123456789abcdef', certificate: 'fedcba9876543210fedcba9876543210' };
const openApp = 'abcdef0123456789abcdef0123456789';
const previous = '99887766554433221100ffeeddccbbaa';
const stranger = 'f'.repeat(32);
const w = world({
  apps: [vectorApp, { appId: tokenApp, certificates: [certificate, previous] }, { appId: openApp }],
});
const day = 86_400;
const now = () => Math.floor(Date.now() / 1000);

async function login(token: string | null, user: string, options: BotOptions = {}): Promise<unknown> {
  const { service, events } = w.client({ appId: tokenApp, ...options });
  expect(service.login(token, user)).toBe(0);
  await events.until('a result', () => events.names().some((name) => name.startsWith('onLogin')));
  const [name, code] = events.calls.find((call) => call[0].startsWith('onLogin')) as [string, number?];
  return name === 'onLoginSuccess' ? 0 : code;
}

/** The vendor's class behind its 006 builder. */
interface Raw6 {
  ts: number;
  addPriviledge(privilege: number, expireTimestamp: number): void;
  build(): string;
}
const require = createRequire(import.meta.url);
const { AccessToken } = require('agora-access-token/src/AccessToken') as {
  AccessToken: new (appId: string, appCertificate: string, channel: string, uid: string) => Raw6;
};

function raw6(user: string, privilege: number, end = now() + day): string {
  const token = new AccessToken(tokenApp, certificate, user, '');
  token.addPriviledge(privilege, 0);
  token.ts = end;
  return token.build();
}
const rtm6 = (user: string, { appId = tokenApp, secret = certificate, until = 0 } = {}) =>
  agora6.RtmTokenBuilder.buildToken(appId, secret, user, 1, until);
const rtm7 = (user: string, { appId = tokenApp, secret = certificate, life = 600 } = {}) =>
  agora7.RtmTokenBuilder.buildToken(appId, secret, user, life);
const own7 = (userId: string, options: { expireSeconds?: number; issuedAt?: number } = {}) =>
  buildToken({ appId: tokenApp, appCertificate: certificate, userId, ...options });

/** The token with one character of its signed part changed. */
function changed(token: string): string {
  const at = token.length - 20;
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}

const vector6 =
  '0060123456789abcdef0123456789abcdefIADimeThZykOTYqFGK3uO0f9SmBo3gRy5ffoc7VWqFMnSUe8jicAAAAAEAB4VjQSgEJVZQEA6AMQ/1Nl';
const vectors7 = [
  '007eJxTYEjzU4uO2JTTZagpoLhCN/A0m3Wb6roz+kv8cwznvH6ZzaTAYGBoZGxiamZuYZmYlJySmobOZ/gYnBrBxMDgl7iHgZGBCYgZGUB8VobEnMzkVAAGuBuI',
  '007eJxTYEjzU4uO2JTTZagpoLhCN/A0m3Wb6roz+kv8cwznvH6ZzaTAYGBoZGxiamZuYZmYlJySmobOZ/gYnBrBxMDgl7iHgZGBiYGRgZEBxGdlSMzJTE4FAAa4G4g=',
];

/** A bot whose token expires after this number of seconds. */
async function shortLived(seconds: number, options: BotOptions = {}): Promise<Bot> {
  const user = fresh();
  return w.bot({ appId: tokenApp, user, token: tokenFor(user, seconds), ...options });
}

/** Codes of the login of a user with a token made for this user. */
const gives =
  (code: number, make: (user: string) => string | null, options: BotOptions = {}) =>
  async () => {
    const user = fresh();
    expect(await login(make(user), user, options)).toBe(code);
  };

subject(rows, (row) => {
  const open = { appId: openApp };
  row(
    'token.static.null',
    gives(0, () => null, open),
  );
  row(
    'token.static.empty',
    gives(0, () => '', open),
  );
  row(
    'token.static.app-id',
    gives(0, () => openApp, open),
  );
  row('token.static.real', async () => {
    await gives(5, (user) => rtm7(user), open)();
    await gives(5, (user) => rtm6(user), open)();
  });
  row(
    'token.dynamic.null',
    gives(5, () => null),
  );
  row(
    'token.dynamic.empty',
    gives(5, () => ''),
  );
  row(
    'token.dynamic.app-id',
    gives(5, () => tokenApp),
  );
  row('token.dynamic.placeholder', async () => {
    await gives(5, () => '_no_need_token')();
    await gives(5, () => `1:${tokenApp}:${now() + 600}:${'0'.repeat(32)}`)();
  });

  row(
    'token.006.valid',
    gives(0, (user) => rtm6(user)),
  );
  row(
    'token.006.privilege-time',
    gives(0, (user) => rtm6(user, { until: now() - 100 })),
  );
  row(
    'token.006.no-privilege',
    gives(7, (user) => raw6(user, 1)),
  );
  row(
    'token.006.expired',
    gives(6, (user) => raw6(user, 1000, now() - 1)),
  );
  row(
    'token.006.user',
    gives(5, () => rtm6('somebody else')),
  );
  row(
    'token.006.certificate',
    gives(5, (user) => rtm6(user, { secret: stranger })),
  );
  row(
    'token.006.app-id',
    gives(5, (user) => rtm6(user, { appId: stranger })),
  );
  row(
    'token.006.changed',
    gives(5, (user) => changed(rtm6(user))),
  );
  row('token.006.vector', async () => {
    expect(await login(vector6, 'alice', { appId: vectorApp.appId })).toBe(6);
    expect(await login(vector6, 'bob', { appId: vectorApp.appId })).toBe(5);
  });

  row(
    'token.007.valid',
    gives(0, (user) => rtm7(user)),
  );
  row(
    'token.007.own',
    gives(0, (user) => own7(user)),
  );
  row('token.007.no-service', async () => {
    await gives(7, () => agora7.RtcTokenBuilder.buildTokenWithUid(tokenApp, certificate, 'room', 0, 1, 600, 600))();
    await gives(7, () => agora7.ChatTokenBuilder.buildUserToken(tokenApp, certificate, 'someone', 600))();
  });
  row(
    'token.007.rtm2',
    gives(7, (user) => rtm2(user)),
  );
  row(
    'token.007.expired',
    gives(6, (user) => own7(user, { issuedAt: now() - 100, expireSeconds: 99 })),
  );
  row(
    'token.007.zero',
    gives(6, (user) => rtm7(user, { life: 0 })),
  );
  row('token.007.cap', async () => {
    const life = now() + 3 * day; // an absolute time given by mistake is far over 24 hours, too
    await gives(0, (user) => rtm7(user, { life }))();
    await gives(0, (user) => own7(user, { issuedAt: now() - day + 60, expireSeconds: day }))();
    await gives(6, (user) => own7(user, { issuedAt: now() - day - 60, expireSeconds: 10 * day }))();
  });
  row('token.007.future', async () => {
    await gives(0, (user) => own7(user, { issuedAt: now() + 60 }))();
    await gives(5, (user) => own7(user, { issuedAt: now() + 3600 }))();
  });
  row(
    'token.007.user',
    gives(5, () => rtm7('somebody else')),
  );
  row(
    'token.007.certificate',
    gives(5, (user) => rtm7(user, { secret: stranger })),
  );
  row(
    'token.007.app-id',
    gives(5, (user) => rtm7(user, { appId: stranger })),
  );
  row(
    'token.007.changed',
    gives(5, (user) => changed(rtm7(user))),
  );
  row('token.007.vector', async () => {
    for (const vector of vectors7) {
      expect(await login(vector, 'alice', { appId: vectorApp.appId })).toBe(6);
      expect(await login(vector, 'bob', { appId: vectorApp.appId })).toBe(5);
    }
  });
  row('token.previous-certificate', async () => {
    await gives(0, (user) => rtm7(user, { secret: previous }))();
    await gives(0, (user) => rtm6(user, { secret: previous }))();
  });
  row('token.reuse', async () => {
    const user = fresh();
    for (const token of [rtm6(user), rtm7(user)]) {
      for (let i = 0; i < 3; i++) expect(await login(token, user)).toBe(0);
    }
  });
  row('token.mixed', async () => {
    const [old, recent] = [fresh(), fresh()];
    const alice = await w.bot({ appId: tokenApp, user: old, token: rtm6(old) });
    const bob = await w.bot({ appId: tokenApp, user: recent, token: rtm7(recent) });
    alice.service.sendMessageToPeer(recent, alice.service.createMessage('to 007'));
    expect((await bob.events.take('onMessageReceivedFromPeer'))[1].getText()).toBe('to 007');
    bob.service.sendMessageToPeer(old, bob.service.createMessage('to 006'));
    expect((await alice.events.take('onMessageReceivedFromPeer'))[1].getText()).toBe('to 006');
  });

  row('IRtmServiceEventHandler.onTokenPrivilegeWillExpire', async () => {
    const { events } = await shortLived(3, { timing: { token_warning_ms: 2500 } });
    await events.take('onTokenPrivilegeWillExpire');
    expect(events.states()).toHaveLength(2); // still connected
    await events.take('onTokenExpired');
    expect(events.of('onTokenPrivilegeWillExpire')).toHaveLength(1);
  });
  row('IRtmServiceEventHandler.onTokenExpired', async () => {
    const { events } = await shortLived(2);
    await events.until('ABORTED', () => events.states().length === 3);
    expect(events.calls.slice(-2)).toEqual([['onTokenExpired'], ['onConnectionStateChanged', 5, 9]]);
  });
  row('token.warning.at-login', async () => {
    const { events } = await shortLived(20);
    await events.take('onTokenPrivilegeWillExpire');
    expect(events.names().slice(-2)).toEqual(['onLoginSuccess', 'onTokenPrivilegeWillExpire']);
  });
  row('token.warning.once', async () => {
    const via = await w.relay();
    const { service, events, user } = await shortLived(25, { via });
    await events.take('onTokenPrivilegeWillExpire');
    const back = via.sees('RESUME_RESULT');
    via.cut();
    via.mend();
    await back;
    service.queryPeersOnlineStatus([user]);
    await events.take('onQueryPeersOnlineStatusResult');
    expect(events.of('onTokenPrivilegeWillExpire')).toHaveLength(1);
    service.renewToken(tokenFor(user, 24)); // another one, which ends soon as well
    await events.until('another notice', () => events.of('onTokenPrivilegeWillExpire').length === 2);
  });
  row('token.warning.renewed', async () => {
    const { service, events, user } = await shortLived(600, { timing: { token_warning_ms: 100_000 } });
    service.renewToken(tokenFor(user, 50));
    await events.take('onTokenPrivilegeWillExpire');
    expect(events.names().slice(-2)).toEqual(['onRenewTokenResult', 'onTokenPrivilegeWillExpire']);
  });
  row('token.expiry.renewed', async () => {
    const [kept, other] = [await shortLived(4), await shortLived(5)];
    kept.service.renewToken(tokenFor(kept.user, 600));
    await kept.events.take('onRenewTokenResult');
    await other.events.take('onTokenExpired'); // made after the other's, so that one's time is over as well
    expect(kept.events.of('onTokenExpired')).toEqual([]);
    expect(kept.events.states()).toHaveLength(2);
  });
  row('token.expiry.login', async () => {
    const { service, events, user } = await shortLived(1);
    await events.until('ABORTED', () => events.states().length === 3);
    expect(service.login(tokenFor(user), user)).toBe(0);
    await events.take('onLoginSuccess');
    expect(events.states().slice(3)).toEqual([
      [2, 1],
      [3, 2],
    ]);
    expect(events.of('onLogout')).toEqual([]);
  });
  row('token.expiry.reconnecting', async () => {
    const via = await w.relay();
    const { service, events, user } = await shortLived(3, { via, timing: { outage_ms: 300 } });
    via.lose('RESUME'); // the server hears of the client again when its token is over
    via.cut();
    await events.until('RECONNECTING', () => events.states().length === 3);
    const until = await shortLived(3);
    await until.events.take('onTokenExpired');
    via.pass('RESUME');
    via.mend();
    await events.take('onTokenExpired');
    expect(events.states().at(-1)).toEqual([4, 5]);
    const refused = via.count('RESUME_RESULT') + via.count('LOGIN_RESULT');
    await events.until('RECONNECTING still', () => events.states().length === 3);
    expect(refused).toBeGreaterThan(0);
    expect(service.renewToken(tokenFor(user))).toBe(0);
    await events.until('CONNECTED', () => events.states().length === 4);
    expect(events.states().at(-1)).toEqual([3, 2]);
    expect(events.of('onTokenExpired')).toHaveLength(1);
  });
  row('token.renew.worse', async () => {
    for (const [bad, code] of [
      [(user: string) => `${tokenFor(user)}x`, 6],
      [() => bytes(900), 6],
      [() => bytes(1100), 6],
      [(user: string) => rtm7(user, { life: 0 }), 5],
    ] as const) {
      const via = await w.relay();
      const { service, events, user } = await shortLived(600, { via, timing: { outage_ms: 300 } });
      via.cut();
      await events.until('RECONNECTING', () => events.states().length === 3);
      const token = bad(user);
      expect(service.renewToken(token)).toBe(0);
      via.mend();
      expect(await events.take('onRenewTokenResult')).toEqual([token, code]);
      await events.until('CONNECTED', () => events.states().length === 4);
      expect(events.states().at(-1)).toEqual([3, 2]);
      expect(events.of('onTokenExpired')).toEqual([]);
    }
  });
  row('token.renew.too-long', async () => {
    const { service, events } = await shortLived(600);
    for (const token of [bytes(1100), bytes(70_000)]) {
      expect(service.renewToken(token)).toBe(0);
      expect(await events.take('onRenewTokenResult')).toEqual([token, 6]);
    }
    expect(events.states()).toHaveLength(2);
  });
  row('token.static.no-expiry', async () => {
    const via = await w.relay();
    const lives: unknown[] = [];
    via.change('LOGIN_RESULT', (fields) => {
      lives.push(fields['token_life_ms']);
      return fields;
    });
    const { events } = await w.bot({ appId: openApp, via, timing: { token_warning_ms: 86_400_000 } });
    expect(lives).toEqual([0]);
    expect(events.of('onTokenPrivilegeWillExpire')).toEqual([]);
  });
});

/** A signed token with the service of the 2.x product alone. */
function rtm2(user: string): string {
  const { AccessToken2, ServiceRtm2 } = require('agora-token/src/AccessToken2') as {
    AccessToken2: new (
      appId: string,
      appCertificate: string,
      issueTs: number,
      expire: number,
    ) => {
      add_service(service: unknown): void;
      build(): string;
    };
    ServiceRtm2: (new (userId: string) => { add_privilege(privilege: number, expire: number): void }) | undefined;
  };
  if (ServiceRtm2 === undefined) throw new Error('the vendor’s package has no RTM 2 service');
  const service = new ServiceRtm2(user);
  service.add_privilege(1, 600);
  const token = new AccessToken2(tokenApp, certificate, now(), 600);
  token.add_service(service);
  return token.build();
}

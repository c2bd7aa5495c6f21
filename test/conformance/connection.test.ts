import { expect } from 'vitest';
import { connection as rows } from './rows/connection.js';
import type { CallbackName, Events } from './support/events.js';
import { subject } from './support/subject.js';
import type { WireRelay } from './support/wire-relay.js';
import {
  type Bot,
  type BotOptions,
  fresh,
  joined,
  room,
  staticApp,
  tokenApp,
  tokenFor,
  world,
} from './support/world.js';

const w = world();
/** Short enough to wait for, long enough for a busy machine. */
const quick = {
  logout_ms: 300,
  outage_ms: 300,
  request_ms: 1000,
  presence_ms: 1000,
  peer_message_ms: 1000,
  channel_message_ms: 1000,
};

/** Everything that a client can request from a server. */
const unansweredKinds = [
  ...[
    'LOGIN',
    'LOGOUT',
    'RENEW_TOKEN',
    'PEER_SEND',
    'CHANNEL_SEND',
    'JOIN',
    'LEAVE',
    'GET_MEMBERS',
    'GET_MEMBER_COUNTS',
  ],
  ...['PRESENCE_QUERY', 'PRESENCE_SUBSCRIBE', 'USER_ATTRIBUTES_WRITE', 'USER_ATTRIBUTES_READ'],
  ...['CHANNEL_ATTRIBUTES_WRITE', 'CHANNEL_ATTRIBUTES_READ'],
];

const REMOTE_LOGIN = 5;

async function relayed(options: BotOptions = {}): Promise<{ bot: Bot; via: WireRelay }> {
  const via = await w.relay();
  return { via, bot: await w.bot({ via, timing: quick, ...options }) };
}

/** Waits for the next state change after `count` of them. */
async function state(bot: Pick<Bot, 'events'>, count: number): Promise<unknown> {
  await bot.events.until(`state change ${count}`, () => bot.events.states().length >= count);
  return bot.events.states()[count - 1];
}

async function reconnecting(options: BotOptions = {}) {
  const made = await relayed(options);
  made.via.cut();
  expect(await state(made.bot, 3)).toEqual([4, 5]);
  return made;
}

async function aborted(options: BotOptions = {}) {
  const made = await relayed(options);
  made.via.say('BYE', { code: REMOTE_LOGIN });
  expect(await state(made.bot, 3)).toEqual([5, 8]);
  return made;
}

/** Tokens count whole seconds: a token of 2 s lives between 1 and 2 s, a token of 1 s may expire before the login. */
async function tokenBot(seconds: number): Promise<Bot> {
  const user = fresh();
  return w.bot({ appId: tokenApp, user, token: tokenFor(user, seconds) });
}

/** The return values of the service's calls at this moment: login, then operations, then logout. */
function codes({ service, user }: Pick<Bot, 'service' | 'user'>) {
  const { channel } = room({ service } as Bot, fresh('c'));
  return {
    login: service.login(null, user),
    operations: [
      service.sendMessageToPeer('nobody', service.createMessage('x')),
      channel.join(),
      service.queryPeersOnlineStatus(['nobody']).code,
      service.subscribePeersOnlineStatus(['nobody']).code,
      service.setLocalUserAttributes([{ key: 'k', value: 'v' }]).code,
      service.getChannelAttributes('c').code,
      service.getChannelMemberCount(['c']).code,
    ],
    logout: service.logout(),
  };
}
const all = (code: number) => Array.from({ length: 7 }, () => code);

subject(rows, (row) => {
  row('IRtmServiceEventHandler.onConnectionStateChanged', async () => {
    const { service, events } = w.client();
    for (let i = 0; i < 2; i++) {
      service.login(null, fresh());
      service.login(null, fresh());
      await events.take('onLoginSuccess');
      service.logout();
      await state({ events }, 3 * (i + 1));
      service.logout();
    }
    expect(events.states()).toEqual([
      [2, 1],
      [3, 2],
      [1, 6],
      [2, 1],
      [3, 2],
      [1, 6],
    ]);
  });
  row(
    [
      'CONNECTION_STATE.CONNECTION_STATE_CONNECTING',
      'CONNECTION_STATE.CONNECTION_STATE_CONNECTED',
      'CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_LOGIN',
      'CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_LOGIN_SUCCESS',
      'transition.disconnected.login',
      'transition.connecting.accepted',
    ],
    async () => {
      const { events } = await w.bot();
      expect(events.calls).toEqual([
        ['onConnectionStateChanged', 2, 1],
        ['onConnectionStateChanged', 3, 2],
        ['onLoginSuccess'],
      ]);
    },
  );
  row(
    ['CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_LOGIN_FAILURE', 'transition.connecting.refused'],
    async () => {
      const { service, events } = w.client({ appId: tokenApp });
      service.login('nonsense', 'alice');
      await events.take('onLoginFailure');
      expect(events.calls.slice(1)).toEqual([
        ['onConnectionStateChanged', 1, 3],
        ['onLoginFailure', 5],
      ]);
    },
  );
  row(
    [
      'CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_LOGIN_TIMEOUT',
      'transition.connecting.timeout',
      'limit.timeout.login',
    ],
    async () => {
      const via = await w.relay();
      via.hush();
      const { service, events } = w.client({ via, timing: { login_ms: 300 } });
      service.login(null, fresh());
      await events.take('onLoginFailure');
      expect(events.calls.slice(1)).toEqual([
        ['onConnectionStateChanged', 1, 4],
        ['onLoginFailure', 9],
      ]);
    },
  );
  row('transition.connecting.logout', async () => {
    const via = await w.relay();
    via.lose('LOGIN');
    const { service, events } = w.client({ via });
    service.login(null, fresh());
    expect(service.logout()).toBe(0);
    await state({ events }, 2);
    expect(events.calls).toEqual([
      ['onConnectionStateChanged', 2, 1],
      ['onLogout', 0],
      ['onConnectionStateChanged', 1, 6],
    ]);
  });
  row(
    [
      'CONNECTION_STATE.CONNECTION_STATE_RECONNECTING',
      'CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_INTERRUPTED',
      'transition.connected.interrupted',
    ],
    async () => {
      const { bot } = await reconnecting();
      expect(bot.events.calls.at(-1)).toEqual(['onConnectionStateChanged', 4, 5]);
    },
  );
  row('transition.connected.recovered', async () => {
    const { bot, via } = await relayed({ timing: { outage_ms: 60_000 } });
    const back = via.sees('RESUME_RESULT');
    via.cut();
    via.mend();
    await back;
    bot.service.queryPeersOnlineStatus([bot.user]);
    await bot.events.take('onQueryPeersOnlineStatusResult');
    expect(bot.events.states()).toEqual([
      [2, 1],
      [3, 2],
    ]);
  });
  row(
    [
      'CONNECTION_STATE.CONNECTION_STATE_ABORTED',
      'CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_REMOTE_LOGIN',
      'transition.connected.remote-login',
    ],
    async () => {
      const old = await w.bot();
      await w.bot({ user: old.user });
      expect(await state(old, 3)).toEqual([5, 8]);
    },
  );
  row(
    ['CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_BANNED_BY_SERVER', 'transition.connected.banned'],
    async () => {
      const bot = await w.bot();
      expect(await w.server.ban(staticApp, bot.user)).toBe(true);
      expect(await state(bot, 3)).toEqual([5, 7]);
      expect(bot.service.login(null, bot.user)).toBe(8);
      bot.service.logout();
      expect(await state(bot, 4)).toEqual([1, 6]);
      expect(bot.service.login(null, bot.user)).toBe(0);
      expect(await bot.events.take('onLoginFailure')).toEqual([7]);
    },
  );
  row(
    ['CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_TOKEN_EXPIRED', 'transition.connected.token-expired'],
    async () => {
      const bot = await tokenBot(2);
      expect(await state(bot, 3)).toEqual([5, 9]);
      expect(bot.events.names().slice(-2)).toEqual(['onTokenExpired', 'onConnectionStateChanged']);
    },
  );
  row(
    [
      'CONNECTION_STATE.CONNECTION_STATE_DISCONNECTED',
      'CONNECTION_CHANGE_REASON.CONNECTION_CHANGE_REASON_LOGOUT',
      'transition.connected.logout',
    ],
    async () => {
      const bot = await w.bot();
      bot.service.logout();
      expect(await state(bot, 3)).toEqual([1, 6]);
      expect(bot.events.of('onLogout')).toEqual([[0]]);
    },
  );
  row('transition.reconnecting.recovered', async () => {
    const { bot, via } = await reconnecting();
    via.mend();
    expect(await state(bot, 4)).toEqual([3, 2]);
    expect(bot.events.of('onLoginSuccess')).toHaveLength(1);
  });
  row('transition.reconnecting.retry-failed', async () => {
    const { bot, via } = await reconnecting();
    via.lose('HELLO_OK'); // answers of the retries get lost
    const tried = via.sees('HELLO');
    via.mend();
    await tried;
    expect(bot.events.states()).toHaveLength(3);
    via.cut();
    via.pass('HELLO_OK');
    via.mend();
    expect(await state(bot, 4)).toEqual([3, 2]);
  });
  row('transition.reconnecting.token-expired', async () => {
    const { bot, via } = await reconnecting();
    via.answer('RESUME_RESULT', 6);
    via.mend();
    await bot.events.take('onTokenExpired');
    await via.sees('RESUME_RESULT'); // the next try
    via.pass('RESUME_RESULT');
    expect(await state(bot, 4)).toEqual([3, 2]);
    expect(bot.events.of('onTokenExpired')).toHaveLength(1);
  });
  row('transition.reconnecting.remote-login', async () => {
    const { bot, via } = await reconnecting();
    await w.bot({ user: bot.user });
    via.mend();
    expect(await state(bot, 4)).toEqual([5, 8]);
  });
  row('transition.reconnecting.banned', async () => {
    const { bot, via } = await reconnecting();
    await w.server.ban(staticApp, bot.user);
    via.mend();
    expect(await state(bot, 4)).toEqual([5, 7]);
  });
  const offline = async ({ bot }: { bot: Bot }) => {
    expect(bot.service.logout()).toBe(0);
    expect(await state(bot, 4)).toEqual([1, 6]);
    expect(bot.events.of('onLogout')).toEqual([[0]]);
  };
  row('transition.reconnecting.logout', async () => offline(await reconnecting()));
  row('transition.aborted.logout', async () => {
    const made = await aborted();
    made.via.cut();
    await offline(made);
  });
  row('transition.aborted.login', async () => {
    const { bot } = await aborted();
    expect(bot.service.login(null, bot.user)).toBe(8);
    bot.service.logout();
    expect(await state(bot, 4)).toEqual([1, 6]);
  });
  row('transition.aborted.login-after-expiry', async () => {
    const bot = await tokenBot(2);
    expect(await state(bot, 3)).toEqual([5, 9]);
    expect(bot.service.login(tokenFor(bot.user), bot.user)).toBe(0);
    expect(await state(bot, 4)).toEqual([2, 1]);
    expect(await state(bot, 5)).toEqual([3, 2]);
  });
  row('transition.any.release', async () => {
    const via = await w.relay();
    const connecting = w.client({ via });
    via.lose('LOGIN');
    connecting.service.login(null, fresh());
    const bots = [connecting, (await relayed()).bot, (await reconnecting()).bot, (await aborted()).bot];
    await connecting.events.until('CONNECTING', () => connecting.events.states().length === 1);
    for (const { service } of bots) service.release(true);
    const before = bots.map(({ events }) => events.calls.length);
    const other = await w.bot();
    other.service.queryPeersOnlineStatus([other.user]);
    await other.events.take('onQueryPeersOnlineStatusResult');
    expect(bots.map(({ events }) => events.calls.length)).toEqual(before);
  });

  row('state.disconnected', () => {
    const { service } = w.client();
    const { channel } = room({ service } as Bot, fresh('c'));
    expect(service.logout()).toBe(102);
    expect([channel.join(), channel.leave(), channel.getMembers()]).toEqual([102, 102, 102]);
    expect(channel.sendMessage(service.createMessage('x'))).toBe(102);
    expect(service.sendMessageToPeer('nobody', service.createMessage('x'))).toBe(102);
    expect(service.queryPeersBySubscriptionOption(0).code).toBe(102);
    expect(service.login(null, fresh())).toBe(0);
  });
  row('state.connecting', async () => {
    const via = await w.relay();
    via.lose('LOGIN');
    const { service } = w.client({ via });
    service.login(null, 'alice');
    expect(codes({ service, user: 'alice' })).toEqual({ login: 8, operations: all(102), logout: 0 });
  });
  row('state.connected', async () => {
    expect(codes(await w.bot())).toEqual({ login: 8, operations: all(0), logout: 0 });
  });
  row('state.reconnecting', async () => {
    expect(codes((await reconnecting()).bot)).toEqual({ login: 8, operations: all(0), logout: 0 });
  });
  row('state.reconnecting.in-time', async () => {
    const { bot, via } = await reconnecting({ timing: { outage_ms: 300 } });
    const { service, events, user } = bot;
    const made = room(bot, fresh('c'));
    expect(made.channel.join()).toBe(0);
    expect(service.setLocalUserAttributes([{ key: 'k', value: 'v' }]).code).toBe(0);
    expect(service.sendMessageToPeer(user, service.createMessage('late'))).toBe(0);
    via.mend();
    await made.events.take('onJoinSuccess');
    expect((await events.take('onSetLocalUserAttributesResult'))[1]).toBe(0);
    expect((await events.take('onSendMessageResult'))[1]).toBe(0);
    expect((await events.take('onMessageReceivedFromPeer'))[1].getText()).toBe('late');
  });
  /** Starts one operation of each kind and expects all of them to time out. */
  const timeOut = async ({ service, events }: Bot, member: Awaited<ReturnType<typeof joined>> | undefined) => {
    const made = room({ service, events }, fresh('c'));
    expect(made.channel.join()).toBe(0);
    const message = service.createMessage('x');
    expect(service.sendMessageToPeer('nobody', message)).toBe(0);
    const requests = [
      service.queryPeersOnlineStatus(['nobody']),
      service.subscribePeersOnlineStatus(['nobody']),
      service.setLocalUserAttributes([{ key: 'k', value: 'v' }]),
      service.getUserAttributes('nobody'),
      service.getChannelAttributes('c'),
      service.getChannelMemberCount(['c']),
    ];
    expect(requests.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(await made.events.take('onJoinFailure')).toEqual([4]);
    expect(await events.take('onSendMessageResult')).toEqual([message.getMessageId(), 2]);
    expect((await events.take('onQueryPeersOnlineStatusResult')).at(-1)).toBe(4);
    expect((await events.take('onSubscriptionRequestResult')).at(-1)).toBe(4);
    expect((await events.take('onSetLocalUserAttributesResult')).at(-1)).toBe(7);
    expect((await events.take('onGetUserAttributesResult')).at(-1)).toBe(7);
    expect((await events.take('onGetChannelAttributesResult')).at(-1)).toBe(7);
    expect((await events.take('onGetChannelMemberCountResult')).at(-1)).toBe(4);
    if (member === undefined) return;
    expect(member.channel.getMembers()).toBe(0);
    expect(await member.events.take('onGetMembers')).toEqual([[], 3]);
  };
  row('state.reconnecting.too-late', async () => {
    const { bot, via } = await relayed();
    const member = await joined(bot, fresh('c'));
    via.cut();
    expect(await state(bot, 3)).toEqual([4, 5]);
    await timeOut(bot, member);
    expect(bot.events.states()).toHaveLength(3);
  });
  row('state.aborted', async () => {
    const { bot, via } = await aborted();
    const logins = via.count('LOGIN') + via.count('RESUME');
    expect(bot.service.login(null, bot.user)).toBe(8);
    await timeOut(bot, undefined);
    expect(via.count('LOGIN') + via.count('RESUME')).toBe(logins);
    expect(via.count('PEER_SEND') + via.count('JOIN') + via.count('PRESENCE_QUERY')).toBe(0);
  });
  row(
    'limit.timeout.defaults',
    async () => {
      const [via, silent] = [await w.relay(), await w.relay()];
      const [bot, leaving] = (await w.bots(2, { via })) as [Bot, Bot];
      const interrupted = await w.bot({ via: silent });
      const refused = w.client({ via });
      const [left, asked] = [await joined(bot, fresh('c')), await joined(bot, fresh('c'))];
      const late = room(bot, fresh('c'));
      for (const kind of unansweredKinds) via.lose(kind);
      const { service, events } = bot;
      const message = service.createMessage('x');
      const entry = [{ key: 'k', value: 'v' }];
      const attribute = service.createChannelAttribute();
      attribute?.setKey('k');
      attribute?.setValue('v');
      const table: [number, Events, CallbackName, () => unknown][] = [
        [5, late.events, 'onJoinFailure', () => late.channel.join()],
        [5, left.events, 'onLeave', () => left.channel.leave()],
        [5, asked.events, 'onGetMembers', () => asked.channel.getMembers()],
        [5, events, 'onGetChannelMemberCountResult', () => service.getChannelMemberCount(['c'])],
        [5, events, 'onRenewTokenResult', () => service.renewToken('t')],
        [5, events, 'onSetLocalUserAttributesResult', () => service.setLocalUserAttributes(entry)],
        [5, events, 'onGetUserAttributesResult', () => service.getUserAttributes('u')],
        [5, events, 'onSetChannelAttributesResult', () => service.setChannelAttributes('c', [attribute])],
        [5, events, 'onGetChannelAttributesResult', () => service.getChannelAttributes('c')],
        [5, leaving.events, 'onLogout', () => leaving.service.logout()],
        [10, events, 'onSendMessageResult', () => service.sendMessageToPeer('u', message)],
        [10, asked.events, 'onSendMessageResult', () => asked.channel.sendMessage(message)],
        [10, events, 'onQueryPeersOnlineStatusResult', () => service.queryPeersOnlineStatus(['u'])],
        [10, events, 'onSubscriptionRequestResult', () => service.subscribePeersOnlineStatus(['u'])],
        [12, refused.events, 'onLoginFailure', () => refused.service.login(null, fresh())],
      ];
      const start = performance.now();
      const seconds = () => Math.round((performance.now() - start) / 1000);
      const took = Promise.all(
        table.map(async ([, from, name, call]) => {
          const result = call() as number | { code: number };
          expect(typeof result === 'number' ? result : result.code, name).toBe(0);
          await from.take(name);
          return [name, seconds()];
        }),
      );
      silent.hush();
      expect(await state(interrupted, 3)).toEqual([4, 5]);
      // The time counts from the last packet, which came up to a heartbeat (2 s) earlier.
      expect(seconds()).toBeGreaterThanOrEqual(2);
      expect(seconds()).toBeLessThanOrEqual(4);
      expect(await took).toEqual(table.map(([expected, , name]) => [name, expected]));
    },
    20_000,
  );
  row('limit.timeout.logout', async () => {
    const { bot, via } = await relayed();
    via.hush();
    bot.service.logout();
    expect(await bot.events.take('onLogout')).toEqual([0]);
    expect(await state(bot, 3)).toEqual([1, 6]);
  });
  row('limit.timeout.interrupted', async () => {
    const { bot, via } = await relayed({ timing: { outage_ms: 300 } });
    via.hush();
    expect(await state(bot, 3)).toEqual([4, 5]);
    via.speak();
    expect(await state(bot, 4)).toEqual([3, 2]);
  });
});

import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { INIT_ERR_CODE, LOG_FILTER_TYPE } from '../../lib/enums.js';
import type { IRtmServiceEventHandler } from '../../lib/sdk/handlers.js';
import { createRtmService, getRtmSdkVersion, type RtmService } from '../../lib/sdk/service.js';
import { service as rows } from './rows/service.js';
import { Events } from './support/events.js';
import { subject } from './support/subject.js';
import { type Bot, fresh, joined, room, staticApp, tokenApp, tokenFor, world } from './support/world.js';

const w = world();

function made(): RtmService {
  const service = createRtmService();
  onTestFinished(() => service.release());
  return service;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'rtm-conformance-'));
  onTestFinished(() => {
    chmodSync(path, 0o700);
    rmSync(path, { recursive: true });
  });
  return path;
}

/** The levels that a session with a lost login, a login and a logout writes under a filter. */
async function levelsUnder(filter: LOG_FILTER_TYPE): Promise<Set<string>> {
  const file = join(folder(), 'rtm.log');
  const { service, events } = w.client({ appId: tokenApp });
  expect([service.setLogFile(file), service.setLogFilter(filter)]).toEqual([0, 0]);
  service.login('no token', 'alice');
  await events.take('onLoginFailure'); // an error and a warning
  const user = fresh();
  service.login(tokenFor(user), user);
  await events.take('onLoginSuccess'); // infos
  const text = readFileSync(file, 'utf8');
  return new Set([...text.matchAll(/^\S+Z (\w+)/gm)].map(([, level]) => level as string));
}

/** Does something that the SDK logs. */
function logs(service: RtmService): void {
  expect(service.login(null, fresh())).toBe(0);
  service.logout();
}

subject(rows, (row) => {
  row('createRtmService', async () => {
    const bots = await w.bots(3);
    expect(new Set(bots.map((bot) => bot.service)).size).toBe(3);
    for (const bot of bots) expect(bot.events.states().at(-1)).toEqual([3, 2]);
  });
  row('getRtmSdkVersion', () => expect(getRtmSdkVersion()).toBe('1.5.0'));

  row(['IRtmService.initialize', 'INIT_ERR_CODE.INIT_ERR_OK', 'INIT_ERR_CODE.INIT_ERR_ALREADY_INITIALIZED'], () => {
    const service = made();
    expect(service.initialize(staticApp, {})).toBe(0);
    expect(service.initialize(staticApp, {})).toBe(2);
    expect(service.initialize(tokenApp, {})).toBe(2);
  });
  row('INIT_ERR_CODE.INIT_ERR_FAILURE', () => {
    for (const service of [createRtmService(), w.client().service]) {
      service.release();
      expect(service.initialize(staticApp, {})).toBe(INIT_ERR_CODE.INIT_ERR_FAILURE);
    }
  });
  row('INIT_ERR_CODE.INIT_ERR_INVALID_APP_ID', () => {
    const service = made();
    for (const id of [
      null,
      '',
      'g'.repeat(32),
      `${staticApp}\0`,
      `${staticApp.slice(1)}\0`,
      `${staticApp.slice(1)}é`,
    ]) {
      expect(service.initialize(id, {}), String(id)).toBe(3);
    }
    expect(service.login(null, 'alice')).toBe(101);
    expect(service.initialize(staticApp, {})).toBe(0);
  });
  row('INIT_ERR_CODE.INIT_ERR_INVALID_ARGUMENT', () => {
    const service = made();
    expect(service.initialize(staticApp, null)).toBe(4);
    expect(service.login(null, 'alice')).toBe(101);
    expect(service.initialize(staticApp, {})).toBe(0);
  });
  row('limit.app-id.below', () => expect(made().initialize('a'.repeat(31), {})).toBe(3));
  row('limit.app-id.at', () => expect(made().initialize('aA'.repeat(16), {})).toBe(0));
  row('limit.app-id.above', () => expect(made().initialize('a'.repeat(33), {})).toBe(3));

  row(['IRtmService.addEventHandler', 'rule.handler.first'], async () => {
    const { service, events } = w.client();
    const order: string[] = [];
    const named = (name: string): IRtmServiceEventHandler => ({
      onLoginSuccess: () => order.push(`${name} after ${events.of('onLoginSuccess').length}`),
    });
    const [second, third] = [named('second'), named('third')];
    service.addEventHandler(second);
    service.addEventHandler(third);
    service.addEventHandler(second);
    service.login(null, fresh());
    await events.take('onLoginSuccess');
    expect(order).toEqual(['second after 1', 'third after 1']);
  });
  row('IRtmService.removeEventHandler', async () => {
    const { service, events } = w.client();
    const more = new Events();
    service.addEventHandler(more.handler);
    service.login(null, fresh());
    await more.take('onLoginSuccess');
    const before = more.calls.length;
    service.removeEventHandler(more.handler);
    service.logout();
    await events.take('onLogout');
    expect(more.calls.length).toBe(before);
  });
  row('rule.handler.without-initialize', async () => {
    const service = made();
    const [early, events] = [new Events(), new Events()];
    service.addEventHandler(early.handler);
    service.initialize(staticApp, events.handler);
    service.setParameters(JSON.stringify({ 'rtm.endpoints': w.server.connectString }));
    service.login(null, fresh());
    await events.take('onLoginSuccess');
    expect(early.calls).toEqual([]);
  });
  row('rule.handler.callbacks-make-calls', async () => {
    const { service, events } = w.client();
    const codes: number[] = [];
    service.addEventHandler({
      onLoginSuccess() {
        codes.push(service.sendMessageToPeer('nobody', service.createMessage('from a callback')), service.logout());
      },
    });
    service.login(null, fresh());
    await events.take('onLogout');
    expect(codes).toEqual([0, 0]);
  });

  row('IRtmService.release', async () => {
    const [alice, bob] = (await w.bots(2)) as [Bot, Bot];
    alice.service.release(true);
    const asked = bob.service.queryPeersOnlineStatus([alice.user]);
    expect(asked.code).toBe(0);
    const [, states] = await bob.events.take('onQueryPeersOnlineStatusResult');
    expect(states).toEqual([{ peerId: alice.user, isOnline: false, onlineState: 2 }]);
    expect(alice.events.of('onLogout')).toEqual([]);
  });
  row('rule.released.service', async () => {
    const { service } = await w.bot();
    const message = service.createMessage('x');
    service.release();
    expect([service.login(null, 'u'), service.logout(), service.renewToken('t')]).toEqual([101, 101, 101]);
    expect(service.sendMessageToPeer('u', message)).toBe(101);
    expect(service.createChannel('room', {})).toBeNull();
    const attribute = service.createChannelAttribute();
    for (const { code } of [
      service.queryPeersOnlineStatus(['u']),
      service.subscribePeersOnlineStatus(['u']),
      service.unsubscribePeersOnlineStatus(['u']),
      service.queryPeersBySubscriptionOption(0),
      service.setLocalUserAttributes([{ key: 'k', value: 'v' }]),
      service.addOrUpdateLocalUserAttributes([{ key: 'k', value: 'v' }]),
      service.deleteLocalUserAttributesByKeys(['k']),
      service.clearLocalUserAttributes(),
      service.getUserAttributes('u'),
      service.getUserAttributesByKeys('u', ['k']),
      service.setChannelAttributes('c', [attribute]),
      service.addOrUpdateChannelAttributes('c', [attribute]),
      service.deleteChannelAttributesByKeys('c', ['k']),
      service.clearChannelAttributes('c'),
      service.getChannelAttributes('c'),
      service.getChannelAttributesByKeys('c', ['k']),
      service.getChannelMemberCount(['c']),
      service.downloadMediaToMemory('m'),
      service.downloadMediaToFile('m', '/f'),
    ]) {
      expect(code).toBe(101);
    }
    expect([service.cancelMediaDownload(1), service.cancelMediaUpload(1)]).toEqual([101, 101]);
    expect(service.setParameters('{}')).toBeLessThan(0);
    for (const code of [service.setLogFile('/tmp/x'), service.setLogFilter(0), service.setLogFileSize(512)]) {
      expect(code).not.toBe(0);
    }
  });
  row('rule.released.twice', async () => {
    const { service } = await w.bot();
    service.release();
    service.release(true);
    service.release();
  });
  row('rule.released.silent', async () => {
    const alice = await w.bot();
    const bob = await w.bot({ timing: { peer_message_ms: 300 } }); // what was under way to alice has no outcome
    const a = await joined(alice, fresh('r'));
    for (let i = 0; i < 50; i++) bob.service.sendMessageToPeer(alice.user, bob.service.createMessage('x'));
    alice.service.sendMessageToPeer(bob.user, alice.service.createMessage('x'));
    alice.service.getUserAttributes(bob.user);
    alice.service.release(true);
    const before = [alice.events.calls.length, a.events.calls.length];
    for (let i = 0; i < 50; i++) await bob.events.take('onSendMessageResult');
    expect([alice.events.calls.length, a.events.calls.length]).toEqual(before);
  });
  row('rule.released.with-channels', async () => {
    const alice = await w.bot();
    const { channel } = await joined(alice, fresh('r'));
    alice.service.release();
    expect([channel.join(), channel.leave(), channel.getMembers()]).toEqual([101, 101, 101]);
    channel.release();
  });
  row('rule.instance.separate', async () => {
    const [alice, bob] = (await w.bots(2)) as [Bot, Bot];
    expect(alice.service.getChannelMemberCount(['c']).code).toBe(0);
    expect(alice.service.getChannelMemberCount(['c']).code).toBe(3);
    expect(bob.service.getChannelMemberCount(['c']).code).toBe(0);
  });
  row('rule.instance.again', async () => {
    const { service, events } = w.client();
    const { channel } = room({ service, events }, fresh('r'));
    for (const user of [fresh(), fresh()]) {
      expect(service.login(null, user)).toBe(0);
      await events.take('onLoginSuccess');
      expect(channel.getMembers()).toBe(5); // an object still, but not joined
      expect(service.logout()).toBe(0);
      await events.take('onLogout');
    }
  });

  row('IRtmService.setParameters', () => {
    const service = made();
    expect(service.setParameters('{"unknown.key": [1, {"a": null}]}')).toBe(0);
    expect(service.setParameters(' {} ')).toBe(0);
    for (const text of [null, '', 'no json', '{', '{}}', "{'a':1}", '{}\0']) {
      expect(service.setParameters(text as string), String(text)).toBeLessThan(0);
    }
  });
  row('rule.parameters.invalid-json', async () => {
    const { service, events } = w.client();
    expect(service.setParameters('{"rtm.endpoints":"rtm://127.0.0.1:1"')).toBeLessThan(0);
    service.login(null, fresh());
    await events.take('onLoginSuccess');
  });
  row('rule.parameters.invalid-utf8', () => {
    expect(made().setParameters('{"key":"\ud800"}')).toBeLessThan(0);
  });
  row('rule.parameters.wrong-value', async () => {
    const { service, events } = w.client();
    const wrong = { 'rtm.endpoints': 'rtm://127.0.0.1:1', 'rtm.timing': { login_ms: 0 } };
    expect(service.setParameters(JSON.stringify(wrong))).toBeLessThan(0);
    service.login(null, fresh());
    await events.take('onLoginSuccess');
  });

  row('IRtmService.setLogFile', () => {
    const { service } = w.client();
    const path = folder();
    const file = join(path, 'täglich.log');
    expect(service.setLogFile(file)).toBe(0);
    logs(service);
    expect(readFileSync(file, 'utf8')).toContain('state');
    const second = join(path, 'second.log');
    expect(service.setLogFile(second)).toBe(0);
    const before = statSync(file).size;
    logs(service);
    expect(statSync(file).size).toBe(before);
    expect(statSync(second).size).toBeGreaterThan(0);
  });
  const refused = (bad: (path: string) => string | null) => () => {
    const { service } = w.client();
    const path = folder();
    const file = join(path, 'good.log');
    expect(service.setLogFile(file)).toBe(0);
    expect(service.setLogFile(bad(path) as string)).not.toBe(0);
    const before = statSync(file).size;
    logs(service);
    expect(statSync(file).size).toBeGreaterThan(before);
  };
  row(
    'rule.log-file.relative',
    refused(() => 'relative.log'),
  );
  row(
    'rule.log-file.missing-folder',
    refused((path) => join(path, 'missing', 'rtm.log')),
  );
  row(
    'rule.log-file.unwritable',
    refused((path) => {
      mkdirSync(join(path, 'a-folder.log')); // nobody can write into a folder as a file, root included
      return join(path, 'a-folder.log');
    }),
  );
  row(
    'rule.log-file.invalid-utf8',
    refused((path) => join(path, 'a\ud800.log')),
  );
  row('rule.log-file.no-secrets', async () => {
    const file = join(folder(), 'rtm.log');
    const { service, events } = w.client({ appId: tokenApp });
    service.setLogFile(file);
    service.setLogFilter(LOG_FILTER_TYPE.LOG_FILTER_MASK);
    const user = fresh();
    const token = tokenFor(user);
    service.login(token, user);
    await events.take('onLoginSuccess');
    service.sendMessageToPeer(user, service.createMessage('a very private text'));
    await events.take('onMessageReceivedFromPeer');
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain(token.slice(3, 40));
    expect(text).not.toContain('private');
  });

  row('IRtmService.setLogFilter', () => {
    const service = made();
    for (const good of [0, 0x1, 0x5, 0x8, 0xf, 0x80f]) expect(service.setLogFilter(good as LOG_FILTER_TYPE)).toBe(0);
    for (const bad of [0x10, -1, 0x1000]) expect(service.setLogFilter(bad as LOG_FILTER_TYPE)).not.toBe(0);
  });
  const levels: [keyof typeof LOG_FILTER_TYPE, string[]][] = [
    ['LOG_FILTER_OFF', []],
    ['LOG_FILTER_INFO', ['INFO', 'WARN', 'ERROR']],
    ['LOG_FILTER_WARN', ['WARN', 'ERROR']],
    ['LOG_FILTER_ERROR', ['ERROR']],
    ['LOG_FILTER_CRITICAL', []], // nothing critical happens here
    ['LOG_FILTER_MASK', ['INFO', 'WARN', 'ERROR']],
  ];
  for (const [name, expected] of levels) {
    row(`LOG_FILTER_TYPE.${name}`, async () => {
      expect([...(await levelsUnder(LOG_FILTER_TYPE[name]))].sort()).toEqual([...expected].sort());
    });
  }

  const sizes: [string, number, boolean][] = [
    ['least.below', 511, false],
    ['least.at', 512, true],
    ['least.above', 513, true],
    ['most.below', 1_048_575, true],
    ['most.at', 1_048_576, true],
    ['most.above', 1_048_577, false],
  ];
  for (const [id, kilobytes, good] of sizes) {
    row(`limit.log-size.${id}`, () => expect(made().setLogFileSize(kilobytes) === 0).toBe(good));
  }
  row(['IRtmService.setLogFileSize', 'rule.log-file.two'], () => {
    const path = folder();
    const file = join(path, 'rtm.log');
    const { service } = w.client();
    expect([service.setLogFileSize(512), service.setLogFile(file)]).toEqual([0, 0]);
    const most = 512 * 1024;
    for (let i = 0; i < 20_000; i++) service.setParameters('{'); // each is one line of the log
    const kept = readdirSync(path).map((name) => statSync(join(path, name)).size);
    expect(kept.length).toBe(2);
    for (const each of kept) expect(each).toBeLessThanOrEqual(most);
    expect(Math.max(...kept)).toBeGreaterThan(most * 0.9);
  });
});

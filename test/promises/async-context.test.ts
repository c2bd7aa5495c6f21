// Callbacks of the C++ names run in the asynchronous context in which their service was made, whoever made the event
// loop turn: a server program that serves several tenants must not log one tenant's event as another's.
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createRtmService } from '../../lib/sdk/service.js';
import type { RtmServer } from '../../lib/server/rtm-server.js';
import { startServer, staticApp } from '../integration/sdk-world.js';

const storage = new AsyncLocalStorage<string>();

let server: RtmServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

/** A logged-in service in a channel, made in the context of a tenant; `seen`: the tenants that its callbacks saw. */
function tenant(name: string) {
  const seen = new Map<string, Set<string | undefined>>();
  const waiting = new Map<string, () => void>();
  const handler = new Proxy(
    {},
    {
      get: (_target, callback) => () => {
        const key = String(callback);
        seen.set(key, (seen.get(key) ?? new Set()).add(storage.getStore()));
        waiting.get(key)?.();
      },
    },
  );
  const until = (callback: string) => new Promise<void>((resolve) => waiting.set(callback, resolve));
  return storage.run(name, async () => {
    const service = createRtmService();
    service.initialize(staticApp, handler);
    service.setParameters(JSON.stringify({ 'rtm.endpoints': server.connectString }));
    const calls = service.getRtmCallManager(handler);
    const channel = service.createChannel('shared', handler);
    if (calls === null || channel === null) throw new Error('not initialised');
    const loggedIn = until('onLoginSuccess');
    service.login(null, name);
    await loggedIn;
    const joined = until('onJoinSuccess');
    channel.join();
    await joined;
    return { service, calls, channel, seen, until };
  });
}

it('callbacks of a service, its channels and its invitations see the context of their service', async () => {
  const [one, two] = [await tenant('one'), await tenant('two')];
  const received = [
    two.until('onMessageReceivedFromPeer'),
    two.until('onMessageReceived'),
    two.until('onRemoteInvitationReceived'),
    one.until('onLocalInvitationReceivedByPeer'),
    one.until('onSendMessageResult'),
  ];
  // The calls are made in yet another context, as by a request that a web server handles.
  storage.run('a request', () => {
    one.service.sendMessageToPeer('two', one.service.createMessage('hello'));
    one.channel.sendMessage(one.service.createMessage('hello, all'));
    one.calls.sendLocalInvitation(one.calls.createLocalCallInvitation('two'));
  });
  await Promise.all(received);
  const out = [one.until('onLogout'), two.until('onLogout')];
  for (const each of [one, two]) each.service.logout();
  await Promise.all(out);
  for (const [name, { seen, service }] of Object.entries({ one, two })) {
    for (const [callback, contexts] of seen) expect([callback, ...contexts]).toEqual([callback, name]);
    expect(seen.size).toBeGreaterThan(6);
    service.release();
  }
});

// A client's links as people and tools see them: the log file, and diagnostics_channel.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Relay, startRelay, startWorld, type World, within } from './client-world.js';

let world: World;
let relay: Relay;
const timing = { 'rtm.timing': { outage_ms: 300 } };

beforeAll(async () => {
  world = await startWorld({ times: { grace: 60_000 } });
  relay = await startRelay(world.server);
});
afterAll(async () => {
  await world.end();
  await relay.close();
});

/** Messages published on a channel during the test, and a promise of the next one. */
function listen(name: string) {
  const messages: Record<string, unknown>[] = [];
  const waiting: ((message: Record<string, unknown>) => void)[] = [];
  const listener = (message: unknown) => {
    messages.push(message as Record<string, unknown>);
    waiting.shift()?.(message as Record<string, unknown>);
  };
  subscribe(name, listener);
  onTestFinished(() => {
    unsubscribe(name, listener);
  });
  return {
    messages,
    next: () => within(name, new Promise<Record<string, unknown>>((resolve) => waiting.push(resolve))),
  };
}

describe('the log file', () => {
  it('has a line per attempt with address, family, step, time and result, and no token', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rtm-log-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const logFile = join(folder, 'client.log');
    const token = world.token('logger');
    const endpoints = [
      'rtms://127.0.0.1:9',
      world.server.connectString.replace(/sha256=.*/, `sha256=${'0'.repeat(64)}`),
      relay.connectString,
    ];
    const client = await world.login('logger', { endpoints, token, logFile, parameters: timing });
    const lost = client.whenState('reconnecting');
    relay.cut();
    await within('reconnecting', lost);
    relay.mend();
    await within('connected', client.whenState('connected'));
    await client.logout();
    const log = readFileSync(logFile, 'utf8');
    const stamp = String.raw`^\d{4}-\d\d-\d\dT[\d:.]+Z `;
    const line = (level: string, rest: string) => new RegExp(`${stamp}${level} +logger: connect ${rest}$`, 'm');
    expect(log).toMatch(line('WARN', String.raw`127\.0\.0\.1:9 \(IPv4\), TCP, \d+ ms: connection refused`));
    expect(log).toMatch(line('WARN', String.raw`127\.0\.0\.1:\d+ \(IPv4\), TLS, \d+ ms: .*certificate.*`));
    expect(log).toMatch(line('INFO', String.raw`127\.0\.0\.1:\d+ \(IPv4\), login, \d+ ms: logged in`));
    expect(log).toMatch(line('INFO', String.raw`127\.0\.0\.1:\d+ \(IPv4\), login, \d+ ms: resumed`));
    expect(log).toMatch(/logger: link lost: 127\.0\.0\.1:\d+: /);
    expect(log).not.toContain(token.slice(0, 40));
    expect(log).not.toContain(token.slice(-40));
  });
});

describe('diagnostics_channel', () => {
  it('rtm:connect reports successful and failed logins', async () => {
    const connects = listen('rtm:connect');
    await world.login('d1');
    await expect(world.login('d2', { token: 'not a token' })).rejects.toThrow();
    expect(connects.messages).toEqual([
      {
        userId: 'd1',
        outcome: 'connected',
        duration: expect.any(Number),
        server: `127.0.0.1:${world.server.port}`,
        reason: undefined,
        detail: undefined,
      },
      {
        userId: 'd2',
        outcome: 'failed',
        duration: expect.any(Number),
        server: undefined,
        reason: 5,
        detail: expect.stringMatching(/^127\.0\.0\.1:\d+: the server refused the login: /),
      },
    ]);
    expect(JSON.stringify(connects.messages)).not.toContain('not a token');
  });

  it('rtm:reconnect and rtm:resume report a link that is back, and whether the session is', async () => {
    const [reconnects, resumes] = [listen('rtm:reconnect'), listen('rtm:resume')];
    const client = await world.login('d3', { endpoints: relay.connectString, parameters: timing });
    expect(reconnects.messages).toEqual([]);
    const back = reconnects.next();
    relay.cut();
    relay.mend();
    const server = relay.connectString.replace(/^rtms:\/\/|#.*/g, '');
    expect(await back).toEqual({ userId: 'd3', resumed: true, duration: expect.any(Number), server });
    expect(resumes.messages).toEqual([{ userId: 'd3', duration: expect.any(Number), server, complete: true }]);
    await client.logout();
  });

  it('rtm:reconnect reports that the server has forgotten the session', async () => {
    const forgetful = await startWorld({ times: { heartbeat: 100, unreachable: 300, grace: 600 } });
    const between = await startRelay(forgetful.server);
    onTestFinished(async () => {
      await forgetful.end();
      await between.close();
    });
    const [reconnects, resumes] = [listen('rtm:reconnect'), listen('rtm:resume')];
    await forgetful.login('d4', { endpoints: between.connectString, parameters: timing });
    between.cut();
    await expect.poll(() => forgetful.server.stats().sessions, { timeout: 10_000 }).toBe(0);
    const back = reconnects.next();
    between.mend();
    expect(await back).toMatchObject({ userId: 'd4', resumed: false });
    expect(resumes.messages).toEqual([]);
  });

  it('rtm:request reports calls that went to the server, without their payload', async () => {
    const client = await world.login('d5');
    await client.join('unheard');
    const requests = listen('rtm:request');
    const room = await client.join('d room');
    await room.send('a secret');
    await room.members();
    await expect(client.sendToPeer('nobody at all', 'a secret')).rejects.toThrow();
    await client.attributes.set({ mood: 'a secret' });
    await room.leave();
    const done = (operation: string, outcome = 'ok', code?: string) => ({
      userId: 'd5',
      operation,
      duration: expect.any(Number),
      outcome,
      code,
    });
    expect(requests.messages).toEqual([
      done('join'),
      done('sendMessage'),
      done('getMembers'),
      done('sendMessageToPeer', 'failed', 'ERR_RTM_PEER_UNREACHABLE'),
      done('setLocalUserAttributes'),
      done('leave'),
    ]);
    expect(JSON.stringify(requests.messages)).not.toContain('secret');
  });

  it('rtm:request reports a call that its own signal or timeout ended as aborted', async () => {
    const requests = listen('rtm:request');
    const client = await world.login('d6', { endpoints: relay.connectString, parameters: timing });
    relay.freeze();
    await expect(client.sendToPeer('d6', 'x', { timeout: 50 })).rejects.toMatchObject({ code: 'ERR_RTM_TIMEOUT' });
    const stop = new AbortController();
    const aborted = client.sendToPeer('d6', 'x', { signal: stop.signal });
    stop.abort();
    await expect(aborted).rejects.toThrow();
    relay.mend();
    expect(requests.messages).toMatchObject([
      { outcome: 'aborted', code: 'ERR_RTM_TIMEOUT' },
      { outcome: 'aborted', code: undefined },
    ]);
    await client.logout();
  });
});

// A running server as its operator sees it: health checks, metrics, numbers.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RtmClient, RtmServer } from 'rtm-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildToken } from '../../lib/server/token.js';
import { startRelay, startWorld, type World, within } from './client-world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ limits: 'off', admin: '127.0.0.1:0' });
});
afterAll(() => world.end());

/** Samples of /metrics by name and labels. */
async function metrics(server = world.server): Promise<Map<string, number>> {
  const response = await fetch(`${server.adminUrl}/metrics`);
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringContaining('version=0.0.4'),
  ]);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

async function ready(server: RtmServer): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.adminUrl}/readyz`);
  return { status: response.status, body: await response.json() };
}

describe('the metrics', () => {
  it('count the actions of clients', async () => {
    const before = await metrics();
    const grown = (after: Map<string, number>, name: string) =>
      (after.get(name) ?? Number.NaN) - (before.get(name) ?? 0);
    const [alice, bob] = await Promise.all([world.login('counted a'), world.login('counted b')]);
    const [room] = await Promise.all([alice.join('counted'), bob.join('counted')]);
    await alice.sendToPeer('counted b', 'one');
    await alice.sendToPeer('counted b', 'two');
    await room.send('three');
    await alice.sendToPeer('away', 'kept', { offline: true });
    await bob.logout();
    const path = join(mkdtempSync(join(tmpdir(), 'rtm-operations-')), 'body');
    writeFileSync(path, Buffer.alloc(5000, 7));
    const uploaded = await alice.media.upload(path);
    rmSync(dirname(path), { recursive: true });
    await alice.media.download(uploaded.mediaId);
    const after = await metrics();
    const names = [
      'rtm_logins_total',
      'rtm_messages_in_total{kind="peer"}',
      'rtm_messages_in_total{kind="channel"}',
      'rtm_deliveries_total{kind="peer"}',
      'rtm_deliveries_total{kind="channel"}',
      'rtm_store_offline_messages',
      'rtm_store_append_seconds_count',
      'rtm_store_append_seconds_bucket{le="+Inf"}',
      'rtm_media_bytes_total{direction="in"}',
      'rtm_media_bytes_total{direction="out"}',
    ];
    expect(names.map((name) => grown(after, name))).toEqual([2, 3, 1, 2, 1, 1, 1, 1, 5000, 5000]);
    expect(after.get('rtm_store_append_seconds_sum')).toBeGreaterThanOrEqual(0);
    expect(after.get('rtm_channels')).toBe(1);
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
    ])
      expect(after.get(name), name).toBeGreaterThanOrEqual(0);
    expect(after.get('rtm_ready')).toBe(1);
  });

  it('say why logins are refused', async () => {
    const { server, appId, appCertificate } = world;
    const before = server.stats().loginFailuresBy;
    const fails = (userId: string, token: string, app = appId) =>
      expect(RtmClient.login({ appId: app, userId, token, endpoints: server.connectString })).rejects.toThrow();
    const old = buildToken({ appId, appCertificate, userId: 'late', expireSeconds: 1, issuedAt: 1_600_000_000 });
    await server.ban(appId, 'villain');
    await fails('stranger', '', 'f'.repeat(32));
    await fails('stranger', world.token('somebody else'));
    await fails('late', old);
    await fails('villain', world.token('villain'));
    const after = server.stats().loginFailuresBy;
    const grown = Object.fromEntries(Object.entries(after).map(([name, n]) => [name, n - before[name as 'appId']]));
    expect(grown).toMatchObject({ appId: 1, token: 1, tokenExpired: 1, notAuthorized: 0, other: 0 });
    expect(grown['banned']).toBeGreaterThanOrEqual(1);
    expect((await metrics()).get('rtm_login_failures_total{reason="tokenExpired"}')).toBe(after.tokenExpired);
  });

  it('show the bytes that wait for a client that does not read', async () => {
    const relay = await startRelay(world.server);
    const sleeper = await world.login('sleeper', { endpoints: relay.connectString });
    const room = await sleeper.join('flood');
    const sender = await world.login('flooder');
    const flood = await sender.join('flood');
    relay.freeze();
    const text = 'x'.repeat(30_000);
    let most = 0;
    // Kernel buffers take some megabytes first; the number is taken ten times a second.
    for (let round = 0; round < 60 && most === 0; round++) {
      await Promise.all(Array.from({ length: 20 }, () => flood.send(text)));
      await sleep(110);
      most = (await metrics()).get('rtm_queue_bytes') ?? 0;
    }
    expect(most).toBeGreaterThan(0);
    relay.mend();
    await within(
      'the channel',
      room.leave().catch(() => {}),
    );
    await relay.close();
  });
});

describe('the health checks', () => {
  it('are alive and ready while it runs, not ready while it drains, and gone when it is closed', async () => {
    const own = await startWorld({ admin: '0' });
    const { server } = own;
    expect(server.adminUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await (await fetch(`${server.adminUrl}/healthz`)).json()).toEqual({
      alive: true,
      loopDelayMs: expect.any(Number),
    });
    expect(await ready(server)).toEqual({ status: 200, body: { ready: true, phase: 'running', problems: {} } });
    await own.login('somebody');
    const gone = server.drain({ overMs: 100 });
    expect(await ready(server)).toEqual({ status: 503, body: { ready: false, phase: 'draining', problems: {} } });
    await gone;
    expect((await metrics(server)).get('rtm_ready')).toBe(0);
    expect((await fetch(`${server.adminUrl}/healthz`)).status).toBe(200);
    await server.close();
    await server.close();
    await expect(fetch(`${server.adminUrl}/healthz`)).rejects.toThrow();
  });

  it('refuse unknown paths and methods', async () => {
    const url = world.server.adminUrl ?? '';
    expect((await fetch(url)).status).toBe(404);
    expect((await fetch(`${url}/constructor`)).status).toBe(404);
    expect((await fetch(`${url}/metrics/../healthz?x=1`)).status).toBe(200);
    const post = await fetch(`${url}/readyz`, { method: 'POST', body: 'x'.repeat(100_000) });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const strange = request(`${url}/healthz`, { method: 'GET', path: '//[::' });
    const status = await new Promise((resolve, reject) => {
      strange
        .on('response', (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(404);
  });

  it('need an address of their own', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const apps = [{ appId: world.appId }];
    await expect(RtmServer.start({ port: 0, apps, admin: String(port) })).rejects.toMatchObject({
      code: 'ERR_RTM_SERVER_START',
      message: `admin: cannot listen on 127.0.0.1, port ${port} (EADDRINUSE); choose another address`,
    });
    taken.close();
    for (const admin of ['', 'x', 'host:70000', '::1:80', '[::g]:1', 'a b:1'])
      await expect(RtmServer.start({ port: 0, apps, admin })).rejects.toThrow(/options\.admin: expected host:port/);
  });

  it('give their port back if the server cannot start', async () => {
    const other = await startWorld({ admin: '0' });
    const port = new URL(other.server.adminUrl ?? '').port;
    await other.end();
    const bad = { port: world.server.port, host: '127.0.0.1', apps: [{ appId: world.appId }] };
    await expect(RtmServer.start({ ...bad, admin: port })).rejects.toMatchObject({ code: 'ERR_RTM_SERVER_START' });
    const again = await startWorld({ admin: port });
    expect(again.server.adminUrl).toContain(port);
    await again.end();
  });
});

it('stats() never shows a user as gone while another login takes its place', async () => {
  const own = await startWorld({ limits: 'off' });
  const first = await own.login('contested');
  let [least, reading] = [Number.POSITIVE_INFINITY, true];
  const read = () => {
    for (let i = 0; i < 2000; i++) least = Math.min(least, own.server.stats().sessions);
    if (reading) setImmediate(read);
  };
  read();
  let last = first;
  for (let round = 0; round < 20; round++) last = await own.login('contested');
  reading = false;
  expect(least).toBe(1);
  expect(last.state).toBe('connected');
  await own.end();
});

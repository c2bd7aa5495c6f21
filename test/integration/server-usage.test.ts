// Who takes the memory of a server: in the process, over the admin pages, and in a terminal.
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { endAll, rtm } from './cli-process.js';
import { startWorld, type World } from './client-world.js';

let world: World;
const adminToken = 'a-token-of-26-characters-0';

beforeAll(async () => {
  world = await startWorld({ admin: '127.0.0.1:0', adminToken });
  const [large, small] = [await world.login('large'), await world.login('small')];
  await large.channelAttributes('desk').set({ text: 'x'.repeat(8000) });
  await small.attributes.set({ mood: 'fine' });
});
afterEach(endAll);
afterAll(() => world.end());

it('the largest users come first, with what they take memory for', () => {
  const { used, limit, apps, users } = world.server.usage();
  expect(users.map(({ userId }) => userId)).toEqual(['large', 'small']);
  const [large, small] = users;
  expect(large?.memory.channelAttributes).toBeGreaterThan(8000);
  expect(large?.memory.channelAttributes).toBeLessThan(12_000);
  expect(small?.memory.userAttributes).toBeGreaterThan(100);
  for (const user of users) {
    expect(user.appId).toBe(world.appId);
    expect(user.memory.sessions).toBeGreaterThan(10_000);
    expect(user.bytes).toBe(Object.values(user.memory).reduce((sum, each) => sum + each, 0));
  }
  expect(apps).toEqual([{ appId: world.appId, bytes: users.reduce((sum, { bytes }) => sum + bytes, 0) }]);
  expect(used).toBeGreaterThanOrEqual(apps[0]?.bytes ?? 0);
  expect(used).toBeLessThan(limit);
  expect(world.server.usage({ users: 1 }).users).toHaveLength(1);
  expect(() => world.server.usage({ users: -1 })).toThrow(/options.users/);
});

it('the admin page tells it to who has the token', async () => {
  const page = (query: string, token: string) =>
    fetch(`${world.server.adminUrl}/usage${query}`, { headers: { authorization: `Bearer ${token}` } });
  expect(await (await page('?users=1', adminToken)).json()).toEqual(world.server.usage({ users: 1 }));
  expect((await page('', 'another-token-of-some-length')).status).toBe(401);
  expect((await page('?users=many', adminToken)).status).toBe(400);
});

it('rtm top shows it in columns, or as JSON', async () => {
  const env = { RTM_SERVER_ADMIN_TOKEN: adminToken };
  const admin = new URL(world.server.adminUrl ?? '').host;
  const top = rtm(['top', '--admin', admin, '--count', '1'], env);
  expect(await top.exit()).toBe(0);
  expect(top.output).toMatch(
    /^memory .* of .*, \d+ %\n\nAPP +BYTES\n[0-9a-f]{32} +[\d.]+ KiB\n\nUSER +APP +BYTES +MOST FOR\nlarge/,
  );
  expect(top.output).not.toContain('small');
  const json = rtm(['top', '--admin', admin, '--json'], env);
  expect(await json.exit()).toBe(0);
  expect(JSON.parse(json.output)).toEqual(world.server.usage());
});

it('the largest channels are told with their members', async () => {
  const [busy, quiet] = [await world.login('busy'), await world.login('quiet')];
  const rooms = [await busy.join('large room'), await busy.join('small room'), await quiet.join('large room')];
  await rooms[0]?.send('x'.repeat(30_000));
  // Channels are counted when their old messages are dropped, each 5 s.
  const channels = await vi.waitFor(
    () => {
      const told = world.server.usage().channels;
      expect(told.map(({ channelId }) => channelId)).toEqual(['large room', 'small room']);
      return told;
    },
    { timeout: 20_000 },
  );
  expect(channels[0]).toMatchObject({ appId: world.appId, members: 2 });
  expect(channels[0]?.bytes).toBeGreaterThan(30_000);
  expect(channels[1]?.bytes).toBeLessThan(10_000);
  const top = rtm(['top', '--admin', new URL(world.server.adminUrl ?? '').host], {
    RTM_SERVER_ADMIN_TOKEN: adminToken,
  });
  expect(await top.exit()).toBe(0);
  expect(top.output).toMatch(/\nCHANNEL +APP +BYTES +MEMBERS\nlarge room +[0-9a-f]{8} +[\d.]+ KiB +2\nsmall room /);
  for (const room of rooms) await room.leave();
});

it('rtm top says where it has looked when nobody answers', async () => {
  const top = rtm(['top', '--admin', '127.0.0.1:1']);
  expect(await top.exit()).toBe(1);
  expect(top.errors).toMatch(/^rtm: no server answers at http:\/\/127\.0\.0\.1:1\/usage.*--admin 127\.0\.0\.1:1\?\n$/);
});

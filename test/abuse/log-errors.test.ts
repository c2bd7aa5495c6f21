// What clients choose must not fill the log with errors: an error is for what an operator has to repair.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RtmServer } from '../../lib/index.js';
import { root } from '../integration/cli-process.js';

/** The client of the abuse suite: a client of our own would not send such ids. */
interface RawClient {
  send(name: string, message: object): void;
  next(name: string): Promise<{ code: number }>;
  close(): void;
}
interface Wire {
  RawClient: { login(place: object, user: object): Promise<RawClient> };
}
const NOT_EXIST = 4;
const FAILURE = 1;

const appId = '0123456789abcdef0123456789abcdef';
const lines: string[] = [];
const refusals: string[] = [];
let folder: string;
let server: RtmServer;
let client: RawClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtm-log-errors-'));
  server = await RtmServer.start({
    host: '127.0.0.1',
    port: 0,
    apps: [{ appId }],
    data: folder,
    limits: 'off',
    media: { userBytes: 1000 },
    log: (level, line) => {
      if (level === 'error' || level === 'critical') lines.push(line);
      if (line.startsWith('upload refused')) refusals.push(line);
    },
  });
  const wire: Wire = await import(join(root, 'bench/abuse/wire.mjs'));
  client = await wire.RawClient.login({ port: server.port, tls: true }, { appId, userId: 'ann', token: '' });
});
afterAll(async () => {
  client.close();
  await server.close();
  await rm(folder, { recursive: true });
});

it.each([
  ['too long', 'a'.repeat(30_000)],
  ['of the right length, and no id', 'x'.repeat(32)],
  ['not stored', 'a'.repeat(32)],
  ['a path', '../messages.mdb'],
])('a media id that is %s does not exist, and logs no error', async (_name, mediaId) => {
  client.send('MediaDownload', { request_id: 1, media_id: mediaId });
  expect(await client.next('MediaTicket')).toMatchObject({ code: NOT_EXIST });
  expect(lines).toEqual([]);
});

it('uploads that are refused 1,000 times have a few lines, none of them an error', async () => {
  for (let id = 1; id <= 1000; ++id) {
    client.send('MediaUpload', { request_id: id, size: 1001 });
    expect(await client.next('MediaTicket')).toMatchObject({ code: FAILURE });
  }
  expect(refusals[0]).toMatch(/this user has 0 of 1000 \(media\.userBytes\) event=upload-refused app=".*" user="ann"$/);
  expect(refusals.length).toBeLessThan(500);
  expect(lines).toEqual([]);
});

// What clients choose must not fill the log with errors: an error is for what an operator has to repair.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { RtmServer } from '../../lib/index.js';
import { root } from '../integration/cli-process.js';

/** The client of the abuse suite: a client of our own would not send such ids. */
interface RawClient {
  send(name: string, message: object): void;
  next(name: string): Promise<{ code: number; ticket: Uint8Array }>;
  close(): void;
}
interface Wire {
  RawClient: {
    connect(place: object): Promise<RawClient>;
    login(place: object, user: object): Promise<RawClient>;
  };
}
const NOT_EXIST = 4;
const FAILURE = 1;

const appId = '0123456789abcdef0123456789abcdef';
const lines: string[] = [];
const refusals: string[] = [];
const malformed: string[] = [];
let wire: Wire;
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
      if (line.includes(' event=malformed ')) malformed.push(line);
    },
  });
  wire = await import(join(root, 'bench/abuse/wire.mjs'));
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

it.each([
  ['shorter than announced', 9, 'it is shorter than announced'],
  ['not of its checksum', 10, 'the checksum differs'],
])('an upload that is %s fails with a line that names its address, and logs no error', async (_name, bytes, why) => {
  client.send('MediaUpload', { request_id: 2000 + bytes, size: 10 });
  const { code, ticket } = await client.next('MediaTicket');
  expect(code).toBe(0);
  const media = await wire.RawClient.connect({ port: server.port, tls: true });
  media.send('Hello', { version: 1 });
  await media.next('HelloOk');
  media.send('MediaOpen', { ticket });
  await media.next('MediaOpened');
  media.send('MediaData', { data: Buffer.alloc(bytes) });
  media.send('MediaEnd', { sha256: Buffer.alloc(32) });
  expect(await media.next('MediaStored')).toMatchObject({ code: FAILURE });
  media.close();
  const line = new RegExp(`^upload of 10 bytes failed: ${why} event=malformed address=127\\.0\\.0\\.1 port=\\d+$`);
  await vi.waitFor(() => expect(malformed.at(-1)).toMatch(line));
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

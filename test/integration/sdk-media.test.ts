import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOWNLOAD_MEDIA_ERR_CODE, MESSAGE_TYPE, UPLOAD_MEDIA_ERR_CODE } from '../../lib/enums.js';
import { RtmFileMessage, RtmImageMessage } from '../../lib/sdk/media-message.js';
import type { RtmServer } from '../../lib/server/rtm-server.js';
import { type Bot, joined, newBot, newService, startServer } from './sdk-world.js';

/** A PNG of 3 × 2 pixels, as far as sizes are concerned. */
const png = Buffer.from('89504e470d0a1a0a0000000d494844520000000300000002080600000000000000', 'hex');

let server: RtmServer;
const folder = mkdtempSync(join(tmpdir(), 'rtm-sdk-media-'));
beforeAll(async () => {
  server = await startServer({ limits: 'sdk' });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

let files = 0;
function write(content: Uint8Array): string {
  const path = join(folder, `source${files++}`);
  writeFileSync(path, content);
  return path;
}

async function upload(bot: Bot, path: string): Promise<RtmFileMessage> {
  const result = bot.events.next('onFileMediaUploadResult');
  const { code, requestId } = bot.service.createFileMessageByUploading(path);
  expect(code).toBe(0);
  const [id, message, outcome] = await result;
  expect([id, outcome]).toEqual([requestId, 0]);
  expect(message).toBeInstanceOf(RtmFileMessage);
  return message as RtmFileMessage;
}

async function download(bot: Bot, mediaId: string): Promise<Buffer> {
  const result = bot.events.next('onMediaDownloadToMemoryResult');
  const { code, requestId } = bot.service.downloadMediaToMemory(mediaId);
  expect(code).toBe(0);
  const [id, memory, outcome] = await result;
  expect([id, outcome]).toEqual([requestId, 0]);
  return memory as Buffer;
}

describe('a file', () => {
  it.each([1, 65_535, 65_536, 65_537])('of %d bytes comes back as it was, to memory and to a file', async (size) => {
    const [alice, bob] = await Promise.all([newBot(server), newBot(server)]);
    const content = randomBytes(size);
    const message = await upload(alice, write(content));
    expect(message.getSize()).toBe(size);
    expect(message.getMessageType()).toBe(MESSAGE_TYPE.MESSAGE_TYPE_FILE);
    expect((await download(bob, message.getMediaId())).equals(content)).toBe(true);
    const target = join(folder, `target${size}`);
    const result = bob.events.next('onMediaDownloadToFileResult');
    const { requestId } = bob.service.downloadMediaToFile(message.getMediaId(), target);
    expect(await result).toEqual([requestId, 0]);
    expect(readFileSync(target).equals(content)).toBe(true);
  });

  it('of 30 MB comes back, and one byte more is refused', async () => {
    const bot = await newBot(server);
    const content = randomBytes(30 * 1024 * 1024);
    const message = await upload(bot, write(content));
    expect((await download(bot, message.getMediaId())).equals(content)).toBe(true);
    const tooLarge = bot.service.createFileMessageByUploading(write(Buffer.alloc(30 * 1024 * 1024 + 1)));
    expect(tooLarge).toEqual({ code: UPLOAD_MEDIA_ERR_CODE.UPLOAD_MEDIA_ERR_SIZE_OVERFLOW, requestId: 0 });
  });

  it('is refused if it is missing, empty, a folder, or a path that no file can have', async () => {
    const { service } = await newBot(server);
    expect(service.createFileMessageByUploading(join(folder, 'missing')).code).toBe(1);
    expect(service.createFileMessageByUploading(folder).code).toBe(1);
    expect(service.createFileMessageByUploading(write(Buffer.alloc(0))).code).toBe(2);
    expect(service.createFileMessageByUploading('').code).toBe(2);
    expect(service.createFileMessageByUploading('a\0b').code).toBe(2);
    expect(service.createFileMessageByUploading(null as never).code).toBe(2);
    expect(service.downloadMediaToFile('m', 'a\0b').code).toBe(2);
    expect(existsSync('\x01')).toBe(false);
    expect(() => service.createFileMessageByUploading(5 as never)).toThrow(TypeError);
  });

  it('that changes under the upload fails it', async () => {
    const bot = await newBot(server);
    const path = write(randomBytes(20 * 1024 * 1024));
    const result = bot.events.next('onFileMediaUploadResult');
    const { requestId } = bot.service.createFileMessageByUploading(path);
    appendFileSync(path, 'more'); // the upload has the file open, and has sent nothing yet
    expect(await result).toEqual([requestId, null, UPLOAD_MEDIA_ERR_CODE.UPLOAD_MEDIA_ERR_FAILURE]);
  });
});

describe('an image', () => {
  it('has its size in pixels found out', async () => {
    const bot = await newBot(server);
    const result = bot.events.next('onImageMediaUploadResult');
    expect(bot.service.createImageMessageByUploading(write(png)).code).toBe(0);
    const [, message] = (await result) as [number, RtmImageMessage];
    expect(message).toBeInstanceOf(RtmImageMessage);
    expect([message.getWidth(), message.getHeight()]).toEqual([3, 2]);
    expect([message.getThumbnailWidth(), message.getThumbnailHeight()]).toEqual([0, 0]);
  });
});

describe('a media message', () => {
  it('travels to a peer and to a channel with all its fields', async () => {
    const [alice, bob] = await Promise.all([newBot(server), newBot(server)]);
    const file = await upload(alice, write(randomBytes(10)));
    file.setFileName('Übersicht.pdf');
    file.setText('please read');
    file.setThumbnail(Uint8Array.of(1, 0, 2));
    const arrived = bob.events.next('onFileMessageReceivedFromPeer');
    expect(alice.service.sendMessageToPeer(bob.user, file)).toBe(0);
    const [peer, received] = (await arrived) as [string, RtmFileMessage];
    expect(peer).toBe(alice.user);
    expect(received).toBeInstanceOf(RtmFileMessage);
    expect(received.getMediaId()).toBe(file.getMediaId());
    expect(received.getSize()).toBe(10);
    expect(received.getFileName()).toBe('Übersicht.pdf');
    expect(received.getText()).toBe('please read');
    expect(received.getThumbnailData()).toEqual(Buffer.of(1, 0, 2));
    expect(received.getThumbnailLength()).toBe(3);
    expect(received.getServerReceivedTs()).toBeGreaterThan(0);

    const [atAlice, atBob] = await Promise.all([joined(alice, 'gallery'), joined(bob, 'gallery')]);
    const image = alice.service.createImageMessageByMediaId(file.getMediaId()) as RtmImageMessage;
    image.setWidth(640);
    image.setHeight(480);
    image.setThumbnailWidth(64);
    image.setThumbnailHeight(48);
    const inChannel = atBob.events.next('onImageMessageReceived');
    expect(atAlice.channel.sendMessage(image)).toBe(0);
    const [user, shown] = (await inChannel) as [string, RtmImageMessage];
    expect(user).toBe(alice.user);
    expect(shown).toBeInstanceOf(RtmImageMessage);
    expect([shown.getWidth(), shown.getHeight()]).toEqual([640, 480]);
    expect([shown.getThumbnailWidth(), shown.getThumbnailHeight()]).toEqual([64, 48]);
    expect(shown.getFileName()).toBe('');

    const again = alice.events.next('onFileMessageReceivedFromPeer');
    expect(bob.service.sendMessageToPeer(alice.user, received)).toBe(0); // sent on as it came
    expect(((await again)[1] as RtmFileMessage).getFileName()).toBe('Übersicht.pdf');
  });

  it('over 32 KB, or with a name that UTF-8 cannot hold, is refused', async () => {
    const { service } = await newBot(server);
    const message = service.createFileMessageByMediaId('some-id') as RtmFileMessage;
    message.setThumbnail(Buffer.alloc(32 * 1024 + 1));
    expect(service.sendMessageToPeer('bob', message)).toBe(7);
    message.setThumbnail(null);
    for (const name of ['half \ud83d', 'with \0 inside']) {
      message.setFileName(name);
      expect(service.sendMessageToPeer('bob', message)).toBe(7);
    }
    expect(() => message.setFileName(5 as never)).toThrow(TypeError);
    expect(() => message.setThumbnail('x' as never)).toThrow(TypeError);
  });

  it('cannot be made without a login or of a malformed media id', async () => {
    const early = newService(server);
    expect(early.service.createFileMessageByMediaId('m')).toBeNull();
    const { service } = await newBot(server);
    for (const id of ['', 'with space', 'ä', 'x'.repeat(257), null as never]) {
      expect(service.createFileMessageByMediaId(id)).toBeNull();
      expect(service.createImageMessageByMediaId(id)).toBeNull();
    }
  });
});

describe('a transfer', () => {
  it('of an unknown body ends with NOT_EXIST', async () => {
    const bot = await newBot(server);
    const result = bot.events.next('onMediaDownloadToMemoryResult');
    const { requestId } = bot.service.downloadMediaToMemory('0123456789abcdef0123456789abcdef');
    const [id, memory, code] = await result;
    expect([id, code]).toEqual([requestId, DOWNLOAD_MEDIA_ERR_CODE.DOWNLOAD_MEDIA_ERR_NOT_EXIST]);
    expect(memory).toHaveLength(0);
  });

  it('is cancelled once, and its place is free at once', async () => {
    const bot = await newBot(server);
    const path = write(randomBytes(20 * 1024 * 1024));
    for (let round = 0; round < 3; round++) {
      const ids = Array.from({ length: 9 }, () => bot.service.createFileMessageByUploading(path).requestId);
      expect(new Set(ids).size).toBe(9);
      expect(bot.service.createFileMessageByUploading(path).code).toBe(5);
      expect(bot.service.downloadMediaToMemory('m').code).toBe(5);
      for (const id of ids) {
        expect(bot.service.cancelMediaDownload(id)).toBe(2);
        const [cancelled, result] = [
          bot.events.next('onMediaCancelResult'),
          bot.events.next('onFileMediaUploadResult'),
        ];
        expect(bot.service.cancelMediaUpload(id)).toBe(0);
        expect(bot.service.cancelMediaUpload(id)).toBe(2);
        expect(await cancelled).toEqual([id, 0]);
        expect(await result).toEqual([id, null, UPLOAD_MEDIA_ERR_CODE.UPLOAD_MEDIA_ERR_INTERRUPTED]);
      }
    }
    // The server counts them no more, either.
    expect((await upload(bot, write(randomBytes(10)))).getSize()).toBe(10);
  });

  it('ends with INTERRUPTED before the logout, and leaves nothing behind', async () => {
    const bot = await newBot(server);
    const message = await upload(bot, write(randomBytes(20 * 1024 * 1024)));
    const target = join(folder, 'never');
    bot.service.downloadMediaToFile(message.getMediaId(), target);
    const done = bot.events.next('onLogout');
    bot.service.logout();
    await done;
    const names = bot.events.names();
    expect(names.indexOf('onMediaDownloadToFileResult')).toBeGreaterThan(0);
    expect(names.indexOf('onMediaDownloadToFileResult')).toBeLessThan(names.indexOf('onLogout'));
    await expect.poll(() => readdirSync(folder).filter((name) => name.includes('never'))).toEqual([]);
  });

  it('fails where it cannot write', async () => {
    const bot = await newBot(server);
    const message = await upload(bot, write(randomBytes(10)));
    const result = bot.events.next('onMediaDownloadToFileResult');
    bot.service.downloadMediaToFile(message.getMediaId(), join(folder, 'no', 'such', 'folder'));
    expect((await result)[1]).toBe(DOWNLOAD_MEDIA_ERR_CODE.DOWNLOAD_MEDIA_ERR_FAILURE);
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { RtmFileMessage, RtmImageMessage } from '../../lib/sdk/media-message.js';
import { createRtmService, type RtmService } from '../../lib/sdk/service.js';
import type { MediaOperationProgress } from '../../lib/sdk/structs.js';
import { media as rows } from './rows/media.js';
import type { CallbackName, Events } from './support/events.js';
import {
  downloaded,
  Folder,
  fetched,
  goOn,
  holdAfter,
  mostBytes,
  stuck,
  unknownId,
  uploaded,
} from './support/media.js';
import { subject } from './support/subject.js';
import type { WireRelay } from './support/wire-relay.js';
import { type Bot, world } from './support/world.js';

const w = world();
const folder = new Folder();
const loose = (value: unknown) => value as never;
const INTERRUPTED = 6;
const TIMEOUT = 3;
const RESULTS: CallbackName[] = [
  'onFileMediaUploadResult',
  'onImageMediaUploadResult',
  'onMediaDownloadToFileResult',
  'onMediaDownloadToMemoryResult',
];

/** A client behind a relay. */
async function behind(timing: Record<string, number> = {}): Promise<{ via: WireRelay; bot: Bot }> {
  const via = await w.relay();
  return { via, bot: await w.bot({ via, timing }) };
}

/** One start of each kind. */
function starts(service: RtmService, path: string, mediaId: string) {
  return [
    () => service.createFileMessageByUploading(path),
    () => service.createImageMessageByUploading(path),
    () => service.downloadMediaToFile(mediaId, folder.place()),
    () => service.downloadMediaToMemory(mediaId),
  ];
}

/** Checks that one task of each kind ends with this code. */
async function results(events: Events, ids: readonly number[], code: number): Promise<void> {
  expect(await events.take('onFileMediaUploadResult')).toEqual([ids[0], null, code]);
  expect(await events.take('onImageMediaUploadResult')).toEqual([ids[1], null, code]);
  expect(await events.take('onMediaDownloadToFileResult')).toEqual([ids[2], code]);
  expect(await events.take('onMediaDownloadToMemoryResult')).toEqual([ids[3], Buffer.alloc(0), code]);
}

/** Four tasks, one of each kind, that run without progress. */
async function fourStuck(timing: Record<string, number> = {}) {
  const { via, bot } = await behind(timing);
  const path = folder.file('four');
  const mediaId = (await uploaded(await w.bot(), path)).getMediaId();
  return { via, bot, path, mediaId, ids: await stuck(via, starts(bot.service, path, mediaId)) };
}

/** The bytes of all progress callbacks so far; checks that they rise and name the same total. */
function progress(events: Events, name: CallbackName, requestId: number, totalSize: number): number[] {
  const sizes = events.of(name).map((args) => {
    const [id, told] = args as [number, MediaOperationProgress];
    expect([id, told.totalSize]).toEqual([requestId, totalSize]);
    return told.currentSize;
  });
  expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
  return sizes;
}

subject(rows, (row) => {
  row(
    [
      'IRtmService.createFileMessageByUploading',
      'IRtmServiceEventHandler.onFileMediaUploadResult',
      'UPLOAD_MEDIA_ERR_CODE.UPLOAD_MEDIA_ERR_OK',
    ],
    async () => {
      const { via, bot } = await behind();
      const { service, events } = bot;
      const { code, requestId } = service.createFileMessageByUploading(folder.file('häll\0o'));
      expect(code).toBe(0);
      expect(requestId).toBeGreaterThan(0);
      const [id, message, outcome] = await events.take('onFileMediaUploadResult');
      expect([id, outcome, message.getSize(), message.getMessageType()]).toEqual([requestId, 0, 7, 3]);
      expect(message).toBeInstanceOf(RtmFileMessage);
      const [second] = await stuck(via, [() => service.createFileMessageByUploading(folder.file('x'))]);
      expect(second).not.toBe(requestId);
      expect(service.cancelMediaUpload(second as number)).toBe(0);
      expect(await events.take('onFileMediaUploadResult')).toEqual([second, null, INTERRUPTED]);
      expect(events.of('onFileMediaUploadResult')).toHaveLength(2);
      expect(events.of('onImageMediaUploadResult')).toEqual([]);
    },
  );
  row(['IRtmService.createImageMessageByUploading', 'IRtmServiceEventHandler.onImageMediaUploadResult'], async () => {
    const { via, bot } = await behind();
    const { service, events } = bot;
    const png = Buffer.from('89504e470d0a1a0a0000000d494844520000000300000002080600000000000000', 'hex');
    const { code, requestId } = service.createImageMessageByUploading(folder.file(png));
    expect(code).toBe(0);
    const [id, message, outcome] = await events.take('onImageMediaUploadResult');
    expect([id, outcome, message.getWidth(), message.getHeight()]).toEqual([requestId, 0, 3, 2]);
    expect([message.getSize(), message.getMessageType()]).toEqual([png.length, 4]);
    expect(message).toBeInstanceOf(RtmImageMessage);
    const [second] = await stuck(via, [() => service.createImageMessageByUploading(folder.file(png))]);
    expect(service.cancelMediaUpload(second as number)).toBe(0);
    expect(await events.take('onImageMediaUploadResult')).toEqual([second, null, INTERRUPTED]);
    expect(events.of('onFileMediaUploadResult')).toEqual([]);
  });
  row(
    [
      'IRtmService.downloadMediaToMemory',
      'IRtmServiceEventHandler.onMediaDownloadToMemoryResult',
      'DOWNLOAD_MEDIA_ERR_CODE.DOWNLOAD_MEDIA_ERR_OK',
    ],
    async () => {
      const [alice, bob] = (await w.bots(2)) as [Bot, Bot];
      const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
      const mediaId = (await uploaded(alice, folder.file(content))).getMediaId();
      expect((await downloaded(bob, mediaId)).equals(content)).toBe(true);
      expect((await downloaded(bob, mediaId)).equals(content)).toBe(true); // as often as one likes
      expect(bob.events.of('onMediaDownloadToMemoryResult')).toHaveLength(2);
      expect(bob.events.of('onMediaDownloadToFileResult')).toEqual([]);
    },
  );
  row(['IRtmService.downloadMediaToFile', 'IRtmServiceEventHandler.onMediaDownloadToFileResult'], async () => {
    const { service, events } = await w.bot();
    const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
    const message = await uploaded({ service, events }, folder.file(content));
    const target = folder.place(' größer 😀.bin');
    const { code, requestId } = service.downloadMediaToFile(message.getMediaId(), target);
    expect(code).toBe(0);
    expect(await events.take('onMediaDownloadToFileResult')).toEqual([requestId, 0]);
    expect(readFileSync(target).equals(content)).toBe(true);
    expect(events.of('onMediaDownloadToFileResult')).toHaveLength(1);
    expect(events.of('onMediaDownloadToMemoryResult')).toEqual([]);
  });

  row(
    [
      'IRtmService.cancelMediaDownload',
      'IRtmService.cancelMediaUpload',
      'IRtmServiceEventHandler.onMediaCancelResult',
      'CANCEL_MEDIA_ERR_CODE.CANCEL_MEDIA_ERR_OK',
    ],
    async () => {
      const { bot, ids } = await fourStuck();
      const { service, events } = bot;
      for (const [index, id] of ids.entries()) {
        expect(index < 2 ? service.cancelMediaUpload(id) : service.cancelMediaDownload(id)).toBe(0);
        expect(await events.take('onMediaCancelResult')).toEqual([id, 0]);
        const name = RESULTS[index] as CallbackName;
        expect((await events.take(name))[0]).toBe(id);
        expect(events.names().slice(-2)).toEqual(['onMediaCancelResult', name]);
      }
    },
  );
  row('CANCEL_MEDIA_ERR_CODE.CANCEL_MEDIA_ERR_NOT_EXIST', async () => {
    const { bot, ids } = await fourStuck();
    const { service, events } = bot;
    expect([service.cancelMediaDownload(12345), service.cancelMediaUpload(12345)]).toEqual([2, 2]);
    expect(
      ids.map((id, index) => (index < 2 ? service.cancelMediaDownload(id) : service.cancelMediaUpload(id))),
    ).toEqual([2, 2, 2, 2]);
    const [id] = ids as [number];
    expect([service.cancelMediaUpload(id), service.cancelMediaUpload(id)]).toEqual([0, 2]);
    const { requestId } = service.createFileMessageByUploading(folder.file('done'));
    await events.until('the upload', () => events.of('onFileMediaUploadResult').some((args) => args[0] === requestId));
    expect(service.cancelMediaUpload(requestId)).toBe(2);
    expect(events.of('onMediaCancelResult')).toEqual([[id, 0]]);
  });

  row('IRtmServiceEventHandler.onMediaDownloadingProgress', async () => {
    const { via, bot } = await behind({ media_progress_ms: 1 });
    const content = Buffer.alloc(1_000_000, 'progress');
    const mediaId = (await uploaded(await w.bot(), folder.file(content))).getMediaId();
    holdAfter(via, 2);
    const { requestId } = bot.service.downloadMediaToMemory(mediaId);
    const seen = () => progress(bot.events, 'onMediaDownloadingProgress', requestId, content.length);
    await bot.events.until('progress', () => seen().length > 0);
    expect(seen().at(-1)).toBeLessThan(content.length);
    goOn(via);
    const [, memory, code] = await bot.events.take('onMediaDownloadToMemoryResult');
    expect([memory.equals(content), code]).toEqual([true, 0]);
    expect(seen().at(-1)).toBeLessThanOrEqual(content.length);
    expect(bot.events.of('onMediaUploadingProgress')).toEqual([]);
  });
  row(
    [
      'IRtmServiceEventHandler.onMediaUploadingProgress',
      'MediaOperationProgress.totalSize',
      'MediaOperationProgress.currentSize',
    ],
    async () => {
      const { via, bot } = await behind({ media_progress_ms: 1 });
      const { events, service } = bot;
      const content = Buffer.alloc(1_000_000, 'progress');
      via.lose('MEDIA_END');
      const up = service.createFileMessageByUploading(folder.file(content)).requestId;
      const sent = () => progress(events, 'onMediaUploadingProgress', up, content.length);
      await events.until('all is sent', () => sent().at(-1) === content.length);
      expect(events.of('onFileMediaUploadResult')).toEqual([]);
      goOn(via);
      const [, message, code] = await events.take('onFileMediaUploadResult');
      expect(code).toBe(0);
      expect(events.of('onMediaDownloadingProgress')).toEqual([]);

      via.lose('MEDIA_END');
      const down = service.downloadMediaToMemory(message.getMediaId()).requestId;
      const come = () => progress(events, 'onMediaDownloadingProgress', down, content.length);
      await events.until('all has come', () => come().at(-1) === content.length);
      expect(events.of('onMediaDownloadToMemoryResult')).toEqual([]);
      goOn(via);
      expect((await events.take('onMediaDownloadToMemoryResult'))[2]).toBe(0);
    },
  );

  row('DOWNLOAD_MEDIA_ERR_CODE.DOWNLOAD_MEDIA_ERR_FAILURE', async () => {
    const { service, events } = await w.bot();
    const mediaId = (await uploaded({ service, events }, folder.file('x'))).getMediaId();
    for (const target of [join(folder.place(), 'in a folder that is missing'), folder.path]) {
      const { code, requestId } = service.downloadMediaToFile(mediaId, target);
      expect(code).toBe(0);
      expect(await events.take('onMediaDownloadToFileResult')).toEqual([requestId, 1]);
    }
  });
  row('DOWNLOAD_MEDIA_ERR_CODE.DOWNLOAD_MEDIA_ERR_INVALID_ARGUMENT', async () => {
    const { service, events } = await w.bot();
    const refused = { code: 2, requestId: 0 };
    for (const id of [null, '', 'with space', 'ä', 'x'.repeat(257)]) {
      expect(service.downloadMediaToMemory(loose(id))).toEqual(refused);
      expect(service.downloadMediaToFile(loose(id), folder.place())).toEqual(refused);
    }
    for (const path of [null, '', 'a\0b']) expect(service.downloadMediaToFile(unknownId, loose(path))).toEqual(refused);
    await fetched({ service, events }, unknownId); // a result that a refused one had would be here before
    expect(RESULTS.map((name) => events.of(name).length)).toEqual([0, 0, 0, 1]);
  });
  row('DOWNLOAD_MEDIA_ERR_CODE.DOWNLOAD_MEDIA_ERR_NOT_EXIST', async () => {
    const bot = await w.bot();
    expect(await fetched(bot, unknownId)).toEqual([Buffer.alloc(0), 4]);
    const target = folder.place();
    const { requestId } = bot.service.downloadMediaToFile('another-id', target);
    expect(await bot.events.take('onMediaDownloadToFileResult')).toEqual([requestId, 4]);
    expect(existsSync(target)).toBe(false);
  });
  row(
    ['DOWNLOAD_MEDIA_ERR_CODE.DOWNLOAD_MEDIA_ERR_TIMEOUT', 'UPLOAD_MEDIA_ERR_CODE.UPLOAD_MEDIA_ERR_TIMEOUT'],
    async () => {
      const { bot, ids } = await fourStuck({ media_idle_ms: 500 });
      await results(bot.events, ids, TIMEOUT);
      expect(bot.events.of('onMediaCancelResult')).toEqual([]);
    },
  );
  row(
    [
      'DOWNLOAD_MEDIA_ERR_CODE.DOWNLOAD_MEDIA_ERR_CONCURRENCY_LIMIT_EXCEEDED',
      'UPLOAD_MEDIA_ERR_CODE.UPLOAD_MEDIA_ERR_CONCURRENCY_LIMIT_EXCEEDED',
    ],
    async () => {
      const { via, bot, path, mediaId } = await fourStuck();
      const upload = () => bot.service.createFileMessageByUploading(path);
      await stuck(via, [upload, upload, upload, upload, upload]);
      for (const start of starts(bot.service, path, mediaId)) expect(start()).toEqual({ code: 5, requestId: 0 });
      expect(RESULTS.flatMap((name) => bot.events.of(name))).toEqual([]);
      await uploaded(await w.bot(), path); // another instance has nine of its own
    },
  );
  row(
    ['DOWNLOAD_MEDIA_ERR_CODE.DOWNLOAD_MEDIA_ERR_INTERRUPTED', 'UPLOAD_MEDIA_ERR_CODE.UPLOAD_MEDIA_ERR_INTERRUPTED'],
    async () => {
      const cancelled = await fourStuck();
      for (const [index, id] of cancelled.ids.entries()) {
        if (index < 2) cancelled.bot.service.cancelMediaUpload(id);
        else cancelled.bot.service.cancelMediaDownload(id);
      }
      await results(cancelled.bot.events, cancelled.ids, INTERRUPTED);

      const gone = await fourStuck();
      gone.bot.service.logout();
      await results(gone.bot.events, gone.ids, INTERRUPTED);
      expect(await gone.bot.events.take('onLogout')).toEqual([0]);
      const names = gone.bot.events.names();
      for (const name of RESULTS) expect(names.indexOf(name)).toBeLessThan(names.indexOf('onLogout'));

      const { bot, ids, path, mediaId } = await fourStuck();
      await w.bot({ user: bot.user });
      await results(bot.events, ids, INTERRUPTED);
      await bot.events.until('ABORTED', () => bot.events.states().at(-1)?.[0] === 5);
      const late = starts(bot.service, path, mediaId).map((start) => start());
      expect(late.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
      await results(
        bot.events,
        late.map(({ requestId }) => requestId),
        INTERRUPTED,
      );
    },
  );

  row('UPLOAD_MEDIA_ERR_CODE.UPLOAD_MEDIA_ERR_FAILURE', async () => {
    const { service } = await w.bot();
    for (const path of [folder.place(), folder.path, join(folder.file('x'), 'in a file')]) {
      expect(service.createFileMessageByUploading(path)).toEqual({ code: 1, requestId: 0 });
      expect(service.createImageMessageByUploading(path)).toEqual({ code: 1, requestId: 0 });
    }
  });
  row('UPLOAD_MEDIA_ERR_CODE.UPLOAD_MEDIA_ERR_INVALID_ARGUMENT', async () => {
    const { service, events } = await w.bot();
    for (const path of [null, '', 'a\0b', folder.file('')]) {
      expect(service.createFileMessageByUploading(loose(path))).toEqual({ code: 2, requestId: 0 });
      expect(service.createImageMessageByUploading(loose(path))).toEqual({ code: 2, requestId: 0 });
    }
    await uploaded({ service, events }, folder.file('x'));
    expect(RESULTS.map((name) => events.of(name).length)).toEqual([1, 0, 0, 0]);
  });
  row('UPLOAD_MEDIA_ERR_CODE.UPLOAD_MEDIA_ERR_SIZE_OVERFLOW', async () => {
    const { service } = await w.bot();
    const path = folder.sparse(mostBytes + 1);
    expect(service.createFileMessageByUploading(path)).toEqual({ code: 4, requestId: 0 });
    expect(service.createImageMessageByUploading(path)).toEqual({ code: 4, requestId: 0 });
  });

  row(
    [
      'DOWNLOAD_MEDIA_ERR_CODE.DOWNLOAD_MEDIA_ERR_NOT_INITIALIZED',
      'UPLOAD_MEDIA_ERR_CODE.UPLOAD_MEDIA_ERR_NOT_INITIALIZED',
    ],
    () => {
      const begun = starts(createRtmService(), folder.file('x'), unknownId).map((start) => start());
      expect(begun).toEqual(Array(4).fill({ code: 101, requestId: 0 }));
    },
  );
  row(
    [
      'DOWNLOAD_MEDIA_ERR_CODE.DOWNLOAD_MEDIA_ERR_NOT_LOGGED_IN',
      'UPLOAD_MEDIA_ERR_CODE.UPLOAD_MEDIA_ERR_NOT_LOGGED_IN',
    ],
    () => {
      const begun = starts(w.client().service, folder.file('x'), unknownId).map((start) => start());
      expect(begun).toEqual(Array(4).fill({ code: 102, requestId: 0 }));
    },
  );
  row('CANCEL_MEDIA_ERR_CODE.CANCEL_MEDIA_ERR_NOT_INITIALIZED', () => {
    const service = createRtmService();
    expect([service.cancelMediaDownload(1), service.cancelMediaUpload(1)]).toEqual([101, 101]);
  });
  row('CANCEL_MEDIA_ERR_CODE.CANCEL_MEDIA_ERR_NOT_LOGGED_IN', () => {
    const { service } = w.client();
    expect([service.cancelMediaDownload(1), service.cancelMediaUpload(1)]).toEqual([102, 102]);
  });
});

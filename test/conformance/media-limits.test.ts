import { appendFileSync, existsSync, readdirSync, readFileSync, truncateSync, unlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { mediaLimits as rows } from './rows/media.js';
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
  uploadedImage,
} from './support/media.js';
import { subject } from './support/subject.js';
import { fresh, startServer, tokenApp, tokenFor, World, world } from './support/world.js';

const w = world();
const folder = new Folder();
const INTERRUPTED = 6;
const TIMEOUT = 3;
const CONNECTED = 3;
const RECONNECTING = 4;

/** A body of several pieces. */
const content = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => index % 251));

/** Uploads a body for another user to download. */
async function travels(size: number): Promise<void> {
  const path = folder.sparse(size);
  const message = await uploaded(await w.bot(), path);
  expect(message.getSize()).toBe(size);
  const body = await downloaded(await w.bot(), message.getMediaId());
  expect(body.equals(readFileSync(path))).toBe(true);
}

/** Starts `count` tasks and then one more: an upload, and after its end a download. */
async function runsBeside(count: number): Promise<void> {
  const via = await w.relay();
  const bot = await w.bot({ via });
  const path = folder.file('small');
  const mediaId = (await uploaded(await w.bot(), path)).getMediaId();
  await stuck(
    via,
    Array(count).fill(() => bot.service.createFileMessageByUploading(path)),
  );
  await uploadedImage(bot, path);
  expect((await downloaded(bot, mediaId)).toString()).toBe('small');
}

/** The files beside a download, its temporary file included. */
const leftOf = (target: string) => readdirSync(folder.path).filter((name) => name.includes(basename(target)));

subject(rows, (row) => {
  row('limit.media.size.least.below', async () => {
    const { service } = await w.bot();
    expect(service.createFileMessageByUploading(folder.sparse(0))).toEqual({ code: 2, requestId: 0 });
    expect(service.createImageMessageByUploading(folder.sparse(0))).toEqual({ code: 2, requestId: 0 });
  });
  row('limit.media.size.least.at', () => travels(1));
  row('limit.media.size.least.above', () => travels(2));
  row('limit.media.size.most.below', () => travels(mostBytes - 1));
  row('limit.media.size.most.at', () => travels(mostBytes));
  row('limit.media.size.most.above', async () => {
    const { service } = await w.bot();
    const path = folder.sparse(mostBytes + 1);
    expect(service.createFileMessageByUploading(path)).toEqual({ code: 4, requestId: 0 });
    expect(service.createImageMessageByUploading(path)).toEqual({ code: 4, requestId: 0 });
  });

  row('limit.media.tasks.below', () => runsBeside(7));
  row('limit.media.tasks.at', () => runsBeside(8));
  row('limit.media.tasks.above', async () => {
    const via = await w.relay();
    const bot = await w.bot({ via });
    const { service } = bot;
    const path = folder.file('small');
    const mediaId = (await uploaded(await w.bot(), path)).getMediaId();
    const upload = () => service.createFileMessageByUploading(path);
    const download = () => service.downloadMediaToMemory(mediaId);
    const refused = { code: 5, requestId: 0 };
    const ids = await stuck(via, [upload, upload, upload, upload, upload, download, download, download, download]);
    expect([upload(), download()]).toEqual([refused, refused]);
    expect(service.cancelMediaDownload(ids[8] as number)).toBe(0);
    const [tenth] = await stuck(via, [upload]); // there is a place again, and no second one
    expect([upload(), download()]).toEqual([refused, refused]);
    expect(service.cancelMediaUpload(tenth as number)).toBe(0);
    await bot.events.until('the end', () => bot.events.of('onFileMediaUploadResult').length === 1);
    await uploadedImage(bot, path);
  });

  row('limit.media.idle', async () => {
    const via = await w.relay();
    const bot = await w.bot({ via, timing: { media_idle_ms: 1000 } });
    const mediaId = (await uploaded(await w.bot(), folder.file(content))).getMediaId();
    holdAfter(via, 2);
    const target = folder.place();
    const down = bot.service.downloadMediaToFile(mediaId, target).requestId;
    expect(await bot.events.take('onMediaDownloadToFileResult')).toEqual([down, TIMEOUT]);
    expect(existsSync(target)).toBe(false);
    via.lose('MEDIA_STORED');
    const up = bot.service.createFileMessageByUploading(folder.file(content)).requestId;
    expect(await bot.events.take('onFileMediaUploadResult')).toEqual([up, null, TIMEOUT]);
  });
  row('limit.media.life', async () => {
    const brief = new World();
    brief.server = await startServer({ media: { life: 1 } });
    onTestFinished(() => brief.server.close());
    const bot = await brief.bot();
    const mediaId = (await uploaded(bot, folder.file('brief'))).getMediaId();
    // Waits until the body is swept; a download that began at that moment fails in another way.
    while ((await fetched(bot, mediaId))[1] !== 4);
    const target = folder.place();
    const { requestId } = bot.service.downloadMediaToFile(mediaId, target);
    expect(await bot.events.take('onMediaDownloadToFileResult')).toEqual([requestId, 4]);
    expect(existsSync(target)).toBe(false);
  });

  row('rule.media.app', async () => {
    const here = await w.bot();
    const user = fresh();
    const there = await w.bot({ appId: tokenApp, user, token: tokenFor(user) });
    const mediaId = (await uploaded(here, folder.file('ours'))).getMediaId();
    expect(await fetched(there, mediaId)).toEqual([Buffer.alloc(0), 4]);
    expect((await fetched(here, mediaId))[1]).toBe(0);
    const theirs = (await uploaded(there, folder.file('theirs'))).getMediaId();
    expect((await fetched(here, theirs))[1]).toBe(4);
    expect((await downloaded(there, theirs)).toString()).toBe('theirs');
  });
  row('rule.media.anyone', async () => {
    const alice = await w.bot();
    const mediaId = (await uploaded(alice, folder.file('for all'))).getMediaId();
    alice.service.logout();
    await alice.events.take('onLogout'); // it stays when its owner goes
    expect((await downloaded(await w.bot(), mediaId)).toString()).toBe('for all');
  });
  const during = (harm: (path: string) => void) => async () => {
    const via = await w.relay();
    const { service, events } = await w.bot({ via });
    const path = folder.file(content);
    let harmed = false;
    via.change('MEDIA_OPENED', (fields) => {
      if (!harmed) harm(path); // the file is open, and nothing of it has been read
      harmed = true;
      return fields;
    });
    const { code, requestId } = service.createFileMessageByUploading(path);
    expect(code).toBe(0);
    expect(await events.take('onFileMediaUploadResult')).toEqual([requestId, null, 1]);
    expect(service.cancelMediaUpload(requestId)).toBe(2);
    await uploaded({ service, events }, folder.file('the next one'));
    expect(events.of('onFileMediaUploadResult')).toHaveLength(2);
  };
  row(
    'rule.media.file-changes',
    during((path) => appendFileSync(path, 'more')),
  );
  row(
    'rule.media.file-shrinks',
    during((path) => truncateSync(path, 1000)),
  );
  row(
    'rule.media.file-disappears',
    during((path) => unlinkSync(path)),
  );
  row('rule.media.partial', async () => {
    const mediaId = (await uploaded(await w.bot(), folder.file(content))).getMediaId();
    const [absent, present] = [folder.place('-absent'), folder.file('older', '-present')];
    for (const target of [absent, present]) {
      const via = await w.relay();
      const bot = await w.bot({ via, timing: { media_progress_ms: 1 } });
      holdAfter(via, 2);
      const { requestId } = bot.service.downloadMediaToFile(mediaId, target);
      await bot.events.take('onMediaDownloadingProgress'); // a part of it is there
      expect(bot.service.cancelMediaDownload(requestId)).toBe(0);
      expect(await bot.events.take('onMediaDownloadToFileResult')).toEqual([requestId, INTERRUPTED]);
      expect(await bot.events.take('onMediaCancelResult')).toEqual([requestId, 0]);
    }
    await expect.poll(() => leftOf(absent)).toEqual([]);
    await expect.poll(() => leftOf(present)).toEqual([basename(present)]);
    expect(readFileSync(present, 'utf8')).toBe('older');
  });
  row('rule.media.reconnect', async () => {
    const via = await w.relay();
    const bot = await w.bot({ via, timing: { outage_ms: 300 } });
    const { service, events } = bot;
    const state = () => events.states().at(-1)?.[0];
    /** Stops a transfer halfway, and takes the network away until the client notices. */
    const interrupted = async (start: () => { code: number; requestId: number }) => {
      holdAfter(via, 2);
      const { code, requestId } = start();
      expect(code).toBe(0);
      await via.sees('MEDIA_END');
      via.cut();
      await events.until('RECONNECTING', () => state() === RECONNECTING);
      goOn(via);
      await events.until('CONNECTED', () => state() === CONNECTED);
      return requestId;
    };
    const up = await interrupted(() => service.createFileMessageByUploading(folder.file(content)));
    const [id, message, code] = await events.take('onFileMediaUploadResult');
    expect([id, code]).toEqual([up, 0]);
    const down = await interrupted(() => service.downloadMediaToMemory(message.getMediaId()));
    const [requestId, memory, outcome] = await events.take('onMediaDownloadToMemoryResult');
    expect([requestId, memory.equals(content), outcome]).toEqual([down, true, 0]);
  });
  row('rule.media.stall', async () => {
    const via = await w.relay();
    const bot = await w.bot({ via, timing: { media_idle_ms: 3000, outage_ms: 300 } });
    const { service, events } = bot;
    const path = folder.file(content);
    await stuck(via, [() => service.downloadMediaToMemory(unknownId)]);
    via.cut();
    await events.until('RECONNECTING', () => events.states().at(-1)?.[0] === RECONNECTING);
    expect(service.createFileMessageByUploading(path).code).toBe(0); // begun in RECONNECTING
    expect((await events.take('onMediaDownloadToMemoryResult'))[2]).toBe(TIMEOUT);
    expect((await events.take('onFileMediaUploadResult'))[2]).toBe(TIMEOUT);
    expect(events.states().at(-1)?.[0]).toBe(RECONNECTING);
    via.mend();
    await events.until('CONNECTED', () => events.states().at(-1)?.[0] === CONNECTED);
    await uploaded(bot, path);
  });
});

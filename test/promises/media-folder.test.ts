// A server needs no place for files and images until somebody uploads one, and none at all without media.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RtmClient } from '../../lib/client/rtm-client.js';
import { DOWNLOAD_MEDIA_ERR_CODE, UPLOAD_MEDIA_ERR_CODE } from '../../lib/enums.js';
import type { RtmServerOptions } from '../../lib/server/options/server-options.js';
import { RtmServer } from '../../lib/server/rtm-server.js';

const appId = '0123456789abcdef0123456789abcdef';

let folder: string;
let temporary: string;
let file: string;
let server: RtmServer | undefined;
let lines: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtm-media-folder-'));
  temporary = mkdtempSync(join(folder, 'tmp-'));
  file = join(folder, 'report.txt');
  writeFileSync(file, 'numbers');
  vi.stubEnv('TMPDIR', temporary);
  lines = [];
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(options: Partial<RtmServerOptions> = {}): Promise<RtmServer> {
  const log = (_level: string, line: string) => void lines.push(line);
  server = await RtmServer.start({ host: '127.0.0.1', port: 0, apps: [{ appId }], log, ...options });
  return server;
}
const login = ({ connectString: endpoints }: RtmServer) => RtmClient.login({ appId, userId: 'ann', endpoints });

describe('the folder of files and images', () => {
  it('is made for the first upload, and goes with the server', async () => {
    const running = await start();
    await using ann = await login(running);
    expect(readdirSync(temporary)).toEqual([]);
    const { mediaId } = await ann.media.upload(file);
    expect(readdirSync(temporary)).toEqual([expect.stringMatching(/^rtm-media-/)]);
    expect((await ann.media.download(mediaId)).toString()).toBe('numbers');
    await running.close();
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('is not needed by a server that cannot write anywhere, whose uploads fail and say why', async () => {
    vi.stubEnv('TMPDIR', '/proc'); // not even root can make a folder there
    const running = await start();
    await using ann = await login(running);
    await expect(ann.sendToPeer('ann', 'fine')).resolves.toBeDefined();
    await expect(ann.media.upload(file)).rejects.toMatchObject({
      operation: 'uploadMedia',
      reason: UPLOAD_MEDIA_ERR_CODE.UPLOAD_MEDIA_ERR_FAILURE,
    });
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^upload refused: media\.folder: cannot use "\/proc\/rtm-media-.*": .*; give a folder that this server may write, or switch media off \(media: false\) event=upload-refused .*user="ann"$/,
      ),
    );
  });

  it('that is named and cannot be made fails the start, with the name of the option', async () => {
    const refused = start({ media: { folder: join(file, 'media') } });
    await expect(refused).rejects.toMatchObject({
      code: 'ERR_RTM_SERVER_START',
      message: expect.stringMatching(
        /media\.folder: cannot use ".*\/report\.txt\/media": .*\/report\.txt is no folder; /,
      ),
    });
  });
});

describe('media: false', () => {
  it('refuses uploads and downloads with the codes of the SDK, says why in the log, and makes no folder', async () => {
    const running = await start({ media: false });
    await using ann = await login(running);
    await expect(ann.media.upload(file)).rejects.toMatchObject({
      operation: 'uploadMedia',
      reason: UPLOAD_MEDIA_ERR_CODE.UPLOAD_MEDIA_ERR_FAILURE,
    });
    await expect(ann.media.download('a'.repeat(32))).rejects.toMatchObject({
      operation: 'downloadMedia',
      reason: DOWNLOAD_MEDIA_ERR_CODE.DOWNLOAD_MEDIA_ERR_FAILURE,
    });
    expect(readdirSync(temporary)).toEqual([]);
    for (const what of ['upload', 'download']) {
      const start = `${what} refused: media is off (media: false) event=upload-refused address=127.0.0.1`;
      expect(lines).toContainEqual(expect.stringContaining(start));
    }
  });

  it('leaves the bodies of a data directory as they are', async () => {
    const data = join(folder, 'data');
    const first = await start({ data, media: { life: 1000 * 3600 } });
    let mediaId: string;
    {
      await using ann = await login(first);
      ({ mediaId } = await ann.media.upload(file));
    }
    await first.close();
    const second = await start({ data, media: false });
    {
      await using ann = await login(second);
      await expect(ann.media.download(mediaId)).rejects.toMatchObject({ operation: 'downloadMedia' });
    }
    await second.close();
    const third = await start({ data });
    await using ann = await login(third);
    expect((await ann.media.download(mediaId)).toString()).toBe('numbers');
  });
});

import { expect } from 'vitest';
import { createRtmService } from '../../lib/sdk/service.js';
import { media as rows } from './rows/media.js';
import { subject } from './support/subject.js';
import { world } from './support/world.js';

const w = world();

subject(rows, (row) => {
  row('DOWNLOAD_MEDIA_ERR_CODE.DOWNLOAD_MEDIA_ERR_NOT_INITIALIZED', () => {
    const service = createRtmService();
    expect(service.downloadMediaToMemory('m')).toEqual({ code: 101, requestId: 0 });
    expect(service.downloadMediaToFile('m', '/tmp/f')).toEqual({ code: 101, requestId: 0 });
  });
  row('DOWNLOAD_MEDIA_ERR_CODE.DOWNLOAD_MEDIA_ERR_NOT_LOGGED_IN', () => {
    const { service } = w.client();
    expect(service.downloadMediaToMemory('m')).toEqual({ code: 102, requestId: 0 });
    expect(service.downloadMediaToFile('m', '/tmp/f')).toEqual({ code: 102, requestId: 0 });
  });
  row('CANCEL_MEDIA_ERR_CODE.CANCEL_MEDIA_ERR_NOT_INITIALIZED', () => {
    const service = createRtmService();
    expect([service.cancelMediaDownload(1), service.cancelMediaUpload(1)]).toEqual([101, 101]);
  });
  row('CANCEL_MEDIA_ERR_CODE.CANCEL_MEDIA_ERR_NOT_LOGGED_IN', () => {
    const { service } = w.client();
    expect([service.cancelMediaDownload(1), service.cancelMediaUpload(1)]).toEqual([102, 102]);
  });
  row('CANCEL_MEDIA_ERR_CODE.CANCEL_MEDIA_ERR_NOT_EXIST', async () => {
    const { service, events } = await w.bot();
    expect([service.cancelMediaDownload(12345), service.cancelMediaUpload(12345)]).toEqual([2, 2]);
    expect(events.of('onMediaCancelResult')).toEqual([]);
  });
});

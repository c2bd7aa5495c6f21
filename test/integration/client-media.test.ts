import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRelay, startWorld, type World, within } from './client-world.js';

const png = Buffer.from('89504e470d0a1a0a0000000d494844520000000300000002080600000000000000', 'hex');

let world: World;
const folder = mkdtempSync(join(tmpdir(), 'rtm-client-media-'));
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.end();
  rmSync(folder, { recursive: true });
});

function write(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('client.media', () => {
  it('uploads a file, sends it, and the receiver downloads it', async () => {
    const [alice, bob] = await Promise.all([world.login('alice'), world.login('bob')]);
    const content = randomBytes(100_000);
    const file = await alice.media.upload(write('report.bin', content));
    expect(file).toMatchObject({ type: 'file', size: 100_000, fileName: 'report.bin', description: '' });
    const inbox = bob.messages();
    await alice.sendToPeer('bob', { ...file, thumbnail: Uint8Array.of(1, 2), description: 'new' });
    const { value: message } = await within('message', inbox.next());
    if (message?.type !== 'file') throw new Error(`expected a file, got ${message?.type}`);
    expect(message).toMatchObject({ from: 'alice', mediaId: file.mediaId, fileName: 'report.bin', description: 'new' });
    expect(message.thumbnail).toEqual(Buffer.of(1, 2));
    expect((await bob.media.download(message.mediaId)).equals(content)).toBe(true);
    const to = join(folder, 'copy.bin');
    await bob.media.download(message.mediaId, { to });
    expect(readFileSync(to).equals(content)).toBe(true);
  });

  it('finds out the size of an image, and sends it to a channel', async () => {
    const [carol, dave] = await Promise.all([world.login('carol'), world.login('dave')]);
    const image = await carol.media.uploadImage(write('cat.png', png));
    expect(image).toMatchObject({ type: 'image', width: 3, height: 2, fileName: 'cat.png' });
    const [room, other] = await Promise.all([carol.join('cats'), dave.join('cats')]);
    const messages = other.messages();
    await room.send(image);
    await room.send(carol.media.fileMessage(image.mediaId, { fileName: 'again.png', size: png.length }));
    const first = (await within('image', messages.next())).value;
    const second = (await within('file', messages.next())).value;
    expect(first).toMatchObject({ type: 'image', channelId: 'cats', width: 3, height: 2, mediaId: image.mediaId });
    expect(second).toMatchObject({ type: 'file', fileName: 'again.png', size: png.length });
  });

  it('rejects with codes', async () => {
    const erin = await world.login('erin');
    await expect(erin.media.upload(join(folder, 'none'))).rejects.toMatchObject({
      code: 'ERR_RTM_FAILURE',
      operation: 'uploadMedia',
    });
    await expect(erin.media.download('00000000000000000000000000000000')).rejects.toMatchObject({
      code: 'ERR_RTM_NOT_EXIST',
      operation: 'downloadMedia',
      reason: 4,
    });
    await expect(erin.media.download('')).rejects.toMatchObject({ code: 'ERR_RTM_INVALID_ARGUMENT' });
    const badId = erin.sendToPeer('bob', erin.media.fileMessage('not one'));
    await expect(badId).rejects.toMatchObject({ code: 'ERR_RTM_INVALID_MESSAGE' });
    expect(() => erin.media.upload(5 as never)).toThrow(TypeError);
    expect(() => erin.media.upload('x', { to: 'y' } as never)).toThrow(TypeError);
    expect(() => erin.media.fileMessage('id', { size: -1 })).toThrow(TypeError);
    expect(erin.media.running).toBe(0);
  });

  it('stops a transfer by its signal, or its timeout', async () => {
    const frank = await world.login('frank');
    const path = write('large.bin', randomBytes(20 * 1024 * 1024));
    const stop = new AbortController();
    const upload = frank.media.upload(path, { signal: stop.signal });
    expect(frank.media.running).toBe(1);
    stop.abort(new Error('enough'));
    await expect(upload).rejects.toThrow('enough');
    expect(frank.media.running).toBe(0);
    await expect(frank.media.upload(path, { timeout: 1 })).rejects.toMatchObject({ code: 'ERR_RTM_TIMEOUT' });
    await expect(frank.media.upload(path, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow(
      'before',
    );
    expect(frank.media.running).toBe(0);
    const file = await frank.media.upload(path);
    const to = join(folder, 'stopped.bin');
    const late = new AbortController();
    const download = frank.media.download(file.mediaId, { to, signal: late.signal });
    setImmediate(() => late.abort(new Error('no more')));
    await expect(download).rejects.toThrow('no more');
    await expect.poll(() => readdirSync(folder).filter((name) => name.includes('stopped'))).toEqual([]);
  });

  it('reports the progress of a transfer, and goes on after an outage', async () => {
    const relay = await startRelay(world.server);
    try {
      const parameters = { 'rtm.timing': { media_progress_ms: 1 } };
      const grace = await world.login('grace', { endpoints: relay.connectString, parameters });
      const content = randomBytes(30 * 1024 * 1024);
      const path = write('cut.bin', content);
      let last = -1;
      let told = () => {};
      const firstReport = new Promise<void>((resolve) => {
        told = resolve;
      });
      const onProgress = ({ moved, total }: { moved: number; total: number }) => {
        expect(total).toBe(content.length);
        expect(moved).toBeGreaterThan(last);
        last = moved;
        if (moved > 0) told();
      };
      const frozen = relay.freezeAfter(10 * 1024 * 1024);
      const upload = grace.media.upload(path, { onProgress });
      await within('the middle of the upload', frozen);
      await within('a report', firstReport);
      relay.cut();
      relay.mend();
      const file = await upload;
      expect(last).toBe(content.length);
      expect((await grace.media.download(file.mediaId)).equals(content)).toBe(true);
    } finally {
      await relay.close();
    }
  }, 60_000);

  it('interrupts its transfers at the logout', async () => {
    const heidi = await world.login('heidi');
    const upload = heidi.media.upload(write('heidi.bin', randomBytes(20 * 1024 * 1024)));
    const [result] = await Promise.allSettled([upload, heidi.logout()]);
    expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ERR_RTM_INTERRUPTED' } });
    await expect(heidi.media.upload('x')).rejects.toMatchObject({ code: 'ERR_RTM_NOT_LOGGED_IN' });
  });
});

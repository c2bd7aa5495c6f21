// Files to upload, the transfers themselves, and a relay that lets a transfer come so far and no further.
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { RtmFileMessage, RtmImageMessage } from '../../../lib/sdk/media-message.js';
import type { WireRelay } from './wire-relay.js';
import type { Client } from './world.js';

/** Largest body of SDK 1.5.0. */
export const mostBytes = 30 * 1024 * 1024;

/** A media id that no server gives. */
export const unknownId = '0123456789abcdef0123456789abcdef';

/** A folder of a test file, removed after its tests. */
export class Folder {
  #path = '';
  #names = 0;

  constructor() {
    // Not before the tests run: listing them must leave nothing behind.
    beforeAll(() => {
      this.#path = mkdtempSync(join(tmpdir(), 'rtm-conformance-'));
    });
    afterAll(() => rmSync(this.#path, { recursive: true }));
  }

  get path(): string {
    return this.#path;
  }

  /** A path where nothing is yet. */
  place(extension = ''): string {
    return join(this.path, `file${this.#names++}${extension}`);
  }

  /** A new file. */
  file(content: Uint8Array | string, extension = ''): string {
    const path = this.place(extension);
    writeFileSync(path, content);
    return path;
  }

  /** A new file of so many bytes, of which only the first few are not 0. */
  sparse(size: number): string {
    const path = this.file('sparse'.slice(0, size));
    truncateSync(path, size);
    return path;
  }
}

/** Uploads a file and gives its message. */
export async function uploaded({ service, events }: Client, path: string): Promise<RtmFileMessage> {
  const { code, requestId } = service.createFileMessageByUploading(path);
  expect(code).toBe(0);
  const [id, message, outcome] = await events.take('onFileMediaUploadResult');
  expect([id, outcome]).toEqual([requestId, 0]);
  return message;
}

/** Uploads an image and gives its message. */
export async function uploadedImage({ service, events }: Client, path: string): Promise<RtmImageMessage> {
  const { code, requestId } = service.createImageMessageByUploading(path);
  expect(code).toBe(0);
  const [id, message, outcome] = await events.take('onImageMediaUploadResult');
  expect([id, outcome]).toEqual([requestId, 0]);
  return message;
}

/** Downloads to memory; what came, and the code of the result. */
export async function fetched({ service, events }: Client, mediaId: string): Promise<[Buffer, number]> {
  const { code, requestId } = service.downloadMediaToMemory(mediaId);
  expect(code).toBe(0);
  const [id, memory, outcome] = await events.take('onMediaDownloadToMemoryResult');
  expect(id).toBe(requestId);
  return [memory, outcome];
}

/** Downloads to memory what must be there. */
export async function downloaded(client: Client, mediaId: string): Promise<Buffer> {
  const [memory, code] = await fetched(client, mediaId);
  expect(code).toBe(0);
  return memory;
}

/** Starts tasks whose tickets get lost, so that they run and get nowhere; the server counts them when this resolves. */
export async function stuck(via: WireRelay, starts: readonly (() => { code: number; requestId: number })[]) {
  const before = via.count('MEDIA_TICKET');
  via.lose('MEDIA_TICKET');
  const ids = starts.map((start) => {
    const { code, requestId } = start();
    expect(code).toBe(0);
    return requestId;
  });
  while (via.count('MEDIA_TICKET') < before + starts.length) await via.sees('MEDIA_TICKET');
  via.pass('MEDIA_TICKET');
  return ids;
}

/** Lets that many pieces of bodies through and no more, nor the end, until `goOn`. */
export function holdAfter(via: WireRelay, pieces: number): void {
  let passed = 0;
  via.change('MEDIA_DATA', (fields) => (passed++ < pieces ? fields : undefined));
  via.lose('MEDIA_END');
}

/** Everything passes again, over new connections: what was held is lost as when a network fails. */
export function goOn(via: WireRelay): void {
  for (const kind of ['MEDIA_DATA', 'MEDIA_END']) via.pass(kind);
  via.cut();
  via.mend();
}

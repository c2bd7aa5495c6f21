// Files to upload, transfers, and a relay that stops a transfer at a chosen point.
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
    // Only when the tests run: collecting them must leave no folder behind.
    beforeAll(() => {
      this.#path = mkdtempSync(join(tmpdir(), 'rtm-conformance-'));
    });
    afterAll(() => rmSync(this.#path, { recursive: true }));
  }

  get path(): string {
    return this.#path;
  }

  /** A path without a file. */
  place(extension = ''): string {
    return join(this.path, `file${this.#names++}${extension}`);
  }

  /** A new file. */
  file(content: Uint8Array | string, extension = ''): string {
    const path = this.place(extension);
    writeFileSync(path, content);
    return path;
  }

  /** A new file of `size` bytes; all but the first few are 0. */
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

/** Downloads to memory; gives the bytes and the code of the result. */
export async function fetched({ service, events }: Client, mediaId: string): Promise<[Buffer, number]> {
  const { code, requestId } = service.downloadMediaToMemory(mediaId);
  expect(code).toBe(0);
  const [id, memory, outcome] = await events.take('onMediaDownloadToMemoryResult');
  expect(id).toBe(requestId);
  return [memory, outcome];
}

/** Downloads an existing body to memory. */
export async function downloaded(client: Client, mediaId: string): Promise<Buffer> {
  const [memory, code] = await fetched(client, mediaId);
  expect(code).toBe(0);
  return memory;
}

/** Starts tasks whose tickets get lost, so that they run without progress. Resolves when the server counts them. */
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

/** Lets `pieces` pieces of bodies through, and neither more nor the end until `goOn`. */
export function holdAfter(via: WireRelay, pieces: number): void {
  let passed = 0;
  via.change('MEDIA_DATA', (fields) => (passed++ < pieces ? fields : undefined));
  via.lose('MEDIA_END');
}

/** Lets everything pass again, over new connections; held pieces are lost, as when a network fails. */
export function goOn(via: WireRelay): void {
  for (const kind of ['MEDIA_DATA', 'MEDIA_END']) via.pass(kind);
  via.cut();
  via.mend();
}

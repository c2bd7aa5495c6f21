import { basename } from 'node:path';
import { CallContext } from '../call-context.js';
import { checkString } from '../checks.js';
import { RtmError, timeoutReasonOf } from '../errors.js';
import type { TransferProgress } from '../native/values.js';
import type { RequestResult, SessionRequests } from '../session/requests.js';
import type { CallOptions } from './abort.js';
import { checkMediaContent, type FileContent, type ImageContent, type WholeMedia } from './media-messages.js';
import { checkMediaOptions } from './options.js';
import { PendingRequest } from './pending-requests.js';

/** How far an upload or download has come. */
export interface MediaProgress {
  /** Bytes of the whole body. */
  readonly total: number;
  /** Bytes that have been moved. */
  readonly moved: number;
}

/** Options of an upload or download. The signal and the timeout stop the transfer. */
export interface MediaOptions extends CallOptions {
  /** Called at the start, once a second while bytes move, and when all bytes have moved. */
  readonly onProgress?: ((progress: MediaProgress) => void) | undefined;
}

/** Options of a download. */
export interface DownloadOptions extends MediaOptions {
  /**
   * Path of the file to write, in a folder that exists. The file appears there when it is whole, in the place of a file
   * that has the name.
   */
  readonly to?: string | undefined;
}

type Operation = 'uploadMedia' | 'downloadMedia';

interface Task {
  readonly operation: Operation;
  readonly call: PendingRequest<unknown>;
  readonly onProgress: ((progress: MediaProgress) => void) | undefined;
}

/**
 * Files and images; `client.media`. Nine uploads and downloads at a time, 1 byte to 30 MB each with the default limits.
 *
 * ```ts
 * const image = await client.media.uploadImage('cat.jpg', { onProgress: ({ moved, total }) => console.log(moved / total) });
 * await client.sendToPeer('bob', image);
 * // at Bob's
 * for await (const message of client.messages()) {
 *   if (message.type === 'image') await client.media.download(message.mediaId, { to: 'received.jpg' });
 * }
 * ```
 */
export class Media {
  readonly #session: { readonly requests: SessionRequests };
  readonly #userId: string;
  readonly #refusal: (operation: Operation) => RtmError | undefined;
  readonly #tasks = new Map<number, Task>();

  /** @internal See `RtmClient.media`. */
  constructor(
    session: { readonly requests: SessionRequests },
    userId: string,
    refusal: (operation: Operation) => RtmError | undefined,
  ) {
    this.#session = session;
    this.#userId = userId;
    this.#refusal = refusal;
  }

  /** Uploads and downloads that are under way. */
  get running(): number {
    return this.#tasks.size;
  }

  /**
   * Uploads a file. Resolves with a message to send, whose `fileName` is that of the path; change it by
   * `{ ...file, thumbnail }`. The body stays on the server for 7 days.
   *
   * @throws TypeError at once, for arguments of the wrong type
   * @throws RtmError `ERR_RTM_FAILURE` (the file is missing, cannot be read, or changed meanwhile),
   * `ERR_RTM_INVALID_ARGUMENT` (it is empty), `ERR_RTM_SIZE_OVERFLOW`, `ERR_RTM_CONCURRENCY_LIMIT_EXCEEDED`,
   * `ERR_RTM_TIMEOUT` (120 s without a byte), `ERR_RTM_INTERRUPTED` (the login ended), `ERR_RTM_NOT_LOGGED_IN`
   */
  upload(path: string, options?: MediaOptions): Promise<WholeMedia<FileContent>> {
    checkString(path, 'path');
    checkMediaOptions(options, false);
    const ask = (requests: SessionRequests) => requests.createFileMessageByUploading(path);
    return this.#upload<WholeMedia<FileContent>>(path, options, ask);
  }

  /** {@link upload} of an image: for JPEG, PNG and BMP the message has its size in pixels. */
  uploadImage(path: string, options?: MediaOptions): Promise<WholeMedia<ImageContent>> {
    checkString(path, 'path');
    checkMediaOptions(options, false);
    const ask = (requests: SessionRequests) => requests.createImageMessageByUploading(path);
    return this.#upload<WholeMedia<ImageContent>>(path, options, ask);
  }

  /** Downloads into the file `to`, which appears when it is whole. */
  download(mediaId: string, options: DownloadOptions & { readonly to: string }): Promise<void>;
  /**
   * Downloads into memory.
   *
   * @throws TypeError at once, for arguments of the wrong type
   * @throws RtmError `ERR_RTM_NOT_EXIST` (unknown, or older than 7 days), `ERR_RTM_INVALID_ARGUMENT` (malformed media
   * id), `ERR_RTM_FAILURE` (no such folder, no right to write, no room, or what came is not what was stored),
   * `ERR_RTM_CONCURRENCY_LIMIT_EXCEEDED`, `ERR_RTM_TIMEOUT` (120 s without a byte), `ERR_RTM_INTERRUPTED` (the login
   * ended), `ERR_RTM_NOT_LOGGED_IN`
   */
  download(mediaId: string, options?: DownloadOptions & { readonly to?: undefined }): Promise<Buffer>;
  /** Downloads into the file `to` if it is given, else into memory. */
  download(mediaId: string, options: DownloadOptions): Promise<Buffer | undefined>;
  download(mediaId: string, options?: DownloadOptions): Promise<unknown> {
    checkString(mediaId, 'mediaId');
    checkMediaOptions(options, true);
    const to = options?.to;
    const ask = (requests: SessionRequests) =>
      to === undefined ? requests.downloadMediaToMemory(mediaId) : requests.downloadMediaToFile(mediaId, to);
    const cancel = (id: number) => this.#session.requests.cancelMediaDownload(id);
    return this.#start('downloadMedia', options, ask, cancel, to ?? mediaId);
  }

  /**
   * A message about a file that was uploaded before: `client.media.fileMessage(mediaId, { fileName })`. The server is
   * not asked.
   *
   * @throws TypeError for fields of the wrong type
   */
  fileMessage(mediaId: string, fields: Omit<FileContent, 'type' | 'mediaId'> = {}): FileContent {
    return checkMediaContent({ ...fields, type: 'file', mediaId }, 'fields');
  }

  /** A message about an image that was uploaded before, likewise. */
  imageMessage(mediaId: string, fields: Omit<ImageContent, 'type' | 'mediaId'> = {}): ImageContent {
    return checkMediaContent({ ...fields, type: 'image', mediaId }, 'fields');
  }

  /** @internal The login is over. */
  rejectAll(errorOf: (operation: string) => unknown): void {
    const tasks = [...this.#tasks.values()];
    this.#tasks.clear();
    for (const { call, operation } of tasks) call.reject(errorOf(operation));
  }

  async #upload<C extends { readonly fileName: string }>(
    path: string,
    options: MediaOptions | undefined,
    ask: (requests: SessionRequests) => RequestResult,
  ): Promise<C> {
    const cancel = (id: number) => this.#session.requests.cancelMediaUpload(id);
    const message = await this.#start<C>('uploadMedia', options, ask, cancel, path);
    return { ...message, fileName: basename(path) };
  }

  #start<V>(
    operation: Operation,
    options: MediaOptions | undefined,
    ask: (requests: SessionRequests) => RequestResult,
    cancel: (requestId: number) => void,
    about: string,
  ): Promise<V> {
    if (options?.signal?.aborted) return Promise.reject(options.signal.reason);
    const refusal = this.#refusal(operation);
    if (refusal) return Promise.reject(refusal);
    const { code, requestId } = ask(this.#session.requests);
    if (code !== 0) return Promise.reject(RtmError.from(operation, code, about));
    const context = { operation, timeoutReason: timeoutReasonOf(operation) };
    const giveUp = () => {
      this.#tasks.delete(requestId);
      cancel(requestId);
      return undefined;
    };
    const call = new PendingRequest<V>(context, options, this.#userId, giveUp, about);
    const onProgress = options?.onProgress && new CallContext('RtmProgress').bind(options.onProgress);
    this.#tasks.set(requestId, { operation, call: call as PendingRequest<unknown>, onProgress });
    return call.promise;
  }

  /** @internal */
  progress(requestId: number, { totalSize, currentSize }: TransferProgress): void {
    this.#tasks.get(requestId)?.onProgress?.({ total: totalSize, moved: currentSize });
  }

  /**
   * @internal A task has ended, with 0 or the number of its failure. The end of a task that was given up finds nothing.
   */
  finish(requestId: number, code: number, value: unknown): void {
    const task = this.#tasks.get(requestId);
    if (!task) return;
    this.#tasks.delete(requestId);
    if (code === 0) task.call.resolve(value);
    else task.call.reject(RtmError.from(task.operation, code, task.call.about));
  }
}

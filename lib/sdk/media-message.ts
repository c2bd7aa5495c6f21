import { checkBytes, checkInt32, checkString } from '../checks.js';
import { MESSAGE_TYPE } from '../enums.js';
import { type MediaFields as AllMediaFields, type MediaMessage, MessageType } from '../native/values.js';
import { RtmMessage } from './message.js';

const NO_THUMBNAIL = Buffer.alloc(0);

/** Fields of a message that this side makes: what is left out is empty or 0. */
export type MediaFields = Pick<AllMediaFields, 'mediaId'> & Partial<AllMediaFields>;

/** The common part of file and image messages (docs/spec/api.md §5). Programs do not make it. */
export abstract class RtmMediaMessage extends RtmMessage {
  readonly #mediaId: string;
  readonly #size: number;
  #fileName: string;
  #thumbnail: Buffer;

  /** @internal */
  constructor(id: number, type: MESSAGE_TYPE, media: MediaFields, text: string, ts: number, offline: boolean) {
    super(id, type, text, undefined, ts, offline);
    this.#mediaId = media.mediaId;
    this.#size = media.size ?? 0;
    this.#fileName = media.fileName ?? '';
    this.#thumbnail = media.thumbnail ?? NO_THUMBNAIL;
  }

  /** Size of the uploaded body in bytes; 0 for a message made by its media id. */
  getSize(): number {
    return this.#size;
  }

  /** The id of the body on the server, for 7 days. Every user of the App ID who knows it may download the body. */
  getMediaId(): string {
    return this.#mediaId;
  }

  /**
   * Sets a small picture that travels in the message itself. Any bytes; they are copied. Text, file name and thumbnail
   * are together at most 32 KB, which is checked when sending. Null or no bytes take it away.
   *
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` if it is neither a Uint8Array nor null
   */
  setThumbnail(thumbnail: Uint8Array | null): void {
    this.#thumbnail = thumbnail === null ? NO_THUMBNAIL : Buffer.from(checkBytes(thumbnail, 'thumbnail'));
  }

  /** The thumbnail, not a copy; empty if there is none. */
  getThumbnailData(): Buffer {
    return this.#thumbnail;
  }

  /** Size of the thumbnail in bytes. */
  getThumbnailLength(): number {
    return this.#thumbnail.byteLength;
  }

  /**
   * Sets the name to be shown to the receiver.
   *
   * @throws TypeError `ERR_RTM_INVALID_ARG_TYPE` if it is no string
   */
  setFileName(fileName: string): void {
    this.#fileName = checkString(fileName, 'fileName');
  }

  /** The name to be shown; empty unless it was set. */
  getFileName(): string {
    return this.#fileName;
  }
}

/**
 * A message about an uploaded file (docs/spec/api.md §5): the result of `createFileMessageByUploading`, made by
 * `createFileMessageByMediaId`, or received.
 *
 * @deprecated since 1.5.0, supported
 */
export class RtmFileMessage extends RtmMediaMessage {
  /** @internal */
  constructor(id: number, media: MediaFields, text = '', ts = 0, offline = false) {
    super(id, MESSAGE_TYPE.MESSAGE_TYPE_FILE, media, text, ts, offline);
  }
}

/**
 * A message about an uploaded image, likewise. Sizes are information for the receiver: nothing is scaled.
 *
 * @deprecated since 1.5.0, supported
 */
export class RtmImageMessage extends RtmMediaMessage {
  #width: number;
  #height: number;
  #thumbnailWidth: number;
  #thumbnailHeight: number;

  /** @internal */
  constructor(id: number, media: MediaFields, text = '', ts = 0, offline = false) {
    super(id, MESSAGE_TYPE.MESSAGE_TYPE_IMAGE, media, text, ts, offline);
    this.#width = media.width ?? 0;
    this.#height = media.height ?? 0;
    this.#thumbnailWidth = media.thumbnailWidth ?? 0;
    this.#thumbnailHeight = media.thumbnailHeight ?? 0;
  }

  /** Sets the width in pixels, in the place of what the upload found out. */
  setWidth(width: number): void {
    this.#width = checkInt32(width, 'width');
  }

  /** Width in pixels: found out by the upload for JPG, JPEG, BMP and PNG, else 0 until it is set. */
  getWidth(): number {
    return this.#width;
  }

  /** Sets the height in pixels, likewise. */
  setHeight(height: number): void {
    this.#height = checkInt32(height, 'height');
  }

  /** Height in pixels, likewise. */
  getHeight(): number {
    return this.#height;
  }

  /** Sets the width of the thumbnail in pixels. */
  setThumbnailWidth(width: number): void {
    this.#thumbnailWidth = checkInt32(width, 'width');
  }

  /** Width of the thumbnail; 0 until it is set. */
  getThumbnailWidth(): number {
    return this.#thumbnailWidth;
  }

  /** Sets the height of the thumbnail in pixels. */
  setThumbnailHeight(height: number): void {
    this.#thumbnailHeight = checkInt32(height, 'height');
  }

  /** Height of the thumbnail; 0 until it is set. */
  getThumbnailHeight(): number {
    return this.#thumbnailHeight;
  }
}

/** The object for a received or uploaded file or image. */
export function mediaMessageOf(value: MediaMessage): RtmFileMessage | RtmImageMessage {
  const { type, id, text, serverReceivedTs, offline } = value;
  const Message = type === MessageType.Image ? RtmImageMessage : RtmFileMessage;
  return new Message(id, value, text, serverReceivedTs, offline);
}

/** The C++ name of {@link RtmFileMessage}. */
export interface IFileMessage extends RtmFileMessage {}

/** The C++ name of {@link RtmImageMessage}. */
export interface IImageMessage extends RtmImageMessage {}

// File and image messages as plain objects: what a program sends, and what it receives.
import { invalidArgType, invalidArgValue } from '../errors.js';
import { RtmFileMessage, RtmImageMessage, type RtmMediaMessage } from '../sdk/media-message.js';
import type { RtmMessage } from '../sdk/message.js';

/** What file and image messages have in common. */
export interface MediaContent {
  /** Names the uploaded body on the server, for 7 days. Whoever of the App ID knows it may download. */
  readonly mediaId: string;
  /** Bytes of the body; 0 if it is not known. */
  readonly size?: number | undefined;
  /** To be shown to the receiver. */
  readonly fileName?: string | undefined;
  /** A small picture that travels in the message itself. Description, file name and thumbnail are at most 32 KiB together. */
  readonly thumbnail?: Uint8Array | undefined;
  /** Text that travels along. */
  readonly description?: string | undefined;
}

/** A message about an uploaded file. */
export interface FileContent extends MediaContent {
  /** Says that it is a file. */
  readonly type: 'file';
}

/** A message about an uploaded image. Sizes are in pixels, and information only: nothing is scaled. */
export interface ImageContent extends MediaContent {
  /** Says that it is an image. */
  readonly type: 'image';
  /** 0 if it is not known: it is found out for JPEG, PNG and BMP. */
  readonly width?: number | undefined;
  /** Likewise. */
  readonly height?: number | undefined;
  /** 0 unless the sender gave it. */
  readonly thumbnailWidth?: number | undefined;
  /** 0 unless the sender gave it. */
  readonly thumbnailHeight?: number | undefined;
}

/** Why no message can be made of a media id. */
export const NO_MEDIA = 'mediaId: expected one that an upload gave, 1 to 256 visible ASCII characters';

const TEXTS = ['mediaId', 'fileName', 'description'] as const;
const NUMBERS = ['size', 'width', 'height', 'thumbnailWidth', 'thumbnailHeight'] as const;
const LARGEST_SIDE = 0x7fffffff;

/**
 * Checks a file or image message.
 *
 * @throws TypeError (`ERR_RTM_INVALID_ARG_TYPE`, `ERR_RTM_INVALID_ARG_VALUE`) for one that cannot be sent
 */
export function checkMediaContent<C extends FileContent | ImageContent>(content: C, name = 'message'): C {
  const fields: Partial<Record<string, unknown>> = { ...content };
  for (const key of TEXTS) {
    const value = fields[key];
    if (typeof value !== 'string' && (value !== undefined || key === 'mediaId')) {
      throw invalidArgType(`${name}.${key}`, 'a string', value);
    }
  }
  for (const key of NUMBERS) {
    const value = fields[key];
    if (value === undefined) continue;
    if (typeof value !== 'number') throw invalidArgType(`${name}.${key}`, 'a number', value);
    const most = key === 'size' ? Number.MAX_SAFE_INTEGER : LARGEST_SIDE;
    if (!Number.isInteger(value) || value < 0 || value > most) {
      throw invalidArgValue(`${name}.${key}`, `an integer from 0 to ${most}`, String(value));
    }
  }
  if (content.thumbnail !== undefined && !(content.thumbnail instanceof Uint8Array)) {
    throw invalidArgType(`${name}.thumbnail`, 'a Uint8Array', content.thumbnail);
  }
  return content;
}

/** The SDK's object for a checked message, with the id of one that the SDK has made. */
export function toMediaMessage(id: number, content: FileContent | ImageContent): RtmMediaMessage {
  const { mediaId, fileName = '', size = 0, thumbnail = new Uint8Array(), description = '' } = content;
  const media = { mediaId, fileName, size, thumbnail: Buffer.from(thumbnail) };
  if (content.type === 'file') return new RtmFileMessage(id, media, description);
  const { width = 0, height = 0, thumbnailWidth = 0, thumbnailHeight = 0 } = content;
  return new RtmImageMessage(id, { ...media, width, height, thumbnailWidth, thumbnailHeight }, description);
}

/** A file or image message with all its fields, as it is received, and as an upload gives it. */
export type WholeMedia<C extends MediaContent> = { readonly [K in keyof C]-?: NonNullable<C[K]> } & {
  readonly thumbnail: Buffer;
};

export function fileContentOf(message: RtmFileMessage): WholeMedia<FileContent> {
  return { type: 'file', ...mediaOf(message) };
}

export function imageContentOf(message: RtmImageMessage): WholeMedia<ImageContent> {
  return {
    type: 'image',
    ...mediaOf(message),
    width: message.getWidth(),
    height: message.getHeight(),
    thumbnailWidth: message.getThumbnailWidth(),
    thumbnailHeight: message.getThumbnailHeight(),
  };
}

function mediaOf(message: RtmMediaMessage) {
  return {
    mediaId: message.getMediaId(),
    size: message.getSize(),
    fileName: message.getFileName(),
    thumbnail: message.getThumbnailData(),
    description: message.getText(),
  };
}

/** The content of a received file or image message; undefined for a text or raw one. */
export function mediaContentOf(message: RtmMessage): WholeMedia<FileContent> | WholeMedia<ImageContent> | undefined {
  if (message instanceof RtmFileMessage) return fileContentOf(message);
  if (message instanceof RtmImageMessage) return imageContentOf(message);
  return undefined;
}

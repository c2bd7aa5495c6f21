// File and image messages as plain objects, sent and received.
import { checkBytes } from '../checks.js';
import { invalidArgType, invalidArgValue } from '../errors.js';
import { type MediaMessage, MessageType } from '../native/values.js';
import { mediaColumns, type OutgoingMessage } from '../session/outgoing.js';

/** The common fields of file and image messages. */
export interface MediaContent {
  /** Names the uploaded body on the server, for 7 days. Whoever of the App ID knows it may download. */
  readonly mediaId: string;
  /** Bytes of the body; 0 if it is not known. */
  readonly size?: number | undefined;
  /** To be shown to the receiver. */
  readonly fileName?: string | undefined;
  /**
   * A small picture that travels in the message itself. Description, file name and thumbnail are at most 32 KiB
   * together.
   */
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

/** The error text for a media id that no message can be made of. */
export const NO_MEDIA = 'mediaId: expected one that an upload gave, 1 to 256 visible ASCII characters';

const TEXTS = ['mediaId', 'fileName', 'description'] as const;
const NUMBERS = ['size', 'width', 'height', 'thumbnailWidth', 'thumbnailHeight'] as const;
const LARGEST_SIDE = 0x7fffffff;
const NO_THUMBNAIL = new Uint8Array();

/**
 * Checks a file or image message.
 *
 * @throws TypeError (`ERR_RTM_INVALID_ARG_TYPE`, `ERR_RTM_INVALID_ARG_VALUE`) for a message that cannot be sent
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
  if (content.thumbnail !== undefined) checkBytes(content.thumbnail, `${name}.thumbnail`);
  return content;
}

/** A checked message as it crosses. */
export function outgoingMedia(id: number, content: FileContent | ImageContent): OutgoingMessage {
  const { mediaId, fileName = '', size = 0, thumbnail, description = '' } = content;
  const {
    width = 0,
    height = 0,
    thumbnailWidth = 0,
    thumbnailHeight = 0,
  }: Partial<ImageContent> = content.type === 'image' ? content : {};
  return {
    id,
    type: content.type === 'image' ? MessageType.Image : MessageType.File,
    text: description,
    raw: thumbnail ?? NO_THUMBNAIL,
    media: mediaColumns({ mediaId, fileName, size, width, height, thumbnailWidth, thumbnailHeight }),
  };
}

/** A file or image message with all its fields, as it is received, and as an upload gives it. */
export type WholeMedia<C extends MediaContent> = { readonly [K in keyof C]-?: NonNullable<C[K]> } & {
  /** The small picture; empty if the sender gave none. */
  readonly thumbnail: Buffer;
};

/** The content of a received or uploaded file or image. */
export function mediaContentOf(message: MediaMessage): WholeMedia<FileContent> | WholeMedia<ImageContent> {
  const { type, mediaId, size, fileName, thumbnail, text: description } = message;
  const media = { mediaId, size, fileName, thumbnail, description };
  if (type === MessageType.File) return { type: 'file', ...media };
  const { width, height, thumbnailWidth, thumbnailHeight } = message;
  return { type: 'image', ...media, width, height, thumbnailWidth, thumbnailHeight };
}

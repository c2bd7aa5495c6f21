import { checkBytes, checkString } from '../checks.js';
import { invalidArgType } from '../errors.js';
import { checkMediaContent, type FileContent, type ImageContent, type WholeMedia } from './media-messages.js';

/** A message of text. */
export interface TextContent {
  /** UTF-8 text; at most 32 KiB with the default limits. */
  readonly text: string;
}

/** A message of bytes with an optional describing text. */
export interface RawContent {
  /** Any bytes. They are copied before the call returns. */
  readonly raw: Uint8Array;
  /** Text that travels along; data and description together are at most 32 KiB with the default limits. */
  readonly description?: string | undefined;
}

/**
 * What can be sent: a string, bytes, or one of the object forms – so that a received message can be sent on as it is.
 */
export type Sendable = string | Uint8Array | TextContent | RawContent | FileContent | ImageContent;

/** A checked message: the text itself, or one of the object forms. */
export type Outgoing = string | RawContent | FileContent | ImageContent;

/** The common fields of received messages. */
export interface ReceivedMessage {
  /** User id of the sender. */
  readonly from: string;
  /**
   * The sender's id of the message, as in its {@link PeerSendResult}; the same when the message was forwarded twice.
   */
  readonly messageId: number;
  /** When the server took it, in milliseconds since the epoch. For display; do not sort by it. */
  readonly timestamp: number;
}

/** Further fields of a peer message. */
export interface FromPeer extends ReceivedMessage {
  /** True if the server stored it because this user was offline. */
  readonly offline: boolean;
}

/** Further fields of a channel message. */
export interface FromChannel extends ReceivedMessage {
  /** Id of the channel it was sent to. */
  readonly channelId: string;
}

/** The content of a received text. */
export interface ReceivedText extends TextContent {
  /** The kind of the message. */
  readonly type: 'text';
  /** A text has no raw bytes. */
  readonly raw?: undefined;
}

/** The content of received bytes. */
export interface ReceivedRaw extends RawContent {
  /** The kind of the message. */
  readonly type: 'raw';
  /** Bytes have no text. */
  readonly text?: undefined;
  /** Text that travelled along; may be empty. */
  readonly description: string;
}

/** The fields of other kinds of messages, so that a program may ask for `text` or `raw` without looking at the kind. */
export interface NeitherTextNorRaw {
  /** A file or image has no text. */
  readonly text?: undefined;
  /** A file or image has no raw bytes. */
  readonly raw?: undefined;
}

/** A received file: download it with `client.media.download(message.mediaId)`. */
export type ReceivedFile = WholeMedia<FileContent> & NeitherTextNorRaw;

/** A received image, likewise. */
export type ReceivedImage = WholeMedia<ImageContent> & NeitherTextNorRaw;

/**
 * The kind of a message and its content: `text`; or `raw` with a `description` (which may be empty); or a file or image
 * by its `mediaId`.
 */
export type Content = ReceivedText | ReceivedRaw | ReceivedFile | ReceivedImage;

/** A message from another user to this one. */
export type PeerMessage = FromPeer & Content;

/** A message from another member of a channel. */
export type ChannelMessage = FromChannel & Content;

/** How a peer message ended when it was not refused. */
export interface PeerSendResult {
  /** Id of the message, the same at the receiver. */
  readonly messageId: number;
  /** `'delivered'`: the receiver's client has it. `'cached'`: the receiver is offline and the server stored it. */
  readonly delivery: 'delivered' | 'cached';
}

/** A channel message that the server accepted and put in order. */
export interface ChannelSendResult {
  /** Id of the message, the same at the receivers. */
  readonly messageId: number;
}

/**
 * Brings the accepted forms of a message to one, without copying.
 *
 * @throws TypeError (`ERR_RTM_INVALID_ARG_TYPE`) for anything else
 */
export function toContent(message: Sendable): Outgoing {
  if (typeof message === 'string') return message;
  if (message instanceof Uint8Array) return { raw: checkBytes(message, 'message'), description: '' };
  if (typeof message === 'object' && message !== null) {
    if ('type' in message && (message.type === 'file' || message.type === 'image')) return checkMediaContent(message);
    if ('raw' in message && message.raw !== undefined) {
      const { raw, description = '' } = message;
      checkString(description, 'message.description');
      return { raw: checkBytes(raw, 'message.raw'), description };
    }
    if ('text' in message && message.text !== undefined) {
      return checkString(message.text, 'message.text');
    }
  }
  throw invalidArgType(
    'message',
    'a string, a Uint8Array, { text }, { raw, description? } or a file or image message',
    message,
  );
}

/** A received text or raw message of a peer. */
export function peerMessageOf(
  from: string,
  messageId: number,
  text: string,
  raw: Buffer | undefined,
  timestamp: number,
  offline: boolean,
): PeerMessage {
  return raw === undefined
    ? { type: 'text', from, text, messageId, timestamp, offline }
    : { type: 'raw', from, raw, description: text, messageId, timestamp, offline };
}

/** A received text or raw message of a channel. */
export function channelMessageOf(
  from: string,
  channelId: string,
  messageId: number,
  text: string,
  raw: Buffer | undefined,
  timestamp: number,
): ChannelMessage {
  return raw === undefined
    ? { type: 'text', from, channelId, text, messageId, timestamp }
    : { type: 'raw', from, channelId, raw, description: text, messageId, timestamp };
}

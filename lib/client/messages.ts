import { invalidArgType } from '../errors.js';
import type { RtmMessage } from '../sdk/message.js';
import {
  checkMediaContent,
  type FileContent,
  type ImageContent,
  mediaContentOf,
  type WholeMedia,
} from './media-messages.js';

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

/** What can be sent: a string, bytes, or one of the object forms – so that a received message can be sent on as it is. */
export type Sendable = string | Uint8Array | TextContent | RawContent | FileContent | ImageContent;

/** What the SDK makes a message of. */
export type Outgoing = TextContent | RawContent | FileContent | ImageContent;

/** What every received message has. */
export interface ReceivedMessage {
  /** User id of the sender. */
  readonly from: string;
  /** The sender's id of the message, as in its {@link PeerSendResult}; the same when the message was forwarded twice. */
  readonly messageId: number;
  /** When the server took it, in milliseconds since the epoch. For display; do not sort by it. */
  readonly timestamp: number;
}

/** What a peer message has besides. */
export interface FromPeer extends ReceivedMessage {
  /** True if the server stored it because this user was offline. */
  readonly offline: boolean;
}

/** What a channel message has besides. */
export interface FromChannel extends ReceivedMessage {
  /** Id of the channel it was sent to. */
  readonly channelId: string;
}

/** A received file: download it with `client.media.download(message.mediaId)`. */
export type ReceivedFile = WholeMedia<FileContent> & { readonly text?: undefined; readonly raw?: undefined };

/** A received image, likewise. */
export type ReceivedImage = WholeMedia<ImageContent> & { readonly text?: undefined; readonly raw?: undefined };

/**
 * The kind of a message and its content: `text`; or `raw` with a `description` (which may be empty); or a file or image by
 * its `mediaId`.
 */
export type Content =
  | ({ readonly type: 'text'; readonly raw?: undefined } & TextContent)
  | ({ readonly type: 'raw'; readonly text?: undefined } & RawContent & { readonly description: string })
  | ReceivedFile
  | ReceivedImage;

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
  if (typeof message === 'string') return { text: message };
  if (message instanceof Uint8Array) return { raw: message, description: '' };
  if (typeof message === 'object' && message !== null) {
    if ('type' in message && (message.type === 'file' || message.type === 'image')) return checkMediaContent(message);
    if ('raw' in message && message.raw !== undefined) {
      const { raw, description = '' } = message;
      if (!(raw instanceof Uint8Array)) throw invalidArgType('message.raw', 'a Uint8Array', raw);
      if (typeof description !== 'string') throw invalidArgType('message.description', 'a string', description);
      return { raw, description };
    }
    if ('text' in message && message.text !== undefined) {
      if (typeof message.text !== 'string') throw invalidArgType('message.text', 'a string', message.text);
      return { text: message.text };
    }
  }
  throw invalidArgType(
    'message',
    'a string, a Uint8Array, { text }, { raw, description? } or a file or image message',
    message,
  );
}

/** A received peer message as a plain object. */
export function peerMessageOf(from: string, message: RtmMessage): PeerMessage {
  const messageId = message.getMessageId();
  const timestamp = message.getServerReceivedTs();
  const offline = message.isOfflineMessage();
  const raw = message.getRawMessageData();
  const text = message.getText();
  if (raw !== null) return { type: 'raw', from, raw, description: text, messageId, timestamp, offline };
  const media = mediaContentOf(message);
  return media
    ? { ...media, from, messageId, timestamp, offline }
    : { type: 'text', from, text, messageId, timestamp, offline };
}

/** A received channel message as a plain object. */
export function channelMessageOf(from: string, channelId: string, message: RtmMessage): ChannelMessage {
  const messageId = message.getMessageId();
  const timestamp = message.getServerReceivedTs();
  const raw = message.getRawMessageData();
  const text = message.getText();
  if (raw !== null) return { type: 'raw', from, channelId, raw, description: text, messageId, timestamp };
  const media = mediaContentOf(message);
  return media
    ? { ...media, from, channelId, messageId, timestamp }
    : { type: 'text', from, channelId, text, messageId, timestamp };
}

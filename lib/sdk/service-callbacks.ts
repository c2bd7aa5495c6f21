import type { ATTRIBUTE_OPERATION_ERR, PEER_MESSAGE_ERR_CODE, UPLOAD_MEDIA_ERR_CODE } from '../enums.js';
import { type ChannelAttribute, type MediaMessage, MessageType } from '../native/values.js';
import type { SessionEvents } from '../session/session-sink.js';
import { RtmChannelAttribute } from './attributes.js';
import { EventCallbacks } from './event-callbacks.js';
import type { IRtmServiceEventHandler } from './handlers.js';
import { mediaMessageOf, RtmFileMessage, RtmImageMessage, type RtmMediaMessage } from './media-message.js';
import { RtmMessage } from './message.js';

/** Turns the events of a session into callbacks of all handlers of its service, with the objects of the C++ surface. */
export class ServiceCallbacks extends EventCallbacks implements SessionEvents {
  onPeerSendResult(messageId: number, code: PEER_MESSAGE_ERR_CODE): void {
    this.handlers.emit(tellSendResult, messageId, code);
  }

  /** The surface makes no difference. */
  onPeerSendUnsent(messageId: number, code: PEER_MESSAGE_ERR_CODE): void {
    this.onPeerSendResult(messageId, code);
  }

  onRequestUnsent(): void {}

  onMessage(
    peerId: string,
    id: number,
    type: 1 | 2,
    text: string,
    raw: Buffer | undefined,
    serverReceivedTs: number,
    offline: boolean,
  ): void {
    this.handlers.emit(tellMessage, peerId, new RtmMessage(id, type, text, raw, serverReceivedTs, offline));
  }

  onMediaMessage(peerId: string, message: MediaMessage): void {
    this.handlers.emit(tellMediaMessage, peerId, mediaMessageOf(message));
  }

  onChannelAttributesResult(requestId: number, values: ChannelAttribute[], code: ATTRIBUTE_OPERATION_ERR): void {
    const attributes = values.map(RtmChannelAttribute.received);
    this.handlers.emit((handler) => handler.onGetChannelAttributesResult?.(requestId, attributes, code));
  }

  onUpload(requestId: number, message: MediaMessage, code: UPLOAD_MEDIA_ERR_CODE): void {
    const made = code === 0 ? mediaMessageOf(message) : null;
    if (message.type === MessageType.Image) {
      this.handlers.emit((handler) =>
        handler.onImageMediaUploadResult?.(requestId, made as RtmImageMessage | null, code),
      );
    } else {
      this.handlers.emit((handler) =>
        handler.onFileMediaUploadResult?.(requestId, made as RtmFileMessage | null, code),
      );
    }
  }
}

function tellSendResult(handler: IRtmServiceEventHandler, messageId: number, code: PEER_MESSAGE_ERR_CODE): void {
  handler.onSendMessageResult?.(messageId, code);
}

function tellMessage(handler: IRtmServiceEventHandler, peerId: string, message: RtmMessage): void {
  handler.onMessageReceivedFromPeer?.(peerId, message);
}

function tellMediaMessage(handler: IRtmServiceEventHandler, peerId: string, message: RtmMediaMessage): void {
  if (message instanceof RtmImageMessage) handler.onImageMessageReceivedFromPeer?.(peerId, message);
  else if (message instanceof RtmFileMessage) handler.onFileMessageReceivedFromPeer?.(peerId, message);
}

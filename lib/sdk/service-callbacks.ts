import type {
  ATTRIBUTE_OPERATION_ERR,
  CONNECTION_CHANGE_REASON,
  CONNECTION_STATE,
  DOWNLOAD_MEDIA_ERR_CODE,
  GET_CHANNEL_MEMBER_COUNT_ERR_CODE,
  LOGIN_ERR_CODE,
  LOGOUT_ERR_CODE,
  PEER_MESSAGE_ERR_CODE,
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR,
  QUERY_PEERS_ONLINE_STATUS_ERR,
  RENEW_TOKEN_ERR_CODE,
  UPLOAD_MEDIA_ERR_CODE,
} from '../enums.js';
import type { HISTORY_ERR_CODE } from '../history-codes.js';
import { EventKind, type PlainResultKind } from '../native/event-kinds.js';
import {
  type ChannelAttribute,
  type MediaMessage,
  type MemberCount,
  MessageType,
  type PastMessage,
  type PeerStatus,
  type TransferProgress,
  type UserAttribute,
} from '../native/values.js';
import type { SessionEvents } from '../session/session-sink.js';
import { RtmChannelAttribute } from './attributes.js';
import { HandlerList } from './handler-list.js';
import type { IRtmServiceEventHandler } from './handlers.js';
import { mediaMessageOf, RtmFileMessage, RtmImageMessage, type RtmMediaMessage } from './media-message.js';
import { RtmMessage } from './message.js';

/** Turns the events of a session into callbacks of all handlers of its service, with the objects of the C++ surface. */
export class ServiceCallbacks implements SessionEvents {
  readonly handlers: HandlerList<IRtmServiceEventHandler>;

  /** @param onError - takes what a handler throws */
  constructor(onError: (error: unknown) => void) {
    this.handlers = new HandlerList(onError);
  }

  onLoginSuccess(): void {
    this.handlers.emit((handler) => handler.onLoginSuccess?.());
  }

  onLoginFailure(code: LOGIN_ERR_CODE): void {
    this.handlers.emit((handler) => handler.onLoginFailure?.(code));
  }

  onRenewTokenResult(token: string, code: RENEW_TOKEN_ERR_CODE): void {
    this.handlers.emit((handler) => handler.onRenewTokenResult?.(token, code));
  }

  onTokenExpired(): void {
    this.handlers.emit((handler) => handler.onTokenExpired?.());
  }

  onTokenWillExpire(): void {
    this.handlers.emit((handler) => handler.onTokenPrivilegeWillExpire?.());
  }

  onLogout(code: LOGOUT_ERR_CODE): void {
    this.handlers.emit((handler) => handler.onLogout?.(code));
  }

  onConnectionState(state: CONNECTION_STATE, reason: CONNECTION_CHANGE_REASON): void {
    this.handlers.emit((handler) => handler.onConnectionStateChanged?.(state, reason));
  }

  onPeerSendResult(messageId: number, code: PEER_MESSAGE_ERR_CODE): void {
    this.handlers.emit(tellSendResult, messageId, code);
  }

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

  onPlainResult(kind: PlainResultKind, requestId: number, code: number): void {
    // The enumeration of the code belongs to the kind, which the table pairs.
    this.handlers.emit((handler) => handler[PLAIN_CALLBACKS[kind]]?.(requestId, code as never));
  }

  onQueryPeers(requestId: number, states: PeerStatus[], code: QUERY_PEERS_ONLINE_STATUS_ERR): void {
    this.handlers.emit((handler) => handler.onQueryPeersOnlineStatusResult?.(requestId, states, code));
  }

  onPeersBySubscription(requestId: number, peerIds: string[], code: QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR): void {
    this.handlers.emit((handler) => handler.onQueryPeersBySubscriptionOptionResult?.(requestId, peerIds, code));
  }

  onPeersChanged(states: PeerStatus[]): void {
    this.handlers.emit((handler) => handler.onPeersOnlineStatusChanged?.(states));
  }

  onUserAttributes(
    requestId: number,
    userId: string,
    attributes: UserAttribute[],
    code: ATTRIBUTE_OPERATION_ERR,
  ): void {
    this.handlers.emit((handler) => handler.onGetUserAttributesResult?.(requestId, userId, attributes, code));
  }

  onChannelAttributesResult(requestId: number, values: ChannelAttribute[], code: ATTRIBUTE_OPERATION_ERR): void {
    const attributes = values.map(RtmChannelAttribute.received);
    this.handlers.emit((handler) => handler.onGetChannelAttributesResult?.(requestId, attributes, code));
  }

  onMemberCounts(requestId: number, counts: MemberCount[], code: GET_CHANNEL_MEMBER_COUNT_ERR_CODE): void {
    this.handlers.emit((handler) => handler.onGetChannelMemberCountResult?.(requestId, counts, code));
  }

  onHistoryResult(requestId: number, messages: PastMessage[], total: number, code: HISTORY_ERR_CODE): void {
    this.handlers.emit((handler) => handler.onHistoryQueryResult?.(requestId, messages, total, code));
  }

  onUploadProgress(requestId: number, progress: TransferProgress): void {
    this.handlers.emit((handler) => handler.onMediaUploadingProgress?.(requestId, progress));
  }

  onDownloadProgress(requestId: number, progress: TransferProgress): void {
    this.handlers.emit((handler) => handler.onMediaDownloadingProgress?.(requestId, progress));
  }

  onDownloadToMemory(requestId: number, memory: Buffer, code: DOWNLOAD_MEDIA_ERR_CODE): void {
    this.handlers.emit((handler) => handler.onMediaDownloadToMemoryResult?.(requestId, memory, code));
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

/** Callbacks for results that say nothing but the outcome. */
const PLAIN_CALLBACKS = {
  [EventKind.Subscription]: 'onSubscriptionRequestResult',
  [EventKind.SetUserAttributes]: 'onSetLocalUserAttributesResult',
  [EventKind.AddUserAttributes]: 'onAddOrUpdateLocalUserAttributesResult',
  [EventKind.DeleteUserAttributes]: 'onDeleteLocalUserAttributesResult',
  [EventKind.ClearUserAttributes]: 'onClearLocalUserAttributesResult',
  [EventKind.SetChannelAttributes]: 'onSetChannelAttributesResult',
  [EventKind.AddChannelAttributes]: 'onAddOrUpdateChannelAttributesResult',
  [EventKind.DeleteChannelAttributes]: 'onDeleteChannelAttributesResult',
  [EventKind.ClearChannelAttributes]: 'onClearChannelAttributesResult',
  [EventKind.DownloadToFile]: 'onMediaDownloadToFileResult',
  [EventKind.CancelMedia]: 'onMediaCancelResult',
} as const satisfies Record<PlainResultKind, keyof IRtmServiceEventHandler>;

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

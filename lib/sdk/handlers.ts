// The event handlers of the C++ surface (docs/spec/api.md §8, §10). Every method is optional. A pointer with a count in
// C++ is one array here. A program may keep the objects after the callback. A handler that throws does not disturb
// other handlers or later events: its error goes to `uncaughtException`, as with an EventEmitter.

import type {
  ATTRIBUTE_OPERATION_ERR,
  CANCEL_MEDIA_ERR_CODE,
  CHANNEL_MESSAGE_ERR_CODE,
  CONNECTION_CHANGE_REASON,
  CONNECTION_STATE,
  DOWNLOAD_MEDIA_ERR_CODE,
  GET_CHANNEL_MEMBER_COUNT_ERR_CODE,
  GET_MEMBERS_ERR,
  JOIN_CHANNEL_ERR,
  LEAVE_CHANNEL_ERR,
  LOGIN_ERR_CODE,
  LOGOUT_ERR_CODE,
  PEER_MESSAGE_ERR_CODE,
  PEER_SUBSCRIPTION_STATUS_ERR,
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR,
  QUERY_PEERS_ONLINE_STATUS_ERR,
  RENEW_TOKEN_ERR_CODE,
  UPLOAD_MEDIA_ERR_CODE,
} from '../enums.js';
import type { HISTORY_ERR_CODE } from '../own-codes.js';
import type { RtmChannelAttribute } from './attributes.js';
import type { HistoryMessage } from './history.js';
import type { RtmFileMessage, RtmImageMessage } from './media-message.js';
import type { RtmChannelMember } from './member.js';
import type { RtmMessage } from './message.js';
import type { ChannelMemberCount, MediaOperationProgress, PeerOnlineStatus, RtmAttribute } from './structs.js';

/**
 * The events of a service (docs/spec/api.md §10). Each thread has one queue for the events of all its services; the
 * calls come in its order.
 */
export interface IRtmServiceEventHandler {
  /** `login` succeeded. It does not come for an automatic reconnect. */
  onLoginSuccess?(): void;
  /** `login` failed or timed out. */
  onLoginFailure?(errorCode: LOGIN_ERR_CODE): void;
  /** Result of `renewToken`; `token` is the argument of that call. */
  onRenewTokenResult?(token: string, errorCode: RENEW_TOKEN_ERR_CODE): void;
  /** The token has expired (docs/spec/connection.md §5). */
  onTokenExpired?(): void;
  /** The token expires in 30 s: call `renewToken`. */
  onTokenPrivilegeWillExpire?(): void;
  /** Result of `logout`. */
  onLogout?(errorCode: LOGOUT_ERR_CODE): void;
  /** The connection state changed (docs/spec/connection.md §1). */
  onConnectionStateChanged?(state: CONNECTION_STATE, reason: CONNECTION_CHANGE_REASON): void;
  /** Result of `sendMessageToPeer` for the message with this id. */
  onSendMessageResult?(messageId: number, errorCode: PEER_MESSAGE_ERR_CODE): void;
  /** A text or raw message from another user. */
  onMessageReceivedFromPeer?(peerId: string, message: RtmMessage): void;
  /**
   * An image message from another user.
   *
   * @deprecated since 1.5.0, supported
   */
  onImageMessageReceivedFromPeer?(peerId: string, message: RtmImageMessage): void;
  /**
   * A file message from another user.
   *
   * @deprecated since 1.5.0, supported
   */
  onFileMessageReceivedFromPeer?(peerId: string, message: RtmFileMessage): void;
  /**
   * Result of `createFileMessageByUploading`: the message to send, or null. The message belongs to the program.
   *
   * @deprecated since 1.5.0, supported
   */
  onFileMediaUploadResult?(requestId: number, fileMessage: RtmFileMessage | null, code: UPLOAD_MEDIA_ERR_CODE): void;
  /**
   * Result of `createImageMessageByUploading`: the message to send, or null. The message belongs to the program.
   *
   * @deprecated since 1.5.0, supported
   */
  onImageMediaUploadResult?(requestId: number, imageMessage: RtmImageMessage | null, code: UPLOAD_MEDIA_ERR_CODE): void;
  /**
   * Progress of an upload, once in each second in which bytes move.
   *
   * @deprecated since 1.5.0, supported
   */
  onMediaUploadingProgress?(requestId: number, progress: MediaOperationProgress): void;
  /**
   * Progress of a download, once in each second in which bytes move.
   *
   * @deprecated since 1.5.0, supported
   */
  onMediaDownloadingProgress?(requestId: number, progress: MediaOperationProgress): void;
  /**
   * Result of `downloadMediaToFile`.
   *
   * @deprecated since 1.5.0, supported
   */
  onMediaDownloadToFileResult?(requestId: number, code: DOWNLOAD_MEDIA_ERR_CODE): void;
  /**
   * Result of `downloadMediaToMemory`. `memory` is empty on failure, and the program may keep it. Its length is the C++
   * parameter `length`.
   *
   * @deprecated since 1.5.0, supported
   */
  onMediaDownloadToMemoryResult?(requestId: number, memory: Buffer, code: DOWNLOAD_MEDIA_ERR_CODE): void;
  /**
   * Result of `cancelMediaUpload` and `cancelMediaDownload`; `requestId` is the id of the cancelled task.
   *
   * @deprecated since 1.5.0, supported
   */
  onMediaCancelResult?(requestId: number, code: CANCEL_MEDIA_ERR_CODE): void;
  /** Result of `queryPeersOnlineStatus`, in the order of its argument. */
  onQueryPeersOnlineStatusResult?(
    requestId: number,
    peersStatus: PeerOnlineStatus[],
    errorCode: QUERY_PEERS_ONLINE_STATUS_ERR,
  ): void;
  /** Result of `subscribePeersOnlineStatus` and `unsubscribePeersOnlineStatus`. */
  onSubscriptionRequestResult?(requestId: number, errorCode: PEER_SUBSCRIPTION_STATUS_ERR): void;
  /** Result of `queryPeersBySubscriptionOption`. */
  onQueryPeersBySubscriptionOptionResult?(
    requestId: number,
    peerIds: string[],
    errorCode: QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR,
  ): void;
  /** The states of subscribed users: the first states after a subscription, then each change. */
  onPeersOnlineStatusChanged?(peersStatus: PeerOnlineStatus[]): void;
  /** Result of `setLocalUserAttributes`. */
  onSetLocalUserAttributesResult?(requestId: number, errorCode: ATTRIBUTE_OPERATION_ERR): void;
  /** Result of `addOrUpdateLocalUserAttributes`. */
  onAddOrUpdateLocalUserAttributesResult?(requestId: number, errorCode: ATTRIBUTE_OPERATION_ERR): void;
  /** Result of `deleteLocalUserAttributesByKeys`. */
  onDeleteLocalUserAttributesResult?(requestId: number, errorCode: ATTRIBUTE_OPERATION_ERR): void;
  /** Result of `clearLocalUserAttributes`. */
  onClearLocalUserAttributesResult?(requestId: number, errorCode: ATTRIBUTE_OPERATION_ERR): void;
  /** Result of `getUserAttributes` and `getUserAttributesByKeys`. */
  onGetUserAttributesResult?(
    requestId: number,
    userId: string,
    attributes: RtmAttribute[],
    errorCode: ATTRIBUTE_OPERATION_ERR,
  ): void;
  /** Result of `setChannelAttributes`. */
  onSetChannelAttributesResult?(requestId: number, errorCode: ATTRIBUTE_OPERATION_ERR): void;
  /** Result of `addOrUpdateChannelAttributes`. */
  onAddOrUpdateChannelAttributesResult?(requestId: number, errorCode: ATTRIBUTE_OPERATION_ERR): void;
  /** Result of `deleteChannelAttributesByKeys`. */
  onDeleteChannelAttributesResult?(requestId: number, errorCode: ATTRIBUTE_OPERATION_ERR): void;
  /** Result of `clearChannelAttributes`. */
  onClearChannelAttributesResult?(requestId: number, errorCode: ATTRIBUTE_OPERATION_ERR): void;
  /** Result of `getChannelAttributes` and `getChannelAttributesByKeys`. */
  onGetChannelAttributesResult?(
    requestId: number,
    attributes: RtmChannelAttribute[],
    errorCode: ATTRIBUTE_OPERATION_ERR,
  ): void;
  /** Result of `getChannelMemberCount`: one entry for each channel of its argument. */
  onGetChannelMemberCountResult?(
    requestId: number,
    channelMemberCounts: ChannelMemberCount[],
    errorCode: GET_CHANNEL_MEMBER_COUNT_ERR_CODE,
  ): void;
  /** Result of `queryHistory`; `total` is the number without offset and limit. SDK 1.5.0 does not have this event. */
  onHistoryQueryResult?(
    requestId: number,
    messages: HistoryMessage[],
    total: number,
    errorCode: HISTORY_ERR_CODE,
  ): void;
}

/** The events of a channel (docs/spec/api.md §8). */
export interface IChannelEventHandler {
  /** The user's `join` succeeded. It does not come for the automatic join after a reconnect. */
  onJoinSuccess?(): void;
  /** The user's `join` failed. */
  onJoinFailure?(errorCode: JOIN_CHANNEL_ERR): void;
  /** Result of `leave`. With `LEAVE_CHANNEL_ERR_KICKED`, without a call of `leave`: the server removed the user. */
  onLeave?(errorCode: LEAVE_CHANNEL_ERR): void;
  /** A text or raw message of another member. */
  onMessageReceived?(userId: string, message: RtmMessage): void;
  /**
   * An image message of another member.
   *
   * @deprecated since 1.5.0, supported
   */
  onImageMessageReceived?(userId: string, message: RtmImageMessage): void;
  /**
   * A file message of another member.
   *
   * @deprecated since 1.5.0, supported
   */
  onFileMessageReceived?(userId: string, message: RtmFileMessage): void;
  /** Result of `sendMessage` for the message with this id. */
  onSendMessageResult?(messageId: number, state: CHANNEL_MESSAGE_ERR_CODE): void;
  /** Another user joined. It does not come while the channel has more than 512 members. */
  onMemberJoined?(member: RtmChannelMember): void;
  /**
   * Another user left, logged out or was silent for too long. It does not come while the channel has more than 512
   * members.
   */
  onMemberLeft?(member: RtmChannelMember): void;
  /** Result of `getMembers`: at most 512 members, including the local user. */
  onGetMembers?(members: RtmChannelMember[], errorCode: GET_MEMBERS_ERR): void;
  /** A call with the notification flag changed the attributes; `attributes` is the complete set. */
  onAttributesUpdated?(attributes: RtmChannelAttribute[]): void;
  /** The number of members, after the user's join and after changes; at most once in 1 s (3 s above 512 members). */
  onMemberCountUpdated?(memberCount: number): void;
}

/** {@link IRtmServiceEventHandler} by its TypeScript name. */
export type RtmServiceEventHandler = IRtmServiceEventHandler;
/** {@link IChannelEventHandler} by its TypeScript name. */
export type ChannelEventHandler = IChannelEventHandler;

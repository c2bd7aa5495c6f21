// The event handlers of the C++ surface (docs/spec/api.md §8, §10). Every method is optional. What C++ passes as
// pointer and count is one array here; objects may be kept after the callback. A handler that throws does not disturb
// the others or later events: its error goes to `uncaughtException`, as with an EventEmitter.

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
import type { HISTORY_ERR_CODE } from '../history-codes.js';
import type { RtmChannelAttribute } from './attributes.js';
import type { HistoryMessage } from './history.js';
import type { RtmFileMessage, RtmImageMessage } from './media-message.js';
import type { RtmChannelMember } from './member.js';
import type { RtmMessage } from './message.js';
import type { ChannelMemberCount, MediaOperationProgress, PeerOnlineStatus, RtmAttribute } from './structs.js';

/**
 * What a service reports (docs/spec/api.md §10). All calls come from one queue per thread, in the order of the events.
 */
export interface IRtmServiceEventHandler {
  /** `login` succeeded. Not repeated for automatic reconnects. */
  onLoginSuccess?(): void;
  /** `login` failed or timed out. */
  onLoginFailure?(errorCode: LOGIN_ERR_CODE): void;
  /** Result of `renewToken`; `token` is the one passed. */
  onRenewTokenResult?(token: string, errorCode: RENEW_TOKEN_ERR_CODE): void;
  /** The token in use is out of date (docs/spec/connection.md §5). */
  onTokenExpired?(): void;
  /** The token in use expires in 30 s: call `renewToken`. */
  onTokenPrivilegeWillExpire?(): void;
  /** Result of `logout`. */
  onLogout?(errorCode: LOGOUT_ERR_CODE): void;
  /** Every change of the connection's state (docs/spec/connection.md §1). */
  onConnectionStateChanged?(state: CONNECTION_STATE, reason: CONNECTION_CHANGE_REASON): void;
  /** Result of `sendMessageToPeer` for the message of that id. */
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
   * End of `createFileMessageByUploading`: the message to send, or null. It is the program's own.
   *
   * @deprecated since 1.5.0, supported
   */
  onFileMediaUploadResult?(requestId: number, fileMessage: RtmFileMessage | null, code: UPLOAD_MEDIA_ERR_CODE): void;
  /**
   * End of `createImageMessageByUploading`, likewise.
   *
   * @deprecated since 1.5.0, supported
   */
  onImageMediaUploadResult?(requestId: number, imageMessage: RtmImageMessage | null, code: UPLOAD_MEDIA_ERR_CODE): void;
  /**
   * An upload moves; once a second.
   *
   * @deprecated since 1.5.0, supported
   */
  onMediaUploadingProgress?(requestId: number, progress: MediaOperationProgress): void;
  /**
   * A download moves; once a second.
   *
   * @deprecated since 1.5.0, supported
   */
  onMediaDownloadingProgress?(requestId: number, progress: MediaOperationProgress): void;
  /**
   * End of `downloadMediaToFile`.
   *
   * @deprecated since 1.5.0, supported
   */
  onMediaDownloadToFileResult?(requestId: number, code: DOWNLOAD_MEDIA_ERR_CODE): void;
  /**
   * End of `downloadMediaToMemory`; `memory` is empty on failure, and may be kept. Its length is the C++ parameter
   * `length`.
   *
   * @deprecated since 1.5.0, supported
   */
  onMediaDownloadToMemoryResult?(requestId: number, memory: Buffer, code: DOWNLOAD_MEDIA_ERR_CODE): void;
  /**
   * Result of either cancel; `requestId` is that of the task.
   *
   * @deprecated since 1.5.0, supported
   */
  onMediaCancelResult?(requestId: number, code: CANCEL_MEDIA_ERR_CODE): void;
  /** Result of `queryPeersOnlineStatus`, in the order asked. */
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
  /** First states after subscribing, then changes. */
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
  /** Result of `getChannelMemberCount`: one entry per channel asked for. */
  onGetChannelMemberCountResult?(
    requestId: number,
    channelMemberCounts: ChannelMemberCount[],
    errorCode: GET_CHANNEL_MEMBER_COUNT_ERR_CODE,
  ): void;
  /** Result of `queryHistory`; `total` is before offset and limit. An addition to the 1.5.0 surface. */
  onHistoryQueryResult?(
    requestId: number,
    messages: HistoryMessage[],
    total: number,
    errorCode: HISTORY_ERR_CODE,
  ): void;
}

/** What a channel reports (docs/spec/api.md §8). */
export interface IChannelEventHandler {
  /** Own `join` succeeded. Not repeated for the automatic re-join after a reconnect. */
  onJoinSuccess?(): void;
  /** Own `join` failed. */
  onJoinFailure?(errorCode: JOIN_CHANNEL_ERR): void;
  /** Result of `leave`; unasked with `LEAVE_CHANNEL_ERR_KICKED` when the server removed the user. */
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
  /** Result of `sendMessage` for the message of that id. */
  onSendMessageResult?(messageId: number, state: CHANNEL_MESSAGE_ERR_CODE): void;
  /** Another user joined; silent while the channel has more than 512 members. */
  onMemberJoined?(member: RtmChannelMember): void;
  /** Another user left, logged out or was timed out; silent while the channel has more than 512 members. */
  onMemberLeft?(member: RtmChannelMember): void;
  /** Result of `getMembers`: up to 512 members, oneself among them. */
  onGetMembers?(members: RtmChannelMember[], errorCode: GET_MEMBERS_ERR): void;
  /** The attributes were changed by a call with the notification flag; the complete set. */
  onAttributesUpdated?(attributes: RtmChannelAttribute[]): void;
  /** Number of members, after the own join and when it changes; at most once in 1 s (3 s above 512 members). */
  onMemberCountUpdated?(memberCount: number): void;
}

/** {@link IRtmServiceEventHandler} by its TypeScript name. */
export type RtmServiceEventHandler = IRtmServiceEventHandler;
/** {@link IChannelEventHandler} by its TypeScript name. */
export type ChannelEventHandler = IChannelEventHandler;

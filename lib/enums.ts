/**
 * The enumerations of the C++ surface, with its names and numbers.
 *
 * In the comments of the members, "Return" marks a code that a call returns, and "Callback" a code that its result
 * callback carries. The limits named here are the defaults; a server may set other ones. The C++ side of the same table
 * is `cpp/include/IAgoraRtmService.h` and `IAgoraRtmCallManager.h`; `scripts/check-api.mjs` compares both with
 * `test/fixtures/api-surface.json`.
 */

/** Result of `IRtmService.initialize`; synchronous only. */
export const INIT_ERR_CODE = {
  /** Return: the service is ready for use. */
  INIT_ERR_OK: 0,
  /** Return: any failure that has no code of its own. */
  INIT_ERR_FAILURE: 1,
  /** Return: this instance was initialised before. */
  INIT_ERR_ALREADY_INITIALIZED: 2,
  /** Return: the App ID is null, empty or not 32 hexadecimal characters. */
  INIT_ERR_INVALID_APP_ID: 3,
  /** Return: the event handler is null. */
  INIT_ERR_INVALID_ARGUMENT: 4,
} as const;
export type INIT_ERR_CODE = (typeof INIT_ERR_CODE)[keyof typeof INIT_ERR_CODE];

/** Result of `IRtmService.login`, and the code of `onLoginFailure`. */
export const LOGIN_ERR_CODE = {
  /** Return: the call was accepted; the outcome follows by callback. */
  LOGIN_ERR_OK: 0,
  /** Callback: the login failed for a reason that could not be determined. */
  LOGIN_ERR_UNKNOWN: 1,
  /** Callback: the server refuses this login. */
  LOGIN_ERR_REJECTED: 2,
  /** Return: the user id is null, empty, `null`, over 64 bytes or has a forbidden character. */
  LOGIN_ERR_INVALID_ARGUMENT: 3,
  /** Callback: the server does not know the App ID. */
  LOGIN_ERR_INVALID_APP_ID: 4,
  /** Callback: the token is malformed, missing, wrongly signed, or made for another App ID or user. */
  LOGIN_ERR_INVALID_TOKEN: 5,
  /** Callback: the token has expired. */
  LOGIN_ERR_TOKEN_EXPIRED: 6,
  /** Callback: the token lacks the login privilege, or the user is banned. */
  LOGIN_ERR_NOT_AUTHORIZED: 7,
  /**
   * Return: the service logs in, is logged in or reconnects, or it is in ABORTED for another reason than an expired
   * token.
   */
  LOGIN_ERR_ALREADY_LOGGED_IN: 8,
  /** Callback: no success within the login timeout of 12 s. */
  LOGIN_ERR_TIMEOUT: 9,
  /** Return: more than 2 calls in one second. */
  LOGIN_ERR_TOO_OFTEN: 10,
  /** Return: `initialize` has not succeeded yet. */
  LOGIN_ERR_NOT_INITIALIZED: 101,
} as const;
export type LOGIN_ERR_CODE = (typeof LOGIN_ERR_CODE)[keyof typeof LOGIN_ERR_CODE];

/** Result of `IRtmService.logout` and of `onLogout`. */
export const LOGOUT_ERR_CODE = {
  /** Return: the call was accepted. Callback: the user is logged out. */
  LOGOUT_ERR_OK: 0,
  /** Reserved: no call and no callback uses it. */
  LOGOUT_ERR_REJECTED: 1,
  /** Return: `initialize` has not succeeded yet. */
  LOGOUT_ERR_NOT_INITIALIZED: 101,
  /** Return: `login` has not succeeded yet, or the user has logged out. */
  LOGOUT_ERR_USER_NOT_LOGGED_IN: 102,
} as const;
export type LOGOUT_ERR_CODE = (typeof LOGOUT_ERR_CODE)[keyof typeof LOGOUT_ERR_CODE];

/** Result of `IRtmService.renewToken` and of `onRenewTokenResult`. */
export const RENEW_TOKEN_ERR_CODE = {
  /** Return: the call was accepted. Callback: the server uses the new token. */
  RENEW_TOKEN_ERR_OK: 0,
  /** Callback: any other failure, including a missing answer. */
  RENEW_TOKEN_ERR_FAILURE: 1,
  /** Return: the token is null or empty. */
  RENEW_TOKEN_ERR_INVALID_ARGUMENT: 2,
  /** Reserved: no call and no callback uses it. */
  RENEW_TOKEN_ERR_REJECTED: 3,
  /** Return: more than 2 calls in one second. */
  RENEW_TOKEN_ERR_TOO_OFTEN: 4,
  /** Callback: the new token has expired, too. */
  RENEW_TOKEN_ERR_TOKEN_EXPIRED: 5,
  /** Callback: the new token does not fit this App ID and user. */
  RENEW_TOKEN_ERR_INVALID_TOKEN: 6,
  /** Return: `initialize` has not succeeded yet. */
  RENEW_TOKEN_ERR_NOT_INITIALIZED: 101,
  /** Return: `login` has not succeeded yet, or the user has logged out. */
  RENEW_TOKEN_ERR_USER_NOT_LOGGED_IN: 102,
} as const;
export type RENEW_TOKEN_ERR_CODE = (typeof RENEW_TOKEN_ERR_CODE)[keyof typeof RENEW_TOKEN_ERR_CODE];

/** State of the connection between one service and the server; see `onConnectionStateChanged`. */
export const CONNECTION_STATE = {
  /** Not logged in: the first state, and the one after a failed login or a logout. */
  CONNECTION_STATE_DISCONNECTED: 1,
  /** `login` is under way. */
  CONNECTION_STATE_CONNECTING: 2,
  /** Logged in. */
  CONNECTION_STATE_CONNECTED: 3,
  /** The link has been down for more than 4 s. The service tries to reconnect without end. */
  CONNECTION_STATE_RECONNECTING: 4,
  /**
   * The service has given up: the same user logged in elsewhere, the server banned the user, or the token expired.
   * `logout` ends this state; after an expired token, `login` does, too.
   */
  CONNECTION_STATE_ABORTED: 5,
} as const;
export type CONNECTION_STATE = (typeof CONNECTION_STATE)[keyof typeof CONNECTION_STATE];

/** The reason for a change of the connection state; second argument of `onConnectionStateChanged`. */
export const CONNECTION_CHANGE_REASON = {
  /** CONNECTING: `login` was called. */
  CONNECTION_CHANGE_REASON_LOGIN: 1,
  /** CONNECTED: the login, or an automatic reconnect, succeeded. */
  CONNECTION_CHANGE_REASON_LOGIN_SUCCESS: 2,
  /** DISCONNECTED: the server refused the login. */
  CONNECTION_CHANGE_REASON_LOGIN_FAILURE: 3,
  /** DISCONNECTED: the login timed out. */
  CONNECTION_CHANGE_REASON_LOGIN_TIMEOUT: 4,
  /** RECONNECTING: the link broke and did not come back within 4 s. */
  CONNECTION_CHANGE_REASON_INTERRUPTED: 5,
  /** DISCONNECTED: `logout` was called. */
  CONNECTION_CHANGE_REASON_LOGOUT: 6,
  /** ABORTED: the server banned the user. */
  CONNECTION_CHANGE_REASON_BANNED_BY_SERVER: 7,
  /** ABORTED: another instance logged in with the same user id. */
  CONNECTION_CHANGE_REASON_REMOTE_LOGIN: 8,
  /** ABORTED: the token expired while CONNECTED (since 1.5.0). */
  CONNECTION_CHANGE_REASON_TOKEN_EXPIRED: 9,
} as const;
export type CONNECTION_CHANGE_REASON = (typeof CONNECTION_CHANGE_REASON)[keyof typeof CONNECTION_CHANGE_REASON];

/** Result of `IRtmService.sendMessageToPeer`, and the code of the `onSendMessageResult` of a service. */
export const PEER_MESSAGE_ERR_CODE = {
  /** Return: the call was accepted. Callback: the SDK of the receiver has acknowledged the message. */
  PEER_MESSAGE_ERR_OK: 0,
  /** Callback: any other failure. */
  PEER_MESSAGE_ERR_FAILURE: 1,
  /** Callback: no outcome within 10 s; the message may still arrive. */
  PEER_MESSAGE_ERR_SENT_TIMEOUT: 2,
  /** Callback: the receiver is offline and the message was not flagged for storing. */
  PEER_MESSAGE_ERR_PEER_UNREACHABLE: 3,
  /** Callback, a success: the receiver is offline, and the server has stored the message. */
  PEER_MESSAGE_ERR_CACHED_BY_SERVER: 4,
  /** Return: the common send rate of peer and channel messages (1500 in 3 s) is used up. */
  PEER_MESSAGE_ERR_TOO_OFTEN: 5,
  /** Return: the peer id breaks the rules for user ids. */
  PEER_MESSAGE_ERR_INVALID_USERID: 6,
  /** Return: the message is null or over 32 KB. */
  PEER_MESSAGE_ERR_INVALID_MESSAGE: 7,
  /** Callback: the SDK of the receiver is too old for file or image messages. The C++ header has this spelling. */
  PEER_MESSAGE_ERR_IMCOMPATIBLE_MESSAGE: 8,
  /** Return: `initialize` has not succeeded yet. */
  PEER_MESSAGE_ERR_NOT_INITIALIZED: 101,
  /** Return: `login` has not succeeded yet, or the user has logged out. */
  PEER_MESSAGE_ERR_USER_NOT_LOGGED_IN: 102,
} as const;
export type PEER_MESSAGE_ERR_CODE = (typeof PEER_MESSAGE_ERR_CODE)[keyof typeof PEER_MESSAGE_ERR_CODE];

/** Result of `IChannel.join`, and the code of `onJoinFailure`. */
export const JOIN_CHANNEL_ERR = {
  /** Return: the call was accepted; the outcome follows by callback. */
  JOIN_CHANNEL_ERR_OK: 0,
  /** Callback: any other failure. */
  JOIN_CHANNEL_ERR_FAILURE: 1,
  /** Reserved: no call and no callback uses it. */
  JOIN_CHANNEL_ERR_REJECTED: 2,
  /** Return: the channel id is not valid. */
  JOIN_CHANNEL_ERR_INVALID_ARGUMENT: 3,
  /** Callback: no answer within 5 s. The name in the C++ header has no `_ERR`. */
  JOIN_CHANNEL_TIMEOUT: 4,
  /** Return: the user is in 20 channels already. */
  JOIN_CHANNEL_ERR_EXCEED_LIMIT: 5,
  /** Return: the user is in this channel, or a `join` is under way. */
  JOIN_CHANNEL_ERR_ALREADY_JOINED: 6,
  /** Return: more than 50 joins in 3 s. */
  JOIN_CHANNEL_ERR_TOO_OFTEN: 7,
  /** Return: more than 2 joins of the same channel in 5 s. */
  JOIN_CHANNEL_ERR_JOIN_SAME_CHANNEL_TOO_OFTEN: 8,
  /** Return: `initialize` has not succeeded yet. */
  JOIN_CHANNEL_ERR_NOT_INITIALIZED: 101,
  /** Return: `login` has not succeeded yet, or the user has logged out. */
  JOIN_CHANNEL_ERR_USER_NOT_LOGGED_IN: 102,
} as const;
export type JOIN_CHANNEL_ERR = (typeof JOIN_CHANNEL_ERR)[keyof typeof JOIN_CHANNEL_ERR];

/** Result of `IChannel.leave` and of `onLeave`. */
export const LEAVE_CHANNEL_ERR = {
  /** Return: the call was accepted. Callback: the user has left the channel. */
  LEAVE_CHANNEL_ERR_OK: 0,
  /** Callback: any other failure. */
  LEAVE_CHANNEL_ERR_FAILURE: 1,
  /** Reserved: no call and no callback uses it. */
  LEAVE_CHANNEL_ERR_REJECTED: 2,
  /** Return and callback: the user is no member of this channel. */
  LEAVE_CHANNEL_ERR_NOT_IN_CHANNEL: 3,
  /** Callback, without a call of `leave`: the server removed the user (since 1.5.0). */
  LEAVE_CHANNEL_ERR_KICKED: 4,
  /** Return: `initialize` has not succeeded yet. */
  LEAVE_CHANNEL_ERR_NOT_INITIALIZED: 101,
  /** Return: `login` has not succeeded yet, or the user has logged out. */
  LEAVE_CHANNEL_ERR_USER_NOT_LOGGED_IN: 102,
} as const;
export type LEAVE_CHANNEL_ERR = (typeof LEAVE_CHANNEL_ERR)[keyof typeof LEAVE_CHANNEL_ERR];

/** Exists for source compatibility: no call and no callback uses it. */
export const LEAVE_CHANNEL_REASON = {
  /** The user left by a call of `leave`. */
  LEAVE_CHANNEL_REASON_QUIT: 1,
  /** The server removed the user. */
  LEAVE_CHANNEL_REASON_KICKED: 2,
} as const;
export type LEAVE_CHANNEL_REASON = (typeof LEAVE_CHANNEL_REASON)[keyof typeof LEAVE_CHANNEL_REASON];

/** Result of `IChannel.sendMessage`, and the code of the `onSendMessageResult` of a channel. */
export const CHANNEL_MESSAGE_ERR_CODE = {
  /** Return: the call was accepted. Callback: the server has accepted the message. */
  CHANNEL_MESSAGE_ERR_OK: 0,
  /** Callback: any other failure; for example, the user is no member of the channel. */
  CHANNEL_MESSAGE_ERR_FAILURE: 1,
  /** Callback: no answer from the server within 10 s. */
  CHANNEL_MESSAGE_ERR_SENT_TIMEOUT: 2,
  /** Return: the common send rate of peer and channel messages (1500 in 3 s) is used up. */
  CHANNEL_MESSAGE_ERR_TOO_OFTEN: 3,
  /** Return: the message is null or over 32 KB. */
  CHANNEL_MESSAGE_ERR_INVALID_MESSAGE: 4,
  /** Return: `initialize` has not succeeded yet. */
  CHANNEL_MESSAGE_ERR_NOT_INITIALIZED: 101,
  /** Return: `login` has not succeeded yet, or the user has logged out. */
  CHANNEL_MESSAGE_ERR_USER_NOT_LOGGED_IN: 102,
} as const;
export type CHANNEL_MESSAGE_ERR_CODE = (typeof CHANNEL_MESSAGE_ERR_CODE)[keyof typeof CHANNEL_MESSAGE_ERR_CODE];

/** Result of `IChannel.getMembers` and of `onGetMembers`. */
export const GET_MEMBERS_ERR = {
  /** Return: the call was accepted. Callback: the list of members is in the callback. */
  GET_MEMBERS_ERR_OK: 0,
  /** Callback: any other failure. */
  GET_MEMBERS_ERR_FAILURE: 1,
  /** Reserved: no call and no callback uses it. */
  GET_MEMBERS_ERR_REJECTED: 2,
  /** Callback: no answer within 5 s. */
  GET_MEMBERS_ERR_TIMEOUT: 3,
  /** Return: more than 5 calls in 2 s. */
  GET_MEMBERS_ERR_TOO_OFTEN: 4,
  /** Return and callback: the user is not in the channel. */
  GET_MEMBERS_ERR_NOT_IN_CHANNEL: 5,
  /** Return: `initialize` has not succeeded yet. */
  GET_MEMBERS_ERR_NOT_INITIALIZED: 101,
  /** Return: `login` has not succeeded yet, or the user has logged out. */
  GET_MEMBERS_ERR_USER_NOT_LOGGED_IN: 102,
} as const;
export type GET_MEMBERS_ERR = (typeof GET_MEMBERS_ERR)[keyof typeof GET_MEMBERS_ERR];

/** Result of `IRtmService.queryPeersOnlineStatus` and of `onQueryPeersOnlineStatusResult`. */
export const QUERY_PEERS_ONLINE_STATUS_ERR = {
  /** Return: the call was accepted. Callback: the states are in the callback. */
  QUERY_PEERS_ONLINE_STATUS_ERR_OK: 0,
  /** Callback: any other failure. */
  QUERY_PEERS_ONLINE_STATUS_ERR_FAILURE: 1,
  /** Return: the list is null or empty, has more than 256 entries, or has a bad user id. */
  QUERY_PEERS_ONLINE_STATUS_ERR_INVALID_ARGUMENT: 2,
  /** Reserved: no call and no callback uses it. */
  QUERY_PEERS_ONLINE_STATUS_ERR_REJECTED: 3,
  /** Callback: no answer within 10 s. */
  QUERY_PEERS_ONLINE_STATUS_ERR_TIMEOUT: 4,
  /** Return: more than 100 calls in 5 s. */
  QUERY_PEERS_ONLINE_STATUS_ERR_TOO_OFTEN: 5,
  /** Return: `initialize` has not succeeded yet. */
  QUERY_PEERS_ONLINE_STATUS_ERR_NOT_INITIALIZED: 101,
  /** Return: `login` has not succeeded yet, or the user has logged out. */
  QUERY_PEERS_ONLINE_STATUS_ERR_USER_NOT_LOGGED_IN: 102,
} as const;
export type QUERY_PEERS_ONLINE_STATUS_ERR =
  (typeof QUERY_PEERS_ONLINE_STATUS_ERR)[keyof typeof QUERY_PEERS_ONLINE_STATUS_ERR];

/** Presence of another user; a field of `PeerOnlineStatus`. */
export const PEER_ONLINE_STATE = {
  /** The user is logged in. */
  PEER_ONLINE_STATE_ONLINE: 0,
  /** The user is logged in and has been silent for more than 6 s; only in `onPeersOnlineStatusChanged`. */
  PEER_ONLINE_STATE_UNREACHABLE: 1,
  /** The user has logged out, has never logged in, or has been silent for more than 30 s. */
  PEER_ONLINE_STATE_OFFLINE: 2,
} as const;
export type PEER_ONLINE_STATE = (typeof PEER_ONLINE_STATE)[keyof typeof PEER_ONLINE_STATE];

/** The subject of a subscription; argument of `IRtmService.queryPeersBySubscriptionOption`. */
export const PEER_SUBSCRIPTION_OPTION = {
  /** Presence, the only subject. */
  PEER_SUBSCRIPTION_OPTION_ONLINE_STATUS: 0,
} as const;
export type PEER_SUBSCRIPTION_OPTION = (typeof PEER_SUBSCRIPTION_OPTION)[keyof typeof PEER_SUBSCRIPTION_OPTION];

/**
 * Result of `IRtmService.subscribePeersOnlineStatus`, `unsubscribePeersOnlineStatus` and of
 * `onSubscriptionRequestResult`.
 */
export const PEER_SUBSCRIPTION_STATUS_ERR = {
  /** Return: the call was accepted. Callback: done. A repeated subscription, or a repeated end of one, is no error. */
  PEER_SUBSCRIPTION_STATUS_ERR_OK: 0,
  /** Callback: any other failure. */
  PEER_SUBSCRIPTION_STATUS_ERR_FAILURE: 1,
  /** Return: the list is null or empty, or has a bad user id. */
  PEER_SUBSCRIPTION_STATUS_ERR_INVALID_ARGUMENT: 2,
  /** Reserved: no call and no callback uses it. */
  PEER_SUBSCRIPTION_STATUS_ERR_REJECTED: 3,
  /** Callback: no answer within 10 s. */
  PEER_SUBSCRIPTION_STATUS_ERR_TIMEOUT: 4,
  /** Return: more than 10 calls in 5 s; `subscribe…` and `unsubscribe…` count separately. */
  PEER_SUBSCRIPTION_STATUS_ERR_TOO_OFTEN: 5,
  /** Return and callback: more than 512 users in this call or in total. Nothing has changed. */
  PEER_SUBSCRIPTION_STATUS_ERR_OVERFLOW: 6,
  /** Return: `initialize` has not succeeded yet. */
  PEER_SUBSCRIPTION_STATUS_ERR_NOT_INITIALIZED: 101,
  /** Return: `login` has not succeeded yet, or the user has logged out. */
  PEER_SUBSCRIPTION_STATUS_ERR_USER_NOT_LOGGED_IN: 102,
} as const;
export type PEER_SUBSCRIPTION_STATUS_ERR =
  (typeof PEER_SUBSCRIPTION_STATUS_ERR)[keyof typeof PEER_SUBSCRIPTION_STATUS_ERR];

/**
 * Result of `IRtmService.queryPeersBySubscriptionOption` and of `onQueryPeersBySubscriptionOptionResult`.
 */
export const QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR = {
  /** Return: the call was accepted. Callback: the list of users is in the callback. */
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_OK: 0,
  /** Return and callback: any other failure, including an unknown option. */
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_FAILURE: 1,
  /** Callback: no answer within 5 s. */
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_TIMEOUT: 2,
  /** Return: more than 10 calls in 5 s. */
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_TOO_OFTEN: 3,
  /** Return: `initialize` has not succeeded yet. */
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_NOT_INITIALIZED: 101,
  /** Return: `login` has not succeeded yet, or the user has logged out. */
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_USER_NOT_LOGGED_IN: 102,
} as const;
export type QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR =
  (typeof QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR)[keyof typeof QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR];

/** Result of every call of `IRtmService` for attributes of users and channels, and of their result callbacks. */
export const ATTRIBUTE_OPERATION_ERR = {
  /** Return: the call was accepted. Callback: done. */
  ATTRIBUTE_OPERATION_ERR_OK: 0,
  /**
   * No call and no callback uses it.
   *
   * @deprecated since 1.1.0: see `ATTRIBUTE_OPERATION_ERR_USER_NOT_LOGGED_IN`
   */
  ATTRIBUTE_OPERATION_ERR_NOT_READY: 1,
  /** Callback: any other failure. */
  ATTRIBUTE_OPERATION_ERR_FAILURE: 2,
  /**
   * Return: the list is null or empty, a key is bad (a good key has 1 to 32 bytes of visible characters), a value is
   * empty, or an id is bad.
   */
  ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT: 3,
  /**
   * Return and callback: a value has more than 8 KB, all together have more than 16 KB (user) or 32 KB (channel), or
   * there are more than 32 entries.
   */
  ATTRIBUTE_OPERATION_ERR_SIZE_OVERFLOW: 4,
  /** Return: the rate of this group of calls is used up (writes 100, reads 400 in 5 s). */
  ATTRIBUTE_OPERATION_ERR_TOO_OFTEN: 5,
  /** Callback: the user of these attributes is offline or does not exist. */
  ATTRIBUTE_OPERATION_ERR_USER_NOT_FOUND: 6,
  /** Callback: no answer within 5 s. */
  ATTRIBUTE_OPERATION_ERR_TIMEOUT: 7,
  /** Return: `initialize` has not succeeded yet. */
  ATTRIBUTE_OPERATION_ERR_NOT_INITIALIZED: 101,
  /** Return: `login` has not succeeded yet, or the user has logged out. */
  ATTRIBUTE_OPERATION_ERR_USER_NOT_LOGGED_IN: 102,
} as const;
export type ATTRIBUTE_OPERATION_ERR = (typeof ATTRIBUTE_OPERATION_ERR)[keyof typeof ATTRIBUTE_OPERATION_ERR];

/** Result of `IRtmService.getChannelMemberCount` and of `onGetChannelMemberCountResult`. */
export const GET_CHANNEL_MEMBER_COUNT_ERR_CODE = {
  /** Return: the call was accepted. Callback: the counts are in the callback. */
  GET_CHANNEL_MEMBER_COUNT_ERR_OK: 0,
  /** Callback: any other failure. */
  GET_CHANNEL_MEMBER_COUNT_ERR_FAILURE: 1,
  /** Return: the list is null or empty, or has a bad channel id. */
  GET_CHANNEL_MEMBER_COUNT_ERR_INVALID_ARGUMENT: 2,
  /** Return: more than one call per second. */
  GET_CHANNEL_MEMBER_COUNT_ERR_TOO_OFTEN: 3,
  /** Callback: no answer within 5 s. */
  GET_CHANNEL_MEMBER_COUNT_ERR_TIMEOUT: 4,
  /** Return: more than 32 channels in one call. */
  GET_CHANNEL_MEMBER_COUNT_ERR_EXCEED_LIMIT: 5,
  /** Return: `initialize` has not succeeded yet. */
  GET_CHANNEL_MEMBER_COUNT_ERR_NOT_INITIALIZED: 101,
  /** Return: `login` has not succeeded yet, or the user has logged out. */
  GET_CHANNEL_MEMBER_COUNT_ERR_USER_NOT_LOGGED_IN: 102,
} as const;
export type GET_CHANNEL_MEMBER_COUNT_ERR_CODE =
  (typeof GET_CHANNEL_MEMBER_COUNT_ERR_CODE)[keyof typeof GET_CHANNEL_MEMBER_COUNT_ERR_CODE];

/** Result of `IRtmService.downloadMediaToMemory`, `downloadMediaToFile` and of their result callbacks. */
export const DOWNLOAD_MEDIA_ERR_CODE = {
  /** Return: the call was accepted. Callback: the download is complete. */
  DOWNLOAD_MEDIA_ERR_OK: 0,
  /** Return and callback: any other failure, usually a target that cannot be written. */
  DOWNLOAD_MEDIA_ERR_FAILURE: 1,
  /** Return: the media id is malformed or the path is null. */
  DOWNLOAD_MEDIA_ERR_INVALID_ARGUMENT: 2,
  /** Callback: no byte moved for 120 s. */
  DOWNLOAD_MEDIA_ERR_TIMEOUT: 3,
  /** Callback: the media id is unknown or older than 7 days. */
  DOWNLOAD_MEDIA_ERR_NOT_EXIST: 4,
  /** Return: nine uploads and downloads are running already. */
  DOWNLOAD_MEDIA_ERR_CONCURRENCY_LIMIT_EXCEEDED: 5,
  /** Callback: cancelled by the user, or ended by a logout or the state ABORTED. */
  DOWNLOAD_MEDIA_ERR_INTERRUPTED: 6,
  /** Return: `initialize` has not succeeded yet. */
  DOWNLOAD_MEDIA_ERR_NOT_INITIALIZED: 101,
  /** Return: `login` has not succeeded yet, or the user has logged out. The name in the C++ header has no `USER_`. */
  DOWNLOAD_MEDIA_ERR_NOT_LOGGED_IN: 102,
} as const;
export type DOWNLOAD_MEDIA_ERR_CODE = (typeof DOWNLOAD_MEDIA_ERR_CODE)[keyof typeof DOWNLOAD_MEDIA_ERR_CODE];

/**
 * Result of `IRtmService.createFileMessageByUploading`, `createImageMessageByUploading` and of their result callbacks.
 */
export const UPLOAD_MEDIA_ERR_CODE = {
  /** Return: the call was accepted. Callback: the upload is complete. */
  UPLOAD_MEDIA_ERR_OK: 0,
  /** Return and callback: any other failure, usually a file that is missing or cannot be read. */
  UPLOAD_MEDIA_ERR_FAILURE: 1,
  /** Return: the path is null or empty, or the file has no content. */
  UPLOAD_MEDIA_ERR_INVALID_ARGUMENT: 2,
  /** Callback: no byte moved for 120 s. */
  UPLOAD_MEDIA_ERR_TIMEOUT: 3,
  /** Return and callback: the file is larger than 30 MB. */
  UPLOAD_MEDIA_ERR_SIZE_OVERFLOW: 4,
  /** Return: nine uploads and downloads are running already. */
  UPLOAD_MEDIA_ERR_CONCURRENCY_LIMIT_EXCEEDED: 5,
  /** Callback: cancelled by the user, or ended by a logout or the state ABORTED. */
  UPLOAD_MEDIA_ERR_INTERRUPTED: 6,
  /** Return: `initialize` has not succeeded yet. */
  UPLOAD_MEDIA_ERR_NOT_INITIALIZED: 101,
  /** Return: `login` has not succeeded yet, or the user has logged out. The name in the C++ header has no `USER_`. */
  UPLOAD_MEDIA_ERR_NOT_LOGGED_IN: 102,
} as const;
export type UPLOAD_MEDIA_ERR_CODE = (typeof UPLOAD_MEDIA_ERR_CODE)[keyof typeof UPLOAD_MEDIA_ERR_CODE];

/** Result of `IRtmService.cancelMediaDownload`, `cancelMediaUpload` and of `onMediaCancelResult`. */
export const CANCEL_MEDIA_ERR_CODE = {
  /** Return: the call was accepted. Callback: the task is cancelled. */
  CANCEL_MEDIA_ERR_OK: 0,
  /** Callback: any other failure. */
  CANCEL_MEDIA_ERR_FAILURE: 1,
  /** Return and callback: no upload, or no download, runs under this request id. */
  CANCEL_MEDIA_ERR_NOT_EXIST: 2,
  /** Return: `initialize` has not succeeded yet. */
  CANCEL_MEDIA_ERR_NOT_INITIALIZED: 101,
  /** Return: `login` has not succeeded yet, or the user has logged out. The name in the C++ header has no `USER_`. */
  CANCEL_MEDIA_ERR_NOT_LOGGED_IN: 102,
} as const;
export type CANCEL_MEDIA_ERR_CODE = (typeof CANCEL_MEDIA_ERR_CODE)[keyof typeof CANCEL_MEDIA_ERR_CODE];

/** Kind of a message; see `IMessage.getMessageType`. */
export const MESSAGE_TYPE = {
  /** This version does not know the kind. */
  MESSAGE_TYPE_UNDEFINED: 0,
  /** UTF-8 text. */
  MESSAGE_TYPE_TEXT: 1,
  /** Bytes with an optional text description. */
  MESSAGE_TYPE_RAW: 2,
  /** Reference to an uploaded file. */
  MESSAGE_TYPE_FILE: 3,
  /** Reference to an uploaded image. */
  MESSAGE_TYPE_IMAGE: 4,
} as const;
export type MESSAGE_TYPE = (typeof MESSAGE_TYPE)[keyof typeof MESSAGE_TYPE];

/**
 * The lines that go into the log file; argument of `IRtmService.setLogFilter`. A bit mask: 0x1 info, 0x2 warning, 0x4
 * error, 0x8 critical. Other combinations of these bits are allowed.
 */
export const LOG_FILTER_TYPE = {
  /** Nothing. */
  LOG_FILTER_OFF: 0,
  /** Everything: critical, error, warning and info. */
  LOG_FILTER_INFO: 0x000f,
  /** Critical, error and warning. */
  LOG_FILTER_WARN: 0x000e,
  /** Critical and error. */
  LOG_FILTER_ERROR: 0x000c,
  /** Critical only. */
  LOG_FILTER_CRITICAL: 0x0008,
  /** Reserved. */
  LOG_FILTER_MASK: 0x80f,
} as const;
export type LOG_FILTER_TYPE = (typeof LOG_FILTER_TYPE)[keyof typeof LOG_FILTER_TYPE];

/**
 * Regions of the servers that a service may use; bits to combine into `RtmServiceContext.areaCode`.
 */
export const RTM_AREA_CODE = {
  /** Mainland China. */
  AREA_CODE_CN: 1 << 0,
  /** North America. */
  AREA_CODE_NA: 1 << 1,
  /** Europe. */
  AREA_CODE_EU: 1 << 2,
  /** Asia without mainland China. */
  AREA_CODE_AS: 1 << 3,
  /** Japan. */
  AREA_CODE_JP: 1 << 4,
  /** India. */
  AREA_CODE_IN: 1 << 5,
  /** All regions, the default. The C++ context holds the value as a signed int: -1. */
  AREA_CODE_GLOB: 0xffffffff,
} as const;
export type RTM_AREA_CODE = (typeof RTM_AREA_CODE)[keyof typeof RTM_AREA_CODE];

/** A restriction of the transport of the process; see `RtmServiceContext.proxyType`. */
export const RTM_CLOUD_PROXY_TYPE = {
  /** No proxy, the default. */
  RTM_NONE_PROXY: 0,
  /** TLS over TCP only, no UDP. */
  RTM_TCP_PROXY: 1,
} as const;
export type RTM_CLOUD_PROXY_TYPE = (typeof RTM_CLOUD_PROXY_TYPE)[keyof typeof RTM_CLOUD_PROXY_TYPE];

/** Result of `setRtmServiceContext`; synchronous only. */
export const SET_RTM_SERVICE_CONTEXT_ERR_CODE = {
  /** Return: the context is valid for all services that are created from now on. */
  SET_RTM_SERVICE_CONTEXT_ERR_OK: 0,
  /** Return: a service exists. Nothing has changed. */
  SET_RTM_SERVICE_CONTEXT_ERR_FAILURE: 1,
} as const;
export type SET_RTM_SERVICE_CONTEXT_ERR_CODE =
  (typeof SET_RTM_SERVICE_CONTEXT_ERR_CODE)[keyof typeof SET_RTM_SERVICE_CONTEXT_ERR_CODE];

/** State of an invitation at the caller; see `ILocalCallInvitation.getState`. */
export const LOCAL_INVITATION_STATE = {
  /** Created and not sent. */
  LOCAL_INVITATION_STATE_IDLE: 0,
  /** Sent and not acknowledged yet. */
  LOCAL_INVITATION_STATE_SENT_TO_REMOTE: 1,
  /** Acknowledged by the SDK of the callee. */
  LOCAL_INVITATION_STATE_RECEIVED_BY_REMOTE: 2,
  /** End: the callee accepted. */
  LOCAL_INVITATION_STATE_ACCEPTED_BY_REMOTE: 3,
  /** End: the callee refused. */
  LOCAL_INVITATION_STATE_REFUSED_BY_REMOTE: 4,
  /** End: the caller cancelled. */
  LOCAL_INVITATION_STATE_CANCELED: 5,
  /** End: failed; see `onLocalInvitationFailure`. */
  LOCAL_INVITATION_STATE_FAILURE: 6,
} as const;
export type LOCAL_INVITATION_STATE = (typeof LOCAL_INVITATION_STATE)[keyof typeof LOCAL_INVITATION_STATE];

/** State of an invitation at the callee; see `IRemoteCallInvitation.getState`. */
export const REMOTE_INVITATION_STATE = {
  /** Before the invitation arrived. */
  REMOTE_INVITATION_STATE_IDLE: 0,
  /** Arrived and not answered yet. */
  REMOTE_INVITATION_STATE_INVITATION_RECEIVED: 1,
  /** Accepted; the caller has not acknowledged the acceptance yet. */
  REMOTE_INVITATION_STATE_ACCEPT_SENT_TO_LOCAL: 2,
  /** End: refused. */
  REMOTE_INVITATION_STATE_REFUSED: 3,
  /** End: the caller acknowledged the acceptance. */
  REMOTE_INVITATION_STATE_ACCEPTED: 4,
  /** End: the caller cancelled. */
  REMOTE_INVITATION_STATE_CANCELED: 5,
  /** End: failed; see `onRemoteInvitationFailure`. */
  REMOTE_INVITATION_STATE_FAILURE: 6,
} as const;
export type REMOTE_INVITATION_STATE = (typeof REMOTE_INVITATION_STATE)[keyof typeof REMOTE_INVITATION_STATE];

/** The reason why an invitation failed for the caller; argument of `onLocalInvitationFailure`. */
export const LOCAL_INVITATION_ERR_CODE = {
  /** No failure; no callback carries it. */
  LOCAL_INVITATION_ERR_OK: 0,
  /** Callback: the callee was offline for the whole 30 s after the send. */
  LOCAL_INVITATION_ERR_PEER_OFFLINE: 1,
  /** Callback: the callee is online, but its SDK did not acknowledge the invitation within 30 s. */
  LOCAL_INVITATION_ERR_PEER_NO_RESPONSE: 2,
  /** Callback: the invitation was acknowledged, and then neither side acted for 60 s. */
  LOCAL_INVITATION_ERR_INVITATION_EXPIRE: 3,
  /** Callback: the caller is not logged in. The C++ header has this spelling. */
  LOCAL_INVITATION_ERR_NOT_LOGGEDIN: 4,
} as const;
export type LOCAL_INVITATION_ERR_CODE = (typeof LOCAL_INVITATION_ERR_CODE)[keyof typeof LOCAL_INVITATION_ERR_CODE];

/** The reason why an invitation failed for the callee; argument of `onRemoteInvitationFailure`. */
export const REMOTE_INVITATION_ERR_CODE = {
  /** No failure; no callback carries it. */
  REMOTE_INVITATION_ERR_OK: 0,
  /** Callback: the callee lost its login while the invitation was open. */
  REMOTE_INVITATION_ERR_PEER_OFFLINE: 1,
  /** Callback: the caller did not acknowledge the acceptance in time. */
  REMOTE_INVITATION_ERR_ACCEPT_FAILURE: 2,
  /** Callback: neither side acted for 60 s. */
  REMOTE_INVITATION_ERR_INVITATION_EXPIRE: 3,
} as const;
export type REMOTE_INVITATION_ERR_CODE = (typeof REMOTE_INVITATION_ERR_CODE)[keyof typeof REMOTE_INVITATION_ERR_CODE];

/** Result of the `IRtmCallManager` calls; synchronous only. */
export const INVITATION_API_CALL_ERR_CODE = {
  /** Return: the call was accepted; the outcome follows by callback. */
  INVITATION_API_CALL_ERR_OK: 0,
  /**
   * Return: the invitation is null or belongs to another call manager, the callee id is bad, or the content or response
   * has more than 8 KB.
   */
  INVITATION_API_CALL_ERR_INVALID_ARGUMENT: 1,
  /** Return: a cancel, accept or refuse of an invitation that was never sent. */
  INVITATION_API_CALL_ERR_NOT_STARTED: 2,
  /** Return: the invitation has reached an end state. */
  INVITATION_API_CALL_ERR_ALREADY_END: 3,
  /** Return: the invitation has been accepted already. */
  INVITATION_API_CALL_ERR_ALREADY_ACCEPT: 4,
  /** Return: the invitation has been sent already. */
  INVITATION_API_CALL_ERR_ALREADY_SENT: 5,
} as const;
export type INVITATION_API_CALL_ERR_CODE =
  (typeof INVITATION_API_CALL_ERR_CODE)[keyof typeof INVITATION_API_CALL_ERR_CODE];

/// @file
/// Drop-in surface of the RTM 1.5.0 Linux C++ SDK: messages, channels, presence, attributes, media. The call invitation
/// is in IAgoraRtmCallManager.h. Needs C++11.
///
/// The order of the virtual functions, the numbers of the enumerators and the C linkage of the free functions are the
/// contract with programs that were built against the original headers: nothing here may move, not even a misspelled
/// name. scripts/check-api.mjs compares this file with test/fixtures/api-surface.json.
///
/// These rules hold for every entry (docs/spec/api.md §2); the comment of an entry says where it differs:
///  - Calls. A call that needs the server returns at once. 0 means that the call was accepted: exactly one result
///    callback follows. Any other value is a positive number of the error enum named for the call: no callback follows.
///    101 means that `initialize` has not succeeded, 102 that `login` has not.
///  - Request ids. `requestId` is written before a call returns 0, is unique within the instance, and comes back in the
///    result callback.
///  - Threads. Methods may be called from any thread and from callbacks. All callbacks of one service (its handlers,
///    the handlers of its channels and of its call manager) run one after another, never two at a time. A slow callback
///    delays the callbacks behind it, and the queue of waiting callbacks is bounded.
///  - Strings are UTF-8 and end with NUL. Arguments are copied during the call. What a getter returns lives as long as
///    its object; what a callback is given lives until the callback returns, unless its comment hands it over.
///  - Objects are freed by `release()`, never by `delete`. Handlers belong to the caller and must outlive the object
///    they are registered with.
///  - Limits named here are the limits of the default profile; a server may set others. KB is 1024 bytes
///    (docs/spec/limits.md). User and channel ids are 1 to 64 bytes of letters, digits, space and most ASCII
///    punctuation, and never `null`.
#pragma once

#include <cstdint>

/// Linkage of the free functions: exported, under their unmangled names (docs/spec/api.md §1). An application that
/// includes another SDK with the same macros keeps the definitions it met first.
#ifndef AGORA_API
#define AGORA_API extern "C" __attribute__((visibility("default")))
#endif
/// Calling convention: the platform's own.
#ifndef AGORA_CALL
#define AGORA_CALL
#endif
/// Export of C++ symbols.
#ifndef _AGORA_CPP_API
#define _AGORA_CPP_API __attribute__((visibility("default")))
#endif

/// Beginning of a text peer message that the Signaling SDK takes for its end-call: this prefix, `_`, the channel id,
/// `_`, then anything without an underscore. To RTM it is ordinary text (docs/spec/semantics.md §2).
#ifndef AGORA_RTM_ENDCALL_PREFIX
#define AGORA_RTM_ENDCALL_PREFIX "AgoraRTMLegacyEndcallCompatibleMessagePrefix"
#endif

namespace agora {
namespace rtm {

class IRtmCallManager;
class IRtmCallEventHandler;

// Enumerations (docs/spec/enums.md). In the members' comments "Return" marks what a call can return, "Callback" what
// its result callback can carry.

/// Result of `IRtmService::initialize`; synchronous only (docs/spec/enums.md).
enum INIT_ERR_CODE {
  /// Return: the service is ready for use.
  INIT_ERR_OK = 0,
  /// Return: the instance has been released.
  INIT_ERR_FAILURE = 1,
  /// Return: this instance was initialised before.
  INIT_ERR_ALREADY_INITIALIZED = 2,
  /// Return: the App ID is null, empty or not 32 hexadecimal characters.
  INIT_ERR_INVALID_APP_ID = 3,
  /// Return: the event handler is null.
  INIT_ERR_INVALID_ARGUMENT = 4,
};

/// Result of `IRtmService::login` and of `onLoginFailure` (docs/spec/enums.md).
enum LOGIN_ERR_CODE {
  /// Return: the call was accepted; the outcome follows by callback.
  LOGIN_ERR_OK = 0,
  /// Callback: the login failed for a reason that could not be determined.
  LOGIN_ERR_UNKNOWN = 1,
  /// Callback: the server refuses this login.
  LOGIN_ERR_REJECTED = 2,
  /// Return: the user id is null, empty, `null`, over 64 bytes or has a forbidden character.
  LOGIN_ERR_INVALID_ARGUMENT = 3,
  /// Callback: the server does not know the App ID.
  LOGIN_ERR_INVALID_APP_ID = 4,
  /// Callback: the token is malformed, missing, wrongly signed, or made for another App ID or user.
  LOGIN_ERR_INVALID_TOKEN = 5,
  /// Callback: the life of the token is over.
  LOGIN_ERR_TOKEN_EXPIRED = 6,
  /// Callback: the token lacks the login privilege, or the user is barred.
  LOGIN_ERR_NOT_AUTHORIZED = 7,
  /// Return: logging in, logged in, reconnecting, or aborted for another reason than token expiry.
  LOGIN_ERR_ALREADY_LOGGED_IN = 8,
  /// Callback: no success within the login timeout of 12 s.
  LOGIN_ERR_TIMEOUT = 9,
  /// Return: more than 2 calls in one second.
  LOGIN_ERR_TOO_OFTEN = 10,
  /// Return: `initialize` has not succeeded yet.
  LOGIN_ERR_NOT_INITIALIZED = 101,
};

/// Result of `IRtmService::logout` and of `onLogout` (docs/spec/enums.md).
enum LOGOUT_ERR_CODE {
  /// Return and callback: accepted; logged out.
  LOGOUT_ERR_OK = 0,
  /// Never produced: reserved.
  LOGOUT_ERR_REJECTED = 1,
  /// Return: `initialize` has not succeeded yet.
  LOGOUT_ERR_NOT_INITIALIZED = 101,
  /// Return: `login` has not succeeded yet, or the user has logged out.
  LOGOUT_ERR_USER_NOT_LOGGED_IN = 102,
};

/// Result of `IRtmService::renewToken` and of `onRenewTokenResult` (docs/spec/enums.md).
enum RENEW_TOKEN_ERR_CODE {
  /// Return and callback: accepted; the server uses the new token.
  RENEW_TOKEN_ERR_OK = 0,
  /// Callback: any other failure, a missing answer included.
  RENEW_TOKEN_ERR_FAILURE = 1,
  /// Return: the token is null or empty.
  RENEW_TOKEN_ERR_INVALID_ARGUMENT = 2,
  /// Never produced: reserved.
  RENEW_TOKEN_ERR_REJECTED = 3,
  /// Return: more than 2 calls in one second.
  RENEW_TOKEN_ERR_TOO_OFTEN = 4,
  /// Callback: the new token is itself out of date.
  RENEW_TOKEN_ERR_TOKEN_EXPIRED = 5,
  /// Callback: the new token does not fit this App ID and user.
  RENEW_TOKEN_ERR_INVALID_TOKEN = 6,
  /// Return: `initialize` has not succeeded yet.
  RENEW_TOKEN_ERR_NOT_INITIALIZED = 101,
  /// Return: `login` has not succeeded yet, or the user has logged out.
  RENEW_TOKEN_ERR_USER_NOT_LOGGED_IN = 102,
};

/// State of the link between one service instance and the server; see `onConnectionStateChanged` (docs/spec/enums.md).
enum CONNECTION_STATE {
  /// Not logged in: the state at first, after a failed login and after a logout.
  CONNECTION_STATE_DISCONNECTED = 1,
  /// `login` is under way.
  CONNECTION_STATE_CONNECTING = 2,
  /// Logged in.
  CONNECTION_STATE_CONNECTED = 3,
  /// The link has been down for more than 4 s; retried without end.
  CONNECTION_STATE_RECONNECTING = 4,
  /// The SDK has given up: the same user logged in elsewhere, was banned, or the token expired. `logout` leads out;
  /// after an expiry `login` does too.
  CONNECTION_STATE_ABORTED = 5,
};

/// Why the connection state changed; second argument of `onConnectionStateChanged` (docs/spec/enums.md).
enum CONNECTION_CHANGE_REASON {
  /// CONNECTING: `login` was called.
  CONNECTION_CHANGE_REASON_LOGIN = 1,
  /// CONNECTED: the login, or an automatic reconnect, succeeded.
  CONNECTION_CHANGE_REASON_LOGIN_SUCCESS = 2,
  /// DISCONNECTED: the server refused the login.
  CONNECTION_CHANGE_REASON_LOGIN_FAILURE = 3,
  /// DISCONNECTED: the login timed out.
  CONNECTION_CHANGE_REASON_LOGIN_TIMEOUT = 4,
  /// RECONNECTING: the link broke and did not come back within 4 s.
  CONNECTION_CHANGE_REASON_INTERRUPTED = 5,
  /// DISCONNECTED: `logout` was called.
  CONNECTION_CHANGE_REASON_LOGOUT = 6,
  /// ABORTED: the server banned the user.
  CONNECTION_CHANGE_REASON_BANNED_BY_SERVER = 7,
  /// ABORTED: another instance logged in with the same user id.
  CONNECTION_CHANGE_REASON_REMOTE_LOGIN = 8,
  /// ABORTED: the token ran out while CONNECTED (since 1.5.0).
  CONNECTION_CHANGE_REASON_TOKEN_EXPIRED = 9,
};

/// Result of `IRtmService::sendMessageToPeer` and of the service's `onSendMessageResult` (docs/spec/enums.md).
enum PEER_MESSAGE_ERR_CODE {
  /// Return and callback: accepted; the SDK of the receiver has acknowledged the message.
  PEER_MESSAGE_ERR_OK = 0,
  /// Callback: any other failure.
  PEER_MESSAGE_ERR_FAILURE = 1,
  /// Callback: no outcome within 10 s; the message may still arrive.
  PEER_MESSAGE_ERR_SENT_TIMEOUT = 2,
  /// Callback: the receiver is offline and the message was not flagged for storing.
  PEER_MESSAGE_ERR_PEER_UNREACHABLE = 3,
  /// Callback, a success: the receiver is offline and the server stored the message.
  PEER_MESSAGE_ERR_CACHED_BY_SERVER = 4,
  /// Return: the common send rate of peer and channel messages (1500 in 3 s) is used up.
  PEER_MESSAGE_ERR_TOO_OFTEN = 5,
  /// Return: the peer id breaks the rules for user ids.
  PEER_MESSAGE_ERR_INVALID_USERID = 6,
  /// Return: the message is null or over 32 KB.
  PEER_MESSAGE_ERR_INVALID_MESSAGE = 7,
  /// Callback: the SDK of the receiver is too old for file or image messages. (Spelled so.)
  PEER_MESSAGE_ERR_IMCOMPATIBLE_MESSAGE = 8,
  /// Return: `initialize` has not succeeded yet.
  PEER_MESSAGE_ERR_NOT_INITIALIZED = 101,
  /// Return: `login` has not succeeded yet, or the user has logged out.
  PEER_MESSAGE_ERR_USER_NOT_LOGGED_IN = 102,
};

/// Result of `IChannel::join` and of `onJoinFailure` (docs/spec/enums.md).
enum JOIN_CHANNEL_ERR {
  /// Return: the call was accepted; the outcome follows by callback.
  JOIN_CHANNEL_ERR_OK = 0,
  /// Callback: any other failure.
  JOIN_CHANNEL_ERR_FAILURE = 1,
  /// Never produced: reserved.
  JOIN_CHANNEL_ERR_REJECTED = 2,
  /// Return: the channel id is not valid.
  JOIN_CHANNEL_ERR_INVALID_ARGUMENT = 3,
  /// Callback: no answer within 5 s. (The name has no `_ERR`.)
  JOIN_CHANNEL_TIMEOUT = 4,
  /// Return: 20 channels are joined already.
  JOIN_CHANNEL_ERR_EXCEED_LIMIT = 5,
  /// Return: this channel is joined, or being joined.
  JOIN_CHANNEL_ERR_ALREADY_JOINED = 6,
  /// Return: more than 50 joins in 3 s.
  JOIN_CHANNEL_ERR_TOO_OFTEN = 7,
  /// Return: more than 2 joins of the same channel in 5 s.
  JOIN_CHANNEL_ERR_JOIN_SAME_CHANNEL_TOO_OFTEN = 8,
  /// Return: `initialize` has not succeeded yet.
  JOIN_CHANNEL_ERR_NOT_INITIALIZED = 101,
  /// Return: `login` has not succeeded yet, or the user has logged out.
  JOIN_CHANNEL_ERR_USER_NOT_LOGGED_IN = 102,
};

/// Result of `IChannel::leave` and of `onLeave` (docs/spec/enums.md).
enum LEAVE_CHANNEL_ERR {
  /// Return and callback: accepted; left.
  LEAVE_CHANNEL_ERR_OK = 0,
  /// Callback: any other failure.
  LEAVE_CHANNEL_ERR_FAILURE = 1,
  /// Never produced: reserved.
  LEAVE_CHANNEL_ERR_REJECTED = 2,
  /// Return and callback: the user is no member of this channel.
  LEAVE_CHANNEL_ERR_NOT_IN_CHANNEL = 3,
  /// Callback, without a call of `leave`: the server removed the user (since 1.5.0).
  LEAVE_CHANNEL_ERR_KICKED = 4,
  /// Return: `initialize` has not succeeded yet.
  LEAVE_CHANNEL_ERR_NOT_INITIALIZED = 101,
  /// Return: `login` has not succeeded yet, or the user has logged out.
  LEAVE_CHANNEL_ERR_USER_NOT_LOGGED_IN = 102,
};

/// Kept for source compatibility: no call and no callback uses it (docs/spec/enums.md).
enum LEAVE_CHANNEL_REASON {
  /// The user left of its own accord.
  LEAVE_CHANNEL_REASON_QUIT = 1,
  /// The server removed the user.
  LEAVE_CHANNEL_REASON_KICKED = 2,
};

/// Result of `IChannel::sendMessage` and of the channel's `onSendMessageResult` (docs/spec/enums.md).
enum CHANNEL_MESSAGE_ERR_CODE {
  /// Return and callback: accepted; the server has received the message.
  CHANNEL_MESSAGE_ERR_OK = 0,
  /// Callback: any other failure, sending without being a member included.
  CHANNEL_MESSAGE_ERR_FAILURE = 1,
  /// Callback: no answer of the server within 10 s.
  CHANNEL_MESSAGE_ERR_SENT_TIMEOUT = 2,
  /// Return: the common send rate of peer and channel messages (1500 in 3 s) is used up.
  CHANNEL_MESSAGE_ERR_TOO_OFTEN = 3,
  /// Return: the message is null or over 32 KB.
  CHANNEL_MESSAGE_ERR_INVALID_MESSAGE = 4,
  /// Return: `initialize` has not succeeded yet.
  CHANNEL_MESSAGE_ERR_NOT_INITIALIZED = 101,
  /// Return: `login` has not succeeded yet, or the user has logged out.
  CHANNEL_MESSAGE_ERR_USER_NOT_LOGGED_IN = 102,
};

/// Result of `IChannel::getMembers` and of `onGetMembers` (docs/spec/enums.md).
enum GET_MEMBERS_ERR {
  /// Return and callback: accepted; the list is in the callback.
  GET_MEMBERS_ERR_OK = 0,
  /// Callback: any other failure.
  GET_MEMBERS_ERR_FAILURE = 1,
  /// Never produced: reserved.
  GET_MEMBERS_ERR_REJECTED = 2,
  /// Callback: no answer within 5 s.
  GET_MEMBERS_ERR_TIMEOUT = 3,
  /// Return: more than 5 calls in 2 s.
  GET_MEMBERS_ERR_TOO_OFTEN = 4,
  /// Return and callback: the channel is not joined.
  GET_MEMBERS_ERR_NOT_IN_CHANNEL = 5,
  /// Return: `initialize` has not succeeded yet.
  GET_MEMBERS_ERR_NOT_INITIALIZED = 101,
  /// Return: `login` has not succeeded yet, or the user has logged out.
  GET_MEMBERS_ERR_USER_NOT_LOGGED_IN = 102,
};

/// Result of `IRtmService::queryPeersOnlineStatus` and of `onQueryPeersOnlineStatusResult` (docs/spec/enums.md).
enum QUERY_PEERS_ONLINE_STATUS_ERR {
  /// Return and callback: accepted; the states are in the callback.
  QUERY_PEERS_ONLINE_STATUS_ERR_OK = 0,
  /// Callback: any other failure.
  QUERY_PEERS_ONLINE_STATUS_ERR_FAILURE = 1,
  /// Return: the list is null, empty, over 256 entries, or has a bad user id.
  QUERY_PEERS_ONLINE_STATUS_ERR_INVALID_ARGUMENT = 2,
  /// Never produced: reserved.
  QUERY_PEERS_ONLINE_STATUS_ERR_REJECTED = 3,
  /// Callback: no answer within 10 s.
  QUERY_PEERS_ONLINE_STATUS_ERR_TIMEOUT = 4,
  /// Return: more than 100 calls in 5 s.
  QUERY_PEERS_ONLINE_STATUS_ERR_TOO_OFTEN = 5,
  /// Return: `initialize` has not succeeded yet.
  QUERY_PEERS_ONLINE_STATUS_ERR_NOT_INITIALIZED = 101,
  /// Return: `login` has not succeeded yet, or the user has logged out.
  QUERY_PEERS_ONLINE_STATUS_ERR_USER_NOT_LOGGED_IN = 102,
};

/// Presence of another user; member of `PeerOnlineStatus` (docs/spec/enums.md).
enum PEER_ONLINE_STATE {
  /// The user is logged in.
  PEER_ONLINE_STATE_ONLINE = 0,
  /// Logged in but silent for more than 6 s; only in `onPeersOnlineStatusChanged`.
  PEER_ONLINE_STATE_UNREACHABLE = 1,
  /// Logged out, never logged in, or silent for more than 30 s.
  PEER_ONLINE_STATE_OFFLINE = 2,
};

/// What a subscription covers; argument of `IRtmService::queryPeersBySubscriptionOption` (docs/spec/enums.md).
enum PEER_SUBSCRIPTION_OPTION {
  /// Presence, the only thing that can be subscribed to.
  PEER_SUBSCRIPTION_OPTION_ONLINE_STATUS = 0,
};

/// Result of `IRtmService::subscribePeersOnlineStatus`, `unsubscribePeersOnlineStatus` and of
/// `onSubscriptionRequestResult` (docs/spec/enums.md).
enum PEER_SUBSCRIPTION_STATUS_ERR {
  /// Return and callback: accepted; done. Repeating a subscription or its end is no error.
  PEER_SUBSCRIPTION_STATUS_ERR_OK = 0,
  /// Callback: any other failure.
  PEER_SUBSCRIPTION_STATUS_ERR_FAILURE = 1,
  /// Return: the list is null or empty, or has a bad user id.
  PEER_SUBSCRIPTION_STATUS_ERR_INVALID_ARGUMENT = 2,
  /// Never produced: reserved.
  PEER_SUBSCRIPTION_STATUS_ERR_REJECTED = 3,
  /// Callback: no answer within 10 s.
  PEER_SUBSCRIPTION_STATUS_ERR_TIMEOUT = 4,
  /// Return: more than 10 calls in 5 s, subscribing and unsubscribing counted apart.
  PEER_SUBSCRIPTION_STATUS_ERR_TOO_OFTEN = 5,
  /// Return and callback: more than 512 users in this call or in total; nothing changed.
  PEER_SUBSCRIPTION_STATUS_ERR_OVERFLOW = 6,
  /// Return: `initialize` has not succeeded yet.
  PEER_SUBSCRIPTION_STATUS_ERR_NOT_INITIALIZED = 101,
  /// Return: `login` has not succeeded yet, or the user has logged out.
  PEER_SUBSCRIPTION_STATUS_ERR_USER_NOT_LOGGED_IN = 102,
};

/// Result of `IRtmService::queryPeersBySubscriptionOption` and of `onQueryPeersBySubscriptionOptionResult`
/// (docs/spec/enums.md).
enum QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR {
  /// Return and callback: accepted; the list is in the callback.
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_OK = 0,
  /// Return and callback: any other failure, an unknown option included.
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_FAILURE = 1,
  /// Callback: no answer within 5 s.
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_TIMEOUT = 2,
  /// Return: more than 10 calls in 5 s.
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_TOO_OFTEN = 3,
  /// Return: `initialize` has not succeeded yet.
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_NOT_INITIALIZED = 101,
  /// Return: `login` has not succeeded yet, or the user has logged out.
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_USER_NOT_LOGGED_IN = 102,
};

/// Result of every user- and channel-attribute call of `IRtmService` and of their result callbacks
/// (docs/spec/enums.md).
enum ATTRIBUTE_OPERATION_ERR {
  /// Return and callback: accepted; done.
  ATTRIBUTE_OPERATION_ERR_OK = 0,
  /// Never produced: deprecated in 1.1.0 in favour of `ATTRIBUTE_OPERATION_ERR_USER_NOT_LOGGED_IN`.
  ATTRIBUTE_OPERATION_ERR_NOT_READY = 1,
  /// Callback: any other failure.
  ATTRIBUTE_OPERATION_ERR_FAILURE = 2,
  /// Return: null or empty list, bad key (1 to 32 visible bytes), empty value, or bad id.
  ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT = 3,
  /// Return and callback: value over 8 KB, total over 16 KB (user) or 32 KB (channel), or over 32 entries.
  ATTRIBUTE_OPERATION_ERR_SIZE_OVERFLOW = 4,
  /// Return: the rate of this group of calls is used up (writes 100, reads 400 in 5 s).
  ATTRIBUTE_OPERATION_ERR_TOO_OFTEN = 5,
  /// Callback: the user whose attributes were asked for is offline or does not exist.
  ATTRIBUTE_OPERATION_ERR_USER_NOT_FOUND = 6,
  /// Callback: no answer within 5 s.
  ATTRIBUTE_OPERATION_ERR_TIMEOUT = 7,
  /// Return: `initialize` has not succeeded yet.
  ATTRIBUTE_OPERATION_ERR_NOT_INITIALIZED = 101,
  /// Return: `login` has not succeeded yet, or the user has logged out.
  ATTRIBUTE_OPERATION_ERR_USER_NOT_LOGGED_IN = 102,
};

/// Result of `IRtmService::getChannelMemberCount` and of `onGetChannelMemberCountResult` (docs/spec/enums.md).
enum GET_CHANNEL_MEMBER_COUNT_ERR_CODE {
  /// Return and callback: accepted; the counts are in the callback.
  GET_CHANNEL_MEMBER_COUNT_ERR_OK = 0,
  /// Callback: any other failure.
  GET_CHANNEL_MEMBER_COUNT_ERR_FAILURE = 1,
  /// Return: the list is null or empty, or has a bad channel id.
  GET_CHANNEL_MEMBER_COUNT_ERR_INVALID_ARGUMENT = 2,
  /// Return: more than one call per second.
  GET_CHANNEL_MEMBER_COUNT_ERR_TOO_OFTEN = 3,
  /// Callback: no answer within 5 s.
  GET_CHANNEL_MEMBER_COUNT_ERR_TIMEOUT = 4,
  /// Return: more than 32 channels in one call.
  GET_CHANNEL_MEMBER_COUNT_ERR_EXCEED_LIMIT = 5,
  /// Return: `initialize` has not succeeded yet.
  GET_CHANNEL_MEMBER_COUNT_ERR_NOT_INITIALIZED = 101,
  /// Return: `login` has not succeeded yet, or the user has logged out.
  GET_CHANNEL_MEMBER_COUNT_ERR_USER_NOT_LOGGED_IN = 102,
};

/// Result of `IRtmService::downloadMediaToMemory`, `downloadMediaToFile` and of their result callbacks
/// (docs/spec/enums.md).
enum DOWNLOAD_MEDIA_ERR_CODE {
  /// Return and callback: accepted; the download is complete.
  DOWNLOAD_MEDIA_ERR_OK = 0,
  /// Return and callback: any other failure, typically a target that cannot be written.
  DOWNLOAD_MEDIA_ERR_FAILURE = 1,
  /// Return: the media id is malformed or the path is null.
  DOWNLOAD_MEDIA_ERR_INVALID_ARGUMENT = 2,
  /// Callback: no byte moved for 120 s.
  DOWNLOAD_MEDIA_ERR_TIMEOUT = 3,
  /// Callback: the media id is unknown, or older than 7 days.
  DOWNLOAD_MEDIA_ERR_NOT_EXIST = 4,
  /// Return: nine uploads and downloads are running already.
  DOWNLOAD_MEDIA_ERR_CONCURRENCY_LIMIT_EXCEEDED = 5,
  /// Callback: cancelled by the user, or ended by a logout or the state ABORTED.
  DOWNLOAD_MEDIA_ERR_INTERRUPTED = 6,
  /// Return: `initialize` has not succeeded yet.
  DOWNLOAD_MEDIA_ERR_NOT_INITIALIZED = 101,
  /// Return: `login` has not succeeded yet, or the user has logged out. (No `USER_` in the name.)
  DOWNLOAD_MEDIA_ERR_NOT_LOGGED_IN = 102,
};

/// Result of `IRtmService::createFileMessageByUploading`, `createImageMessageByUploading` and of their result callbacks
/// (docs/spec/enums.md).
enum UPLOAD_MEDIA_ERR_CODE {
  /// Return and callback: accepted; the upload is complete.
  UPLOAD_MEDIA_ERR_OK = 0,
  /// Return and callback: any other failure, typically a missing or unreadable file.
  UPLOAD_MEDIA_ERR_FAILURE = 1,
  /// Return: the path is null or empty, or the file has no content.
  UPLOAD_MEDIA_ERR_INVALID_ARGUMENT = 2,
  /// Callback: no byte moved for 120 s.
  UPLOAD_MEDIA_ERR_TIMEOUT = 3,
  /// Return and callback: the file is larger than 30 MB.
  UPLOAD_MEDIA_ERR_SIZE_OVERFLOW = 4,
  /// Return: nine uploads and downloads are running already.
  UPLOAD_MEDIA_ERR_CONCURRENCY_LIMIT_EXCEEDED = 5,
  /// Callback: cancelled by the user, or ended by a logout or the state ABORTED.
  UPLOAD_MEDIA_ERR_INTERRUPTED = 6,
  /// Return: `initialize` has not succeeded yet.
  UPLOAD_MEDIA_ERR_NOT_INITIALIZED = 101,
  /// Return: `login` has not succeeded yet, or the user has logged out. (No `USER_` in the name.)
  UPLOAD_MEDIA_ERR_NOT_LOGGED_IN = 102,
};

/// Result of `IRtmService::cancelMediaDownload`, `cancelMediaUpload` and of `onMediaCancelResult` (docs/spec/enums.md).
enum CANCEL_MEDIA_ERR_CODE {
  /// Return and callback: accepted; the task is cancelled.
  CANCEL_MEDIA_ERR_OK = 0,
  /// Callback: any other failure.
  CANCEL_MEDIA_ERR_FAILURE = 1,
  /// Return and callback: no task of this direction runs under that request id.
  CANCEL_MEDIA_ERR_NOT_EXIST = 2,
  /// Return: `initialize` has not succeeded yet.
  CANCEL_MEDIA_ERR_NOT_INITIALIZED = 101,
  /// Return: `login` has not succeeded yet, or the user has logged out. (No `USER_` in the name.)
  CANCEL_MEDIA_ERR_NOT_LOGGED_IN = 102,
};

/// Kind of a message; see `IMessage::getMessageType` (docs/spec/enums.md).
enum MESSAGE_TYPE {
  /// Not known to this version.
  MESSAGE_TYPE_UNDEFINED = 0,
  /// UTF-8 text.
  MESSAGE_TYPE_TEXT = 1,
  /// Bytes with an optional text description.
  MESSAGE_TYPE_RAW = 2,
  /// Reference to an uploaded file.
  MESSAGE_TYPE_FILE = 3,
  /// Reference to an uploaded image.
  MESSAGE_TYPE_IMAGE = 4,
};

/// What goes into the log file; argument of `IRtmService::setLogFilter`. A bit mask: 0x1 info, 0x2 warning, 0x4 error,
/// 0x8 critical; other combinations of these bits are allowed (docs/spec/enums.md).
enum LOG_FILTER_TYPE {
  /// Nothing.
  LOG_FILTER_OFF = 0,
  /// Everything: critical, error, warning and info.
  LOG_FILTER_INFO = 0x000f,
  /// Critical, error and warning.
  LOG_FILTER_WARN = 0x000e,
  /// Critical and error.
  LOG_FILTER_ERROR = 0x000c,
  /// Critical only.
  LOG_FILTER_CRITICAL = 0x0008,
  /// Reserved.
  LOG_FILTER_MASK = 0x80f,
};

#ifndef AGORA_SDK_BOTH_RTM_AND_RTC
/// Regions of servers an instance may connect to; bits to be combined into `RtmServiceContext::areaCode`
/// (docs/spec/enums.md).
///
/// Left out if the application defines AGORA_SDK_BOTH_RTM_AND_RTC before the include, because the RTC SDK has an enum
/// with the same enumerators.
enum RTM_AREA_CODE {
  /// Mainland China.
  AREA_CODE_CN = 1 << 0,
  /// North America.
  AREA_CODE_NA = 1 << 1,
  /// Europe.
  AREA_CODE_EU = 1 << 2,
  /// Asia without mainland China.
  AREA_CODE_AS = 1 << 3,
  /// Japan.
  AREA_CODE_JP = 1 << 4,
  /// India.
  AREA_CODE_IN = 1 << 5,
  /// Everywhere, the default; stored in the `int` of the context it reads -1.
  AREA_CODE_GLOB = 0xFFFFFFFF,
};
#endif

/// Transport restriction of the process; see `RtmServiceContext::proxyType` (docs/spec/enums.md).
enum RTM_CLOUD_PROXY_TYPE {
  /// No proxy, the default.
  RTM_NONE_PROXY = 0,
  /// TLS over TCP only, no UDP.
  RTM_TCP_PROXY = 1,
};

/// Result of `setRtmServiceContext`; synchronous only (docs/spec/enums.md).
enum SET_RTM_SERVICE_CONTEXT_ERR_CODE {
  /// Return: the context holds for all instances created from now on.
  SET_RTM_SERVICE_CONTEXT_ERR_OK = 0,
  /// Return: a service instance exists; nothing changed.
  SET_RTM_SERVICE_CONTEXT_ERR_FAILURE = 1,
};

// Structs (docs/spec/api.md §4).

/// How to send one message (docs/spec/api.md §4, semantics.md §2).
struct SendMessageOptions {
  /// Store the message for up to 7 days if the receiver is offline. Peer messages only. Deprecated in 1.5.0, honoured.
  bool enableOfflineMessaging;
  /// Keep a text message for 7 days for the server's history queries. Deprecated in 1.5.0, honoured.
  bool enableHistoricalMessaging;
  /// Both are off.
  SendMessageOptions() : enableOfflineMessaging(false), enableHistoricalMessaging(false) {}
};

/// One attribute of a user (docs/spec/api.md §4). In a call the caller owns the strings, in a callback the SDK does.
struct RtmAttribute {
  /// 1 to 32 bytes of visible characters.
  const char* key;
  /// 1 byte to 8 KB.
  const char* value;
};

/// Progress of an upload or download (docs/spec/api.md §4).
struct MediaOperationProgress {
  /// Size of the whole object in bytes.
  long long totalSize;
  /// Bytes moved so far.
  long long currentSize;
};

/// Options of one call that changes channel attributes (docs/spec/api.md §4).
struct ChannelAttributeOptions {
  /// Send `IChannelEventHandler::onAttributesUpdated` to the members of the channel.
  bool enableNotificationToChannelMembers;
  /// It is off.
  ChannelAttributeOptions() : enableNotificationToChannelMembers(false) {}
};

/// Presence of one user (docs/spec/api.md §4, semantics.md §6).
struct PeerOnlineStatus {
  /// The user.
  const char* peerId;
  /// True only for `PEER_ONLINE_STATE_ONLINE`. Deprecated in 1.2.0: read `onlineState`.
  bool isOnline;
  /// The state; never UNREACHABLE in the result of a query.
  PEER_ONLINE_STATE onlineState;
};

/// Number of members of one channel (docs/spec/api.md §4).
struct ChannelMemberCount {
  /// The channel.
  const char* channelId;
  /// Its members; 0 if it is empty or unknown.
  int count;
};

/// Settings of the whole process, for `setRtmServiceContext` (docs/spec/api.md §4, connection.md §6).
struct RtmServiceContext {
  /// Regions to connect to: `RTM_AREA_CODE` values combined by OR. The initial value is `AREA_CODE_GLOB` as an int,
  /// written as a number so that it is the same with and without AGORA_SDK_BOTH_RTM_AND_RTC.
  int areaCode = -1;
  /// Transport restriction.
  RTM_CLOUD_PROXY_TYPE proxyType = RTM_NONE_PROXY;
};

/// A message of any kind (docs/spec/api.md §5). `IRtmService::createMessage` makes one, and the caller owns it. The
/// send call copies the message, so the caller may release it right after the call. A message in a receive callback
/// belongs to the SDK and is read-only. Two threads must not change one object at the same time.
class IMessage {
 protected:
  virtual ~IMessage() {}

 public:
  /// Id of the message, fixed at its creation and repeated in `onSendMessageResult`; unique (docs/spec/api.md §5.1).
  virtual long long getMessageId() const = 0;

  /// Kind of the message (docs/spec/api.md §5.2).
  virtual MESSAGE_TYPE getMessageType() const = 0;

  /// Sets the text of a text message, the description of a raw one, the text content of a file or image message. Up to
  /// 32 KB, for a raw message together with its data; the size is checked when sending (docs/spec/api.md §5.3).
  virtual void setText(const char* str) = 0;

  /// Text or description; never null (docs/spec/api.md §5.4).
  virtual const char* getText() const = 0;

  /// First byte of the payload of a raw message, which may contain NUL; null for other kinds (docs/spec/api.md §5.5).
  virtual const char* getRawMessageData() const = 0;

  /// Size of the payload of a raw message in bytes; 0 for other kinds (docs/spec/api.md §5.6).
  virtual int getRawMessageLength() const = 0;

  /// When the server got the message, in ms since 1970 UTC; 0 before it is sent. For display: the order of messages is
  /// the order of the callbacks (docs/spec/api.md §5.7).
  virtual long long getServerReceivedTs() const = 0;

  /// True for a received peer message that the server had stored because the user was offline (docs/spec/api.md §5.8).
  virtual bool isOfflineMessage() const = 0;

  /// Frees a message that the user owns (docs/spec/api.md §2, §5.9).
  virtual void release() = 0;
};

/// Message that refers to an uploaded file (docs/spec/api.md §5). Text, file name and thumbnail together up to 32 KB,
/// checked when sending. The destructor is implicitly public, as in the original headers; free the object with
/// `release()` all the same.
class IFileMessage : public IMessage {
 public:
  /// Size of the uploaded file in bytes; may be 0 for a message made from a media id (docs/spec/api.md §5.10).
  virtual long long getSize() const = 0;

  /// Id of the uploaded file, valid for 7 days from the upload (docs/spec/api.md §5.11).
  virtual const char* getMediaId() const = 0;

  /// Sets a thumbnail of `length` bytes; copied. The SDK never makes one (docs/spec/api.md §5.12).
  virtual void setThumbnail(const uint8_t* thumbnail, int length) = 0;

  /// First byte of the thumbnail (docs/spec/api.md §5.13).
  virtual const char* getThumbnailData() const = 0;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-qualifiers"  // the `const` is part of the original signature
  /// Size of the thumbnail in bytes; an override repeats the `const` (docs/spec/api.md §5.14).
  virtual const long long getThumbnailLength() const = 0;
#pragma GCC diagnostic pop

  /// Sets the name to show (docs/spec/api.md §5.15).
  virtual void setFileName(const char* fileName) = 0;

  /// Name to show (docs/spec/api.md §5.16).
  virtual const char* getFileName() const = 0;
};

/// Message that refers to an uploaded image (docs/spec/api.md §5). Limits and destructor as with `IFileMessage`.
class IImageMessage : public IMessage {
 public:
  /// Size of the uploaded image in bytes; may be 0 for a message made from a media id (docs/spec/api.md §5.10).
  virtual long long getSize() const = 0;

  /// Id of the uploaded image, valid for 7 days from the upload (docs/spec/api.md §5.11).
  virtual const char* getMediaId() const = 0;

  /// Sets a thumbnail of `length` bytes (a `long long` here, an `int` in `IFileMessage`); copied
  /// (docs/spec/api.md §5.12).
  virtual void setThumbnail(const uint8_t* thumbnail, long long length) = 0;

  /// First byte of the thumbnail (docs/spec/api.md §5.13).
  virtual const char* getThumbnailData() const = 0;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-qualifiers"  // the `const` is part of the original signature
  /// Size of the thumbnail in bytes; an override repeats the `const` (docs/spec/api.md §5.14).
  virtual const long long getThumbnailLength() const = 0;
#pragma GCC diagnostic pop

  /// Sets the name to show (docs/spec/api.md §5.15).
  virtual void setFileName(const char* fileName) = 0;

  /// Name to show (docs/spec/api.md §5.16).
  virtual const char* getFileName() const = 0;

  /// Sets the width in pixels; the image itself is not scaled (docs/spec/api.md §5.17).
  virtual void setWidth(int width) = 0;

  /// Width in pixels: read from JPEG, BMP and PNG files at upload, else 0 until set (docs/spec/api.md §5.18).
  virtual int getWidth() const = 0;

  /// Sets the height in pixels; the image itself is not scaled (docs/spec/api.md §5.19).
  virtual void setHeight(int height) = 0;

  /// Height in pixels, found like the width (docs/spec/api.md §5.20).
  virtual int getHeight() const = 0;

  /// Sets the width of the thumbnail in pixels (docs/spec/api.md §5.21).
  virtual void setThumbnailWidth(int width) = 0;

  /// Width of the thumbnail in pixels as set; never computed (docs/spec/api.md §5.22).
  virtual int getThumbnailWidth() const = 0;

  /// Sets the height of the thumbnail in pixels (docs/spec/api.md §5.23).
  virtual void setThumbnailHeight(int height) = 0;

  /// Height of the thumbnail in pixels as set; never computed (docs/spec/api.md §5.24).
  virtual int getThumbnailHeight() const = 0;
};

/// One attribute of a channel (docs/spec/api.md §6). `IRtmService::createChannelAttribute` makes one, and the caller
/// owns it. An attribute in a callback belongs to the SDK. Two threads must not change one object at the same time.
class IRtmChannelAttribute {
 protected:
  virtual ~IRtmChannelAttribute() {}

 public:
  /// Sets the key, 1 to 32 bytes of visible characters; checked when written to the channel (docs/spec/api.md §6.1).
  virtual void setKey(const char* key) = 0;

  /// The key (docs/spec/api.md §6.2).
  virtual const char* getKey() const = 0;

  /// Sets the value, 1 byte to 8 KB; checked when written to the channel (docs/spec/api.md §6.3).
  virtual void setValue(const char* value) = 0;

  /// The value (docs/spec/api.md §6.4).
  virtual const char* getValue() const = 0;

  /// The user who wrote this key last; the server fills it in (docs/spec/api.md §6.5).
  virtual const char* getLastUpdateUserId() const = 0;

  /// Time of the last write of this key, in ms since 1970 UTC; the server fills it in (docs/spec/api.md §6.6).
  virtual long long getLastUpdateTs() const = 0;

  /// Frees an attribute that the user made (docs/spec/api.md §6.7).
  virtual void release() = 0;
};

/// A member of a channel, handed to callbacks of that channel. It belongs to the SDK and is valid until the callback
/// returns (docs/spec/api.md §7).
class IChannelMember {
 protected:
  virtual ~IChannelMember() {}

 public:
  /// The user (docs/spec/api.md §7.1).
  virtual const char* getUserId() const = 0;

  /// The channel (docs/spec/api.md §7.2).
  virtual const char* getChannelId() const = 0;

  /// Has no effect: the SDK frees the object (docs/spec/api.md §2, §7.3).
  virtual void release() = 0;
};

/// Events of one channel (docs/spec/api.md §8). Derive from this class and override the events you need; the bodies
/// here do nothing. Called on the callback thread of the service; every pointer is valid until the callback returns.
class IChannelEventHandler {
 public:
  virtual ~IChannelEventHandler() {}

  /// `join` succeeded. Not called for the silent re-join after a reconnect (docs/spec/api.md §8.1).
  virtual void onJoinSuccess() {}

  /// `join` failed (docs/spec/api.md §8.2).
  virtual void onJoinFailure(JOIN_CHANNEL_ERR errorCode) { (void)errorCode; }

  /// Result of `leave`. Without a call of `leave`: the server removed the user (`LEAVE_CHANNEL_ERR_KICKED`)
  /// (docs/spec/api.md §8.3).
  virtual void onLeave(LEAVE_CHANNEL_ERR errorCode) { (void)errorCode; }

  /// A text or raw message of another member (docs/spec/api.md §8.4).
  virtual void onMessageReceived(const char* userId, const IMessage* message) {
    (void)userId;
    (void)message;
  }

  /// An image message of another member. Deprecated in 1.5.0, supported (docs/spec/api.md §8.5).
  virtual void onImageMessageReceived(const char* userId, const IImageMessage* message) {
    (void)userId;
    (void)message;
  }

  /// A file message of another member. Deprecated in 1.5.0, supported (docs/spec/api.md §8.6).
  virtual void onFileMessageReceived(const char* userId, const IFileMessage* message) {
    (void)userId;
    (void)message;
  }

  /// Result of `sendMessage` for the message with this id (docs/spec/api.md §8.7).
  virtual void onSendMessageResult(long long messageId, CHANNEL_MESSAGE_ERR_CODE state) {
    (void)messageId;
    (void)state;
  }

  /// Another user joined. Not called while the channel has more than 512 members (docs/spec/api.md §8.8).
  virtual void onMemberJoined(IChannelMember* member) { (void)member; }

  /// Another user left, logged out, or was silent for 30 s. Not called while the channel has more than 512 members
  /// (docs/spec/api.md §8.9).
  virtual void onMemberLeft(IChannelMember* member) { (void)member; }

  /// Result of `getMembers`: `userCount` members, at most 512 (docs/spec/api.md §8.10).
  virtual void onGetMembers(IChannelMember** members, int userCount, GET_MEMBERS_ERR errorCode) {
    (void)members;
    (void)userCount;
    (void)errorCode;
  }

  /// A user changed the attributes with the notification on. Carries all attributes of the channel, not only the
  /// changed ones (docs/spec/api.md §8.11, semantics.md §4).
  virtual void onAttributesUpdated(const IRtmChannelAttribute* attributes[], int numberOfAttributes) {
    (void)attributes;
    (void)numberOfAttributes;
  }

  /// Number of members, after a join of this user and changes: at most once a second up to 512 members, at most once in
  /// 3 s above (docs/spec/api.md §8.12).
  virtual void onMemberCountUpdated(int memberCount) { (void)memberCount; }
};

/// One channel of one service (docs/spec/api.md §9). `IRtmService::createChannel` makes one. The caller owns it and
/// releases it before the service.
class IChannel {
 protected:
  virtual ~IChannel() {}

 public:
  /// Joins the channel. Returns 0 or a `JOIN_CHANNEL_ERR`; then `onJoinSuccess` or `onJoinFailure`. At most 20 channels
  /// at a time; 50 joins in 3 s, 2 of the same channel in 5 s; 5 s timeout (docs/spec/api.md §9.1).
  virtual int join() = 0;

  /// Leaves the channel. Returns 0 or a `LEAVE_CHANNEL_ERR`; then `onLeave` (docs/spec/api.md §9.2).
  virtual int leave() = 0;

  /// Sends with the default options. Deprecated in 1.3.0: use the overload with options (docs/spec/api.md §9.3).
  virtual int sendMessage(const IMessage* message) = 0;

  /// Sends to all other members; the sender gets no copy. Returns 0 or a `CHANNEL_MESSAGE_ERR_CODE`; then
  /// `IChannelEventHandler::onSendMessageResult` within 10 s. Up to 32 KB; 1500 sends in 3 s, shared with
  /// `IRtmService::sendMessageToPeer` (docs/spec/api.md §9.4).
  virtual int sendMessage(const IMessage* message, const SendMessageOptions& options) = 0;

  /// Id of the channel (docs/spec/api.md §9.5).
  virtual const char* getId() const = 0;

  /// Asks for the members, including this user. Returns 0 or a `GET_MEMBERS_ERR`; then `onGetMembers` with at most
  /// 512, chosen at random if there are more. 5 calls in 2 s; 5 s timeout (docs/spec/api.md §9.6).
  virtual int getMembers() = 0;

  /// Leaves if joined and frees the object; synchronous, no callback of this channel afterwards. May be called inside a
  /// callback of this channel (docs/spec/api.md §2, §9.7).
  virtual void release() = 0;
};

/// Events of one service (docs/spec/api.md §10). Derive from this class and override the events you need; the bodies
/// here do nothing. Called on the callback thread of the service; pointers are valid until the callback returns unless
/// said otherwise.
class IRtmServiceEventHandler {
 public:
  virtual ~IRtmServiceEventHandler() {}

  /// `login` succeeded. Not called for automatic reconnects (docs/spec/api.md §10.1).
  virtual void onLoginSuccess() {}

  /// `login` failed or timed out; the state is DISCONNECTED again (docs/spec/api.md §10.2).
  virtual void onLoginFailure(LOGIN_ERR_CODE errorCode) { (void)errorCode; }

  /// Result of `renewToken` for the token passed there (docs/spec/api.md §10.3).
  virtual void onRenewTokenResult(const char* token, RENEW_TOKEN_ERR_CODE errorCode) {
    (void)token;
    (void)errorCode;
  }

  /// The token expired. While CONNECTED the state becomes ABORTED; while RECONNECTING `renewToken` revives the session
  /// (docs/spec/api.md §10.4, connection.md §5).
  virtual void onTokenExpired() {}

  /// The token in use expires in 30 s; once per token. Call `renewToken` now (docs/spec/api.md §10.5).
  virtual void onTokenPrivilegeWillExpire() {}

  /// Result of `logout` (docs/spec/api.md §10.6).
  virtual void onLogout(LOGOUT_ERR_CODE errorCode) { (void)errorCode; }

  /// The connection state changed (docs/spec/api.md §10.7, connection.md §1).
  virtual void onConnectionStateChanged(CONNECTION_STATE state, CONNECTION_CHANGE_REASON reason) {
    (void)state;
    (void)reason;
  }

  /// Result of `sendMessageToPeer` for the message with this id (docs/spec/api.md §10.8).
  virtual void onSendMessageResult(long long messageId, PEER_MESSAGE_ERR_CODE errorCode) {
    (void)messageId;
    (void)errorCode;
  }

  /// A text or raw message from a peer (docs/spec/api.md §10.9).
  virtual void onMessageReceivedFromPeer(const char* peerId, const IMessage* message) {
    (void)peerId;
    (void)message;
  }

  /// An image message from a peer. Deprecated in 1.5.0, supported (docs/spec/api.md §10.10).
  virtual void onImageMessageReceivedFromPeer(const char* peerId, const IImageMessage* message) {
    (void)peerId;
    (void)message;
  }

  /// A file message from a peer. Deprecated in 1.5.0, supported (docs/spec/api.md §10.11).
  virtual void onFileMessageReceivedFromPeer(const char* peerId, const IFileMessage* message) {
    (void)peerId;
    (void)message;
  }

  /// Progress of an upload: at its start, once a second while bytes move, and when all bytes have moved. Deprecated in
  /// 1.5.0, supported (docs/spec/api.md §10.12).
  virtual void onMediaUploadingProgress(long long requestId, const MediaOperationProgress& progress) {
    (void)requestId;
    (void)progress;
  }

  /// Progress of a download: at its start, once a second while bytes move, and when all bytes have moved. Deprecated in
  /// 1.5.0, supported (docs/spec/api.md §10.13).
  virtual void onMediaDownloadingProgress(long long requestId, const MediaOperationProgress& progress) {
    (void)requestId;
    (void)progress;
  }

  /// End of `createFileMessageByUploading`. On success the caller owns `fileMessage`, sends it and releases it; on
  /// error it is null (docs/spec/api.md §2, §10.14).
  virtual void onFileMediaUploadResult(long long requestId, IFileMessage* fileMessage, UPLOAD_MEDIA_ERR_CODE code) {
    (void)requestId;
    (void)fileMessage;
    (void)code;
  }

  /// End of `createImageMessageByUploading`. On success the caller owns `imageMessage`, sends it and releases it; on
  /// error it is null (docs/spec/api.md §2, §10.15).
  virtual void onImageMediaUploadResult(long long requestId, IImageMessage* imageMessage, UPLOAD_MEDIA_ERR_CODE code) {
    (void)requestId;
    (void)imageMessage;
    (void)code;
  }

  /// End of `downloadMediaToFile` (docs/spec/api.md §10.16).
  virtual void onMediaDownloadToFileResult(long long requestId, DOWNLOAD_MEDIA_ERR_CODE code) {
    (void)requestId;
    (void)code;
  }

  /// End of `downloadMediaToMemory`: `length` bytes at `memory`, freed right after the callback
  /// (docs/spec/api.md §10.17).
  virtual void onMediaDownloadToMemoryResult(long long requestId, const char* memory, long long length,
                                             DOWNLOAD_MEDIA_ERR_CODE code) {
    (void)requestId;
    (void)memory;
    (void)length;
    (void)code;
  }

  /// Result of `cancelMediaDownload` or `cancelMediaUpload`; `requestId` is the id of the task. The task's own result
  /// callback comes as well, with its INTERRUPTED code (docs/spec/api.md §10.18).
  virtual void onMediaCancelResult(long long requestId, CANCEL_MEDIA_ERR_CODE code) {
    (void)requestId;
    (void)code;
  }

  /// Result of `queryPeersOnlineStatus`: one entry for each id asked for (docs/spec/api.md §10.19).
  virtual void onQueryPeersOnlineStatusResult(long long requestId, const PeerOnlineStatus* peersStatus, int peerCount,
                                              QUERY_PEERS_ONLINE_STATUS_ERR errorCode) {
    (void)requestId;
    (void)peersStatus;
    (void)peerCount;
    (void)errorCode;
  }

  /// Result of `subscribePeersOnlineStatus` and of `unsubscribePeersOnlineStatus` (docs/spec/api.md §10.20).
  virtual void onSubscriptionRequestResult(long long requestId, PEER_SUBSCRIPTION_STATUS_ERR errorCode) {
    (void)requestId;
    (void)errorCode;
  }

  /// Result of `queryPeersBySubscriptionOption`: the users subscribed to (docs/spec/api.md §10.21).
  virtual void onQueryPeersBySubscriptionOptionResult(long long requestId, const char* peerIds[], int peerCount,
                                                      QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR errorCode) {
    (void)requestId;
    (void)peerIds;
    (void)peerCount;
    (void)errorCode;
  }

  /// First the present states of the users of a new subscription, later the changed states (docs/spec/api.md §10.22).
  virtual void onPeersOnlineStatusChanged(const PeerOnlineStatus peersStatus[], int peerCount) {
    (void)peersStatus;
    (void)peerCount;
  }

  /// Result of `setLocalUserAttributes` (docs/spec/api.md §10.23).
  virtual void onSetLocalUserAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR errorCode) {
    (void)requestId;
    (void)errorCode;
  }

  /// Result of `addOrUpdateLocalUserAttributes` (docs/spec/api.md §10.24).
  virtual void onAddOrUpdateLocalUserAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR errorCode) {
    (void)requestId;
    (void)errorCode;
  }

  /// Result of `deleteLocalUserAttributesByKeys` (docs/spec/api.md §10.25).
  virtual void onDeleteLocalUserAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR errorCode) {
    (void)requestId;
    (void)errorCode;
  }

  /// Result of `clearLocalUserAttributes` (docs/spec/api.md §10.26).
  virtual void onClearLocalUserAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR errorCode) {
    (void)requestId;
    (void)errorCode;
  }

  /// Result of `getUserAttributes` and `getUserAttributesByKeys` (docs/spec/api.md §10.27).
  virtual void onGetUserAttributesResult(long long requestId, const char* userId, const RtmAttribute* attributes,
                                         int numberOfAttributes, ATTRIBUTE_OPERATION_ERR errorCode) {
    (void)requestId;
    (void)userId;
    (void)attributes;
    (void)numberOfAttributes;
    (void)errorCode;
  }

  /// Result of `setChannelAttributes` (docs/spec/api.md §10.28).
  virtual void onSetChannelAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR errorCode) {
    (void)requestId;
    (void)errorCode;
  }

  /// Result of `addOrUpdateChannelAttributes` (docs/spec/api.md §10.29).
  virtual void onAddOrUpdateChannelAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR errorCode) {
    (void)requestId;
    (void)errorCode;
  }

  /// Result of `deleteChannelAttributesByKeys` (docs/spec/api.md §10.30).
  virtual void onDeleteChannelAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR errorCode) {
    (void)requestId;
    (void)errorCode;
  }

  /// Result of `clearChannelAttributes` (docs/spec/api.md §10.31).
  virtual void onClearChannelAttributesResult(long long requestId, ATTRIBUTE_OPERATION_ERR errorCode) {
    (void)requestId;
    (void)errorCode;
  }

  /// Result of `getChannelAttributes` and `getChannelAttributesByKeys` (docs/spec/api.md §10.32).
  virtual void onGetChannelAttributesResult(long long requestId, const IRtmChannelAttribute* attributes[],
                                            int numberOfAttributes, ATTRIBUTE_OPERATION_ERR errorCode) {
    (void)requestId;
    (void)attributes;
    (void)numberOfAttributes;
    (void)errorCode;
  }

  /// Result of `getChannelMemberCount`: one entry for each channel asked for (docs/spec/api.md §10.33).
  virtual void onGetChannelMemberCountResult(long long requestId, const ChannelMemberCount* channelMemberCounts,
                                             int channelCount, GET_CHANNEL_MEMBER_COUNT_ERR_CODE errorCode) {
    (void)requestId;
    (void)channelMemberCounts;
    (void)channelCount;
    (void)errorCode;
  }
};

/// One user's connection (docs/spec/api.md §11). `createRtmService` makes one, and the caller owns it. A process may
/// have any number of services, each with its own login, limits and order of callbacks. Every call needs a successful
/// `login` (else it returns 102) unless its comment says otherwise.
class IRtmService {
 protected:
  virtual ~IRtmService() {}

 public:
  /// Prepares the instance; once, synchronous. Returns an `INIT_ERR_CODE`. `appId` is 32 hexadecimal characters
  /// (docs/spec/api.md §11.1).
  virtual int initialize(const char* appId, IRtmServiceEventHandler* eventHandler) = 0;

  /// Registers one more handler; every event goes to all, in the order of registration. Synchronous, needs
  /// `initialize`; adding one twice has no effect (docs/spec/api.md §11.2).
  virtual void addEventHandler(IRtmServiceEventHandler* eventHandler) = 0;

  /// Removes a handler; no event reaches it after the return. Synchronous, needs `initialize` (docs/spec/api.md §11.3).
  virtual void removeEventHandler(IRtmServiceEventHandler* eventHandler) = 0;

  /// Ends the instance: logs out, drops channels, tasks and the call manager, frees the object. With `sync` the call
  /// returns when the last callback has ended; without `sync` it may return earlier. Works before `initialize`
  /// (docs/spec/api.md §11.4).
  virtual void release(bool sync = false) = 0;

  /// Logs in. Returns 0 or a `LOGIN_ERR_CODE`; then `onLoginSuccess` or `onLoginFailure` within 12 s. 2 calls a second.
  /// `token` may be null, empty or the App ID only where the server runs without a certificate. A login of the same
  /// user elsewhere ends. Needs `initialize` (docs/spec/api.md §11.5, connection.md §1).
  virtual int login(const char* token, const char* userId) = 0;

  /// Logs out; other users see it at once. Returns 0 or a `LOGOUT_ERR_CODE`; then `onLogout`. Works in RECONNECTING,
  /// and leads out of ABORTED (docs/spec/api.md §11.6).
  virtual int logout() = 0;

  /// Replaces the token in use. Returns 0 or a `RENEW_TOKEN_ERR_CODE`; then `onRenewTokenResult`. 2 calls a second
  /// (docs/spec/api.md §11.7).
  virtual int renewToken(const char* token) = 0;

  /// Sends with the default options. Deprecated in 1.1.0: use the overload with options (docs/spec/api.md §11.8).
  virtual int sendMessageToPeer(const char* peerId, const IMessage* message) = 0;

  /// Downloads into memory. Returns 0 or a `DOWNLOAD_MEDIA_ERR_CODE`; then `onMediaDownloadToMemoryResult`. Nine up-
  /// and downloads at a time; ends after 120 s without a byte. Deprecated in 1.5.0, supported (docs/spec/api.md §11.9).
  virtual int downloadMediaToMemory(const char* mediaId, long long& requestId) = 0;

  /// Downloads into the file with this full path. Returns 0 or a `DOWNLOAD_MEDIA_ERR_CODE`; then
  /// `onMediaDownloadToFileResult`. Limits as above. Deprecated in 1.5.0, supported (docs/spec/api.md §11.10).
  virtual int downloadMediaToFile(const char* mediaId, const char* filePath, long long& requestId) = 0;

  /// Stops a running download. Returns 0 or a `CANCEL_MEDIA_ERR_CODE`; then `onMediaCancelResult`, and the download
  /// ends with INTERRUPTED. Deprecated in 1.5.0, supported (docs/spec/api.md §11.11).
  virtual int cancelMediaDownload(long long requestId) = 0;

  /// Stops a running upload. Returns 0 or a `CANCEL_MEDIA_ERR_CODE`; then `onMediaCancelResult`, and the upload ends
  /// with INTERRUPTED. Deprecated in 1.5.0, supported (docs/spec/api.md §11.12).
  virtual int cancelMediaUpload(long long requestId) = 0;

  /// Sends a message to one user. Returns 0 or a `PEER_MESSAGE_ERR_CODE`; then
  /// `IRtmServiceEventHandler::onSendMessageResult` within 10 s. Up to 32 KB; 1500 sends in 3 s, shared with
  /// `IChannel::sendMessage` (docs/spec/api.md §11.13, semantics.md §2).
  virtual int sendMessageToPeer(const char* peerId, const IMessage* message, const SendMessageOptions& options) = 0;

  /// Makes the local object of a channel, before or after `login`, without the network. For an id in use it returns the
  /// existing object. Null for a bad id or before `initialize`. The caller owns the result (docs/spec/api.md §11.14).
  virtual IChannel* createChannel(const char* channelId, IChannelEventHandler* eventHandler) = 0;

  /// Returns the call manager of this service, one per service; null before `initialize`. The caller releases it before
  /// the service (docs/spec/api.md §11.15).
  virtual IRtmCallManager* getRtmCallManager(IRtmCallEventHandler* eventHandler) = 0;

  /// Makes an empty text message. The caller owns it. Works before `initialize`. Null on failure, as with all factories
  /// here (docs/spec/api.md §11.16).
  virtual IMessage* createMessage() = 0;

  /// Makes a text message. The caller owns it (docs/spec/api.md §11.17).
  virtual IMessage* createMessage(const char* message) = 0;

  /// Makes a raw message of `length` bytes, which are copied. The caller owns it (docs/spec/api.md §11.18).
  virtual IMessage* createMessage(const uint8_t* rawData, int length) = 0;

  /// Makes a raw message with a description, which may be empty. The caller owns it (docs/spec/api.md §11.19).
  virtual IMessage* createMessage(const uint8_t* rawData, int length, const char* description) = 0;

  /// Makes a file message of a file uploaded before; synchronous, without the server. Null for a bad id or without a
  /// login. The caller owns it. Deprecated in 1.5.0, supported (docs/spec/api.md §11.20).
  virtual IFileMessage* createFileMessageByMediaId(const char* mediaId) = 0;

  /// Makes an image message of an image uploaded before; synchronous, without the server. Null for a bad id or without
  /// a login. The caller owns it. Deprecated in 1.5.0, supported (docs/spec/api.md §11.21).
  virtual IImageMessage* createImageMessageByMediaId(const char* mediaId) = 0;

  /// Uploads a file of 1 byte to 30 MB. Returns 0 or an `UPLOAD_MEDIA_ERR_CODE`; then `onFileMediaUploadResult`. Nine
  /// up- and downloads at a time; ends after 120 s without a byte. Deprecated in 1.5.0, supported
  /// (docs/spec/api.md §11.22).
  virtual int createFileMessageByUploading(const char* filePath, long long& requestId) = 0;

  /// Uploads an image of 1 byte to 30 MB. Returns 0 or an `UPLOAD_MEDIA_ERR_CODE`; then `onImageMediaUploadResult`.
  /// Limits as for files. Deprecated in 1.5.0, supported (docs/spec/api.md §11.23).
  virtual int createImageMessageByUploading(const char* filePath, long long& requestId) = 0;

  /// Makes an empty channel attribute. The caller owns it. Works before `initialize` (docs/spec/api.md §11.24).
  virtual IRtmChannelAttribute* createChannelAttribute() = 0;

  /// Sets options of this library by a JSON text; unknown keys are accepted. Synchronous; returns 0, or a negative
  /// value if the text is not JSON or a known key has a wrong value. Works before `initialize`
  /// (docs/spec/api.md §11.25).
  virtual int setParameters(const char* parameters) = 0;

  /// Asks whether users are online, up to 256. Returns 0 or a `QUERY_PEERS_ONLINE_STATUS_ERR`; then
  /// `onQueryPeersOnlineStatusResult` within 10 s. 100 calls in 5 s (docs/spec/api.md §11.26).
  virtual int queryPeersOnlineStatus(const char* peerIds[], int peerCount, long long& requestId) = 0;

  /// Subscribes to the presence of users, up to 512 per call and in total, until `logout`. Returns 0 or a
  /// `PEER_SUBSCRIPTION_STATUS_ERR`; then `onSubscriptionRequestResult` and `onPeersOnlineStatusChanged`. 10 calls in 5
  /// s; 10 s timeout (docs/spec/api.md §11.27).
  virtual int subscribePeersOnlineStatus(const char* peerIds[], int peerCount, long long& requestId) = 0;

  /// Ends subscriptions to the presence of users. Returns 0 or a `PEER_SUBSCRIPTION_STATUS_ERR`; then
  /// `onSubscriptionRequestResult`. 10 calls in 5 s; 10 s timeout (docs/spec/api.md §11.28).
  virtual int unsubscribePeersOnlineStatus(const char* peerIds[], int peerCount, long long& requestId) = 0;

  /// Asks for the users this service has subscribed to. Returns 0 or a `QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR`; then
  /// `onQueryPeersBySubscriptionOptionResult` within 5 s. 10 calls in 5 s (docs/spec/api.md §11.29).
  virtual int queryPeersBySubscriptionOption(PEER_SUBSCRIPTION_OPTION option, long long& requestId) = 0;

  /// Replaces all attributes of the local user: up to 32, 16 KB in total. Returns 0 or an `ATTRIBUTE_OPERATION_ERR`;
  /// then `onSetLocalUserAttributesResult`. All attribute calls have a timeout of 5 s. In 5 s, user attributes allow
  /// 100 writes and 400 reads, channel attributes the same (docs/spec/api.md §11.30, semantics.md §5).
  virtual int setLocalUserAttributes(const RtmAttribute* attributes, int numberOfAttributes, long long& requestId) = 0;

  /// Adds or changes the named attributes and keeps the others. Returns 0 or an `ATTRIBUTE_OPERATION_ERR`; then
  /// `onAddOrUpdateLocalUserAttributesResult` (docs/spec/api.md §11.31).
  virtual int addOrUpdateLocalUserAttributes(const RtmAttribute* attributes, int numberOfAttributes,
                                             long long& requestId) = 0;

  /// Deletes the named attributes; unknown keys are no error. Returns 0 or an `ATTRIBUTE_OPERATION_ERR`; then
  /// `onDeleteLocalUserAttributesResult` (docs/spec/api.md §11.32).
  virtual int deleteLocalUserAttributesByKeys(const char* attributeKeys[], int numberOfKeys, long long& requestId) = 0;

  /// Deletes all attributes of the local user. Returns 0 or an `ATTRIBUTE_OPERATION_ERR`; then
  /// `onClearLocalUserAttributesResult` (docs/spec/api.md §11.33).
  virtual int clearLocalUserAttributes(long long& requestId) = 0;

  /// Asks for all attributes of a user who is online; this user is allowed. Returns 0 or an
  /// `ATTRIBUTE_OPERATION_ERR`; then `onGetUserAttributesResult` (docs/spec/api.md §11.34).
  virtual int getUserAttributes(const char* userId, long long& requestId) = 0;

  /// Asks for the named attributes of a user; the callback carries the attributes that exist. Otherwise like
  /// `getUserAttributes` (docs/spec/api.md §11.35).
  virtual int getUserAttributesByKeys(const char* userId, const char* attributeKeys[], int numberOfKeys,
                                      long long& requestId) = 0;

  /// Replaces all attributes of a channel: up to 32, 32 KB in total. Membership is not needed. Returns 0 or an
  /// `ATTRIBUTE_OPERATION_ERR`; then `onSetChannelAttributesResult` (docs/spec/api.md §11.36, semantics.md §4).
  virtual int setChannelAttributes(const char* channelId, const IRtmChannelAttribute* attributes[],
                                   int numberOfAttributes, const ChannelAttributeOptions& options,
                                   long long& requestId) = 0;

  /// Adds or changes the named attributes and keeps the others. Returns 0 or an `ATTRIBUTE_OPERATION_ERR`; then
  /// `onAddOrUpdateChannelAttributesResult` (docs/spec/api.md §11.37).
  virtual int addOrUpdateChannelAttributes(const char* channelId, const IRtmChannelAttribute* attributes[],
                                           int numberOfAttributes, const ChannelAttributeOptions& options,
                                           long long& requestId) = 0;

  /// Deletes the named attributes; unknown keys are no error. Returns 0 or an `ATTRIBUTE_OPERATION_ERR`; then
  /// `onDeleteChannelAttributesResult` (docs/spec/api.md §11.38).
  virtual int deleteChannelAttributesByKeys(const char* channelId, const char* attributeKeys[], int numberOfKeys,
                                            const ChannelAttributeOptions& options, long long& requestId) = 0;

  /// Deletes all attributes of a channel. Returns 0 or an `ATTRIBUTE_OPERATION_ERR`; then
  /// `onClearChannelAttributesResult` (docs/spec/api.md §11.39).
  virtual int clearChannelAttributes(const char* channelId, const ChannelAttributeOptions& options,
                                     long long& requestId) = 0;

  /// Asks for all attributes of a channel; membership is not needed. Returns 0 or an `ATTRIBUTE_OPERATION_ERR`; then
  /// `onGetChannelAttributesResult` (docs/spec/api.md §11.40).
  virtual int getChannelAttributes(const char* channelId, long long& requestId) = 0;

  /// Asks for the named attributes of a channel; the callback carries the attributes that exist. Otherwise like
  /// `getChannelAttributes` (docs/spec/api.md §11.41).
  virtual int getChannelAttributesByKeys(const char* channelId, const char* attributeKeys[], int numberOfKeys,
                                         long long& requestId) = 0;

  /// Asks for the number of members of up to 32 channels; membership is not needed. Returns 0 or a
  /// `GET_CHANNEL_MEMBER_COUNT_ERR_CODE`; then `onGetChannelMemberCountResult` within 5 s. One call a second
  /// (docs/spec/api.md §11.42).
  virtual int getChannelMemberCount(const char* channelIds[], int channelCount, long long& requestId) = 0;

  /// Sets the log file by its absolute path; the directory must exist and be writable. Until it is called, and best
  /// right after `initialize`, the log goes to `agorartm.log` in the working directory. Synchronous; returns 0, or
  /// another value on failure. Works before `initialize` (docs/spec/api.md §11.43, connection.md §9).
  virtual int setLogFile(const char* logfile) = 0;

  /// Sets what is logged. Synchronous; returns 0, or another value on failure. Works before `initialize`
  /// (docs/spec/api.md §11.44).
  virtual int setLogFilter(LOG_FILTER_TYPE filter) = 0;

  /// Sets the size of each of the two alternating log files in KB: 512 to 1048576, 102400 at first; other values have
  /// no effect. Synchronous; returns 0, or another value on failure. Works before `initialize`
  /// (docs/spec/api.md §11.45).
  virtual int setLogFileSize(int fileSizeInKBytes) = 0;
};

// Free functions (docs/spec/api.md §3); callable from any thread.

/// Makes a service that is not initialised yet. The caller owns it. Null on failure (docs/spec/api.md §3).
AGORA_API IRtmService* AGORA_CALL createRtmService();

/// Version of the SDK surface, such as `1.5.0`; static storage (docs/spec/api.md §3).
AGORA_API const char* AGORA_CALL getRtmSdkVersion();

/// Sets regions and transport for all services created afterwards; synchronous. Fails, and changes nothing, while a
/// service exists (docs/spec/api.md §3, connection.md §6).
AGORA_API SET_RTM_SERVICE_CONTEXT_ERR_CODE AGORA_CALL setRtmServiceContext(const RtmServiceContext& context);

}  // namespace rtm
}  // namespace agora

/// @file
/// Drop-in surface of the RTM 1.5.0 Linux C++ SDK: the call invitation (docs/spec/api.md §12, semantics.md §7).
///
/// The SDK carries invite, cancel, accept and refuse; ringing, busy handling and the call itself are the application's.
/// What the head of IAgoraRtmService.h says of calls, threads, strings and objects holds here too.
#pragma once

#include "IAgoraRtmService.h"

namespace agora {
namespace rtm {

/// Life cycle of an invitation as the caller sees it; see `ILocalCallInvitation::getState` (docs/spec/enums.md).
enum LOCAL_INVITATION_STATE {
  /// Created, not sent.
  LOCAL_INVITATION_STATE_IDLE = 0,
  /// Sent, not acknowledged yet.
  LOCAL_INVITATION_STATE_SENT_TO_REMOTE = 1,
  /// Acknowledged by the SDK of the callee.
  LOCAL_INVITATION_STATE_RECEIVED_BY_REMOTE = 2,
  /// End: the callee accepted.
  LOCAL_INVITATION_STATE_ACCEPTED_BY_REMOTE = 3,
  /// End: the callee refused.
  LOCAL_INVITATION_STATE_REFUSED_BY_REMOTE = 4,
  /// End: the caller cancelled.
  LOCAL_INVITATION_STATE_CANCELED = 5,
  /// End: failed; see `onLocalInvitationFailure`.
  LOCAL_INVITATION_STATE_FAILURE = 6,
};

/// Life cycle of an invitation as the callee sees it; see `IRemoteCallInvitation::getState` (docs/spec/enums.md).
enum REMOTE_INVITATION_STATE {
  /// Before the invitation arrived.
  REMOTE_INVITATION_STATE_IDLE = 0,
  /// Arrived, not answered yet.
  REMOTE_INVITATION_STATE_INVITATION_RECEIVED = 1,
  /// Accepted, not acknowledged by the caller yet.
  REMOTE_INVITATION_STATE_ACCEPT_SENT_TO_LOCAL = 2,
  /// End: refused.
  REMOTE_INVITATION_STATE_REFUSED = 3,
  /// End: the caller acknowledged the acceptance.
  REMOTE_INVITATION_STATE_ACCEPTED = 4,
  /// End: the caller cancelled.
  REMOTE_INVITATION_STATE_CANCELED = 5,
  /// End: failed; see `onRemoteInvitationFailure`.
  REMOTE_INVITATION_STATE_FAILURE = 6,
};

/// Why an invitation failed for the caller; argument of `onLocalInvitationFailure` (docs/spec/enums.md).
enum LOCAL_INVITATION_ERR_CODE {
  /// Never produced: no failure.
  LOCAL_INVITATION_ERR_OK = 0,
  /// Callback: the callee was offline for the whole 30 s after the send.
  LOCAL_INVITATION_ERR_PEER_OFFLINE = 1,
  /// Callback: the callee is online but its SDK did not acknowledge within 30 s.
  LOCAL_INVITATION_ERR_PEER_NO_RESPONSE = 2,
  /// Callback: acknowledged, but neither side acted for 60 s.
  LOCAL_INVITATION_ERR_INVITATION_EXPIRE = 3,
  /// Callback: the caller is not logged in. (Spelled so.)
  LOCAL_INVITATION_ERR_NOT_LOGGEDIN = 4,
};

/// Why an invitation failed for the callee; argument of `onRemoteInvitationFailure` (docs/spec/enums.md).
enum REMOTE_INVITATION_ERR_CODE {
  /// Never produced: no failure.
  REMOTE_INVITATION_ERR_OK = 0,
  /// Callback: the callee lost its login while the invitation was open.
  REMOTE_INVITATION_ERR_PEER_OFFLINE = 1,
  /// Callback: the caller did not acknowledge the acceptance in time.
  REMOTE_INVITATION_ERR_ACCEPT_FAILURE = 2,
  /// Callback: neither side acted for 60 s.
  REMOTE_INVITATION_ERR_INVITATION_EXPIRE = 3,
};

/// Result of the `IRtmCallManager` calls; synchronous only (docs/spec/enums.md).
enum INVITATION_API_CALL_ERR_CODE {
  /// Return: the call was accepted; the outcome follows by callback.
  INVITATION_API_CALL_ERR_OK = 0,
  /// Return: null or foreign invitation, bad callee id, or content or response over 8 KB.
  INVITATION_API_CALL_ERR_INVALID_ARGUMENT = 1,
  /// Return: cancel, accept or refuse of an invitation that was never sent.
  INVITATION_API_CALL_ERR_NOT_STARTED = 2,
  /// Return: the invitation has reached an end state.
  INVITATION_API_CALL_ERR_ALREADY_END = 3,
  /// Return: the invitation has been accepted already.
  INVITATION_API_CALL_ERR_ALREADY_ACCEPT = 4,
  /// Return: the invitation has been sent already.
  INVITATION_API_CALL_ERR_ALREADY_SENT = 5,
};

/// An invitation, caller's side (docs/spec/api.md §12). Made by `IRtmCallManager::createLocalCallInvitation`; good for
/// one call. The caller owns it and releases it after its end.
class ILocalCallInvitation {
 protected:
  virtual ~ILocalCallInvitation() {}

 public:
  /// The user who is called (docs/spec/api.md §12.1).
  virtual const char* getCalleeId() const = 0;

  /// Sets a text for the callee, up to 8 KB; before sending (docs/spec/api.md §12.2).
  virtual void setContent(const char* content) = 0;

  /// Text for the callee (docs/spec/api.md §12.3).
  virtual const char* getContent() const = 0;

  /// Sets the id of a channel for the call; before sending. The SDK joins the channel for neither side; only the older
  /// Signaling SDK needs the id (docs/spec/api.md §12.4).
  virtual void setChannelId(const char* channelId) = 0;

  /// Id of the channel for the call (docs/spec/api.md §12.5).
  virtual const char* getChannelId() const = 0;

  /// Response of the callee, once the callee has accepted or refused (docs/spec/api.md §12.6).
  virtual const char* getResponse() const = 0;

  /// State of the invitation (docs/spec/api.md §12.7).
  virtual LOCAL_INVITATION_STATE getState() const = 0;

  /// Frees the invitation (docs/spec/api.md §12.8).
  virtual void release() = 0;
};

/// An invitation, callee's side (docs/spec/api.md §12). The SDK keeps it until its end, so it may be answered after the
/// callback that brought it; the user may release it after the end.
class IRemoteCallInvitation {
 protected:
  virtual ~IRemoteCallInvitation() {}

 public:
  /// The user who calls (docs/spec/api.md §12.1).
  virtual const char* getCallerId() const = 0;

  /// The caller's text (docs/spec/api.md §12.2).
  virtual const char* getContent() const = 0;

  /// Sets a text for the caller, up to 8 KB; before accepting or refusing (docs/spec/api.md §12.3).
  virtual void setResponse(const char* response) = 0;

  /// Text for the caller (docs/spec/api.md §12.4).
  virtual const char* getResponse() const = 0;

  /// Id of a channel for the call, as the caller set it (docs/spec/api.md §12.5).
  virtual const char* getChannelId() const = 0;

  /// State of the invitation (docs/spec/api.md §12.6).
  virtual REMOTE_INVITATION_STATE getState() const = 0;

  /// Tells the SDK that the program no longer needs the invitation (docs/spec/api.md §12.7).
  virtual void release() = 0;
};

/// Events of the call manager (docs/spec/api.md §12). Derive from this class and override the events you need; the
/// bodies here do nothing. Called on the callback thread of the service. All callbacks of one invitation carry the same
/// object; strings are valid until the callback returns.
class IRtmCallEventHandler {
 public:
  virtual ~IRtmCallEventHandler() {}

  /// Caller: the SDK of the callee has the invitation (docs/spec/api.md §12.1).
  virtual void onLocalInvitationReceivedByPeer(ILocalCallInvitation* localInvitation) { (void)localInvitation; }

  /// Caller: the cancellation is done; end (docs/spec/api.md §12.2).
  virtual void onLocalInvitationCanceled(ILocalCallInvitation* localInvitation) { (void)localInvitation; }

  /// Caller: the invitation failed; end (docs/spec/api.md §12.3).
  virtual void onLocalInvitationFailure(ILocalCallInvitation* localInvitation, LOCAL_INVITATION_ERR_CODE errorCode) {
    (void)localInvitation;
    (void)errorCode;
  }

  /// Caller: the callee accepted; end (docs/spec/api.md §12.4).
  virtual void onLocalInvitationAccepted(ILocalCallInvitation* localInvitation, const char* response) {
    (void)localInvitation;
    (void)response;
  }

  /// Caller: the callee refused; end (docs/spec/api.md §12.5).
  virtual void onLocalInvitationRefused(ILocalCallInvitation* localInvitation, const char* response) {
    (void)localInvitation;
    (void)response;
  }

  /// Callee: the refusal is done; end (docs/spec/api.md §12.6).
  virtual void onRemoteInvitationRefused(IRemoteCallInvitation* remoteInvitation) { (void)remoteInvitation; }

  /// Callee: the caller has the acceptance; end (docs/spec/api.md §12.7).
  virtual void onRemoteInvitationAccepted(IRemoteCallInvitation* remoteInvitation) { (void)remoteInvitation; }

  /// Callee: a new invitation, to be accepted or refused within 60 s (docs/spec/api.md §12.8).
  virtual void onRemoteInvitationReceived(IRemoteCallInvitation* remoteInvitation) { (void)remoteInvitation; }

  /// Callee: the invitation failed; end (docs/spec/api.md §12.9).
  virtual void onRemoteInvitationFailure(IRemoteCallInvitation* remoteInvitation,
                                         REMOTE_INVITATION_ERR_CODE errorCode) {
    (void)remoteInvitation;
    (void)errorCode;
  }

  /// Callee: the caller cancelled; end (docs/spec/api.md §12.10).
  virtual void onRemoteInvitationCanceled(IRemoteCallInvitation* remoteInvitation) { (void)remoteInvitation; }
};

/// Call invitations of one service (docs/spec/api.md §12). `IRtmService::getRtmCallManager` returns it, and the caller
/// owns it. It is unusable once its service is released. The calls return 0 or an `INVITATION_API_CALL_ERR_CODE`.
class IRtmCallManager {
 protected:
  virtual ~IRtmCallManager() {}

 public:
  /// Sends an invitation; once for each invitation. Then `onLocalInvitationReceivedByPeer` and one end callback of the
  /// caller follow. The SDK of the callee has 30 s to acknowledge, then the callee has 60 s to answer. Without a login
  /// the invitation fails by callback (docs/spec/api.md §12.1).
  virtual int sendLocalInvitation(ILocalCallInvitation* invitation) = 0;

  /// Accepts. Then `onRemoteInvitationAccepted` or `onRemoteInvitationFailure` (docs/spec/api.md §12.2).
  virtual int acceptRemoteInvitation(IRemoteCallInvitation* invitation) = 0;

  /// Refuses. Then `onRemoteInvitationRefused` (docs/spec/api.md §12.3).
  virtual int refuseRemoteInvitation(IRemoteCallInvitation* invitation) = 0;

  /// Cancels an invitation that was sent. Then `onLocalInvitationCanceled` (docs/spec/api.md §12.4).
  virtual int cancelLocalInvitation(ILocalCallInvitation* invitation) = 0;

  /// Makes an invitation, before or after `login`; synchronous. Null for a bad user id. The caller owns the result
  /// (docs/spec/api.md §12.5).
  virtual ILocalCallInvitation* createLocalCallInvitation(const char* calleeId) = 0;

  /// Ends all invitations without callbacks and frees the manager; synchronous (docs/spec/api.md §12.6).
  virtual void release() = 0;
};

}  // namespace rtm
}  // namespace agora

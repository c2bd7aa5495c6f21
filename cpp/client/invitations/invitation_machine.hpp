#pragma once

// The two call invitation machines (spec semantics §7): pure, inputs in, what to do out. The objects that users see are
// in call_manager.hpp; what is sent, and how often, is the manager's business.

#include <cstdint>

#include "IAgoraRtmCallManager.h"

namespace rtm::client {

struct InvitationTiming {
  std::uint64_t sendMs = 30000;        ///< until the callee's SDK must have acknowledged
  std::uint64_t actMs = 60000;         ///< until somebody must have acted
  std::uint64_t acceptanceMs = 10000;  ///< until the caller's SDK must have acknowledged the acceptance
};

/// What the caller's side is to do after an input.
struct LocalStep {
  enum class Report { None, ReceivedByPeer, Canceled, Failure, Accepted, Refused };
  Report report = Report::None;
  agora::rtm::LOCAL_INVITATION_ERR_CODE error = agora::rtm::LOCAL_INVITATION_ERR_OK;
  bool sendInvite = false;
  bool sendCancel = false;
  bool sendAcceptAck = false;
};

class LocalInvitationMachine {
 public:
  agora::rtm::LOCAL_INVITATION_STATE state() const { return state_; }
  bool ended() const { return state_ >= agora::rtm::LOCAL_INVITATION_STATE_ACCEPTED_BY_REMOTE; }
  bool active() const { return state_ != agora::rtm::LOCAL_INVITATION_STATE_IDLE && !ended(); }

  // Calls of the user: the code to return, and on 0 what to do.
  int send(std::uint64_t nowMs, LocalStep& step);
  int cancel(LocalStep& step);

  /// The callee's SDK has the invitation.
  LocalStep delivered();
  /// An attempt to deliver it failed; `offline`: because the callee is not logged in.
  void undelivered(bool offline) { calleeOffline_ = offline; }
  LocalStep acceptedByRemote();
  LocalStep refusedByRemote();
  LocalStep tick(std::uint64_t nowMs, const InvitationTiming& timing);
  LocalStep loggedOut();

 private:
  LocalStep end(agora::rtm::LOCAL_INVITATION_STATE state, LocalStep::Report report,
                agora::rtm::LOCAL_INVITATION_ERR_CODE error = agora::rtm::LOCAL_INVITATION_ERR_OK);

  agora::rtm::LOCAL_INVITATION_STATE state_ = agora::rtm::LOCAL_INVITATION_STATE_IDLE;
  std::uint64_t sentMs_ = 0;
  bool calleeOffline_ = false;
};

/// What the callee's side is to do after an input.
struct RemoteStep {
  enum class Report { None, Received, Accepted, Refused, Canceled, Failure };
  Report report = Report::None;
  agora::rtm::REMOTE_INVITATION_ERR_CODE error = agora::rtm::REMOTE_INVITATION_ERR_OK;
  bool sendAccept = false;
  bool sendRefuse = false;
};

class RemoteInvitationMachine {
 public:
  agora::rtm::REMOTE_INVITATION_STATE state() const { return state_; }
  bool ended() const { return state_ >= agora::rtm::REMOTE_INVITATION_STATE_REFUSED; }

  RemoteStep received(std::uint64_t nowMs);
  int accept(std::uint64_t nowMs, RemoteStep& step);
  int refuse(RemoteStep& step);
  /// The caller's SDK has the acceptance.
  RemoteStep acceptanceConfirmed();
  RemoteStep canceledByCaller();
  RemoteStep tick(std::uint64_t nowMs, const InvitationTiming& timing);
  RemoteStep loggedOut();

 private:
  RemoteStep end(agora::rtm::REMOTE_INVITATION_STATE state, RemoteStep::Report report,
                 agora::rtm::REMOTE_INVITATION_ERR_CODE error = agora::rtm::REMOTE_INVITATION_ERR_OK);
  int refuseCall() const;  ///< the code for a call that the state does not allow; 0 if it does

  agora::rtm::REMOTE_INVITATION_STATE state_ = agora::rtm::REMOTE_INVITATION_STATE_IDLE;
  std::uint64_t receivedMs_ = 0;
  std::uint64_t acceptedMs_ = 0;
};

}  // namespace rtm::client

#pragma once

// The two call invitation machines (docs/spec/semantics.md §7): pure, inputs in, what to do out. Invitations
// decides what is sent, and how often.

#include <cstdint>

#include "client/api/invitation_codes.hpp"

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
  LocalInvitationError error = LocalInvitationError::Ok;
  bool sendInvite = false;
  bool sendCancel = false;
  bool sendAcceptAck = false;
};

class LocalInvitationMachine {
 public:
  LocalInvitationState state() const { return state_; }
  bool ended() const { return state_ >= LocalInvitationState::AcceptedByRemote; }
  bool active() const { return state_ != LocalInvitationState::Idle && !ended(); }

  // Calls of the user: the code to return, and on 0 what to do.
  InvitationCode send(std::uint64_t nowMs, LocalStep& step);
  InvitationCode cancel(LocalStep& step);

  /// The callee's SDK has the invitation.
  LocalStep delivered();
  /// An attempt to deliver it failed; `offline`: because the callee is not logged in.
  void undelivered(bool offline) { calleeOffline_ = offline; }
  LocalStep acceptedByRemote();
  LocalStep refusedByRemote();
  LocalStep tick(std::uint64_t nowMs, const InvitationTiming& timing);
  LocalStep loggedOut();

 private:
  LocalStep end(LocalInvitationState state, LocalStep::Report report,
                LocalInvitationError error = LocalInvitationError::Ok);

  LocalInvitationState state_ = LocalInvitationState::Idle;
  std::uint64_t sentMs_ = 0;
  bool calleeOffline_ = false;
};

/// What the callee's side is to do after an input.
struct RemoteStep {
  enum class Report { None, Received, Accepted, Refused, Canceled, Failure };
  Report report = Report::None;
  RemoteInvitationError error = RemoteInvitationError::Ok;
  bool sendAccept = false;
  bool sendRefuse = false;
};

class RemoteInvitationMachine {
 public:
  RemoteInvitationState state() const { return state_; }
  bool ended() const { return state_ >= RemoteInvitationState::Refused; }

  RemoteStep received(std::uint64_t nowMs);
  InvitationCode accept(std::uint64_t nowMs, RemoteStep& step);
  InvitationCode refuse(RemoteStep& step);
  /// The caller's SDK has the acceptance.
  RemoteStep acceptanceConfirmed();
  RemoteStep canceledByCaller();
  /// Invitations of others need the place.
  RemoteStep crowdedOut();
  RemoteStep tick(std::uint64_t nowMs, const InvitationTiming& timing);
  RemoteStep loggedOut();

 private:
  RemoteStep end(RemoteInvitationState state, RemoteStep::Report report,
                 RemoteInvitationError error = RemoteInvitationError::Ok);
  InvitationCode refuseCall() const;  ///< the code for a call that the state does not allow; 0 if it does

  RemoteInvitationState state_ = RemoteInvitationState::Idle;
  std::uint64_t receivedMs_ = 0;
  std::uint64_t acceptedMs_ = 0;
};

}  // namespace rtm::client

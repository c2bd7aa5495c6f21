#include "client/invitations/invitation_machine.hpp"

namespace rtm::client {

LocalStep LocalInvitationMachine::end(LocalInvitationState state, LocalStep::Report report,
                                      LocalInvitationError error) {
  state_ = state;
  return LocalStep{.report = report, .error = error};
}

InvitationCode LocalInvitationMachine::send(std::uint64_t nowMs, LocalStep& step) {
  if (ended()) return InvitationCode::AlreadyEnd;
  if (active()) return InvitationCode::AlreadySent;
  state_ = LocalInvitationState::SentToRemote;
  sentMs_ = nowMs;
  step.sendInvite = true;
  return InvitationCode::Ok;
}

InvitationCode LocalInvitationMachine::cancel(LocalStep& step) {
  if (ended()) return InvitationCode::AlreadyEnd;
  if (!active()) return InvitationCode::NotStarted;
  step = end(LocalInvitationState::Canceled, LocalStep::Report::Canceled);
  step.sendCancel = true;
  return InvitationCode::Ok;
}

LocalStep LocalInvitationMachine::delivered() {
  if (state_ != LocalInvitationState::SentToRemote) return {};
  state_ = LocalInvitationState::ReceivedByRemote;
  return LocalStep{.report = LocalStep::Report::ReceivedByPeer};
}

LocalStep LocalInvitationMachine::acceptedByRemote() {
  // The callee repeats its acceptance until it hears from us, also when our first word was lost.
  if (state_ == LocalInvitationState::AcceptedByRemote) return LocalStep{.sendAcceptAck = true};
  if (!active()) return {};
  LocalStep step = end(LocalInvitationState::AcceptedByRemote, LocalStep::Report::Accepted);
  step.sendAcceptAck = true;
  return step;
}

LocalStep LocalInvitationMachine::refusedByRemote() {
  return active() ? end(LocalInvitationState::RefusedByRemote, LocalStep::Report::Refused) : LocalStep{};
}

LocalStep LocalInvitationMachine::tick(std::uint64_t nowMs, const InvitationTiming& timing) {
  const std::uint64_t age = nowMs - sentMs_;
  if (state_ == LocalInvitationState::SentToRemote && age >= timing.sendMs) {
    return end(LocalInvitationState::Failure, LocalStep::Report::Failure,
               calleeOffline_ ? LocalInvitationError::PeerOffline : LocalInvitationError::PeerNoResponse);
  }
  if (state_ == LocalInvitationState::ReceivedByRemote && age >= timing.actMs) {
    return end(LocalInvitationState::Failure, LocalStep::Report::Failure, LocalInvitationError::InvitationExpire);
  }
  return {};
}

LocalStep LocalInvitationMachine::loggedOut() {
  if (!active()) return {};
  return end(LocalInvitationState::Failure, LocalStep::Report::Failure, LocalInvitationError::NotLoggedIn);
}

RemoteStep RemoteInvitationMachine::end(RemoteInvitationState state, RemoteStep::Report report,
                                        RemoteInvitationError error) {
  state_ = state;
  return RemoteStep{.report = report, .error = error};
}

RemoteStep RemoteInvitationMachine::received(std::uint64_t nowMs) {
  if (state_ != RemoteInvitationState::Idle) return {};
  state_ = RemoteInvitationState::InvitationReceived;
  receivedMs_ = nowMs;
  return RemoteStep{.report = RemoteStep::Report::Received};
}

InvitationCode RemoteInvitationMachine::refuseCall() const {
  if (ended()) return InvitationCode::AlreadyEnd;
  if (state_ == RemoteInvitationState::Idle) return InvitationCode::NotStarted;
  return state_ == RemoteInvitationState::AcceptSentToLocal ? InvitationCode::AlreadyAccept : InvitationCode::Ok;
}

InvitationCode RemoteInvitationMachine::accept(std::uint64_t nowMs, RemoteStep& step) {
  if (const InvitationCode code = refuseCall(); code != InvitationCode::Ok) return code;
  state_ = RemoteInvitationState::AcceptSentToLocal;
  acceptedMs_ = nowMs;
  step.sendAccept = true;
  return InvitationCode::Ok;
}

InvitationCode RemoteInvitationMachine::refuse(RemoteStep& step) {
  if (const InvitationCode code = refuseCall(); code != InvitationCode::Ok) return code;
  step = end(RemoteInvitationState::Refused, RemoteStep::Report::Refused);
  step.sendRefuse = true;
  return InvitationCode::Ok;
}

RemoteStep RemoteInvitationMachine::acceptanceConfirmed() {
  if (state_ != RemoteInvitationState::AcceptSentToLocal) return {};
  return end(RemoteInvitationState::Accepted, RemoteStep::Report::Accepted);
}

RemoteStep RemoteInvitationMachine::canceledByCaller() {
  // Also after our acceptance left: the cancel was at the caller first, or the caller would have confirmed.
  if (ended() || state_ == RemoteInvitationState::Idle) return {};
  return end(RemoteInvitationState::Canceled, RemoteStep::Report::Canceled);
}

RemoteStep RemoteInvitationMachine::crowdedOut() {
  if (ended() || state_ == RemoteInvitationState::Idle) return {};
  return end(RemoteInvitationState::Failure, RemoteStep::Report::Failure, RemoteInvitationError::InvitationExpire);
}

RemoteStep RemoteInvitationMachine::tick(std::uint64_t nowMs, const InvitationTiming& timing) {
  if (state_ == RemoteInvitationState::InvitationReceived && nowMs - receivedMs_ >= timing.actMs) {
    return end(RemoteInvitationState::Failure, RemoteStep::Report::Failure, RemoteInvitationError::InvitationExpire);
  }
  if (state_ == RemoteInvitationState::AcceptSentToLocal && nowMs - acceptedMs_ >= timing.acceptanceMs) {
    return end(RemoteInvitationState::Failure, RemoteStep::Report::Failure, RemoteInvitationError::AcceptFailure);
  }
  return {};
}

RemoteStep RemoteInvitationMachine::loggedOut() {
  if (ended() || state_ == RemoteInvitationState::Idle) return {};
  return end(RemoteInvitationState::Failure, RemoteStep::Report::Failure, RemoteInvitationError::PeerOffline);
}

}  // namespace rtm::client

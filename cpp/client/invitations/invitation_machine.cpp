#include "client/invitations/invitation_machine.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

LocalStep LocalInvitationMachine::end(LOCAL_INVITATION_STATE state, LocalStep::Report report,
                                      LOCAL_INVITATION_ERR_CODE error) {
  state_ = state;
  return LocalStep{.report = report, .error = error};
}

int LocalInvitationMachine::send(std::uint64_t nowMs, LocalStep& step) {
  if (ended()) return INVITATION_API_CALL_ERR_ALREADY_END;
  if (active()) return INVITATION_API_CALL_ERR_ALREADY_SENT;
  state_ = LOCAL_INVITATION_STATE_SENT_TO_REMOTE;
  sentMs_ = nowMs;
  step.sendInvite = true;
  return INVITATION_API_CALL_ERR_OK;
}

int LocalInvitationMachine::cancel(LocalStep& step) {
  if (ended()) return INVITATION_API_CALL_ERR_ALREADY_END;
  if (!active()) return INVITATION_API_CALL_ERR_NOT_STARTED;
  step = end(LOCAL_INVITATION_STATE_CANCELED, LocalStep::Report::Canceled);
  step.sendCancel = true;
  return INVITATION_API_CALL_ERR_OK;
}

LocalStep LocalInvitationMachine::delivered() {
  if (state_ != LOCAL_INVITATION_STATE_SENT_TO_REMOTE) return {};
  state_ = LOCAL_INVITATION_STATE_RECEIVED_BY_REMOTE;
  return LocalStep{.report = LocalStep::Report::ReceivedByPeer};
}

LocalStep LocalInvitationMachine::acceptedByRemote() {
  // The callee repeats its acceptance until it hears from us, also when our first word was lost.
  if (state_ == LOCAL_INVITATION_STATE_ACCEPTED_BY_REMOTE) return LocalStep{.sendAcceptAck = true};
  if (!active()) return {};
  LocalStep step = end(LOCAL_INVITATION_STATE_ACCEPTED_BY_REMOTE, LocalStep::Report::Accepted);
  step.sendAcceptAck = true;
  return step;
}

LocalStep LocalInvitationMachine::refusedByRemote() {
  return active() ? end(LOCAL_INVITATION_STATE_REFUSED_BY_REMOTE, LocalStep::Report::Refused) : LocalStep{};
}

LocalStep LocalInvitationMachine::tick(std::uint64_t nowMs, const InvitationTiming& timing) {
  const std::uint64_t age = nowMs - sentMs_;
  if (state_ == LOCAL_INVITATION_STATE_SENT_TO_REMOTE && age >= timing.sendMs) {
    return end(LOCAL_INVITATION_STATE_FAILURE, LocalStep::Report::Failure,
               calleeOffline_ ? LOCAL_INVITATION_ERR_PEER_OFFLINE : LOCAL_INVITATION_ERR_PEER_NO_RESPONSE);
  }
  if (state_ == LOCAL_INVITATION_STATE_RECEIVED_BY_REMOTE && age >= timing.actMs) {
    return end(LOCAL_INVITATION_STATE_FAILURE, LocalStep::Report::Failure, LOCAL_INVITATION_ERR_INVITATION_EXPIRE);
  }
  return {};
}

LocalStep LocalInvitationMachine::loggedOut() {
  if (!active()) return {};
  return end(LOCAL_INVITATION_STATE_FAILURE, LocalStep::Report::Failure, LOCAL_INVITATION_ERR_NOT_LOGGEDIN);
}

RemoteStep RemoteInvitationMachine::end(REMOTE_INVITATION_STATE state, RemoteStep::Report report,
                                        REMOTE_INVITATION_ERR_CODE error) {
  state_ = state;
  return RemoteStep{.report = report, .error = error};
}

RemoteStep RemoteInvitationMachine::received(std::uint64_t nowMs) {
  if (state_ != REMOTE_INVITATION_STATE_IDLE) return {};
  state_ = REMOTE_INVITATION_STATE_INVITATION_RECEIVED;
  receivedMs_ = nowMs;
  return RemoteStep{.report = RemoteStep::Report::Received};
}

int RemoteInvitationMachine::refuseCall() const {
  if (ended()) return INVITATION_API_CALL_ERR_ALREADY_END;
  if (state_ == REMOTE_INVITATION_STATE_IDLE) return INVITATION_API_CALL_ERR_NOT_STARTED;
  return state_ == REMOTE_INVITATION_STATE_ACCEPT_SENT_TO_LOCAL ? INVITATION_API_CALL_ERR_ALREADY_ACCEPT
                                                                : INVITATION_API_CALL_ERR_OK;
}

int RemoteInvitationMachine::accept(std::uint64_t nowMs, RemoteStep& step) {
  if (const int code = refuseCall()) return code;
  state_ = REMOTE_INVITATION_STATE_ACCEPT_SENT_TO_LOCAL;
  acceptedMs_ = nowMs;
  step.sendAccept = true;
  return INVITATION_API_CALL_ERR_OK;
}

int RemoteInvitationMachine::refuse(RemoteStep& step) {
  if (const int code = refuseCall()) return code;
  step = end(REMOTE_INVITATION_STATE_REFUSED, RemoteStep::Report::Refused);
  step.sendRefuse = true;
  return INVITATION_API_CALL_ERR_OK;
}

RemoteStep RemoteInvitationMachine::acceptanceConfirmed() {
  if (state_ != REMOTE_INVITATION_STATE_ACCEPT_SENT_TO_LOCAL) return {};
  return end(REMOTE_INVITATION_STATE_ACCEPTED, RemoteStep::Report::Accepted);
}

RemoteStep RemoteInvitationMachine::canceledByCaller() {
  // Also after our acceptance left: the cancel was at the caller first, or the caller would have confirmed.
  if (ended() || state_ == REMOTE_INVITATION_STATE_IDLE) return {};
  return end(REMOTE_INVITATION_STATE_CANCELED, RemoteStep::Report::Canceled);
}

RemoteStep RemoteInvitationMachine::tick(std::uint64_t nowMs, const InvitationTiming& timing) {
  if (state_ == REMOTE_INVITATION_STATE_INVITATION_RECEIVED && nowMs - receivedMs_ >= timing.actMs) {
    return end(REMOTE_INVITATION_STATE_FAILURE, RemoteStep::Report::Failure, REMOTE_INVITATION_ERR_INVITATION_EXPIRE);
  }
  if (state_ == REMOTE_INVITATION_STATE_ACCEPT_SENT_TO_LOCAL && nowMs - acceptedMs_ >= timing.acceptanceMs) {
    return end(REMOTE_INVITATION_STATE_FAILURE, RemoteStep::Report::Failure, REMOTE_INVITATION_ERR_ACCEPT_FAILURE);
  }
  return {};
}

RemoteStep RemoteInvitationMachine::loggedOut() {
  if (ended() || state_ == REMOTE_INVITATION_STATE_IDLE) return {};
  return end(REMOTE_INVITATION_STATE_FAILURE, RemoteStep::Report::Failure, REMOTE_INVITATION_ERR_PEER_OFFLINE);
}

}  // namespace rtm::client

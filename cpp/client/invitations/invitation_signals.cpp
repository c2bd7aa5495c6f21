// Signals out and in, and the events that follow.

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "client/api/message.hpp"
#include "client/client_common.hpp"
#include "client/invitations/invitations.hpp"
#include "wire/protocol.hpp"

namespace rtm::client {

namespace {

constexpr std::uint64_t kSignalAgainMs = 1000;
constexpr std::size_t kEndedKept = 256;

}  // namespace

template <typename Call>
void Invitations::notify(Call call) {
  common_.delivery->run([receiver = receiver_, call = std::move(call)] {
    if (receiver != nullptr && receiver->events != nullptr) call(*receiver->events);
  });
}

void Invitations::perform(const Local& invitation, const LocalStep& step) {
  const std::uint64_t now = steadyMs();
  const Timing& timing = common_.config.timing;
  Signal signal{.peerId = invitation->calleeId_, .invitationId = invitation->invitationId_};
  if (step.sendInvite) {
    signal.action = wire::InvitationAction::Invite;
    signal.content = invitation->content_;
    signal.channelId = invitation->channelId_;
    signal.deadline = now + timing.invitationSend;
    send(signal);
  }
  if (step.sendCancel) {
    signal.action = wire::InvitationAction::Cancel;
    signal.deadline = now + timing.acceptance;
    send(signal);
  }
  if (step.sendAcceptAck) {
    signal.action = wire::InvitationAction::AcceptAck;
    signal.deadline = now;  // once: a lost one is asked for again by the repeated acceptance
    send(signal);
  }
  invitation->state_ = invitation->machine_.state();
  if (step.report == LocalStep::Report::None) return;
  notify([invitation, report = step.report, error = step.error](InvitationEvents& events) {
    switch (report) {
      case LocalStep::Report::None:
        return;
      case LocalStep::Report::ReceivedByPeer:
        return events.onLocalReceivedByPeer(invitation);
      case LocalStep::Report::Canceled:
        return events.onLocalCanceled(invitation);
      case LocalStep::Report::Failure:
        return events.onLocalFailure(invitation, error);
      case LocalStep::Report::Accepted:
        return events.onLocalAccepted(invitation);
      case LocalStep::Report::Refused:
        return events.onLocalRefused(invitation);
    }
  });
}

void Invitations::perform(const Remote& invitation, const RemoteStep& step) {
  if (step.sendAccept || step.sendRefuse) {
    send(Signal{.peerId = invitation->callerId_,
                .invitationId = invitation->invitationId_,
                .action = step.sendAccept ? wire::InvitationAction::Accept : wire::InvitationAction::Refuse,
                .response = invitation->response_,
                .deadline = steadyMs() + common_.config.timing.acceptance});
  }
  invitation->state_ = invitation->machine_.state();
  if (invitation->machine_.ended() && remotes_.erase(invitation->number_) != 0) {
    endedRemotes_.push_back(invitation);
    if (endedRemotes_.size() > kEndedKept) endedRemotes_.pop_front();
  }
  if (step.report == RemoteStep::Report::None) return;
  notify([invitation, report = step.report, error = step.error](InvitationEvents& events) {
    switch (report) {
      case RemoteStep::Report::None:
        return;
      case RemoteStep::Report::Received:
        return events.onRemoteReceived(invitation);
      case RemoteStep::Report::Accepted:
        return events.onRemoteAccepted(invitation);
      case RemoteStep::Report::Refused:
        return events.onRemoteRefused(invitation);
      case RemoteStep::Report::Canceled:
        return events.onRemoteCanceled(invitation);
      case RemoteStep::Report::Failure:
        return events.onRemoteFailure(invitation, error);
    }
  });
}

void Invitations::send(Signal signal) {
  wire::Content content{.messageId = static_cast<std::uint64_t>(nextMessageId()),
                        .type = wire::ContentType::Invitation};
  content.invitation = wire::InvitationSignal{.invitationId = signal.invitationId,
                                              .action = signal.action,
                                              .content = signal.content,
                                              .channelId = signal.channelId,
                                              .response = signal.response};
  Bytes encoded(wire::encodedSize(content));
  wire::encode(content, encoded.data());
  const std::uint64_t token = nextToken_++;
  const bool queued = common_.queue.sendSignal(wire::PeerSend{.peerId = signal.peerId, .content = encoded}, token);
  signal.retryAt = queued ? 0 : steadyMs() + kSignalAgainMs;
  signals_.emplace(token, std::move(signal));
  watch();
}

void Invitations::onSignalEnded(std::uint64_t token, std::uint32_t number) {
  const auto found = signals_.find(token);
  if (found == signals_.end()) return;
  const auto code = static_cast<PeerMessageCode>(number);
  Signal& signal = found->second;
  const Local local =
      signal.action == wire::InvitationAction::Invite ? findLocal(signal.peerId, signal.invitationId) : nullptr;
  if (code == PeerMessageCode::Ok) {
    signals_.erase(found);
    // The callee's SDK has it: that is the acknowledgement.
    if (local != nullptr) perform(local, local->machine_.delivered());
    return;
  }
  if (local != nullptr) local->machine_.undelivered(code == PeerMessageCode::PeerUnreachable);
  signal.retryAt = steadyMs() + kSignalAgainMs;
}

bool Invitations::onSignal(std::string_view peerId, const wire::InvitationSignal& signal) {
  if (receiver_ == nullptr) return true;
  switch (signal.action) {
    case wire::InvitationAction::Invite:
      return onInvite(peerId, signal);
    case wire::InvitationAction::Cancel:
    case wire::InvitationAction::AcceptAck: {
      const Remote remote = findRemote(peerId, signal.invitationId);
      if (remote == nullptr) break;
      RemoteInvitationMachine& machine = remote->machine_;
      perform(remote, signal.action == wire::InvitationAction::Cancel ? machine.canceledByCaller()
                                                                      : machine.acceptanceConfirmed());
      break;
    }
    case wire::InvitationAction::Accept:
    case wire::InvitationAction::Refuse:
      onAnswer(peerId, signal);
      break;
    default:
      break;  // of a newer SDK
  }
  return true;
}

bool Invitations::onInvite(std::string_view callerId, const wire::InvitationSignal& signal) {
  if (findRemote(callerId, signal.invitationId) != nullptr) return true;  // a repeat
  if (!makeRoomFor(callerId)) return false;
  const auto remote = std::make_shared<RemoteInvitation>(++lastNumber_, std::string(callerId), signal.invitationId,
                                                         std::string(signal.content), std::string(signal.channelId));
  remotes_.emplace(remote->number_, remote);
  perform(remote, remote->machine_.received(steadyMs()));
  watch();
  return true;
}

bool Invitations::makeRoomFor(std::string_view callerId) {
  std::unordered_map<std::string_view, std::size_t> waiting;
  for (const auto& [number, remote] : remotes_) ++waiting[remote->callerId_];
  const std::size_t own = waiting[callerId];
  if (own >= wire::kMostInvitationsOfCaller) return false;
  if (remotes_.size() < wire::kMostInvitationsInAll) return true;
  const auto most = std::max_element(waiting.begin(), waiting.end(),
                                     [](const auto& one, const auto& other) { return one.second < other.second; });
  if (most->second <= own + 1) return false;
  const auto newest = std::find_if(remotes_.rbegin(), remotes_.rend(),
                                   [&most](const auto& entry) { return entry.second->callerId_ == most->first; });
  const Remote victim = newest->second;
  perform(victim, victim->machine_.crowdedOut());
  return true;
}

void Invitations::onAnswer(std::string_view calleeId, const wire::InvitationSignal& signal) {
  const Local local = findLocal(calleeId, signal.invitationId);
  if (local == nullptr) return;
  // An answer shows that the callee has the invitation; the word of it may still be on its way behind the answer.
  perform(local, local->machine_.delivered());
  if (local->machine_.active()) local->response_ = signal.response;
  perform(local, signal.action == wire::InvitationAction::Accept ? local->machine_.acceptedByRemote()
                                                                 : local->machine_.refusedByRemote());
}

Invitations::Local Invitations::findLocal(std::string_view calleeId, std::uint64_t invitationId) const {
  for (const auto& [key, local] : locals_) {
    if (local->invitationId_ == invitationId && local->calleeId_ == calleeId) return local;
  }
  return nullptr;
}

Invitations::Remote Invitations::findRemote(std::string_view callerId, std::uint64_t invitationId) const {
  const auto matches = [&](const Remote& remote) {
    return remote->invitationId_ == invitationId && remote->callerId_ == callerId;
  };
  for (const auto& [number, remote] : remotes_) {
    if (matches(remote)) return remote;
  }
  for (const Remote& remote : endedRemotes_) {
    if (matches(remote)) return remote;
  }
  return nullptr;
}

}  // namespace rtm::client

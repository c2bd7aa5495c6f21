// Calls of the user, and timers. What other clients say is in invitation_signals.cpp.

#include "client/invitations/invitations.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "base/identifiers.hpp"
#include "client/client_common.hpp"
#include "client/connection/connection.hpp"

namespace rtm::client {

namespace {

bool isValidInvitationText(std::string_view text, std::size_t most) {
  return text.size() <= most && isValidUtf8(text);
}

/// The caller makes the id of an invitation: 64 random bits, so that a guess does not end the invitation of another.
std::uint64_t newInvitationId() {
  std::random_device device;
  const std::uint64_t high = device();
  return (high << 32 | device()) | 1;
}

}  // namespace

const std::string& LocalInvitation::response() const {
  static const std::string kNone;
  const LocalInvitationState state = state_;
  const bool answered =
      state == LocalInvitationState::AcceptedByRemote || state == LocalInvitationState::RefusedByRemote;
  return answered ? response_ : kNone;
}

bool Invitations::open(InvitationEvents& events) {
  std::shared_ptr<Receiver> receiver;
  {
    const std::lock_guard lock(common_.lock);
    if (!common_.access.initialized()) return false;
    if (receiver_ == nullptr) {
      // Nobody knows the new receiver, so there is no event to wait for, and no INVITE finds it empty.
      receiver_ = std::make_shared<Receiver>(Receiver{&events});
      return true;
    }
    receiver = receiver_;
  }
  common_.delivery->exclusively([&] { receiver->events = &events; });
  return true;
}

void Invitations::close() {
  std::shared_ptr<Receiver> receiver;
  {
    const std::lock_guard lock(common_.lock);
    receiver = receiver_;
    forgetAll();
  }
  if (receiver != nullptr) common_.delivery->exclusively([&] { receiver->events = nullptr; });
}

void Invitations::forgetAll() {
  receiver_.reset();
  locals_.clear();
  remotes_.clear();
  endedRemotes_.clear();
  signals_.clear();
}

Invitations::Local Invitations::create(std::string_view calleeId, std::uint64_t tag) {
  if (!isValidUserId(calleeId)) return nullptr;
  const auto invitation = std::make_shared<LocalInvitation>(std::string(calleeId), tag);
  const std::lock_guard lock(common_.lock);
  if (receiver_ == nullptr) return nullptr;
  locals_.emplace(invitation.get(), invitation);
  return invitation;
}

void Invitations::release(const LocalInvitation& invitation) {
  Local released;  // dies outside the lock
  const std::lock_guard lock(common_.lock);
  const auto found = locals_.find(&invitation);
  if (found == locals_.end()) return;
  released = std::move(found->second);
  locals_.erase(found);
}

bool Invitations::knows(const Local& invitation) const {
  return receiver_ != nullptr && locals_.contains(invitation.get());
}

InvitationCode Invitations::send(const Local& invitation, std::string_view content, std::string_view channelId) {
  const std::lock_guard lock(common_.lock);
  if (!knows(invitation) || !isValidInvitationText(content, common_.limits.invitations.contentBytes) ||
      (!channelId.empty() && !isValidChannelId(channelId))) {
    return InvitationCode::InvalidArgument;
  }
  LocalStep step;
  const InvitationCode code = invitation->machine_.send(steadyMs(), step);
  if (code != InvitationCode::Ok) return code;
  invitation->content_ = content;
  invitation->channelId_ = channelId;
  invitation->invitationId_ = newInvitationId();
  // Accepted, and fails by its event (docs/spec/semantics.md §7).
  if (!common_.access.usable()) step = invitation->machine_.loggedOut();
  perform(invitation, step);
  return InvitationCode::Ok;
}

InvitationCode Invitations::cancel(const Local& invitation) {
  const std::lock_guard lock(common_.lock);
  if (!knows(invitation)) return InvitationCode::InvalidArgument;
  LocalStep step;
  const InvitationCode code = invitation->machine_.cancel(step);
  if (code == InvitationCode::Ok) perform(invitation, step);
  return code;
}

InvitationCode Invitations::accept(std::uint64_t number, std::string_view response) {
  return answer(number, true, response);
}

InvitationCode Invitations::refuse(std::uint64_t number, std::string_view response) {
  return answer(number, false, response);
}

InvitationCode Invitations::answer(std::uint64_t number, bool accept, std::string_view response) {
  const std::lock_guard lock(common_.lock);
  if (receiver_ == nullptr) return InvitationCode::InvalidArgument;
  const Remote remote = known(number);
  if (remote == nullptr) return InvitationCode::AlreadyEnd;  // longer ago than ended ones are kept
  if (!isValidInvitationText(response, common_.limits.invitations.responseBytes))
    return InvitationCode::InvalidArgument;
  RemoteStep step;
  const InvitationCode code = accept ? remote->machine_.accept(steadyMs(), step) : remote->machine_.refuse(step);
  if (code != InvitationCode::Ok) return code;
  remote->response_ = response;
  perform(remote, step);
  return InvitationCode::Ok;
}

Invitations::Remote Invitations::known(std::uint64_t number) const {
  if (const auto found = remotes_.find(number); found != remotes_.end()) return found->second;
  const auto ended = std::find_if(endedRemotes_.begin(), endedRemotes_.end(),
                                  [number](const Remote& remote) { return remote->number_ == number; });
  return ended != endedRemotes_.end() ? *ended : nullptr;
}

void Invitations::watch() {
  common_.thread.post([](Connection& connection) { connection.watchDeadlines(); });
}

bool Invitations::tick(std::uint64_t nowMs) {
  if (receiver_ == nullptr) return false;
  const Timing& timing = common_.config.timing;
  const InvitationTiming limits{timing.invitationSend, timing.invitation, timing.acceptance};

  bool busy = false;
  const auto locals = locals_;  // an effect may change the maps
  for (const auto& [key, local] : locals) {
    if (local->machine_.active()) perform(local, local->machine_.tick(nowMs, limits));
    busy = busy || local->machine_.active();
  }
  const auto remotes = remotes_;
  for (const auto& [key, remote] : remotes) {
    perform(remote, remote->machine_.tick(nowMs, limits));
    busy = busy || !remote->machine_.ended();
  }

  std::vector<Signal> due;
  for (auto it = signals_.begin(); it != signals_.end();) {
    Signal& signal = it->second;
    const bool invite = signal.action == wire::InvitationAction::Invite;
    const Local local = invite ? findLocal(signal.peerId, signal.invitationId) : nullptr;
    const bool pointless = invite && (local == nullptr || !local->machine_.active());
    const bool over = signal.retryAt != 0 && (pointless || nowMs >= signal.deadline);
    const bool retry = signal.retryAt != 0 && !over && nowMs >= signal.retryAt;
    if (retry) due.push_back(signal);
    it = over || retry ? signals_.erase(it) : std::next(it);
  }
  for (Signal& signal : due) send(std::move(signal));
  return busy || !signals_.empty();
}

void Invitations::onLoggedOut() {
  signals_.clear();
  const auto locals = locals_;
  for (const auto& [key, local] : locals) perform(local, local->machine_.loggedOut());
  const auto remotes = remotes_;
  for (const auto& [key, remote] : remotes) perform(remote, remote->machine_.loggedOut());
}

}  // namespace rtm::client

#include "client/call_manager.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "base/identifiers.hpp"
#include "client/factory.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

constexpr std::uint64_t kRetryMs = 1000;
constexpr std::size_t kEndedKept = 256;

bool isValidText(const std::string& text, std::size_t most) {
  return text.size() <= most && isValidUtf8(text);
}

/// Invitations of callees whose managers are released: a program may look at them and release them still (spec sources
/// S-4), so they stay for a while, as released services do.
void keepForRelease(std::shared_ptr<RemoteInvitation> invitation) {
  static std::mutex mutex;
  static auto* const kept = new std::deque<std::shared_ptr<RemoteInvitation>>;
  std::shared_ptr<RemoteInvitation> dropped;
  const std::lock_guard lock(mutex);
  kept->push_back(std::move(invitation));
  if (kept->size() > kEndedKept) {
    dropped = std::move(kept->front());
    kept->pop_front();
  }
}

/// Call ids are the caller's: 64 random bits, so that a guess does not end somebody's call.
std::uint64_t newCallId() {
  std::random_device device;
  const std::uint64_t high = device();
  return (high << 32 | device()) | 1;
}

}  // namespace

void LocalInvitation::setContent(const char* content) {
  if (state_ == LOCAL_INVITATION_STATE_IDLE) content_ = content != nullptr ? content : "";
}

void LocalInvitation::setChannelId(const char* channelId) {
  if (state_ == LOCAL_INVITATION_STATE_IDLE) channelId_ = channelId != nullptr ? channelId : "";
}

const char* LocalInvitation::getResponse() const {
  const LOCAL_INVITATION_STATE state = state_;
  const bool answered =
      state == LOCAL_INVITATION_STATE_ACCEPTED_BY_REMOTE || state == LOCAL_INVITATION_STATE_REFUSED_BY_REMOTE;
  return answered ? response_.c_str() : "";
}

void LocalInvitation::release() {
  const std::shared_ptr<LocalInvitation> keep = std::move(self_);
  if (const std::shared_ptr<CallManager> manager = manager_.lock()) manager->dropLocal(this);
}

void RemoteInvitation::setResponse(const char* response) {
  if (state_ == REMOTE_INVITATION_STATE_INVITATION_RECEIVED) response_ = response != nullptr ? response : "";
}

std::shared_ptr<IRemoteCallInvitation> holdInvitation(IRemoteCallInvitation& invitation) {
  return static_cast<RemoteInvitation&>(invitation).shared_from_this();
}

void RemoteInvitation::release() {}  // the manager keeps it as long as the call runs, and some time longer

ILocalCallInvitation* CallManager::createLocalCallInvitation(const char* calleeId) {
  if (calleeId == nullptr || !isValidUserId(calleeId)) return nullptr;
  const std::shared_ptr<Service> service = service_.lock();
  if (service == nullptr) return nullptr;
  const auto invitation = std::make_shared<LocalInvitation>(weak_from_this(), calleeId);
  const std::lock_guard lock(service->callLock());
  if (released_) return nullptr;
  locals_.emplace(invitation.get(), invitation);
  return invitation.get();
}

void CallManager::dropLocal(const LocalInvitation* invitation) {
  std::shared_ptr<LocalInvitation> dropped;  // dies outside the lock
  const std::shared_ptr<Service> service = service_.lock();
  const std::unique_lock lock =
      service != nullptr ? std::unique_lock(service->callLock()) : std::unique_lock<std::mutex>();
  const auto found = locals_.find(invitation);
  if (found == locals_.end()) return;
  dropped = std::move(found->second);
  locals_.erase(found);
}

std::shared_ptr<LocalInvitation> CallManager::known(const ILocalCallInvitation* invitation) const {
  const auto found = locals_.find(static_cast<const LocalInvitation*>(invitation));
  return found != locals_.end() ? found->second : nullptr;
}

std::shared_ptr<RemoteInvitation> CallManager::known(const IRemoteCallInvitation* invitation) const {
  const auto* remote = static_cast<const RemoteInvitation*>(invitation);
  if (const auto found = remotes_.find(remote); found != remotes_.end()) return found->second;
  const auto ended = std::find_if(endedRemotes_.begin(), endedRemotes_.end(),
                                  [remote](const auto& entry) { return entry.get() == remote; });
  return ended != endedRemotes_.end() ? *ended : nullptr;
}

int CallManager::sendLocalInvitation(ILocalCallInvitation* invitation) {
  const std::shared_ptr<Service> service = service_.lock();
  if (service == nullptr) return INVITATION_API_CALL_ERR_INVALID_ARGUMENT;
  const std::lock_guard lock(service->callLock());
  const std::shared_ptr<LocalInvitation> local = known(invitation);
  if (released_ || local == nullptr || !isValidText(local->content_, service->callLimits().contentBytes) ||
      (!local->channelId_.empty() && !isValidChannelId(local->channelId_))) {
    return INVITATION_API_CALL_ERR_INVALID_ARGUMENT;
  }
  LocalStep step;
  if (const int code = local->machine_.send(service->callClockMs(), step)) return code;
  local->callId_ = newCallId();
  if (!service->callsAllowed()) step = local->machine_.loggedOut();  // accepted, and fails by callback (semantics §7)
  perform(local, step, *service);
  return INVITATION_API_CALL_ERR_OK;
}

int CallManager::cancelLocalInvitation(ILocalCallInvitation* invitation) {
  const std::shared_ptr<Service> service = service_.lock();
  if (service == nullptr) return INVITATION_API_CALL_ERR_INVALID_ARGUMENT;
  const std::lock_guard lock(service->callLock());
  const std::shared_ptr<LocalInvitation> local = known(invitation);
  if (released_ || local == nullptr) return INVITATION_API_CALL_ERR_INVALID_ARGUMENT;
  LocalStep step;
  if (const int code = local->machine_.cancel(step)) return code;
  perform(local, step, *service);
  return INVITATION_API_CALL_ERR_OK;
}

int CallManager::acceptRemoteInvitation(IRemoteCallInvitation* invitation) {
  return remoteCall(invitation, true);
}

int CallManager::refuseRemoteInvitation(IRemoteCallInvitation* invitation) {
  return remoteCall(invitation, false);
}

int CallManager::remoteCall(IRemoteCallInvitation* invitation, bool accept) {
  const std::shared_ptr<Service> service = service_.lock();
  if (service == nullptr) return INVITATION_API_CALL_ERR_INVALID_ARGUMENT;
  const std::lock_guard lock(service->callLock());
  const std::shared_ptr<RemoteInvitation> remote = known(invitation);
  if (released_ || remote == nullptr || !isValidText(remote->response_, service->callLimits().responseBytes)) {
    return INVITATION_API_CALL_ERR_INVALID_ARGUMENT;
  }
  RemoteStep step;
  const int code = accept ? remote->machine_.accept(service->callClockMs(), step) : remote->machine_.refuse(step);
  if (code != INVITATION_API_CALL_ERR_OK) return code;
  perform(remote, step, *service);
  return INVITATION_API_CALL_ERR_OK;
}

void CallManager::release() {
  const std::shared_ptr<CallManager> keep = std::move(self);
  if (keep == nullptr) return;
  delivery_->exclusively([this] { handler_ = nullptr; });
  const std::shared_ptr<Service> service = service_.lock();
  const std::unique_lock lock =
      service != nullptr ? std::unique_lock(service->callLock()) : std::unique_lock<std::mutex>();
  // Its invitations are the user's still, who may release them later.
  for (const auto& [key, local] : locals_) local->self_ = local;
  for (const std::shared_ptr<RemoteInvitation>& ended : endedRemotes_) keepForRelease(ended);
  for (const auto& [key, remote] : remotes_) keepForRelease(remote);
  if (service == nullptr) return;
  released_ = true;
  remotes_.clear();
  signals_.clear();
  service->forgetCallManager();
}

void CallManager::replaceHandler(IRtmCallEventHandler* handler) {
  if (handler != nullptr) delivery_->exclusively([this, handler] { handler_ = handler; });
}

void CallManager::perform(const std::shared_ptr<LocalInvitation>& invitation, const LocalStep& step, Service& service) {
  const std::uint64_t now = service.callClockMs();
  Signal signal{.peerId = invitation->calleeId_, .callId = invitation->callId_};
  if (step.sendInvite) {
    signal.action = wire::CallAction::Invite;
    signal.content = invitation->content_;
    signal.channelId = invitation->channelId_;
    signal.deadline = now + service.callTiming().invitationSend;
    send(signal, service);
  }
  if (step.sendCancel) {
    signal.action = wire::CallAction::Cancel;
    signal.deadline = now + service.callTiming().acceptance;
    send(signal, service);
  }
  if (step.sendAcceptAck) {
    signal.action = wire::CallAction::AcceptAck;
    signal.deadline = now;  // once: a lost one is asked for again by the repeated acceptance
    send(signal, service);
  }
  invitation->state_ = invitation->machine_.state();
  if (step.report == LocalStep::Report::None) return;
  delivery_->run([manager = shared_from_this(), invitation, report = step.report, error = step.error] {
    IRtmCallEventHandler* handler = manager->handler_;
    if (handler == nullptr) return;
    switch (report) {
      case LocalStep::Report::None:
        return;
      case LocalStep::Report::ReceivedByPeer:
        return handler->onLocalInvitationReceivedByPeer(invitation.get());
      case LocalStep::Report::Canceled:
        return handler->onLocalInvitationCanceled(invitation.get());
      case LocalStep::Report::Failure:
        return handler->onLocalInvitationFailure(invitation.get(), error);
      case LocalStep::Report::Accepted:
        return handler->onLocalInvitationAccepted(invitation.get(), invitation->getResponse());
      case LocalStep::Report::Refused:
        return handler->onLocalInvitationRefused(invitation.get(), invitation->getResponse());
    }
  });
}

void CallManager::perform(const std::shared_ptr<RemoteInvitation>& invitation, const RemoteStep& step,
                          Service& service) {
  const std::uint64_t now = service.callClockMs();
  if (step.sendAccept || step.sendRefuse) {
    send(Signal{.peerId = invitation->callerId_,
                .callId = invitation->callId_,
                .action = step.sendAccept ? wire::CallAction::Accept : wire::CallAction::Refuse,
                .response = invitation->response_,
                .deadline = now + service.callTiming().acceptance},
         service);
  }
  invitation->state_ = invitation->machine_.state();
  if (invitation->machine_.ended() && remotes_.erase(invitation.get()) != 0) {
    endedRemotes_.push_back(invitation);
    if (endedRemotes_.size() > kEndedKept) endedRemotes_.pop_front();
  }
  if (step.report == RemoteStep::Report::None) return;
  delivery_->run([manager = shared_from_this(), invitation, report = step.report, error = step.error] {
    IRtmCallEventHandler* handler = manager->handler_;
    if (handler == nullptr) return;
    switch (report) {
      case RemoteStep::Report::None:
        return;
      case RemoteStep::Report::Received:
        return handler->onRemoteInvitationReceived(invitation.get());
      case RemoteStep::Report::Accepted:
        return handler->onRemoteInvitationAccepted(invitation.get());
      case RemoteStep::Report::Refused:
        return handler->onRemoteInvitationRefused(invitation.get());
      case RemoteStep::Report::Canceled:
        return handler->onRemoteInvitationCanceled(invitation.get());
      case RemoteStep::Report::Failure:
        return handler->onRemoteInvitationFailure(invitation.get(), error);
    }
  });
}

void CallManager::send(Signal signal, Service& service) {
  const wire::CallSignal body{.callId = signal.callId,
                              .action = signal.action,
                              .content = signal.content,
                              .channelId = signal.channelId,
                              .response = signal.response};
  const std::uint64_t token = nextToken_++;
  const bool queued = service.sendSignal(signal.peerId, body, token);
  signal.retryAt = queued ? 0 : service.callClockMs() + kRetryMs;
  signals_.emplace(token, std::move(signal));
  service.watchCalls();
}

void CallManager::onSignalResult(std::uint64_t token, std::uint32_t code) {
  const std::shared_ptr<Service> service = service_.lock();
  const auto found = signals_.find(token);
  if (found == signals_.end() || service == nullptr) return;
  Signal& signal = found->second;
  const std::shared_ptr<LocalInvitation> local =
      signal.action == wire::CallAction::Invite ? findLocal(signal.peerId, signal.callId) : nullptr;
  if (code == PEER_MESSAGE_ERR_OK) {
    signals_.erase(found);
    // The callee's SDK has it: that is the acknowledgement.
    if (local != nullptr) perform(local, local->machine_.delivered(), *service);
    return;
  }
  if (local != nullptr) local->machine_.undelivered(code == PEER_MESSAGE_ERR_PEER_UNREACHABLE);
  signal.retryAt = service->callClockMs() + kRetryMs;
}

void CallManager::onSignal(std::string_view peerId, const wire::CallSignal& signal) {
  const std::shared_ptr<Service> service = service_.lock();
  if (released_ || service == nullptr) return;
  switch (signal.action) {
    case wire::CallAction::Invite: {
      if (findRemote(peerId, signal.callId) != nullptr) return;  // a repeat
      const auto remote = std::make_shared<RemoteInvitation>(weak_from_this(), std::string(peerId), signal);
      remotes_.emplace(remote.get(), remote);
      perform(remote, remote->machine_.received(service->callClockMs()), *service);
      service->watchCalls();
      return;
    }
    case wire::CallAction::Cancel:
    case wire::CallAction::AcceptAck: {
      const std::shared_ptr<RemoteInvitation> remote = findRemote(peerId, signal.callId);
      if (remote == nullptr) return;
      perform(remote,
              signal.action == wire::CallAction::Cancel ? remote->machine_.canceledByCaller()
                                                        : remote->machine_.acceptanceConfirmed(),
              *service);
      return;
    }
    case wire::CallAction::Accept:
    case wire::CallAction::Refuse: {
      const std::shared_ptr<LocalInvitation> local = findLocal(peerId, signal.callId);
      if (local == nullptr) return;
      // An answer shows that the callee has the invitation; the word of it may still be on its way behind the answer.
      perform(local, local->machine_.delivered(), *service);
      if (local->machine_.active()) local->response_ = signal.response;
      perform(local,
              signal.action == wire::CallAction::Accept ? local->machine_.acceptedByRemote()
                                                        : local->machine_.refusedByRemote(),
              *service);
      return;
    }
    default:
      return;  // of a newer SDK
  }
}

bool CallManager::tick(std::uint64_t nowMs) {
  const std::shared_ptr<Service> service = service_.lock();
  if (released_ || service == nullptr) return false;
  const Timing& timing = service->callTiming();
  const InvitationTiming limits{timing.invitationSend, timing.invitation, timing.acceptance};

  bool busy = false;
  const auto locals = locals_;  // what is performed may change the maps
  for (const auto& [key, local] : locals) {
    if (local->machine_.active()) perform(local, local->machine_.tick(nowMs, limits), *service);
    busy = busy || local->machine_.active();
  }
  const auto remotes = remotes_;
  for (const auto& [key, remote] : remotes) {
    perform(remote, remote->machine_.tick(nowMs, limits), *service);
    busy = busy || !remote->machine_.ended();
  }

  std::vector<Signal> due;
  for (auto it = signals_.begin(); it != signals_.end();) {
    Signal& signal = it->second;
    const std::shared_ptr<LocalInvitation> local =
        signal.action == wire::CallAction::Invite ? findLocal(signal.peerId, signal.callId) : nullptr;
    const bool pointless = signal.action == wire::CallAction::Invite && (local == nullptr || !local->machine_.active());
    const bool over = signal.retryAt != 0 && (pointless || nowMs >= signal.deadline);
    const bool retry = signal.retryAt != 0 && !over && nowMs >= signal.retryAt;
    if (retry) due.push_back(signal);
    it = over || retry ? signals_.erase(it) : std::next(it);
  }
  for (Signal& signal : due) send(std::move(signal), *service);
  return busy || !signals_.empty();
}

void CallManager::onLoggedOut() {
  const std::shared_ptr<Service> service = service_.lock();
  if (released_ || service == nullptr) return;
  signals_.clear();
  const auto locals = locals_;
  for (const auto& [key, local] : locals) perform(local, local->machine_.loggedOut(), *service);
  const auto remotes = remotes_;
  for (const auto& [key, remote] : remotes) perform(remote, remote->machine_.loggedOut(), *service);
}

std::shared_ptr<LocalInvitation> CallManager::findLocal(std::string_view calleeId, std::uint64_t callId) const {
  for (const auto& [key, local] : locals_) {
    if (local->callId_ == callId && local->calleeId_ == calleeId) return local;
  }
  return nullptr;
}

std::shared_ptr<RemoteInvitation> CallManager::findRemote(std::string_view callerId, std::uint64_t callId) const {
  const auto matches = [&](const RemoteInvitation& remote) {
    return remote.callId_ == callId && remote.callerId_ == callerId;
  };
  for (const auto& [key, remote] : remotes_) {
    if (matches(*remote)) return remote;
  }
  for (const std::shared_ptr<RemoteInvitation>& remote : endedRemotes_) {
    if (matches(*remote)) return remote;
  }
  return nullptr;
}

}  // namespace rtm::client

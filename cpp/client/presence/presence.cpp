#include "client/presence/presence.hpp"

#include <algorithm>
#include <utility>

#include "base/identifiers.hpp"
#include "client/client_common.hpp"
#include "client/requests/id_list.hpp"

namespace rtm::client {

namespace {

/// States for an event, whose views point into `users`.
struct StatusList {
  std::vector<std::string> users;
  std::vector<std::uint32_t> states;

  std::vector<PeerStatus> views() const {
    std::vector<PeerStatus> list;
    list.reserve(users.size());
    for (std::size_t i = 0; i < users.size(); ++i) list.push_back({users[i], static_cast<PeerState>(states[i])});
    return list;
  }
};

}  // namespace

PresenceQueryCode Presence::query(std::span<const std::string_view> userIds, RequestId& id) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<PresenceQueryCode>(); code != PresenceQueryCode::Ok) return code;
  const std::size_t most = common_.limits.queryPeers;
  PendingRequest pending;
  if ((most != 0 && userIds.size() > most) || !copyIds(userIds, isValidUserId, pending.names)) {
    return PresenceQueryCode::InvalidArgument;
  }
  if (!common_.queue.acceptCall(wire::RateGroup::PresenceQuery)) return PresenceQueryCode::TooOften;
  wire::PresenceQuery request{.userIds = viewsOf(pending.names)};
  return common_.requests.start(*this, request, RequestKind::PresenceQuery, std::move(pending), id)
             ? PresenceQueryCode::Ok
             : PresenceQueryCode::TooOften;
}

SubscriptionCode Presence::subscribe(std::span<const std::string_view> userIds, RequestId& id) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<SubscriptionCode>(); code != SubscriptionCode::Ok) return code;
  PendingRequest pending;
  std::vector<std::string>& names = pending.names;
  if (!copyIds(userIds, isValidUserId, names)) return SubscriptionCode::InvalidArgument;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  // The whole call fails, and nothing changes, if it would bring the total over the bound.
  const auto added = std::count_if(names.begin(), names.end(),
                                   [this](const std::string& user) { return !subscriptions_.contains(user); });
  const std::size_t most = common_.limits.subscribedPeers;
  if (most != 0 && subscriptions_.size() + static_cast<std::size_t>(added) > most) return SubscriptionCode::Overflow;
  if (!common_.queue.acceptCall(wire::RateGroup::Subscribe)) return SubscriptionCode::TooOften;
  wire::PresenceSubscribe request{.userIds = viewsOf(names)};
  const std::vector<std::string> users = names;
  if (!common_.requests.start(*this, request, RequestKind::Subscribe, std::move(pending), id)) {
    return SubscriptionCode::TooOften;
  }
  for (const std::string& user : users) {
    std::uint32_t& reported = subscriptions_.try_emplace(user, kNeverReported).first->second;
    if (reported != kNeverReported) reported = kReportAgain;
  }
  return SubscriptionCode::Ok;
}

SubscriptionCode Presence::unsubscribe(std::span<const std::string_view> userIds, RequestId& id) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<SubscriptionCode>(); code != SubscriptionCode::Ok) return code;
  PendingRequest pending;
  if (!copyIds(userIds, isValidUserId, pending.names)) return SubscriptionCode::InvalidArgument;
  const std::size_t most = common_.limits.subscribedPeers;
  if (most != 0 && pending.names.size() > most) return SubscriptionCode::Overflow;
  if (!common_.queue.acceptCall(wire::RateGroup::Unsubscribe)) return SubscriptionCode::TooOften;
  wire::PresenceUnsubscribe request{.userIds = viewsOf(pending.names)};
  const std::vector<std::string> users = pending.names;
  if (!common_.requests.start(*this, request, RequestKind::Unsubscribe, std::move(pending), id)) {
    return SubscriptionCode::TooOften;
  }
  for (const std::string& user : users) subscriptions_.erase(user);
  return SubscriptionCode::Ok;
}

SubscriptionListCode Presence::listSubscriptions(RequestId& id) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<SubscriptionListCode>(); code != SubscriptionListCode::Ok) return code;
  if (!common_.queue.acceptCall(wire::RateGroup::SubscriptionList)) return SubscriptionListCode::TooOften;
  id = common_.requests.nextId();
  // This side knows its subscriptions, and the server has nothing to add.
  std::vector<std::string> users;
  users.reserve(subscriptions_.size());
  for (const auto& [user, state] : subscriptions_) users.push_back(user);
  common_.delivery->run([&events = common_.events, request = id, users = std::move(users)] {
    events.onSubscriptionList(request, viewsOf(users), SubscriptionListCode::Ok);
  });
  return SubscriptionListCode::Ok;
}

void Presence::take(const wire::PresenceStates& states) {
  std::optional<PendingRequest> pending = common_.requests.take(states.requestId);
  if (!pending) return;
  const auto code = static_cast<PresenceQueryCode>(states.code);
  if (code != PresenceQueryCode::Ok || states.states.size() != pending->names.size()) {
    return Requests::end(*pending, static_cast<int>(code != PresenceQueryCode::Ok ? code : PresenceQueryCode::Failure));
  }
  common_.delivery->run(
      [&events = common_.events, id = pending->id, list = StatusList{std::move(pending->names), states.states}] {
        events.onPresenceQueryResult(id, list.views(), PresenceQueryCode::Ok);
      });
}

bool Presence::take(const wire::PresenceEvent& event) {
  if (event.userIds.size() != event.states.size()) return false;
  StatusList changed;
  for (std::size_t i = 0; i < event.userIds.size(); ++i) {
    const auto found = subscriptions_.find(event.userIds[i]);
    // Not subscribed (any more), or known: after a reconnect the server tells all states, the user hears differences.
    if (found == subscriptions_.end() || found->second == event.states[i]) continue;
    found->second = event.states[i];
    changed.users.push_back(found->first);
    changed.states.push_back(event.states[i]);
  }
  if (changed.users.empty()) return true;
  common_.delivery->run(
      [&events = common_.events, changed = std::move(changed)] { events.onPeersChanged(changed.views()); });
  return true;
}

/// Says it in as many frames as it takes: a policy may allow more users than one holds.
template <typename Request>
void Presence::repeat(const std::vector<std::string>& users) {
  constexpr std::size_t kPiece = 512;
  for (std::size_t at = 0; at < users.size(); at += kPiece) {
    const auto first = users.begin() + static_cast<std::ptrdiff_t>(at);
    PendingRequest pending;
    pending.names.assign(first, first + static_cast<std::ptrdiff_t>(std::min(kPiece, users.size() - at)));
    Request request{.userIds = viewsOf(pending.names)};
    common_.requests.start(*this, request, RequestKind::Resubscribe, std::move(pending));
  }
}

void Presence::subscribeAll() {
  std::vector<std::string> users;
  users.reserve(subscriptions_.size());
  for (const auto& [user, state] : subscriptions_) users.push_back(user);
  repeat<wire::PresenceSubscribe>(users);
}

void Presence::restore() {
  unsettled_.clear();
  subscribeAll();
}

void Presence::onResumed(bool lost) {
  if (lost) subscribeAll();
  if (unsettled_.empty()) return;
  // What timed out may never have reached the server.
  std::vector<std::string> unwanted;
  for (const std::string& user : unsettled_) {
    if (!subscriptions_.contains(user)) unwanted.push_back(user);
  }
  unsettled_.clear();
  repeat<wire::PresenceUnsubscribe>(unwanted);
  subscribeAll();
}

void Presence::onSessionOver() {
  subscriptions_.clear();
  unsettled_.clear();
}

void Presence::onRequestEnded(PendingRequest& request, int number) {
  switch (request.kind) {
    case RequestKind::PresenceQuery:
      return common_.delivery->run(
          [&events = common_.events, id = request.id, code = static_cast<PresenceQueryCode>(number)] {
            events.onPresenceQueryResult(id, {}, code);
          });
    case RequestKind::Resubscribe:
      if (static_cast<SubscriptionCode>(number) != SubscriptionCode::Ok) {
        common_.log.error("could not restore the presence subscriptions, code " + std::to_string(number));
      }
      return;
    default:
      return onSubscribeEnded(request, static_cast<SubscriptionCode>(number));
  }
}

void Presence::onSubscribeEnded(const PendingRequest& request, SubscriptionCode code) {
  const bool unknown = code == SubscriptionCode::Timeout && !request.unsent;
  // A refusal changes nothing on the server, nor does what never left; a timeout leaves it open, and the next reconnect
  // settles it.
  if (request.kind == RequestKind::Subscribe && code != SubscriptionCode::Ok && !unknown) {
    for (const std::string& user : request.names) {
      const auto found = subscriptions_.find(user);
      if (found != subscriptions_.end() && found->second == kNeverReported) subscriptions_.erase(found);
    }
  }
  if (request.kind == RequestKind::Unsubscribe && request.unsent && common_.access.loggedIn()) {
    for (const std::string& user : request.names) subscriptions_.try_emplace(user, kNeverReported);
  }
  if (unknown && common_.access.loggedIn()) unsettled_.insert(request.names.begin(), request.names.end());
  common_.delivery->run([&events = common_.events, id = request.id, code] { events.onSubscriptionResult(id, code); });
}

}  // namespace rtm::client

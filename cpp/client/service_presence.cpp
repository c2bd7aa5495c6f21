// Presence: queries and subscriptions (spec semantics §6), and member counts, which are asked the same way.

#include <algorithm>

#include "base/identifiers.hpp"
#include "client/service.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

/// The ids of a call as strings of our own. False: null list, count below 1, or an id that `valid` refuses.
bool copyIds(const char* const* ids, int count, bool (*valid)(std::string_view), std::vector<std::string>& out) {
  if (ids == nullptr || count <= 0) return false;
  out.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    if (ids[i] == nullptr || !valid(ids[i])) return false;
    out.emplace_back(ids[i]);
  }
  return true;
}

std::vector<std::string_view> views(const std::vector<std::string>& strings) {
  return {strings.begin(), strings.end()};
}

PeerOnlineStatus statusOf(const std::string& user, std::uint32_t state) {
  PeerOnlineStatus status{};
  status.peerId = user.c_str();
  status.onlineState = static_cast<PEER_ONLINE_STATE>(state);
  status.isOnline = state == PEER_ONLINE_STATE_ONLINE;
  return status;
}

/// What a handler is given: statuses that point into `users`, which lives as long as they do.
struct StatusList {
  std::vector<std::string> users;
  std::vector<std::uint32_t> states;

  template <typename Use>
  void with(Use&& use) const {
    std::vector<PeerOnlineStatus> list;
    list.reserve(users.size());
    for (std::size_t i = 0; i < users.size(); ++i) list.push_back(statusOf(users[i], states[i]));
    use(list.data(), static_cast<int>(list.size()));
  }
};

}  // namespace

int Service::queryPeersOnlineStatus(const char* peerIds[], int peerCount, long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (!initialized_) return QUERY_PEERS_ONLINE_STATUS_ERR_NOT_INITIALIZED;
  if (!machine_.loggedIn()) return QUERY_PEERS_ONLINE_STATUS_ERR_USER_NOT_LOGGED_IN;
  PendingRequest pending;
  if ((limits_.queryPeers != 0 && peerCount > static_cast<int>(limits_.queryPeers)) ||
      !copyIds(peerIds, peerCount, isValidUserId, pending.names)) {
    return QUERY_PEERS_ONLINE_STATUS_ERR_INVALID_ARGUMENT;
  }
  if (!acceptCall(wire::RateGroup::PresenceQuery)) return QUERY_PEERS_ONLINE_STATUS_ERR_TOO_OFTEN;
  wire::PresenceQuery request{.userIds = views(pending.names)};
  if (!startRequest(request, RequestKind::PresenceQuery, std::move(pending), requestId)) {
    return QUERY_PEERS_ONLINE_STATUS_ERR_TOO_OFTEN;
  }
  return QUERY_PEERS_ONLINE_STATUS_ERR_OK;
}

int Service::subscribePeersOnlineStatus(const char* peerIds[], int peerCount, long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (!initialized_) return PEER_SUBSCRIPTION_STATUS_ERR_NOT_INITIALIZED;
  if (!machine_.loggedIn()) return PEER_SUBSCRIPTION_STATUS_ERR_USER_NOT_LOGGED_IN;
  PendingRequest pending;
  if (!copyIds(peerIds, peerCount, isValidUserId, pending.names)) return PEER_SUBSCRIPTION_STATUS_ERR_INVALID_ARGUMENT;
  std::sort(pending.names.begin(), pending.names.end());
  pending.names.erase(std::unique(pending.names.begin(), pending.names.end()), pending.names.end());
  // The whole call fails, and nothing changes, if it would bring the total over the bound.
  const auto added = std::count_if(pending.names.begin(), pending.names.end(), [this](const std::string& user) {
    return subscriptions_.find(user) == subscriptions_.end();
  });
  if (limits_.subscribedPeers != 0 &&
      subscriptions_.size() + static_cast<std::size_t>(added) > limits_.subscribedPeers) {
    return PEER_SUBSCRIPTION_STATUS_ERR_OVERFLOW;
  }
  if (!acceptCall(wire::RateGroup::Subscribe)) return PEER_SUBSCRIPTION_STATUS_ERR_TOO_OFTEN;
  wire::PresenceSubscribe request{.userIds = views(pending.names)};
  const std::vector<std::string> users = pending.names;
  if (!startRequest(request, RequestKind::Subscribe, std::move(pending), requestId)) {
    return PEER_SUBSCRIPTION_STATUS_ERR_TOO_OFTEN;
  }
  for (const std::string& user : users) {
    std::uint32_t& reported = subscriptions_.try_emplace(user, kNeverReported).first->second;
    if (reported != kNeverReported) reported = kReportAgain;
  }
  return PEER_SUBSCRIPTION_STATUS_ERR_OK;
}

int Service::unsubscribePeersOnlineStatus(const char* peerIds[], int peerCount, long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (!initialized_) return PEER_SUBSCRIPTION_STATUS_ERR_NOT_INITIALIZED;
  if (!machine_.loggedIn()) return PEER_SUBSCRIPTION_STATUS_ERR_USER_NOT_LOGGED_IN;
  PendingRequest pending;
  if (!copyIds(peerIds, peerCount, isValidUserId, pending.names)) return PEER_SUBSCRIPTION_STATUS_ERR_INVALID_ARGUMENT;
  if (limits_.subscribedPeers != 0 && pending.names.size() > limits_.subscribedPeers) {
    return PEER_SUBSCRIPTION_STATUS_ERR_OVERFLOW;
  }
  if (!acceptCall(wire::RateGroup::Unsubscribe)) return PEER_SUBSCRIPTION_STATUS_ERR_TOO_OFTEN;
  wire::PresenceUnsubscribe request{.userIds = views(pending.names)};
  const std::vector<std::string> users = pending.names;
  if (!startRequest(request, RequestKind::Unsubscribe, std::move(pending), requestId)) {
    return PEER_SUBSCRIPTION_STATUS_ERR_TOO_OFTEN;
  }
  for (const std::string& user : users) subscriptions_.erase(user);
  return PEER_SUBSCRIPTION_STATUS_ERR_OK;
}

int Service::queryPeersBySubscriptionOption(PEER_SUBSCRIPTION_OPTION option, long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (!initialized_) return QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_NOT_INITIALIZED;
  if (!machine_.loggedIn()) return QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_USER_NOT_LOGGED_IN;
  if (option != PEER_SUBSCRIPTION_OPTION_ONLINE_STATUS) return QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_FAILURE;
  if (!acceptCall(wire::RateGroup::SubscriptionList)) return QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_TOO_OFTEN;
  requestId = static_cast<long long>(nextRequestId_++);
  // This side knows its subscriptions, and the server has nothing to add.
  std::vector<std::string> users;
  users.reserve(subscriptions_.size());
  for (const auto& [user, state] : subscriptions_) users.push_back(user);
  notify([id = requestId, users = std::move(users)](IRtmServiceEventHandler& handler) {
    std::vector<const char*> ids;
    ids.reserve(users.size());
    for (const std::string& user : users) ids.push_back(user.c_str());
    handler.onQueryPeersBySubscriptionOptionResult(id, ids.data(), static_cast<int>(ids.size()),
                                                   QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_OK);
  });
  return QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_OK;
}

int Service::getChannelMemberCount(const char* channelIds[], int channelCount, long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (!initialized_) return GET_CHANNEL_MEMBER_COUNT_ERR_NOT_INITIALIZED;
  if (!machine_.loggedIn()) return GET_CHANNEL_MEMBER_COUNT_ERR_USER_NOT_LOGGED_IN;
  if (limits_.countChannels != 0 && channelCount > static_cast<int>(limits_.countChannels)) {
    return GET_CHANNEL_MEMBER_COUNT_ERR_EXCEED_LIMIT;
  }
  PendingRequest pending;
  if (!copyIds(channelIds, channelCount, isValidChannelId, pending.names)) {
    return GET_CHANNEL_MEMBER_COUNT_ERR_INVALID_ARGUMENT;
  }
  if (!acceptCall(wire::RateGroup::MemberCount)) return GET_CHANNEL_MEMBER_COUNT_ERR_TOO_OFTEN;
  wire::GetMemberCounts request{.channelIds = views(pending.names)};
  if (!startRequest(request, RequestKind::MemberCounts, std::move(pending), requestId)) {
    return GET_CHANNEL_MEMBER_COUNT_ERR_TOO_OFTEN;
  }
  return GET_CHANNEL_MEMBER_COUNT_ERR_OK;
}

bool Service::handleMemberCounts(const wire::MemberCounts& counts) {
  std::optional<PendingRequest> pending = takePending(counts.requestId);
  if (!pending) return true;
  if (counts.code != GET_CHANNEL_MEMBER_COUNT_ERR_OK || counts.counts.size() != pending->names.size()) {
    concludeRequest(*pending, counts.code != 0 ? static_cast<int>(counts.code) : GET_CHANNEL_MEMBER_COUNT_ERR_FAILURE);
    return true;
  }
  notify(
      [id = pending->id, names = std::move(pending->names), numbers = counts.counts](IRtmServiceEventHandler& handler) {
        std::vector<ChannelMemberCount> list;
        list.reserve(names.size());
        for (std::size_t i = 0; i < names.size(); ++i) {
          ChannelMemberCount count{};
          count.channelId = names[i].c_str();
          count.count = static_cast<int>(numbers[i]);
          list.push_back(count);
        }
        handler.onGetChannelMemberCountResult(id, list.data(), static_cast<int>(list.size()),
                                              GET_CHANNEL_MEMBER_COUNT_ERR_OK);
      });
  return true;
}

bool Service::handlePresenceStates(const wire::PresenceStates& states) {
  std::optional<PendingRequest> pending = takePending(states.requestId);
  if (!pending) return true;
  if (states.code != QUERY_PEERS_ONLINE_STATUS_ERR_OK || states.states.size() != pending->names.size()) {
    concludeRequest(*pending, states.code != 0 ? static_cast<int>(states.code) : QUERY_PEERS_ONLINE_STATUS_ERR_FAILURE);
    return true;
  }
  notify([id = pending->id,
          list = StatusList{std::move(pending->names), states.states}](IRtmServiceEventHandler& handler) {
    list.with([&](const PeerOnlineStatus* statuses, int count) {
      handler.onQueryPeersOnlineStatusResult(id, statuses, count, QUERY_PEERS_ONLINE_STATUS_ERR_OK);
    });
  });
  return true;
}

bool Service::handlePresenceEvent(const wire::PresenceEvent& event) {
  if (event.userIds.size() != event.states.size()) return malformed(wire::FrameKind::PresenceEvent);
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
  notify([changed = std::move(changed)](IRtmServiceEventHandler& handler) {
    changed.with(
        [&](const PeerOnlineStatus* statuses, int count) { handler.onPeersOnlineStatusChanged(statuses, count); });
  });
  return true;
}

/// Says it in as many frames as it takes: a policy may allow more users than one holds.
template <typename Request>
void Service::resubscribe(const std::vector<std::string>& users) {
  constexpr std::size_t kPiece = 512;
  for (std::size_t at = 0; at < users.size(); at += kPiece) {
    const auto first = users.begin() + static_cast<std::ptrdiff_t>(at);
    PendingRequest pending;
    pending.names.assign(first, first + static_cast<std::ptrdiff_t>(std::min(kPiece, users.size() - at)));
    Request request{.userIds = views(pending.names)};
    long long requestId = 0;
    startRequest(request, RequestKind::Resubscribe, std::move(pending), requestId);
  }
}

void Service::restoreSubscriptions() {
  std::vector<std::string> users;
  users.reserve(subscriptions_.size());
  for (const auto& [user, state] : subscriptions_) users.push_back(user);
  resubscribe<wire::PresenceSubscribe>(users);
}

/// After a resume: what timed out may never have reached the server.
void Service::settleSubscriptions() {
  if (unsettled_.empty()) return;
  std::vector<std::string> unwanted;
  for (const std::string& user : unsettled_) {
    if (subscriptions_.find(user) == subscriptions_.end()) unwanted.push_back(user);
  }
  unsettled_.clear();
  resubscribe<wire::PresenceUnsubscribe>(unwanted);
  restoreSubscriptions();
}

void Service::concludePresence(const PendingRequest& pending, int code) {
  switch (pending.kind) {
    case RequestKind::MemberCounts:
      return notify([id = pending.id, code](IRtmServiceEventHandler& handler) {
        handler.onGetChannelMemberCountResult(id, nullptr, 0, static_cast<GET_CHANNEL_MEMBER_COUNT_ERR_CODE>(code));
      });
    case RequestKind::PresenceQuery:
      return notify([id = pending.id, code](IRtmServiceEventHandler& handler) {
        handler.onQueryPeersOnlineStatusResult(id, nullptr, 0, static_cast<QUERY_PEERS_ONLINE_STATUS_ERR>(code));
      });
    case RequestKind::Subscribe:
      // A refusal changes nothing on the server; a timeout leaves it open, and the next reconnect settles it.
      if (code != PEER_SUBSCRIPTION_STATUS_ERR_OK && code != PEER_SUBSCRIPTION_STATUS_ERR_TIMEOUT) {
        for (const std::string& user : pending.names) {
          const auto found = subscriptions_.find(user);
          if (found != subscriptions_.end() && found->second == kNeverReported) subscriptions_.erase(found);
        }
      }
      [[fallthrough]];
    case RequestKind::Unsubscribe:
      if (code == PEER_SUBSCRIPTION_STATUS_ERR_TIMEOUT) unsettled_.insert(pending.names.begin(), pending.names.end());
      return notify([id = pending.id, code](IRtmServiceEventHandler& handler) {
        handler.onSubscriptionRequestResult(id, static_cast<PEER_SUBSCRIPTION_STATUS_ERR>(code));
      });
    case RequestKind::Resubscribe:
      if (code != PEER_SUBSCRIPTION_STATUS_ERR_OK) {
        log(LogLevel::Error, "could not restore the presence subscriptions, code " + std::to_string(code));
      }
      return;
    default:
      return;
  }
}

}  // namespace rtm::client

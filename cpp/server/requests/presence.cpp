#include <algorithm>
#include <memory>

#include "base/identifiers.hpp"
#include "server/gateway/gateway.hpp"
#include "server/model/codes.hpp"
#include "server/requests/handlers.hpp"

namespace rtm::server {
namespace {

bool allValidUsers(const std::vector<std::string_view>& userIds) {
  return !userIds.empty() && std::all_of(userIds.begin(), userIds.end(), isValidUserId);
}

/// Duplicates are fine and count once.
std::vector<std::string> unique(const std::vector<std::string_view>& userIds) {
  std::vector<std::string> names(userIds.begin(), userIds.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void answer(Peer& peer, std::uint32_t requestId, std::uint32_t code) {
  peer.send(wire::Result{.requestId = requestId, .code = code, .tokenLifeMs = 0});
}

/// The session that still uses the connection `peerId`; a connection has at most one.
Session* sessionOf(Gateway& gateway, std::uint64_t peerId) {
  Peer* peer = gateway.findPeer(peerId);
  return peer == nullptr ? nullptr : peer->session();
}

}  // namespace

void onPresenceQuery(Peer& peer, const wire::PresenceQuery& query) {
  Gateway& gateway = peer.gateway();
  SessionState& state = *peer.session()->state;
  const auto refuse = [&](std::uint32_t code) {
    peer.send(wire::PresenceStates{.requestId = query.requestId, .code = code, .states = {}});
  };
  const std::uint32_t most = gateway.context().options.limits.queryPeers;
  if (!state.quotas.take(wire::RateGroup::PresenceQuery, gateway.now())) return refuse(code::presence::kTooOften);
  if (most != 0 && query.userIds.size() > most) return refuse(code::presence::kInvalidArgument);
  if (!allValidUsers(query.userIds)) return refuse(code::presence::kInvalidArgument);
  gateway.port().presence(
      state.app, {query.userIds.begin(), query.userIds.end()},
      [&gateway, peerId = peer.id(), requestId = query.requestId](const std::vector<wire::PresenceState>& found) {
        Peer* asking = gateway.findPeer(peerId);
        if (asking == nullptr) return;
        wire::PresenceStates answer{.requestId = requestId, .code = code::kOk, .states = {}};
        if (found.empty()) answer.code = code::presence::kFailure;
        for (const wire::PresenceState one : found) {
          // UNREACHABLE is for subscribers only: until its session ends, a user counts as online.
          const bool offline = one == wire::PresenceState::Offline;
          answer.states.push_back(
              static_cast<std::uint32_t>(offline ? wire::PresenceState::Offline : wire::PresenceState::Online));
        }
        asking->send(answer);
      });
}

void onPresenceSubscribe(Peer& peer, const wire::PresenceSubscribe& subscribe) {
  Gateway& gateway = peer.gateway();
  Session& session = *peer.session();
  SessionState& state = *session.state;
  const auto refuse = [&](std::uint32_t code) { answer(peer, subscribe.requestId, code); };
  if (!state.quotas.take(wire::RateGroup::Subscribe, gateway.now())) return refuse(code::subscription::kTooOften);
  if (!allValidUsers(subscribe.userIds)) return refuse(code::subscription::kInvalidArgument);
  const auto names = std::make_shared<const std::vector<std::string>>(unique(subscribe.userIds));
  const std::uint32_t most = gateway.context().options.limits.subscribedPeers;
  const auto added = std::count_if(names->begin(), names->end(),
                                   [&state](const std::string& name) { return !state.subscriptions.contains(name); });
  if (most != 0 && state.subscriptions.size() + static_cast<std::size_t>(added) > most) {
    return refuse(code::subscription::kOverflow);
  }
  for (const std::string& name : *names) state.subscriptions.try_emplace(name);
  gateway.presence().list(session, *names, [&gateway, names, peerId = peer.id(), requestId = subscribe.requestId] {
    Session* asking = sessionOf(gateway, peerId);
    if (asking == nullptr) return;
    answer(*asking->peer, requestId, code::kOk);
    gateway.presence().tell(*asking, *names);
  });
}

void onPresenceUnsubscribe(Peer& peer, const wire::PresenceUnsubscribe& unsubscribe) {
  Gateway& gateway = peer.gateway();
  Session& session = *peer.session();
  SessionQuotas& quotas = session.state->quotas;
  const auto refuse = [&](std::uint32_t code) { answer(peer, unsubscribe.requestId, code); };
  if (!quotas.take(wire::RateGroup::Unsubscribe, gateway.now())) return refuse(code::subscription::kTooOften);
  if (!allValidUsers(unsubscribe.userIds)) return refuse(code::subscription::kInvalidArgument);
  const std::vector<std::string> names = unique(unsubscribe.userIds);
  const std::uint32_t most = gateway.context().options.limits.subscribedPeers;
  if (most != 0 && names.size() > most) return refuse(code::subscription::kOverflow);
  gateway.presence().unsubscribe(session, names);
  answer(peer, unsubscribe.requestId, code::kOk);
}

void restoreSubscriptions(Gateway& gateway, Session& session) {
  if (session.state->subscriptions.empty() || session.peer == nullptr) return;
  auto all = std::make_shared<std::vector<std::string>>();
  for (const auto& [userId, subscription] : session.state->subscriptions) all->push_back(userId);
  gateway.presence().list(session, *all, [&gateway, all, peerId = session.peer->id()] {
    if (Session* resumed = sessionOf(gateway, peerId)) gateway.presence().tell(*resumed, *all);
  });
}

}  // namespace rtm::server

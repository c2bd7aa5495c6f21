#include <algorithm>
#include <memory>

#include "base/identifiers.hpp"
#include "server/model/codes.hpp"
#include "server/requests/denials.hpp"
#include "server/requests/handlers.hpp"

namespace rtm::server {
namespace {

bool allValidUsers(const std::vector<std::string_view>& userIds) {
  return !userIds.empty() && std::all_of(userIds.begin(), userIds.end(), isValidUserId);
}

/// Sorted and without duplicates, which are no error and count once.
std::vector<std::string> unique(const std::vector<std::string_view>& userIds) {
  std::vector<std::string> names(userIds.begin(), userIds.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

/// Whether the user may not know the status of one of these users.
bool anyDenied(Gateway& gateway, const ClientConnection& connection, const std::vector<std::string_view>& userIds) {
  return std::any_of(userIds.begin(), userIds.end(),
                     [&](std::string_view userId) { return denied(gateway, connection, Action::Presence, userId); });
}

/// What one subscription takes: with the session, in the table of its loop, and with the watched user.
constexpr std::size_t kWatchBytes = 512;

void countWatches(Gateway& gateway, SessionState& state) {
  if (!state.watches) {
    state.watches =
        std::make_unique<MemoryCharge>(gateway.context().ledger.get(), state.user(), MemoryCategory::Watches);
  }
  state.watches->set(state.subscriptions.size() * kWatchBytes);
}

void answer(ClientConnection& connection, std::uint32_t requestId, std::uint32_t code) {
  connection.send(wire::Result{.requestId = requestId, .code = code, .tokenLifeMs = 0});
}

}  // namespace

void onPresenceQuery(Gateway& gateway, ClientConnection& connection, const wire::PresenceQuery& query) {
  SessionState& state = *connection.session()->state;
  const auto refuse = [&](std::uint32_t code) {
    connection.send(wire::PresenceStates{.requestId = query.requestId, .code = code, .states = {}});
  };
  const std::uint32_t most = gateway.context().options.limits.queryPeers;
  if (!state.quotas.take(wire::RateGroup::PresenceQuery, gateway.now())) return refuse(code::presence::kTooOften);
  if (most != 0 && query.userIds.size() > most) return refuse(code::presence::kInvalidArgument);
  if (!allValidUsers(query.userIds)) return refuse(code::presence::kInvalidArgument);
  if (anyDenied(gateway, connection, query.userIds)) return refuse(code::presence::kFailure);
  gateway.engine().presence(state.app, {query.userIds.begin(), query.userIds.end()},
                            [&gateway, connectionId = connection.id(),
                             requestId = query.requestId](const std::vector<wire::PresenceState>& found) {
                              ClientConnection* asking = gateway.connections().find(connectionId);
                              if (asking == nullptr) return;
                              wire::PresenceStates answer{.requestId = requestId, .code = code::kOk, .states = {}};
                              if (found.empty()) answer.code = code::presence::kFailure;
                              for (const wire::PresenceState one : found) {
                                // Only subscribers see UNREACHABLE: in an answer a user counts as online until its
                                // session ends.
                                const bool offline = one == wire::PresenceState::Offline;
                                answer.states.push_back(static_cast<std::uint32_t>(
                                    offline ? wire::PresenceState::Offline : wire::PresenceState::Online));
                              }
                              asking->send(answer);
                            });
}

void onPresenceSubscribe(Gateway& gateway, ClientConnection& connection, const wire::PresenceSubscribe& subscribe) {
  Session& session = *connection.session();
  SessionState& state = *session.state;
  const auto refuse = [&](std::uint32_t code) { answer(connection, subscribe.requestId, code); };
  if (!state.quotas.take(wire::RateGroup::Subscribe, gateway.now())) return refuse(code::subscription::kTooOften);
  if (!allValidUsers(subscribe.userIds)) return refuse(code::subscription::kInvalidArgument);
  if (anyDenied(gateway, connection, subscribe.userIds)) return refuse(code::subscription::kFailure);
  const auto names = std::make_shared<const std::vector<std::string>>(unique(subscribe.userIds));
  const std::uint32_t most = gateway.context().options.limits.subscribedPeers;
  const auto added = std::count_if(names->begin(), names->end(),
                                   [&state](const std::string& name) { return !state.subscriptions.contains(name); });
  if (most != 0 && state.subscriptions.size() + static_cast<std::size_t>(added) > most) {
    return refuse(code::subscription::kOverflow);
  }
  if (added > 0 && !gateway.context().ledger->mayGrow(state.user(), static_cast<std::size_t>(added) * kWatchBytes)) {
    return refuse(code::subscription::kOverflow);
  }
  for (const std::string& name : *names) state.subscriptions.try_emplace(name);
  countWatches(gateway, state);
  gateway.presence().list(session, *names,
                          [&gateway, names, connectionId = connection.id(), requestId = subscribe.requestId] {
                            Session* asking = gateway.connections().sessionOf(connectionId);
                            if (asking == nullptr) return;
                            answer(*asking->connection, requestId, code::kOk);
                            gateway.presence().tell(*asking, *names);
                          });
}

void onPresenceUnsubscribe(Gateway& gateway, ClientConnection& connection,
                           const wire::PresenceUnsubscribe& unsubscribe) {
  Session& session = *connection.session();
  SessionQuotas& quotas = session.state->quotas;
  const auto refuse = [&](std::uint32_t code) { answer(connection, unsubscribe.requestId, code); };
  if (!quotas.take(wire::RateGroup::Unsubscribe, gateway.now())) return refuse(code::subscription::kTooOften);
  if (!allValidUsers(unsubscribe.userIds)) return refuse(code::subscription::kInvalidArgument);
  const std::vector<std::string> names = unique(unsubscribe.userIds);
  const std::uint32_t most = gateway.context().options.limits.subscribedPeers;
  if (most != 0 && names.size() > most) return refuse(code::subscription::kOverflow);
  gateway.presence().unsubscribe(session, names);
  countWatches(gateway, *session.state);
  answer(connection, unsubscribe.requestId, code::kOk);
}

}  // namespace rtm::server

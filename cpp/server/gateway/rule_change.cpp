#include "server/gateway/rule_change.hpp"

#include <algorithm>
#include <string>

#include "server/gateway/gateway.hpp"

namespace rtm::server {

void leaveForbidden(Gateway& gateway, SessionState& state) {
  std::vector<std::string> forbidden;
  for (const auto& [channelId, membership] : state.channels) {
    if (!gateway.permissions().may(state.asker(), Action::Join, channelId)) forbidden.push_back(channelId);
  }
  for (const std::string& channelId : forbidden) gateway.sessions().kick(state.sessionId, channelId);
}

RuleChange::RuleChange(Gateway& gateway, AppNumber app) : gateway_(gateway), left_(gateway.sessions().ids(app)) {}

bool RuleChange::step() {
  for (std::size_t slice = std::min(kSlice, left_.size()); slice > 0; --slice) {
    look(left_.back());
    left_.pop_back();
  }
  return !left_.empty();
}

void RuleChange::look(std::uint64_t sessionId) {
  Session* session = gateway_.sessions().find(sessionId);
  if (session == nullptr) return;  // it has ended, or moved: a resume asks the rules, too
  SessionState& state = *session->state;
  const Permissions& permissions = gateway_.permissions();
  if (!permissions.may(state.asker(), Action::Login)) return gateway_.sessions().close(*session, SessionEnd::Banned);
  leaveForbidden(gateway_, state);
  std::vector<std::string> hidden;
  for (const auto& [userId, subscription] : state.subscriptions) {
    if (!permissions.may(state.asker(), Action::Presence, userId)) hidden.push_back(userId);
  }
  if (!hidden.empty()) gateway_.presence().unsubscribe(*session, hidden);
}

}  // namespace rtm::server

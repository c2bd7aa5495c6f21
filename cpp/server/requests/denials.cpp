#include "server/requests/denials.hpp"

#include <string>

namespace rtm::server {

bool denied(Gateway& gateway, const ClientConnection& connection, Action action, std::string_view target) {
  if (gateway.permissions().may(connection.session()->state->asker(), action, target)) return false;
  noteDenied(gateway, connection, action, target);
  return true;
}

void noteDenied(Gateway& gateway, const ClientConnection& connection, Action action, std::string_view target) {
  gateway.stats().denials.add();
  SessionState& state = *connection.session()->state;
  state.quotas.countRefused();
  const std::string sentence = "not allowed: " + std::string(kActionNames[static_cast<std::size_t>(action)]);
  gateway.context().security->tell(SecurityEvent::PermissionDenied, sentence,
                                   {.remote = connection.remoteAddress(),
                                    .app = gateway.context().policy(state.app).appId,
                                    .user = state.userId,
                                    .target = target},
                                   gateway.now());
}

}  // namespace rtm::server

#include "server/gateway/callout_questions.hpp"

#include <string>
#include <utility>

#include "server/gateway/gateway.hpp"

namespace rtm::server {
namespace {

void noteFailure(Gateway& gateway, const std::string& remote, const ScopedName& user, std::string_view why) {
  gateway.stats().calloutFailures.add();
  gateway.context().security->tell(
      SecurityEvent::CalloutFailed, "callout failed: " + std::string(why),
      {.remote = remote, .app = gateway.context().policy(user.app).appId, .user = user.name, .target = {}},
      gateway.now());
}

}  // namespace

void askCallout(Gateway& gateway, const ClientConnection& connection, CalloutEvent event, const ScopedName& user,
                std::string_view channel, CalloutAnswered done) {
  const std::string remote = connection.remoteAddress();
  const CalloutQuestion question{
      .event = event, .app = user.app, .user = user.name, .channel = channel, .address = hostOf(remote)};
  gateway.permissions().ask(question, [&gateway, connectionId = connection.id(), remote, key = ScopedKey(user),
                                       then = std::move(done)](CalloutAnswer answer) mutable {
    if (!answer.failure.empty()) noteFailure(gateway, remote, key.view(), answer.failure);
    then(gateway.connections().find(connectionId), std::move(answer));
  });
}

}  // namespace rtm::server

// How often an address, and a user, may log in (governor/login_rates.hpp). An address is counted before its token is
// checked, because the check has a cost; a user behind the check, because nobody without its token may use up its
// logins. A LOGIN that follows a RESUME of the same user on its connection is the same login.

#include <string>

#include "server/login/handlers.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {
namespace {

constexpr std::uint32_t kLeastRetryMs = 1000;
constexpr std::uint64_t kRetrySpreadMs = 4000;

std::string nameOf(std::string_view appId, std::string_view userId) {
  return std::string(appId) + '/' + std::string(userId);  // no id has a slash
}

void noteThrottled(Gateway& gateway, const ClientConnection& connection, std::string_view sentence,
                   std::string_view appId, std::string_view userId) {
  gateway.stats().loginRefusals[static_cast<std::size_t>(LoginRefusal::TooOften)].add();
  gateway.context().security->tell(SecurityEvent::LoginThrottled, sentence,
                                   {.remote = connection.remoteAddress(), .app = appId, .user = userId}, gateway.now());
}

}  // namespace

std::uint32_t retryAfterMs(Gateway& gateway) {
  return kLeastRetryMs + static_cast<std::uint32_t>(gateway.context().ids->nonZero() % kRetrySpreadMs);
}

bool countAddress(Gateway& gateway, ClientConnection& connection, std::string_view appId, std::string_view userId) {
  const BeforeLogin& before = connection.beforeLogin();
  if (!before.counted.empty() || gateway.context().exempt.contains(before.prefix) ||
      gateway.context().known.logins->takeAddress(before.prefix, gateway.now()))
    return true;
  noteThrottled(gateway, connection, "login put off: too many logins from its address", appId, userId);
  connection.close(wire::Bye{.code = wire::ByeCode::Overloaded,
                             .reason = "too many logins from this address",
                             .retryAfterMs = retryAfterMs(gateway),
                             .endpoints = {}});
  return false;
}

bool countUser(Gateway& gateway, ClientConnection& connection, AppNumber app, std::string_view userId) {
  const std::string& appId = gateway.context().policy(app).appId;
  const std::string name = nameOf(appId, userId);
  std::string& counted = connection.beforeLogin().counted;
  if (counted == name || gateway.context().known.logins->takeUser({app, userId}, gateway.now())) {
    counted = name;
    return true;
  }
  noteThrottled(gateway, connection, "login refused: the user logs in too often", appId, userId);
  return false;
}

bool sendAwayRefused(Gateway& gateway, ClientConnection& connection, AppNumber app, std::string_view userId) {
  const std::uint64_t leftMs = gateway.context().known.refusals->leftMs({app, userId}, gateway.now());
  if (leftMs == 0) return false;
  noteThrottled(gateway, connection, "login put off: the user was cut for a flood", gateway.context().policy(app).appId,
                userId);
  connection.close(wire::Bye{.code = wire::ByeCode::Overloaded,
                             .reason = "cut for a flood of frames: come again later",
                             .retryAfterMs = static_cast<std::uint32_t>(leftMs),
                             .endpoints = {}});
  return true;
}

}  // namespace rtm::server

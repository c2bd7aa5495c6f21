#include "server/login/admission.hpp"
#include "server/model/codes.hpp"
#include "server/requests/handlers.hpp"

namespace rtm::server {

void onPing(Gateway& /*gateway*/, ClientConnection& connection, const wire::Ping& ping) {
  connection.send(wire::Pong{.token = ping.token});
}

void onLogout(Gateway& gateway, ClientConnection& connection, const wire::Logout& logout) {
  Session& session = *connection.session();
  session.logoutRequest = logout.requestId;
  gateway.sessions().close(session, SessionEnd::Logout);
}

void onRenewToken(Gateway& gateway, ClientConnection& connection, const wire::RenewToken& renew) {
  SessionState& state = *connection.session()->state;
  const auto answer = [&](std::uint32_t code, std::uint32_t life) {
    connection.send(wire::Result{.requestId = renew.requestId, .code = code, .tokenLifeMs = life});
  };
  if (!state.quotas.take(wire::RateGroup::RenewToken, gateway.now())) return answer(code::renew::kTooOften, 0);
  const std::uint64_t wallClock = gateway.wallClockMs();
  const TokenVerdict verdict =
      verifyToken(gateway.context().policy(state.app), renew.token, state.userId, wallClock / 1000);
  switch (verdict.error) {
    case TokenError::None:
      break;
    case TokenError::TokenExpired:
      return answer(code::renew::kTokenExpired, 0);
    case TokenError::InvalidToken:
    case TokenError::NotAuthorized:
      return answer(code::renew::kInvalidToken, 0);
  }
  state.tokenExpiresAtMs = verdict.token.expiresAtSeconds * 1000;
  answer(code::kOk, tokenLifeMs(state.tokenExpiresAtMs, wallClock));
}

}  // namespace rtm::server

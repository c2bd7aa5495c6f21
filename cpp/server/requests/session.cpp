#include "server/gateway/gateway.hpp"
#include "server/login/admission.hpp"
#include "server/model/codes.hpp"
#include "server/requests/handlers.hpp"

namespace rtm::server {

void onPing(Peer& peer, const wire::Ping& ping) {
  peer.send(wire::Pong{.token = ping.token});
}

void onLogout(Peer& peer, const wire::Logout& logout) {
  Session& session = *peer.session();
  session.logoutRequest = logout.requestId;
  peer.gateway().closeSession(session, SessionEnd::Logout);
}

void onRenewToken(Peer& peer, const wire::RenewToken& renew) {
  Gateway& gateway = peer.gateway();
  SessionState& state = *peer.session()->state;
  const auto answer = [&](std::uint32_t code, std::uint32_t life) {
    peer.send(wire::Result{.requestId = renew.requestId, .code = code, .tokenLifeMs = life});
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

#include <string>
#include <utility>

#include "server/gateway/callout_questions.hpp"
#include "server/login/admission.hpp"
#include "server/model/codes.hpp"
#include "server/requests/handlers.hpp"

namespace rtm::server {

namespace {

void answerRenewal(ClientConnection& connection, std::uint32_t requestId, std::uint32_t code, std::uint32_t life = 0) {
  connection.send(wire::Result{.requestId = requestId, .code = code, .tokenLifeMs = life});
}

void finishRenewal(Gateway& gateway, ClientConnection& connection, std::uint32_t requestId, std::uint64_t expiresAtMs) {
  connection.session()->state->tokenExpiresAtMs = expiresAtMs;
  answerRenewal(connection, requestId, code::kOk, tokenLifeMs(expiresAtMs, gateway.wallClockMs()));
}

void askAboutRenewal(Gateway& gateway, ClientConnection& connection, std::uint32_t requestId,
                     std::uint64_t expiresAtMs) {
  Session& session = *connection.session();
  if (session.calloutAsked >= Session::kMostCalloutAsked) {
    return answerRenewal(connection, requestId, code::renew::kTooOften);
  }
  ++session.calloutAsked;
  auto answered = [&gateway, sessionId = session.state->sessionId, requestId, expiresAtMs](ClientConnection* asking,
                                                                                           CalloutAnswer answer) {
    Session* found = gateway.sessions().find(sessionId);
    if (found != nullptr && found->calloutAsked > 0) --found->calloutAsked;
    if (found == nullptr || asking == nullptr || asking->session() != found) return;
    if (asking->phase() != ClientConnection::kEstablished) return;
    if (!answer.allowed) {
      return answerRenewal(*asking, requestId, answer.known ? code::renew::kInvalidToken : code::renew::kFailure);
    }
    if (!answer.roles.empty()) found->state->setRoles(std::move(answer.roles));
    finishRenewal(gateway, *asking, requestId, expiresAtMs);
  };
  askCallout(gateway, connection, CalloutEvent::Renew, session.state->user(), {}, std::move(answered));
}

}  // namespace

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
  const auto answer = [&](std::uint32_t code) { answerRenewal(connection, renew.requestId, code); };
  if (!state.quotas.take(wire::RateGroup::RenewToken, gateway.now())) return answer(code::renew::kTooOften);
  const std::uint64_t wallClock = gateway.wallClockMs();
  const TokenVerdict verdict =
      verifyToken(gateway.context().policy(state.app), renew.token, state.userId, wallClock / 1000);
  switch (verdict.error) {
    case TokenError::None:
      break;
    case TokenError::TokenExpired:
      return answer(code::renew::kTokenExpired);
    case TokenError::InvalidToken:
    case TokenError::NotAuthorized:
      return answer(code::renew::kInvalidToken);
  }
  if (gateway.context().bans.banned(state.user(), wallClock)) return answer(code::renew::kInvalidToken);
  const std::uint64_t expiresAtMs = verdict.token.expiresAtSeconds * 1000;
  if (gateway.permissions().asks(CalloutEvent::Renew)) {
    return askAboutRenewal(gateway, connection, renew.requestId, expiresAtMs);
  }
  finishRenewal(gateway, connection, renew.requestId, expiresAtMs);
}

}  // namespace rtm::server

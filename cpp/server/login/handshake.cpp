#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "server/login/admission.hpp"
#include "server/login/handlers.hpp"
#include "server/model/codes.hpp"
#include "wire/protocol.hpp"

namespace rtm::server {
namespace {

/// When a client may come again that was sent away for want of memory.
constexpr std::uint32_t kMemoryRetryMs = 3000;

LoginRefusal refusalOf(std::uint32_t code) {
  switch (code) {
    case code::login::kInvalidAppId:
      return LoginRefusal::AppId;
    case code::login::kInvalidToken:
      return LoginRefusal::Token;
    case code::login::kTokenExpired:
      return LoginRefusal::TokenExpired;
    case code::login::kNotAuthorized:
      return LoginRefusal::NotAuthorized;
    default:
      return LoginRefusal::Other;
  }
}

void countRefusal(Gateway& gateway, LoginRefusal refusal) {
  gateway.stats().loginRefusals[static_cast<std::size_t>(refusal)].add();
}

void answerRefused(ClientConnection& connection, std::uint32_t code, std::string_view reason) {
  wire::LoginResult result;
  result.code = code;
  result.reason = reason;
  connection.send(result);
  connection.closeAfterFlush();
}

void refuseLogin(Gateway& gateway, ClientConnection& connection, std::uint32_t code, std::string_view reason) {
  countRefusal(gateway, refusalOf(code));
  answerRefused(connection, code, reason);
}

void refuseUser(Gateway& gateway, ClientConnection& connection, const Admission& admission) {
  if (!admission.banned && !admission.denied) {
    return refuseLogin(gateway, connection, admission.code, admission.reason);
  }
  // BYE tells a client that only comes back that its session is over for good. One that logs in makes NOT_AUTHORIZED of
  // it.
  countRefusal(gateway, admission.banned ? LoginRefusal::Banned : LoginRefusal::NotAuthorized);
  connection.close(wire::ByeCode::Banned, admission.reason);
}

void finishLogin(Gateway& gateway, std::uint64_t connectionId, std::unique_ptr<SessionState> state,
                 const OpenOutcome& outcome) {
  ClientConnection* connection = gateway.connections().find(connectionId);
  if (outcome.status == OpenStatus::Superseded) {
    if (connection != nullptr)
      refuseLogin(gateway, *connection, code::login::kRejected, "the user logged in elsewhere at the same time");
    return;
  }
  if (outcome.status == OpenStatus::Failed) {
    if (connection == nullptr) return;
    countRefusal(gateway, LoginRefusal::Other);
    // This is no refusal of the user: the client tries again, here or at another server.
    return connection->close(wire::ByeCode::Overloaded, "the shared state cannot be reached");
  }
  state->fence = outcome.fence;
  gateway.context().known.quotas->giveBack(state->user(), state->quotas, gateway.now());
  gateway.context().known.invitations->endAll(state->user());
  const bool denied = !gateway.permissions().may(state->asker(), Action::Login);  // by rules set since its admission
  Session& session = gateway.sessions().add(std::move(state));
  // The client never heard of this session, so it cannot resume it.
  if (connection == nullptr) return gateway.sessions().close(session, SessionEnd::Logout);
  gateway.sessions().bind(session, *connection);
  if (denied || gateway.context().bans.banned(session.state->user(), gateway.wallClockMs())) {  // the same for a ban
    return gateway.sessions().close(session, SessionEnd::Banned);
  }
  session.live = true;
  connection->setPhase(ClientConnection::kEstablished);
  gateway.stats().logins.add();
  const ServerOptions& options = gateway.context().options;
  connection->send(wire::LoginResult{.code = code::kOk,
                                     .reason = {},
                                     .sessionId = session.state->sessionId,
                                     .resumeToken = outcome.resumeToken,
                                     .inboxEpoch = outcome.inboxEpoch,
                                     .inboxOffset = outcome.inboxOffset,
                                     .heartbeatMs = options.heartbeatMs,
                                     .tokenLifeMs = tokenLifeMs(session.state->tokenExpiresAtMs, gateway.wallClockMs()),
                                     .limits = limitsOnWire(options.limits),
                                     .graceMs = options.graceMs});
}

void openSession(Gateway& gateway, ClientConnection& connection, const Admission& admission, std::string_view userId,
                 std::vector<std::string> roles) {
  ServerContext& context = gateway.context();
  auto state = std::make_unique<SessionState>(admission.app, std::string(userId), context.ids->nonZero(),
                                              context.options.limits, context.options.graceMs, gateway.now());
  state->tokenExpiresAtMs = admission.expiresAtMs;
  state->setRoles(std::move(roles));
  OpenRequest request{.app = admission.app,
                      .userId = state->userId,
                      .address = {gateway.index(), state->sessionId},
                      .capabilities = connection.capabilities()};
  gateway.engine().openSession(std::move(request), [&gateway, connectionId = connection.id(),
                                                    held = std::move(state)](OpenOutcome outcome) mutable {
    finishLogin(gateway, connectionId, std::move(held), outcome);
  });
}

}  // namespace

void noteRefusedLogin(Gateway& gateway, ClientConnection& connection, const Admission& admission,
                      std::string_view appId, std::string_view userId) {
  std::string sentence = "login refused: " + admission.reason;
  if (!admission.detail.empty()) sentence += ": " + std::string(admission.detail);
  gateway.context().security->tell(SecurityEvent::LoginRefused, sentence,
                                   {.remote = connection.remoteAddress(), .app = appId, .user = userId}, gateway.now());
  // A token that has expired was good once, a token that is early will be good, and a ban is no offence.
  if (admission.code != code::login::kInvalidToken || admission.early) return;
  gateway.penalise(connection.beforeLogin().prefix, net::Penalties::Offence::BadToken, connection.remoteAddress());
}

void onHello(Gateway& gateway, ClientConnection& connection, const wire::Hello& hello) {
  if (hello.version == 0) return connection.close(wire::ByeCode::Version, "this server speaks version 1");
  connection.setCapabilities(hello.capabilities & kCapabilities);
  connection.setPhase(ClientConnection::kLogin);
  const ServerContext& context = gateway.context();
  wire::HelloOk answer{.version = std::min(hello.version, wire::kProtocolVersion),
                       .capabilities = kCapabilities,
                       .area = context.options.area,
                       .serverVersion = kServerVersion,
                       .serverTimeMs = gateway.wallClockMs(),
                       .udpPort = context.udp.port.load()};
  // The client has shown that it receives at this address: by TCP, or by UDP with a token.
  std::optional<net::AddressTokens::Token> token;
  if (answer.udpPort != 0) {
    token = context.udp.tokens[gateway.index()]->make(net::AddressTokens::Purpose::Returning,
                                                      connection.beforeLogin().prefix, gateway.wallClockMs());
    if (token) answer.udpToken = *token;
  }
  connection.send(answer);
}

void onLogin(Gateway& gateway, ClientConnection& connection, const wire::Login& login) {
  if (gateway.turnAway(connection) || !countAddress(gateway, connection, login.appId, login.userId)) return;
  if (gateway.context().ledger->level() >= MemoryLevel::Hard) {
    return connection.close(wire::Bye{.code = wire::ByeCode::Overloaded,
                                      .reason = "the server is short of memory",
                                      .retryAfterMs = kMemoryRetryMs,
                                      .endpoints = {}});
  }
  ServerContext& context = gateway.context();
  Admission admission = admit(context, login.appId, login.userId, login.token, gateway.wallClockMs());
  applyRules(gateway.permissions(), login.userId, admission);
  if (admission.code != code::kOk) {
    noteRefusedLogin(gateway, connection, admission, login.appId, login.userId);
    return refuseUser(gateway, connection, admission);
  }
  if (sendAwayRefused(gateway, connection, admission.app, login.userId)) return;
  if (!countUser(gateway, connection, admission.app, login.userId)) {
    return answerRefused(connection, code::login::kTooOften, "the user logs in too often");
  }
  connection.setPhase(ClientConnection::kLoggingIn);
  const auto answered = [&gateway, userId = std::string(login.userId)](ClientConnection& asking, const Admission& told,
                                                                       std::vector<std::string> roles) {
    if (told.code != code::kOk) return refuseUser(gateway, asking, told);
    openSession(gateway, asking, told, userId, std::move(roles));
  };
  askAboutLogin(gateway, connection, admission, login.userId, answered);
}

}  // namespace rtm::server

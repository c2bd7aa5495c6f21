#include "server/login/admission.hpp"

#include <algorithm>

#include "base/identifiers.hpp"
#include "server/gateway/gateway.hpp"
#include "server/model/codes.hpp"
#include "server/requests/handlers.hpp"

namespace rtm::server {
namespace {

Admission refused(std::uint32_t code, std::string_view reason, std::string_view detail = {}) {
  Admission refusal;
  refusal.code = code;
  refusal.reason = reason;
  refusal.detail = detail;
  return refusal;
}

wire::Limits limitsOnWire(const Limits& limits) {
  wire::Limits out{.messageBytes = limits.messageBytes,
                   .joinedChannels = limits.joinedChannels,
                   .rates = {},
                   .subscribedPeers = limits.subscribedPeers,
                   .queryPeers = limits.queryPeers,
                   .mediaBytes = limits.mediaBytes,
                   .mediaTasks = limits.mediaTasks,
                   .countChannels = limits.countChannels,
                   .inFlightSends = limits.inFlightSends,
                   .userAttributes = limits.userAttributes,
                   .channelAttributes = limits.channelAttributes,
                   .calls = limits.calls};
  for (std::size_t group = 0; group < limits.rates.size(); ++group) {
    const RateRule& rule = limits.rates[group];
    if (rule.count != 0) out.rates.push_back({static_cast<std::uint32_t>(group), rule.count, rule.windowMs});
  }
  return out;
}

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

void refuseLogin(Peer& peer, std::uint32_t code, std::string_view reason) {
  countRefusal(peer.gateway(), refusalOf(code));
  wire::LoginResult result;
  result.code = code;
  result.reason = reason;
  peer.send(result);
  peer.closeAfterFlush();
}

void finishLogin(Gateway& gateway, std::uint64_t peerId, std::unique_ptr<SessionState> state,
                 const OpenOutcome& outcome) {
  Peer* peer = gateway.findPeer(peerId);
  if (outcome.status == OpenOutcome::Status::Superseded) {
    if (peer != nullptr) refuseLogin(*peer, code::login::kRejected, "the user logged in elsewhere at the same time");
    return;
  }
  if (outcome.status == OpenOutcome::Status::Failed) {
    if (peer == nullptr) return;
    countRefusal(gateway, LoginRefusal::Other);
    // Not a refusal of this user: its client tries again, here or with another server.
    return peer->close(wire::ByeCode::Overloaded, "the shared state cannot be reached");
  }
  state->fence = outcome.fence;
  Session& session = gateway.addSession(std::move(state));
  // Nobody was told of this session, so nobody can resume it.
  if (peer == nullptr) return gateway.closeSession(session, SessionEnd::Logout);
  if (gateway.context().bans.banned(session.state->user(), gateway.wallClockMs())) {  // since it was admitted
    gateway.bind(session, *peer);
    return gateway.closeSession(session, SessionEnd::Banned);
  }
  gateway.bind(session, *peer);
  session.live = true;
  peer->setPhase(Peer::kEstablished);
  peer->setFrameLimit(wire::kMaxFrameBody);
  gateway.stats().logins.add();
  const ServerOptions& options = gateway.context().options;
  peer->send(wire::LoginResult{.code = code::kOk,
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

}  // namespace

Admission admit(ServerContext& context, std::string_view appId, std::string_view userId, std::string_view token,
                std::uint64_t wallClockMs) {
  const auto app = context.findApp(appId);
  if (!app) return refused(code::login::kInvalidAppId, "unknown App ID");
  if (!isValidUserId(userId)) return refused(code::login::kRejected, "not a valid user id");
  const TokenVerdict verdict = verifyToken(context.policy(*app), token, userId, wallClockMs / 1000);
  switch (verdict.error) {
    case TokenError::None:
      break;
    case TokenError::InvalidToken:
      return refused(code::login::kInvalidToken, "invalid token", verdict.reason);
    case TokenError::NotAuthorized:
      return refused(code::login::kNotAuthorized, "the token does not allow a login", verdict.reason);
    case TokenError::TokenExpired:
      return refused(code::login::kTokenExpired, "the token has expired", verdict.reason);
  }
  if (context.bans.banned({*app, userId}, wallClockMs)) {
    Admission banned = refused(code::login::kNotAuthorized, "the user is banned");
    banned.banned = true;
    return banned;
  }
  Admission admission;
  admission.app = *app;
  admission.expiresAtMs = verdict.token.expiresAtSeconds * 1000;
  return admission;
}

std::uint32_t tokenLifeMs(std::uint64_t expiresAtMs, std::uint64_t wallClockMs) {
  if (expiresAtMs == 0) return 0;
  const std::uint64_t left = expiresAtMs - std::min(expiresAtMs, wallClockMs);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(left, 1, kMaxTokenSeconds * 2 * 1000));
}

void onHello(Peer& peer, const wire::Hello& hello) {
  if (hello.version == 0) return peer.close(wire::ByeCode::Version, "this server speaks version 1");
  Gateway& gateway = peer.gateway();
  peer.setCapabilities(hello.capabilities & kCapabilities);
  peer.setPhase(Peer::kLogin);
  peer.send(wire::HelloOk{.version = std::min(hello.version, kProtocolVersion),
                          .capabilities = kCapabilities,
                          .area = gateway.context().options.area,
                          .serverVersion = kServerVersion,
                          .serverTimeMs = gateway.wallClockMs()});
}

void onLogin(Peer& peer, const wire::Login& login) {
  Gateway& gateway = peer.gateway();
  if (gateway.turnAway(peer)) return;
  ServerContext& context = gateway.context();
  const Admission admission = admit(context, login.appId, login.userId, login.token, gateway.wallClockMs());
  if (admission.code != code::kOk) {
    context.log(LogLevel::Warning, "login refused: " + std::string(admission.reason) +
                                       (admission.detail.empty() ? "" : ": ") + std::string(admission.detail));
    if (!admission.banned) return refuseLogin(peer, admission.code, admission.reason);
    // By BYE, so that a client that only comes back knows that its session is over for good.
    countRefusal(gateway, LoginRefusal::Banned);
    return peer.close(wire::ByeCode::Banned, admission.reason);
  }
  peer.setPhase(Peer::kLoggingIn);
  auto state = std::make_unique<SessionState>(admission.app, std::string(login.userId), context.ids->nonZero(),
                                              context.options.limits, context.options.graceMs, gateway.now());
  state->tokenExpiresAtMs = admission.expiresAtMs;
  OpenRequest request{.app = admission.app,
                      .userId = state->userId,
                      .address = {gateway.index(), state->sessionId},
                      .capabilities = peer.capabilities()};
  gateway.port().openSession(std::move(request),
                             [&gateway, peerId = peer.id(), held = std::move(state)](OpenOutcome outcome) mutable {
                               finishLogin(gateway, peerId, std::move(held), outcome);
                             });
}

}  // namespace rtm::server

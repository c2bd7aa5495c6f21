#include "server/login/admission.hpp"

#include <algorithm>

#include "base/identifiers.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {
namespace {

Admission refused(std::uint32_t code, std::string_view reason, std::string_view detail = {}) {
  Admission refusal;
  refusal.code = code;
  refusal.reason = reason;
  refusal.detail = detail;
  return refusal;
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

void applyRules(const Permissions& permissions, std::string_view userId, Admission& admission) {
  Grants none;
  if (admission.code != code::kOk || permissions.may({admission.app, userId, none}, Action::Login)) return;
  admission = refused(code::login::kNotAuthorized, "the rules of the App ID do not allow it");
  admission.denied = true;
}

std::uint32_t tokenLifeMs(std::uint64_t expiresAtMs, std::uint64_t wallClockMs) {
  if (expiresAtMs == 0) return 0;
  const std::uint64_t left = expiresAtMs - std::min(expiresAtMs, wallClockMs);
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(left, 1, kMaxTokenSeconds * 2 * 1000));
}

}  // namespace rtm::server

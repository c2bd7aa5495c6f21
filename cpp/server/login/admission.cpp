#include "server/login/admission.hpp"

#include <algorithm>
#include <utility>

#include "base/identifiers.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {
namespace {

Admission refused(std::uint32_t code, std::string reason, std::string_view detail = {}) {
  Admission refusal;
  refusal.code = code;
  refusal.reason = std::move(reason);
  refusal.detail = detail;
  return refusal;
}

/// The largest unit of which there are at least two.
std::string rounded(std::uint64_t seconds) {
  constexpr std::uint64_t kMinute = 60;
  constexpr std::uint64_t kHour = 60 * kMinute;
  constexpr std::uint64_t kDay = 24 * kHour;
  const auto count = [seconds](std::uint64_t unit, const char* name) {
    return std::to_string((seconds + unit / 2) / unit) + name;
  };
  if (seconds >= 2 * kDay) return count(kDay, " days");
  return seconds >= 2 * kHour ? count(kHour, " h") : count(kMinute, " min");
}

Admission refusedToken(const TokenVerdict& verdict) {
  if (verdict.aheadSeconds == 0) return refused(code::login::kInvalidToken, "invalid token", verdict.reason);
  Admission refusal = refused(code::login::kInvalidToken, "invalid token: issued " + rounded(verdict.aheadSeconds) +
                                                              " in the future: check clocks");
  refusal.early = verdict.aheadSeconds <= kMaxTokenSeconds;  // a forged end is decades away (token_006.cpp)
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
      return refusedToken(verdict);
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

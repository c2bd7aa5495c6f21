#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/context.hpp"
#include "server/permissions/permissions.hpp"

namespace rtm::server {

/// The outcome of the checks that LOGIN and RESUME share.
struct Admission {
  AppNumber app{};
  std::uint32_t code = 0;         ///< LOGIN_ERR_CODE; 0: admitted
  bool banned = false;            ///< the client gets BYE instead of an answer
  bool denied = false;            ///< the same, by the rules or the callout
  bool early = false;             ///< the token was issued in the near future, and is right in everything else
  std::string reason;             ///< for the client's log; says nothing that a forger could use
  std::string_view detail;        ///< for the server's log
  std::uint64_t expiresAtMs = 0;  ///< of the token, wall clock; 0: never
};

/// Any loop.
Admission admit(ServerContext& context, std::string_view appId, std::string_view userId, std::string_view token,
                std::uint64_t wallClockMs);

/// Refuses a user who is admitted but whom the rules deny the login.
void applyRules(const Permissions& permissions, std::string_view userId, Admission& admission);

/// `token_life_ms` on the wire. 0 means no expiry, so a token that is about to end has at least 1.
std::uint32_t tokenLifeMs(std::uint64_t expiresAtMs, std::uint64_t wallClockMs);

}  // namespace rtm::server

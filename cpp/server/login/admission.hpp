#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/context.hpp"

namespace rtm::server {

/// Who may come in: the checks that LOGIN and RESUME share.
struct Admission {
  AppNumber app{};
  std::uint32_t code = 0;         ///< LOGIN_ERR_CODE; 0: admitted
  bool banned = false;            ///< told by BYE
  std::string_view reason;        ///< for the client's log; says nothing a forger could use
  std::string_view detail;        ///< for the server's log
  std::uint64_t expiresAtMs = 0;  ///< wall clock; 0: never
};

Admission admit(ServerContext& context, std::string_view appId, std::string_view userId, std::string_view token,
                std::uint64_t wallClockMs);

/// `token_life_ms` on the wire: 0 = no expiry, so a token about to end has at least 1.
std::uint32_t tokenLifeMs(std::uint64_t expiresAtMs, std::uint64_t wallClockMs);

}  // namespace rtm::server

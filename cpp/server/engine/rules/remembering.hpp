#pragma once

#include <cstdint>

#include "server/engine/seam/engine_constants.hpp"

namespace rtm::server {

/// How long an engine remembers what it may still have to tell about a session: where the session went, that a ban
/// ended it, that a write to the history failed. Results of its sends may come for as long as a receiver is in its
/// grace period, so this is longer than any grace period in use.
inline constexpr std::uint64_t kRememberMs = kEndedSessionMs;

}  // namespace rtm::server

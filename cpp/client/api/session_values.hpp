#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "client/api/session_codes.hpp"

namespace rtm::client {

/// A link that is logged in.
struct Established {
  enum class How {
    Login,    ///< the answer to login(); onLoginSuccess follows
    Resume,   ///< a lost link is back, with the session that it had
    NewLogin  ///< a lost link is back, but the server had forgotten the session: the client has restored it
  };
  How how{};
  bool complete = false;                                  ///< of a resume: no peer message was lost
  bool peerMissed = false;                                ///< messages of peers were lost, or may have been
  std::span<const std::string_view> channelsMissed = {};  ///< the same, of these channels
  std::uint64_t tookMs = 0;                               ///< since the call of login(), or since the link was lost
  std::string_view server = {};  ///< "127.0.0.1:9136", or "chat.example:9136 at 127.0.0.1:9136"
};

}  // namespace rtm::client

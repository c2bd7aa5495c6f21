#pragma once

#include <cstdint>
#include <string>

#include "server/model/names.hpp"

namespace rtm::server {

/// What one channel takes.
struct ChannelUsage {
  AppNumber app{};
  std::string channelId;
  std::uint64_t bytes = 0;  ///< itself, its members, its attributes, and the messages kept for members who are away
  std::uint64_t members = 0;
};

}  // namespace rtm::server

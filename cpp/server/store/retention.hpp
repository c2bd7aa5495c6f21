#pragma once

#include <cstddef>
#include <cstdint>

namespace rtm::server {

/// How much is kept of messages, and for how long (docs/spec/limits.md §7).
struct Retention {
  std::uint32_t offlineMessages = 200;                        ///< of one receiver; the oldest is dropped
  std::uint64_t offlineMs = 7ULL * 24 * 3600 * 1000;          ///< from storing
  std::size_t offlineBytes = std::size_t{256} * 1024 * 1024;  ///< of all receivers; above it nothing is taken
  std::uint64_t historyMs = 7ULL * 24 * 3600 * 1000;          ///< from sending
  std::size_t historyBytes = std::size_t{64} * 1024 * 1024;   ///< of one App ID; the oldest is dropped
};

}  // namespace rtm::server

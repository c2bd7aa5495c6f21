#pragma once

#include <cstdint>
#include <optional>

#include "server/engine/seam/engine_constants.hpp"

namespace rtm::server {

/// When the members of a channel are told its size (docs/spec/limits.md §5): at once after a quiet time, then at most
/// every second up to `smallChannel` members and every three seconds above, always the newest number. Pure.
class CountThrottle {
 public:
  static constexpr std::uint64_t kSmallIntervalMs = kSmallCountIntervalMs;
  static constexpr std::uint64_t kLargeIntervalMs = kLargeCountIntervalMs;

  void changed() { pending_ = true; }
  bool pending() const { return pending_; }

  /// True if the present size is to be told now; it counts as told then.
  bool take(std::uint64_t nowMs, bool small) {
    if (!pending_) return false;
    if (told_ && nowMs - toldAt_ < (small ? kSmallIntervalMs : kLargeIntervalMs)) return false;
    pending_ = false;
    told_ = true;
    toldAt_ = nowMs;
    return true;
  }

 private:
  bool pending_ = false;
  bool told_ = false;
  std::uint64_t toldAt_ = 0;
};

}  // namespace rtm::server

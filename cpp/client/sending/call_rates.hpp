#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "base/rate_window.hpp"
#include "wire/messages.hpp"

namespace rtm::client {

/// How often each group of calls may be made (docs/spec/limits.md §1). Pure: time comes in, in ms of one clock.
class CallRates {
 public:
  /// The table of SDK 1.5.0 for the calls that come before a server says what holds there.
  CallRates();

  /// What a server allows from now on. A window whose rule stays the same keeps what it has counted, so that a
  /// reconnect is no way around it.
  void adopt(const std::vector<wire::RateLimit>& limits);

  /// Counts a call; false: one too many, and nothing is counted.
  bool accept(wire::RateGroup group, std::uint64_t nowMs) {
    return windows_[static_cast<std::size_t>(group)].accept(nowMs);
  }

  enum class JoinVerdict { Accepted, TooOften, SameChannelTooOften };
  /// A join counts for its channel and for all joins, if both windows let it pass, and for neither otherwise.
  JoinVerdict acceptJoin(const std::string& channelId, std::uint64_t nowMs);

 private:
  static constexpr std::size_t kGroups = 16;
  std::array<RateWindow, kGroups> windows_;
  std::array<wire::RateLimit, kGroups> inForce_{};
  KeyedRateWindows sameChannelJoins_;
};

}  // namespace rtm::client

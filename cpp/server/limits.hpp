#pragma once

#include <array>
#include <cstdint>

#include "wire/size_limits.hpp"

namespace rtm::server {

/// At most `count` accepted calls in any `windowMs`; count 0 = no limit.
struct RateRule {
  std::uint32_t count = 0;
  std::uint32_t windowMs = 0;
};

/// What a server allows, sent to clients at login and enforced on both sides (design D11). 0 = no limit.
struct Limits {
  std::uint32_t messageBytes = 32 * 1024;
  std::uint32_t joinedChannels = 20;
  std::uint32_t listedMembers = 512;  ///< most members in one list; join/leave notices stop above it
  std::uint32_t subscribedPeers = 512;
  std::uint32_t queryPeers = 256;
  std::uint32_t countChannels = 32;
  std::uint32_t mediaBytes = 30 * 1024 * 1024;
  std::uint32_t mediaTasks = 9;
  std::uint32_t inFlightSends = 16 * 1024;  ///< unanswered sends of one session
  wire::AttributeLimits userAttributes = wire::kSdkUserAttributes;
  wire::AttributeLimits channelAttributes = wire::kSdkChannelAttributes;
  wire::CallLimits calls = wire::kSdkCalls;
  std::array<RateRule, 16> rates{};  ///< indexed by wire::RateGroup
  RateRule historyQueries;           ///< of all users of an App ID together

  /// The table of SDK 1.5.0 (spec limits §1–§7).
  static Limits sdk();
  /// Sizes as in sdk(), no call frequencies and no bound on joined channels or subscriptions: for bot farms.
  static Limits off();
};

}  // namespace rtm::server

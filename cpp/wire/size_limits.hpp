#pragma once

// Sizes of attributes and invitations: those of the SDK, and those that a frame has room for.

#include <algorithm>
#include <cstdint>

#include "wire/frame.hpp"

namespace rtm::wire {

/// SDK 1.5.0 (docs/spec/limits.md §3, §4), unless an option says otherwise.
inline constexpr AttributeLimits kSdkUserAttributes{32, 32, 8 * 1024, 16 * 1024};
inline constexpr AttributeLimits kSdkChannelAttributes{32, 32, 8 * 1024, 32 * 1024};
inline constexpr CallLimits kSdkCalls{8 * 1024, 8 * 1024};

/// The most that a server can allow: all attributes of a channel with their writers are one frame, and so is a signal
/// of an invitation.
inline constexpr AttributeLimits kMostAttributes{128, 128, 48 * 1024, 48 * 1024};
inline constexpr CallLimits kMostCalls{30 * 1024, 30 * 1024};

inline constexpr std::size_t kAttributeOverhead = 96;  ///< writer, time and headers of one entry
static_assert(kMostAttributes.totalBytes + kMostAttributes.entries * kAttributeOverhead + 256 <= kMaxFrameBody);
static_assert(kMostCalls.contentBytes + kMostCalls.responseBytes + 3 * 1024 <= kMaxFrameBody);

constexpr std::uint32_t boundedBy(std::uint32_t value, std::uint32_t most) {
  return value == 0 ? most : std::min(value, most);
}

/// `limits` with 0, and what is more than a frame can carry, replaced by the most.
constexpr AttributeLimits withinFrame(const AttributeLimits& limits) {
  return {boundedBy(limits.entries, kMostAttributes.entries), boundedBy(limits.keyBytes, kMostAttributes.keyBytes),
          boundedBy(limits.valueBytes, kMostAttributes.valueBytes),
          boundedBy(limits.totalBytes, kMostAttributes.totalBytes)};
}
constexpr CallLimits withinFrame(const CallLimits& limits) {
  return {boundedBy(limits.contentBytes, kMostCalls.contentBytes),
          boundedBy(limits.responseBytes, kMostCalls.responseBytes)};
}

}  // namespace rtm::wire

#pragma once

// How the sizes of attributes and invitations in sdk_limits.hpp fit into frames.

#include <algorithm>
#include <cstdint>

#include "wire/frame.hpp"
#include "wire/sdk_limits.hpp"

namespace rtm::wire {

inline constexpr std::size_t kAttributeOverhead = 96;  ///< writer, time and headers of one entry
static_assert(kMostAttributes.totalBytes + kMostAttributes.entries * kAttributeOverhead + 256 <= kMaxFrameBody);
static_assert(kMostInvitations.contentBytes + kMostInvitations.responseBytes + 3 * 1024 <= kMaxFrameBody);

constexpr std::uint32_t boundedBy(std::uint32_t value, std::uint32_t most) {
  return value == 0 ? most : std::min(value, most);
}

/// `limits` with 0, and what is more than a frame can carry, replaced by the most.
constexpr AttributeLimits withinFrame(const AttributeLimits& limits) {
  return {boundedBy(limits.entries, kMostAttributes.entries), boundedBy(limits.keyBytes, kMostAttributes.keyBytes),
          boundedBy(limits.valueBytes, kMostAttributes.valueBytes),
          boundedBy(limits.totalBytes, kMostAttributes.totalBytes)};
}
constexpr InvitationLimits withinFrame(const InvitationLimits& limits) {
  return {boundedBy(limits.contentBytes, kMostInvitations.contentBytes),
          boundedBy(limits.responseBytes, kMostInvitations.responseBytes)};
}

}  // namespace rtm::wire

#pragma once

#include <cstdint>

#include "wire/messages.hpp"
#include "wire/size_limits.hpp"

namespace rtm::client {

/// What the server allows; before the first login that of SDK 1.5.0 (docs/spec/limits.md). 0: no limit. The limits of
/// messages are with the send queue, which asks for them without the client lock.
struct Limits {
  std::uint32_t queryPeers = 256;
  std::uint32_t subscribedPeers = 512;
  std::uint32_t countChannels = 32;
  std::uint32_t joinedChannels = 20;
  std::uint32_t mediaBytes = 30 * 1024 * 1024;
  std::uint32_t mediaTasks = 9;
  wire::AttributeLimits userAttributes = wire::kSdkUserAttributes;
  wire::AttributeLimits channelAttributes = wire::kSdkChannelAttributes;
  wire::InvitationLimits invitations = wire::kSdkInvitations;

  static Limits of(const wire::Limits& limits) {
    return {limits.queryPeers,
            limits.subscribedPeers,
            limits.countChannels,
            limits.joinedChannels,
            limits.mediaBytes,
            limits.mediaTasks,
            wire::withinFrame(limits.userAttributes.value_or(wire::kSdkUserAttributes)),
            wire::withinFrame(limits.channelAttributes.value_or(wire::kSdkChannelAttributes)),
            wire::withinFrame(limits.invitations.value_or(wire::kSdkInvitations))};
  }
};

}  // namespace rtm::client

#pragma once

#include <cstdint>
#include <string_view>

#include "server/engine/seam/operations.hpp"
#include "server/gateway/channel_members.hpp"
#include "server/stats.hpp"

namespace rtm::server {

/// Sends one frame of a channel to its members on this loop. Loop thread only.
///
/// Bounds: with more than 1 MiB waiting for a client, notices about members are left out for it; with more than 24 MiB
/// waiting for the end of a resume, the client is cut.
class ChannelFanOut {
 public:
  explicit ChannelFanOut(LoopStats& stats) : stats_(stats) {}

  /// Lists the session as a member that was told `memberCount`. No effect without a link.
  void list(Session& session, std::string_view channelId, std::uint32_t memberCount);
  /// The session is not in the channel any more.
  void forget(Session& session, std::string_view channelId);
  /// The link of the session is gone; its memberships stay.
  void unlistAll(Session& session);

  void deliver(const ChannelFrame& frame);

 private:
  void sendTo(Session& session, ByteView frame, ChannelFrame::Kind kind);

  ChannelMembers members_;
  LoopStats& stats_;
};

}  // namespace rtm::server

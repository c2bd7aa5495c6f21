#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "server/engine/seam/engine_client.hpp"
#include "server/gateway/channel_members.hpp"
#include "server/stats.hpp"

namespace rtm::server {

class SessionTable;

/// Sends one frame of a channel to its members on this loop. Loop thread only.
///
/// Bounds: with more than 1 MiB waiting for a client, it is told nothing but messages; when less than 256 KiB wait, the
/// newest attributes and member counts of the channels concerned follow. With more than 24 MiB waiting for the end of a
/// resume, the client is cut.
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
  /// Now and then: asks the engine for what was left out for clients that have read since.
  void catchUp(EngineClient& engine, SessionTable& sessions);

 private:
  void sendTo(Session& session, ByteView frame, ChannelFrame::Kind kind);
  /// Notes what was left out for the member.
  void leaveOut(Session& session, Membership& membership, ChannelFrame::Kind kind);
  void remember(Session& session);
  /// Asks once for all of these members.
  void askAttributes(EngineClient& engine, SessionTable& sessions, const ScopedName& channel,
                     const std::vector<std::uint64_t>& members);
  void askCount(EngineClient& engine, SessionTable& sessions, const ScopedName& channel,
                const std::vector<std::uint64_t>& members);
  void tellAttributes(Session& member, std::string_view channelId, const AttributesOutcome& outcome, ByteView frame);
  void tellCount(Session& member, std::string_view channelId, std::optional<std::uint32_t> count);

  ChannelMembers members_;
  std::vector<std::uint64_t> behind_;  ///< ids of sessions that owe their clients something, each once
  LoopStats& stats_;
};

}  // namespace rtm::server

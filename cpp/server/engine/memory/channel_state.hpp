#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/engine/memory/outlet.hpp"
#include "server/engine/memory/replay_ring.hpp"
#include "server/engine/rules/count_throttle.hpp"
#include "server/engine/seam/engine.hpp"

namespace rtm::server {

/// One channel: its members, its order of messages, what its members are still to be told. Lives as long as it has
/// members. The count is the size of the set, never a counter of its own.
class ChannelState {
 public:
  /// `parameters` outlive the channel.
  ChannelState(const ScopedName& name, std::uint64_t epoch, const EngineParameters& parameters)
      : key_(name),
        epoch_(epoch),
        noticeLimit_(parameters.noticeLimit),
        perLoop_(parameters.loops),
        ring_(parameters.replay) {}

  const ScopedKey& key() const { return key_; }
  std::uint32_t count() const { return static_cast<std::uint32_t>(members_.size()); }
  std::uint64_t epoch() const { return epoch_; }
  std::uint64_t offset() const { return offset_; }

  enum class JoinResult : std::uint8_t {
    New,
    Known,   ///< was a member already (again after a resume, or a repeated request)
    Refused  ///< a newer session of the user is the member
  };
  JoinResult join(const std::string& userId, const SessionAddress& address, std::uint64_t fence, Outlet& outlet);
  bool leave(std::string_view userId, std::uint64_t fence, Outlet& outlet);
  bool isMember(std::string_view userId, std::uint64_t fence) const;

  /// Orders a message, keeps it for replay and sends it to all loops with members but not to its sender.
  void publish(const PublishOp& op, Outlet& outlet);
  /// A CHANNEL_ATTRIBUTES_EVENT for all members. It is not a message: it has no offset, and no place in the replay.
  void tellAttributes(const SharedFrame& notice, Outlet& outlet) const;
  /// What a member has missed. One whose position is unknown gets what came since it joined: it may never have heard
  /// that it did.
  ReplayRing::Replay replay(const JoinRequest& request, std::uint64_t nowMs) const;
  /// At most `limit` user ids, at random if there are more.
  std::vector<std::string> sample(std::size_t limit) const;

  /// Tells the members who came and went since the last call (not above the notice limit), and, if its time has come,
  /// how many there are. True: a count still waits for its time.
  bool flush(Outlet& outlet);
  bool hasNews() const { return !joined_.empty() || !left_.empty() || throttle_.pending(); }
  bool hasMember(std::uint32_t loop) const { return perLoop_[loop] != 0; }
  /// True: nothing to replay is held any more.
  bool expireReplay(std::uint64_t nowMs) { return ring_.expire(nowMs); }

  bool listed = false;   ///< the table has it in its list of channels with news
  bool waiting = false;  ///< and in the one of channels whose count waits for its time

 private:
  struct Member {
    std::string userId;
    SessionAddress address;
    std::uint64_t fence = 0;
    std::uint64_t joinedAt = 0;  ///< offset of the last message before
  };

  bool noticed() const { return noticeLimit_ == 0 || count() <= noticeLimit_; }
  void flushEvents(Outlet& outlet);
  void spread(const ChannelFrame& frame, Outlet& outlet) const;

  ScopedKey key_;
  std::uint64_t epoch_;
  std::uint64_t offset_ = 0;
  std::uint32_t noticeLimit_;           ///< 0: none
  std::vector<Member> members_;         ///< dense, so that a sample costs what it returns
  TextMap<std::uint32_t> positions_;    ///< user id → index in members_
  std::vector<std::uint32_t> perLoop_;  ///< members by loop
  ReplayRing ring_;
  CountThrottle throttle_;
  std::vector<std::string> joined_;  ///< not yet told; no user is in both lists
  std::vector<std::string> left_;
  std::uint64_t lastJoined_ = 0;  ///< session id: one that joins alone need not hear of itself
};

}  // namespace rtm::server

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/engine/memory/channel_memory.hpp"
#include "server/engine/memory/outlet.hpp"
#include "server/engine/rules/count_throttle.hpp"
#include "server/engine/rules/notice_throttle.hpp"
#include "server/engine/seam/engine.hpp"

namespace rtm::server {

/// One channel: its members, its order of messages, and the news that its members have not heard. Lives as long as it
/// has members. The count is the size of the set, never a separate counter. Loop thread only.
class ChannelState {
 public:
  /// `parameters` outlive the channel. `maker`: the first member, who pays for it as long as it lives.
  ChannelState(const ScopedName& name, std::string_view maker, std::uint64_t epoch, const EngineParameters& parameters)
      : key_(name),
        epoch_(epoch),
        noticeLimit_(parameters.noticeLimit),
        perLoop_(parameters.loops),
        memory_(name, maker, parameters) {}
  ~ChannelState();
  ChannelState(const ChannelState&) = delete;
  ChannelState& operator=(const ChannelState&) = delete;

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

  /// Gives a message its offset, keeps it for replay and sends it to all loops with members; not to its sender.
  void publish(const PublishOp& op, Outlet& outlet);
  /// A write asks for a notice of the attributes, or is part of an owed one; it is about so large.
  NoticeThrottle::Verdict attributesWritten(std::uint64_t nowMs, std::uint64_t bytes) {
    return notices_.written(nowMs, bytes, count(), noticed());
  }
  bool owesAttributes() const { return notices_.pending(); }
  /// True if the owed notice is to be told now; it counts as told then.
  bool takeAttributes(std::uint64_t nowMs) { return notices_.take(nowMs); }
  /// Sends a CHANNEL_ATTRIBUTES_EVENT to all members. It is no message: it has no offset and is not replayed.
  void tellAttributes(const SharedFrame& notice, Outlet& outlet) const;
  /// The messages that a member has missed. A member whose position is unknown gets everything since it joined: it may
  /// never have got the answer to its join.
  ReplayRing::Replay replay(const JoinRequest& request, std::uint64_t nowMs) const;
  /// A member has everything up to this position, and is owed the rest.
  void joinedAt(std::string_view userId, std::uint64_t offset) {
    if (const auto found = positions_.find(userId); found != positions_.end()) {
      members_[found->second].joinedAt = offset;
    }
  }
  /// The messages after a position that the reader has not sent itself.
  ReplayRing::Replay replayFrom(std::uint64_t offset, std::uint64_t reader, std::uint64_t nowMs) const {
    return memory_.ring().after(offset, nowMs, reader);
  }
  /// At most `limit` user ids, at random if there are more.
  std::vector<std::string> sample(std::size_t limit) const;

  /// Tells the members who joined and left since the last call (up to the notice limit) and, if it is due, how many
  /// members there are. True: the count is not due yet.
  bool flush(Outlet& outlet);
  bool hasNews() const { return !joined_.empty() || !left_.empty() || throttle_.pending(); }
  bool hasMember(std::uint32_t loop) const { return perLoop_[loop] != 0; }
  /// Drops old messages, and counts the others. Returns what the channel takes without its attributes.
  std::uint64_t expireReplay(std::uint64_t nowMs) {
    return memory_.expire(nowMs) + ChannelMemory::kChannelBytes + members_.size() * ChannelMemory::kMemberBytes;
  }

  bool listed = false;   ///< ChannelTable lists it as a channel with news
  bool waiting = false;  ///< ChannelTable lists it as a channel whose news are not due yet

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
  ChannelMemory memory_;
  CountThrottle throttle_;
  NoticeThrottle notices_;
  std::vector<std::string> joined_;  ///< not yet told; no user is in both lists
  std::vector<std::string> left_;
  std::uint64_t lastJoined_ = 0;  ///< session id: a member that joins alone need not hear of itself
};

}  // namespace rtm::server

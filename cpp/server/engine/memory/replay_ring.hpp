#pragma once

#include <cstdint>
#include <vector>

#include "server/engine/seam/parameters.hpp"
#include "server/model/shared_frame.hpp"

namespace rtm::server {

/// The newest messages of one channel, for members whose link was away, within ReplayBounds. Pure: time comes in.
class ReplayRing {
 public:
  /// `bounds` outlive the ring.
  explicit ReplayRing(const ReplayBounds& bounds) : bounds_(bounds) {}

  struct Replay {
    std::vector<SharedFrame> frames;  ///< oldest first
    bool complete = true;             ///< nothing after the asked position is missing
  };

  void push(std::uint64_t offset, std::uint64_t nowMs, SharedFrame frame, std::uint64_t sender) {
    if (entries_.empty()) entries_.resize(bounds_.messages);
    entries_[offset % bounds_.messages] = {offset, nowMs, sender, std::move(frame)};
    last_ = offset;
  }

  /// Everything after `offset` that is still held, but for `reader`'s own messages.
  Replay after(std::uint64_t offset, std::uint64_t nowMs, std::uint64_t reader) const {
    Replay replay;
    if (offset >= last_) return replay;
    std::uint64_t next = offset + 1;
    if (last_ - offset > bounds_.messages) {
      next = last_ - bounds_.messages + 1;
      replay.complete = false;
    }
    for (; next <= last_; ++next) {
      if (entries_.empty()) {
        replay.complete = false;
        return replay;
      }
      const Entry& entry = entries_[next % bounds_.messages];
      if (entry.offset != next || nowMs - entry.at > bounds_.maxAgeMs) {
        replay.complete = false;
      } else if (entry.sender != reader) {
        replay.frames.push_back(entry.frame);
      }
    }
    return replay;
  }

  /// Drops the messages that are too old to be replayed. Returns the bytes of the others, with all that holds them.
  std::size_t expire(std::uint64_t nowMs) {
    std::size_t bytes = 0;
    for (Entry& entry : entries_) {
      if (entry.frame && nowMs - entry.at > bounds_.maxAgeMs) entry = {};
      if (entry.frame) bytes += entry.frame.bytes().size();
    }
    if (bytes == 0) {
      entries_ = {};
      return 0;
    }
    return bytes + entries_.capacity() * sizeof(Entry);
  }

 private:
  struct Entry {
    std::uint64_t offset = 0;
    std::uint64_t at = 0;
    std::uint64_t sender = 0;  ///< session id
    SharedFrame frame;
  };

  const ReplayBounds& bounds_;
  std::vector<Entry> entries_;  ///< by offset modulo bounds_.messages; empty while nobody has sent
  std::uint64_t last_ = 0;
};

}  // namespace rtm::server

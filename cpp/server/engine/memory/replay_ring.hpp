#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "server/engine/seam/parameters.hpp"
#include "server/governor/ledger.hpp"
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

  /// `paid`: what the author pays for a large message; null: nobody pays. Without a frame the message is only counted.
  void push(std::uint64_t offset, std::uint64_t nowMs, SharedFrame frame, std::uint64_t sender,
            std::unique_ptr<MemoryCharge> paid = nullptr) {
    if (entries_.empty()) entries_.resize(bounds_.messages);
    entries_[offset % bounds_.messages] = {offset, nowMs, sender, std::move(frame), std::move(paid)};
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
        if (entry.frame) {
          replay.frames.push_back(entry.frame);
        } else {
          replay.complete = false;
        }
      }
    }
    return replay;
  }

  struct Size {
    std::size_t unpaid = 0;  ///< messages that nobody pays for, and all that holds the others
    std::size_t paid = 0;
  };
  /// Drops the messages that are too old to be replayed. Returns the bytes of the others.
  Size expire(std::uint64_t nowMs) {
    Size size;
    bool empty = true;
    for (Entry& entry : entries_) {
      if (entry.frame && nowMs - entry.at > bounds_.maxAgeMs) entry = {};
      if (!entry.frame) continue;
      empty = false;
      (entry.paid == nullptr ? size.unpaid : size.paid) += entry.frame.bytes().size();
    }
    if (empty) {
      entries_ = std::vector<Entry>();
      return {};
    }
    size.unpaid += entries_.capacity() * sizeof(Entry);
    return size;
  }

 private:
  struct Entry {
    std::uint64_t offset = 0;
    std::uint64_t at = 0;
    std::uint64_t sender = 0;  ///< session id
    SharedFrame frame;         ///< empty: the author has no memory left for it
    std::unique_ptr<MemoryCharge> paid;
  };

  const ReplayBounds& bounds_;
  std::vector<Entry> entries_;  ///< by offset modulo bounds_.messages; empty while nobody has sent
  std::uint64_t last_ = 0;
};

}  // namespace rtm::server

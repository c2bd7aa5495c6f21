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

  /// Each member of an entry is assigned by itself: a temporary entry costs a tenth of a publish. Without a frame the
  /// message is only counted.
  void push(std::uint64_t offset, std::uint64_t nowMs, const SharedFrame& frame, std::uint64_t sender) {
    Entry& entry = entryFor(offset, nowMs, sender);
    entry.frame = frame;
    if (entry.paid) entry.paid.reset();
  }
  /// A large message, for whose place its author pays.
  void pushPaid(std::uint64_t offset, std::uint64_t nowMs, const SharedFrame& frame, std::uint64_t sender,
                std::unique_ptr<MemoryCharge> paid) {
    Entry& entry = entryFor(offset, nowMs, sender);
    entry.frame = frame;
    entry.paid = std::move(paid);
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

  Entry& entryFor(std::uint64_t offset, std::uint64_t nowMs, std::uint64_t sender) {
    if (entries_.empty()) entries_.resize(bounds_.messages);
    Entry& entry = entries_[offset % bounds_.messages];
    entry.offset = offset;
    entry.at = nowMs;
    entry.sender = sender;
    last_ = offset;
    return entry;
  }

  const ReplayBounds& bounds_;
  std::vector<Entry> entries_;  ///< by offset modulo bounds_.messages; empty while nobody has sent
  std::uint64_t last_ = 0;
};

}  // namespace rtm::server

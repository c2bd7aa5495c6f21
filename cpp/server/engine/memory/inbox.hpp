#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "server/engine/memory/sender_share.hpp"
#include "server/engine/seam/operations.hpp"
#include "server/engine/seam/parameters.hpp"
#include "server/governor/ledger.hpp"
#include "wire/frame.hpp"

namespace rtm::server {

/// The peer messages of one session that its client has not acknowledged, as encoded frames in one ring of bytes.
/// Offsets rise by one. Once the rings have grown to what the traffic needs, a message costs no allocation. Loop thread
/// only; bounded by InboxBounds for one sender, by an eighth more for all, and above kFreeBytes by what its user may
/// take.
class Inbox {
 public:
  /// A ring up to this size is never refused, so that nobody is unreachable for the memory of its other things.
  static constexpr std::size_t kFreeBytes = 1024 * 1024;

  /// `payer` outlives the inbox; null: nobody counts.
  Inbox(std::uint64_t epoch, const InboxBounds& bounds, const MemoryCharge* payer = nullptr)
      : bounds_(withRoomForOthers(bounds)), payer_(payer), epoch_(epoch) {}

  std::uint64_t epoch() const { return epoch_; }
  std::uint64_t lastOffset() const { return acknowledged_ + count_; }
  bool empty() const { return count_ == 0; }
  /// What it has allocated.
  std::size_t capacity() const { return capacity_ + entries_.size() * sizeof(Entry); }

  /// What happens to a message that no link ever got.
  struct Fallback {
    bool store = false;                      ///< keep it for the receiver's next login
    std::uint64_t requiredCapabilities = 0;  ///< with `store`
    bool expires = false;                    ///< its content says when
  };

  /// A message of a session that ends, for the store.
  struct Abandoned {
    SessionAddress sender;
    std::uint64_t seq = 0;
    std::uint64_t capabilities = 0;  ///< that a receiver needs
    std::uint64_t handedAs = 0;      ///< offset under which a link got it; 0: none did
    bool expires = false;
    ByteView frame;
  };

  /// Encodes `message` with the next offset. False: a bound is reached, nothing changed.
  bool push(const SessionAddress& sender, std::uint64_t seq, wire::PeerMessage message, Fallback fallback);

  /// The next frame to be handed to the receiver's link, or nothing if all are or the window is full. Valid until the
  /// next push().
  ByteView handNext();
  /// Whether the messages that are not handed over may include messages that expire.
  bool expiring() const { return expiring_; }
  /// handNext() where messages expire. A message that has expired, by `expired(frame)`, and that the client surely does
  /// not have, leaves without its content, because offsets have no gaps; calls `lost(sender, seq, 1)` before.
  template <typename Expired, typename Lost>
  ByteView handNext(Expired&& expired, Lost&& lost) {
    expiring_ = handed_ != lastOffset();
    // Over one link each message goes once.
    const bool notThere = positionKnown_ || handed_ == everHanded_;
    const ByteView frame = handNext();
    if (frame.empty() || !notThere) return frame;
    Entry& entry = at(handed_ - acknowledged_ - 1);
    if (!entry.fallback.expires || entry.seq == kSettled || !expired(frame)) return frame;
    lost(entry.sender, std::exchange(entry.seq, kSettled), std::uint64_t{1});
    return withoutContent(entry);
  }

  /// Drops the messages up to `offset` that were handed over, and calls `ok(sender, firstSeq, count)` for their
  /// senders; neighbours of one sender come in one call. An offset from the past, or beyond the last one handed over,
  /// has no further effect.
  template <typename Ok>
  void acknowledge(std::uint64_t offset, Ok&& ok) {
    Runs<Ok> runs(ok);
    while (acknowledged_ < std::min(offset, handed_)) {
      if (front().seq != kSettled) runs.add(front().sender, front().seq);
      pop();
    }
    runs.end();
    releaseIfIdle();
  }

  /// A new link, with the client at `offset` of `epoch`: acknowledges up to there and hands the rest over again. False:
  /// the position belongs to another inbox, or is older than the last acknowledgement; some messages may be lost.
  template <typename Ok>
  bool rewind(std::uint64_t epoch, std::uint64_t offset, Ok&& ok) {
    const bool known = epoch == epoch_ && offset >= acknowledged_ && offset <= everHanded_;
    handed_ = everHanded_;
    if (known) acknowledge(offset, ok);
    handed_ = acknowledged_;
    sizes_.handed = 0;
    positionKnown_ = known;
    expiring_ = true;
    return known;
  }

  /// The session ends. In their order, calls `store(entry)` for the messages with Fallback::store, and
  /// `lost(sender, firstSeq, count)` for the other messages that surely did not arrive: messages that no link was ever
  /// handed, or, with `handedAreLost`, messages that were not acknowledged. The rest stays: nobody knows whether it
  /// arrived, and an acknowledgement may still come.
  template <typename Store, typename Lost>
  void abandon(bool handedAreLost, Store&& store, Lost&& lost) {
    Runs<Lost> runs(lost);
    const std::size_t handed = everHanded_ - acknowledged_;
    for (std::size_t i = 0; i < count_; ++i) {
      Entry& entry = at(i);
      if (entry.seq == kSettled) continue;
      if (entry.fallback.store) {
        runs.end();
        store(Abandoned{.sender = entry.sender,
                        .seq = entry.seq,
                        .capabilities = entry.fallback.requiredCapabilities,
                        .handedAs = i < handed ? acknowledged_ + i + 1 : 0,
                        .expires = entry.fallback.expires,
                        .frame = ByteView{bytes_.get() + entry.begin, entry.size}});
      } else if (i < handed && !handedAreLost) {
        continue;
      } else {
        runs.add(entry.sender, entry.seq);
      }
      entry.seq = kSettled;
    }
    runs.end();
    dropAbove(everHanded_);
  }

 private:
  /// Instead of a seq: the sender's result is known.
  static constexpr std::uint64_t kSettled = std::numeric_limits<std::uint64_t>::max();

  struct Entry {
    SessionAddress sender;
    std::uint64_t seq = 0;
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
    Fallback fallback;
    std::uint64_t senderHash = 0;  ///< of the sender's id; 0: nobody has asked yet
  };

  /// Bytes of entries.
  struct Sizes {
    std::size_t all = 0;
    std::size_t handed = 0;  ///< in (acknowledged_, handed_]
  };

  /// Joins neighbours into runs.
  template <typename Emit>
  struct Runs {
    explicit Runs(Emit& to) : emit(to) {}
    void add(const SessionAddress& sender, std::uint64_t seq) {
      if (count != 0 && sender == last && seq == first + count) {
        ++count;
        return;
      }
      end();
      last = sender;
      first = seq;
      count = 1;
    }
    void end() {
      if (count != 0) emit(last, first, count);
      count = 0;
    }
    Emit& emit;
    SessionAddress last;
    std::uint64_t first = 0;
    std::uint64_t count = 0;
  };

  Entry& at(std::size_t position) { return entries_[(first_ + position) & (entries_.size() - 1)]; }
  Entry& front() { return at(0); }
  void pop();
  ByteView withoutContent(Entry& entry);
  void dropAbove(std::uint64_t offset);
  bool isNearlyFull() const { return !leavesRoom(count_, bounds_.messages) || !leavesRoom(sizes_.all, bounds_.bytes); }
  /// Whether the sender holds so much that others might find no room. By user, not by session: a user may log in again.
  bool exceedsShare(std::string_view senderId);
  std::uint64_t senderHashOf(Entry& entry);
  /// Room for `size` bytes in one piece; false: a bound is reached. Sets tail_.
  bool reserve(std::size_t size);
  bool growBytes(std::size_t size);
  void growEntries();
  void releaseIfIdle();

  InboxBounds bounds_;  ///< of all senders
  const MemoryCharge* payer_;
  std::uint64_t epoch_;
  std::uint64_t acknowledged_ = 0;  ///< offset before the front entry
  std::uint64_t handed_ = 0;        ///< handed to the present link up to here
  std::uint64_t everHanded_ = 0;    ///< handed to any link up to here
  Sizes sizes_;
  bool positionKnown_ = true;  ///< when the present link came, the client had nothing above acknowledged_
  bool expiring_ = false;

  std::vector<Entry> entries_;  ///< ring, a power of two
  std::size_t first_ = 0;
  std::size_t count_ = 0;

  std::unique_ptr<std::uint8_t[]> bytes_;  ///< ring of frames, each in one piece
  std::size_t capacity_ = 0;
  std::size_t tail_ = 0;  ///< where the next frame begins, if it fits before the end or the front entry
};

}  // namespace rtm::server

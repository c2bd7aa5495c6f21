#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace rtm::client {

/// The stored messages that this client had last. A session that ends before its acknowledgement reached the server
/// leaves them in the store, and the next session is handed them again. As many as a queue of the server holds, and
/// some more. Lock: the client lock.
class StoredSeen {
 public:
  /// False: the program has this message. Two messages with one id differ in the time at which they were stored, or in
  /// `storedAs`; a server that restarts may give the same numbers again, at other times.
  bool note(std::string_view receiverId, std::string_view senderId, std::uint64_t messageId, std::uint64_t storedMs,
            std::uint64_t storedAs) {
    const std::uint64_t names = mix(hash(receiverId), hash(senderId));
    const std::uint64_t mark = mix(mix(names, messageId), mix(storedMs, storedAs));
    if (std::find(marks_.begin(), marks_.end(), mark) != marks_.end()) return false;
    if (marks_.size() < kMost) {
      marks_.push_back(mark);
    } else {
      marks_[next_] = mark;
      next_ = (next_ + 1) % kMost;
    }
    return true;
  }

 private:
  static constexpr std::size_t kMost = 256;

  static std::uint64_t hash(std::string_view text) { return std::hash<std::string_view>{}(text); }
  static std::uint64_t mix(std::uint64_t one, std::uint64_t other) {
    constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;
    return one ^ (other * kGolden + kGolden + (one << 6) + (one >> 2));
  }

  std::vector<std::uint64_t> marks_;  ///< a ring once it is full
  std::size_t next_ = 0;
};

}  // namespace rtm::client

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace rtm {

/// "At most n calls in any t ms" as a sliding log of the accepted calls (docs/spec/limits.md §1). Pure: time comes in.
/// Memory follows the largest number of calls in one window so far, not n: most users stay far below their limits.
class RateWindow {
 public:
  RateWindow() = default;
  /// count 0: everything is accepted.
  RateWindow(std::uint32_t count, std::uint32_t windowMs) { configure(count, windowMs); }

  /// Changes the rule; calls counted so far are forgotten.
  void configure(std::uint32_t count, std::uint32_t windowMs) {
    count_ = count;
    windowMs_ = windowMs;
    times_ = {};
    first_ = size_ = 0;
  }

  /// Counts a call at `nowMs` (monotonic, never decreasing) and returns true, or returns false and counts nothing.
  bool accept(std::uint64_t nowMs) {
    if (count_ == 0) return true;
    if (!hasRoom(nowMs)) return false;
    if (size_ == times_.size()) grow();
    times_[at(size_)] = nowMs;
    ++size_;
    return true;
  }

  /// Whether accept() would return true; counts nothing. For a call that two windows must both allow.
  bool hasRoom(std::uint64_t nowMs) {
    forgetBefore(nowMs);
    return count_ == 0 || size_ < count_;
  }

  /// Whether no call counts any more: the window is as good as a new one.
  bool isIdle(std::uint64_t nowMs) const { return size_ == 0 || nowMs - times_[at(size_ - 1)] >= windowMs_; }

  /// How many calls the memory has room for.
  std::size_t capacity() const { return times_.size(); }

 private:
  void forgetBefore(std::uint64_t nowMs) {
    while (size_ != 0 && nowMs - times_[first_] >= windowMs_) {
      first_ = at(1);
      --size_;
    }
  }
  std::size_t at(std::size_t index) const {
    const std::size_t place = first_ + index;
    return place < times_.size() ? place : place - times_.size();
  }
  void grow() {
    std::rotate(times_.begin(), times_.begin() + static_cast<std::ptrdiff_t>(first_), times_.end());
    first_ = 0;
    times_.resize(std::min<std::size_t>(count_, std::max<std::size_t>(4, 2 * times_.size())));
  }

  std::uint32_t count_ = 0;
  std::uint32_t windowMs_ = 0;
  std::vector<std::uint64_t> times_;  ///< a ring: size_ entries from first_ on, oldest first
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

/// One window for each key, all of one rule: "at most n calls with the same key". A key is forgotten when all its calls
/// have left its window, so that memory follows the keys of one window. Pure, as RateWindow.
class KeyedRateWindows {
 public:
  /// Changes the rule; calls counted so far are forgotten.
  void configure(std::uint32_t count, std::uint32_t windowMs) {
    count_ = count;
    windowMs_ = windowMs;
    windows_.clear();
    forgetAt_ = kFew;
  }

  /// The window of `key`; valid until the next call.
  RateWindow& of(const std::string& key, std::uint64_t nowMs) {
    if (windows_.size() >= forgetAt_) {
      std::erase_if(windows_, [nowMs](const auto& entry) { return entry.second.isIdle(nowMs); });
      forgetAt_ = std::max(kFew, 2 * windows_.size());
    }
    return windows_.try_emplace(key, count_, windowMs_).first->second;
  }

  /// The number of keys that are remembered.
  std::size_t size() const { return windows_.size(); }

 private:
  static constexpr std::size_t kFew = 64;

  std::uint32_t count_ = 0;
  std::uint32_t windowMs_ = 0;
  std::unordered_map<std::string, RateWindow> windows_;
  std::size_t forgetAt_ = kFew;
};

}  // namespace rtm

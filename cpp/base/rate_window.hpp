#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace rtm {

/// "At most n calls in any t ms" as a sliding log of the accepted calls (spec limits §1, S-21). Pure: time comes in.
/// Memory follows the most calls that were ever within one window, not n: most users stay far below their limits.
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
    while (size_ != 0 && nowMs - times_[first_] >= windowMs_) {
      first_ = at(1);
      --size_;
    }
    if (size_ == count_) return false;
    if (size_ == times_.size()) grow();
    times_[at(size_)] = nowMs;
    ++size_;
    return true;
  }

  /// Calls there is room to remember.
  std::size_t capacity() const { return times_.size(); }

 private:
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

}  // namespace rtm

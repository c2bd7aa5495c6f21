#pragma once

#include <cstdint>
#include <vector>

namespace rtm {

/// "At most n calls in any t ms" as a sliding log of the accepted calls (spec limits §1, S-21). Pure: time comes in.
/// Memory grows with the calls really made, up to n entries.
class RateWindow {
 public:
  RateWindow() = default;
  /// count 0: everything is accepted.
  RateWindow(std::uint32_t count, std::uint32_t windowMs) { configure(count, windowMs); }

  /// Changes the rule; calls counted so far are forgotten.
  void configure(std::uint32_t count, std::uint32_t windowMs) {
    count_ = count;
    windowMs_ = windowMs;
    times_.clear();
    oldest_ = 0;
  }

  /// Counts a call at `nowMs` (monotonic, never decreasing) and returns true, or returns false and counts nothing.
  bool accept(std::uint64_t nowMs) {
    if (count_ == 0) return true;
    if (times_.size() < count_) {
      times_.push_back(nowMs);
      return true;
    }
    // Full: the log is a ring now, and its oldest entry decides.
    if (nowMs - times_[oldest_] < windowMs_) return false;
    times_[oldest_] = nowMs;
    oldest_ = oldest_ + 1 == times_.size() ? 0 : oldest_ + 1;
    return true;
  }

 private:
  std::uint32_t count_ = 0;
  std::uint32_t windowMs_ = 0;
  std::vector<std::uint64_t> times_;
  std::size_t oldest_ = 0;
};

}  // namespace rtm

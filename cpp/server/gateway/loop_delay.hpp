#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

namespace rtm::server {

/// How late the timer of a loop has been, at most, in the last second or two. Pure: time comes in.
class LoopDelay {
 public:
  /// The timer fires at `dueMs`.
  void expect(std::uint64_t dueMs) { dueMs_ = dueMs; }
  /// The timer has fired; returns the delay.
  std::uint64_t measure(std::uint64_t nowMs) {
    if (nowMs >= windowEndsMs_) {
      windowEndsMs_ = nowMs + kWindowMs;
      lastWindow_ = std::exchange(window_, 0);
    }
    window_ = std::max(window_, nowMs - std::min(nowMs, dueMs_));
    return std::max(lastWindow_, window_);
  }

 private:
  static constexpr std::uint64_t kWindowMs = 1000;

  std::uint64_t dueMs_ = 0;
  std::uint64_t windowEndsMs_ = 0;
  std::uint64_t window_ = 0;      ///< most lateness of this window
  std::uint64_t lastWindow_ = 0;  ///< and of the window before
};

}  // namespace rtm::server

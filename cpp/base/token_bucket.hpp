#pragma once

#include <algorithm>
#include <cstdint>

namespace rtm {

/// Lets through `perSecond` events a second on average, and `burst` at once. For events that nobody promised: a rule
/// that callers can keep exactly is a RateWindow. Pure: time comes in; a time before the last one counts as the last
/// one.
class TokenBucket {
 public:
  constexpr TokenBucket(std::uint64_t perSecond, std::uint64_t burst)
      : perSecond_(perSecond), most_(burst * kUnit), left_(most_) {}

  bool take(std::uint64_t nowMs) {
    const std::uint64_t passed = nowMs - std::min(nowMs, knownMs_);
    knownMs_ = std::max(knownMs_, nowMs);
    left_ = std::min(most_, left_ + std::min(passed, kLongestMs) * perSecond_);
    if (left_ < kUnit) return false;
    left_ -= kUnit;
    return true;
  }

 private:
  static constexpr std::uint64_t kUnit = 1000;  ///< thousandths of an event, so that a millisecond counts
  static constexpr std::uint64_t kLongestMs = 24 * 3600 * 1000;  ///< keeps the product within its type

  std::uint64_t perSecond_;
  std::uint64_t most_;
  std::uint64_t left_;
  std::uint64_t knownMs_ = 0;
};

}  // namespace rtm

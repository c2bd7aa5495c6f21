#pragma once

#include <algorithm>
#include <cstdint>

namespace rtm {

/// Lets through `count` events in each `windowMs` on average, and `burst` at once. For events that nobody promised: a
/// rule that callers can keep exactly is a RateWindow. Pure: time comes in; a time before the last one counts as the
/// last one.
class TokenBucket {
 public:
  constexpr TokenBucket(std::uint64_t perSecond, std::uint64_t burst) : TokenBucket(perSecond, 1000, burst) {}
  /// `windowMs`: at least 1.
  constexpr TokenBucket(std::uint64_t count, std::uint64_t windowMs, std::uint64_t burst)
      : count_(count), windowMs_(windowMs), most_(std::min(burst, kMost / windowMs) * windowMs), left_(most_) {}

  bool take(std::uint64_t nowMs) {
    const std::uint64_t passed = nowMs - std::min(nowMs, knownMs_);
    knownMs_ = std::max(knownMs_, nowMs);
    // Where the time earns more than the bucket can hold, the product might not fit its type.
    left_ = count_ != 0 && passed > (most_ - left_) / count_ ? most_ : left_ + passed * count_;
    if (left_ < windowMs_) return false;
    left_ -= windowMs_;
    return true;
  }
  /// The last event was none.
  void giveBack() { left_ = std::min(most_, left_ + windowMs_); }
  /// When the bucket is as good as new if nothing more is taken.
  std::uint64_t fullAtMs() const { return knownMs_ + (count_ == 0 ? 0 : (most_ - left_ + count_ - 1) / count_); }

 private:
  static constexpr std::uint64_t kMost = std::uint64_t{1} << 62;

  // An event is worth `windowMs_` units, and each millisecond earns `count_` of them.
  std::uint64_t count_;
  std::uint64_t windowMs_;
  std::uint64_t most_;
  std::uint64_t left_;
  std::uint64_t knownMs_ = 0;
};

}  // namespace rtm

#pragma once

#include <algorithm>
#include <cstdint>

#include "base/token_bucket.hpp"

namespace rtm::server {

/// Counts the frames of one connection that bring nobody anything: PINGs, kinds that this server does not know, frames
/// before the login, and requests that a call frequency or a rule refuses. A client that keeps to the SDK sends one
/// such frame in two seconds; a client that sends such frames as fast as it can would have the loop do nothing else.
/// Pure: time comes in.
class FrameBudget {
 public:
  enum class Verdict : std::uint8_t {
    Go,
    Rest,  ///< read nothing from the client for kRestMs
    Cut,   ///< it did not learn from resting: close the connection
  };
  static constexpr std::uint64_t kPerSecond = 200;
  static constexpr std::uint64_t kBurst = 2000;
  static constexpr std::uint64_t kRestMs = 1000;
  static constexpr std::uint32_t kRestsBeforeCut = 3;
  static constexpr std::uint64_t kForgiveMs = 60'000;  ///< a rest counts for so long

  /// One such frame has come.
  Verdict spend(std::uint64_t nowMs) {
    if (allowance_.take(nowMs)) return Verdict::Go;
    // The remaining frames of the read that started the pause are still processed.
    if (rests_ != 0 && nowMs < restedMs_ + kRestMs) return Verdict::Go;
    if (rests_ != 0 && nowMs - restedMs_ >= kForgiveMs) rests_ = 0;
    if (rests_ == kRestsBeforeCut) return Verdict::Cut;
    ++rests_;
    restedMs_ = nowMs;
    return Verdict::Rest;
  }

  /// When nothing counts any more if no more such frames come.
  std::uint64_t untilMs() const {
    return std::max(allowance_.fullAtMs(), rests_ == 0 ? std::uint64_t{0} : restedMs_ + kForgiveMs);
  }

 private:
  TokenBucket allowance_{kPerSecond, kBurst};
  std::uint64_t restedMs_ = 0;  ///< when the last rest began
  std::uint32_t rests_ = 0;
};

}  // namespace rtm::server

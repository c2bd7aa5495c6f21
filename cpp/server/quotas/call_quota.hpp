#pragma once

#include <algorithm>
#include <cstdint>

#include "server/limits.hpp"

namespace rtm::server {

/// The server's side of "n calls per t ms". The client counts calls when they are made, with a sliding log
/// (base/rate_window.hpp); the server sees when they *arrive*. A link that stalls or is resumed delivers in one burst
/// the calls of several seconds, so a sliding window here would refuse calls that the client rightly accepted.
///
/// Instead, each window grants `count` calls when it begins, and unused calls are carried over for as long as a link
/// may stall. A caller that keeps the rule is never refused: the calls of each window are covered by the grant of that
/// window, which came before them. A caller that breaks the rule gets no more than the rule on average. Pure: time
/// comes in. Its size does not depend on the rule, where a log would hold up to 1,500 times.
class CallQuota {
 public:
  CallQuota() = default;
  /// `carryMs`: how late a call may arrive after it was made.
  CallQuota(const RateRule& rule, std::uint32_t carryMs, std::uint64_t nowMs) { start(rule, carryMs, nowMs); }

  void start(const RateRule& rule, std::uint32_t carryMs, std::uint64_t nowMs) {
    rule_ = rule;
    if (rule_.windowMs == 0) rule_.count = 0;
    windowBegan_ = nowMs;
    left_ = rule_.count;
    ceiling_ =
        rule_.count == 0 ? 0 : rule_.count * (std::uint64_t{1} + (carryMs + rule_.windowMs - 1) / rule_.windowMs);
  }

  /// Counts a call that arrives at `nowMs`, which never decreases, and returns true; or false: too often.
  bool take(std::uint64_t nowMs) {
    if (rule_.count == 0) return true;
    // Signed: a quota that another loop began may be ahead of this loop's clock by a turn.
    if (static_cast<std::int64_t>(nowMs - windowBegan_) >= static_cast<std::int64_t>(rule_.windowMs)) {
      const std::uint64_t begun = (nowMs - windowBegan_) / rule_.windowMs;
      windowBegan_ += begun * rule_.windowMs;
      left_ = begun >= ceiling_ ? ceiling_ : std::min(ceiling_, left_ + begun * rule_.count);
    }
    if (left_ == 0) return false;
    --left_;
    return true;
  }

  /// Grants one more window, because calls that were counted may come a second time.
  void allowRepeats() { left_ = std::min(ceiling_, left_ + rule_.count); }

  /// What an owner keeps of a quota that it puts away.
  struct Rest {
    std::uint64_t windowBeganMs = 0;
    std::uint32_t left = 0;
  };
  bool unlimited() const { return rule_.count == 0; }
  /// Whether a new quota would grant more. From the next window on it would not.
  bool spent() const { return rule_.count != 0 && left_ < rule_.count; }
  /// When spent() ends without a call.
  std::uint64_t spentUntilMs() const { return windowBegan_ + rule_.windowMs; }
  /// Only while the quota is spent.
  Rest rest() const { return {windowBegan_, static_cast<std::uint32_t>(left_)}; }
  /// Goes on where a quota of the same rule stopped.
  void goOn(const Rest& rest) {
    windowBegan_ = rest.windowBeganMs;
    left_ = std::min<std::uint64_t>(rest.left, ceiling_);
  }

  /// True once the past calls cannot matter any more: an owner of one quota for each name may drop this one.
  bool full(std::uint64_t nowMs) const {
    return rule_.count == 0 || nowMs - windowBegan_ >= rule_.windowMs * std::uint64_t{2};
  }

 private:
  RateRule rule_;
  std::uint64_t windowBegan_ = 0;
  std::uint64_t left_ = 0;
  std::uint64_t ceiling_ = 0;
};

}  // namespace rtm::server

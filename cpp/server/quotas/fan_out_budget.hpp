#pragma once

#include <algorithm>
#include <cstdint>

namespace rtm::server {

/// What one user may make the server send to others by notices of attributes: bytes times members, on average and at
/// once. Who has spent more is in debt and waits until time has paid it. Nobody waits longer than kLongestDebtMs: a
/// single notice for a very large channel may cost more than the budget ever holds. Pure: time comes in.
class FanOutBudget {
 public:
  static constexpr std::int64_t kPerSecond = 4 * 1024 * 1024;
  static constexpr std::int64_t kBurst = 8 * 1024 * 1024;
  static constexpr std::int64_t kLongestDebtMs = 16'000;

  bool inDebt(std::uint64_t nowMs) {
    refill(nowMs);
    return left_ < 0;
  }
  void spend(std::uint64_t bytes, std::uint64_t nowMs) {
    refill(nowMs);
    const auto cost = static_cast<std::int64_t>(std::min<std::uint64_t>(bytes, 1ULL << 50));
    left_ = std::max(left_ - cost * kUnit, -kPerSecond * kLongestDebtMs);
  }

  /// When the budget is full again if nothing more is spent.
  std::uint64_t untilMs() const {
    return left_ == kBurst * kUnit ? 0
                                   : knownMs_ + static_cast<std::uint64_t>((kBurst * kUnit - left_) / kPerSecond) + 1;
  }

 private:
  static constexpr std::int64_t kUnit = 1000;  ///< thousandths of a byte, so that a millisecond counts
  /// After this time any debt is paid and the budget is full.
  static constexpr std::uint64_t kEnoughMs = kLongestDebtMs + kUnit * kBurst / kPerSecond;

  void refill(std::uint64_t nowMs) {
    const std::uint64_t passed = nowMs - std::min(nowMs, knownMs_);
    knownMs_ = std::max(knownMs_, nowMs);
    left_ = std::min(kBurst * kUnit, left_ + kPerSecond * static_cast<std::int64_t>(std::min(passed, kEnoughMs)));
  }

  std::int64_t left_ = kBurst * kUnit;
  std::uint64_t knownMs_ = 0;
};

}  // namespace rtm::server

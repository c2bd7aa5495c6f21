#pragma once

#include <algorithm>
#include <cstdint>

namespace rtm::net {

/// Processor time for one kind of work: a share of the time that passes, and a stock of it for bursts. Pure: the caller
/// measures. Work may overdraw the budget; what it took beyond it must first come in again.
class CpuBudget {
 public:
  struct Rate {
    double share = 0.5;                 ///< nanoseconds for each nanosecond that passes
    std::int64_t burstNs = 20'000'000;  ///< the most that is kept
  };

  CpuBudget(Rate rate, std::uint64_t nowMs) : rate_(rate), leftNs_(rate.burstNs), knownMs_(nowMs) {}

  void setShare(double share) { rate_.share = share; }
  /// Whether work may begin.
  bool open(std::uint64_t nowMs) {
    refill(nowMs);
    return leftNs_ > 0;
  }
  void charge(std::int64_t usedNs) { leftNs_ -= usedNs; }
  /// Milliseconds until open() is true; at least 1.
  std::uint64_t waitMs() const {
    const double neededMs = static_cast<double>(-leftNs_) / 1e6 / rate_.share;
    return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::max(0.0, neededMs)) + 1);
  }

 private:
  void refill(std::uint64_t nowMs) {
    const std::uint64_t passed = nowMs - std::min(nowMs, knownMs_);
    knownMs_ = nowMs;
    // Over a second of quiet fills any stock; the bound keeps the product within the type.
    const auto earned =
        static_cast<std::int64_t>(static_cast<double>(std::min<std::uint64_t>(passed, 1000)) * 1e6 * rate_.share);
    leftNs_ = std::min(rate_.burstNs, leftNs_ + earned);
  }

  Rate rate_;
  std::int64_t leftNs_;
  std::uint64_t knownMs_;
};

}  // namespace rtm::net

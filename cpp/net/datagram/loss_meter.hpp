#pragma once

#include <algorithm>
#include <cstdint>

namespace rtm::net {

/// The share of packets that got lost lately: the mean of the first hundred, then a moving average over about a
/// hundred.
class LossMeter {
 public:
  void arrived() { count(0); }
  void lost() { count(1); }
  /// A packet that counted as lost has arrived after all.
  void wasNotLost() { share_ = std::max(0.0, share_ - 1.0 / std::max(known_, kFirst)); }
  double share() const { return share_; }

 private:
  static constexpr int kMemory = 100;
  void count(double value) {
    known_ = std::min(known_ + 1, kMemory);
    // The first packets weigh less than their mean would make them: one loss of two packets is no loss of half of all.
    share_ += (value - share_) / std::max(known_, kFirst);
  }
  static constexpr int kFirst = 10;

  double share_ = 0;
  int known_ = 0;
};

}  // namespace rtm::net

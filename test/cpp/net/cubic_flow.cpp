#include "cubic_flow.hpp"

#include <algorithm>
#include <cmath>

namespace rtm::net::test {
namespace {

constexpr double kGrowth = 0.4;   ///< the C of CUBIC
constexpr double kBackOff = 0.7;  ///< its beta
/// Segments that Reno gains in each round trip, so that it gets the same share with this beta.
constexpr double kRenoGrowth = 3 * (1 - kBackOff) / (1 + kBackOff);
constexpr std::uint64_t kReorderSegments = 3;
constexpr Micros kReorderTime = 2 * kMillisecond;
constexpr Micros kLeastTimeout = 300 * kMillisecond;
constexpr Micros kWatchEvery = 50 * kMillisecond;

}  // namespace

void CubicFlow::start() {
  heardAt_ = time_.now();
  sendAll();
  watch();
}

void CubicFlow::sendAll() {
  while (onWay_.size() < static_cast<std::size_t>(window_)) {
    std::uint64_t number = next_;
    if (toRepeat_.empty()) {
      ++next_;
    } else {
      number = toRepeat_.back();
      toRepeat_.pop_back();
    }
    const Micros sentAt = time_.now();
    onWay_[number] = sentAt;
    out_.send(kSegmentOnWire, [this, number, sentAt] {
      arrived(number);
      back_.send(kAcknowledgementOnWire, [this, number, sentAt] { acknowledged(number, sentAt); });
    });
  }
}

void CubicFlow::arrived(std::uint64_t number) {
  if (number < awaited_ || !received_.insert(number).second) return;
  delivered_ += kSegmentBytes;
  while (received_.erase(awaited_) != 0) ++awaited_;
}

void CubicFlow::acknowledged(std::uint64_t number, Micros sentAt) {
  heardAt_ = time_.now();
  const Micros roundTrip = time_.now() - sentAt;
  least_ = std::min(least_, roundTrip);
  smoothed_ = smoothed_ == 0 ? roundTrip : (7 * smoothed_ + roundTrip) / 8;
  if (onWay_.erase(number) != 0) {
    grow();
    if (findLosses(number, sentAt)) slowDown();
  }
  sendAll();
}

double CubicFlow::cubicWindow() const {
  const double seconds = static_cast<double>(time_.now() - lossAt_) / kSecond;
  const double cubic = kGrowth * std::pow(seconds - secondsToPlateau_, 3) + windowAtLoss_;
  const double reno = windowAtLoss_ * kBackOff + kRenoGrowth * seconds / (static_cast<double>(smoothed_) / kSecond);
  return std::max(cubic, reno);
}

void CubicFlow::grow() {
  if (window_ < slowStartUntil_) {
    window_ += 1;
    const bool delayGrows = smoothed_ > least_ + std::max(4 * kMillisecond, least_ / 8);
    if (delayGrows) slowStartUntil_ = window_;
    return;
  }
  const double target = cubicWindow();
  window_ += target > window_ ? std::min(0.5, (target - window_) / window_) : 0.01 / window_;
}

/// Segments that were sent well before one that has arrived are lost. True: the window must answer it.
bool CubicFlow::findLosses(std::uint64_t number, Micros sentAt) {
  bool unanswered = false;
  for (auto at = onWay_.begin(); at != onWay_.end() && at->first + kReorderSegments < number;) {
    if (at->second + kReorderTime >= sentAt) {
      ++at;
      continue;
    }
    toRepeat_.push_back(at->first);
    unanswered = unanswered || at->first >= recoverUntil_;
    at = onWay_.erase(at);
  }
  return unanswered;
}

void CubicFlow::slowDown() {
  windowAtLoss_ = window_;
  window_ = std::max(2.0, window_ * kBackOff);
  slowStartUntil_ = window_;
  lossAt_ = time_.now();
  secondsToPlateau_ = std::cbrt(windowAtLoss_ * (1 - kBackOff) / kGrowth);
  recoverUntil_ = next_;
}

void CubicFlow::watch() {
  if (!onWay_.empty() && time_.now() > heardAt_ + std::max(kLeastTimeout, 2 * smoothed_)) timeout();
  time_.at(time_.now() + kWatchEvery, [this] { watch(); });
}

void CubicFlow::timeout() {
  for (const auto& [number, sentAt] : onWay_) toRepeat_.push_back(number);
  onWay_.clear();
  slowStartUntil_ = std::max(2.0, window_ / 2);
  window_ = 1;
  windowAtLoss_ = slowStartUntil_;
  lossAt_ = time_.now();
  secondsToPlateau_ = 0;
  recoverUntil_ = next_;
  heardAt_ = time_.now();
  sendAll();
}

}  // namespace rtm::net::test

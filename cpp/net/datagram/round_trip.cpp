#include "net/datagram/round_trip.hpp"

namespace rtm::net {

void RecentLeast::add(Micros now, Micros value, Micros window) {
  if (now - since_ >= window) {
    before_ = now - since_ < 2 * window ? current_ : kNone;
    current_ = kNone;
    since_ = now;
  }
  current_ = std::min(current_, value);
}

void RoundTrip::sample(Micros now, Micros elapsed, Micros delay) {
  const Micros value = std::max<Micros>(elapsed - std::min(elapsed, delay), 1);
  if (known_) {
    const Micros off = value > smoothed_ ? value - smoothed_ : smoothed_ - value;
    variation_ = (3 * variation_ + off) / 4;
    smoothed_ = (7 * smoothed_ + value) / 8;
  } else {
    smoothed_ = value;
    variation_ = value / 8;
    known_ = true;
  }
  base_.add(now, value, kBaseWindow);
  recent_.add(now, value, std::max(4 * smoothed_, kLeastRecent) / 2);
}

void RoundTrip::newPath() {
  known_ = false;
  // The new path may be the slower one.
  smoothed_ = std::max(smoothed_, assumed_);
  base_.clear();
  recent_.clear();
}

}  // namespace rtm::net

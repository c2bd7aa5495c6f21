#pragma once

#include <algorithm>
#include <cstdint>

#include "net/datagram/micros.hpp"

namespace rtm::net {

/// The least value of the last `window` to two windows, in constant memory.
class RecentLeast {
 public:
  void add(Micros now, Micros value, Micros window);
  /// Zero before the first value.
  Micros least() const { return std::min(before_, current_) == kNone ? 0 : std::min(before_, current_); }
  void clear() { *this = {}; }

 private:
  static constexpr Micros kNone = ~Micros{0};
  Micros before_ = kNone;
  Micros current_ = kNone;
  Micros since_ = 0;
};

/// What the acknowledgements of one path say about its round trip: its average, its least of ten minutes, and whether
/// packets wait in a queue. Pure; times only grow.
class RoundTrip {
 public:
  /// `assumed` holds until the first sample.
  explicit RoundTrip(Micros assumed) : assumed_(assumed), smoothed_(assumed), variation_(assumed / 8) {}

  /// A packet came back after `elapsed`, of which the other side kept it for `delay`.
  void sample(Micros now, Micros elapsed, Micros delay);
  /// The address has changed: what was known belongs to another path.
  void newPath();

  bool known() const { return known_; }
  Micros smoothed() const { return smoothed_; }
  /// After which time without an acknowledgement a packet is sent again, the other side's delay not counted.
  Micros patience() const { return smoothed_ + std::max(smoothed_ / 5, std::min(4 * variation_, kMostVariation)); }
  /// Of an empty path: the least of ten minutes.
  Micros base() const { return base_.least() == 0 ? smoothed_ : base_.least(); }
  /// No packet of the last four round trips found the path empty. Smoothed values would take jitter and the stalls of a
  /// machine for a queue, and a shorter memory of the base would take the queue of others for the path.
  bool standingQueue() const { return recent_.least() > base() + std::max(base() / 8, kNoise); }

 private:
  /// One round trip that a stall has made 15 s long would otherwise ask for a minute of patience.
  static constexpr Micros kMostVariation = kSecond;
  static constexpr Micros kNoise = 3 * kMillisecond;
  static constexpr Micros kBaseWindow = 600 * kSecond;
  static constexpr Micros kLeastRecent = kSecond / 2;

  Micros assumed_;
  Micros smoothed_;
  Micros variation_;
  RecentLeast base_;
  RecentLeast recent_;
  bool known_ = false;
};

}  // namespace rtm::net

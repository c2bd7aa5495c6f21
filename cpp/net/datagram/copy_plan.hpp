#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "net/datagram/micros.hpp"

namespace rtm::net {

/// Which segments are sent again before anything is known of them, and when: so that a loss costs 10 ms and not a round
/// trip. Only a thin stream gets copies; those of a thick one would take the place of news. Pure.
class CopyPlan {
 public:
  /// The same number for each segment, whatever the loss is.
  struct Fixed {
    unsigned count;
    Micros apart;
  };
  /// What the stream is like when a segment is sent.
  struct Conditions {
    double loss;
    std::size_t waiting;  ///< segments that wait to be sent
    bool queue;           ///< a standing queue is seen
    unsigned repeats;     ///< how often the segment got lost: others wait behind it
  };

  explicit CopyPlan(std::optional<Fixed> fixed) : fixed_(fixed) {}

  /// Segment `number` has been sent for the first time, or as a repeat.
  void sent(Micros now, std::uint64_t number, const Conditions& conditions);
  /// The segment whose copy comes next if it is due, or if `early`: there is a datagram that it can share.
  std::optional<std::uint64_t> next(Micros now, bool early) const;
  /// The copy that next() gave has been sent.
  void sentNext(Micros now, std::size_t bytes);
  /// The copy that next() gave is not needed any more.
  void dropNext() { plan_.pop_front(); }
  std::optional<Micros> dueAt() const;
  /// No copies of what was sent so far.
  void clear() { plan_.clear(); }

 private:
  struct Planned {
    Micros at;
    std::uint64_t number;
    unsigned left;
  };
  Micros apart() const;

  std::optional<Fixed> fixed_;
  std::deque<Planned> plan_;  ///< by time
  Micros paidUntil_ = 0;      ///< up to when the copies so far have used their share of the path
};

}  // namespace rtm::net

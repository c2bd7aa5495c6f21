#pragma once

#include <cstdint>

#include "net/loop/timer.hpp"
#include "server/gateway/loop_delay.hpp"

namespace rtm::server {

/// Runs the sweep of a gateway every `intervalMs`, and tells how late it runs. One timer for all connections and for
/// the engine: no timer for each connection. Loop thread only.
class SweepTimer {
 public:
  SweepTimer(net::IoLoop& loop, std::uint64_t intervalMs, Task sweep)
      : intervalMs_(intervalMs), timer_(loop, std::move(sweep)) {}

  void arm(std::uint64_t nowMs) {
    delay_.expect(nowMs + intervalMs_);
    timer_.arm(intervalMs_);
  }
  void cancel() { timer_.cancel(); }
  /// In the sweep: the longest delay of the last second or two.
  std::uint64_t measureDelay(std::uint64_t nowMs) { return delay_.measure(nowMs); }

 private:
  const std::uint64_t intervalMs_;
  LoopDelay delay_;
  net::Timer timer_;
};

}  // namespace rtm::server

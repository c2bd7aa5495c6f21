#pragma once

#include <cstdint>

#include "base/move_function.hpp"

namespace rtm::net {

class IoLoop;
class TimerWheel;

/// A one-shot timer on a loop's wheel (10 ms steps; never early). Loop thread only. Re-arming moves it; destroying it
/// cancels it, also from inside its own callback. Costs no allocation per arm(), and an idle loop does not tick.
class Timer {
 public:
  Timer(IoLoop& loop, Task onExpired);
  Timer(TimerWheel& wheel, Task onExpired);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Expires `delayMs` after the loop's now(), at the next step of the wheel at the earliest: never inside arm().
  void arm(std::uint64_t delayMs);
  void cancel();
  bool armed() const { return slot_ != nullptr; }

 private:
  friend class TimerWheel;
  TimerWheel& wheel_;
  Task onExpired_;
  Timer* next_ = nullptr;
  Timer* previous_ = nullptr;
  void* slot_ = nullptr;  ///< the wheel's list it lies in
  std::uint64_t step_ = 0;
};

}  // namespace rtm::net

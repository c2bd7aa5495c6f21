#pragma once

#include <cstdint>

#include "base/move_function.hpp"

namespace rtm::net {

class IoLoop;
class TimerWheel;

/// A one-shot timer on a loop's wheel, which has steps of 10 ms and is never early. Loop thread only. arm() moves a
/// timer that is armed; the destructor cancels it, also from inside its own callback. arm() allocates nothing, and an
/// idle loop does not tick.
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
  void* slot_ = nullptr;  ///< the list of the wheel that holds it; null: not armed
  std::uint64_t step_ = 0;
};

}  // namespace rtm::net

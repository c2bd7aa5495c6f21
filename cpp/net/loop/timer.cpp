#include "net/loop/timer.hpp"

#include <utility>

#include "net/loop/io_loop.hpp"
#include "net/loop/timer_wheel.hpp"

namespace rtm::net {

Timer::Timer(IoLoop& loop, Task onExpired) : Timer(loop.timers(), std::move(onExpired)) {}

Timer::Timer(TimerWheel& wheel, Task onExpired) : wheel_(wheel), onExpired_(std::move(onExpired)) {}

Timer::~Timer() {
  cancel();
  if (wheel_.running_ == this) wheel_.running_ = nullptr;
}

void Timer::arm(std::uint64_t delayMs) {
  cancel();
  wheel_.arm(*this, delayMs);
}

void Timer::cancel() {
  if (armed()) wheel_.remove(*this);
}

}  // namespace rtm::net

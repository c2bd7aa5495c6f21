#include "net/loop/timer_wheel.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "net/loop/timer.hpp"

namespace rtm::net {

TimerWheel::TimerWheel(MoveFunction<std::uint64_t()> clock) : clock_(std::move(clock)), current_(clock_() / kStepMs) {}

void TimerWheel::arm(Timer& timer, std::uint64_t delayMs) {
  constexpr std::uint64_t kLongestMs = std::uint64_t{366} * 24 * 3600 * 1000;
  const std::uint64_t deadline = clock_() + std::min(delayMs, kLongestMs);
  timer.step_ = (deadline + kStepMs - 1) / kStepMs;  // rounded up: never early
  place(timer);
}

void TimerWheel::place(Timer& timer) {
  // The present step is over: a timer that its own callback arms with 0 waits for the next step.
  timer.step_ = std::clamp(timer.step_, current_ + 1, (std::uint64_t{1} << (kBits * kLevels)) - 1);
  const auto highestBit = static_cast<std::size_t>(std::bit_width(timer.step_ ^ current_)) - 1;
  const std::size_t level = highestBit / kBits;
  const std::size_t index = (timer.step_ >> (kBits * level)) % kSlots;
  occupied_[level] |= std::uint64_t{1} << index;
  append(slots_[level * kSlots + index], timer);
}

void TimerWheel::append(Slot& slot, Timer& timer) {
  timer.slot_ = &slot;
  timer.next_ = nullptr;
  timer.previous_ = slot.last;
  (slot.last != nullptr ? slot.last->next_ : slot.first) = &timer;
  slot.last = &timer;
}

void TimerWheel::remove(Timer& timer) {
  auto& slot = *static_cast<Slot*>(timer.slot_);
  (timer.previous_ != nullptr ? timer.previous_->next_ : slot.first) = timer.next_;
  (timer.next_ != nullptr ? timer.next_->previous_ : slot.last) = timer.previous_;
  timer.slot_ = nullptr;
  if (slot.first != nullptr || &slot == &due_) return;
  const auto position = static_cast<std::size_t>(&slot - slots_.data());
  occupied_[position / kSlots] &= ~(std::uint64_t{1} << (position % kSlots));
}

std::optional<std::uint64_t> TimerWheel::nextStep(std::size_t& level) const {
  // Timers of a lower level come before all timers of a higher level, and within a level every occupied slot is ahead
  // of the present slot. So the first bit of the first level is the next event.
  for (level = 0; level < kLevels; ++level) {
    if (occupied_[level] == 0) continue;
    const auto index = static_cast<std::uint64_t>(std::countr_zero(occupied_[level]));
    const std::uint64_t group = current_ >> (kBits * (level + 1));
    return ((group << kBits) | index) << (kBits * level);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> TimerWheel::nextDueMs() const {
  if (due_.first != nullptr) return current_ * kStepMs;
  std::size_t level = 0;
  const auto step = nextStep(level);
  if (!step) return std::nullopt;
  return *step * kStepMs;
}

void TimerWheel::advance() {
  const std::uint64_t target = clock_() / kStepMs;
  for (;;) {
    runDue();
    std::size_t level = 0;
    const auto step = nextStep(level);
    if (!step || *step > target) break;
    current_ = *step;
    const std::size_t index = (current_ >> (kBits * level)) % kSlots;
    Slot moving = std::exchange(slots_[level * kSlots + index], {});
    occupied_[level] &= ~(std::uint64_t{1} << index);
    while (moving.first != nullptr) {
      Timer& timer = *std::exchange(moving.first, moving.first->next_);
      if (timer.step_ <= current_) {
        append(due_, timer);
      } else {
        place(timer);
      }
    }
  }
  current_ = std::max(current_, target);
}

void TimerWheel::runDue() {
  while (due_.first != nullptr) {
    running_ = due_.first;
    remove(*running_);
    // The callback may destroy its timer; its captures must live until it returns.
    Task task = std::move(running_->onExpired_);
    task();
    if (running_ != nullptr) running_->onExpired_ = std::move(task);
    running_ = nullptr;
  }
}

}  // namespace rtm::net

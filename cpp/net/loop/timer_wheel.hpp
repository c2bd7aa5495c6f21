#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/move_function.hpp"

namespace rtm::net {

class Timer;

/// All timers of one loop: a hierarchical wheel of 10 ms steps (docs/decisions/013 compares it with libuv's timers).
/// Arming, moving and cancelling a timer take constant time and no memory, and nextDueMs() tells the loop the one
/// moment at which the wheel next has work.
///
/// Level 0 has one slot for each step; a slot of level n covers 64 slots of level n-1. A timer lies in the level of the
/// highest group of six bits in which its step differs from the present step, and moves down when the wheel reaches
/// that group.
class TimerWheel {
 public:
  static constexpr std::uint64_t kStepMs = 10;

  /// `clock` gives monotonic milliseconds; it may stand still during a turn.
  explicit TimerWheel(MoveFunction<std::uint64_t()> clock);
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  /// Runs the timers that are due, in the order of their deadlines, equal deadlines in the order of arming.
  void advance();

  /// When advance() next has work, in the clock's milliseconds; empty if no timer is armed. For a far timer this may be
  /// a moment before its deadline, at which the timer only moves to a lower level.
  std::optional<std::uint64_t> nextDueMs() const;

 private:
  friend class Timer;
  struct Slot {
    Timer* first = nullptr;
    Timer* last = nullptr;
  };
  static constexpr unsigned kBits = 6;
  static constexpr std::size_t kSlots = std::size_t{1} << kBits;
  static constexpr std::size_t kLevels = 6;  // 2^36 steps: 21 years of uptime

  void arm(Timer& timer, std::uint64_t delayMs);
  void remove(Timer& timer);
  void place(Timer& timer);
  void append(Slot& slot, Timer& timer);
  void runDue();
  std::optional<std::uint64_t> nextStep(std::size_t& level) const;

  MoveFunction<std::uint64_t()> clock_;
  std::uint64_t current_;  ///< all timers up to this step have run
  std::array<std::uint64_t, kLevels> occupied_{};
  std::array<Slot, kLevels * kSlots> slots_{};
  Slot due_;
  Timer* running_ = nullptr;  ///< the timer whose callback runs; null once the callback has destroyed it
};

}  // namespace rtm::net

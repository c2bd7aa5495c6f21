#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/move_function.hpp"
#include "base/result.hpp"

namespace rtm::net {

class TimerWheel;

/// Something to be run once at the end of the present turn of a loop: this is how many sends become one write.
class TurnHook {
 public:
  TurnHook() = default;
  TurnHook(const TurnHook&) = delete;
  TurnHook& operator=(const TurnHook&) = delete;
  virtual void onTurnEnd() = 0;

 protected:
  /// Takes itself out of the loop's list, so that a destroyed hook is never called.
  virtual ~TurnHook();

 private:
  friend class IoLoop;
  TurnHook* next_ = nullptr;
  TurnHook* previous_ = nullptr;
  IoLoop* scheduledOn_ = nullptr;
};

/// One thread that runs one uv loop of our own (never Node's). Everything in net/ lives on exactly one loop and is
/// touched only by its thread; other threads hand tasks over with post().
class IoLoop {
 public:
  /// Starts the thread. SIGPIPE is blocked on it, so that a write to a dead socket is an error and not a signal.
  static Result<std::unique_ptr<IoLoop>> start(std::string name);
  ~IoLoop();  ///< stop()
  IoLoop(const IoLoop&) = delete;
  IoLoop& operator=(const IoLoop&) = delete;

  /// Any thread. Runs `task` on the loop, in the order of posting; many posts before the loop wakes cost one wake-up.
  /// Returns false, and drops the task, once stop() has begun.
  bool post(Task task);

  bool onLoopThread() const;

  // Loop thread only, from here on.

  /// Monotonic milliseconds, as of the beginning of this turn.
  std::uint64_t now() const;
  /// Milliseconds since 1970 UTC, as of the beginning of this turn (one clock read per turn).
  std::uint64_t wallClockMs() const;
  /// Calls hook.onTurnEnd() once after the events of this turn, before the loop sleeps. Idempotent within a turn.
  /// Hooks scheduled by hooks run in the same turn end.
  void atTurnEnd(TurnHook& hook);
  TimerWheel& timers();
  uv_loop_t* uv();

  /// Any thread but the loop's. Runs what was posted before, then ends the thread and joins it. Objects living on the
  /// loop must have been destroyed before, by tasks of their owners. Idempotent.
  void stop();

 private:
  struct State;
  explicit IoLoop(std::unique_ptr<State> state);
  friend class TurnHook;
  void unschedule(TurnHook& hook);
  std::unique_ptr<State> state_;
};

}  // namespace rtm::net

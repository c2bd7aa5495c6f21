#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/move_function.hpp"
#include "base/result.hpp"

namespace rtm::net {

class NetworkWatch;
class Resolver;
class IoLoop;
class TimerWheel;
struct LoopBuffers;

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
  std::uint64_t depth_ = 0;
};

/// Something that outlives its owner on a loop for a while (a link that still flushes) and must finish at once when
/// the loop stops. Loop thread only.
class StopHook {
 public:
  StopHook() = default;
  StopHook(const StopHook&) = delete;
  StopHook& operator=(const StopHook&) = delete;
  virtual void onLoopStop() = 0;

 protected:
  virtual ~StopHook();

 private:
  friend class IoLoop;
  StopHook* next_ = nullptr;
  StopHook* previous_ = nullptr;
  IoLoop* registeredOn_ = nullptr;
};

/// What a loop has done; tests and metrics read it. Loop thread only.
struct LoopCounters {
  std::uint64_t reads = 0;   ///< reads of sockets that brought bytes
  std::uint64_t writes = 0;  ///< system calls that gave bytes to a socket
  std::uint64_t turns = 0;
  std::size_t queuedBytes = 0;  ///< now: what all links wait to write, as of the last flush of each
};

/// One thread that runs one uv loop of our own (never Node's). Everything in net/ lives on exactly one loop and is
/// touched only by its thread; other threads hand tasks over with post().
class IoLoop {
 public:
  /// Starts the thread. SIGPIPE is blocked on it, so that a write to a dead socket is an error and not a signal; so are
  /// all other signals that are meant for the application's own threads.
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
  /// Hooks scheduled by hooks run in the same turn end (up to a depth; then sockets get their turn first).
  void atTurnEnd(TurnHook& hook);
  /// Calls hook.onLoopStop() when stop() has run what was posted before. Idempotent; a destroyed hook leaves the list.
  void atStop(StopHook& hook);
  TimerWheel& timers();
  Resolver& resolver();
  NetworkWatch& networkWatch();
  LoopBuffers& buffers();
  LoopCounters& counters();
  uv_loop_t* uv();

  /// Any thread but the loop's. Runs what was posted before, then ends the thread and joins it. Objects living on the
  /// loop must have been destroyed before, by tasks of their owners; links after closeAfterFlush() get one more try to
  /// hand their bytes to the kernel and are then closed. Idempotent.
  void stop();

 private:
  struct State;
  explicit IoLoop(std::unique_ptr<State> state);
  friend class TurnHook;
  friend class StopHook;
  void run();
  void runTasks();
  void runTurnEnd();
  void closeDown();
  void unschedule(TurnHook& hook);
  void unregister(StopHook& hook);
  std::unique_ptr<State> state_;
};

}  // namespace rtm::net

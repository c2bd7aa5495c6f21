#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/move_function.hpp"
#include "base/result.hpp"
#include "net/loop/hooks.hpp"
#include "net/loop/loop_local.hpp"

namespace rtm::net {

class NetworkWatch;
class TimerWheel;
struct LoopBuffers;

/// Counts of one loop, for tests and metrics. Loop thread only.
struct LoopCounters {
  std::uint64_t reads = 0;   ///< reads of transports that brought bytes
  std::uint64_t writes = 0;  ///< system calls that gave bytes to a socket
  std::uint64_t turns = 0;
  std::size_t queuedBytes = 0;  ///< the bytes that all links wait to write now, as of the last flush of each link
};

/// One thread that runs one uv loop of our own (never Node's). Every object of net/ lives on exactly one loop, and only
/// that loop's thread touches it; other threads hand tasks over with post().
class IoLoop {
 public:
  /// Starts the thread. It blocks SIGPIPE, so that a write to a dead socket is an error and not a signal, and all other
  /// signals that are meant for the application's own threads.
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
  /// Milliseconds since 1970 UTC, as of the beginning of this turn (one clock read for each turn).
  std::uint64_t wallClockMs() const;
  /// Calls hook.onTurnEnd() once after the events of this turn, before the loop sleeps. Idempotent within a turn.
  /// Hooks that hooks schedule run in the same turn end, up to a depth; beyond it sockets get their turn first.
  void atTurnEnd(TurnHook& hook);
  /// Calls hook.onLoopStop() when stop() has run the tasks that were posted before. Idempotent; a destroyed hook leaves
  /// the list.
  void atStop(StopHook& hook);
  /// A link that its owner has closed still hands over its bytes (1), or is done with that (-1).
  void lingers(int change);

  /// The one `Local` of this loop, a LoopLocal that is made from the loop at the first call.
  template <typename Local>
  Local& local() {
    static char key;  // its address stands for the type
    LoopLocal* known = findLocal(&key);
    return static_cast<Local&>(known != nullptr ? *known : addLocal(&key, std::make_unique<Local>(*this)));
  }
  TimerWheel& timers();
  NetworkWatch& networkWatch();
  LoopBuffers& buffers();
  LoopCounters& counters();
  uv_loop_t* uv();

  /// Any thread but the loop's. Returns when no link hands over its last bytes any more: after 2 s at most, unless new
  /// ones begin. What stop() cuts off would be lost.
  void awaitLingering() const;
  /// Any thread but the loop's. Runs the tasks that were posted before, then ends the thread and joins it. Owners must
  /// have destroyed their objects on the loop before, by tasks; a link after closeAfterFlush() gets one more try to
  /// hand its bytes to the kernel and is then closed. Idempotent.
  void stop();

 private:
  struct State;
  explicit IoLoop(std::unique_ptr<State> state);
  void run();
  void runTurnEnd();
  void armWheel();
  void closeDown();
  LoopLocal* findLocal(const void* key);
  LoopLocal& addLocal(const void* key, std::unique_ptr<LoopLocal> made);
  std::unique_ptr<State> state_;
};

}  // namespace rtm::net

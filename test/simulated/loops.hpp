#pragma once

// All loops of a program in one thread, with a clock that only the program moves: what happens follows from its
// input alone. loops.cpp takes the place of net/loop/io_loop.cpp, net/loop/network_watch.cpp and
// client/runtime/clock.cpp: a program links it ahead of the rooms, and the linker leaves those files out.

#include <cstdint>

#include "base/move_function.hpp"
#include "net/loop/io_loop.hpp"
#include "simulated/claims.hpp"

namespace rtm::simulated {

/// Whether a post from outside of all loops runs at once.
enum class Posts {
  Wait,  ///< until settle(): the caller may hold locks that the task takes
  Run,   ///< before the post returns, as if the loop were far quicker than the caller: the caller may wait for the task
};

/// What the loops of one process have in common.
struct Machine {
  bool suspended = false;        ///< its loops stand still: what comes for them waits
  std::int64_t wallClockMs = 0;  ///< how far its wall clock is off
  /// One turn of so many is late: the loop is busy, for up to `mostLateMs`, while the other loops go on. 0: none.
  std::uint64_t lateTurns = 0;
  std::uint64_t mostLateMs = 0;
};

class Loops {
 public:
  /// An input begins: the clock stands at the same place of a timer wheel's circle, random numbers begin anew.
  static void begin(Posts posts);
  static void setPosts(Posts posts);
  /// Loops that start from now on belong to `machine`, which outlives them. Null, at the beginning: to none.
  static void setMachine(Machine* machine);
  static Machine* machine();
  static Machine* machineOf(const net::IoLoop& loop);
  /// The loop that runs, or null.
  static net::IoLoop* current();
  /// From now on loops that have work at one moment take turns in an order that random numbers decide, until begin().
  static void shuffle();
  /// Runs `task` outside of all loops when the clock is at `ms`; of one moment in the order of the calls. begin() drops
  /// what has not run.
  static void at(std::uint64_t ms, Task task);
  /// Runs all loops until none has anything to do at this moment, except loops that stand still. Aborts if they never
  /// come to rest.
  static void settle();
  /// The same, again and again while the clock goes on by `ms`: each timer runs in its time.
  static void advance(std::uint64_t ms);
  static std::uint64_t now();
  /// Runs `task` in a later turn of `loop`; also while it stops, as libuv does with a handle that was closed.
  static void later(net::IoLoop& loop, Task task);
};

}  // namespace rtm::simulated

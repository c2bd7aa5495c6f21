#pragma once

// All loops of a program in one thread, with a clock that only the fuzz target moves: what happens follows from the
// input alone. loops.cpp takes the place of net/loop/io_loop.cpp, net/loop/network_watch.cpp and
// client/runtime/clock.cpp: a target links it ahead of the rooms, and the linker leaves those files out.

#include <cstdint>

#include "base/move_function.hpp"
#include "host/run.hpp"
#include "net/loop/io_loop.hpp"

namespace rtm::fuzz {

/// Whether a post from outside of all loops runs at once.
enum class Posts {
  Wait,  ///< until settle(): the caller may hold locks that the task takes
  Run,   ///< before the post returns, as if the loop were far quicker than the caller: the caller may wait for the task
};

class Loops {
 public:
  /// An input begins: the clock stands at the same place of a timer wheel's circle, random numbers begin anew.
  static void begin(Posts posts);
  static void setPosts(Posts posts);
  /// Runs all loops until none has anything to do at this moment. Aborts if they never come to rest.
  static void settle();
  /// The same, again and again while the clock goes on by `ms`: each timer runs in its time.
  static void advance(std::uint64_t ms);
  static std::uint64_t now();
  /// Runs `task` in a later turn of `loop`; also while it stops, as libuv does with a handle that was closed.
  static void later(net::IoLoop& loop, Task task);
};

}  // namespace rtm::fuzz

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/move_function.hpp"
#include "net/loop/hooks.hpp"
#include "net/loop/io_loop.hpp"
#include "net/loop/loop_local.hpp"

namespace rtm::net {

/// Calls of the file system for one loop, on threads of its own: the loop goes on while a slow disk works.
///
/// These are not the threads of libuv. Node ends libuv's threads as the first step of process.exit(), and a loop that
/// then gives them work aborts the process; and libuv's threads would outlive the last service.
class BlockingCalls final : public LoopLocal, private StopHook {
 public:
  static constexpr std::size_t kMaxThreads = 4;

  explicit BlockingCalls(IoLoop& loop);
  /// Joins the threads.
  ~BlockingCalls() override;
  BlockingCalls(const BlockingCalls&) = delete;
  BlockingCalls& operator=(const BlockingCalls&) = delete;

  /// Loop thread. Runs `call` on another thread, then `done` on the loop, in a later turn. A loop that stops waits for
  /// its calls, and runs what they lead to; once it has done so, `call` and `done` run at once. Without any thread
  /// `call` runs on the loop.
  void run(Task call, Task done);

 private:
  struct Pair {
    Task call;
    Task done;
  };

  void onLoopStop() override;
  void work();
  void startWorker();
  void runEnded();

  IoLoop& loop_;
  std::size_t underWay_ = 0;  ///< whose `done` is still to run
  bool stopped_ = false;
  std::vector<std::thread> threads_;

  std::mutex mutex_;  ///< for what follows; taken before the lock of IoLoop::post(), never behind it
  std::condition_variable wake_;
  std::condition_variable oneEnded_;
  std::deque<Pair> waiting_;
  std::deque<Task> ended_;
  std::size_t idle_ = 0;
  bool closing_ = false;
};

}  // namespace rtm::net

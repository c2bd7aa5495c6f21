#pragma once

#include <mutex>
#include <vector>

#include "base/move_function.hpp"

namespace rtm::net {

/// The tasks that other threads hand to a loop, in the order of posting.
class TaskQueue {
 public:
  /// Any thread. False, and the task is dropped, once stop() was called. Calls `wake` under the lock if the queue was
  /// empty: so the loop, which closes its wake-up behind the same lock, still has it.
  template <typename Wake>
  bool post(Task task, Wake wake) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    posted_.push_back(std::move(task));
    if (posted_.size() == 1) wake();
    return true;
  }

  /// Any thread. Refuses tasks from now on.
  template <typename Wake>
  void stop(Wake wake) {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake();
  }

  /// The loop's thread. Runs all tasks that were posted; returns true if stop() had been called before.
  bool run() {
    bool stopping = false;
    {
      const std::lock_guard lock(mutex_);
      running_.swap(posted_);
      stopping = stopping_;
    }
    for (Task& task : running_) {
      task();
      task = nullptr;  // frees the task's captures before the next task runs
    }
    running_.clear();
    return stopping;
  }

 private:
  std::mutex mutex_;  ///< guards posted_ and stopping_
  std::vector<Task> posted_;
  bool stopping_ = false;
  std::vector<Task> running_;  ///< the loop's thread alone; keeps its capacity from batch to batch
};

}  // namespace rtm::net

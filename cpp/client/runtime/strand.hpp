#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/move_function.hpp"

namespace rtm::client {

/// A few threads that run the callbacks of all services of a C++ program.
///
/// Tasks of one Strand run one after another, in order; tasks of different strands run side by side. A strand is given
/// up to another after each task, so that one busy service does not starve the rest.
///
/// A callback may wait, even for a callback of another service: programs rely on each service having a thread of its
/// own (docs/spec/api.md §2). So when work waits and no thread has taken any for a moment, the pool gets helpers, which go when
/// they have had nothing to do for a while.
class StrandPool {
 public:
  class Strand;
  struct Times {
    std::chrono::milliseconds stuck{20};           ///< nobody has taken work for so long: all threads are held
    std::chrono::milliseconds helperIdle{10'000};  ///< a helper without work goes
  };

  explicit StrandPool(unsigned threads) : StrandPool(threads, Times()) {}
  StrandPool(unsigned threads, Times times);
  ~StrandPool();  ///< drops what waits; joins (a pool thread that destroys its own pool is detached)
  StrandPool(const StrandPool&) = delete;
  StrandPool& operator=(const StrandPool&) = delete;

  std::shared_ptr<Strand> makeStrand();
  /// Threads beyond those of the constructor. Any thread; a snapshot.
  std::size_t helpers() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::vector<std::thread> threads_;
};

class StrandPool::Strand : public std::enable_shared_from_this<Strand> {
 public:
  explicit Strand(std::shared_ptr<State> pool) : pool_(std::move(pool)) {}

  /// Any thread. Dropped if the strand is closed or the pool gone.
  void post(Task task);
  /// Tasks waiting. Any thread; a snapshot.
  std::size_t pending() const;
  /// True while called from a task of this strand.
  bool runningHere() const;
  /// Drops what waits. If `wait`, returns only when no task of this strand is running, unless called from one.
  void close(bool wait);

 private:
  friend class StrandPool;
  std::shared_ptr<State> pool_;
  // All guarded by the pool's mutex.
  std::deque<Task> tasks_;
  bool scheduled_ = false;
  bool closed_ = false;
  std::thread::id runner_;
};

}  // namespace rtm::client

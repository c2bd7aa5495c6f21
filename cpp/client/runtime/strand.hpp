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

/// A few threads that run the events of all clients of a C++ program.
///
/// Tasks of one Strand run one after another, in order; tasks of different strands run side by side. After each task a
/// thread takes the next strand, so that one busy client does not starve the rest.
///
/// A callback may wait, even for a callback of another client: programs rely on each client having a thread of its own
/// (docs/spec/api.md §2). When tasks wait and no thread has taken one for a moment, the pool starts helpers, which end
/// after some idle time.
class StrandPool {
 public:
  class Strand;
  struct Times {
    std::chrono::milliseconds stuck{20};           ///< no thread has taken work for so long: callbacks hold all of them
    std::chrono::milliseconds helperIdle{10'000};  ///< after so long without work a helper ends
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

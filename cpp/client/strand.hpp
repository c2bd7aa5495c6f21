#pragma once

#include <condition_variable>
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
class StrandPool {
 public:
  class Strand;

  explicit StrandPool(unsigned threads);
  ~StrandPool();  ///< drops what waits; joins (a pool thread that destroys its own pool is detached)
  StrandPool(const StrandPool&) = delete;
  StrandPool& operator=(const StrandPool&) = delete;

  std::shared_ptr<Strand> makeStrand();

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

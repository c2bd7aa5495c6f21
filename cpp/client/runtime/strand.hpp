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
/// Tasks of one strand run one after another, in order. Tasks of different strands run side by side. After each task a
/// thread takes the next strand, so that one busy client does not starve the other clients.
///
/// A callback may wait, even for a callback of another client, as if each client had a thread of its own
/// (docs/spec/api.md §2). When tasks wait and no thread has taken a task for `Times::stuck`, the pool starts helpers. A
/// helper is one more thread, which ends after `Times::helperIdle` without work.
class StrandPool {
 public:
  class Strand;
  struct Times {
    std::chrono::milliseconds stuck{20};           ///< if no thread takes a task for this time, callbacks hold them all
    std::chrono::milliseconds helperIdle{10'000};  ///< a helper without work for this time ends
  };

  explicit StrandPool(unsigned threads) : StrandPool(threads, Times()) {}
  StrandPool(unsigned threads, Times times);
  /// end(), and waits for all tasks that run.
  ~StrandPool();
  StrandPool(const StrandPool&) = delete;
  StrandPool& operator=(const StrandPool&) = delete;

  /// False: the process cannot have any more threads.
  bool started() const { return !threads_.empty(); }
  /// Drops waiting tasks and joins the threads. Waits for tasks that run until `patience` is over, and not for the
  /// caller if it is one: their threads end by themselves when the tasks return.
  void end(std::chrono::milliseconds patience);

  std::shared_ptr<Strand> makeStrand();
  /// The number of helpers. Any thread; a snapshot.
  std::size_t helpers() const;

 private:
  struct State;
  struct Place;
  std::shared_ptr<State> state_;
  std::vector<std::thread> threads_;
};

class StrandPool::Strand : public std::enable_shared_from_this<Strand> {
 public:
  explicit Strand(std::shared_ptr<State> pool) : pool_(std::move(pool)) {}

  /// Any thread. Drops the task if the strand is closed or the pool has ended.
  void post(Task task);
  /// The number of waiting tasks. Any thread; a snapshot.
  std::size_t pending() const;
  /// True if the caller is a task of this strand.
  bool runningHere() const;
  /// Drops waiting tasks. With `wait`, returns when no task of this strand runs any more; a call from a task of this
  /// strand returns at once.
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

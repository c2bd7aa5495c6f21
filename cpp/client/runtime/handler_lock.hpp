#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>

#include "base/move_function.hpp"
#include "base/process_life.hpp"

namespace rtm::client {

/// A recursive lock that is held while a handler of a program runs. Whoever takes something away from the handler waits
/// for it by this lock.
///
/// A handler may itself wait for the handler of another client, by its release(true), and two of them may wait for each
/// other. The last of such a circle does not wait: all holders of the circle stand still until it returns, so it may do
/// what it wants to do, as if it was called from the handler that it would wait for.
class HandlerLock {
 public:
  HandlerLock() = default;
  ~HandlerLock() = default;
  HandlerLock(const HandlerLock&) = delete;
  HandlerLock& operator=(const HandlerLock&) = delete;

  /// Holds the lock for a scope.
  class Hold {
   public:
    /// `onLong` is called once if the wait has taken kLong, and the wait goes on.
    explicit Hold(HandlerLock& lock, MoveFunction<void()> onLong = nullptr)
        : lock_(lock), owned_(lock.tryLock() || lock.wait(std::move(onLong))) {}
    ~Hold() {
      if (owned_) lock_.unlock();
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

    /// False: the holder waits for the calling thread.
    bool owned() const { return owned_; }

   private:
    HandlerLock& lock_;
    const bool owned_;
  };

  static constexpr std::chrono::seconds kLong{5};

 private:
  bool tryLock() {
    if (!life::isOurs(life_)) return true;  // a child of fork(): see LifeMutex
    if (!mutex_.try_lock()) return false;
    if (depth_++ == 0) owner_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    return true;
  }
  void unlock() {
    if (!life::isOurs(life_)) return;
    if (--depth_ == 0) owner_.store({}, std::memory_order_relaxed);
    mutex_.unlock();
    std::atomic_thread_fence(std::memory_order_seq_cst);  // against wait(), which announces itself and then tries
    if (waiting_.load(std::memory_order_relaxed) != 0) wake();
  }
  bool wait(MoveFunction<void()> onLong);
  bool isCircle() const;
  static void wake();

  const life::Number life_ = life::now();
  std::recursive_mutex mutex_;
  int depth_ = 0;                       ///< under mutex_
  std::atomic<std::thread::id> owner_;  ///< written under mutex_
  std::atomic<int> waiting_{0};
};

}  // namespace rtm::client

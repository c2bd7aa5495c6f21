#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "client/runtime/handler_lock.hpp"
#include "client/runtime/strand.hpp"

namespace rtm::client {

/// Delivers the events of one client to its receivers: at once (Dispatch::Direct) or on a strand.
///
/// Lock: a HandlerLock inside this class, held while an event runs. On a strand, an event may call the client,
/// which takes the client lock; the client posts events with the client lock held, and a post does not take this mutex.
/// In Direct mode the client lock is held when this mutex is taken, and events never call the client. So neither mode
/// has a cycle.
class Delivery : public std::enable_shared_from_this<Delivery> {
 public:
  /// `strand` null: Direct.
  explicit Delivery(std::shared_ptr<StrandPool::Strand> strand) : strand_(std::move(strand)) {}

  bool direct() const { return strand_ == nullptr; }

  /// Runs `event()`, which calls a receiver, after all earlier events; drops it after close(). On a strand, `event`
  /// must own everything that it uses.
  template <typename Event>
  void run(Event event) {
    if (direct()) {
      const HandlerLock::Hold hold(lock_);
      if (!closed_) event();
      return;
    }
    waiting_.fetch_add(1, std::memory_order_relaxed);
    strand_->post([self = shared_from_this(), event = std::move(event)]() mutable {
      const HandlerLock::Hold hold(self->lock_);
      self->waiting_.fetch_sub(1, std::memory_order_relaxed);
      if (!self->closed_) event();
    });
  }

  /// Runs `change()`, which changes a receiver, while no other event runs. The caller may be an event, or an event that
  /// runs may wait for the caller.
  template <typename Change>
  void exclusively(Change&& change) {
    const HandlerLock::Hold hold(lock_);
    change();
  }

  /// No event runs after the return. With `wait`, no task of the strand is under way either, unless the caller is one.
  /// Calls `onLong` if the wait is long. False: an event that runs waits for the caller, and was not waited for.
  bool close(bool wait, MoveFunction<void()> onLong = nullptr) {
    bool waited = true;
    {
      const HandlerLock::Hold hold(lock_, std::move(onLong));
      waited = hold.owned();
      closed_ = true;
    }
    if (strand_) strand_->close(wait && waited);
    return waited;
  }

  /// Events that wait for the strand: the measure of back-pressure.
  std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  const std::shared_ptr<StrandPool::Strand> strand_;
  HandlerLock lock_;  // recursive: a receiver changes receivers, and releases objects
  bool closed_ = false;
  std::atomic<std::size_t> waiting_{0};
};

}  // namespace rtm::client

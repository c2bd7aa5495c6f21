#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "client/runtime/strand.hpp"

namespace rtm::client {

/// Brings the events of one client to its receivers: at once (Dispatch::Direct) or on a strand.
///
/// Lock: a recursive one inside this class, held while an event runs. Strand: an event runs under it and may call the
/// client, which takes its own locks; the client posts events while it holds its lock, which does not take this one.
/// Direct: the client lock is held when this one is taken, and events never call the client. So there is no cycle in
/// either mode.
class Delivery : public std::enable_shared_from_this<Delivery> {
 public:
  /// `strand` null: Direct.
  explicit Delivery(std::shared_ptr<StrandPool::Strand> strand) : strand_(std::move(strand)) {}

  bool direct() const { return strand_ == nullptr; }

  /// Runs `event()`, which calls a receiver, after all earlier events; drops it after close(). What `event` holds must
  /// be its own in Strand mode.
  template <typename Event>
  void run(Event event) {
    if (direct()) {
      const std::lock_guard lock(mutex_);
      if (!closed_) event();
      return;
    }
    waiting_.fetch_add(1, std::memory_order_relaxed);
    strand_->post([self = shared_from_this(), event = std::move(event)]() mutable {
      const std::lock_guard lock(self->mutex_);
      self->waiting_.fetch_sub(1, std::memory_order_relaxed);
      if (!self->closed_) event();
    });
  }

  /// Runs `change()` while no event runs (or inside the one that calls): to change a receiver.
  template <typename Change>
  void exclusively(Change&& change) {
    const std::lock_guard lock(mutex_);
    change();
  }

  /// No event runs after return. `wait`: also no strand task is under way, unless called from one.
  void close(bool wait) {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    if (strand_) strand_->close(wait);
  }

  /// Events posted and not yet run: what back-pressure looks at.
  std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  const std::shared_ptr<StrandPool::Strand> strand_;
  std::recursive_mutex mutex_;  // recursive: a receiver changes receivers, and releases objects
  bool closed_ = false;
  std::atomic<std::size_t> waiting_{0};
};

}  // namespace rtm::client

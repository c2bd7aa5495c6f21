#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "IAgoraRtmService.h"
#include "client/factory.hpp"
#include "client/runtime/strand.hpp"

namespace rtm::client {

/// Brings events to the handlers of one service: at once (Dispatch::Direct) or on its strand.
///
/// Lock order. Strand: a handler runs under the delivery lock and may call the service, which takes its own locks; the
/// service posts events while it holds its lock, which does not take the delivery lock. Direct: the service's lock is
/// held when the delivery lock is taken, and handlers never call the service. So there is no cycle in either mode.
class Delivery : public std::enable_shared_from_this<Delivery> {
 public:
  /// `strand` null: Direct.
  explicit Delivery(std::shared_ptr<StrandPool::Strand> strand) : strand_(std::move(strand)) {}

  bool direct() const { return strand_ == nullptr; }

  /// Runs `event()`, which calls handlers, after all earlier events; drops it after close(). What `event` holds must
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

  /// Calls `call(handler)` for each service handler, in the order of registration. Only from within an event.
  template <typename Call>
  void forEachHandler(Call&& call) {
    if (handlers_.size() == 1) {
      call(*handlers_.front());
      return;
    }
    const std::vector<agora::rtm::IRtmServiceEventHandler*> snapshot = handlers_;  // a handler may remove handlers
    for (agora::rtm::IRtmServiceEventHandler* handler : snapshot) {
      if (closed_) return;
      if (std::find(handlers_.begin(), handlers_.end(), handler) != handlers_.end()) call(*handler);
    }
  }

  void add(agora::rtm::IRtmServiceEventHandler* handler) {
    const std::lock_guard lock(mutex_);
    if (std::find(handlers_.begin(), handlers_.end(), handler) == handlers_.end()) handlers_.push_back(handler);
  }

  /// No event reaches the handler after return; waits for one that is running, unless called from it.
  void remove(agora::rtm::IRtmServiceEventHandler* handler) {
    const std::lock_guard lock(mutex_);
    std::erase(handlers_, handler);
  }

  /// Runs `change()` while no event runs (or inside the one that calls): for channel handlers.
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
      handlers_.clear();
    }
    if (strand_) strand_->close(wait);
  }

  /// Events posted and not yet run: what back-pressure looks at.
  std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

 private:
  const std::shared_ptr<StrandPool::Strand> strand_;
  std::recursive_mutex mutex_;  // recursive: handlers add and remove handlers, and release objects
  std::vector<agora::rtm::IRtmServiceEventHandler*> handlers_;
  bool closed_ = false;
  std::atomic<std::size_t> waiting_{0};
};

}  // namespace rtm::client

#include "client/strand.hpp"

#include <utility>

namespace rtm::client {

struct StrandPool::State {
  mutable std::mutex mutex;
  std::condition_variable work;  ///< a strand became ready, or the pool stops
  std::condition_variable idle;  ///< a task ended
  std::deque<std::shared_ptr<Strand>> ready;
  bool stopping = false;

  void run();
};

void StrandPool::State::run() {
  std::unique_lock lock(mutex);
  for (;;) {
    work.wait(lock, [this] { return stopping || !ready.empty(); });
    if (stopping) return;
    const std::shared_ptr<Strand> strand = std::move(ready.front());
    ready.pop_front();
    if (!strand->tasks_.empty()) {
      Task task = std::move(strand->tasks_.front());
      strand->tasks_.pop_front();
      strand->runner_ = std::this_thread::get_id();
      lock.unlock();
      task();
      task = nullptr;  // what the task owned dies outside the lock: it may hold the last reference to a service
      lock.lock();
      strand->runner_ = {};
      idle.notify_all();
    }
    if (stopping) {
      const std::deque<Task> dropped = std::move(strand->tasks_);
      lock.unlock();  // what they own dies outside the lock, and the strand too, if this was its last reference
      return;
    }
    if (strand->tasks_.empty()) {
      strand->scheduled_ = false;
    } else {
      ready.push_back(strand);
    }
  }
}

StrandPool::StrandPool(unsigned threads) : state_(std::make_shared<State>()) {
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([state = state_] { state->run(); });
  }
}

StrandPool::~StrandPool() {
  // Strands own the state, and tasks mostly own their strand's owner: left in place, all of them would live for ever.
  std::deque<std::shared_ptr<Strand>> abandoned;
  std::deque<std::deque<Task>> dropped;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    abandoned.swap(state_->ready);
    for (const auto& strand : abandoned) dropped.push_back(std::move(strand->tasks_));
  }
  state_->work.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();
    } else {
      thread.join();
    }
  }
}

std::shared_ptr<StrandPool::Strand> StrandPool::makeStrand() {
  return std::make_shared<Strand>(state_);
}

void StrandPool::Strand::post(Task task) {
  {
    const std::lock_guard lock(pool_->mutex);
    if (closed_ || pool_->stopping) return;
    tasks_.push_back(std::move(task));
    if (scheduled_) return;
    scheduled_ = true;
    pool_->ready.push_back(shared_from_this());
  }
  pool_->work.notify_one();
}

std::size_t StrandPool::Strand::pending() const {
  const std::lock_guard lock(pool_->mutex);
  return tasks_.size();
}

bool StrandPool::Strand::runningHere() const {
  const std::lock_guard lock(pool_->mutex);
  return runner_ == std::this_thread::get_id();
}

void StrandPool::Strand::close(bool wait) {
  std::deque<Task> dropped;  // destroyed after the lock is gone
  std::unique_lock lock(pool_->mutex);
  closed_ = true;
  dropped.swap(tasks_);
  if (wait && runner_ != std::this_thread::get_id()) {
    pool_->idle.wait(lock, [this] { return runner_ == std::thread::id{}; });
  }
}

}  // namespace rtm::client

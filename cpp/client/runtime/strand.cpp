#include "client/runtime/strand.hpp"

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>

namespace rtm::client {

namespace {

constexpr std::size_t kMostHelpers = 512;  // a bound on the threads that waiting callbacks can make the process start

}  // namespace

struct StrandPool::State : std::enable_shared_from_this<State> {
  explicit State(Times poolTimes) : times(poolTimes) {}

  const Times times;
  mutable std::mutex mutex;
  std::condition_variable work;   ///< a strand became ready, or the pool stops
  std::condition_variable idle;   ///< a task ended
  std::condition_variable watch;  ///< there are more ready strands than waiting threads, or the pool stops
  std::condition_variable gone;   ///< a helper ended
  std::deque<std::shared_ptr<Strand>> ready;
  std::vector<std::thread::id> helpers;
  std::size_t waiting = 0;  ///< threads that wait for work
  std::uint64_t taken = 0;  ///< tasks that threads have begun
  bool timing = false;      ///< the watching thread times a shortage already
  bool stopping = false;

  bool isShort() const { return ready.size() > waiting; }
  bool waitForWork(std::unique_lock<std::mutex>& lock, bool helper);
  void run(bool helper);
  void watchOver();
  void addHelpers();
};

/// False: the calling thread must end.
bool StrandPool::State::waitForWork(std::unique_lock<std::mutex>& lock, bool helper) {
  const auto called = [this] { return stopping || !ready.empty(); };
  ++waiting;
  bool inTime = true;
  if (helper) {
    inTime = work.wait_for(lock, times.helperIdle, called);
  } else {
    work.wait(lock, called);
  }
  --waiting;
  return inTime && !stopping;
}

/// The watching thread. If no thread takes the waiting work, callbacks hold all threads, and helpers are needed.
void StrandPool::State::watchOver() {
  std::unique_lock lock(mutex);
  for (;;) {
    watch.wait(lock, [this] { return stopping || isShort(); });
    const std::uint64_t before = taken;
    const auto until = std::chrono::steady_clock::now() + times.stuck;
    timing = true;
    watch.wait_until(lock, until, [this] { return stopping; });
    timing = false;
    if (stopping) return;
    if (isShort() && taken == before) addHelpers();
  }
}

/// Doubles the helpers each time, so that a hundred callbacks that wait for each other do not wait long.
void StrandPool::State::addHelpers() {
  const std::size_t wanted = std::min(ready.size() - waiting, helpers.size() + 1);
  for (std::size_t i = 0; i < wanted && helpers.size() < kMostHelpers; ++i) {
    try {
      std::thread helper([self = shared_from_this()] { self->run(true); });
      helpers.push_back(helper.get_id());
      helper.detach();
    } catch (const std::system_error&) {
      return;  // the process cannot start more threads: the work waits for the present ones
    }
  }
}

void StrandPool::State::run(bool helper) {
  std::unique_lock lock(mutex);
  while (waitForWork(lock, helper)) {
    ++taken;
    const std::shared_ptr<Strand> strand = std::move(ready.front());
    ready.pop_front();
    if (!strand->tasks_.empty()) {
      Task task = std::move(strand->tasks_.front());
      strand->tasks_.pop_front();
      strand->runner_ = std::this_thread::get_id();
      lock.unlock();
      task();
      task = nullptr;  // outside the lock: the task may own the last reference to a service
      lock.lock();
      strand->runner_ = {};
      idle.notify_all();
    }
    if (stopping) {
      const std::deque<Task> dropped = std::move(strand->tasks_);
      lock.unlock();  // the tasks die outside the lock, and so does the strand if this was its last reference
      break;
    }
    if (strand->tasks_.empty()) {
      strand->scheduled_ = false;
    } else {
      ready.push_back(strand);
    }
  }
  if (!helper) return;
  if (!lock.owns_lock()) lock.lock();
  std::erase(helpers, std::this_thread::get_id());
  gone.notify_all();
}

StrandPool::StrandPool(unsigned threads, Times times) : state_(std::make_shared<State>(times)) {
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([state = state_] { state->run(false); });
  }
  threads_.emplace_back([state = state_] { state->watchOver(); });
}

StrandPool::~StrandPool() {
  // Strands own the state, and most tasks own the owner of their strand. Without this clean-up the circle would live
  // for ever.
  std::deque<std::shared_ptr<Strand>> abandoned;
  std::deque<std::deque<Task>> dropped;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    abandoned.swap(state_->ready);
    for (const auto& strand : abandoned) dropped.push_back(std::move(strand->tasks_));
  }
  state_->work.notify_all();
  state_->watch.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();
    } else {
      thread.join();
    }
  }
  std::unique_lock lock(state_->mutex);
  state_->gone.wait(lock, [this] {
    const std::vector<std::thread::id>& left = state_->helpers;
    return left.empty() || (left.size() == 1 && left.front() == std::this_thread::get_id());
  });
}

std::size_t StrandPool::helpers() const {
  const std::lock_guard lock(state_->mutex);
  return state_->helpers.size();
}

std::shared_ptr<StrandPool::Strand> StrandPool::makeStrand() {
  return std::make_shared<Strand>(state_);
}

void StrandPool::Strand::post(Task task) {
  bool isShort = false;
  {
    const std::lock_guard lock(pool_->mutex);
    if (closed_ || pool_->stopping) return;
    tasks_.push_back(std::move(task));
    if (scheduled_) return;
    scheduled_ = true;
    pool_->ready.push_back(shared_from_this());
    isShort = pool_->isShort() && !pool_->timing;
  }
  pool_->work.notify_one();
  if (isShort) pool_->watch.notify_one();
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
  std::deque<Task> dropped;  // destroyed after the lock is released
  std::unique_lock lock(pool_->mutex);
  closed_ = true;
  dropped.swap(tasks_);
  if (wait && runner_ != std::this_thread::get_id()) {
    pool_->idle.wait(lock, [this] { return runner_ == std::thread::id{}; });
  }
}

}  // namespace rtm::client

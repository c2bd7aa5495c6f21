#include "client/runtime/strand.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/process_life.hpp"
#include "net/loop/thread.hpp"

namespace rtm::client {

namespace {

constexpr std::size_t kMostHelpers = 512;  // a bound on the threads that waiting callbacks can make the process start

constexpr const char* kThreadName = "rtm-callbacks";

}  // namespace

/// A thread of the pool that runs tasks.
struct StrandPool::Place {
  std::thread::id thread;
  bool busy = false;  ///< runs a task
};

struct StrandPool::State : std::enable_shared_from_this<State> {
  explicit State(Times poolTimes) : times(poolTimes) {}

  const Times times;
  mutable std::mutex mutex;
  std::condition_variable work;   ///< a strand became ready, or the pool stops
  std::condition_variable idle;   ///< a task ended
  std::condition_variable watch;  ///< there are more ready strands than waiting threads, or the pool stops
  std::condition_variable gone;   ///< a thread ended
  std::deque<std::shared_ptr<Strand>> ready;
  std::vector<Place*> places;
  std::size_t starting = 0;  ///< helpers without a place as yet
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
  /// The threads left, without the caller.
  std::vector<const Place*> left() const;
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
    auto helper = net::startThread(kThreadName, [self = shared_from_this()] { self->run(true); });
    if (!helper) return;  // the process cannot start more threads: the work waits for the present ones
    ++starting;
    helpers.push_back(helper.value().get_id());
    helper.value().detach();
  }
}

void StrandPool::State::run(bool helper) {
  const life::Number life = life::now();
  Place place{std::this_thread::get_id()};
  std::unique_lock lock(mutex);
  places.push_back(&place);
  if (helper) --starting;
  while (waitForWork(lock, helper)) {
    ++taken;
    const std::shared_ptr<Strand> strand = std::move(ready.front());
    ready.pop_front();
    if (!strand->tasks_.empty()) {
      Task task = std::move(strand->tasks_.front());
      strand->tasks_.pop_front();
      strand->runner_ = std::this_thread::get_id();
      place.busy = true;
      lock.unlock();
      task();
      if (!life::isOurs(life)) {
        // The task forked, and this is the child: the pool is the parent's, and its mutex may be locked for ever.
        static_cast<void>(lock.release());
        return;
      }
      task = nullptr;  // outside the lock: the task may own the last reference to a service
      lock.lock();
      place.busy = false;
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
  if (!lock.owns_lock()) lock.lock();
  std::erase(places, &place);
  if (helper) std::erase(helpers, std::this_thread::get_id());
  gone.notify_all();
}

std::vector<const StrandPool::Place*> StrandPool::State::left() const {
  std::vector<const Place*> others;
  for (const Place* each : places) {
    if (each->thread != std::this_thread::get_id()) others.push_back(each);
  }
  return others;
}

StrandPool::StrandPool(unsigned threads, Times times) : state_(std::make_shared<State>(times)) {
  const auto start = [this](MoveFunction<void()> body) {
    auto thread = net::startThread(kThreadName, std::move(body));
    if (thread) threads_.push_back(std::move(thread.value()));
  };
  for (unsigned i = 0; i < threads; ++i) start([state = state_] { state->run(false); });
  if (started()) start([state = state_] { state->watchOver(); });
}

StrandPool::~StrandPool() {
  if (threads_.empty()) return;     // ended before
  end(std::chrono::hours(10'000));  // as good as for ever
}

void StrandPool::end(std::chrono::milliseconds patience) {
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
  std::vector<std::thread::id> busy{std::this_thread::get_id()};
  {
    std::unique_lock lock(state_->mutex);
    state_->gone.wait(lock, [this] {
      const std::vector<const Place*> left = state_->left();
      return state_->starting == 0 &&
             std::all_of(left.begin(), left.end(), [](const Place* place) { return place->busy; });
    });
    state_->gone.wait_for(lock, patience, [this] { return state_->left().empty(); });
    for (const Place* place : state_->left()) busy.push_back(place->thread);
  }
  for (std::thread& thread : threads_) {
    if (std::find(busy.begin(), busy.end(), thread.get_id()) != busy.end()) {
      thread.detach();
    } else {
      thread.join();
    }
  }
  threads_.clear();
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

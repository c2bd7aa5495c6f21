#include "client/runtime/handler_lock.hpp"

#include <condition_variable>
#include <map>

namespace rtm::client {

namespace {

/// Which thread waits for which lock.
struct Waits {
  ProcessMutex mutex{&Waits::forget};
  std::condition_variable* changed = new std::condition_variable;
  std::map<std::thread::id, const HandlerLock*> locks;

  static Waits& all() {
    static Waits* const kept = new Waits;  // never destroyed: threads may wait until the process ends
    return *kept;
  }
  /// The waiting threads do not exist in a child of fork().
  static void forget() {
    all().locks.clear();
    all().changed = new std::condition_variable;  // the former counts threads that are gone
  }
};

}  // namespace

/// Whether this lock's holder waits, through any number of others, for the calling thread. Under the mutex of Waits. A
/// thread that is found waiting for a lock of the caller cannot go on, so nothing of the circle changes under our eyes.
bool HandlerLock::isCircle() const {
  const HandlerLock* lock = this;
  for (std::size_t steps = 0; steps <= Waits::all().locks.size(); ++steps) {
    const std::thread::id owner = lock->owner_.load(std::memory_order_relaxed);
    if (owner == std::this_thread::get_id()) return true;
    const auto found = Waits::all().locks.find(owner);
    if (found == Waits::all().locks.end()) return false;
    lock = found->second;
  }
  return false;
}

/// False: it would wait for ever.
bool HandlerLock::wait(MoveFunction<void()> onLong) {
  const std::thread::id self = std::this_thread::get_id();
  std::unique_lock lock(Waits::all().mutex.plain());
  ++waiting_;
  Waits::all().locks[self] = this;
  const auto late = std::chrono::steady_clock::now() + kLong;
  bool owned = false;
  while (!(owned = tryLock()) && !isCircle()) {
    if (!onLong) {
      Waits::all().changed->wait(lock);
    } else if (Waits::all().changed->wait_until(lock, late) == std::cv_status::timeout) {
      lock.unlock();
      std::exchange(onLong, nullptr)();
      lock.lock();
    }
  }
  Waits::all().locks.erase(self);
  --waiting_;
  return owned;
}

void HandlerLock::wake() {
  const std::lock_guard lock(Waits::all().mutex.plain());
  Waits::all().changed->notify_all();
}

}  // namespace rtm::client

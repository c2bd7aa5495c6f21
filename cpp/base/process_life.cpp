#include "base/process_life.hpp"

#include <pthread.h>

namespace rtm {

namespace {

std::atomic<ProcessMutex*> gMutexes{nullptr};
std::atomic<const life::ForkHooks*> gHooks{nullptr};
/// The mutexes that the fork of this thread has locked: more of them may be made in the meantime.
thread_local ProcessMutex* tLocked = nullptr;

}  // namespace

ProcessMutex::ProcessMutex(void (*inChild)()) : inChild_(inChild) {
  next_ = gMutexes.load(std::memory_order_relaxed);
  while (!gMutexes.compare_exchange_weak(next_, this, std::memory_order_release, std::memory_order_relaxed)) {
  }
}

struct ForkHandlers {
  static void before() {
    // First the hook: the threads that it waits for may need one of the mutexes.
    gHooks.load()->before();
    tLocked = gMutexes.load(std::memory_order_acquire);
    for (ProcessMutex* each = tLocked; each != nullptr; each = each->next_) each->lock();
  }
  static void unlockAll() {
    for (ProcessMutex* each = tLocked; each != nullptr; each = each->next_) each->unlock();
  }
  static void inParent() {
    unlockAll();
    gHooks.load()->inParent();
  }
  static void inChild() {
    constexpr life::Number kOneFork = 2;
    // An end stays: a child does not get back the OpenSSL that its parent has cleaned up.
    life::gNumber.store(life::now() + kOneFork, std::memory_order_relaxed);
    for (ProcessMutex* each = tLocked; each != nullptr; each = each->next_) {
      if (each->inChild_ != nullptr) each->inChild_();
    }
    unlockAll();
    gHooks.load()->inChild();
  }
};

void life::watchForks(const ForkHooks& hooks) {
  static const bool registered = [&hooks] {
    gHooks = new ForkHooks(hooks);
    return pthread_atfork(&ForkHandlers::before, &ForkHandlers::inParent, &ForkHandlers::inChild) == 0;
  }();
  static_cast<void>(registered);
}

}  // namespace rtm

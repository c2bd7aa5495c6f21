#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

namespace rtm {

/// The life of a process, as one number. fork() gives the child a new life: the threads of the parent are missing
/// there, and nobody will unlock what they had locked. The end of OpenSSL, or of the process, ends the life; its
/// threads and locks go on for a while. See docs/decisions/022-processes.md.
namespace life {

using Number = std::uint32_t;

/// Bit 0: the life has ended. The other bits count the forks that led to this process.
inline std::atomic<Number> gNumber{0};
constexpr Number kEnded = 1;

inline Number now() {
  return gNumber.load(std::memory_order_relaxed);
}
/// Whether `number` is of this process, and not of a process that forked it.
inline bool isOurs(Number number) {
  return ((number ^ now()) & ~kEnded) == 0;
}
inline bool hasEnded() {
  return (now() & kEnded) != 0;
}
inline void end() {
  gNumber.fetch_or(kEnded, std::memory_order_relaxed);
}

/// Called around each fork() of the process from now on: `before` and `inParent` in the parent, `inChild` in the child
/// when it has its new number and finds all ProcessMutexes open. The first call counts, further calls do nothing.
struct ForkHooks {
  void (*before)();
  void (*inParent)();
  void (*inChild)();
};
void watchForks(const ForkHooks& hooks);

}  // namespace life

/// A mutex of an object that belongs to one life. In a child of fork() it does nothing: the object is dead there, every
/// call is refused, and nobody may ever open a lock.
template <typename Mutex>
class LifeMutex {
 public:
  void lock() {
    if (life::isOurs(life_)) mutex_.lock();
  }
  void unlock() {
    if (life::isOurs(life_)) mutex_.unlock();
  }

 private:
  const life::Number life_ = life::now();
  Mutex mutex_;
};

/// A mutex of data that all lives use, such as a list of all services. fork() waits for it, so that the child finds the
/// data whole and the mutex open. Lives for ever; no thread locks one with another one locked.
class ProcessMutex {
 public:
  /// `inChild` makes the data fit for the child of a fork(), with the mutex locked.
  explicit ProcessMutex(void (*inChild)() = nullptr);
  ~ProcessMutex() = default;
  ProcessMutex(const ProcessMutex&) = delete;
  ProcessMutex& operator=(const ProcessMutex&) = delete;

  void lock() { mutex_.lock(); }
  void unlock() { mutex_.unlock(); }
  /// For waits on a condition variable.
  std::mutex& plain() { return mutex_; }

 private:
  friend struct ForkHandlers;
  std::mutex mutex_;
  void (*const inChild_)();
  ProcessMutex* next_ = nullptr;
};

}  // namespace rtm

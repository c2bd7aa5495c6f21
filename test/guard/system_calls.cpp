// Stands in for the functions of libc by which libuv reads, writes and waits; visible, as libuv may be a shared
// library.

#include "system_calls.hpp"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>

namespace {

std::atomic<std::size_t> calls{0};

template <typename... Arguments>
long counted(long number, Arguments... arguments) {
  calls.fetch_add(1, std::memory_order_relaxed);
  return ::syscall(number, arguments...);
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

ssize_t read(int file, void* into, std::size_t size) {
  return counted(SYS_read, file, into, size);
}

ssize_t write(int file, const void* bytes, std::size_t size) {
  return counted(SYS_write, file, bytes, size);
}

ssize_t readv(int file, const iovec* parts, int count) {
  return counted(SYS_readv, file, parts, count);
}

ssize_t writev(int file, const iovec* parts, int count) {
  return counted(SYS_writev, file, parts, count);
}

int epoll_pwait(int file, epoll_event* events, int most, int timeoutMs, const sigset_t* signals) {
  constexpr std::size_t kKernelSetBytes = 8;
  return static_cast<int>(counted(SYS_epoll_pwait, file, events, most, timeoutMs, signals, kKernelSetBytes));
}

int epoll_wait(int file, epoll_event* events, int most, int timeoutMs) {
  return epoll_pwait(file, events, most, timeoutMs, nullptr);
}

}  // extern "C"
#pragma GCC visibility pop

namespace rtm::guard {

std::size_t systemCalls() {
  return calls.load(std::memory_order_relaxed);
}

}  // namespace rtm::guard

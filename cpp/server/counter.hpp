#pragma once

#include <atomic>
#include <cstdint>

namespace rtm::server {

/// A number that one loop counts and any thread reads.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(get() + n, std::memory_order_relaxed); }
  void raise(std::uint64_t n) {
    if (n > get()) set(n);
  }
  void set(std::uint64_t n) { value_.store(n, std::memory_order_relaxed); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace rtm::server

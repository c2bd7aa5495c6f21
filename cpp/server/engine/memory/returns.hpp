#pragma once

#include <atomic>
#include <cstdint>

#include "server/model/names.hpp"

namespace rtm::server {

/// Whether the server has just started again, and users of before are on their way back. Nothing of them is known, but
/// a client that wants to go on with a session which there never was in this process has had one in the last process.
/// From then on, until some time after the start, other absent users may come as well. One for all loops; any thread.
class Returns {
 public:
  /// `periodMs`: how long after the start users are expected; 0: never.
  explicit Returns(std::uint64_t periodMs) : periodMs_(periodMs) {}

  /// A loop starts. The time counts from the start of the first loop.
  void begin(std::uint64_t nowMs) {
    std::uint64_t none = 0;
    endsAt_.compare_exchange_strong(none, nowMs + periodMs_, std::memory_order_relaxed);
  }
  /// A client of this App asked for a session that this process never had.
  void note(AppNumber app) {
    if ((noted_.load(std::memory_order_relaxed) & bitOf(app)) == 0) noted_.fetch_or(bitOf(app));
  }
  bool expected(AppNumber app, std::uint64_t nowMs) const {
    return (noted_.load(std::memory_order_relaxed) & bitOf(app)) != 0 &&
           nowMs < endsAt_.load(std::memory_order_relaxed);
  }

 private:
  /// Of more than 64 Apps some share a bit: then users of one App are awaited because users of another have come.
  static std::uint64_t bitOf(AppNumber app) { return std::uint64_t{1} << (static_cast<std::uint32_t>(app) % 64); }

  const std::uint64_t periodMs_;
  std::atomic<std::uint64_t> endsAt_{0};
  std::atomic<std::uint64_t> noted_{0};  ///< a bit for each App
};

}  // namespace rtm::server

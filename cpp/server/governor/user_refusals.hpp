#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "base/forgetting_map.hpp"
#include "server/model/names.hpp"

namespace rtm::server {

/// Users who may not log in for a while, because their connection was cut for a flood: 30 s, twice as long each time,
/// at most 300 s. A quiet time of ten minutes behind a refusal forgives everything. One for all loops of a server. Any
/// thread; only logins, resumes and cuts ask. At the bound the user who would be forgiven first is forgiven.
class UserRefusals {
 public:
  static constexpr std::size_t kUsers = 64 * 1024;
  static constexpr std::uint64_t kFirstMs = 30'000;
  static constexpr std::uint64_t kLongestRefusalMs = 300'000;
  static constexpr std::uint64_t kForgiveMs = 600'000;

  /// Refuses the user from now on; for how long.
  std::uint64_t refuse(const ScopedName& user, std::uint64_t nowMs) {
    const std::lock_guard lock(mutex_);
    const Refusal* last = users_.find(user, nowMs);
    const std::uint64_t forMs = last == nullptr ? kFirstMs : std::min(kLongestRefusalMs, 2 * last->forMs);
    users_.put(user, Refusal{nowMs + forMs, forMs}, nowMs + forMs + kForgiveMs, nowMs);
    return forMs;
  }

  /// How long the user is still refused; 0: not at all.
  std::uint64_t leftMs(const ScopedName& user, std::uint64_t nowMs) {
    const std::lock_guard lock(mutex_);
    const Refusal* refusal = users_.find(user, nowMs);
    return refusal == nullptr || refusal->untilMs <= nowMs ? 0 : refusal->untilMs - nowMs;
  }

 private:
  struct Refusal {
    std::uint64_t untilMs = 0;
    std::uint64_t forMs = 0;
  };

  std::mutex mutex_;
  ForgettingMap<ScopedKey, Refusal, ScopedHash, ScopedEqual> users_{kUsers};  ///< guarded by mutex_
};

}  // namespace rtm::server

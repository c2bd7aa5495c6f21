#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>

#include "server/model/names.hpp"

namespace rtm::server {

/// Users who may not log in until a time. Any thread; only logins and resumes ask.
class BanList {
 public:
  /// `untilMs` on the wall clock, 0: ends a ban.
  void set(const ScopedName& user, std::uint64_t untilMs) {
    const std::lock_guard lock(mutex_);
    if (untilMs == 0) {
      const auto found = until_.find(user);
      if (found != until_.end()) until_.erase(found);
    } else {
      until_.insert_or_assign(ScopedKey(user), untilMs);
    }
  }

  bool banned(const ScopedName& user, std::uint64_t nowMs) {
    const std::lock_guard lock(mutex_);
    const auto found = until_.find(user);
    if (found == until_.end()) return false;
    if (nowMs < found->second) return true;
    until_.erase(found);
    return false;
  }

 private:
  std::mutex mutex_;
  ScopedMap<std::uint64_t> until_;
};

}  // namespace rtm::server

#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <utility>

#include "base/forgetting_map.hpp"
#include "server/model/names.hpp"
#include "server/quotas/session_quotas.hpp"

namespace rtm::server {

/// Keeps what users have used up of their call frequencies between the end of a session and the next login, so that a
/// login is no way around them. One for all loops of a server, because a user may come back on any loop. An entry is
/// dropped once it is worth nothing, mostly within 5 s with the table of the SDK; at the bound the one goes that would
/// go first anyway. Any thread; only ends of sessions and logins ask.
class QuotaVault {
 public:
  /// More than one loop can log in while an entry lives, so that nobody pushes out what counts.
  static constexpr std::size_t kUsersOfLoop = 16 * 1024;

  explicit QuotaVault(std::size_t loops) : users_(kUsersOfLoop * loops) {}

  /// The session of a user is over, or goes on at another server.
  void keep(const ScopedName& user, SessionQuotas& quotas, std::uint64_t nowMs) {
    SpentQuotas spent = quotas.putAway(nowMs);
    if (spent.empty()) return;
    const std::uint64_t untilMs = spent.untilMs;
    const std::lock_guard lock(mutex_);
    users_.put(user, std::move(spent), untilMs, nowMs);
  }

  /// The user has a session again, whose `quotas` go on where the last ones stopped.
  void giveBack(const ScopedName& user, SessionQuotas& quotas, std::uint64_t nowMs) {
    const std::lock_guard lock(mutex_);
    SpentQuotas* spent = users_.find(user, nowMs);
    if (spent == nullptr) return;
    quotas.goOn(std::move(*spent));
    users_.erase(user);
  }

  /// Drops what is worth nothing any more. Call it now and then, so that a quiet server has its memory back.
  void sweep(std::uint64_t nowMs) {
    const std::lock_guard lock(mutex_);
    users_.forget(nowMs);
  }

  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return users_.size();
  }

 private:
  std::mutex mutex_;
  ForgettingMap<ScopedKey, SpentQuotas, ScopedHash, ScopedEqual> users_;  ///< guarded by mutex_
};

}  // namespace rtm::server

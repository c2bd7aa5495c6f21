#pragma once

#include <algorithm>
#include <mutex>

#include "server/quotas/call_quota.hpp"

namespace rtm::server {

/// A quota that all loops share, for calls that are rare. Any thread.
class SharedQuota {
 public:
  explicit SharedQuota(const RateRule& rule) : rule_(rule) {}

  /// Counts a call and returns true; or false: too often. `nowMs` on the clock of the calling loop.
  bool take(std::uint64_t nowMs) {
    const std::lock_guard lock(mutex_);
    if (!started_) quota_.start(rule_, 0, nowMs);
    started_ = true;
    newest_ = std::max(newest_, nowMs);  // the turn of another loop may have begun later
    return quota_.take(newest_);
  }

 private:
  const RateRule rule_;
  std::mutex mutex_;
  bool started_ = false;
  std::uint64_t newest_ = 0;
  CallQuota quota_;
};

}  // namespace rtm::server

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/model/names.hpp"
#include "server/store/app_shares.hpp"

namespace rtm::server {

/// What each user and App has of the bodies of files and images (docs/decisions/017-memory.md): the bodies that are
/// whole, and the announced bytes of running uploads, so that uploads side by side cannot pass a bound together. One
/// loop calls it.
class MediaAccounts {
 public:
  enum class Room { Enough, UserFull, AppFull };

  /// `userMost` 0: a user is bounded by its App only.
  MediaAccounts(std::uint64_t most, std::uint64_t userMost, std::size_t apps)
      : shares_(most, apps), userMost_(userMost) {}

  Room roomFor(AppNumber app, std::string_view userId, std::uint64_t bytes) const {
    if (userMost_ != 0 && (bytes > userMost_ || used(app, userId) > userMost_ - bytes)) return Room::UserFull;
    const std::int64_t room = shares_.room(app);
    return room >= 0 && bytes <= static_cast<std::uint64_t>(room) ? Room::Enough : Room::AppFull;
  }
  void add(AppNumber app, std::string_view userId, std::uint64_t bytes) {
    shares_.add(app, bytes);
    const auto found = users_.find(ScopedName{app, userId});
    if (found == users_.end()) {
      users_.emplace(ScopedKey({app, userId}), bytes);
    } else {
      found->second += bytes;
    }
  }
  /// Not more than was added: a record may expire before the start has counted it.
  void remove(AppNumber app, std::string_view userId, std::uint64_t bytes) {
    const auto found = users_.find(ScopedName{app, userId});
    if (found == users_.end()) return;
    const std::uint64_t counted = std::min(bytes, found->second);
    shares_.remove(app, counted);
    found->second -= counted;
    if (found->second == 0) users_.erase(found);
  }
  /// Bodies of Apps that this server does not serve.
  void addOutside(std::uint64_t bytes) {
    outside_ += bytes;
    shares_.addOutside(bytes);
  }
  void removeOutside(std::uint64_t bytes) {
    const std::uint64_t counted = std::min(bytes, outside_);
    outside_ -= counted;
    shares_.removeOutside(counted);
  }

  std::uint64_t used(AppNumber app, std::string_view userId) const {
    const auto found = users_.find(ScopedName{app, userId});
    return found == users_.end() ? 0 : found->second;
  }
  std::uint64_t used(AppNumber app) const { return shares_.used(app); }
  std::uint64_t userMost() const { return userMost_; }
  std::uint64_t appMost() const { return shares_.mostOf(); }

 private:
  AppShares shares_;
  ScopedMap<std::uint64_t> users_;
  std::uint64_t userMost_;
  std::uint64_t outside_ = 0;
};

}  // namespace rtm::server

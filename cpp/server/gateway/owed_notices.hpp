#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "server/model/names.hpp"

namespace rtm::server {

/// The members of each channel who still have to be told something, so that the engine is asked once for all of them.
class OwedNotices {
 public:
  /// Ids of sessions.
  struct Members {
    std::vector<std::uint64_t> attributes;
    std::vector<std::uint64_t> counts;
  };

  void addAttributes(const ScopedName& channel, std::uint64_t session) { of(channel).attributes.push_back(session); }
  void addCount(const ScopedName& channel, std::uint64_t session) { of(channel).counts.push_back(session); }

  const ScopedMap<Members>& all() const { return channels_; }

 private:
  Members& of(const ScopedName& channel) {
    const auto found = channels_.find(channel);
    return found != channels_.end() ? found->second : channels_.emplace(ScopedKey(channel), Members{}).first->second;
  }

  ScopedMap<Members> channels_;
};

}  // namespace rtm::server

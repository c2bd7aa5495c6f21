#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/move_function.hpp"
#include "server/engine/rules/remembering.hpp"

namespace rtm::server {

/// Where news of a session go that is not on this loop. While the session is on its way here, news wait for it; after
/// it has moved to another loop of this process, news follow it. One loop's; pure: time comes in.
class SessionRoutes {
 public:
  /// A resume was asked for on this loop. Each call needs one arrived().
  void expect(std::uint64_t sessionId) { ++arrivals_[sessionId].resumes; }
  bool expected(std::uint64_t sessionId) const { return arrivals_.contains(sessionId); }
  /// Only while expected().
  void wait(std::uint64_t sessionId, Task news) { arrivals_[sessionId].news.push_back(std::move(news)); }
  /// One resume has its answer: `here` if the session is on this loop now. After the last answer, returns the news that
  /// waited, to be delivered now.
  std::vector<Task> arrived(std::uint64_t sessionId, bool here) {
    if (here) redirects_.erase(sessionId);  // the session may have come back to a loop that it left before
    const auto found = arrivals_.find(sessionId);
    if (found == arrivals_.end() || --found->second.resumes != 0) return {};
    std::vector<Task> news = std::move(found->second.news);
    arrivals_.erase(found);
    return news;
  }

  void leave(std::uint64_t sessionId, std::uint32_t to, std::uint64_t now) {
    redirects_[sessionId] = {to, now + kRememberMs};
  }
  std::optional<std::uint32_t> redirect(std::uint64_t sessionId) const {
    const auto found = redirects_.find(sessionId);
    return found == redirects_.end() ? std::nullopt : std::optional(found->second.loop);
  }
  void expire(std::uint64_t now) {
    if (!redirects_.empty()) std::erase_if(redirects_, [now](const auto& each) { return each.second.forgetAt <= now; });
  }

 private:
  struct Redirect {
    std::uint32_t loop = 0;
    std::uint64_t forgetAt = 0;
  };
  struct Arrival {
    std::uint32_t resumes = 0;  ///< not answered yet
    std::vector<Task> news;
  };
  std::unordered_map<std::uint64_t, Redirect> redirects_;
  std::unordered_map<std::uint64_t, Arrival> arrivals_;
};

}  // namespace rtm::server

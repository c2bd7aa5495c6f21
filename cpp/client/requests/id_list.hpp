#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rtm::client {

/// Copies of the ids of a call. False: there is no id, or `valid` refuses an id.
inline bool copyIds(std::span<const std::string_view> ids, bool (*valid)(std::string_view),
                    std::vector<std::string>& out) {
  if (ids.empty()) return false;
  out.reserve(ids.size());
  for (const std::string_view id : ids) {
    if (!valid(id)) return false;
    out.emplace_back(id);
  }
  return true;
}

/// Lives as long as `strings`.
inline std::vector<std::string_view> viewsOf(const std::vector<std::string>& strings) {
  return {strings.begin(), strings.end()};
}

}  // namespace rtm::client

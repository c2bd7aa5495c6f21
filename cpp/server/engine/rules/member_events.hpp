#pragma once

#include <cstddef>
#include <string_view>

#include "wire/messages.hpp"

namespace rtm::server {

/// Tells the members of a channel who left and who joined, in as many MEMBER_EVENTs as it takes: calls
/// `send(const wire::MemberEvent&)` for each. The names of leavers come first.
template <typename Names, typename Send>
void forEachMemberEvent(std::string_view channelId, const Names& joined, const Names& left, Send&& send) {
  constexpr std::size_t kNamesPerEvent = 500;  // with 64 bytes each this is half a frame
  for (std::size_t j = 0, l = 0; j < joined.size() || l < left.size();) {
    wire::MemberEvent event{.channelId = channelId, .joined = {}, .left = {}};
    while (l < left.size() && event.left.size() < kNamesPerEvent) event.left.push_back(left[l++]);
    while (j < joined.size() && event.left.size() + event.joined.size() < kNamesPerEvent) {
      event.joined.push_back(joined[j++]);
    }
    send(event);
  }
}

}  // namespace rtm::server

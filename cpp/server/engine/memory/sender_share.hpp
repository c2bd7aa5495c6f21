#pragma once

#include <cstddef>
#include <string_view>

#include "server/engine/seam/parameters.hpp"

namespace rtm::server {

/// What all senders together may use where one alone may use `bounds`: an eighth more is for others.
constexpr InboxBounds withRoomForOthers(InboxBounds bounds) {
  bounds.messages += bounds.messages / 8;
  bounds.bytes += bounds.bytes / 8;
  return bounds;
}

/// Whether somebody who holds `held` may take more of `all`, of which all together use `used`: nobody holds more than
/// eight times what is left, so a newcomer finds room however much others send (docs/decisions/017-memory.md).
constexpr bool leavesRoom(std::size_t held, std::size_t used, std::size_t all) {
  return used <= all && held <= 8 * (all - used);
}

/// The same for any part of `used`, so that nobody need count. In a form that costs four instructions.
constexpr bool leavesRoom(std::size_t used, std::size_t all) {
  return 9 * used <= 8 * all;
}

/// Whether a queue of messages with sentBy() and cost() may take one more of this sender.
template <typename Messages>
bool hasRoom(const Messages& waiting, std::size_t usedBytes, const InboxBounds& bounds, std::string_view senderId,
             std::size_t cost) {
  const InboxBounds all = withRoomForOthers(bounds);
  const std::size_t used = waiting.size();
  if (used >= all.messages || usedBytes + cost > all.bytes) return false;
  if (leavesRoom(used, all.messages) && leavesRoom(usedBytes, all.bytes)) return true;
  std::size_t messages = 0;
  std::size_t bytes = 0;
  for (const auto& each : waiting) {
    if (each.sentBy() != senderId) continue;
    ++messages;
    bytes += each.cost();
  }
  return leavesRoom(messages, used, all.messages) && leavesRoom(bytes, usedBytes, all.bytes);
}

}  // namespace rtm::server

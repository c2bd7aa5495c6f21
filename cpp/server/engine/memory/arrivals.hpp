#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "server/engine/memory/inbox.hpp"
#include "server/model/stored_messages.hpp"

namespace rtm::server {

/// A live message that waits until the stored ones before it are in the inbox.
struct HeldMessage {
  SessionAddress sender;
  std::uint64_t seq = 0;
  std::string senderId;
  std::uint64_t timeMs = 0;
  Inbox::Fallback fallback;
  Bytes content;

  std::string_view sentBy() const { return senderId; }
  std::size_t cost() const { return sizeof(HeldMessage) + senderId.size() + content.size(); }
};

/// Messages that wait in front of a session's inbox while the messages stored for the user are being loaded, or do not
/// fit into the inbox yet. Bounded like an inbox.
struct Arrivals {
  bool loading = true;
  std::uint64_t load = 0;      ///< number of the load that is awaited; 0: none
  std::uint64_t retryAt = 0;   ///< after a failed load; 0: none has failed
  std::uint64_t giveUpAt = 0;  ///< then the session goes on; the stored messages come at the next login
  bool overdue = false;        ///< giveUpAt was over at the last tick already
  std::deque<OfflineEntry> stored;
  std::deque<HeldMessage> held;
  std::size_t heldBytes = 0;
};

}  // namespace rtm::server

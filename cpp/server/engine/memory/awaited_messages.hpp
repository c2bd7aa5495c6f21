#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "server/engine/memory/arrivals.hpp"
#include "server/engine/memory/sender_share.hpp"
#include "server/engine/seam/parameters.hpp"
#include "server/model/names.hpp"
#include "server/model/stored_messages.hpp"
#include "server/store/message_store.hpp"

namespace rtm::server {

/// Messages for users who are expected back after a restart of the server, in their order. For each receiver as many as
/// an inbox takes, and kMaxUnansweredBytes in all, texts for the history included. Loop thread only.
class AwaitedMessages {
 public:
  struct Message {
    HeldMessage held;
    std::optional<HistoryRecord> record;  ///< for the history, once the receiver is there

    std::string_view sentBy() const { return held.senderId; }
    std::size_t cost() const { return held.cost() + (record ? record->text.size() : 0); }
  };
  using Messages = std::vector<Message>;

  explicit AwaitedMessages(const InboxBounds& bounds) : bounds_(bounds) {}

  bool empty() const { return receivers_.empty(); }
  /// False: a bound is reached, nothing changed.
  bool hold(const ScopedName& receiver, Message&& message) {
    const std::size_t cost = message.cost();
    if (bytes_ + cost > kMaxUnansweredBytes) return false;
    auto found = receivers_.find(receiver);
    if (found == receivers_.end()) found = receivers_.emplace(ScopedKey(receiver), Receiver{}).first;
    Receiver& of = found->second;
    if (!hasRoom(of.messages, of.bytes, bounds_, message.sentBy(), cost)) return false;
    of.bytes += cost;
    bytes_ += cost;
    of.messages.push_back(std::move(message));
    return true;
  }
  /// The messages of a receiver, who has come.
  Messages take(const ScopedName& receiver) {
    const auto found = receivers_.find(receiver);
    return found == receivers_.end() ? Messages{} : remove(found);
  }
  bool holdsFor(const ScopedName& receiver) const { return receivers_.find(receiver) != receivers_.end(); }
  /// Any one of the receivers; there must be one.
  const ScopedKey& first() const { return receivers_.begin()->first; }

 private:
  struct Receiver {
    Messages messages;
    std::size_t bytes = 0;
  };

  Messages remove(ScopedMap<Receiver>::iterator at) {
    Receiver of = std::move(at->second);
    receivers_.erase(at);
    bytes_ -= of.bytes;
    return std::move(of.messages);
  }

  const InboxBounds& bounds_;
  ScopedMap<Receiver> receivers_;
  std::size_t bytes_ = 0;
};

}  // namespace rtm::server

#pragma once

#include <string_view>

#include "client/api/message.hpp"

namespace rtm::client {

/// Events of peer messages. Views live until the event returns.
class MessageEvents {
 public:
  /// How the send of a peer message ended.
  virtual void onPeerSendResult(long long /*messageId*/, PeerMessageCode) {}
  virtual void onPeerMessage(std::string_view /*senderId*/, const MessageView&) {}

 protected:
  ~MessageEvents() = default;
};

}  // namespace rtm::client

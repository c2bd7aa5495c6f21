#pragma once

#include <span>
#include <string_view>

#include "client/api/presence_codes.hpp"
#include "client/api/request_id.hpp"

namespace rtm::client {

struct PeerStatus {
  std::string_view userId;
  PeerState state{};
};

/// Events of presence. After an error the lists are empty. Views live until the event returns.
class PresenceEvents {
 public:
  /// In the order of the question.
  virtual void onPresenceQueryResult(RequestId, std::span<const PeerStatus>, PresenceQueryCode) {}
  virtual void onSubscriptionResult(RequestId, SubscriptionCode) {}
  virtual void onSubscriptionList(RequestId, std::span<const std::string_view> /*userIds*/, SubscriptionListCode) {}
  /// Users that are subscribed to, with their new states.
  virtual void onPeersChanged(std::span<const PeerStatus>) {}

 protected:
  ~PresenceEvents() = default;
};

}  // namespace rtm::client

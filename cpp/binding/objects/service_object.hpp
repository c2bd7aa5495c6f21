#pragma once

#include <cstdint>
#include <memory>
#include <unordered_set>
#include <utility>

#include "binding/events/channel_events.hpp"
#include "binding/events/invitation_events.hpp"
#include "binding/events/service_events.hpp"
#include "binding/events/throttle.hpp"
#include "client/channels/channel.hpp"
#include "client/client.hpp"
#include "client/invitations/invitations.hpp"

namespace rtm::binding {

/// A client made from JavaScript, with the receiver of its events.
class ServiceObject final : private Throttle::Source {
 public:
  /// Null: the process cannot have an I/O thread.
  static std::unique_ptr<ServiceObject> create(std::shared_ptr<Mailbox> mailbox, std::uint32_t handle);

  Throttle throttle;
  ServiceEvents events;
  const std::shared_ptr<client::Client> client;
  std::unordered_set<std::uint32_t> channels;  ///< handles
  std::uint32_t invitations = 0;               ///< handle of its ServiceInvitations; 0: none

 private:
  ServiceObject(std::shared_ptr<Mailbox> mailbox, std::uint32_t handle);
  void pauseDelivery() override { client->pauseDelivery(); }
  void resumeDelivery() override { client->resumeDelivery(); }
};

/// A channel made from JavaScript, with the receiver of its events. Belongs to the service `owner`, which outlives it.
struct ChannelObject {
  ChannelObject(ServiceObject& service, std::uint32_t handle, std::uint32_t ownerHandle)
      : owner(ownerHandle), events(EventSink(service.throttle, handle)) {}

  const std::uint32_t owner;
  ChannelEvents events;
  std::shared_ptr<client::Channel> channel;
};

/// The invitations of one service, both as caller and as callee, with the receiver of their events. Belongs to the
/// service `owner`, which outlives it. The surface calls this object a call manager.
struct ServiceInvitations {
  ServiceInvitations(ServiceObject& service, std::uint32_t handle, std::uint32_t ownerHandle)
      : owner(ownerHandle), client(service.client), events(EventSink(service.throttle, handle)) {}

  const std::uint32_t owner;
  const std::shared_ptr<client::Client> client;
  InvitationEvents events;
  std::unordered_set<std::uint32_t> outgoing;  ///< handles
};

/// A caller's invitation made from JavaScript. Belongs to the ServiceInvitations `owner`, which outlives it.
struct OutgoingInvitation {
  std::uint32_t owner = 0;
  std::shared_ptr<client::Client> client;
  std::shared_ptr<client::LocalInvitation> invitation;
};

}  // namespace rtm::binding

#pragma once

#include <cstdint>
#include <memory>
#include <unordered_set>
#include <utility>

#include "IAgoraRtmService.h"
#include "binding/environment/mailbox.hpp"
#include "binding/events/channel_events.hpp"
#include "binding/events/invitation_events.hpp"
#include "binding/events/service_events.hpp"
#include "binding/events/throttle.hpp"

namespace rtm::binding {

/// A service made from JavaScript, with its handler.
struct ServiceObject {
  ServiceObject(agora::rtm::IRtmService& made, std::shared_ptr<Mailbox> mailbox, std::uint32_t id)
      : service(made), throttle(std::move(mailbox), made, id), events(throttle, id) {}

  agora::rtm::IRtmService& service;
  Throttle throttle;
  ServiceEvents events;
  std::unordered_set<std::uint32_t> channels;  ///< handles
  std::uint32_t invitations = 0;               ///< handle of its ServiceInvitations; 0: none
};

/// A channel made from JavaScript, with its handler. Belongs to the service `owner`, which outlives it.
struct ChannelObject {
  ChannelObject(Throttle& throttle, std::uint32_t id, std::uint32_t ownerId) : owner(ownerId), events(throttle, id) {}

  std::uint32_t owner;
  agora::rtm::IChannel* channel = nullptr;
  ChannelEvents events;
};

/// The invitations of one service, both as caller and as callee, with their handler. Belongs to the service `owner`,
/// which outlives it. The surface calls this object a call manager.
struct ServiceInvitations {
  ServiceInvitations(Throttle& throttle, std::uint32_t id, std::uint32_t ownerId)
      : owner(ownerId), events(throttle, id) {}

  std::uint32_t owner;
  agora::rtm::IRtmCallManager* manager = nullptr;
  InvitationEvents events;
  std::unordered_set<std::uint32_t> outgoing;  ///< handles
};

/// A caller's invitation made from JavaScript. Belongs to the ServiceInvitations `owner`, which outlives it.
struct OutgoingInvitation {
  std::uint32_t owner;
  agora::rtm::IRtmCallManager* manager;
  agora::rtm::ILocalCallInvitation* invitation;
};

}  // namespace rtm::binding

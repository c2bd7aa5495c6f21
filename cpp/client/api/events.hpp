#pragma once

#include "client/api/attribute_events.hpp"
#include "client/api/channel_events.hpp"
#include "client/api/history_events.hpp"
#include "client/api/media_events.hpp"
#include "client/api/message_events.hpp"
#include "client/api/presence_events.hpp"
#include "client/api/session_events.hpp"

namespace rtm::client {

/// Where the events of a client come.
enum class Dispatch {
  Strand,  ///< on a pool thread, one after another. Whoever receives them may wait, and may call the client
  Direct,  ///< on the I/O thread, or on the thread of a call, with the client locked: the receiver copies what it
           ///< needs, returns at once, and never calls the client (it would deadlock), pauseDelivery() excepted
};

/// What a client tells. All events of one client, those of its channels and invitations included, come one at a time
/// and in order. None comes after release() has returned, except the one that called it.
class ClientEvents : public SessionEvents,
                     public MessageEvents,
                     public MemberCountEvents,
                     public PresenceEvents,
                     public AttributeEvents,
                     public HistoryEvents,
                     public MediaEvents {
 protected:
  ~ClientEvents() = default;
};

}  // namespace rtm::client

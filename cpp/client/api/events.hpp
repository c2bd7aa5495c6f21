#pragma once

#include "client/api/client_events.hpp"

namespace rtm::client {

/// Where the events of a client come.
enum class Dispatch {
  Strand,  ///< on a pool thread, one after another. Whoever receives them may wait, and may call the client
  Direct,  ///< on the I/O thread, or on the thread of a call, with the client locked: the receiver copies what it
           ///< needs, returns at once, and never calls the client (it would deadlock), pauseDelivery() excepted
};

}  // namespace rtm::client

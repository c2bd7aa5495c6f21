#pragma once

#include "server/gateway/gateway.hpp"

namespace rtm::server {

/// The FrameHandler of every gateway: hands a frame to its handler. Refuses a frame that does not decode, has no
/// handler, or is not allowed in the present phase.
void dispatch(Gateway& gateway, ClientConnection& connection, wire::FrameKind kind, ByteView body);

}  // namespace rtm::server

#pragma once

namespace rtm::server {

/// What a gateway gives up when a session moves to another loop. Opaque to engines.
struct SessionCarry {
  virtual ~SessionCarry() = default;
};

}  // namespace rtm::server

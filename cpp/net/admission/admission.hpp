#pragma once

#include <memory>

#include "net/admission/handshake_queue.hpp"
#include "net/admission/pending_links.hpp"

namespace rtm::net {

/// How one loop treats clients that are not logged in: the places for them, and the processor time for their
/// handshakes. All listeners of a loop share one. Loop thread only.
struct Admission {
  Admission(IoLoop& loop, PendingLinks::Limits limits)
      : pending(std::make_shared<PendingLinks>(limits)),
        handshakes(std::make_shared<HandshakeQueue>(loop, HandshakeQueue::threadCpuNs, limits.penalties)) {}

  std::shared_ptr<PendingLinks> pending;
  std::shared_ptr<HandshakeQueue> handshakes;
};

}  // namespace rtm::net

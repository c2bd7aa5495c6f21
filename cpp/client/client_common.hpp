#pragma once

#include <memory>

#include "client/access.hpp"
#include "client/api/events.hpp"
#include "client/client_lock.hpp"
#include "client/client_log.hpp"
#include "client/config.hpp"
#include "client/connection/connection_thread.hpp"
#include "client/limits.hpp"
#include "client/requests/requests.hpp"
#include "client/runtime/delivery.hpp"
#include "client/sending/send_queue.hpp"

namespace rtm::client {

/// What a client has in common with its features, which it outlives.
struct ClientCommon {
  ClientCommon(std::shared_ptr<Delivery> way, ClientEvents& receiver, SendQueue::Owner& flusher,
               ConnectionThread& connections)
      : access(log),
        delivery(std::move(way)),
        events(receiver),
        thread(connections),
        queue(flusher),
        requests(queue, config.timing) {}

  ClientLock lock;             ///< the client lock
  std::weak_ptr<void> client;  ///< a locked copy keeps the client alive; set once, before anything runs
  Config config;               ///< under the lock, as the limits
  Limits limits;
  ClientLog log;
  Access access;
  const std::shared_ptr<Delivery> delivery;
  ClientEvents& events;
  ConnectionThread& thread;
  SendQueue queue;
  Requests requests;
};

}  // namespace rtm::client

#pragma once

#include "binding/events/event_sink.hpp"
#include "client/api/events.hpp"

namespace rtm::binding {

/// Writes the events of a client into the mailbox. Called with the client locked (Dispatch::Direct): copies and
/// returns. Each subject has a file of its own (presence_events.cpp …).
class ServiceEvents final : public client::ClientEvents {
 public:
  explicit ServiceEvents(const EventSink& sink) : sink_(sink) {}

#include "client/api/client_event_overrides.inc"
#include "client/api/extension_event_overrides.inc"

 private:
  const EventSink sink_;
};

}  // namespace rtm::binding

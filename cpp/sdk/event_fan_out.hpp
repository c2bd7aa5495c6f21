#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "IAgoraRtmService.h"
#include "client/api/events.hpp"
#include "sdk/handed_over.hpp"
#include "sdk/service_extensions.hpp"

namespace rtm::sdk {

/// Brings the events of a client to the handlers of its service, as C strings and objects.
///
/// Lock: that of ExtensionEvents, held while handlers run. A running event keeps the object alive: a handler may
/// release the service that owns it.
class EventFanOut final : public ExtensionEvents {
 public:
  void add(agora::rtm::IRtmServiceEventHandler* handler);
  /// No event reaches the handler after return; waits for a running event, unless called from that event.
  void remove(agora::rtm::IRtmServiceEventHandler* handler);
  /// As remove(), of all handlers, also of extensions.
  void close();

  // ClientEvents; results of requests are in event_fan_out_results.cpp.
#include "client/api/client_event_overrides.inc"

 private:
  /// Calls `call(handler)` for each handler, in the order of registration.
  template <typename Call>
  void forEach(Call&& call) {
    const std::shared_ptr<ExtensionEvents> keep = shared_from_this();
    const client::HandlerLock::Hold hold(lock_);
    if (handlers_.size() == 1) {
      call(*handlers_.front());
      return;
    }
    const std::vector<agora::rtm::IRtmServiceEventHandler*> snapshot = handlers_;  // a handler may remove handlers
    for (agora::rtm::IRtmServiceEventHandler* handler : snapshot) {
      if (std::find(handlers_.begin(), handlers_.end(), handler) != handlers_.end()) call(*handler);
    }
  }

  std::vector<agora::rtm::IRtmServiceEventHandler*> handlers_;
  const std::shared_ptr<HandedOver> handedOver_ = std::make_shared<HandedOver>();
};

}  // namespace rtm::sdk

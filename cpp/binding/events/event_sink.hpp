#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "binding/events/throttle.hpp"
#include "binding/mailbox/mailbox.hpp"

namespace rtm::binding {

/// Where the events of one native object go: into the mailbox, under the handle of the object. A push that finds the
/// mailbox too full stops the client behind the object.
class EventSink {
 public:
  EventSink(Throttle& throttle, std::uint32_t handle) : throttle_(throttle), handle_(handle) {}

  /// `fill(Record&)` writes the fields, and must do nothing else.
  template <typename Fill>
  void push(EventKind kind, Fill&& fill) const {
    pushAs(handle_, kind, std::forward<Fill>(fill));
  }
  void push(EventKind kind) const {
    push(kind, [](Record&) {});
  }
  /// As push(), for an event whose first field is the user id `user`.
  template <typename Fill>
  void pushFrom(EventKind kind, std::string_view user, Fill&& fill) const {
    if (throttle_.mailbox().pushFrom(kind, handle_, user, std::forward<Fill>(fill))) {
      throttle_.stop();
    }
  }
  void pushFrom(EventKind kind, std::string_view user) const {
    pushFrom(kind, user, [](Record&) {});
  }
  /// As push(), for an event of another object of the same client.
  template <typename Fill>
  void pushAs(std::uint32_t handle, EventKind kind, Fill&& fill) const {
    if (throttle_.mailbox().push(kind, handle, std::forward<Fill>(fill))) {
      throttle_.stop();
    }
  }

 private:
  Throttle& throttle_;
  const std::uint32_t handle_;
};

}  // namespace rtm::binding

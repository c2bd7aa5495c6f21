#pragma once

#include "binding/arguments/arguments.hpp"
#include "binding/code_number.hpp"

namespace rtm::binding {

/// Calls `act(ServiceObject&)` for the service with that handle, and returns its code. A handle that is unknown (0, or
/// of a released service) gives `released`. All arguments must have been read before.
template <typename Act>
napi_value withService(Arguments& arguments, std::uint32_t handle, int released, Act&& act) {
  if (arguments.failed()) {
    return nullptr;
  }
  ServiceObject* object = arguments.objects().services().find(handle);
  return arguments.integerResult(object != nullptr ? numberOf(act(*object)) : released);
}

/// Calls `act(client::Channel&)`, likewise. An unknown handle is answered like a channel of a released service.
template <typename Act>
napi_value withChannel(Arguments& arguments, std::uint32_t handle, Act&& act) {
  if (arguments.failed()) {
    return nullptr;
  }
  ChannelObject* object = arguments.objects().channels().find(handle);
  return arguments.integerResult(object != nullptr ? numberOf(act(*object->channel)) : kNotInitialized);
}

}  // namespace rtm::binding

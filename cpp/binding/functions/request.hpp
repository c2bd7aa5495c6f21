#pragma once

#include "binding/arguments/arguments.hpp"
#include "binding/code_number.hpp"
#include "client/api/request_id.hpp"
#include "client/client.hpp"

namespace rtm::binding {

/// Calls `start(client, requestId)` for the service with that handle, and puts the request id into the out column. All
/// arguments must have been read before.
template <typename Start>
napi_value request(Arguments& arguments, std::uint32_t handle, Start&& start) {
  if (arguments.failed()) {
    return nullptr;
  }
  ServiceObject* object = arguments.objects().services().find(handle);
  client::RequestId id = 0;
  const int code = object != nullptr ? numberOf(start(*object->client, id)) : kNotInitialized;
  arguments.environment().columns().setOut(code == 0 ? static_cast<double>(id) : 0);
  return arguments.integerResult(code);
}

}  // namespace rtm::binding

#pragma once

// Shared by the functions that start a request: how their arguments cross, and where the request id goes.

#include <utility>
#include <vector>

#include "IAgoraRtmService.h"
#include "binding/arguments/arguments.hpp"
#include "binding/functions/function_table.hpp"

namespace rtm::binding {

/// Calls `start(service, requestId)` for the service with that handle, and puts the request id into the out column. All
/// arguments must have been read before.
template <typename Start>
napi_value request(Arguments& arguments, std::uint32_t handle, Start&& start) {
  if (arguments.failed()) {
    return nullptr;
  }
  ServiceObject* object = arguments.objects().services().find(handle);
  long long requestId = 0;
  const int code = object != nullptr ? start(object->service, requestId) : kNotInitialized;
  arguments.environment().columns().setOut(code == 0 ? static_cast<double>(requestId) : 0);
  return arguments.integerResult(code);
}

/// A list of C strings as the SDK takes it; null if the list is empty, which every call refuses.
inline const char** listOf(std::vector<const char*>& strings) {
  return strings.empty() ? nullptr : strings.data();
}

inline int countOf(const std::vector<const char*>& strings) {
  return static_cast<int>(strings.size());
}

/// (service, text)
template <int (agora::rtm::IRtmService::*method)(const char*, long long&)>
napi_value withText(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const char* text = arguments.cString(1);
  return request(arguments, handle,
                 [&](agora::rtm::IRtmService& service, long long& id) { return (service.*method)(text, id); });
}

/// (service, [text])
template <int (agora::rtm::IRtmService::*method)(const char*[], int, long long&)>
napi_value withList(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  std::vector<const char*> list = arguments.cStrings(1);
  return request(arguments, handle, [&](agora::rtm::IRtmService& service, long long& id) {
    return (service.*method)(listOf(list), countOf(list), id);
  });
}

/// (service, text, [text])
template <int (agora::rtm::IRtmService::*method)(const char*, const char*[], int, long long&)>
napi_value withTextAndList(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const char* text = arguments.cString(1);
  std::vector<const char*> list = arguments.cStrings(2);
  return request(arguments, handle, [&](agora::rtm::IRtmService& service, long long& id) {
    return (service.*method)(text, listOf(list), countOf(list), id);
  });
}

}  // namespace rtm::binding

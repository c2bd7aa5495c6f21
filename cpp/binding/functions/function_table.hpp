#pragma once

#include <initializer_list>

#include "binding/arguments/arguments.hpp"

namespace rtm::binding {

/// A function of a port's JavaScript object. Returns null for undefined, or after it threw.
using Entry = napi_value (*)(Call&);

struct Method {
  const char* name;
  napi_callback callback;
};

/// Node's kind of callback around an entry. The port travels as the function's data, so nothing is looked up.
template <Entry entry>
napi_value callEntry(napi_env env, napi_callback_info info) {
  Call call(env, info);
  return entry(call);
}

template <Entry entry>
constexpr Method method(const char* name) {
  return {name, &callEntry<entry>};
}

/// Adds the functions to the object of `port`. False: Node refuses.
bool addMethods(napi_env env, napi_value object, Port* port, std::initializer_list<Method> methods);

// The entries by subject, each in its file.
bool addPortCalls(napi_env env, napi_value object, Port* port);
bool addServiceCalls(napi_env env, napi_value object, Port* port);
bool addRequestCalls(napi_env env, napi_value object, Port* port);
bool addChannelCalls(napi_env env, napi_value object, Port* port);
bool addCallManagerCalls(napi_env env, napi_value object, Port* port);
bool addServerCalls(napi_env env, napi_value object, Port* port);
bool addServerOrders(napi_env env, napi_value object, Port* port);

}  // namespace rtm::binding

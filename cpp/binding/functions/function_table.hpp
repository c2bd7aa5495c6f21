#pragma once

#include <initializer_list>

#include "binding/arguments/arguments.hpp"

namespace rtm::binding {

/// A native function that JavaScript calls. Returns null for undefined, or after it threw.
using NativeFunction = napi_value (*)(Arguments&);

struct NamedFunction {
  const char* name;
  napi_callback callback;
};

/// Node's kind of callback around a native function. The environment travels as the function's data, so a call looks
/// nothing up.
template <NativeFunction callee>
napi_value callNative(napi_env env, napi_callback_info info) {
  Arguments arguments(env, info);
  return callee(arguments);
}

template <NativeFunction callee>
constexpr NamedFunction function(const char* name) {
  return {name, &callNative<callee>};
}

/// Fills the JavaScript object of one native environment with its functions.
class FunctionTable {
 public:
  FunctionTable(napi_env env, napi_value object, NativeEnvironment& environment)
      : env_(env), object_(object), environment_(environment) {}

  /// False: Node refuses.
  bool add(std::initializer_list<NamedFunction> functions);

 private:
  napi_env env_;
  napi_value object_;
  NativeEnvironment& environment_;
};

// The functions by subject, each in the file of that name.
bool addProcessFunctions(FunctionTable& table);
bool addServiceFunctions(FunctionTable& table);
bool addMessageFunctions(FunctionTable& table);
bool addPresenceFunctions(FunctionTable& table);
bool addRequestFunctions(FunctionTable& table);
bool addHistoryFunctions(FunctionTable& table);
bool addMediaFunctions(FunctionTable& table);
bool addChannelFunctions(FunctionTable& table);
bool addInvitationFunctions(FunctionTable& table);
bool addServerFunctions(FunctionTable& table);
bool addServerCommands(FunctionTable& table);

/// All of the above.
bool addAllFunctions(FunctionTable& table);

}  // namespace rtm::binding

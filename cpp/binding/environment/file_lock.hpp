#pragma once

#include "binding/napi_setup.hpp"

namespace rtm::binding {

/// tryLock(descriptor): takes the exclusive flock of an open file, which ends with the descriptor or the process.
/// False: another process or descriptor has the lock. Node has no call for this, and a lock made of a file's presence
/// outlives a crash.
Napi::Value tryLock(const Napi::CallbackInfo& info);

}  // namespace rtm::binding

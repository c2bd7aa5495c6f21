#include "binding/mailbox/doorbell.hpp"

namespace rtm::binding {

bool Doorbell::open(napi_env env, napi_value pump, napi_value handle) {
  napi_value name = nullptr;
  napi_threadsafe_function function = nullptr;
  if (napi_create_string_utf8(env, "rtm-native", NAPI_AUTO_LENGTH, &name) != napi_ok ||
      napi_create_threadsafe_function(env, pump, handle, name, 0, 1, nullptr, nullptr, nullptr, &Doorbell::call,
                                      &function) != napi_ok ||
      napi_unref_threadsafe_function(env, function) != napi_ok) {
    return false;
  }
  const std::lock_guard lock(mutex_);
  function_ = function;
  open_ = true;
  return true;
}

void Doorbell::setAlive(napi_env env, bool alive) {
  const std::lock_guard lock(mutex_);
  if (!open_ || alive_ == alive) {
    return;
  }
  alive_ = alive;
  if (alive) {
    napi_ref_threadsafe_function(env, function_);
  } else {
    napi_unref_threadsafe_function(env, function_);
  }
}

void Doorbell::close() {
  const std::lock_guard lock(mutex_);
  if (open_) {
    open_ = false;
    napi_release_threadsafe_function(function_, napi_tsfn_release);
  }
}

void Doorbell::silence() {
  const std::lock_guard lock(mutex_);
  open_ = false;
}

void Doorbell::ring() {
  const std::lock_guard lock(mutex_);
  if (!open_) {
    return;
  }
  // The queue is unlimited, but holds one entry at most, because the mailbox rings only when it was idle.
  if (napi_call_threadsafe_function(function_, nullptr, napi_tsfn_nonblocking) == napi_closing) {
    open_ = false;
  }
}

void Doorbell::ringSoon() {
  due_ = true;
  if (!client::callAtTurnEnd(shared_from_this())) {
    hurry();
  }
}

void Doorbell::hurry() {
  if (due_.exchange(false)) {
    ring();
  }
}

void Doorbell::call(napi_env env, napi_value pump, void* /*context*/, void* /*data*/) {
  if (env == nullptr || pump == nullptr) {
    return;  // the environment is going; a ring carries nothing to free
  }
  napi_value global = nullptr;
  if (napi_get_global(env, &global) != napi_ok) {
    return;
  }
  if (napi_call_function(env, global, pump, 0, nullptr, nullptr) == napi_pending_exception) {
    napi_value error = nullptr;
    if (napi_get_and_clear_last_exception(env, &error) == napi_ok) {
      napi_fatal_exception(env, error);
    }
  }
}

}  // namespace rtm::binding

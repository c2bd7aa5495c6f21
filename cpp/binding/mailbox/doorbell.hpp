#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "binding/napi_setup.hpp"
#include "client/process_settings.hpp"

namespace rtm::binding {

/// Wakes one JavaScript thread by a thread-safe function. A ring carries nothing: the events lie in the mailbox.
///
/// The function belongs to Node and dies with the environment, while producers live in other threads. So the doorbell
/// touches the function only under the mutex and while `open_`, and closes it once, from the cleanup hook and never
/// from a finalizer: Node before 24.14 frees the function while a late caller still uses it, and later versions abort
/// on a second release.
class Doorbell final : public client::TurnEnd, public std::enable_shared_from_this<Doorbell> {
 public:
  Doorbell() = default;
  ~Doorbell() = default;
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  // JavaScript thread.

  /// From now on Node calls `pump`, without arguments, some time after each ring. Does not keep the event loop alive.
  /// `handle`: the resource of the function in async_hooks. False: Node refuses.
  bool open(napi_env env, napi_value pump, napi_value handle);
  /// Whether the doorbell keeps the event loop alive. Idempotent.
  void setAlive(napi_env env, bool alive);
  /// No ring passes after return.
  void close();

  // Any thread.

  void ring();
  /// On the I/O thread: rings at the end of its turn, when all events at hand are in the mailbox. On any other thread:
  /// rings at once. If the first event rang, JavaScript would find few events and be woken again and again, with 30
  /// system calls where one is enough.
  void ringSoon();
  /// Rings now if a ringSoon() still waits: there are enough events to begin with.
  void hurry();
  /// As close(), but touches nothing of Node: for the time when there is no environment any more.
  void silence();

 private:
  void onTurnEnd() override { hurry(); }
  static void call(napi_env env, napi_value pump, void* context, void* data);

  std::atomic<bool> due_{false};  ///< ringSoon() has yet to ring
  std::mutex mutex_;
  bool open_ = false;
  bool alive_ = false;  ///< JavaScript thread only
  napi_threadsafe_function function_ = nullptr;
};

}  // namespace rtm::binding

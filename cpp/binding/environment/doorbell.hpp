#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "binding/environment/napi_setup.hpp"
#include "client/factory.hpp"

namespace rtm::binding {

/// Wakes one JavaScript thread. A thread-safe function that carries nothing: what there is to know lies in the mailbox.
///
/// The function belongs to Node and dies with the environment, while producers live in other threads. So it is only
/// touched under our mutex and while `open_`; and closed once, from the cleanup hook, never from a finalizer: Node
/// before 24.14 frees it under the feet of a late caller, and later ones abort on a second release.
class Doorbell final : public client::TurnEnd, public std::enable_shared_from_this<Doorbell> {
 public:
  Doorbell() = default;
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

  // JavaScript thread.

  /// `pump` is called, without arguments, some time after each ring. Does not keep the event loop alive.
  bool open(napi_env env, napi_value pump);
  /// Whether it keeps the event loop alive. Idempotent.
  void setAlive(napi_env env, bool alive);
  /// No ring passes after return.
  void close();

  // Any thread.

  void ring();
  /// Rings when the I/O thread has put in all that it has at hand; at once on any other thread. JavaScript, woken by
  /// the first event, would find few, and be woken again and again: 30 system calls for what one does.
  void ringSoon();
  /// Rings now if ringSoon() has not yet: there is enough to begin with.
  void hurry();
  /// As close(), when there is no environment any more to speak to.
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

#pragma once

#include "client/client_common.hpp"

namespace rtm::client {

/// Stops reading from the network while the events of a strand wait in their thousands, so that their queue stays
/// bounded and nothing is dropped. Lock: the client lock.
class Throttle {
 public:
  class Owner {
   public:
    virtual void pauseDelivery() = 0;
    virtual void resumeDelivery() = 0;

   protected:
    ~Owner() = default;
  };

  Throttle(ClientCommon& common, Owner& owner) : common_(common), owner_(owner) {}

  /// To be called behind each event that a message posts.
  void onEvent() {
    constexpr std::size_t kHighWater = 100'000;
    if (throttled_ || common_.delivery->waiting() < kHighWater) return;
    throttled_ = true;
    owner_.pauseDelivery();
    common_.delivery->run([this, hold = common_.client.lock()] {
      // Runs when all that waited before it is done.
      {
        const std::lock_guard lock(common_.lock);
        throttled_ = false;
      }
      owner_.resumeDelivery();
    });
  }

 private:
  ClientCommon& common_;
  Owner& owner_;
  bool throttled_ = false;
};

}  // namespace rtm::client

#include "binding/events/throttle.hpp"

#include "client/factory.hpp"

namespace rtm::binding {

void Throttle::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (!stopped_) {
      stopped_ = true;
      client::pauseDelivery(service_);
    }
  }
  if (!mailbox_->holdBack(id_)) {
    goOn();
  }
}

void Throttle::goOn() {
  const std::lock_guard lock(mutex_);
  if (stopped_) {
    stopped_ = false;
    client::resumeDelivery(service_);
  }
}

}  // namespace rtm::binding

#include "binding/events/throttle.hpp"

namespace rtm::binding {

void Throttle::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (!stopped_) {
      stopped_ = true;
      source_.pauseDelivery();
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
    source_.resumeDelivery();
  }
}

}  // namespace rtm::binding
